//! `kerberos-kdc`: does each KDC of a realm answer, how fast, and what is its time?

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use futures_util::future::{BoxFuture, join_all};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::credential_cache::{CacheName, CredentialCache};
use super::encryption::SUPPORTED;
use super::initial::nonce;
use super::kdc::{Kdc, Located, SendFault, evidence, locate, milliseconds, offset_seconds, send};
use super::krb5_conf::Krb5Conf;
use super::message::{KdcAnswer, PrincipalName, name_type};
use super::request::{KdcRequestBody, as_request};
use super::{error_code, facts, user};
use crate::probe::by_hand::{posix, powershell};
use crate::probe::credential::KerberosCredential;
use crate::probe::{
    Context, Evidence, LiveSession, Outcome, OutcomeBuilder, Probe, ProbeDeclaration, ProbeRequest,
};

mod declaration;

use declaration::DECLARATION;

/// The difference that Kerberos accepts, RFC 4120 1.6 and every domain
/// controller's default.
const TOLERANCE: i64 = 300;
/// A name that no account has.
const NOBODY: &str = "sspi-doctor-asks-the-time";
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
    let located = if hosts.is_empty() {
        locate(session, &conf, &realm).await
    } else {
        given(&hosts)
    };
    let located = match located {
        Ok(located) => located,
        Err(words) => {
            outcome
                .saw(format!("the KDCs of {realm}"), words.clone())
                .reason(words)
                .summary("no KDC found");
            return outcome.finish("no-kdc-found");
        }
    };
    outcome.fact("source", located.source);
    let asking = Asking {
        session,
        realm: &realm,
        client: client
            .filter(|client| client.realm == realm)
            .map_or_else(nobody, |client| client.name),
        until: context
            .deadline
            .checked_sub(MARGIN)
            .unwrap_or(context.deadline),
    };
    let seen = join_all(located.kdcs.iter().map(|kdc| asking.one(kdc))).await;
    conclude(outcome, seen)
}

fn given(hosts: &[String]) -> Result<Located, String> {
    let kdcs: Option<Vec<Kdc>> = hosts.iter().map(|host| Kdc::parse(host)).collect();
    kdcs.map(|kdcs| Located {
        kdcs,
        source: "argument",
    })
    .ok_or_else(|| format!("`{}` are not hosts", hosts.join("`, `")))
}

fn nobody() -> PrincipalName {
    PrincipalName {
        kind: name_type::PRINCIPAL,
        parts: vec![NOBODY.to_owned()],
    }
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
    let cache = CredentialCache::read(&CacheName::of_session(chosen, conf)).ok()?;
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

/// One KDC as it was seen.
struct Seen {
    kdc: Kdc,
    address: Option<IpAddr>,
    status: &'static str,
    elapsed: Option<Duration>,
    time: Option<Timestamp>,
    offset: Option<i64>,
    code: Option<i32>,
    evidence: Evidence,
}

impl Seen {
    fn answers(&self) -> bool {
        self.status == "answering"
    }

    fn fact(&self) -> Value {
        json!({
            "host": self.kdc.host,
            "address": self.address.map(|address| address.to_string()),
            "port": self.kdc.port,
            "status": self.status,
            "elapsed_ms": self.elapsed.map(milliseconds),
            "time": facts::optional_time(self.time),
            "clock_offset_seconds": self.offset,
            "kdc_code": self.code,
        })
    }
}

struct Asking<'a> {
    session: &'a LiveSession,
    realm: &'a str,
    client: PrincipalName,
    until: Instant,
}

