//! Asking one KDC for its time.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::super::encryption::SUPPORTED;
use super::super::initial::nonce;
use super::super::kdc::{Kdc, NotKnown, SendFault, addresses, evidence, offset_seconds, send};
use super::super::message::{KdcAnswer, PrincipalName, name_type};
use super::super::request::{KdcRequestBody, as_request};
use super::super::{error_code, facts};
use super::declaration::NAMES_UNANSWERED;
use super::offset_in_words;
use crate::probe::declare::milliseconds;
use crate::probe::{Evidence, LiveSession};

/// A name that no account has.
const NOBODY: &str = "sspi-doctor-asks-the-time";
/// The name of nobody.
pub fn nobody() -> PrincipalName {
    PrincipalName {
        kind: name_type::PRINCIPAL,
        parts: vec![NOBODY.to_owned()],
    }
}

/// One KDC as it was seen.
pub struct Seen {
    /// Which it is.
    pub kdc: Kdc,
    /// The address that answered, or the last one tried.
    address: Option<IpAddr>,
    /// The word in the fact `status`.
    status: &'static str,
    /// How long it took to answer.
    pub elapsed: Option<Duration>,
    /// Its clock.
    time: Option<Timestamp>,
    /// Its clock minus ours, in seconds.
    pub offset: Option<i64>,
    /// The code of its answer.
    code: Option<i32>,
    /// The exchange in words.
    pub evidence: Evidence,
}

impl Seen {
    /// Whether it answers as a KDC of the realm.
    pub fn answers(&self) -> bool {
        self.status == "answering"
    }

    /// Whether it was not asked since no name server tells its address.
    pub fn has_no_name(&self) -> bool {
        self.status == NAMES_UNANSWERED
    }

    /// Its record among the facts.
    pub fn fact(&self) -> Value {
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

/// What all KDCs of a realm are asked.
pub struct Asking<'a> {
    /// For names and settings.
    pub session: &'a LiveSession,
    /// The realm.
    pub realm: &'a str,
    /// For whom a ticket is asked.
    pub client: PrincipalName,
    /// When every answer must have come.
    pub until: Instant,
}

impl Asking<'_> {
    /// Asks one KDC, at each of its addresses until one answers.
    pub async fn one(&self, kdc: &Kdc) -> Seen {
        let addresses = match addresses(self.session, kdc, self.until).await {
            Ok(addresses) => addresses,
            Err(fault) => {
                let status = match fault {
                    NotKnown::NamesUnanswered(_) => NAMES_UNANSWERED,
                    NotKnown::Nowhere(_) => "no-address",
                };
                return self.failed(kdc, None, status, fault.to_string(), None);
            }
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
