//! The listeners of a scenario, and what all their connections share.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
use thiserror::Error;
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::kerberos::{Keytab, KeytabError};
use crate::log::EventLog;
use crate::scenario::{Instance, Scenario, ScenarioError};
use crate::session;
use crate::ssrp;
use crate::tls::{TlsConfigs, TlsError};

/// The most connections that one listener serves at a time.
const CONNECTION_LIMIT: usize = 128;
/// The pause after the system could not accept or receive, so that a lasting
/// failure does not eat the processor.
const AFTER_FAILURE: Duration = Duration::from_millis(50);

/// Why the peer cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The scenario is wrong.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// A certificate cannot be had.
    #[error("instance {instance}: {source}")]
    Tls {
        /// The instance.
        instance: String,
        /// Why.
        source: TlsError,
    },
    /// A keytab cannot be read.
    #[error("instance {instance}: {source}")]
    Keytab {
        /// The instance.
        instance: String,
        /// Why.
        source: KeytabError,
    },
    /// An address cannot be listened on.
    #[error("{what} cannot listen on {address}: {source}")]
    Bind {
        /// The instance, or SQL Browser.
        what: String,
        /// The address and port.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
}

/// What all connections share.
#[derive(Debug)]
pub struct Server {
    /// The scenario.
    pub scenario: Scenario,
    /// The event log.
    pub log: EventLog,
    started: Timestamp,
    connections: AtomicU64,
    faults: AtomicU64,
}

/// An instance with what was made for it at start.
#[derive(Debug)]
pub struct LiveInstance {
    /// Its part of the scenario.
    pub instance: Instance,
    /// Its TLS configurations.
    pub tls: TlsConfigs,
    /// The keys of its service account.
    pub keytab: Option<Keytab>,
    /// `HOST`, or `HOST\INSTANCE`.
    pub server_name: String,
    version: [u16; 4],
}

impl LiveInstance {
    /// Version and sub-build as PRELOGIN has them.
    pub fn version_bytes(&self) -> [u8; 6] {
        let [major, minor, build, _] = self.version;
        let [high, low] = build.to_be_bytes();
        let narrow = |number: u16| u8::try_from(number).unwrap_or(u8::MAX);
        [narrow(major), narrow(minor), high, low, 0, 0]
    }

    /// The version as LOGINACK has it.
    pub fn product_version(&self) -> [u8; 4] {
        let [major, minor, high, low, ..] = self.version_bytes();
        [major, minor, high, low]
    }
}

impl Server {
    /// The number of the next connection, from 1.
    pub fn next_connection(&self) -> u64 {
        self.connections.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// The server's clock.
    pub fn now(&self) -> Timestamp {
        self.shifted(Timestamp::now())
    }

    /// A moment of this machine on the server's clock.
    pub fn shifted(&self, moment: Timestamp) -> Timestamp {
        let offset = SignedDuration::from_secs(self.scenario.clock_offset_seconds);
        moment.checked_add(offset).unwrap_or(moment)
    }

    /// When the service started, on its own clock.
    pub fn start_time(&self) -> Timestamp {
        self.scenario
            .start_time
            .unwrap_or_else(|| self.shifted(self.started))
    }

    /// Notes a query without an answer, loudly: the run counts as failed.
    pub fn unknown_query(&self, instance: &str, sql: &str) {
        self.faults.fetch_add(1, Ordering::Relaxed);
        let _ = writeln!(
            io::stderr(),
            "tds-peer: {instance}: the scenario has no answer to: {sql}"
        );
    }

    /// Notes a fault of the peer itself.
    fn internal_fault(&self, what: &str) {
        self.faults.fetch_add(1, Ordering::Relaxed);
        let _ = writeln!(io::stderr(), "tds-peer: internal fault: {what}");
        self.log.event("internal-fault", json!({"what": what}));
    }
}

/// A time as SQL text with seven digits behind the second, in UTC.
pub fn sql_time(moment: Timestamp) -> String {
    let time = Offset::UTC.to_datetime(moment);
    format!("{} {:.7}", time.date(), time.time())
}

/// Where the peer listens, as written to the ready file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ready {
    /// One entry for each address of each instance.
    pub instances: Vec<Endpoint>,
    /// The UDP addresses of SQL Browser.
    pub browser: Vec<SocketAddr>,
}

/// One listening address of an instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Endpoint {
    /// The instance's name.
    pub name: String,
    /// Address and port, the actual one when 0 was asked for.
    pub address: SocketAddr,
}

impl Ready {
    /// The first address of an instance.
    pub fn address(&self, instance: &str) -> Option<SocketAddr> {
        self.instances
            .iter()
            .find(|endpoint| endpoint.name == instance)
            .map(|endpoint| endpoint.address)
    }

    /// Writes the file in one step, so that who waits for it never reads half.
    pub fn write_to(&self, path: &Path) -> io::Result<()> {
        let text = serde_json::to_string_pretty(self).map_err(io::Error::other)?;
        let temporary = path.with_extension("partial");
        std::fs::write(&temporary, text)?;
        std::fs::rename(&temporary, path)
    }
}

/// A peer that listens.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub ready: Ready,
    server: Arc<Server>,
    listeners: JoinSet<()>,
}

