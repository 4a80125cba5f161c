//! Real answers, cut off at every byte: the peer closes there. A cut answer is
//! never taken for a whole one, and ends at once.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::stream;
use serde_json::json;
use sspi_doctor::probe::credential::{Credentials, UserPassword};
use sspi_doctor::probe::runner::Live;
use sspi_doctor::probe::{LiveSession, ProbeRequest, Runner as _, Settings, Tone, registry};
use sspi_doctor::secret::Secret;
use tds_peer::log::EventLog;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio_util::sync::CancellationToken;

use super::behaviour::message_number;
use super::{names, network};

/// What a domain controller answered to an AS-REQ without a proof of the
/// password, in its frame.
const KRB_ERROR: &str = include_str!("recorded/krb-error.hex");
/// Its rootDSE, as `ldap-root` asks for it, and the end of the search.
const ROOT_DSE: &str = include_str!("recorded/root-dse.hex");
/// What a SQL Server answers to every query of a session.
const ANSWERS: &str = include_str!("../../src/probe/sql/tests/answers.yaml");
/// What a SQL Server Browser says of two instances.
const BROWSER: &str = "ServerName;SQL1;InstanceName;MSSQLSERVER;IsClustered;No;Version;\
                       16.0.4165.4;tcp;1433;;ServerName;SQL1;InstanceName;INST1;IsClustered;No;\
                       Version;16.0.4165.4;tcp;14331;;";

/// How many are under way at once.
const AT_ONCE: usize = 24;
/// What a probe is given, and what a busy machine may add.
const DEADLINE: Duration = Duration::from_secs(6);
const SLACK: Duration = Duration::from_secs(2);

/// A question to a peer that sends so much of its answer.
struct Cut {
    at: usize,
    /// Whether the answer must be good, or must not; none when some of several
    /// answers are whole.
    whole: Option<bool>,
    request: ProbeRequest,
    session: LiveSession,
}

/// All of them.
pub async fn everywhere() {
    let panics = network::count_panics();
    let mut count = 0;
    count += all(kerberos().await).await;
    count += all(directory().await).await;
    count += all(browser().await).await;
    count += all(names_over_tcp().await).await;
    let server = Sql::start().await;
    count += all(server.greetings().await).await;
    count += all(server.sessions().await).await;
    assert_eq!(panics(), Vec::<String>::new());
    println!("{count} answers that were cut");
}

async fn all(cuts: Vec<Cut>) -> usize {
    let count = cuts.len();
    assert!(count > 30, "{count}");
    let wrong: Vec<String> = stream::iter(cuts)
        .map(|cut| tokio::spawn(one(cut)))
        .buffer_unordered(AT_ONCE)
        .filter_map(|wrong| async { wrong.unwrap() })
        .collect()
        .await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    count
}

async fn one(cut: Cut) -> Option<String> {
    let started = Instant::now();
    let probe = cut.request.probe.clone();
    let live = Live::new(cut.session);
    let cancel = CancellationToken::new();
    let outcome = live.run(cut.request, Some(DEADLINE), cancel).await;
    let declaration = registry::declaration(&probe)?;
    let is_good = declaration.tone(&outcome.status) == Tone::Good;
    let took = started.elapsed();
    let wrong = cut.whole.is_some_and(|whole| whole != is_good)
        || !declaration.has_status(&outcome.status)
        || outcome.status == sspi_doctor::probe::NOT_OBSERVED
        || took > DEADLINE + SLACK;
    wrong.then(|| {
        format!(
            "{probe}, cut at {}: {} after {took:?}, {} {}",
            cut.at,
            outcome.status,
            outcome.summary,
            outcome.fact("reason")
        )
    })
}

fn bytes_of(hex: &str) -> Vec<u8> {
    let digits: Vec<u32> = hex.chars().filter_map(|digit| digit.to_digit(16)).collect();
    digits
        .chunks_exact(2)
        .map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap())
        .collect()
}

/// The address of a peer that cuts at this place.
fn address(kind: u8, at: usize) -> Ipv4Addr {
    let [.., high, low] = u32::try_from(at).unwrap().to_be_bytes();
    Ipv4Addr::new(127, kind, high, low)
}

/// Answers what comes with what `answer` makes of it, and then closes, or, when
/// it does not cut, goes on.
async fn answering(
    at: SocketAddr,
    goes_on: bool,
    answer: impl Fn(&[u8]) -> Vec<u8> + Send + 'static,
) {
    let listener = TcpListener::bind(at).await.unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = vec![0; 4096];
            while let Ok(count @ 1..) = stream.read(&mut request).await {
                let _ = stream.write_all(&answer(&request[..count])).await;
                if !goes_on {
                    break;
                }
            }
        }
    });
}

