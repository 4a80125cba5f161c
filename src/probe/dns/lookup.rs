//! The session's lookups: what a program on this machine would find, kept for
//! a minute so that the probes of a walk do not ask the same again.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::future::join_all;
use futures_util::stream::FuturesUnordered;
use hickory_resolver::proto::rr::{RData, RecordType};

use super::query::{Answer, QueryResult, ask};
use super::system::ResolvConf;
use crate::probe::Settings;
use crate::probe::attempt::attempt;
use crate::probe::hosts::HostsFile;
use crate::probe::kept::Kept;

/// How many names are kept.
const MOST: usize = 1024;
/// How long a name server that stands earlier in resolv.conf may take longer
/// than a later one that has answered.
const GRACE: Duration = Duration::from_millis(200);

/// The session's name servers, each asked on its own.
#[derive(Debug)]
pub struct Resolvers {
    port: u16,
    addresses: Kept<String, Vec<IpAddr>>,
    services: Kept<String, Vec<Service>>,
}

impl Default for Resolvers {
    fn default() -> Self {
        Self::on_port(53)
    }
}

/// A server that an SRV record names, RFC 2782.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// The host in lower case, without a trailing dot.
    pub host: String,
    /// The port of the service.
    pub port: u16,
    /// Lower is tried first.
    pub priority: u16,
    /// The share among servers of equal priority.
    pub weight: u16,
}

/// Why a lookup gave nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LookupFault {
    /// Every name server that answered says so.
    #[error("DNS knows no name `{0}`: check the spelling, or the name servers in resolv.conf")]
    NoSuchName(String),
    /// The name is there, but has no such records.
    #[error("DNS knows `{0}`, but has no record of the wanted type for it")]
    NoRecords(String),
    /// Silence, refusals and failures only.
    #[error(
        "no name server answered for `{name}` ({servers}): check that they are up and reachable"
    )]
    NoAnswer {
        /// The name.
        name: String,
        /// What each of them did.
        servers: String,
    },
    /// There is nobody to ask.
    #[error("{} names no name server: add a `nameserver` line", .0.display())]
    NoNameServer(PathBuf),
}

impl Resolvers {
    /// Name servers that listen on another port than 53.
    pub fn on_port(port: u16) -> Self {
        Self {
            port,
            addresses: Kept::at_most(MOST),
            services: Kept::at_most(MOST),
        }
    }

