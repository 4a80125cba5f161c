//! `resume`: goes on with a session that was cut off.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use clap_complete::engine::ArgValueCandidates;
use jiff::Timestamp;

use super::connect::ConnectOptions;
use super::failure::Failure;
use super::{Format, home, list, run, wizard};
use crate::cause::Catalogue;
use crate::driver::{Answers, Past, Walk};
use crate::engine::Beginning;
use crate::exit::Exit;
use crate::flow::InputKind;
use crate::flow::library::Library;
use crate::hostile::clean_line;
use crate::printer;
use crate::probe::recorded::{self, Recorded};
use crate::probe::runner::{Live, Runner};
use crate::transcript::{Journal, JournalFault, reading, sessions};
use crate::tui::{Resume, Start};

#[derive(Debug, Args)]
pub(super) struct ResumeOptions {
    /// A journal's path, or the beginning of its name in `sspi-doctor sessions`; the latest if absent
    #[arg(add = ArgValueCandidates::new(super::shell::sessions))]
    session: Option<String>,
    /// Ask everything again; only what you answered is kept
    #[arg(long)]
    fresh: bool,
    /// Ask again what was seen more than so many minutes ago; 15 if nothing else is configured
    #[arg(long, value_name = "MINUTES")]
    max_age: Option<u32>,
    /// A secret that the flow asked for, which no session keeps, read from this file descriptor
    #[arg(long = "secret-fd", value_name = "NAME=N")]
    secret_fds: Vec<String>,
    /// A folder of flow files of your own; may be given several times
    #[arg(long = "flow-dir", value_name = "FOLDER")]
    flow_dirs: Vec<PathBuf>,
    /// Go on without a terminal, and print the session document like this
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Do not show progress on standard error
    #[arg(long)]
    quiet: bool,
}

pub(super) fn resume(options: &ResumeOptions, connect: &ConnectOptions) -> Result<Exit, Failure> {
    let path = path(options.session.as_deref())?;
    let past = past(&path)?;
    let library = list::library(&options.flow_dirs)?;
    let mut beginning = Beginning {
        flow: past.flow.clone(),
        ..Beginning::default()
    };
    run::secrets(&library, &mut beginning, &options.secret_fds)?;
    let wizard = options.format.is_none() && printer::is_terminal();
    if wizard {
        ask_secrets(&library, &mut beginning)?;
    }
    let runner: Arc<dyn Runner> = if past.source == "live" {
        let mut session = connect.session()?;
        session.share(&beginning.vault);
        beginning.allowed = connect.allowed()?;
        beginning.sql_login = session.credentials.sql_login.is_some();
        Arc::new(Live::new(session))
    } else {
        let world =
            recorded::world(&past.source).ok_or_else(|| run::no_such_world(&past.source))?;
        beginning.allowed = run::everything();
        beginning.sql_login = world.sql_login();
        Arc::new(Recorded::of(&world))
    };
    let oldest = (!options.fresh).then(|| Timestamp::now() - home::max_age(options.max_age));
    if wizard {
        let world = (past.source != "live").then_some(past.source);
        let start = Start::Resume(Resume { path, oldest });
        return wizard::start_at(library, beginning, start, runner, world, None);
    }
    let runtime = run::runtime()?;
    runtime.block_on(async {
        let (journal, reading) = Journal::resume(&path).map_err(refused)?;
        if let Some(damage) = &reading.damage {
            printer::progress(damage);
        }
        let (walk, kept) = Walk::resume(
            &Arc::new(library),
            &Arc::new(Catalogue::embedded().clone()),
            Answers::new(runner),
            journal,
            &beginning,
            Past::of(&reading),
            oldest,
        )
        .map_err(|fault| Failure::usage(fault.to_string()))?;
        if !options.quiet {
            printer::progress(&format!(
                "{kept} finished steps stand; the others are asked again"
            ));
        }
        run::drive(walk, options.format.unwrap_or(Format::Text), options.quiet).await
    })
}

/// Asks for the flow's secrets that were not given now: no session keeps them.
fn ask_secrets(library: &Library, beginning: &mut Beginning) -> Result<(), Failure> {
    let Some(flow) = library.flow(&beginning.flow) else {
        return Ok(());
    };
    for (name, input) in &flow.inputs {
        if input.kind != InputKind::Secret || beginning.inputs.contains_key(name) {
            continue;
        }
        let question = clean_line(&input.ask.source);
        let secret = super::connect::password(&format!("{question} (no session keeps it) "), None)?;
        if !(input.optional && secret.expose().is_empty()) {
            let handle = beginning.vault.keep(secret);
            beginning.inputs.insert(name.clone(), handle);
        }
    }
    Ok(())
}

/// The journal that is meant; the latest without one.
fn path(session: Option<&str>) -> Result<PathBuf, Failure> {
    sessions::find(session.unwrap_or("last"), &run::folder())
        .map_err(|fault| Failure::usage(fault.to_string()))
}

fn past(path: &Path) -> Result<Past, Failure> {
    let reading = reading::read(path).map_err(refused)?;
    let past = Past::of(&reading);
    if reading.is_document {
        return Err(Failure::usage(format!(
            "{} is a session document, which cannot be gone on with",
            path.display()
        ))
        .hint("go on with the journal (.jsonl); `sspi-doctor replay` shows the document"));
    }
    if past.ended {
        return Err(Failure::usage(format!(
            "the session {} was walked to its end",
            reading.name
        ))
        .hint("`sspi-doctor replay` shows it; `sspi-doctor walk` begins a new one"));
    }
    Ok(past)
}

pub(super) fn refused(fault: JournalFault) -> Failure {
    match fault {
        JournalFault::File { .. } => Failure::unfinished(fault.to_string())
            .hint("copy the journal to a place where you may write, and go on with the copy"),
        other => Failure::usage(other.to_string()),
    }
}
