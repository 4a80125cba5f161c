//! `sql-identity`: the server's own names and clock, from its NTLM challenge.

use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};

use super::declaration::IDENTITY;
use super::ntlm::{self, Challenge};
use super::{Connection, Offer, Reply, Server, SspiLogin, TdsFault};
use crate::probe::by_hand::{posix, powershell};
use crate::probe::declare::exchange;
use crate::probe::tcp::look_up;
use crate::probe::{Context, Outcome, OutcomeBuilder, Probe, ProbeDeclaration, ProbeRequest};

/// Errors with which SQL Server answers when it cannot or may not use NTLM.
const NO_NTLM: [i32; 4] = [17806, 17828, 17830, 18452];

/// See the declaration.
#[derive(Debug)]
pub(super) struct SqlIdentity;

impl Probe for SqlIdentity {
    fn declaration(&self) -> &'static ProbeDeclaration {
        &IDENTITY
    }

    fn observe<'a>(
        &'a self,
        request: &'a ProbeRequest,
        context: &'a Context,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            match (request.text("host"), request.port("port")) {
                (Ok(host), Ok(port)) => observe(host, port, context).await,
                (Err(fault), _) | (_, Err(fault)) => {
                    Outcome::not_observed(&IDENTITY, &fault.to_string())
                }
            }
        })
    }
}

async fn observe(host: &str, port: u16, context: &Context) -> Outcome {
    let mut outcome = Outcome::of(&IDENTITY);
    outcome
        .by_hand_linux(format!(
            "nmap -Pn -p {port} --script ms-sql-ntlm-info --script-args mssql.instance-port={port} {}",
            posix(host)
        ))
        .by_hand_windows(format!("ping -a {}", powershell(host)))
        .by_hand_windows(format!(
            "sqlcmd -S {} -E -Q \"SELECT SERVERPROPERTY('MachineName'), DEFAULT_DOMAIN()\"",
            powershell(&format!("tcp:{host},{port}"))
        ));
    let addresses = match look_up(host, context).await {
        Ok(addresses) => addresses,
        Err(why) => {
            outcome.summary("no address").reason(why);
            return outcome.finish("no-address");
        }
    };
    let deadline = context.deadline - Duration::from_millis(100);
    let server = Server {
        host,
        addresses: &addresses,
        port,
        instance: None,
    };
    let settings = &context.session.settings;
    let opened = Connection::open(server, Offer::Session, settings, deadline).await;
    let mut connection = match opened {
        Ok(connection) => connection,
        Err(failed) => {
            let whom = failed.whom(server);
            let words = failed.fault.to_string();
            outcome
                .saw(format!("{whom}: SQL Server's greeting"), words.as_str())
                .fact(
                    "address",
                    failed.address.map(|address| address.ip().to_string()),
                )
                .summary(words.as_str())
                .reason(words);
            return outcome.finish(failed.fault.status());
        }
    };
    let address = connection.address();
    outcome.fact("address", address.ip().to_string());
    let login = SspiLogin {
        server: host,
        token: &ntlm::negotiate(),
        read_only: false,
    };
    let started = Instant::now();
    let clock = Timestamp::now();
    let reply = connection.login(&login, deadline).await;
    let elapsed = started.elapsed();
    drop(connection);
    let asked = format!("{address}: a Windows login that names nobody (NTLM NEGOTIATE)");
    // The server read its clock between our question and its answer.
    let half = SignedDuration::try_from(elapsed / 2).unwrap_or_default();
    let ours = clock.checked_add(half).unwrap_or(clock);
    match reply {
        Ok(reply) => match reply.sspi().and_then(ntlm::parse) {
            Some(challenge) => {
                outcome.evidence(exchange(asked, words(&challenge), elapsed));
                describe(outcome, &challenge, ours)
            }
            None => refuse(outcome, asked, &reply, elapsed),
        },
        Err(TdsFault::TimedOut) => {
            let words = TdsFault::TimedOut.to_string();
            outcome
                .evidence(exchange(asked, words.as_str(), elapsed))
                .reason(words);
            outcome.summary("no answer in time");
            outcome.finish("timed-out")
        }
        Err(fault) => {
            let words = fault.to_string();
            outcome
                .evidence(exchange(asked, words.as_str(), elapsed))
                .reason(format!("the server gave no challenge: {words}"))
                .summary("no challenge");
            outcome.finish("no-ntlm")
        }
    }
}

/// What a challenge that came at `ours` by this machine's clock tells.
pub fn describe(mut outcome: OutcomeBuilder, challenge: &Challenge, ours: Timestamp) -> Outcome {
    let lower = |name: &Option<String>| name.as_ref().map(|name| name.to_ascii_lowercase());
    let offset = challenge
        .time
        .map(|theirs| theirs.duration_since(ours).as_secs_f64())
        .map(|seconds| (seconds * 10.0).round() / 10.0 + 0.0);
    let is_member = match (&challenge.netbios_domain, &challenge.netbios_computer) {
        (Some(domain), Some(computer)) => Some(!domain.eq_ignore_ascii_case(computer)),
        _ => None,
    };
    let name = lower(&challenge.dns_computer);
    outcome
        .summary(
            name.clone()
                .or_else(|| challenge.netbios_computer.clone())
                .unwrap_or_default(),
        )
        .fact("fqdn", name)
        .fact("netbios_computer", challenge.netbios_computer.clone())
        .fact("domain", lower(&challenge.dns_domain))
        .fact("netbios_domain", challenge.netbios_domain.clone())
        .fact("forest", lower(&challenge.dns_forest))
        .fact("domain_member", is_member)
        .fact("server_time", challenge.time.map(|time| time.to_string()))
        .fact("clock_offset_seconds", offset)
        .fact("os_build", challenge.os_version.clone());
    outcome.finish("described")
}

/// A challenge in words, for the evidence.
pub fn words(challenge: &Challenge) -> String {
    let parts = [
        ("computer", challenge.dns_computer.as_ref()),
        ("NetBIOS name", challenge.netbios_computer.as_ref()),
        ("domain", challenge.dns_domain.as_ref()),
        ("NetBIOS domain", challenge.netbios_domain.as_ref()),
        ("forest", challenge.dns_forest.as_ref()),
        ("Windows", challenge.os_version.as_ref()),
    ];
    let time = challenge.time.map(|time| format!("clock {time}"));
    parts
        .into_iter()
        .filter_map(|(what, value)| value.map(|value| format!("{what} {value}")))
        .chain(time)
        .collect::<Vec<_>>()
        .join("; ")
}

fn refuse(mut outcome: OutcomeBuilder, asked: String, reply: &Reply, elapsed: Duration) -> Outcome {
    let Some(error) = reply.errors().last() else {
        outcome
            .evidence(exchange(asked, "an answer without a challenge", elapsed))
            .summary("no challenge")
            .reason("the server answered without a challenge");
        return outcome.finish("no-ntlm");
    };
    let words = format!(
        "error {}, state {}: {}",
        error.number, error.state, error.message
    );
    outcome
        .evidence(exchange(asked, words.as_str(), elapsed))
        .fact("error_number", error.number)
        .fact("error_state", error.state)
        .fact("error_message", error.message.as_str())
        .summary(format!("error {}", error.number))
        .reason(words);
    outcome.finish(if NO_NTLM.contains(&error.number) {
        "no-ntlm"
    } else {
        "login-refused"
    })
}
