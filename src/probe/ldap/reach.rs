//! The way to a directory server: which hosts there are, and the first of them
//! that takes a TCP connection.

use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::fault::{DirectoryFault, io_words};
use crate::probe::LiveSession;
use crate::probe::attempt::attempt;
use crate::probe::dns::LookupFault;

/// How many servers are tried at most.
const MOST_CANDIDATES: usize = 6;
/// How long a server is given before the next is tried beside it.
const HEAD_START: Duration = Duration::from_millis(250);
/// How long one address is given.
const CONNECT_TIME: Duration = Duration::from_secs(3);

/// What a directory server is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Everything about its own domain.
    DomainController,
    /// A little about every object of the forest.
    GlobalCatalog,
}

impl Role {
    /// The port without TLS.
    pub const fn port(self) -> u16 {
        match self {
            Self::DomainController => 389,
            Self::GlobalCatalog => 3268,
        }
    }

    /// The port with TLS from the start.
    pub const fn tls_port(self) -> u16 {
        match self {
            Self::DomainController => 636,
            Self::GlobalCatalog => 3269,
        }
    }

    /// The SRV name under which DNS has them ([MS-ADTS] 6.3.2.3): `name` is the
    /// domain for controllers and the forest for global catalogs.
    pub fn service_name(self, name: &str) -> String {
        let name = name.trim_matches('.');
        match self {
            Self::DomainController => format!("_ldap._tcp.dc._msdcs.{name}"),
            Self::GlobalCatalog => format!("_gc._tcp.{name}"),
        }
    }

    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::DomainController => "domain controller",
            Self::GlobalCatalog => "global catalog",
        }
    }
}

/// A server that took a connection.
#[derive(Debug)]
pub struct Reached {
    /// Its name.
    pub host: String,
    /// The open connection.
    pub stream: TcpStream,
    /// Those that were tried before and did not answer, with the reason.
    pub silent: Vec<(String, String)>,
}

/// The hosts for a role, best first: those of the settings, else those that DNS
/// names.
pub async fn candidates(
    session: &LiveSession,
    role: Role,
    name: &str,
    deadline: Instant,
) -> Result<Vec<String>, DirectoryFault> {
    if let Some((own, controllers)) = &session.settings.own_domain
        && role == Role::DomainController
        && !controllers.is_empty()
        && name.trim_matches('.').eq_ignore_ascii_case(own)
    {
        return Ok(controllers.clone());
    }
    let service_name = role.service_name(name);
    let lookup = session.resolvers.services(&session.settings, &service_name);
    let services = tokio::time::timeout_at(deadline, lookup)
        .await
        .map_err(|_| DirectoryFault::TimedOut(format!("DNS, asked for {service_name},")))?;
    let mut hosts: Vec<String> = Vec::new();
    match services {
        Ok(services) => {
            for service in services {
                if !hosts.contains(&service.host) {
                    hosts.push(service.host);
                }
            }
        }
        Err(fault @ (LookupFault::NoSuchName(_) | LookupFault::NoRecords(_))) => {
            return Err(DirectoryFault::NoServer(format!(
                "DNS names no {} of {name}: {fault}",
                role.words()
            )));
        }
        Err(fault) => return Err(DirectoryFault::Unreachable(fault.to_string())),
    }
    if hosts.is_empty() {
        return Err(DirectoryFault::NoServer(format!(
            "DNS names no {} of {name}: {service_name} is empty",
            role.words()
        )));
    }
    Ok(hosts)
}

/// Connects to the first host that answers; a slow one does not hold the next
/// up for more than a quarter of a second.
pub async fn reach(
    session: &LiveSession,
    hosts: &[String],
    port: u16,
    deadline: Instant,
) -> Result<Reached, DirectoryFault> {
    let mut trying = FuturesUnordered::new();
    let mut silent = Vec::new();
    let mut waiting = hosts.iter().take(MOST_CANDIDATES);
    let mut started: Vec<&String> = Vec::new();
    loop {
        if let Some(host) = waiting.next() {
            started.push(host);
            let connecting = connect(session, host, port);
            trying.push(async move { (host, attempt(host, connecting, Result::is_ok).await) });
        } else if trying.is_empty() {
            return Err(DirectoryFault::Unreachable(in_words(&silent)));
        }
        let pause = if waiting.len() == 0 {
            CONNECT_TIME * 2
        } else {
            HEAD_START
        };
        let until = deadline.min(Instant::now() + pause);
        match tokio::time::timeout_at(until, trying.next()).await {
            Ok(Some((host, Ok(stream)))) => {
                let failed: Vec<&str> = silent
                    .iter()
                    .map(|(host, _): &(String, String)| host.as_str())
                    .collect();
                let slow: Vec<(String, String)> = started
                    .iter()
                    .filter(|other| **other != host && !failed.contains(&other.as_str()))
                    .map(|other| ((*other).clone(), "slower than the next".to_owned()))
                    .collect();
                silent.extend(slow);
                return Ok(Reached {
                    host: host.clone(),
                    stream,
                    silent,
                });
            }
            Ok(Some((host, Err(what)))) => silent.push((host.clone(), what)),
            Err(_) if Instant::now() >= deadline => {
                let hosts: Vec<&str> = started.iter().map(|host| host.as_str()).collect();
                return Err(DirectoryFault::Unreachable(format!(
                    "no answer from {} on port {port}",
                    hosts.join(", ")
                )));
            }
            // All have failed, or the next may be tried beside those.
            Ok(None) | Err(_) => {}
        }
    }
}

fn in_words(silent: &[(String, String)]) -> String {
    silent
        .iter()
        .map(|(host, what)| format!("{host}: {what}"))
        .collect::<Vec<_>>()
        .join("; ")
}

/// Connects to one host, its addresses one after the other.
async fn connect(session: &LiveSession, host: &str, port: u16) -> Result<TcpStream, String> {
    let addresses = session
        .resolvers
        .addresses(&session.settings, host)
        .await
        .map_err(|fault| fault.to_string())?;
    let mut what = "it has no address".to_owned();
    for address in addresses {
        let attempt = TcpStream::connect((address, port));
        what = match tokio::time::timeout(CONNECT_TIME, attempt).await {
            Ok(Ok(stream)) => {
                // Small requests should leave at once; when that cannot be set,
                // they are merely slower.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Ok(Err(error)) => format!("{address} port {port}: {}", io_words(&error)),
            Err(_) => format!("{address} port {port}: no answer"),
        };
    }
    Err(what)
}
