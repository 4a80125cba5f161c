//! A peer inside the test's own process, and tiberius as its client.
#![allow(
    dead_code,
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::panic,
    reason = "each test file uses a part of it, and a test fails by panicking"
)]

pub mod lab;
pub mod raw;
pub mod ticket;

use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tds_peer::log::EventLog;
use tds_peer::scenario::{Encryption, Instance, Query, Scenario, SqlLogin};
use tds_peer::server::{Running, start};
use tiberius::{AuthMethod, Client, Config, EncryptionLevel};
use tokio::net::TcpStream;
use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt};

/// What a session asks about itself.
pub const CONNECTION: &str = "SELECT net_transport, auth_scheme, encrypt_option FROM sys.dm_exec_connections \
                              WHERE session_id = @@SPID";

pub type Session = Client<Compat<TcpStream>>;

#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<u8>>>);

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("not poisoned").extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A running peer.
pub struct Peer {
    running: Running,
    log: Memory,
}

impl Peer {
    pub async fn start(scenario: Scenario) -> Self {
        let log = Memory::default();
        let running = start(scenario, EventLog::to_writer(log.clone()))
            .await
            .expect("a peer that listens");
        Self { running, log }
    }

    /// The address of the first instance.
    pub fn address(&self) -> SocketAddr {
        self.running.ready.instances[0].address
    }

    pub fn browser(&self) -> SocketAddr {
        self.running.ready.browser[0]
    }

    /// The events of one kind so far.
    pub fn events(&self, name: &str) -> Vec<Value> {
        let bytes = self.log.0.lock().expect("not poisoned").clone();
        String::from_utf8(bytes)
            .expect("text")
            .lines()
            .map(|line| serde_json::from_str(line).expect("one JSON object a line"))
            .filter(|event: &Value| event["event"] == name)
            .collect()
    }

    /// Waits until `count` events of a kind are there.
    pub async fn wait_for(&self, name: &str, count: usize) -> Vec<Value> {
        for _ in 0..100 {
            let events = self.events(name);
            if events.len() >= count {
                return events;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("no {count} events of the kind {name}");
    }

    /// Ends the peer; gives back the number of its faults.
    pub async fn stop(self) -> u64 {
        self.running.stop().await
    }
}

pub fn instance(encryption: Encryption) -> Instance {
    let mut instance = Instance::named("MSSQLSERVER");
    instance.listen = vec![Ipv4Addr::LOCALHOST.into()];
    instance.encryption = encryption;
    instance.sql_logins = vec![
        SqlLogin::new("probe", "Secret1"),
        SqlLogin::new("disabled", "Secret2"),
    ];
    let connection = Query::row(
        CONNECTION,
        &[
            ("net_transport", "nvarchar(40)", "{net_transport}".into()),
            ("auth_scheme", "nvarchar(40)", "{auth_scheme}".into()),
            ("encrypt_option", "nvarchar(40)", "{encrypt}".into()),
        ],
    );
    instance.queries = vec![connection.expect("known types")];
    instance
}

pub fn scenario(instance: Instance) -> Scenario {
    let mut scenario = Scenario::new("SQL1");
    scenario.instances.push(instance);
    scenario
}

pub fn config(address: SocketAddr, level: EncryptionLevel, user: &str, password: &str) -> Config {
    let mut config = Config::new();
    config.host(address.ip().to_string());
    config.port(address.port());
    config.authentication(AuthMethod::sql_server(user, password));
    config.encryption(level);
    config.trust_cert();
    config
}

pub async fn connect_with(config: Config) -> tiberius::Result<Session> {
    let tcp = TcpStream::connect(config.get_addr()).await?;
    Box::pin(Client::connect(config, tcp.compat_write())).await
}

pub async fn connect(
    address: SocketAddr,
    level: EncryptionLevel,
    user: &str,
    password: &str,
) -> tiberius::Result<Session> {
    connect_with(config(address, level, user, password)).await
}

/// Number, state and message of an error of the server.
pub fn login_error(error: &tiberius::error::Error) -> Option<(u32, u8, String)> {
    match error {
        tiberius::error::Error::Server(error) => {
            Some((error.code(), error.state(), error.message().to_owned()))
        }
        _ => None,
    }
}

/// The error that a query ends in, at once or when its rows are read.
pub async fn query_error(session: &mut Session, sql: &str) -> tiberius::error::Error {
    match session.simple_query(sql).await {
        Err(error) => error,
        Ok(answer) => answer
            .into_results()
            .await
            .expect_err("the query should have failed"),
    }
}
