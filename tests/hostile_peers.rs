//! Peers that mean harm: every probe that talks to the network meets servers
//! that answer nothing, one byte a second, garbage, data without end, or that
//! close, at once and at every byte. Each ends by its deadline with a status of
//! its own, in bounded memory, and lets go of every connection.
//!
//! The ports are the real ones, in a network of the test's own. It needs root,
//! or user namespaces. `PEERS_TABLE=1` prints the table of
//! `docs/hostile-peers.md`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test ends by panicking, and prints its table"
)]

#[path = "hostile_peers/behaviour.rs"]
mod behaviour;
#[path = "hostile_peers/cases.rs"]
mod cases;
#[path = "hostile_peers/cut.rs"]
mod cut;
#[path = "hostile_peers/directory.rs"]
mod directory;
#[path = "hostile_peers/names.rs"]
mod names;
#[path = "hostile_peers/network.rs"]
mod network;
#[path = "hostile_peers/tickets.rs"]
mod tickets;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use behaviour::{ALL, Host};
use cases::Case;
use futures_util::{StreamExt as _, stream};
use sspi_doctor::probe::runner::Live;
use sspi_doctor::probe::{NOT_OBSERVED, Outcome, Runner as _, registry};
use tokio_util::sync::CancellationToken;

/// What each probe is given.
const DEADLINE: Duration = Duration::from_secs(3);
/// How many meet at the same time.
const AT_ONCE: usize = 48;
/// What a busy machine may add.
const SLACK: Duration = Duration::from_millis(1500);
/// What all probes together may keep in memory at the worst moment.
const MOST_MEMORY: u64 = 400 << 20;
/// What one connection may be sent before it is ended: a question may cost 64 MiB,
/// and a probe asks a few over one connection before its deadline.
const MOST_SENT: usize = 200 << 20;

struct Met {
    case: Case,
    peer: &'static str,
    outcome: Outcome,
    took: Duration,
}

#[test]
fn every_probe_meets_every_hostile_peer() {
    network::inside("every_probe_meets_every_hostile_peer", |files| {
        runtime().block_on(meet_all(files));
    });
}

#[test]
fn answers_that_are_cut_at_every_byte() {
    network::inside("answers_that_are_cut_at_every_byte", |_| {
        runtime().block_on(cut::everywhere());
    });
}

#[test]
fn a_directory_that_fell_silent_is_connected_to_anew() {
    network::inside(
        "a_directory_that_fell_silent_is_connected_to_anew",
        |files| {
            runtime().block_on(ask_twice(files));
        },
    );
}

/// The same session asks a server again that did not answer in time: the old
/// connection may be dead, and would keep the fault alive for ever.
async fn ask_twice(files: &std::path::Path) {
    names::serve().await;
    let authority = directory::Authority::new(files);
    let silent = ALL
        .iter()
        .find(|(name, ..)| *name == "later-silent")
        .unwrap();
    let host = Host::start(*silent, &authority).await;
    let case = cases::of(&host, files)
        .into_iter()
        .find(|case| case.request.probe == "ldap-spn")
        .unwrap();
    let live = Live::new(case.session());
    let mut connections = Vec::new();
    for _ in 0..2 {
        let cancel = CancellationToken::new();
        let outcome = live.run(case.request.clone(), Some(DEADLINE), cancel).await;
        assert_eq!(outcome.status, "unreachable", "{outcome:?}");
        connections.push(host.connections());
    }
    assert!(
        connections[0] > 0 && connections[1] > connections[0],
        "{connections:?}"
    );
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap()
}