async fn kerberos() -> Vec<Cut> {
    let whole = bytes_of(KRB_ERROR);
    let mut cuts = Vec::new();
    for at in 0..=whole.len() {
        let host = address(1, at);
        let part = whole[..at].to_vec();
        answering((host, 88).into(), false, move |_| part.clone()).await;
        cuts.push(Cut {
            at,
            whole: Some(at == whole.len()),
            request: ProbeRequest::new("kerberos-kdc")
                .with("realm", "CORP.EXAMPLE")
                .with("hosts", json!([host.to_string()])),
            session: LiveSession::default(),
        });
    }
    // The clock of the recorded answer differs from ours: that is a fault.
    cuts.pop();
    cuts
}

async fn directory() -> Vec<Cut> {
    let whole = bytes_of(ROOT_DSE);
    let mut cuts = Vec::new();
    for at in 0..=whole.len() {
        let host = address(2, at);
        let whole_too = whole.clone();
        answering((host, 389).into(), at == whole.len(), move |request| {
            let mut answer = whole_too.clone();
            number(&mut answer, message_number(request));
            answer[..at].to_vec()
        })
        .await;
        cuts.push(Cut {
            at,
            whole: Some(at == whole.len()),
            request: ProbeRequest::new("ldap-root").with("server", host.to_string()),
            session: LiveSession::default(),
        });
    }
    cuts
}

/// Gives both messages of a recorded answer the number of the question.
fn number(answer: &mut [u8], wanted: u8) {
    let mut at = 0;
    while at + 6 < answer.len() {
        let (head, length) = match answer[at + 1] {
            long @ 0x81..=0x84 => {
                let count = usize::from(long & 0x7f);
                let digits = &answer[at + 2..at + 2 + count];
                let length = digits
                    .iter()
                    .fold(0, |sum, digit| sum << 8 | usize::from(*digit));
                (2 + count, length)
            }
            short => (2, usize::from(short)),
        };
        assert_eq!(answer[at + head..at + head + 2], [2, 1]);
        answer[at + head + 2] = wanted;
        at += head + length;
    }
}

async fn browser() -> Vec<Cut> {
    let length = u16::try_from(BROWSER.len()).unwrap().to_le_bytes();
    let whole = [&[5][..], &length, BROWSER.as_bytes()].concat();
    let mut cuts = Vec::new();
    for at in 0..=whole.len() {
        let host = address(3, at);
        let socket = UdpSocket::bind((host, 1434)).await.unwrap();
        let part = whole[..at].to_vec();
        tokio::spawn(async move {
            let mut question = [0; 100];
            while let Ok((_, from)) = socket.recv_from(&mut question).await {
                let _ = socket.send_to(&part, from).await;
            }
        });
        cuts.push(Cut {
            at,
            whole: Some(at == whole.len()),
            request: ProbeRequest::new("sql-browser")
                .with("host", host.to_string())
                .with("instance", "INST1"),
            session: LiveSession::default(),
        });
    }
    cuts
}

/// By UDP the name server says that its answer is too long for that.
async fn names_over_tcp() -> Vec<Cut> {
    /// Two bytes of length, the header, the question, one address.
    const WHOLE: usize = 2 + 12 + "dc.silent.example".len() + 2 + 4 + 16;
    let mut cuts = Vec::new();
    for at in 0..=WHOLE {
        let host = address(4, at);
        let socket = UdpSocket::bind((host, 53)).await.unwrap();
        tokio::spawn(async move {
            let mut question = [0; 1500];
            while let Ok((count, from)) = socket.recv_from(&mut question).await {
                let mut answer = question[..count.min(12)].to_vec();
                // Truncated, and no more than the question.
                answer[2] = 0x87;
                answer[3] = 0x80;
                answer[6..12].fill(0);
                answer.extend(names::question(&question[..count]).unwrap());
                let _ = socket.send_to(&answer, from).await;
            }
        });
        answering((host, 53).into(), false, move |request| {
            let answer = names::answer(request.get(2..).unwrap_or_default()).unwrap_or_default();
            let length = u16::try_from(answer.len()).unwrap().to_be_bytes();
            let mut framed = [&length[..], &answer].concat();
            framed.truncate(at);
            framed
        })
        .await;
        cuts.push(Cut {
            at,
            whole: Some(at == WHOLE),
            request: ProbeRequest::new("dns-forward").with("name", "dc.silent.example."),
            session: LiveSession {
                settings: Settings {
                    name_servers: vec![host.into()],
                    ..Settings::default()
                },
                ..LiveSession::default()
            },
        });
    }
    cuts
}

