//! `kerberos-service-ticket`: does the KDC give a ticket for an SPN?

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::credential::Credential;
use super::credential_cache::CacheFault;
use super::initial::InitialFault;
use super::krb5_conf::Krb5Conf;
use super::message::{KrbError, Ticket};
use super::service_ticket::{FoundBy, NoServiceTicket, Service, Walk};
use super::tickets::{Held, NoTicket};
use super::{encryption, error_code, facts};
use crate::probe::by_hand::{posix, powershell};
use crate::probe::{
    Context, NOT_OBSERVED, Outcome, OutcomeBuilder, Probe, ProbeDeclaration, ProbeRequest,
};

mod declaration;

use declaration::DECLARATION;

/// The probe.
#[derive(Debug)]
pub struct KerberosServiceTicket;

impl Probe for KerberosServiceTicket {
    fn declaration(&self) -> &'static ProbeDeclaration {
        &DECLARATION
    }

    fn observe<'a>(
        &'a self,
        request: &'a ProbeRequest,
        context: &'a Context,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(observe(request, context))
    }
}

async fn observe(request: &ProbeRequest, context: &Context) -> Outcome {
    let mut outcome = Outcome::of(&DECLARATION);
    let spn = match request.text("spn") {
        Ok(spn) => spn,
        Err(fault) => return outcome.not_observed(&fault.to_string()),
    };
    outcome
        .fact("spn", spn)
        .by_hand_linux(format!("KRB5_TRACE=/dev/stderr kvno {}", posix(spn)))
        .by_hand_linux("klist -e")
        .by_hand_windows(format!("klist get {}", powershell(spn)));
    let Some(service) = Service::parse(spn) else {
        return outcome.not_observed(&format!(
            "`{spn}` is not a service principal name: it has the form MSSQLSvc/host:port"
        ));
    };
    let session = &context.session;
    let conf = Krb5Conf::read(session.settings.krb5_conf.as_deref());
    let mut trail = Vec::new();
    let held = session
        .tickets
        .granting(session, &conf, context.deadline, &mut trail)
        .await;
    for evidence in trail {
        outcome.evidence(evidence);
    }
    let held = match held {
        Ok(held) => held,
        Err(fault) => return no_ticket(outcome, &fault),
    };
    outcome.fact("principal", held.credential.principal());
    let realm = request.optional_text("realm");
    let mut walk = Walk::new(session, &conf, &service, context.deadline);
    let result = walk.go(&held.credential, realm).await;
    seen(&mut outcome, &mut walk, &held);
    match result {
        Ok(credential) => {
            let credential = Arc::new(credential);
            session.tickets.keep(spn, realm, &credential);
            granted(outcome, &credential)
        }
        Err(fault) => refused(outcome, &walk, fault),
    }
}

/// What the walk through the realms left.
fn seen(outcome: &mut OutcomeBuilder, walk: &mut Walk<'_>, held: &Held) {
    for mut evidence in walk.trail.drain(..) {
        evidence.credential = Some(held.origin.clone());
        outcome.evidence(evidence);
    }
    outcome
        .fact("referral_path", walk.path.clone())
        .fact("realm", walk.path.last().cloned())
        .fact("found_by", walk.found_by.word())
        .fact("no_path_to", walk.no_path_to.clone())
        .fact("kdc", walk.last.as_ref().map(|last| last.kdc.host.clone()));
}

fn no_ticket(mut outcome: OutcomeBuilder, fault: &NoTicket) -> Outcome {
    outcome.saw("your Kerberos ticket", fault.to_string());
    outcome.reason(fault.to_string());
    match fault {
        NoTicket::Initial(InitialFault::Realm(_)) => {
            outcome.summary("no KDC answers");
            outcome.finish("kdc-unreachable")
        }
        // Not readable is not absent.
        NoTicket::Initial(InitialFault::Unusable(_))
        | NoTicket::Cache(
            CacheFault::Denied(..)
            | CacheFault::Damaged(..)
            | CacheFault::NotGiven(..)
            | CacheFault::NotReadHere(_),
        ) => outcome.not_observed(&fault.to_string()),
        _ => {
            outcome.summary("no ticket to ask with");
            outcome.finish("no-ticket")
        }
    }
}

