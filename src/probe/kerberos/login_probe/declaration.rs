//! What `sql-login-kerberos` takes and can answer.

use std::time::Duration;

use crate::probe::declaration::{Consent, FactKind, ProbeDeclaration};
use crate::probe::declare::{fact, fault, good, optional, required};

/// The declaration.
pub static DECLARATION: ProbeDeclaration = ProbeDeclaration {
    key: "sql-login-kerberos",
    title: "Login with the Kerberos ticket",
    help: "Gets a service ticket for the SPN and presents it to SQL Server in a TDS login, as a \
             driver would, and asks nothing; the connection waits a minute for `sql-session`. \
             Tells a ticket that the server cannot decrypt from a user that it does not let in. A \
             login that is refused without a Kerberos error is tried once more, bound to its TLS \
             channel.",
    consent: Consent::AsksFirst(
        "One login attempt as you; a second one when SQL Server refuses without a reason. When one \
             fails, SQL Server writes a line such as \"Login failed\" or \"SSPI handshake failed\" with \
             your address to its error log; when it succeeds and successful logins are audited, a \
             line as well.",
    ),
    deadline: Duration::from_secs(30),
    arguments: &[
        required(
            "host",
            FactKind::HostName,
            "the server's name, for the login and the certificate",
        ),
        required("port", FactKind::Port, "its TCP port"),
        required("spn", FactKind::Spn, "the SPN to ask a ticket for"),
        optional(
            "realm",
            FactKind::HostName,
            "the realm to ask first, as in `kerberos-service-ticket`",
        ),
        optional(
            "addresses",
            FactKind::List(&FactKind::Address),
            "addresses to connect to; those of `host` when absent",
        ),
    ],
    statuses: &[
        good("accepted", "SQL Server accepted the ticket and the login"),
        fault(
            "refused",
            "SQL Server did not accept the ticket: with a KRB-ERROR (`krb_code`), with \
             error 18452, or by closing the connection (`refused_by` says which). Mostly: \
             the SPN is on an account that the service does not run as, or the service has \
             an old key",
        ),
        fault(
            "not-authorised",
            "Kerberos worked and SQL Server knows who it is, but does not let the user in: \
             not an SPN problem",
        ),
        fault(
            "no-ticket",
            "there is no valid ticket-granting ticket; see `kerberos-ticket`",
        ),
        fault(
            "no-service-ticket",
            "the KDC gave no ticket for the SPN; see `kerberos-service-ticket`",
        ),
        fault("tls-failed", "the TLS handshake before the login failed"),
        fault(
            "not-sql-server",
            "something answers on the port that does not speak TDS",
        ),
        fault(
            "unreachable",
            "the name has no address, or no connection could be made",
        ),
        fault(
            "timed-out",
            "the server took the connection but did not finish the login in time",
        ),
    ],
    facts: &[
        fact("spn", FactKind::Spn, "the SPN of the ticket"),
        fact(
            "principal",
            FactKind::AccountName,
            "as whom it logged in, `name@REALM`",
        ),
        fact(
            "address",
            FactKind::Address,
            "the address that it connected to",
        ),
        fact(
            "refused_by",
            FactKind::Text,
            "`krb-error`, `error-message` or `closed`, when refused",
        ),
        fact(
            "accepted_when_bound",
            FactKind::Boolean,
            "whether SQL Server accepts the refused ticket when the login is bound to its TLS channel: \
             then it requires Extended Protection; null when that was not tried",
        ),
        fact(
            "krb_code",
            FactKind::Integer,
            "the server's KRB-ERROR code: 41 modified, 31 bad integrity, 37 skew, 44 key \
             version, 45 no key, 35 not for us",
        ),
        fact(
            "krb_code_name",
            FactKind::Text,
            "the code's name in RFC 4120",
        ),
        fact(
            "krb_code_meaning",
            FactKind::Text,
            "what the code means for a login to SQL Server, in plain words",
        ),
        fact(
            "error_number",
            FactKind::Integer,
            "SQL Server's error number, such as 18456 or 18452",
        ),
        fact("error_state", FactKind::Integer, "its state"),
        fact(
            "error_text",
            FactKind::AccountName,
            "its message, which may name the user",
        ),
        fact(
            "login_name",
            FactKind::AccountName,
            "the user as SQL Server's message names it",
        ),
        fact(
            "kdc_code",
            FactKind::Integer,
            "the KDC's code when there is no service ticket",
        ),
        fact("kdc_code_name", FactKind::Text, "its name in RFC 4120"),
        fact(
            "mutual",
            FactKind::Boolean,
            "whether the server proved that it holds the service's key (AP-REP checked)",
        ),
        fact(
            "server_time",
            FactKind::Time,
            "the server's clock, when its KRB-ERROR told it",
        ),
        fact(
            "clock_offset_seconds",
            FactKind::Seconds,
            "the server's clock minus this host's",
        ),
        fact(
            "encryption_type",
            FactKind::Text,
            "what the ticket is encrypted with",
        ),
        fact("encryption_type_number", FactKind::Integer, "its number"),
        fact(
            "kvno",
            FactKind::Integer,
            "version number of the service's key that the ticket needs",
        ),
        fact(
            "ticket_realm",
            FactKind::HostName,
            "the realm that the service ticket is from",
        ),
        fact(
            "server_version",
            FactKind::Text,
            "SQL Server's version from its PRELOGIN answer",
        ),
        fact(
            "routed_to",
            FactKind::HostName,
            "the server that it refers to instead, as `host,port`, such as a secondary replica",
        ),
        fact(
            "tls",
            FactKind::Text,
            "`none`, `login` (only the login was encrypted), `all` or `strict`",
        ),
    ],
};