async fn meet_all(files: &std::path::Path) {
    let panics = network::count_panics();
    // The hosts have threads of their own, so that they do harm to the probes
    // by what they send alone.
    let hosts_runtime = runtime();
    let authority = directory::Authority::new(files);
    let hosts = hosts_runtime.spawn(async move {
        names::serve().await;
        let mut hosts = Vec::new();
        for behaviour in ALL {
            hosts.push(Host::start(behaviour, &authority).await);
        }
        hosts
    });
    let hosts = hosts.await.unwrap();
    let cases: Vec<Case> = hosts
        .iter()
        .flat_map(|host| cases::of(host, files))
        .collect();
    every_network_probe_is_among(&cases);
    let before = network::peak_memory();
    let met: Vec<Met> = stream::iter(cases)
        .map(|case| tokio::spawn(meet(case)))
        .buffered(AT_ONCE)
        .map(Result::unwrap)
        .collect()
        .await;
    let memory = network::peak_memory().saturating_sub(before);
    table(&met);
    let mut wrong: Vec<String> = met.iter().flat_map(faults).collect();
    if memory > MOST_MEMORY {
        wrong.push(format!("{} MiB of memory were used", memory >> 20));
    }
    for host in &hosts {
        if host.sent_to_one() > MOST_SENT {
            let sent = host.sent_to_one() >> 20;
            wrong.push(format!("{}: {sent} MiB over one connection", host.name()));
        }
        if !host.is_left_alone().await {
            wrong.push(format!("{}: connections were left open", host.name()));
        }
    }
    let panics = panics();
    wrong.extend(panics.iter().map(|words| format!("a panic: {words}")));
    println!(
        "{} meetings, {} MiB of memory, at most {} MiB over one connection",
        met.len(),
        memory >> 20,
        hosts.iter().map(Host::sent_to_one).max().unwrap_or(0) >> 20
    );
    hosts_runtime.shutdown_background();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn meet(case: Case) -> Met {
    let live = Live::new(case.session());
    let started = Instant::now();
    let cancel = CancellationToken::new();
    let outcome = live.run(case.request.clone(), Some(DEADLINE), cancel).await;
    Met {
        peer: case.peer,
        outcome,
        took: started.elapsed(),
        case,
    }
}

/// What is wrong with a meeting.
fn faults(met: &Met) -> Vec<String> {
    let mut wrong = Vec::new();
    let Met {
        case,
        peer,
        outcome,
        took,
    } = met;
    let declaration = registry::declaration(&case.request.probe).unwrap();
    let mut say = |what: String| wrong.push(format!("{} {peer}: {what}", case.name()));
    if *took > DEADLINE + SLACK {
        say(format!("it took {took:?}"));
    }
    if !declaration.has_status(&outcome.status) {
        say(format!("the status {} is not declared", outcome.status));
    }
    let reason = outcome.fact("reason").as_str().unwrap_or_default();
    if outcome.status == NOT_OBSERVED {
        say(format!("no status of its own: {reason}"));
    }
    if outcome.summary.is_empty() && reason.is_empty() {
        say("it says nothing".to_owned());
    }
    let said = serde_json::to_string(outcome).unwrap();
    for sign in ["panicked", "unwrap()", "Elapsed(", "Os {", "kind: "] {
        if said.contains(sign) {
            say(format!("`{sign}` is shown to the user: {said}"));
        }
    }
    wrong
}

/// No probe is left out but those that ask nobody.
fn every_network_probe_is_among(cases: &[Case]) {
    const LOCAL: [&str; 6] = [
        "hosts-file",
        "spn-names",
        "kerberos-configuration",
        "pasted-spn",
        "pasted-service",
        "pasted-ticket",
    ];
    for declaration in registry::declarations() {
        let met = cases
            .iter()
            .any(|case| case.request.probe == declaration.key);
        assert!(
            met || LOCAL.contains(&declaration.key),
            "{} meets no hostile peer",
            declaration.key
        );
    }
}

/// The table of the documentation.
fn table(met: &[Met]) {
    if std::env::var_os("PEERS_TABLE").is_none() {
        return;
    }
    let mut rows: BTreeMap<String, BTreeMap<&str, String>> = BTreeMap::new();
    let mut peers: Vec<&str> = Vec::new();
    for one in met {
        if !peers.contains(&one.peer) {
            peers.push(one.peer);
        }
        let cell = format!("{} {:.1} s", one.outcome.status, one.took.as_secs_f64());
        rows.entry(one.case.name())
            .or_default()
            .insert(one.peer, cell);
    }
    println!("| probe | {} |", peers.join(" | "));
    println!("|---{}|", "|---".repeat(peers.len()));
    for (name, cells) in rows {
        let cells: Vec<&str> = peers
            .iter()
            .map(|peer| cells.get(peer).map_or("", String::as_str))
            .collect();
        println!("| {name} | {} |", cells.join(" | "));
    }
    for one in met {
        println!(
            "{} {}: {} {}",
            one.case.name(),
            one.peer,
            one.outcome.status,
            one.outcome.fact("reason")
        );
    }
}
