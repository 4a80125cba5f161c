//! The session document: what a journal says, in order and without what was
//! taken back. Every export is made from it.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fault::JournalFault;
pub use super::hand_over::HandOver;
use super::reading::{self, Line, Reading};
use super::{document_path, document_steps, hand_over};
use crate::cause::Catalogue;
use crate::engine::finding::{excluded, unresolved};
use crate::engine::path::drawing;
use crate::engine::{
    Entry, Finding, PathStation, RuledOut, StationState, StepKind, StepPath, UnknownCause, Verdict,
};
use crate::fix::{self, System};
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
    /// The screens that the user kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub screens: Vec<Note>,
    /// When a walk that had been cut off went on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resumed: Vec<Timestamp>,
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
        let mut findings: Vec<Finding> = Vec::new();
        let mut ruled_out: Vec<RuledOut> = Vec::new();
        let mut unknown: Vec<UnknownCause> = Vec::new();
        let mut verdict = None;
        let lines = reading.counting();
        for line in &lines {
            match &line.entry {
                Entry::Found { finding, .. } => findings.push(finding.clone()),
                Entry::RuledOut {
                    ruled_out: cause, ..
                } => ruled_out.push(cause.clone()),
                Entry::Unknown { unknown: cause, .. } => unknown.push(cause.clone()),
                Entry::Noted { path, text, .. } => document.notes.push(note(line, path, text)),
                Entry::Screen { path, text } => document.screens.push(note(line, path, text)),
                Entry::Resumed { .. } => document.resumed.push(line.at),
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
        catalogue.sort(&mut findings);
        document.unknown = unresolved(&unknown, &ruled_out, &findings)
            .into_iter()
            .cloned()
            .collect();
        document.ruled_out = excluded(&ruled_out, &findings)
            .into_iter()
            .cloned()
            .collect();
        document.verdict = verdict.unwrap_or(Verdict::of(findings.len(), 1));
        document.steps = document_steps::steps(&lines);
        document.path = document_path::path(
            catalogue,
            &document.target,
            &document.steps,
            &findings,
            &ruled_out,
            &document.unknown,
        );
        document.cards = hand_over::cards(&findings, &document.unknown, catalogue);
        let header = hand_over::header(&document);
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
        fix::script(&findings, system, &hand_over::header(self))
    }

    /// The way of the login in text with the place where it breaks, at most
    /// `width` cells wide; no line where nothing was looked at.
    pub fn drawing(&self, width: usize) -> Vec<String> {
        let looked = |one: &PathStation| one.state != StationState::NotAsked;
        if self.path.iter().any(looked) {
            drawing(&self.path, width)
        } else {
            Vec::new()
        }
    }

    /// What stands at the top of a script.
    pub fn header(&self) -> fix::Header {
        hand_over::header(self)
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
            screens: Vec::new(),
            resumed: Vec::new(),
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

fn note(line: &Line, path: &StepPath, text: &str) -> Note {
    Note {
        at: line.at,
        step: path.clone(),
        text: text.to_owned(),
    }
}
