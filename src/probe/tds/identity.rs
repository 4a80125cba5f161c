//! `sql-identity`: the server's own names and clock, from its NTLM challenge.

use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::probe::declare::{fact, fault, good, required, unknown};
use crate::probe::{Consent, Context, FactKind, Outcome, Probe, ProbeDeclaration, ProbeRequest};

static DECLARATION: ProbeDeclaration = ProbeDeclaration {
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

/// See the declaration.
#[derive(Debug)]
pub(super) struct SqlIdentity;

impl Probe for SqlIdentity {
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
