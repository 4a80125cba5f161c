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
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;
    use crate::probe::kerberos::der;

    /// KRB-ERROR 7, with its length.
    fn unknown() -> Vec<u8> {
        let error = der::element(
            der::application_tag(30),
            &[&der::sequence(&[
                &der::field(4, &der::time(Timestamp::UNIX_EPOCH)),
                &der::field(5, &der::integer(0)),
                &der::field(6, &der::integer(7)),
            ])],
        );
        let length = u32::try_from(error.len()).unwrap();
        [&length.to_be_bytes()[..], &error].concat()
    }

    /// Reads a question; gives back its length.
    async fn question(stream: &mut TcpStream) -> usize {
        let length = usize::try_from(stream.read_u32().await.unwrap()).unwrap();
        let mut question = vec![0; length];
        stream.read_exact(&mut question).await.unwrap();
        length
    }

    /// Answers a question with KRB-ERROR 7, when it is asked to answer.
    async fn kdc(answers: bool) -> (u16, tokio::task::JoinHandle<usize>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let task = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let length = question(&mut stream).await;
            if answers {
                stream.write_all(&unknown()).await.unwrap();
            }
            length
        });
        (port, task)
    }

    async fn asked(kdcs: &[u16]) -> (Result<Answered, RealmFault>, Vec<Evidence>, Duration) {
        let started = Instant::now();
        let (result, trail) = asked_in(&LiveSession::default(), kdcs, b"abc").await;
        (result, trail, started.elapsed())
    }

    async fn asked_in(
        session: &LiveSession,
        kdcs: &[u16],
        message: &[u8],
    ) -> (Result<Answered, RealmFault>, Vec<Evidence>) {
        let lines: Vec<String> = kdcs
            .iter()
            .map(|port| format!("kdc = 127.0.0.1:{port}"))
            .collect();
        let text = format!("[realms]\nCORP.EXAMPLE = {{\n{}\n}}\n", lines.join("\n"));
        let conf = Krb5Conf::from_text(std::path::Path::new("krb5.conf"), &text);
        let mut trail = Vec::new();
        let deadline = Instant::now() + Duration::from_secs(10);
        let result = ask(
            session,
            &conf,
            "CORP.EXAMPLE",
            "a question",
            message,
            deadline,
            &mut trail,
        )
        .await;
        (result, trail)
    }

    /// A KDC that answers so many questions a connection, and tells how many
    /// connections it took for three.
    async fn three_questions(a_connection: usize, message: &[u8]) -> usize {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let kdc = tokio::spawn(async move {
            let (mut connections, mut left) = (0, 3);
            while left > 0 {
                let (mut stream, _) = listener.accept().await.unwrap();
                connections += 1;
                for _ in 0..a_connection.min(left) {
                    // Who asks anew hangs up.
                    if stream.peek(&mut [0]).await.unwrap() == 0 {
                        break;
                    }
                    question(&mut stream).await;
                    stream.write_all(&unknown()).await.unwrap();
                    left -= 1;
                }
            }
            connections
        });
        let session = LiveSession::default();
        for _ in 0..3 {
            let (answered, trail) = asked_in(&session, &[port], message).await;
            assert!(answered.is_ok() && trail.is_empty(), "{trail:#?}");
        }
        drop(session);
        kdc.await.unwrap()
    }

    #[tokio::test]
    async fn a_connection_serves_as_long_as_the_kdc_keeps_it_and_no_password_goes_over_it() {
        let (tgs_req, as_req) = ([application_tag(12)], [application_tag(10)]);
        assert_eq!(three_questions(3, &tgs_req).await, 1);
        assert_eq!(three_questions(2, &tgs_req).await, 2);
        assert_eq!(three_questions(1, &tgs_req).await, 3);
        assert_eq!(three_questions(3, &as_req).await, 3);
    }

    #[tokio::test]
    async fn one_that_refuses_or_hangs_up_is_passed_over_at_once() {
        let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let refusing = closed.local_addr().unwrap().port();
        drop(closed);
        let (hanging_up, first) = kdc(false).await;
        let (answering, second) = kdc(true).await;
        let (answered, trail, took) = asked(&[refusing, hanging_up, answering]).await;
        assert_eq!(answered.unwrap().kdc.port, answering);
        assert_eq!(trail.len(), 2, "{trail:#?}");
        assert!(took < HEAD_START, "{took:?}");
        // The message came to both, to the one after the other.
        assert_eq!((first.await.unwrap(), second.await.unwrap()), (3, 3));
    }

    #[tokio::test]
    async fn what_every_kdc_did_is_told() {
        let (answered, trail, _) = asked(&[1, 2]).await;
        let words = answered.unwrap_err().to_string();
        assert_eq!(words.matches("refused").count(), 2, "{words}");
        assert_eq!(trail.len(), 2);
    }

    #[tokio::test]
    async fn the_message_goes_to_one_at_a_time() {
        let (answering, first) = kdc(true).await;
        let (other, second) = kdc(true).await;
        let (answered, _, _) = asked(&[answering, other]).await;
        assert_eq!(answered.unwrap().kdc.port, answering);
        assert_eq!(first.await.unwrap(), 3);
        assert!(!second.is_finished());
    }
}