fn clear_part(outcome: &mut OutcomeBuilder, ticket: &Ticket) {
    outcome
        .fact("encryption_type", encryption::name(ticket.kind))
        .fact("encryption_type_number", ticket.kind)
        .fact("kvno", ticket.kvno)
        .fact("canonical_spn", ticket.service.to_string())
        .fact("realm", ticket.realm.clone())
        .fact("ticket_bytes", ticket.bytes.len());
}

fn granted(mut outcome: OutcomeBuilder, credential: &Credential) -> Outcome {
    clear_part(&mut outcome, &credential.ticket);
    let session_kind = credential.session_key.kind();
    outcome
        .fact("session_encryption_type", encryption::name(session_kind))
        .fact("session_encryption_type_number", session_kind)
        .fact("ticket_flags", credential.flags.names().collect::<Vec<_>>())
        .fact("ok_as_delegate", credential.flags.has("ok-as-delegate"))
        .fact("forwardable", credential.flags.has("forwardable"))
        .fact("starts", facts::time(credential.starts))
        .fact("ends", facts::time(credential.ends));
    let kvno = credential
        .ticket
        .kvno
        .map(|kvno| format!(", key version {kvno}"))
        .unwrap_or_default();
    outcome.summary(format!(
        "granted, {}{kvno}",
        encryption::name(credential.ticket.kind)
    ));
    outcome.finish("granted")
}

fn refused(mut outcome: OutcomeBuilder, walk: &Walk<'_>, fault: NoServiceTicket) -> Outcome {
    let status = match fault {
        NoServiceTicket::Refused(error) => kdc_error(&mut outcome, walk, &error),
        NoServiceTicket::Realm(fault) => {
            outcome.reason(fault.to_string());
            if walk.path.len() > 1 {
                outcome.summary("the referral leads to a KDC that is not reached");
                "no-path"
            } else {
                outcome.summary("no KDC answers");
                "kdc-unreachable"
            }
        }
        NoServiceTicket::Circle(words) => {
            outcome.reason(words).summary("the referrals lead nowhere");
            "no-path"
        }
        NoServiceTicket::Unreadable(reply, words) => {
            clear_part(&mut outcome, &reply.ticket);
            outcome
                .reason(format!(
                    "the KDC granted the ticket, but its session key cannot be read here: {words}"
                ))
                .summary("granted, session key not readable");
            "granted"
        }
        NoServiceTicket::Unusable(words) => {
            outcome.saw("the ticket-granting ticket", words.clone());
            outcome.reason(words).summary("not observed");
            NOT_OBSERVED
        }
    };
    outcome.finish(status)
}

fn kdc_error(outcome: &mut OutcomeBuilder, walk: &Walk<'_>, error: &KrbError) -> &'static str {
    let code = error.code;
    if let Some(last) = &walk.last {
        facts::kdc_error(outcome, error, last.received);
    }
    outcome
        .fact("kdc_code_meaning", error_code::meaning(code))
        .fact(
            "kdc_nt_status",
            error.nt_status().map(|status| format!("0x{status:08X}")),
        )
        .reason(format!("the KDC says: {}", error_code::in_words(code)))
        .summary(format!("KDC: {}", error_code::name(code)));
    // A krbtgt of a named realm was refused: the service was never asked for.
    if let (error_code::SERVICE_UNKNOWN, FoundBy::Named, Some(realm)) =
        (code, walk.found_by, &walk.no_path_to)
    {
        let from = walk.path.last().map_or("", String::as_str);
        outcome
            .reason(format!(
                "{from} knows no way to {realm}: no trust leads there"
            ))
            .summary(format!("no trust leads to {realm}"));
        return "no-path";
    }
    match code {
        error_code::SERVICE_UNKNOWN => "unknown-spn",
        error_code::POLICY => "policy",
        error_code::ENCRYPTION_NOT_SUPPORTED => "encryption-not-supported",
        error_code::CLIENT_REVOKED => "client-revoked",
        error_code::SERVICE_REVOKED => "service-revoked",
        error_code::USER_TO_USER => "user-to-user-required",
        error_code::TICKET_EXPIRED => "no-ticket",
        error_code::SKEW => "clock-skew",
        error_code::WRONG_REALM => "wrong-realm",
        _ => "other-kdc-error",
    }
}
