//! `sql-login-kerberos`: does SQL Server accept the ticket, and the user?

use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::probe::declaration::{
    ArgumentDeclaration, Consent, FactDeclaration, FactKind, ProbeDeclaration, StatusDeclaration,
    Tone,
};
use crate::probe::{Context, Outcome, Probe, ProbeRequest};

static DECLARATION: ProbeDeclaration = ProbeDeclaration {
    key: "sql-login-kerberos",
    title: "Login with the Kerberos ticket",
    help: "Gets a service ticket for the SPN and presents it to SQL Server in a TDS login, as a \
           driver would, then disconnects without asking anything. Tells a ticket that the server \
           cannot decrypt from a user that it does not let in.",
    consent: Consent::AsksFirst(
        "One login attempt as you. When it fails, SQL Server writes a line such as \"Login failed\" \
         or \"SSPI handshake failed\" with your address to its error log; when it succeeds and \
         successful logins are audited, a line as well.",
    ),
    deadline: Duration::from_secs(30),
    arguments: &[
        ArgumentDeclaration {
            name: "host",
            kind: FactKind::HostName,
            required: true,
            help: "the server's name, for the login and the certificate",
        },
        ArgumentDeclaration {
            name: "port",
            kind: FactKind::Port,
            required: true,
            help: "its TCP port",
        },
        ArgumentDeclaration {
            name: "spn",
            kind: FactKind::Spn,
            required: true,
            help: "the SPN to ask a ticket for",
        },
        ArgumentDeclaration {
            name: "realm",
            kind: FactKind::HostName,
            required: false,
            help: "the realm to ask first, as in `kerberos-service-ticket`",
        },
        ArgumentDeclaration {
            name: "addresses",
            kind: FactKind::List(&FactKind::Address),
            required: false,
            help: "addresses to connect to; those of `host` when absent",
        },
    ],
    statuses: &[
        StatusDeclaration {
            name: "accepted",
            tone: Tone::Good,
            help: "SQL Server accepted the ticket and the login",
        },
        StatusDeclaration {
            name: "refused",
            tone: Tone::Fault,
            help: "SQL Server did not accept the ticket: with a KRB-ERROR (`krb_code`), with \
                   error 18452, or by closing the connection (`refused_by` says which). Mostly: \
                   the SPN is on an account that the service does not run as, or the service has \
                   an old key",
        },
        StatusDeclaration {
            name: "not-authorised",
            tone: Tone::Fault,
            help: "Kerberos worked and SQL Server knows who it is, but does not let the user in: \
                   not an SPN problem",
        },
        StatusDeclaration {
            name: "no-ticket",
            tone: Tone::Fault,
            help: "there is no valid ticket-granting ticket; see `kerberos-ticket`",
        },
        StatusDeclaration {
            name: "no-service-ticket",
            tone: Tone::Fault,
            help: "the KDC gave no ticket for the SPN; see `kerberos-service-ticket`",
        },
        StatusDeclaration {
            name: "tls-failed",
            tone: Tone::Fault,
            help: "the TLS handshake before the login failed",
        },
        StatusDeclaration {
            name: "not-sql-server",
            tone: Tone::Fault,
            help: "something answers on the port that does not speak TDS",
        },
        StatusDeclaration {
            name: "unreachable",
            tone: Tone::Fault,
            help: "the name has no address, or no connection could be made",
        },
        StatusDeclaration {
            name: "timed-out",
            tone: Tone::Fault,
            help: "the server took the connection but did not finish the login in time",
        },
    ],
    facts: &[
        FactDeclaration {
            name: "spn",
            kind: FactKind::Spn,
            help: "the SPN of the ticket",
        },
        FactDeclaration {
            name: "principal",
            kind: FactKind::AccountName,
            help: "as whom it logged in, `name@REALM`",
        },
        FactDeclaration {
            name: "address",
            kind: FactKind::Address,
            help: "the address that it connected to",
        },
        FactDeclaration {
            name: "refused_by",
            kind: FactKind::Text,
            help: "`krb-error`, `error-message` or `closed`, when refused",
        },
        FactDeclaration {
            name: "krb_code",
            kind: FactKind::Integer,
            help: "the server's KRB-ERROR code: 41 modified, 31 bad integrity, 37 skew, 44 key \
                   version, 45 no key, 35 not for us",
        },
        FactDeclaration {
            name: "krb_code_name",
            kind: FactKind::Text,
            help: "the code's name in RFC 4120",
        },
        FactDeclaration {
            name: "krb_code_meaning",
            kind: FactKind::Text,
            help: "what the code means for a login to SQL Server, in plain words",
        },
        FactDeclaration {
            name: "error_number",
            kind: FactKind::Integer,
            help: "SQL Server's error number, such as 18456 or 18452",
        },
        FactDeclaration {
            name: "error_state",
            kind: FactKind::Integer,
            help: "its state",
        },
        FactDeclaration {
            name: "error_text",
            kind: FactKind::AccountName,
            help: "its message, which may name the user",
        },
        FactDeclaration {
            name: "login_name",
            kind: FactKind::AccountName,
            help: "the user as SQL Server's message names it",
        },
        FactDeclaration {
            name: "kdc_code",
            kind: FactKind::Integer,
            help: "the KDC's code when there is no service ticket",
        },
        FactDeclaration {
            name: "kdc_code_name",
            kind: FactKind::Text,
            help: "its name in RFC 4120",
        },
        FactDeclaration {
            name: "mutual",
            kind: FactKind::Boolean,
            help: "whether the server proved that it holds the service's key (AP-REP checked)",
        },
        FactDeclaration {
            name: "server_time",
            kind: FactKind::Time,
            help: "the server's clock, when its KRB-ERROR told it",
        },
        FactDeclaration {
            name: "clock_offset_seconds",
            kind: FactKind::Seconds,
            help: "the server's clock minus this host's",
        },
        FactDeclaration {
            name: "encryption_type",
            kind: FactKind::Text,
            help: "what the ticket is encrypted with",
        },
        FactDeclaration {
            name: "encryption_type_number",
            kind: FactKind::Integer,
            help: "its number",
        },
        FactDeclaration {
            name: "kvno",
            kind: FactKind::Integer,
            help: "version number of the service's key that the ticket needs",
        },
        FactDeclaration {
            name: "ticket_realm",
            kind: FactKind::HostName,
            help: "the realm that the service ticket is from",
        },
        FactDeclaration {
            name: "server_version",
            kind: FactKind::Text,
            help: "SQL Server's version from its PRELOGIN answer",
        },
        FactDeclaration {
            name: "tls",
            kind: FactKind::Text,
            help: "`none`, `login` (only the login was encrypted), `all` or `strict`",
        },
    ],
};

/// The probe.
#[derive(Debug)]
pub struct SqlLoginKerberos;

impl Probe for SqlLoginKerberos {
    fn declaration(&self) -> &'static ProbeDeclaration {
        &DECLARATION
    }

    fn observe<'a>(
        &'a self,
        _request: &'a ProbeRequest,
        _context: &'a Context,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async { Outcome::not_observed(&DECLARATION, "this build cannot look yet") })
    }
}