impl Running {
    /// Ends all listeners and connections. The number given back counts the
    /// queries that had no answer and other faults; a good run has none.
    pub async fn stop(mut self) -> u64 {
        self.listeners.shutdown().await;
        let faults = self.server.faults.load(Ordering::Relaxed);
        self.server.log.event("stop", json!({"faults": faults}));
        faults
    }
}

/// Binds everything that the scenario names and begins to serve.
pub async fn start(scenario: Scenario, log: EventLog) -> Result<Running, StartError> {
    scenario.check()?;
    let server = Arc::new(Server {
        scenario,
        log,
        started: Timestamp::now(),
        connections: AtomicU64::new(0),
        faults: AtomicU64::new(0),
    });
    let mut listeners = JoinSet::new();
    let mut instances = Vec::new();
    for instance in &server.scenario.instances {
        let live = Arc::new(prepare(&server.scenario, instance)?);
        // With port 0 the first address chooses and the others follow, for an
        // instance has one port.
        let mut port = instance.port;
        for ip in &instance.listen {
            let wanted = SocketAddr::new(*ip, port);
            let bind = |source| StartError::Bind {
                what: format!("instance {}", instance.name),
                address: wanted,
                source,
            };
            let listener = TcpListener::bind(wanted).await.map_err(bind)?;
            let address = listener.local_addr().map_err(bind)?;
            port = address.port();
            instances.push(Endpoint {
                name: instance.name.clone(),
                address,
            });
            listeners.spawn(accept(Arc::clone(&server), Arc::clone(&live), listener));
        }
    }
    let mut browser = Vec::new();
    if let Some(wanted) = &server.scenario.browser {
        let answers = ssrp::Answers::new(&server.scenario, &instances);
        for ip in &wanted.listen {
            let address = SocketAddr::new(*ip, wanted.port);
            let bind = |source| StartError::Bind {
                what: "SQL Browser".into(),
                address,
                source,
            };
            let socket = UdpSocket::bind(address).await.map_err(bind)?;
            browser.push(socket.local_addr().map_err(bind)?);
            let silent = wanted.silent;
            listeners.spawn(browse(Arc::clone(&server), socket, answers.clone(), silent));
        }
    }
    let ready = Ready { instances, browser };
    server
        .log
        .event("ready", serde_json::to_value(&ready).unwrap_or(Value::Null));
    Ok(Running {
        ready,
        server,
        listeners,
    })
}

fn prepare(scenario: &Scenario, instance: &Instance) -> Result<LiveInstance, StartError> {
    let tls = TlsConfigs::new(&instance.certificate).map_err(|source| StartError::Tls {
        instance: instance.name.clone(),
        source,
    })?;
    let keytab = match &instance.kerberos {
        Some(kerberos) => {
            Some(
                Keytab::load(&kerberos.keytab).map_err(|source| StartError::Keytab {
                    instance: instance.name.clone(),
                    source,
                })?,
            )
        }
        None => None,
    };
    let server_name = if instance.name.eq_ignore_ascii_case("MSSQLSERVER") {
        scenario.host_name.clone()
    } else {
        format!("{}\\{}", scenario.host_name, instance.name)
    };
    let version = instance.version_numbers().unwrap_or([16, 0, 0, 0]);
    Ok(LiveInstance {
        instance: instance.clone(),
        tls,
        keytab,
        server_name,
        version,
    })
}

async fn accept(server: Arc<Server>, live: Arc<LiveInstance>, listener: TcpListener) {
    let room = Arc::new(Semaphore::new(CONNECTION_LIMIT));
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((tcp, client)) = accepted else {
                    sleep(AFTER_FAILURE).await;
                    continue;
                };
                let Ok(permit) = Arc::clone(&room).try_acquire_owned() else {
                    server.log.event("connection-limit", json!({"client": client.to_string()}));
                    continue;
                };
                let (server, live) = (Arc::clone(&server), Arc::clone(&live));
                connections.spawn(async move {
                    session::serve(server, live, tcp, client).await;
                    drop(permit);
                });
            }
            Some(ended) = connections.join_next() => {
                if let Err(error) = ended && error.is_panic() {
                    server.internal_fault("a connection panicked");
                }
            }
        }
    }
}

async fn browse(server: Arc<Server>, socket: UdpSocket, answers: ssrp::Answers, silent: bool) {
    let mut buffer = [0; 1024];
    loop {
        let Ok((length, client)) = socket.recv_from(&mut buffer).await else {
            sleep(AFTER_FAILURE).await;
            continue;
        };
        let request = ssrp::Request::parse(&buffer[..length]);
        let answer = if silent {
            None
        } else {
            request.as_ref().and_then(|request| answers.answer(request))
        };
        server.log.event(
            "ssrp",
            json!({
                "client": client.to_string(),
                "request": request.map_or_else(|| "malformed".to_owned(), |request| request.to_string()),
                "answered": answer.is_some(),
            }),
        );
        if let Some(answer) = answer
            && let Err(error) = socket.send_to(&answer, client).await
        {
            server.log.event(
                "ssrp",
                json!({"client": client.to_string(), "error": error.to_string()}),
            );
        }
    }
}
