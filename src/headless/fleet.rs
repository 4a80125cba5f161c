//! Many walks at once, one a target of a list: a bounded number under way, one
//! session of connections, tickets and answers for all, and nothing kept of a
//! walk that has ended but its journal.

mod lines;
mod result;

use std::collections::HashMap;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;
use tokio::task::{Id, JoinSet};
use tokio::time::Instant;

pub use lines::{BadLine, Line, Lines};
pub use result::{FoundCause, NOT_WALKED, OpenCause, TargetResult};

use super::{Progress, walk};
use crate::cause::Catalogue;
use crate::driver::{Answers, Walk};
use crate::engine::{Beginning, Visit, answer};
use crate::flow::InputKind;
use crate::flow::library::Library;
use crate::hostile::clean_line;
use crate::probe::Runner;
use crate::transcript::Journal;

/// How many lines are read ahead of the walks.
const READ_AHEAD: usize = 64;

/// What the walks of a list have in common.
#[derive(Clone)]
pub struct Fleet {
    /// The flows.
    pub library: Arc<Library>,
    /// The causes.
    pub catalogue: Arc<Catalogue>,
    /// What every walk begins with; the target is put in.
    pub beginning: Beginning,
    /// The name of the input that takes the target.
    pub input: String,
    /// Answers the probes of all walks.
    pub runner: Arc<dyn Runner>,
    /// Where journals are made.
    pub folder: PathBuf,
    /// How many walks are under way at once; at least 1.
    pub at_once: usize,
    /// This machine's name, for the results.
    pub from: String,
}

impl std::fmt::Debug for Fleet {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Fleet")
            .field("flow", &self.beginning.flow)
            .field("at_once", &self.at_once)
            .finish_non_exhaustive()
    }
}

impl Fleet {
    /// The input of a flow that takes the target: its first SQL Server.
    pub fn input_of(library: &Library, flow: &str) -> Option<String> {
        let flow = library.flow(flow)?;
        flow.inputs
            .iter()
            .find(|(_, input)| input.kind == InputKind::SqlTarget)
            .map(|(name, _)| name.clone())
    }

    /// Walks all targets of the list; each result goes to `told` as soon as it
    /// is there. The list is read as it is needed.
    pub async fn walk(
        &self,
        list: Box<dyn Read + Send>,
        mut told: impl FnMut(TargetResult),
    ) -> Result<(), std::io::Error> {
        let mut lines = lines::read(list, READ_AHEAD)?;
        let mut open = true;
        let mut running: JoinSet<TargetResult> = JoinSet::new();
        let mut names: HashMap<Id, Line> = HashMap::new();
        loop {
            tokio::select! {
                line = lines.recv(), if open && running.len() < self.at_once.max(1) => match line {
                    Some(Ok(line)) => {
                        let fleet = self.clone();
                        let walked = line.clone();
                        let task = running.spawn(async move { fleet.walk_one(&walked).await });
                        names.insert(task.id(), line);
                    }
                    Some(Err(bad)) => told(self.bad(&bad)),
                    None => open = false,
                },
                Some(done) = running.join_next_with_id(), if !running.is_empty() => {
                    let result = match done {
                        Ok((id, result)) => {
                            names.remove(&id);
                            result
                        }
                        // Its task panicked.
                        Err(fault) => self.bad(&BadLine {
                            line: names.remove(&fault.id()).unwrap_or_default(),
                            why: "the walk stopped on a fault of this program".to_owned(),
                        }),
                    };
                    told(result);
                }
                else => return Ok(()),
            }
        }
    }

    async fn walk_one(&self, line: &Line) -> TargetResult {
        let started = Instant::now();
        let mut walk_under_way = match self.begin(&line.text) {
            Ok(walk) => walk,
            Err(why) => {
                return self.bad(&BadLine {
                    line: line.clone(),
                    why,
                });
            }
        };
        let verdict = walk(&mut walk_under_way, &mut Silent).await;
        result::of(
            self,
            line,
            verdict,
            &walk_under_way,
            u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        )
    }

    fn begin(&self, target: &str) -> Result<Walk, String> {
        let value = answer::parse(InputKind::SqlTarget, &[], false, target)?;
        let mut beginning = self.beginning.clone();
        beginning.one_way = true;
        let typed = value
            .get("typed")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        beginning.inputs.insert(self.input.clone(), value);
        let mut journal = Journal::create(&self.folder, &beginning.flow, &typed)
            .map_err(|fault| fault.to_string())?;
        journal.force_at_the_end();
        Walk::begin(
            Arc::clone(&self.library),
            Arc::clone(&self.catalogue),
            Answers::new(Arc::clone(&self.runner)),
            Some(journal),
            beginning,
        )
        .map_err(|fault| fault.to_string())
    }

    fn bad(&self, bad: &BadLine) -> TargetResult {
        TargetResult {
            target: clean_line(&bad.line.text),
            line: bad.line.number,
            from: self.from.clone(),
            flow: self.beginning.flow.clone(),
            verdict: NOT_WALKED.to_owned(),
            causes: Vec::new(),
            unknown: Vec::new(),
            elapsed_ms: 0,
            journal: None,
            error: Some(clean_line(&bad.why)),
        }
    }
}

/// Nobody watches the steps of one walk of many.
struct Silent;

impl Progress for Silent {
    fn step(&mut self, _visit: &Visit) {}
}
