//! `tds-peer SCENARIO.yaml [--log FILE] [--ready-file FILE]`

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use tds_peer::log::EventLog;
use tds_peer::scenario::Scenario;
use tds_peer::server::start;
use tokio::signal::unix::{SignalKind, signal};

const USAGE: &str = "usage: tds-peer SCENARIO.yaml [--log FILE] [--ready-file FILE]

Plays SQL Server as the scenario file says, until SIGTERM or SIGINT.
  --log FILE         appends one JSON line for each event
  --ready-file FILE  is written once everything listens, with the actual ports
Exit codes: 0 all queries had an answer, 1 one had none, 2 usage or scenario fault, 3 cannot listen
";

struct Arguments {
    scenario: PathBuf,
    log: Option<PathBuf>,
    ready: Option<PathBuf>,
}

fn arguments() -> Result<Arguments, String> {
    let (mut scenario, mut log, mut ready) = (None, None, None);
    let mut words = std::env::args_os().skip(1);
    while let Some(word) = words.next() {
        let mut file = |option: &str| {
            words
                .next()
                .map(PathBuf::from)
                .ok_or_else(|| format!("{option} needs a file name"))
        };
        match word.to_str() {
            Some("--log") => log = Some(file("--log")?),
            Some("--ready-file") => ready = Some(file("--ready-file")?),
            Some("--help" | "-h") => return Err(String::new()),
            Some(option) if option.starts_with("--") => {
                return Err(format!("unknown option {option}"));
            }
            _ if scenario.is_none() => scenario = Some(PathBuf::from(word)),
            _ => return Err("only one scenario can be played".into()),
        }
    }
    let scenario = scenario.ok_or("the scenario file is missing")?;
    Ok(Arguments {
        scenario,
        log,
        ready,
    })
}

fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "tds-peer: {text}");
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = match arguments() {
        Ok(arguments) => arguments,
        Err(fault) => {
            if !fault.is_empty() {
                complain(&fault);
            }
            let _ = write!(io::stderr(), "{USAGE}");
            return ExitCode::from(2);
        }
    };
    let log = match arguments.log.as_deref().map(EventLog::to_file).transpose() {
        Ok(log) => log.unwrap_or_else(EventLog::nowhere),
        Err(error) => {
            complain(&format!("cannot write the event log: {error}"));
            return ExitCode::from(2);
        }
    };
    let scenario = match Scenario::load(&arguments.scenario) {
        Ok(scenario) => scenario,
        Err(fault) => {
            complain(&fault.to_string());
            return ExitCode::from(2);
        }
    };
    play(scenario, log, arguments.ready).await
}

async fn play(scenario: Scenario, log: EventLog, ready_file: Option<PathBuf>) -> ExitCode {
    let (Ok(mut terminate), Ok(mut interrupt)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    ) else {
        complain("cannot wait for signals");
        return ExitCode::from(3);
    };
    let running = match start(scenario, log).await {
        Ok(running) => running,
        Err(fault) => {
            complain(&fault.to_string());
            return ExitCode::from(3);
        }
    };
    if let Some(path) = ready_file
        && let Err(error) = running.ready.write_to(&path)
    {
        complain(&format!(
            "cannot write the ready file {}: {error}",
            path.display()
        ));
        return ExitCode::from(3);
    }
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    if running.stop().await == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
