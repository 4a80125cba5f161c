//! `kerberos-kdc`: does each KDC of a realm answer, how fast, and what is its time?

use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream;

use super::credential_cache::{CacheName, CredentialCache};
use super::kdc::{Kdc, Located, MOST_AT_ONCE, NotKnown, locate};
use super::krb5_conf::Krb5Conf;
use super::user;
use crate::probe::attempt::attempt;
use crate::probe::by_hand::{posix, powershell};
use crate::probe::credential::KerberosCredential;
use crate::probe::declare::milliseconds;
use crate::probe::{
    Context, LiveSession, Outcome, OutcomeBuilder, Probe, ProbeDeclaration, ProbeRequest,
};

mod asking;
mod declaration;

use asking::{Asking, Seen, nobody};
use declaration::{DECLARATION, NAMES_UNANSWERED};

/// The difference that Kerberos accepts, RFC 4120 1.6 and every domain
/// controller's default.
const TOLERANCE: i64 = 300;
/// What is left for the answer when the KDCs have had their time.
const MARGIN: Duration = Duration::from_millis(300);

/// The probe.
#[derive(Debug)]
pub struct KerberosKdc;

impl Probe for KerberosKdc {
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
    let session = &context.session;
    let conf = Krb5Conf::read(session.settings.krb5_conf.as_deref());
    outcome.fact("default_realm", conf.default_realm());
    let hosts = match request.texts("hosts") {
        Ok(hosts) => hosts,
        Err(fault) => return outcome.not_observed(&fault.to_string()),
    };
    let client = client(session, &conf).await;
    let realm = request
        .optional_text("realm")
        .map(str::to_uppercase)
        .or_else(|| client.as_ref().map(|client| client.realm.clone()))
        .or_else(|| conf.default_realm().map(str::to_owned));
    let Some(realm) = realm else {
        outcome
            .reason("no realm was given, there is no ticket, and krb5.conf has no default_realm")
            .summary("the realm is not known");
        return outcome.finish("no-realm");
    };
    outcome.fact("realm", realm.clone());
    by_hand(&mut outcome, &realm);
    let until = context
        .deadline
        .checked_sub(MARGIN)
        .unwrap_or(context.deadline);
    let located = if hosts.is_empty() {
        locate(session, &conf, &realm, until).await
    } else {
        given(&hosts)
    };
    let located = match located {
        Ok(located) => located,
        Err(fault) => {
            let (status, summary) = match fault {
                NotKnown::NamesUnanswered(_) => (NAMES_UNANSWERED, "no name server answers"),
                NotKnown::Nowhere(_) => ("no-kdc-found", "no KDC found"),
            };
            outcome
                .saw(format!("the KDCs of {realm}"), fault.to_string())
                .reason(fault.to_string())
                .summary(summary);
            return outcome.finish(status);
        }
    };
    outcome.fact("source", located.source);
    let asking = Asking {
        session,
        realm: &realm,
        client: client
            .filter(|client| client.realm == realm)
            .map_or_else(nobody, |client| client.name),
        until,
    };
    let each: Vec<_> = located
        .kdcs
        .iter()
        .map(|kdc| attempt(&kdc.host, asking.one(kdc), Seen::answers))
        .collect();
    let seen = stream::iter(each).buffered(MOST_AT_ONCE).collect().await;
    conclude(outcome, seen)
}

fn given(hosts: &[String]) -> Result<Located, NotKnown> {
    let kdcs: Option<Vec<Kdc>> = hosts.iter().map(|host| Kdc::parse(host)).collect();
    kdcs.map(|kdcs| Located {
        kdcs,
        source: "argument",
    })
    .ok_or_else(|| NotKnown::Nowhere(format!("`{}` are not hosts", hosts.join("`, `"))))
}

