//! `run`: a walk without a terminal.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use tokio::signal::unix::{SignalKind, signal};

use super::connect::ConnectOptions;
use super::failure::Failure;
use super::{Format, RunOptions, list, pasted};
use crate::cause::Catalogue;
use crate::driver::{Answers, Walk};
use crate::engine::{Beginning, StepKind, Verdict, Visit, answer};
use crate::exit::Exit;
use crate::flow::Flow;
use crate::flow::InputKind;
use crate::flow::library::Library;
use crate::headless::{self, Progress};
use crate::printer;
use crate::probe::Tone;
use crate::probe::recorded::{self, Recorded};
use crate::probe::runner::{Live, Runner};
use crate::transcript::{self, Journal, SessionDocument};

pub(super) fn run(options: &RunOptions, connect: &ConnectOptions) -> Result<Exit, Failure> {
    let library = Arc::new(list::library(&options.walk.flow_dirs)?);
    let (beginning, runner) = prepare(options, connect, &library)?;
    let runtime = runtime()?;
    runtime.block_on(walk(options, library, beginning, runner))
}

/// What a walk begins with, and who answers its probes.
pub(super) fn prepare(
    options: &RunOptions,
    connect: &ConnectOptions,
    library: &Library,
) -> Result<(Beginning, Arc<dyn Runner>), Failure> {
    let mut beginning = pasted::beginning(library, &options.walk)?;
    secrets(library, &mut beginning, &options.walk.secret_fds)?;
    beginning.allowed = connect.allowed()?;
    let Some(name) = &options.world else {
        let mut session = connect.session()?;
        session.share(&beginning.vault);
        beginning.sql_login = session.credentials.sql_login.is_some();
        return Ok((beginning, Arc::new(Live::new(session))));
    };
    // Nothing is asked of any server, so there is nothing to allow.
    beginning.allowed = everything();
    let world = recorded::world(name).ok_or_else(|| no_such_world(name))?;
    beginning.sql_login = world.sql_login();
    Ok((beginning, Arc::new(Recorded::of(&world))))
}

async fn walk(
    options: &RunOptions,
    library: Arc<Library>,
    beginning: Beginning,
    runner: Arc<dyn Runner>,
) -> Result<Exit, Failure> {
    let journal = journal(options, &beginning)?;
    let catalogue = Arc::new(Catalogue::embedded().clone());
    let walk = Walk::begin(
        library,
        catalogue,
        Answers::new(runner),
        Some(journal),
        beginning,
    )
    .map_err(|fault| Failure::usage(fault.to_string()))?;
    drive(walk, options.format, options.quiet).await
}

/// Walks to the end and prints the session document.
pub(super) async fn drive(mut walk: Walk, format: Format, quiet: bool) -> Result<Exit, Failure> {
    let mut progress = Lines { quiet };
    let verdict = tokio::select! {
        verdict = headless::walk(&mut walk, &mut progress) => verdict,
        number = interrupted() => {
            walk.stop();
            if !quiet {
                kept(&walk, "stopped; what was seen is kept in");
                printer::progress("go on with it: sspi-doctor resume");
            }
            return Ok(Exit::Signal(number));
        }
    };
    if let Some(fault) = walk.journal_fault() {
        printer::error(
            &format!("the journal is not complete: {fault}"),
            Some("what is printed here is complete: keep it in another place"),
        );
    }
    let reading = walk
        .reading()
        .ok_or_else(|| Failure::unfinished("there is no journal of this walk"))?
        .map_err(|fault| Failure::unfinished(fault.to_string()))?;
    printer::result(&render(&SessionDocument::of(&reading), format));
    if !quiet {
        kept(&walk, "journal:");
    }
    Ok(match verdict {
        Verdict::Healthy => Exit::Healthy,
        Verdict::CauseFound => Exit::CauseFound,
        Verdict::Inconclusive => Exit::Inconclusive,
    })
}

