//! The session document: what a journal says, in order and without what was
//! taken back. Every export is made from it.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use super::cards::{HandOver, cards};
use super::fault::JournalFault;
use super::reading::{self, Reading};
use super::{document_path, document_steps};
use crate::cause::Catalogue;
use crate::engine::finding::{excluded, unresolved};
use crate::engine::{
    Entry, Finding, PathStation, RuledOut, StepKind, StepPath, UnknownCause, Verdict,
};
use crate::fix::{self, Header, System};
use crate::probe::outcome::{ByHand, Evidence};

/// The version of this document.
pub const SCHEMA: u32 = 1;

/// A session, from its journal alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionDocument {
    /// The version of this document, [`SCHEMA`].
    pub schema: u32,
    /// The version of the program that walked.
    pub version: String,
    /// The session's name.
    pub session: String,
    /// The flow's id.
    pub flow: String,
    /// The flow's title.
    pub title: String,
    /// What was diagnosed, as the user typed it.
    pub target: String,
    /// Where outcomes came from: `live` or a world's name.
    pub source: String,
    /// When the walk began.
    pub started: Timestamp,
    /// When it ended; null when it was cut off.
    pub ended: Option<Timestamp>,
    /// What it says.
    pub verdict: Verdict,
    /// The closing words.
    pub words: String,
    /// The answers to the flow's inputs.
    pub inputs: serde_json::Map<String, Value>,
    /// The causes found, in the order of repair.
    pub findings: Vec<DocumentFinding>,
    /// What was excluded.
    pub ruled_out: Vec<RuledOut>,
    /// What could not be observed.
    pub unknown: Vec<UnknownCause>,
    /// The way from the client to the data, and where it breaks.
    #[serde(default)]
    pub path: Vec<PathStation>,
    /// The steps, in the order in which they were walked.
    pub steps: Vec<StepRecord>,
    /// What to hand over to somebody who sees more.
    pub cards: Vec<HandOver>,
    /// What the user noted.
    pub notes: Vec<Note>,
    /// What could not be read of the journal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub damage: Option<String>,
}

/// A finding with its scripts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DocumentFinding {
    /// The finding.
    #[serde(flatten)]
    pub finding: Finding,
    /// What repairs this one.
    pub scripts: Scripts,
}

/// A fix script for each system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scripts {
    /// Windows PowerShell.
    pub windows: String,
    /// POSIX shell.
    pub linux: String,
}

/// One step that was walked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// Where in the walk.
    pub id: StepPath,
    /// The flow that it belongs to.
    pub flow: String,
    /// What the step does.
    pub kind: StepKind,
    /// The probe's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe: Option<String>,
    /// The step's title.
    pub title: String,
    /// Why it matters.
    pub why: String,
    /// How it came out; null when it was not finished.
    pub status: Option<String>,
    /// A few words for the outline.
    pub summary: String,
    /// What was observed.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub facts: serde_json::Map<String, Value>,
    /// The question and the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    /// The way that was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<BranchRecord>,
    /// What it means.
    pub means: Vec<String>,
    /// What went over the wire.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    /// The same by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_hand: Option<ByHand>,
    /// How long the observation took, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elapsed_ms: Option<u64>,
}

/// A question with its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The question.
    pub question: String,
    /// The answer; null for a secret.
    pub answer: Value,
    /// What the user read for it.
    pub label: String,
}

/// The branch that a step took.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BranchRecord {
    /// Its number, from 1.
    pub number: usize,
    /// Its conditions as written.
    pub condition: String,
    /// What they saw.
    pub saw: BTreeMap<String, Value>,
    /// The next step; empty when the flow ended.
    pub goto: String,
}

/// A note of the user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Note {
    /// When.
    pub at: Timestamp,
    /// Where the walk was.
    pub step: StepPath,
    /// The note.
    pub text: String,
}

/// The document of the journal in this file.
pub fn read(path: &Path) -> Result<SessionDocument, JournalFault> {
    Ok(SessionDocument::of(&reading::read(path)?))
}

impl SessionDocument {
    /// The document of a journal.
    pub fn of(reading: &Reading) -> Self {
        Self::with(reading, Catalogue::embedded())
    }

