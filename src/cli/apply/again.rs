//! After the changes: the session's flow once more with the session's answers.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::super::failure::Failure;
use super::super::{list, run};
use super::Task;
use crate::cause::Catalogue;
use crate::driver::{Answers, Walk};
use crate::engine::{Beginning, StepKind, Visit};
use crate::exit::Exit;
use crate::headless::{self, Progress};
use crate::printer;
use crate::probe::context::LiveSession;
use crate::probe::runner::Live;
use crate::transcript::{Journal, SessionDocument};

/// Walks once more and says of each repaired cause whether it is gone.
pub(super) async fn walk(
    task: &Task<'_>,
    session: &LiveSession,
    causes: &[String],
) -> Result<Exit, Failure> {
    let library = Arc::new(list::library(&task.options.flow_dirs)?);
    if library.flow(&task.document.flow).is_none() {
        printer::progress(&format!(
            "The flow {} is not here, so nothing was looked at again; name its folder with --flow-dir.",
            task.document.flow
        ));
        return Ok(Exit::Inconclusive);
    }
    printer::progress(&format!("Walking once more: {}", task.walk_command()));
    let beginning = Beginning {
        flow: task.document.flow.clone(),
        inputs: given(&task.document.inputs),
        answers: answers(task.document),
        allowed: task.connect.allowed()?,
        sql_login: session.credentials.sql_login.is_some(),
        ..Beginning::default()
    };
    let journal = Journal::create(&run::folder(), &task.document.flow, &task.document.target)
        .map_err(|fault| Failure::unfinished(fault.to_string()))?;
    let path = journal.path().to_owned();
    // Nothing that was known before the change may answer now.
    let fresh = LiveSession {
        settings: session.settings.clone(),
        credentials: session.credentials.clone(),
        ..LiveSession::default()
    };
    let mut walk = Walk::begin(
        library,
        Arc::new(Catalogue::embedded().clone()),
        Answers::new(Arc::new(Live::new(fresh))),
        Some(journal),
        beginning,
    )
    .map_err(|fault| Failure::unfinished(fault.to_string()))?;
    let mut silent = Silent;
    tokio::select! {
        _ = headless::walk(&mut walk, &mut silent) => {}
        number = run::interrupted() => {
            walk.stop();
            return Ok(Exit::Signal(number));
        }
    }
    let document = run::document(&path)?;
    printer::progress(&format!("journal: {}", path.display()));
    Ok(verdict(causes, &document))
}

/// The inputs that were given; those without a value take their default.
fn given(inputs: &Map<String, Value>) -> Map<String, Value> {
    inputs
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// The answers to the questions on the way, by `flow.step`.
fn answers(document: &SessionDocument) -> Map<String, Value> {
    document
        .steps
        .iter()
        .filter(|step| step.kind == StepKind::Ask)
        .filter_map(|step| {
            let answer = step.answer.as_ref().filter(|one| !one.answer.is_null())?;
            let name = format!("{}.{}", step.flow, step.id.step());
            Some((name, answer.answer.clone()))
        })
        .collect()
}

fn verdict(causes: &[String], document: &SessionDocument) -> Exit {
    let found = |cause: &str| {
        document
            .findings
            .iter()
            .find(|finding| finding.finding.cause == cause)
    };
    let mut exit = Exit::Healthy;
    for cause in causes {
        if found(cause).is_some() {
            printer::result(&format!(
                "{cause}: STILL THERE. Other domain controllers may not know the change yet; look again \
                 after replication."
            ));
            exit = Exit::CauseFound;
        } else if let Some(unknown) = document.unknown.iter().find(|one| one.cause == *cause) {
            printer::result(&format!(
                "{cause}: could not be looked at again: {}",
                unknown.why
            ));
            if exit == Exit::Healthy {
                exit = Exit::Inconclusive;
            }
        } else {
            printer::result(&format!("{cause}: gone"));
        }
    }
    for other in &document.findings {
        if !causes.contains(&other.finding.cause) {
            printer::result(&format!(
                "{}: found now. {}",
                other.finding.cause, other.finding.title
            ));
            exit = Exit::CauseFound;
        }
    }
    exit
}

struct Silent;

impl Progress for Silent {
    fn step(&mut self, _visit: &Visit) {}
}