/// A played SQL Server behind relays that cut what it says.
struct Sql {
    peer: tds_peer::server::Running,
}

impl Sql {
    async fn start() -> Self {
        let queries: serde_json::Value = serde_yaml::from_str(ANSWERS).unwrap();
        let scenario = json!({
            "host-name": "SQL1",
            "instances": [{
                "name": "MSSQLSERVER",
                "listen": ["127.0.0.50"],
                "port": 1433,
                "sql-logins": [{"name": "report", "password": "Pa55word"}],
                "queries": queries,
            }],
        });
        let scenario = serde_json::from_value(scenario).unwrap();
        let peer = tds_peer::server::start(scenario, EventLog::nowhere());
        Self {
            peer: peer.await.unwrap(),
        }
    }

    /// A relay that ends a connection after so many bytes of the server; it
    /// tells how many there were.
    async fn relay(&self, at: usize, port: u16) -> (IpAddr, Arc<AtomicUsize>) {
        let target = self.peer.ready.instances[0].address;
        let host = address(5, at % 65_536);
        let listener = TcpListener::bind((host, port)).await.unwrap();
        let most = Arc::<AtomicUsize>::default();
        let told = Arc::clone(&most);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let told = Arc::clone(&told);
                tokio::spawn(async move {
                    let Ok(server) = TcpStream::connect(target).await else {
                        return;
                    };
                    let (mut from_client, mut to_client) = stream.into_split();
                    let (mut from_server, mut to_server) = server.into_split();
                    let there = tokio::io::copy(&mut from_client, &mut to_server);
                    let back = async {
                        let mut left = at;
                        let mut block = vec![0; 16 * 1024];
                        while left > 0 {
                            let most = left.min(block.len());
                            match from_server.read(&mut block[..most]).await {
                                Ok(count) if count > 0 => {
                                    left -= count;
                                    told.fetch_max(at - left, Ordering::SeqCst);
                                    if to_client.write_all(&block[..count]).await.is_err() {
                                        return;
                                    }
                                }
                                _ => return,
                            }
                        }
                    };
                    tokio::select! { _ = there => {}, () = back => {} }
                });
            }
        });
        (host.into(), most)
    }

    /// PRELOGIN and TLS, at every byte of the greeting and many of TLS.
    async fn greetings(&self) -> Vec<Cut> {
        /// The answer to PRELOGIN and the beginning of the TLS handshake.
        const GREETING: usize = 160;
        let cut = |at: usize, whole: Option<bool>, host: IpAddr| Cut {
            at,
            whole,
            request: ProbeRequest::new("sql-prelogin")
                .with("host", host.to_string())
                .with("port", 1433),
            session: LiveSession::default(),
        };
        let (host, most) = self.relay(60_000, 1433).await;
        assert_eq!(one(cut(60_000, Some(true), host)).await, None);
        let whole = most.load(Ordering::SeqCst);
        let mut cuts = Vec::new();
        for at in (0..GREETING).chain((GREETING..whole - 200).step_by(17)) {
            cuts.push(cut(at, Some(false), self.relay(at, 1433).await.0));
        }
        cuts
    }

    /// A login and its questions, at places all over.
    async fn sessions(&self) -> Vec<Cut> {
        let cut = |at: usize, whole: Option<bool>, host: IpAddr| Cut {
            at,
            whole,
            request: ProbeRequest::new("sql-session")
                .with("host", host.to_string())
                .with("port", 1434)
                .with("login", "sql")
                .with("trust_certificate", true),
            session: LiveSession {
                credentials: Credentials {
                    sql_login: Some(UserPassword {
                        user: "report".to_owned(),
                        password: Secret::new("Pa55word".to_owned()),
                    }),
                    ..Credentials::default()
                },
                ..LiveSession::default()
            },
        };
        let (host, most) = self.relay(65_000, 1434).await;
        assert_eq!(one(cut(65_000, Some(true), host)).await, None);
        let whole = most.load(Ordering::SeqCst);
        let mut cuts = Vec::new();
        for at in (0..whole).step_by((whole / 60).max(1)) {
            cuts.push(cut(at, None, self.relay(at, 1434).await.0));
        }
        cuts
    }
}
