//! Asking the KDCs of a realm.
//!
//! A KDC that does not take a connection at once does not hold the next up:
//! that is tried beside it. The message itself is sent to one KDC after the
//! other, since it may show a password, and each that refuses it may count that.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use jiff::Timestamp;
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::super::der::application_tag;
use super::super::krb5_conf::Krb5Conf;
use super::super::message::KdcAnswer;
use super::{Kdc, PATIENCE, SendFault, addresses, connect, evidence, locate, say, whom};
use crate::probe::{Evidence, LiveSession};

/// How long a KDC may take to accept a connection before the next is tried
/// beside it.
const HEAD_START: Duration = Duration::from_millis(500);

/// An answer, and from whom.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The KDC.
    pub kdc: Kdc,
    /// Its address.
    pub address: IpAddr,
    /// What it says.
    pub answer: KdcAnswer,
    /// When it came, by this host's clock.
    pub received: Timestamp,
    /// How long it took.
    pub elapsed: Duration,
}

impl Answered {
    /// The KDC as evidence names it.
    pub fn whom(&self) -> String {
        whom(&self.kdc, Some(self.address))
    }
}

/// Why a realm did not answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum RealmFault {
    /// No KDC is known.
    #[error("{0}")]
    NotFound(String),
    /// None of the known ones answers.
    #[error("no KDC of {realm} answered ({tried})")]
    Silent {
        /// The realm.
        realm: String,
        /// Whom we tried, and what they did.
        tried: String,
    },
}

/// Asks the KDCs of a realm until one answers. What was tried in vain becomes
/// evidence here; the answer does not, since only the caller knows what it
/// means.
pub async fn ask(
    session: &LiveSession,
    conf: &Krb5Conf,
    realm: &str,
    what: &str,
    message: &[u8],
    deadline: Instant,
    trail: &mut Vec<Evidence>,
) -> Result<Answered, RealmFault> {
    let mut located = locate(session, conf, realm, deadline)
        .await
        .map_err(|fault| RealmFault::NotFound(fault.to_string()))?;
    session.tickets.prefer(realm, &mut located.kdcs);
    let mut asking = Asking {
        session,
        what,
        deadline,
        kdcs: located.kdcs.into(),
        places: VecDeque::new(),
        under_way: Vec::new(),
        tried: Vec::new(),
        trail,
    };
    match asking.run(message).await {
        Some(answered) => {
            session.tickets.remember(realm, &answered.kdc);
            Ok(answered)
        }
        None => Err(RealmFault::Silent {
            realm: realm.to_owned(),
            tried: asking.tried.join("; "),
        }),
    }
}

/// One address of a KDC.
#[derive(Clone)]
struct Place {
    kdc: Kdc,
    address: IpAddr,
}

/// What became of a connection.
struct Reached {
    place: Place,
    started: Instant,
    stream: Result<TcpStream, SendFault>,
    /// Whether it had been made before: the KDC may have closed it meanwhile.
    is_spare: bool,
}

struct Asking<'a> {
    session: &'a LiveSession,
    what: &'a str,
    deadline: Instant,
    kdcs: VecDeque<Kdc>,
    /// The addresses of the KDC that comes next.
    places: VecDeque<Place>,
    /// The connections that are being made, and since when.
    under_way: Vec<(Place, Instant)>,
    tried: Vec<String>,
    trail: &'a mut Vec<Evidence>,
}