/// Tells where the journal is, when there is a file.
fn kept(walk: &Walk, before: &str) {
    if let Some(journal) = walk.journal().filter(|journal| journal.is_kept()) {
        printer::progress(&format!("{before} {}", journal.path().display()));
    }
}

/// The session document of a journal.
pub(super) fn document(path: &Path) -> Result<SessionDocument, Failure> {
    transcript::document::read(path).map_err(|fault| Failure::usage(fault.to_string()))
}

/// A session document in one of its forms.
pub(super) fn render(document: &SessionDocument, format: Format) -> String {
    match format {
        Format::Text => transcript::text::render(document),
        Format::Markdown => transcript::markdown::render(document),
        Format::Html => transcript::html::render(document),
        Format::Json => transcript::json::render(document),
    }
}

/// Reads `--set` values as the flow's inputs and, where they are none, as
/// answers to its questions.
pub(super) fn beginning(
    library: &Library,
    flow: &str,
    set: &[String],
) -> Result<Beginning, Failure> {
    let Some(flow) = library.flow(flow) else {
        return Err(Failure::usage(format!("there is no flow `{flow}`"))
            .hint("`sspi-doctor flows` lists them"));
    };
    let mut beginning = Beginning {
        flow: flow.id.clone(),
        ..Beginning::default()
    };
    for pair in set {
        let Some((name, typed)) = pair.split_once('=') else {
            return Err(Failure::usage(format!("`--set {pair}` has no value"))
                .hint("write --set NAME=VALUE"));
        };
        let name = name.trim();
        if let Some(input) = flow.inputs.get(name) {
            refuse_secret(input.kind, name)?;
            let value = answer::parse(input.kind, &input.choices, input.optional, typed)
                .map_err(|fault| Failure::usage(format!("`--set {name}`: {fault}")))?;
            beginning.inputs.insert(name.to_owned(), value);
        } else {
            let value = question(library, &flow, name, typed)?;
            beginning.answers.insert(name.to_owned(), value);
        }
    }
    Ok(beginning)
}

/// What stands on a command line is read by everybody on this machine.
fn refuse_secret(kind: InputKind, name: &str) -> Result<(), Failure> {
    if kind != InputKind::Secret {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "`--set {name}`: a secret is not given on the command line, where everybody can read it"
    ))
    .hint(format!(
        "give it on a file descriptor, `--secret-fd {name}=3 3<FILE`, or leave it out: the wizard asks"
    )))
}

/// Reads the secrets that came on file descriptors; only their handles go on.
pub(super) fn secrets(
    library: &Library,
    beginning: &mut Beginning,
    given: &[String],
) -> Result<(), Failure> {
    for pair in given {
        let (name, number) = pair
            .split_once('=')
            .and_then(|(name, number)| Some((name.trim(), number.trim().parse::<u32>().ok()?)))
            .ok_or_else(|| {
                Failure::usage(format!("`--secret-fd {pair}` names no file descriptor"))
                    .hint("write --secret-fd NAME=3 3<FILE")
            })?;
        let asks = |kind: Option<InputKind>| kind == Some(InputKind::Secret);
        let input = library
            .flow(&beginning.flow)
            .and_then(|flow| Some(flow.inputs.get(name)?.kind));
        let steps = || {
            library
                .flows()
                .find_map(|flow| match &flow.steps.get(name)?.action {
                    crate::flow::Action::Ask(input) => Some(input.kind),
                    _ => None,
                })
        };
        let handle = || -> Result<_, Failure> {
            Ok(beginning.vault.keep(super::connect::secret_from(number)?))
        };
        if asks(input) {
            let handle = handle()?;
            beginning.inputs.insert(name.to_owned(), handle);
        } else if asks(steps()) {
            let handle = handle()?;
            beginning.answers.insert(name.to_owned(), handle);
        } else {
            return Err(Failure::usage(format!(
                "`--secret-fd {name}`: the flow `{}` asks for no secret of this name",
                beginning.flow
            ))
            .hint("other answers are given with --set NAME=VALUE"));
        }
    }
    Ok(())
}

