//! `kerberos-udp`: do the answers of the KDCs come through by UDP as well?

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream;
use jiff::Timestamp;
use tokio::net::UdpSocket;
use tokio::time::{Instant, timeout, timeout_at};

use super::encryption::SUPPORTED;
use super::initial::nonce;
use super::kdc::{Kdc, MOST_AT_ONCE, addresses};
use super::krb5_conf::Krb5Conf;
use super::message::{KdcAnswer, PrincipalName, name_type};
use super::request::{KdcRequestBody, as_request};
use crate::probe::attempt::attempt;
use crate::probe::declare::{exchange, fact, fault, good, required, unknown};
use crate::probe::{
    Consent, Context, FactKind, LiveSession, Outcome, Probe, ProbeDeclaration, ProbeRequest,
};

/// How often a KDC is asked, and how long each time.
const TRIES: u32 = 2;
const PATIENCE: Duration = Duration::from_millis(1200);
/// What is left of the time to tell what was seen.
const MARGIN: Duration = Duration::from_millis(100);

/// What the probe takes and tells.
static DECLARATION: ProbeDeclaration = ProbeDeclaration {
    key: "kerberos-udp",
    title: "KDCs by UDP",
    help: "Asks KDCs that answer by TCP the same by UDP. Kerberos libraries on Linux try UDP first, unless krb5.conf has a small udp_preference_limit; a firewall that drops it makes them wait, or fail. No bad logon is counted.",
    consent: Consent::Silent,
    deadline: Duration::from_secs(5),
    arguments: &[
        required("realm", FactKind::HostName, "the realm"),
        required(
            "hosts",
            FactKind::List(&FactKind::HostName),
            "the KDCs that answer by TCP",
        ),
    ],
    statuses: &[
        good(
            "answering",
            "every KDC answers by UDP as well, or refuses it at once",
        ),
        good("not-used", "krb5.conf makes programs use TCP alone"),
        fault(
            "lost",
            "at least one KDC does not answer by UDP: its answers are lost on the way",
        ),
        unknown("no-address", "no KDC has an address that could be asked"),
    ],
    facts: &[
        fact(
            "lost",
            FactKind::List(&FactKind::HostName),
            "the KDCs from which nothing came by UDP",
        ),
        fact(
            "preference_limit",
            FactKind::Text,
            "udp_preference_limit of krb5.conf; null when it is not set",
        ),
    ],
};

/// The probe.
#[derive(Debug)]
pub struct KerberosUdp;

impl Probe for KerberosUdp {
    fn declaration(&self) -> &'static ProbeDeclaration {
        &DECLARATION
    }

    fn observe<'a>(
        &'a self,
        request: &'a ProbeRequest,
        context: &'a Context,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            match (request.text("realm"), request.texts("hosts")) {
                (Ok(realm), Ok(hosts)) => {
                    observe(realm, &hosts, &context.session, context.deadline - MARGIN).await
                }
                (Err(fault), _) | (_, Err(fault)) => {
                    Outcome::not_observed(&DECLARATION, &fault.to_string())
                }
            }
        })
    }
}

