//! `kerberos-trusted-realm`: does a KDC know another realm, and has it a key
//! for it?
//!
//! A KDC that refuses a ticket of a trust with `KRB_AP_ERR_NOT_US` does not say
//! why, and its directory cannot be read without a ticket for it. Two requests
//! that anybody may make tell more. An AS-REQ for an enterprise name of the
//! other realm is answered with `KDC_ERR_WRONG_REALM` by a KDC that has the
//! trust (RFC 6806 7); one for `krbtgt/OTHER` is answered with code 7 by a KDC
//! that has no key for it. No password is shown.

use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::time::Instant;

use super::encryption::SUPPORTED;
use super::error_code;
use super::initial::nonce;
use super::kdc::{self, evidence};
use super::krb5_conf::Krb5Conf;
use super::message::{KdcAnswer, PrincipalName, name_type};
use super::request::{KdcRequestBody, as_request, option};
use crate::probe::by_hand::posix;
use crate::probe::declaration::{Consent, FactKind, ProbeDeclaration};
use crate::probe::declare::{fact, fault, good, optional, required, unknown};
use crate::probe::{Context, Evidence, LiveSession, Outcome, Probe, ProbeRequest};

/// A name before the other realm; that realm is not asked for it.
const ANYBODY: &str = "sspi-doctor-asks-for-the-realm";

static DECLARATION: ProbeDeclaration = ProbeDeclaration {
    key: "kerberos-trusted-realm",
    title: "Does the KDC know the other realm?",
    help: "Asks the KDC of a realm where a user of another realm belongs, and whether it has a key \
           for that realm (two AS-REQs without a password). Tells a KDC that does not have the trust \
           from one that has it and does not use it.",
    consent: Consent::Silent,
    deadline: Duration::from_secs(10),
    arguments: &[
        required("realm", FactKind::HostName, "the realm whose KDC is asked"),
        required(
            "other",
            FactKind::HostName,
            "the realm, or DNS name of the domain, that it may trust",
        ),
        optional(
            "controller",
            FactKind::HostName,
            "a domain controller of the realm; the second question is asked in the name of its \
             account, which the KDC knows",
        ),
    ],
    statuses: &[
        good(
            "known",
            "the KDC refers users to the other realm and has a key for it",
        ),
        fault(
            "not-used",
            "the KDC refers users to the other realm, and has no key for it in the direction to it",
        ),
        fault("not-known", "the KDC does not know the other realm"),
        unknown("unclear", "the KDC's answers do not tell"),
        unknown("unreachable", "no KDC of the realm answers"),
    ],
    facts: &[
        fact("realm", FactKind::Text, "the realm that was asked"),
        fact("other", FactKind::Text, "the other realm"),
        fact(
            "referral_code",
            FactKind::Integer,
            "the code of the answer for a user of the other realm: 68 refers there",
        ),
        fact(
            "key_code",
            FactKind::Integer,
            "the code of the answer for krbtgt of the other realm: 7 is no key; null when not asked",
        ),
    ],
};

/// The probe.
#[derive(Debug)]
pub struct KerberosTrustedRealm;

impl Probe for KerberosTrustedRealm {
    fn declaration(&self) -> &'static ProbeDeclaration {
        &DECLARATION
    }

    fn observe<'a>(
        &'a self,
        request: &'a ProbeRequest,
        context: &'a Context,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let (realm, other) = match (request.text("realm"), request.text("other")) {
                (Ok(realm), Ok(other)) => (realm.to_uppercase(), other.to_uppercase()),
                (Err(fault), _) | (_, Err(fault)) => {
                    return Outcome::not_observed(&DECLARATION, &fault.to_string());
                }
            };
            let conf = Krb5Conf::read(context.session.settings.krb5_conf.as_deref());
            let asking = Asking {
                session: &context.session,
                conf: &conf,
                realm: &realm,
                deadline: context.deadline,
            };
            observe(&asking, &other, request.optional_text("controller")).await
        })
    }
}

async fn observe(asking: &Asking<'_>, other: &str, controller: Option<&str>) -> Outcome {
    let realm = asking.realm;
    let mut outcome = Outcome::of(&DECLARATION);
    outcome
        .fact("realm", realm)
        .fact("other", other)
        .by_hand_linux(format!(
            "KRB5_TRACE=/dev/stderr kinit -E {}",
            posix(&format!("{ANYBODY}@{}", other.to_lowercase()))
        ))
        .by_hand_windows("nltest /domain_trusts /all_trusts /v");
    let mut trail = Vec::new();
    let anybody = PrincipalName {
        kind: name_type::ENTERPRISE,
        parts: vec![format!("{ANYBODY}@{}", other.to_lowercase())],
    };
    let own = PrincipalName::ticket_granting(realm);
    let referral = asking.exchange(&anybody, &own, &mut trail).await;
    let key = match (&referral, controller) {
        (Ok(answer), Some(controller)) if answer.leads_to(other) => {
            let account = PrincipalName {
                kind: name_type::PRINCIPAL,
                parts: vec![computer_account(controller)],
            };
            let wanted = PrincipalName::ticket_granting(other);
            Some(asking.exchange(&account, &wanted, &mut trail).await)
        }
        _ => None,
    };
    for evidence in trail {
        outcome.evidence(evidence);
    }
    let referral = match referral {
        Ok(answer) => answer,
        Err(words) => {
            outcome.reason(words).summary("no KDC answers");
            return outcome.finish("unreachable");
        }
    };
    let key = key.and_then(Result::ok);
    outcome
        .fact("referral_code", referral.code)
        .fact("key_code", key.as_ref().and_then(|answer| answer.code));
    let (status, words) = judge(&referral, key.as_ref(), realm, other);
    outcome.reason(words).summary(status.replace('-', " "));
    outcome.finish(status)
}

