//! `sql-prelogin`: is it SQL Server, which one, and how does it encrypt?

use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::probe::declare::{fact, fault, good, optional, required, unknown};
use crate::probe::{Consent, Context, FactKind, Outcome, Probe, ProbeDeclaration, ProbeRequest};

static DECLARATION: ProbeDeclaration = ProbeDeclaration {
    key: "sql-prelogin",
    title: "SQL Server's greeting",
    help: "Exchanges the first messages of a SQL Server connection (PRELOGIN and TLS) and hangs up \
           before any login: the version, how the server encrypts, and its certificate.",
    consent: Consent::Silent,
    deadline: Duration::from_secs(8),
    arguments: &[
        required(
            "host",
            FactKind::HostName,
            "the host as clients type it: the certificate must name it",
        ),
        required("port", FactKind::Port, "the TCP port"),
        optional(
            "instance",
            FactKind::Text,
            "the instance that should listen there, to have it confirmed",
        ),
    ],
    statuses: &[
        good(
            "sql-server",
            "a SQL Server answers, and encryption can be set up with it",
        ),
        fault(
            "not-sql-server",
            "something answers that does not speak the SQL Server protocol",
        ),
        fault(
            "tls-failed",
            "a SQL Server answers, but TLS cannot be set up with it",
        ),
        fault(
            "closed",
            "the connection was accepted and then closed without an answer",
        ),
        fault("refused", "nothing listens on the port"),
        fault(
            "timed-out",
            "no answer in time, either to the connection or to the greeting",
        ),
        fault(
            "unreachable",
            "the network says that there is no way to the host",
        ),
        unknown(
            "no-address",
            "the host's name has no address that could be tried",
        ),
    ],
    facts: &[
        fact("address", FactKind::Address, "the address that was asked"),
        fact(
            "version",
            FactKind::Text,
            "major.minor.build, such as 16.0.4135",
        ),
        fact(
            "major_version",
            FactKind::Integer,
            "the major version, such as 16",
        ),
        fact(
            "product",
            FactKind::Text,
            "the product's name, such as SQL Server 2022",
        ),
        fact(
            "encryption",
            FactKind::Text,
            "`off` (only the login is encrypted), `on` (if the client wants it), `required`, `not-supported`, or `strict` (TDS 8)",
        ),
        fact(
            "instance_matches",
            FactKind::Boolean,
            "whether the server says that it is the given instance",
        ),
        fact(
            "tls_version",
            FactKind::Text,
            "the TLS version that was agreed on, such as TLS 1.2",
        ),
        fact(
            "certificate",
            FactKind::Record(&[
                fact(
                    "subject",
                    FactKind::HostName,
                    "the subject's common name, else the whole subject",
                ),
                fact(
                    "names",
                    FactKind::List(&FactKind::HostName),
                    "the DNS names and addresses it is for",
                ),
                fact(
                    "issuer",
                    FactKind::HostName,
                    "the issuer's common name, else the whole issuer",
                ),
                fact("not_before", FactKind::Time, "valid from"),
                fact("not_after", FactKind::Time, "valid until"),
                fact(
                    "self_signed",
                    FactKind::Boolean,
                    "whether it is its own issuer, as the one that SQL Server makes for itself",
                ),
                fact(
                    "sha256",
                    FactKind::Text,
                    "its SHA-256 fingerprint in hexadecimal",
                ),
            ]),
            "the server's certificate",
        ),
        fact(
            "certificate_trusted",
            FactKind::Boolean,
            "whether this machine trusts the certificate, its name apart",
        ),
        fact(
            "certificate_fault",
            FactKind::Text,
            "why it is not trusted, in words",
        ),
        fact(
            "name_matches",
            FactKind::Boolean,
            "whether the certificate is for the host as it was typed",
        ),
    ],
};

/// See the declaration.
#[derive(Debug)]
pub(super) struct SqlPrelogin;

impl Probe for SqlPrelogin {
    fn declaration(&self) -> &'static ProbeDeclaration {
        &DECLARATION
    }

    fn observe<'a>(
        &'a self,
        _request: &'a ProbeRequest,
        _context: &'a Context,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async { Outcome::not_observed(&DECLARATION, "not observed yet") })
    }
}
