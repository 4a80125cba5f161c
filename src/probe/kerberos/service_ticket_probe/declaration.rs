//! What `kerberos-service-ticket` takes and can answer.

use std::time::Duration;

use crate::probe::declaration::{Consent, FactKind, ProbeDeclaration};
use crate::probe::declare::{fact, fault, good, optional, required};

/// The declaration.
pub static DECLARATION: ProbeDeclaration = ProbeDeclaration {
    key: "kerberos-service-ticket",
    title: "Ticket for the service",
    help: "Asks the KDC for a service ticket for exactly this SPN (TGS-REQ), as a driver would, \
             and follows referrals through the trusts to the service's realm. A ticket proves that \
             exactly one account holds the SPN, not that it is the right one.",
    consent: Consent::Silent,
    deadline: Duration::from_secs(20),
    arguments: &[
        required(
            "spn",
            FactKind::Spn,
            "the SPN, such as `MSSQLSvc/sql1.corp.example:1433`; nothing in it is changed",
        ),
        optional(
            "realm",
            FactKind::HostName,
            "the realm to ask first; what krb5.conf maps the host to, else the user's own \
             realm, when absent",
        ),
    ],
    statuses: &[
        good(
            "granted",
            "the KDC gave a ticket: exactly one account holds the SPN",
        ),
        fault(
            "unknown-spn",
            "KDC code 7: no account holds the SPN, or more than one does, or it was asked \
             in a realm that does not know where to refer to",
        ),
        fault(
            "encryption-not-supported",
            "KDC code 14: the client, the service account and the KDC share no encryption \
             type",
        ),
        fault(
            "policy",
            "KDC code 12: a policy forbids it, such as selective authentication on a trust",
        ),
        fault(
            "clock-skew",
            "KDC code 37: this host's clock and the KDC's differ by too much",
        ),
        fault(
            "client-revoked",
            "KDC code 18: the user's account is disabled, expired or locked",
        ),
        fault(
            "service-revoked",
            "KDC code 19: the account that holds the SPN is disabled or expired",
        ),
        fault(
            "user-to-user-required",
            "KDC code 27: the name belongs to a user account that has no such SPN",
        ),
        fault(
            "wrong-realm",
            "KDC code 68: the service is in another realm and the KDC does not refer there",
        ),
        fault(
            "no-path",
            "the referrals lead nowhere: in a circle, over too many realms, or to a realm \
             whose KDC is not found or does not answer",
        ),
        fault(
            "other-kdc-error",
            "the KDC refused with another code: see `kdc_code` and `kdc_code_name`",
        ),
        fault(
            "no-ticket",
            "there is no valid ticket-granting ticket to ask with; the probe \
             `kerberos-ticket` says why",
        ),
        fault(
            "kdc-unreachable",
            "no KDC of the user's realm was found, or none answered",
        ),
    ],
    facts: &[
        fact("spn", FactKind::Spn, "the SPN that was asked for"),
        fact(
            "principal",
            FactKind::AccountName,
            "as whom it was asked, `name@REALM`",
        ),
        fact(
            "realm",
            FactKind::HostName,
            "the realm whose KDC gave the last answer: the service's realm when granted",
        ),
        fact(
            "referral_path",
            FactKind::List(&FactKind::HostName),
            "the realms that were asked, in order, the user's own first",
        ),
        fact(
            "found_by",
            FactKind::Text,
            "how the service's realm was found. `referral`: the user's realm was asked and \
             referred on where needed. `named-realm`: the realm was given, or krb5.conf maps the \
             host to it. `guessed-realm`: the user's realm did not know the SPN, and the realm was \
             guessed from the host's name, as MIT krb5 does and Windows does not",
        ),
        fact(
            "no_path_to",
            FactKind::HostName,
            "the realm to which no way through the trusts was found",
        ),
        fact(
            "kdc",
            FactKind::HostName,
            "the KDC that gave the last answer",
        ),
        fact(
            "kdc_code",
            FactKind::Integer,
            "its error code, RFC 4120 7.5.9; null when granted",
        ),
        fact(
            "kdc_code_name",
            FactKind::Text,
            "the code's name in the RFC",
        ),
        fact(
            "kdc_code_meaning",
            FactKind::Text,
            "what the code means for a login to SQL Server, in plain words",
        ),
        fact("kdc_text", FactKind::Text, "what the KDC added in words"),
        fact(
            "kdc_nt_status",
            FactKind::Text,
            "the Windows status that the KDC added, such as `0xC000018B`, [MS-KILE] 2.2.2",
        ),
        fact(
            "kdc_time",
            FactKind::Time,
            "the KDC's clock, which an error carries",
        ),
        fact(
            "clock_offset_seconds",
            FactKind::Seconds,
            "the KDC's clock minus this host's",
        ),
        fact(
            "encryption_type",
            FactKind::Text,
            "what the ticket is encrypted with, such as `aes256-cts-hmac-sha1-96`: the \
             server must have this key",
        ),
        fact(
            "encryption_type_number",
            FactKind::Integer,
            "its number: 17 and 18 are AES, 23 is RC4",
        ),
        fact(
            "kvno",
            FactKind::Integer,
            "version number of the key that the ticket is encrypted with, to be compared \
             with msDS-KeyVersionNumber and with the server's keytab",
        ),
        fact(
            "session_encryption_type",
            FactKind::Text,
            "the kind of the session key",
        ),
        fact(
            "session_encryption_type_number",
            FactKind::Integer,
            "its number",
        ),
        fact(
            "ticket_flags",
            FactKind::List(&FactKind::Text),
            "the ticket's flags, such as `forwardable`, `ok-as-delegate`",
        ),
        fact(
            "ok_as_delegate",
            FactKind::Boolean,
            "whether the KDC says that the service is trusted for unconstrained delegation",
        ),
        fact(
            "forwardable",
            FactKind::Boolean,
            "whether the ticket is forwardable",
        ),
        fact(
            "canonical_spn",
            FactKind::Spn,
            "the name in the ticket, which the KDC may have changed",
        ),
        fact("starts", FactKind::Time, "since when the ticket is valid"),
        fact("ends", FactKind::Time, "until when the ticket is valid"),
        fact(
            "ticket_bytes",
            FactKind::Integer,
            "size of the ticket in bytes; it grows with the user's groups",
        ),
    ],
};