/// The user, whose name a KDC knows: asking for it leaves no line about an
/// unknown user in the domain controller's log.
async fn client(session: &LiveSession, conf: &Krb5Conf) -> Option<user::Principal> {
    let chosen = match &session.credentials.kerberos {
        KerberosCredential::Password(typed) => {
            return user::Principal::parse(&typed.user, conf, |_| async { true })
                .await
                .ok();
        }
        KerberosCredential::Cache(path) => Some(path.as_path()),
        KerberosCredential::DefaultCache => None,
    };
    let cache = CredentialCache::load(&CacheName::of_session(chosen, conf), conf)
        .await
        .ok()?;
    Some(user::Principal {
        name: cache.principal,
        realm: cache.realm,
    })
}

fn by_hand(outcome: &mut OutcomeBuilder, realm: &str) {
    let domain = realm.to_lowercase();
    outcome
        .by_hand_linux(format!(
            "dig +short SRV {}",
            posix(&format!("_kerberos._tcp.{domain}"))
        ))
        .by_hand_linux(format!(
            "KRB5_TRACE=/dev/stderr kinit {}",
            posix(&format!("USER@{realm}"))
        ))
        .by_hand_windows(format!("nltest /dsgetdc:{} /kdc", powershell(&domain)))
        .by_hand_windows("w32tm /monitor");
}

fn conclude(mut outcome: OutcomeBuilder, seen: Vec<Seen>) -> Outcome {
    let answering: Vec<&Seen> = seen.iter().filter(|seen| seen.answers()).collect();
    let offsets: Vec<i64> = answering.iter().filter_map(|seen| seen.offset).collect();
    let largest = answering
        .iter()
        .filter(|seen| seen.offset.is_some())
        .max_by_key(|seen| seen.offset.unwrap_or_default().unsigned_abs());
    let fastest = answering.iter().min_by_key(|seen| seen.elapsed);
    let slowest = answering.iter().max_by_key(|seen| seen.elapsed);
    let spread = match (offsets.iter().min(), offsets.iter().max()) {
        (Some(least), Some(most)) if offsets.len() > 1 => Some(most - least),
        _ => None,
    };
    let host = |seen: &&&Seen| seen.kdc.host.clone();
    let ms = |seen: &&&Seen| seen.elapsed.map(milliseconds);
    let names = |answers: bool| -> Vec<String> {
        seen.iter()
            .filter(|seen| seen.answers() == answers)
            .map(|seen| seen.kdc.host.clone())
            .collect()
    };
    let largest_offset = largest.and_then(|seen| seen.offset);
    outcome
        .fact("kdcs", seen.iter().map(Seen::fact).collect::<Vec<_>>())
        .fact("answering", names(true))
        .fact("silent", names(false))
        .fact("largest_offset_seconds", largest_offset)
        .fact("largest_offset_kdc", largest.as_ref().map(host))
        .fact("spread_seconds", spread)
        .fact("fastest", fastest.as_ref().map(host))
        .fact("fastest_ms", fastest.as_ref().and_then(ms))
        .fact("slowest", slowest.as_ref().map(host))
        .fact("slowest_ms", slowest.as_ref().and_then(ms));
    let (all, alive) = (seen.len(), answering.len());
    let status = if alive == 0 && all > 0 && seen.iter().all(Seen::has_no_name) {
        let words = "no name server answers, so the KDCs could not be asked";
        outcome.reason(words).summary("no name server answers");
        NAMES_UNANSWERED
    } else if alive == 0 {
        outcome.summary(format!("none of {all} answers"));
        "none-answers"
    } else if let Some(offset) = largest_offset.filter(|offset| offset.abs() > TOLERANCE) {
        outcome.summary(format!("a clock is {}", offset_in_words(offset)));
        "skewed"
    } else if alive < all {
        outcome.summary(format!("{alive} of {all} answer"));
        "some-silent"
    } else {
        outcome.summary(format!(
            "{alive} of {all} answer, clock {}",
            offset_in_words(largest_offset.unwrap_or_default())
        ));
        "answering"
    };
    for seen in seen {
        outcome.evidence(seen.evidence);
    }
    outcome.finish(status)
}

fn offset_in_words(offset: i64) -> String {
    match offset {
        0 => "the same as ours".to_owned(),
        ahead @ 1.. => format!("{ahead} s ahead of ours"),
        behind => format!("{} s behind ours", behind.unsigned_abs()),
    }
}