    /// The addresses of a name as a program on this machine finds them: an
    /// address is itself, then the hosts file, then the name servers with the
    /// search suffixes. IPv4 first.
    pub async fn addresses(
        &self,
        settings: &Settings,
        name: &str,
    ) -> Result<Vec<IpAddr>, LookupFault> {
        let name = name.trim();
        let literal = name.trim_start_matches('[').trim_end_matches(']');
        if let Ok(address) = literal.parse() {
            return Ok(vec![address]);
        }
        let listed = HostsFile::read(&HostsFile::path(settings))
            .map(|file| file.addresses(name))
            .unwrap_or_default();
        if !listed.is_empty() {
            return Ok(listed);
        }
        if name.eq_ignore_ascii_case("localhost") {
            return Ok(vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]);
        }
        let asked = async {
            let conf = ResolvConf::read(settings);
            let mut fault = None;
            for full in conf.candidates(name).into_iter().flatten() {
                let (four, six) = tokio::join!(
                    self.first_answer(&conf, &full, RecordType::A),
                    self.first_answer(&conf, &full, RecordType::AAAA),
                );
                let addresses: Vec<IpAddr> = [&four, &six]
                    .into_iter()
                    .flatten()
                    .flat_map(|answer| &answer.records)
                    .filter_map(|record| record.data.ip_addr())
                    .collect();
                if !addresses.is_empty() {
                    return Ok(addresses);
                }
                // The first name's fault is the one to tell.
                fault = fault.or(Some(combined(&full, [four, six])));
            }
            Err(fault.unwrap_or_else(|| LookupFault::NoSuchName(name.to_owned())))
        };
        self.addresses.answer(key(name), asked).await
    }

    /// The servers that an SRV name such as `_ldap._tcp.dc._msdcs.corp.example`
    /// gives, best first.
    pub async fn services(
        &self,
        settings: &Settings,
        srv_name: &str,
    ) -> Result<Vec<Service>, LookupFault> {
        let asked = async {
            let conf = ResolvConf::read(settings);
            let answer = self.first_answer(&conf, srv_name, RecordType::SRV).await?;
            let services = services_in(&answer);
            match answer.result {
                QueryResult::Found if !services.is_empty() => Ok(services),
                QueryResult::NoSuchName => Err(LookupFault::NoSuchName(srv_name.to_owned())),
                _ => Err(LookupFault::NoRecords(srv_name.to_owned())),
            }
        };
        self.services.answer(key(srv_name), asked).await
    }

    /// Forgets what was found for a name: the next lookup asks again.
    pub fn forget(&self, name: &str) {
        let name = key(name);
        self.addresses.forget(&name);
        self.services.forget(&name);
    }

    /// Forgets everything that was found: somebody asks anew.
    pub fn forget_all(&self) {
        self.addresses.forget_all();
        self.services.forget_all();
    }

    /// Keeps the addresses of a name that were just seen.
    pub(super) fn remember(&self, name: &str, addresses: Vec<IpAddr>) {
        self.addresses.keep(key(name), addresses);
    }

    /// Asks all name servers for a full name and takes the answer of the one
    /// that stands first among those that answer in time.
    pub(super) async fn first_answer(
        &self,
        conf: &ResolvConf,
        name: &str,
        kind: RecordType,
    ) -> Result<Answer, LookupFault> {
        if conf.servers.is_empty() {
            return Err(LookupFault::NoNameServer(conf.path.clone()));
        }
        let mut waiting: FuturesUnordered<_> = conf
            .servers
            .iter()
            .enumerate()
            .map(|(rank, server)| async move { (rank, ask(*server, self.port, name, kind).await) })
            .collect();
        let mut best: Option<(usize, Answer)> = None;
        let mut failed = Vec::new();
        loop {
            let next = match &best {
                Some((0, _)) => break,
                Some(_) => tokio::time::timeout(GRACE, waiting.next())
                    .await
                    .unwrap_or_default(),
                None => waiting.next().await,
            };
            let Some((rank, answer)) = next else { break };
            if !answer.result.is_definite() {
                failed.push(format!("{}: {}", answer.server, answer.result.words()));
            } else if best.as_ref().is_none_or(|(held, _)| rank < *held) {
                best = Some((rank, answer));
            }
        }
        best.map(|(_, answer)| answer)
            .ok_or_else(|| LookupFault::NoAnswer {
                name: name.to_owned(),
                servers: failed.join(", "),
            })
    }

    /// What every name server answers for a full name, in the order of
    /// resolv.conf; one that has not answered by the deadline is silent.
    pub(super) async fn ask_each(
        &self,
        conf: &ResolvConf,
        name: &str,
        kind: RecordType,
        deadline: tokio::time::Instant,
    ) -> Vec<Answer> {
        join_all(conf.servers.iter().map(|server| async move {
            let asked = async {
                let asked = ask(*server, self.port, name, kind);
                let started = Instant::now();
                match tokio::time::timeout_at(deadline, asked).await {
                    Ok(answer) => answer,
                    Err(_) => Answer::silence(*server, started.elapsed()),
                }
            };
            let answered = |answer: &Answer| answer.result.is_definite();
            attempt(&server.to_string(), asked, answered).await
        }))
        .await
    }
}

/// The SRV records of an answer, best first.
pub fn services_in(answer: &Answer) -> Vec<Service> {
    let mut services: Vec<Service> = answer
        .records
        .iter()
        .filter_map(|record| match &record.data {
            RData::SRV(service) => Some(Service {
                host: plain_name(&service.target.to_string()),
                port: service.port,
                priority: service.priority,
                weight: service.weight,
            }),
            _ => None,
        })
        // A target of `.` means that the service is decidedly not there.
        .filter(|service| !service.host.is_empty())
        .collect();
    services.sort_by(|one, other| {
        (one.priority, other.weight, &one.host).cmp(&(other.priority, one.weight, &other.host))
    });
    services
}

/// A DNS name in lower case, without the dot at its end.
pub(super) fn plain_name(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    name.strip_suffix('.').unwrap_or(&name).to_owned()
}

/// One fault of the two questions for A and AAAA.
fn combined(name: &str, answers: [Result<Answer, LookupFault>; 2]) -> LookupFault {
    let mut exists = false;
    let mut fault = None;
    for answer in answers {
        match answer {
            Ok(answer) => exists |= answer.result != QueryResult::NoSuchName,
            Err(error) => fault = Some(error),
        }
    }
    fault.unwrap_or_else(|| {
        if exists {
            LookupFault::NoRecords(name.to_owned())
        } else {
            LookupFault::NoSuchName(name.to_owned())
        }
    })
}

fn key(name: &str) -> String {
    plain_name(name.trim())
}
