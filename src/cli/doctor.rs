//! `doctor`: what this host lacks.

use std::time::Duration;

use clap::Args;
use tokio::process::Command;

use super::connect::ConnectOptions;
use super::failure::Failure;
use super::{ListFormat, home, list, run};
use crate::doctor::clock::Synchronised;
use crate::doctor::host::Host;
use crate::doctor::network::{self, Wanted};
use crate::doctor::{State, local, program, state, text};
use crate::exit::Exit;
use crate::printer;
use crate::probe::runner::Live;
use crate::tui;

#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes: 0 nothing is missing, 1 something is, 3 something could not be seen.")]
pub(super) struct DoctorOptions {
    /// A SQL Server's host, to see whether its name and its Browser are in reach
    server: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    format: ListFormat,
}

/// Looks and tells.
pub(super) fn doctor(
    options: &DoctorOptions,
    connect: &ConnectOptions,
    configuration_faults: usize,
) -> Result<Exit, Failure> {
    let session = connect.session()?;
    let domain = session
        .settings
        .own_domain
        .as_ref()
        .map(|(domain, _)| domain.clone());
    let host = Host {
        root: "/".into(),
        variables: std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect(),
        terminal: tui::terminal::measured(),
        state_folder: home::config().state_folder(),
        domain: domain.clone(),
    };
    let wanted = Wanted {
        domain,
        server: options.server.clone(),
    };
    let runtime = run::runtime()?;
    let asked = runtime.block_on(async {
        let clock = synchronised(&host).await;
        network::checks(&Live::new(session), &wanted, clock).await
    });
    // Reading a file of a folder that hangs may still be under way.
    runtime.shutdown_background();
    let mut checks = asked;
    checks.extend(local::checks(&host));
    let flow_faults = list::own_library(&[]).1.len();
    checks.extend(program::files(configuration_faults, flow_faults));
    match options.format {
        ListFormat::Json => printer::result(&list::pretty(&text::json(&checks))),
        ListFormat::Text => printer::result(&text::text(&checks)),
    }
    Ok(match state(&checks) {
        State::Ok => Exit::Healthy,
        State::Missing => Exit::CauseFound,
        State::Unknown => Exit::Inconclusive,
    })
}

/// Whether NTP keeps the clock right, as systemd knows it.
async fn synchronised(host: &Host) -> Synchronised {
    if host.path("/run/systemd/timesync/synchronized").exists() {
        return Some(true);
    }
    let asked = Command::new("timedatectl")
        .args(["show", "--property=NTPSynchronized", "--value"])
        .stdin(std::process::Stdio::null())
        .kill_on_drop(true)
        .output();
    let answer = tokio::time::timeout(Duration::from_secs(2), asked).await;
    match answer.ok()?.ok()?.stdout.as_slice() {
        b"yes\n" => Some(true),
        b"no\n" => Some(false),
        _ => None,
    }
}
