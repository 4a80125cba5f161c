//! What `sql-prelogin` and `sql-identity` take and tell.

use std::time::Duration;

use crate::probe::declare::{fact, fault, good, optional, required, unknown};
use crate::probe::{Consent, FactKind, ProbeDeclaration};

/// `sql-prelogin`.
pub(super) static PRELOGIN: ProbeDeclaration = ProbeDeclaration {
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

/// `sql-identity`.
pub(super) static IDENTITY: ProbeDeclaration = ProbeDeclaration {
    key: "sql-identity",
    title: "The server's own name",
    help: "Starts a Windows login without a user name and hangs up after the server's NTLM challenge, \
           in which it tells its own names, domain, forest and clock. No credential is sent and no \
           login is attempted, so it cannot lock anyone out.",
    consent: Consent::AsksFirst(
        "SQL Server may write a line such as \"Login failed\" or \"SSPI handshake failed\" \
         (17806, 17828, 18452) with this machine's address into its error log.",
    ),
    deadline: Duration::from_secs(8),
    arguments: &[
        required(
            "host",
            FactKind::HostName,
            "the host, as a name or an address",
        ),
        required("port", FactKind::Port, "the TCP port"),
    ],
    statuses: &[
        good("described", "the server told its names and domain"),
        unknown(
            "no-ntlm",
            "the server does not answer NTLM: it is switched off, or it runs on Linux",
        ),
        unknown(
            "login-refused",
            "the server ended the login with an error before its challenge",
        ),
        fault("refused", "nothing listens on the port"),
        fault(
            "not-sql-server",
            "something answers that does not speak the SQL Server protocol",
        ),
        fault("tls-failed", "TLS cannot be set up with the server"),
        fault("timed-out", "no answer in time"),
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
            "fqdn",
            FactKind::HostName,
            "the server's own full name, in lower case",
        ),
        fact("netbios_computer", FactKind::HostName, "its NetBIOS name"),
        fact(
            "domain",
            FactKind::HostName,
            "the DNS name of its domain, in lower case; its own name when it is in none",
        ),
        fact(
            "netbios_domain",
            FactKind::AccountName,
            "the NetBIOS name of its domain",
        ),
        fact(
            "forest",
            FactKind::HostName,
            "the DNS name of its forest, in lower case; null when it is in no domain",
        ),
        fact(
            "domain_member",
            FactKind::Boolean,
            "whether it is in a domain at all: Kerberos needs that",
        ),
        fact("server_time", FactKind::Time, "its clock"),
        fact(
            "clock_offset_seconds",
            FactKind::Seconds,
            "its clock minus this machine's: positive when the server is ahead",
        ),
        fact(
            "os_build",
            FactKind::Text,
            "the version of its operating system, such as 10.0.20348",
        ),
        fact(
            "error_number",
            FactKind::Integer,
            "the number of the error with which it ended the login",
        ),
        fact("error_state", FactKind::Integer, "the state of that error"),
        fact("error_message", FactKind::Text, "the words of that error"),
    ],
};