async fn observe(
    realm: &str,
    hosts: &[String],
    session: &LiveSession,
    deadline: Instant,
) -> Outcome {
    let mut outcome = Outcome::of(&DECLARATION);
    let conf = Krb5Conf::read(session.settings.krb5_conf.as_deref());
    let limit = conf.default_of("udp_preference_limit");
    outcome
        .fact("preference_limit", limit)
        .by_hand_linux("grep -n udp_preference_limit /etc/krb5.conf")
        // MaxPacketSize 1 means TCP always.
        .by_hand_windows(
            r"reg query HKLM\SYSTEM\CurrentControlSet\Control\Lsa\Kerberos\Parameters /v MaxPacketSize",
        );
    // Every request is longer than that.
    if limit
        .and_then(|text| text.parse::<u32>().ok())
        .is_some_and(|limit| limit < 200)
    {
        outcome.summary("TCP alone");
        return outcome.finish("not-used");
    }
    let kdcs: Vec<Kdc> = hosts.iter().filter_map(|host| Kdc::parse(host)).collect();
    let until = deadline.min(Instant::now() + PATIENCE);
    let asking = kdcs.iter().map(|kdc| async move {
        let address = addresses(session, kdc, until)
            .await
            .ok()?
            .first()
            .copied()?;
        let started = Instant::now();
        let asked = timeout_at(deadline, ask(realm, address, kdc.port));
        let asked = async { asked.await.unwrap_or(Answer::Lost) };
        let answered = |answer: &Answer| !matches!(answer, Answer::Lost);
        let answer = attempt(&kdc.host, asked, answered).await;
        Some((kdc, address, answer, started.elapsed()))
    });
    let asking: Vec<_> = asking.collect();
    let answers: Vec<_> = stream::iter(asking).buffered(MOST_AT_ONCE).collect().await;
    let mut lost: Vec<&str> = Vec::new();
    let mut asked = 0;
    for (kdc, address, answer, elapsed) in answers.into_iter().flatten() {
        asked += 1;
        let words = match answer {
            Answer::Came => "it answers",
            Answer::Refused => "it takes no UDP, and says so at once",
            Answer::Lost => {
                lost.push(&kdc.host);
                "nothing came back"
            }
        };
        outcome.evidence(exchange(
            format!("KDC {kdc} ({address}) by UDP: AS-REQ in {realm}"),
            words.to_owned(),
            elapsed,
        ));
    }
    let status = match (asked, lost.is_empty()) {
        (0, _) => "no-address",
        (_, true) => "answering",
        (_, false) => "lost",
    };
    outcome.summary(match status {
        "answering" => "UDP works".to_owned(),
        "lost" => format!("lost by UDP: {}", lost.join(", ")),
        _ => "no KDC could be asked".to_owned(),
    });
    outcome.fact("lost", lost);
    outcome.finish(status)
}

enum Answer {
    Came,
    Refused,
    Lost,
}

/// One datagram each way, RFC 4120 7.2.1.
async fn ask(realm: &str, address: IpAddr, port: u16) -> Answer {
    let nobody = PrincipalName {
        kind: name_type::PRINCIPAL,
        parts: vec!["sspi-doctor-asks-the-time".to_owned()],
    };
    let message = as_request(
        &[],
        &KdcRequestBody {
            options: 0,
            client: Some(&nobody),
            realm,
            service: &PrincipalName::ticket_granting(realm),
            nonce: nonce().unwrap_or(1),
            encryption_types: &SUPPORTED,
            now: Timestamp::now(),
        },
    );
    let any: IpAddr = if address.is_ipv4() {
        std::net::Ipv4Addr::UNSPECIFIED.into()
    } else {
        std::net::Ipv6Addr::UNSPECIFIED.into()
    };
    let Ok(socket) = UdpSocket::bind((any, 0)).await else {
        return Answer::Refused;
    };
    if socket
        .connect(SocketAddr::new(address, port))
        .await
        .is_err()
    {
        return Answer::Refused;
    }
    let mut buffer = vec![0; 65_535];
    for _ in 0..TRIES {
        if socket.send(&message).await.is_err() {
            return Answer::Refused;
        }
        match timeout(PATIENCE, socket.recv(&mut buffer)).await {
            Ok(Ok(length)) if KdcAnswer::from_der(&buffer[..length]).is_ok() => {
                return Answer::Came;
            }
            Ok(Err(_)) => return Answer::Refused,
            Ok(Ok(_)) | Err(_) => {}
        }
    }
    Answer::Lost
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn look_at(host: String) -> Outcome {
        let deadline = Instant::now() + DECLARATION.deadline;
        observe("CORP.EXAMPLE", &[host], &LiveSession::default(), deadline).await
    }

    async fn look(socket: &UdpSocket) -> Outcome {
        look_at(format!("127.0.0.1:{}", socket.local_addr().unwrap().port())).await
    }

    #[tokio::test]
    async fn an_answer_that_is_lost_is_told() {
        // It takes every datagram and sends nothing back.
        let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let outcome = look(&silent).await;
        assert_eq!(outcome.status, "lost", "{outcome:?}");
        assert_eq!(*outcome.fact("lost"), serde_json::json!(["127.0.0.1"]));
    }

    #[tokio::test]
    async fn a_kdc_that_takes_no_udp_loses_nothing() {
        let gone = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let host = format!("127.0.0.1:{}", gone.local_addr().unwrap().port());
        drop(gone);
        let outcome = look_at(host).await;
        assert_eq!(outcome.status, "answering", "{outcome:?}");
    }
}