impl Asking<'_> {
    async fn run(&mut self, message: &[u8]) -> Option<Answered> {
        let spare = &self.session.tickets.spare;
        let repeatable = shows_no_password(message);
        let mut connecting = FuturesUnordered::new();
        loop {
            let started = Instant::now();
            if started >= self.deadline {
                for (place, started) in std::mem::take(&mut self.under_way) {
                    let fault = SendFault::NoConnection;
                    self.failed(&place.kdc, Some(place.address), &fault, Some(started));
                }
                return None;
            }
            if let Some(place) = self.next_place().await {
                self.under_way.push((place.clone(), started));
                let address = SocketAddr::new(place.address, place.kdc.port);
                let spare = repeatable.then(|| spare.take(address)).flatten();
                connecting.push(reach(place, spare, self.deadline));
            } else if connecting.is_empty() {
                return None;
            }
            let is_last = self.kdcs.is_empty() && self.places.is_empty();
            let pause = if is_last { PATIENCE } else { HEAD_START };
            let until = self.deadline.min(Instant::now() + pause);
            let Ok(Some(Reached {
                place,
                started,
                stream,
                is_spare,
            })) = tokio::time::timeout_at(until, connecting.next()).await
            else {
                continue;
            };
            self.under_way
                .retain(|(other, _)| (&other.kdc, other.address) != (&place.kdc, place.address));
            let answer = match stream {
                Ok(mut stream) => {
                    let until = self.deadline.min(Instant::now() + PATIENCE);
                    let answer = say(&mut stream, message, until).await;
                    if answer.is_ok() && repeatable {
                        let address = SocketAddr::new(place.address, place.kdc.port);
                        spare.put(address, stream);
                    }
                    answer
                }
                Err(fault) => Err(fault),
            };
            if is_spare && answer.is_err() {
                self.places.push_front(place);
                continue;
            }
            let answer = answer
                .and_then(|bytes| KdcAnswer::from_der(&bytes).map_err(|_| SendFault::NotKerberos));
            match answer {
                Ok(answer) => {
                    for (place, started) in &self.under_way {
                        self.trail.push(evidence(
                            &format!("{}: {}", whom(&place.kdc, Some(place.address)), self.what),
                            "no connection yet when another KDC took one",
                            Some(started.elapsed()),
                        ));
                    }
                    return Some(Answered {
                        kdc: place.kdc,
                        address: place.address,
                        answer,
                        received: Timestamp::now(),
                        elapsed: started.elapsed(),
                    });
                }
                Err(fault) => self.failed(&place.kdc, Some(place.address), &fault, Some(started)),
            }
        }
    }

    async fn next_place(&mut self) -> Option<Place> {
        loop {
            if let Some(place) = self.places.pop_front() {
                return Some(place);
            }
            let kdc = self.kdcs.pop_front()?;
            match addresses(self.session, &kdc, self.deadline).await {
                Ok(found) => {
                    let place = |address| Place {
                        kdc: kdc.clone(),
                        address,
                    };
                    self.places.extend(found.into_iter().map(place));
                }
                Err(fault) => self.failed(&kdc, None, &fault, None),
            }
        }
    }

    fn failed(
        &mut self,
        kdc: &Kdc,
        address: Option<IpAddr>,
        fault: &dyn std::fmt::Display,
        started: Option<Instant>,
    ) {
        let asked = format!("{}: {}", whom(kdc, address), self.what);
        let elapsed = started.map(|started| started.elapsed());
        self.trail
            .push(evidence(&asked, fault.to_string(), elapsed));
        self.tried.push(match address {
            Some(_) => format!("{kdc}: {fault}"),
            None => format!("{kdc}: its name has no address"),
        });
    }
}

async fn reach(place: Place, spare: Option<TcpStream>, deadline: Instant) -> Reached {
    let started = Instant::now();
    let until = deadline.min(started + PATIENCE);
    let address = SocketAddr::new(place.address, place.kdc.port);
    let is_spare = spare.is_some();
    let stream = match spare {
        Some(stream) => Ok(stream),
        None => connect(address, until).await,
    };
    Reached {
        place,
        started,
        stream,
        is_spare,
    }
}

/// Whether a message is a TGS-REQ (RFC 4120 5.4.1): only that may be said once more
/// when a connection turns out to be closed.
fn shows_no_password(message: &[u8]) -> bool {
    message.first() == Some(&application_tag(12))
}

#[cfg(test)]
mod tests;