    /// As [`SessionDocument::of`], with another catalogue.
    pub fn with(reading: &Reading, catalogue: &Catalogue) -> Self {
        let mut document = Self::empty(reading);
        let mut findings: Vec<(u64, Finding)> = Vec::new();
        let mut ruled_out: Vec<(u64, RuledOut)> = Vec::new();
        let mut unknown: Vec<(u64, UnknownCause)> = Vec::new();
        let mut verdict = None;
        for line in &reading.lines {
            match &line.entry {
                Entry::Found { visit, finding } => findings.push((*visit, finding.clone())),
                Entry::RuledOut {
                    visit,
                    ruled_out: cause,
                } => ruled_out.push((*visit, cause.clone())),
                Entry::Unknown {
                    visit,
                    unknown: cause,
                } => unknown.push((*visit, cause.clone())),
                Entry::WentBack { from_visit } => {
                    findings.retain(|(visit, _)| visit < from_visit);
                    ruled_out.retain(|(visit, _)| visit < from_visit);
                    unknown.retain(|(visit, _)| visit < from_visit);
                    verdict = None;
                    document.ended = None;
                    document.words.clear();
                }
                Entry::Noted { path, text } => document.notes.push(Note {
                    at: line.at,
                    step: path.clone(),
                    text: text.clone(),
                }),
                Entry::Finished {
                    verdict: said,
                    words,
                } => {
                    verdict = Some(*said);
                    document.ended = Some(line.at);
                    document.words.clone_from(words);
                }
                _ => {}
            }
        }
        let mut findings: Vec<Finding> = findings.into_iter().map(|(_, finding)| finding).collect();
        catalogue.sort(&mut findings);
        let ruled_out: Vec<RuledOut> = ruled_out.into_iter().map(|(_, cause)| cause).collect();
        let unknown: Vec<UnknownCause> = unknown.into_iter().map(|(_, cause)| cause).collect();
        document.unknown = unresolved(&unknown, &ruled_out, &findings)
            .into_iter()
            .cloned()
            .collect();
        document.ruled_out = excluded(&ruled_out, &findings)
            .into_iter()
            .cloned()
            .collect();
        document.verdict = verdict.unwrap_or(Verdict::of(findings.len(), 1));
        document.steps = document_steps::steps(&reading.lines);
        document.path = document_path::path(
            catalogue,
            &document.target,
            &document.steps,
            &findings,
            &ruled_out,
            &document.unknown,
        );
        document.cards = cards(&findings, &document.unknown, catalogue);
        let header = header(&document);
        document.findings = findings
            .into_iter()
            .map(|finding| DocumentFinding {
                scripts: Scripts {
                    windows: fix::script(std::slice::from_ref(&finding), System::Windows, &header),
                    linux: fix::script(std::slice::from_ref(&finding), System::Linux, &header),
                },
                finding,
            })
            .collect();
        document
    }

    /// The script for all findings.
    pub fn script(&self, system: System) -> String {
        let findings: Vec<Finding> = self
            .findings
            .iter()
            .map(|finding| finding.finding.clone())
            .collect();
        fix::script(&findings, system, &header(self))
    }

    fn empty(reading: &Reading) -> Self {
        let mut document = Self {
            schema: SCHEMA,
            version: String::new(),
            session: reading.name.clone(),
            flow: String::new(),
            title: String::new(),
            target: String::new(),
            source: String::new(),
            started: Timestamp::UNIX_EPOCH,
            ended: None,
            verdict: Verdict::Inconclusive,
            words: String::new(),
            inputs: serde_json::Map::new(),
            findings: Vec::new(),
            ruled_out: Vec::new(),
            unknown: Vec::new(),
            path: Vec::new(),
            steps: Vec::new(),
            cards: Vec::new(),
            notes: Vec::new(),
            damage: reading.damage.clone(),
        };
        if let Some(line) = reading.lines.first()
            && let Entry::Began {
                version,
                flow,
                title,
                target,
                inputs,
                source,
                ..
            } = &line.entry
        {
            document.started = line.at;
            document.version.clone_from(version);
            document.flow.clone_from(flow);
            document.title.clone_from(title);
            document.target.clone_from(target);
            document.inputs.clone_from(inputs);
            document.source.clone_from(source);
        }
        document
    }
}

/// What stands at the top of the scripts; the domain controllers are those that
/// answered in this session.
fn header(document: &SessionDocument) -> Header {
    let mut domain_controllers = BTreeMap::new();
    for step in &document.steps {
        if step.probe.as_deref() == Some("ldap-root")
            && let (Some(domain), Some(host)) = (
                step.facts.get("domain").and_then(Value::as_str),
                step.facts.get("dns_host_name").and_then(Value::as_str),
            )
        {
            domain_controllers
                .entry(domain.to_lowercase())
                .or_insert_with(|| host.to_owned());
        }
    }
    Header {
        version: document.version.clone(),
        session: document.session.clone(),
        flow: document.flow.clone(),
        target: document.target.clone(),
        inputs: document
            .inputs
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), typed(value)?)))
            .collect(),
        started: document.started.to_string(),
        domain_controllers,
    }
}

/// An input as it was typed; none for one that was not given, or a secret.
fn typed(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(true) => Some("yes".to_owned()),
        Value::Bool(false) => Some("no".to_owned()),
        Value::Object(fields) => Some(fields.get("typed")?.as_str()?.to_owned()),
        _ => None,
    }
}