impl Asking<'_> {
    /// Asks one KDC, at each of its addresses until one answers.
    async fn one(&self, kdc: &Kdc) -> Seen {
        let resolvers = &self.session.resolvers;
        let addresses = match resolvers.addresses(&self.session.settings, &kdc.host).await {
            Ok(addresses) => addresses,
            Err(fault) => return self.failed(kdc, None, "no-address", fault.to_string(), None),
        };
        let mut last = None;
        let count = u32::try_from(addresses.len()).unwrap_or(u32::MAX).max(1);
        let share = self.until.saturating_duration_since(Instant::now()) / count;
        for address in addresses {
            let seen = self.at(kdc, address, Instant::now() + share).await;
            if seen.answers() {
                return seen;
            }
            last = Some(seen);
        }
        last.unwrap_or_else(|| {
            let words = "its name has no address".to_owned();
            self.failed(kdc, None, "no-address", words, None)
        })
    }

    async fn at(&self, kdc: &Kdc, address: IpAddr, until: Instant) -> Seen {
        let first = self.exchange(kdc, address, until, &self.client).await;
        // An account that needs no pre-authentication gets a ticket, which
        // tells no time: then the answer for nobody does.
        if first.answers() && first.time.is_none() {
            let second = self.exchange(kdc, address, until, &nobody()).await;
            if second.time.is_some() {
                return second;
            }
        }
        first
    }

    async fn exchange(
        &self,
        kdc: &Kdc,
        address: IpAddr,
        until: Instant,
        client: &PrincipalName,
    ) -> Seen {
        let sent = Timestamp::now();
        let started = Instant::now();
        let message = as_request(
            &[],
            &KdcRequestBody {
                options: 0,
                client: Some(client),
                realm: self.realm,
                service: &PrincipalName::ticket_granting(self.realm),
                nonce: nonce().unwrap_or(1),
                encryption_types: &SUPPORTED,
                now: sent,
            },
        );
        let answer = send(SocketAddr::new(address, kdc.port), &message, until).await;
        let elapsed = started.elapsed();
        let answer = answer
            .and_then(|bytes| KdcAnswer::from_der(&bytes).map_err(|_| SendFault::NotKerberos));
        let error = match answer {
            Ok(KdcAnswer::Error(error)) => error,
            Ok(KdcAnswer::Reply(_)) => {
                let words = "it answers, with a ticket that tells no time".to_owned();
                let mut seen = self.failed(kdc, Some(address), "answering", words, Some(elapsed));
                seen.elapsed = Some(elapsed);
                return seen;
            }
            Err(fault) => {
                let status = match fault {
                    SendFault::Refused => "refused",
                    SendFault::NotKerberos => "not-kerberos",
                    _ => "silent",
                };
                return self.failed(kdc, Some(address), status, fault.to_string(), Some(elapsed));
            }
        };
        // The KDC read its clock about halfway between question and answer.
        let halfway = jiff::SignedDuration::try_from(elapsed / 2).unwrap_or_default();
        let ours = sent.checked_add(halfway).unwrap_or(sent);
        let offset = offset_seconds(error.time, ours);
        let wrong_realm = matches!(
            error.code,
            error_code::WRONG_REALM | error_code::SERVICE_UNKNOWN
        );
        let words = if wrong_realm {
            format!(
                "it answers, but is no KDC of {}: {}",
                self.realm,
                error_code::in_words(error.code)
            )
        } else {
            format!(
                "it answers (code {}, {}); its clock says {}, {}",
                error.code,
                error_code::name(error.code),
                error.time,
                offset_in_words(offset)
            )
        };
        let status = if wrong_realm {
            "wrong-realm"
        } else {
            "answering"
        };
        let mut seen = self.failed(kdc, Some(address), status, words, Some(elapsed));
        seen.elapsed = Some(elapsed);
        seen.time = Some(error.time);
        seen.offset = Some(offset);
        seen.code = Some(error.code);
        seen
    }

    fn failed(
        &self,
        kdc: &Kdc,
        address: Option<IpAddr>,
        status: &'static str,
        words: String,
        elapsed: Option<Duration>,
    ) -> Seen {
        let shown = address
            .map(|address| format!(" ({address})"))
            .unwrap_or_default();
        Seen {
            kdc: kdc.clone(),
            address,
            status,
            elapsed: None,
            time: None,
            offset: None,
            code: None,
            evidence: evidence(
                &format!(
                    "KDC {kdc}{shown}: AS-REQ in {} without a password",
                    self.realm
                ),
                words,
                elapsed,
            ),
        }
    }
}

fn offset_in_words(offset: i64) -> String {
    match offset {
        0 => "the same as ours".to_owned(),
        ahead @ 1.. => format!("{ahead} s ahead of ours"),
        behind => format!("{} s behind ours", behind.unsigned_abs()),
    }
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
    let status = if alive == 0 {
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
