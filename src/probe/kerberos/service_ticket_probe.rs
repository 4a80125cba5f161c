//! `kerberos-service-ticket`: does the KDC give a ticket for an SPN?

use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::probe::declaration::{
    ArgumentDeclaration, Consent, FactDeclaration, FactKind, ProbeDeclaration, StatusDeclaration,
    Tone,
};
use crate::probe::{Context, Outcome, Probe, ProbeRequest};

static DECLARATION: ProbeDeclaration = ProbeDeclaration {
    key: "kerberos-service-ticket",
    title: "Ticket for the service",
    help: "Asks the KDC for a service ticket for exactly this SPN (TGS-REQ), as a driver would, \
           and follows referrals through the trusts to the service's realm. A ticket proves that \
           exactly one account holds the SPN, not that it is the right one.",
    consent: Consent::Silent,
    deadline: Duration::from_secs(20),
    arguments: &[
        ArgumentDeclaration {
            name: "spn",
            kind: FactKind::Spn,
            required: true,
            help: "the SPN, such as `MSSQLSvc/sql1.corp.example:1433`; nothing in it is changed",
        },
        ArgumentDeclaration {
            name: "realm",
            kind: FactKind::HostName,
            required: false,
            help: "the realm to ask first; what krb5.conf maps the host to, else the user's own \
                   realm, when absent",
        },
    ],
    statuses: &[
        StatusDeclaration {
            name: "granted",
            tone: Tone::Good,
            help: "the KDC gave a ticket: exactly one account holds the SPN",
        },
        StatusDeclaration {
            name: "unknown-spn",
            tone: Tone::Fault,
            help: "KDC code 7: no account holds the SPN, or more than one does, or it was asked \
                   in a realm that does not know where to refer to",
        },
        StatusDeclaration {
            name: "encryption-not-supported",
            tone: Tone::Fault,
            help: "KDC code 14: the client, the service account and the KDC share no encryption \
                   type",
        },
        StatusDeclaration {
            name: "policy",
            tone: Tone::Fault,
            help: "KDC code 12: a policy forbids it, such as selective authentication on a trust",
        },
        StatusDeclaration {
            name: "clock-skew",
            tone: Tone::Fault,
            help: "KDC code 37: this host's clock and the KDC's differ by too much",
        },
        StatusDeclaration {
            name: "client-revoked",
            tone: Tone::Fault,
            help: "KDC code 18: the user's account is disabled, expired or locked",
        },
        StatusDeclaration {
            name: "service-revoked",
            tone: Tone::Fault,
            help: "KDC code 19: the account that holds the SPN is disabled or expired",
        },
        StatusDeclaration {
            name: "user-to-user-required",
            tone: Tone::Fault,
            help: "KDC code 27: the name belongs to a user account that has no such SPN",
        },
        StatusDeclaration {
            name: "wrong-realm",
            tone: Tone::Fault,
            help: "KDC code 68: the service is in another realm and the KDC does not refer there",
        },
        StatusDeclaration {
            name: "no-path",
            tone: Tone::Fault,
            help: "the referrals lead nowhere: in a circle, over too many realms, or to a realm \
                   whose KDC is not found or does not answer",
        },
        StatusDeclaration {
            name: "other-kdc-error",
            tone: Tone::Fault,
            help: "the KDC refused with another code: see `kdc_code` and `kdc_code_name`",
        },
        StatusDeclaration {
            name: "no-ticket",
            tone: Tone::Fault,
            help: "there is no valid ticket-granting ticket to ask with; the probe \
                   `kerberos-ticket` says why",
        },
        StatusDeclaration {
            name: "kdc-unreachable",
            tone: Tone::Fault,
            help: "no KDC of the user's realm was found, or none answered",
        },
    ],
    facts: &[
        FactDeclaration {
            name: "spn",
            kind: FactKind::Spn,
            help: "the SPN that was asked for",
        },
        FactDeclaration {
            name: "principal",
            kind: FactKind::AccountName,
            help: "as whom it was asked, `name@REALM`",
        },
        FactDeclaration {
            name: "realm",
            kind: FactKind::HostName,
            help: "the realm whose KDC gave the last answer: the service's realm when granted",
        },
        FactDeclaration {
            name: "referral_path",
            kind: FactKind::List(&FactKind::HostName),
            help: "the realms that were asked, in order, the user's own first",
        },
        FactDeclaration {
            name: "kdc",
            kind: FactKind::HostName,
            help: "the KDC that gave the last answer",
        },
        FactDeclaration {
            name: "kdc_code",
            kind: FactKind::Integer,
            help: "its error code, RFC 4120 7.5.9; null when granted",
        },
        FactDeclaration {
            name: "kdc_code_name",
            kind: FactKind::Text,
            help: "the code's name in the RFC",
        },
        FactDeclaration {
            name: "kdc_code_meaning",
            kind: FactKind::Text,
            help: "what the code means for a login to SQL Server, in plain words",
        },
        FactDeclaration {
            name: "kdc_text",
            kind: FactKind::Text,
            help: "what the KDC added in words",
        },
        FactDeclaration {
            name: "kdc_nt_status",
            kind: FactKind::Text,
            help: "the Windows status that the KDC added, such as `0xC000018B`, [MS-KILE] 2.2.2",
        },
        FactDeclaration {
            name: "kdc_time",
            kind: FactKind::Time,
            help: "the KDC's clock, which an error carries",
        },
        FactDeclaration {
            name: "clock_offset_seconds",
            kind: FactKind::Seconds,
            help: "the KDC's clock minus this host's",
        },
        FactDeclaration {
            name: "encryption_type",
            kind: FactKind::Text,
            help: "what the ticket is encrypted with, such as `aes256-cts-hmac-sha1-96`: the \
                   server must have this key",
        },
        FactDeclaration {
            name: "encryption_type_number",
            kind: FactKind::Integer,
            help: "its number: 17 and 18 are AES, 23 is RC4",
        },
        FactDeclaration {
            name: "kvno",
            kind: FactKind::Integer,
            help: "version number of the key that the ticket is encrypted with, to be compared \
                   with msDS-KeyVersionNumber and with the server's keytab",
        },
        FactDeclaration {
            name: "session_encryption_type",
            kind: FactKind::Text,
            help: "the kind of the session key",
        },
        FactDeclaration {
            name: "session_encryption_type_number",
            kind: FactKind::Integer,
            help: "its number",
        },
        FactDeclaration {
            name: "ticket_flags",
            kind: FactKind::List(&FactKind::Text),
            help: "the ticket's flags, such as `forwardable`, `ok-as-delegate`",
        },
        FactDeclaration {
            name: "ok_as_delegate",
            kind: FactKind::Boolean,
            help: "whether the KDC says that the service is trusted for unconstrained delegation",
        },
        FactDeclaration {
            name: "forwardable",
            kind: FactKind::Boolean,
            help: "whether the ticket is forwardable",
        },
        FactDeclaration {
            name: "canonical_spn",
            kind: FactKind::Spn,
            help: "the name in the ticket, which the KDC may have changed",
        },
        FactDeclaration {
            name: "starts",
            kind: FactKind::Time,
            help: "since when the ticket is valid",
        },
        FactDeclaration {
            name: "ends",
            kind: FactKind::Time,
            help: "until when the ticket is valid",
        },
        FactDeclaration {
            name: "ticket_bytes",
            kind: FactKind::Integer,
            help: "size of the ticket in bytes; it grows with the user's groups",
        },
    ],
};

/// The probe.
#[derive(Debug)]
pub struct KerberosServiceTicket;

impl Probe for KerberosServiceTicket {
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