/// What the two answers come to.
fn judge(
    referral: &Answer,
    key: Option<&Answer>,
    realm: &str,
    other: &str,
) -> (&'static str, String) {
    if referral.code == Some(error_code::CLIENT_UNKNOWN) {
        return (
            "not-known",
            format!("the KDC of {realm} does not know {other}: it does not have the trust"),
        );
    }
    let refers = referral.leads_to(other);
    match key {
        Some(key) if refers && key.code == Some(error_code::SERVICE_UNKNOWN) => (
            "not-used",
            format!("the KDC of {realm} knows that {other} is trusted, but has no key for it"),
        ),
        Some(key) if refers && matches!(key.code, None | Some(error_code::PREAUTH_REQUIRED)) => (
            "known",
            format!("the KDC of {realm} knows {other} and has a key for it"),
        ),
        _ => (
            "unclear",
            format!("the KDC of {realm} does not show whether it has a trust with {other}"),
        ),
    }
}

/// The account of a computer: its host name and `$` ([MS-ADTS] 3.1.1.4).
fn computer_account(host: &str) -> String {
    let name = host.split('.').next().unwrap_or(host);
    format!("{}$", name.to_uppercase())
}

/// What a KDC said to an AS-REQ: nothing in `code` is a ticket.
#[derive(Clone, Debug, Default)]
struct Answer {
    code: Option<i32>,
    refers_to: Option<String>,
}

impl Answer {
    fn of(answer: &KdcAnswer) -> Self {
        match answer {
            KdcAnswer::Reply(_) => Self::default(),
            KdcAnswer::Error(error) => Self {
                code: Some(error.code),
                refers_to: (error.code == error_code::WRONG_REALM)
                    .then(|| error.client_realm.clone())
                    .flatten(),
            },
        }
    }

    fn words(&self) -> String {
        let said = self
            .code
            .map_or_else(|| "a ticket".to_owned(), error_code::in_words);
        match &self.refers_to {
            Some(realm) => format!("{said}; it refers to {realm}"),
            None => said,
        }
    }

    fn leads_to(&self, realm: &str) -> bool {
        let named = self.refers_to.as_deref();
        named.is_some_and(|named| named.eq_ignore_ascii_case(realm))
    }
}

struct Asking<'a> {
    session: &'a LiveSession,
    conf: &'a Krb5Conf,
    realm: &'a str,
    deadline: Instant,
}

impl Asking<'_> {
    /// One AS-REQ without a proof of a password.
    async fn exchange(
        &self,
        client: &PrincipalName,
        service: &PrincipalName,
        trail: &mut Vec<Evidence>,
    ) -> Result<Answer, String> {
        let message = as_request(
            &[],
            &KdcRequestBody {
                options: option::CANONICALIZE,
                client: Some(client),
                realm: self.realm,
                service,
                nonce: nonce().unwrap_or(1),
                encryption_types: &SUPPORTED,
                now: Timestamp::now(),
            },
        );
        let what = format!("AS-REQ in {} for {client}, service {service}", self.realm);
        let answered = kdc::ask(
            self.session,
            self.conf,
            self.realm,
            &what,
            &message,
            self.deadline,
            trail,
        )
        .await
        .map_err(|fault| fault.to_string())?;
        let answer = Answer::of(&answered.answer);
        let asked = format!("{}: {what}", answered.whom());
        trail.push(evidence(&asked, answer.words(), Some(answered.elapsed)));
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(code: i32, refers_to: Option<&str>) -> Answer {
        Answer {
            code: Some(code),
            refers_to: refers_to.map(str::to_owned),
        }
    }

    fn status(referral: &Answer, key: Option<&Answer>) -> &'static str {
        judge(referral, key, "PARTNER.EXAMPLE", "CORP.EXAMPLE").0
    }

    #[test]
    fn a_missing_trust_is_told_from_one_that_is_not_used() {
        let there = answer(68, Some("corp.example"));
        let (no_key, key) = (answer(7, None), answer(25, None));
        assert_eq!(status(&answer(6, None), None), "not-known");
        assert_eq!(status(&there, Some(&no_key)), "not-used");
        assert_eq!(status(&there, Some(&key)), "known");
        assert_eq!(status(&there, Some(&Answer::default())), "known");
    }

    #[test]
    fn what_proves_nothing_is_unclear() {
        let there = answer(68, Some("CORP.EXAMPLE"));
        let elsewhere = answer(68, Some("OTHER.EXAMPLE"));
        let no_key = answer(7, None);
        assert_eq!(status(&there, None), "unclear");
        assert_eq!(status(&there, Some(&answer(6, None))), "unclear");
        assert_eq!(status(&elsewhere, Some(&no_key)), "unclear");
        assert_eq!(status(&answer(68, None), Some(&no_key)), "unclear");
        assert_eq!(status(&answer(60, None), None), "unclear");
    }

    #[test]
    fn the_account_of_a_controller() {
        assert_eq!(computer_account("dc2.partner.example"), "DC2$");
        assert_eq!(computer_account("dc2"), "DC2$");
    }
}