/// The answer to an `ask` step of any flow, by `step` or `flow.step`.
fn question(library: &Library, flow: &Flow, name: &str, typed: &str) -> Result<Value, Failure> {
    let (wanted_flow, step) = match name.split_once('.') {
        Some((wanted, step)) => (Some(wanted), step),
        None => (None, name),
    };
    for candidate in library.flows() {
        if wanted_flow.is_some_and(|wanted| wanted != candidate.id) {
            continue;
        }
        if let Some(crate::flow::Action::Ask(input)) =
            candidate.steps.get(step).map(|step| &step.action)
        {
            refuse_secret(input.kind, name)?;
            return answer::parse(input.kind, &input.choices, input.optional, typed)
                .map_err(|fault| Failure::usage(format!("`--set {name}`: {fault}")));
        }
    }
    let known: Vec<&str> = flow.inputs.keys().map(String::as_str).collect();
    Err(Failure::usage(format!(
        "nothing in the flow `{}` asks for `{name}`",
        flow.id
    ))
    .hint(format!("its inputs are: {}", known.join(", "))))
}

fn journal(options: &RunOptions, beginning: &Beginning) -> Result<Journal, Failure> {
    if let Some(path) = &options.journal {
        return Journal::create_at(path).map_err(|fault| {
            Failure::unfinished(fault.to_string()).hint("name another place with --journal FILE")
        });
    }
    let target = beginning
        .inputs
        .values()
        .find_map(|value| value.get("typed").and_then(Value::as_str))
        .unwrap_or_default();
    let (journal, fault) = Journal::create_somewhere(&folder(), &beginning.flow, target);
    if let Some(fault) = fault {
        printer::progress(&format!("note: {fault}"));
    }
    Ok(journal)
}

/// Where sessions are kept.
pub(super) fn folder() -> PathBuf {
    super::home::config().state_folder().join("sessions")
}

/// Every probe that would ask first.
pub(super) fn everything() -> std::collections::BTreeSet<String> {
    crate::probe::registry::declarations()
        .map(|declared| declared.key.to_owned())
        .collect()
}

pub(super) fn no_such_world(name: &str) -> Failure {
    Failure::usage(format!("there is no recorded world `{name}`"))
        .hint("`sspi-doctor demo --list` names them")
}

/// What probes run on.
pub(super) fn build_runtime() -> std::io::Result<tokio::runtime::Runtime> {
    // Two libraries need one TLS provider, and neither picks it.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
}

pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    build_runtime()
        .map_err(|fault| Failure::unfinished(format!("the program cannot start: {fault}")))
}

/// Waits for a signal that ends the program, and tells its number.
pub(super) async fn interrupted() -> u8 {
    let kinds = [
        (SignalKind::interrupt(), 2_u8),
        (SignalKind::terminate(), 15),
        (SignalKind::hangup(), 1),
    ];
    let (sender, mut receiver) = tokio::sync::mpsc::channel(1);
    for (kind, number) in kinds {
        let Ok(mut stream) = signal(kind) else {
            continue;
        };
        let sender = sender.clone();
        tokio::spawn(async move {
            if stream.recv().await.is_some() {
                let _ = sender.send(number).await;
            }
        });
    }
    drop(sender);
    match receiver.recv().await {
        Some(number) => number,
        None => std::future::pending().await,
    }
}

/// Progress as one line a step.
struct Lines {
    quiet: bool,
}

impl Progress for Lines {
    fn step(&mut self, visit: &Visit) {
        if self.quiet || visit.kind == StepKind::Finish {
            return;
        }
        let mark = match (visit.kind, visit.tone) {
            (StepKind::Flow, _) => "----",
            (_, Tone::Good) => "[ok]",
            (_, Tone::Fault) => "[!!]",
            (_, Tone::Unknown) => "[??]",
        };
        let indent = visit.path.depth() * 2;
        let summary = visit.summary();
        let result = if summary.is_empty() {
            String::new()
        } else {
            format!(": {summary}")
        };
        printer::progress(&format!("{:indent$}{mark} {}{result}", "", visit.title));
    }
}
