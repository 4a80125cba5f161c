//! A session document read back: the lines of a journal that would make it. So
//! a document that came by mail can be replayed and written in other forms.

use jiff::Timestamp;

use super::document::{SessionDocument, StepRecord};
use super::reading::Line;
use crate::engine::entry::SCHEMA;
use crate::engine::{Entry, StepKind};
use crate::probe::{Outcome, ProbeRequest};

/// The lines. A document knows when a walk began and ended, not when each step
/// was walked, nor what was taken back.
pub(super) fn lines(document: &SessionDocument) -> Vec<Line> {
    let mut lines = Lines {
        lines: Vec::new(),
        document,
    };
    lines.add(
        document.started,
        Entry::Began {
            schema: SCHEMA,
            version: document.version.clone(),
            flow: document.flow.clone(),
            title: document.title.clone(),
            target: document.target.clone(),
            inputs: document.inputs.clone(),
            source: document.source.clone(),
        },
    );
    let mut open: Vec<(u64, &StepRecord)> = Vec::new();
    for (visit, step) in (1..).zip(&document.steps) {
        while let Some((number, flow)) = open.pop() {
            if step.id.0.starts_with(&format!("{}/", flow.id.0)) {
                open.push((number, flow));
                break;
            }
            lines.leave(number, flow);
        }
        lines.enter(visit, step);
        match step.kind {
            StepKind::Flow => open.push((visit, step)),
            _ => lines.leave(visit, step),
        }
    }
    while let Some((number, flow)) = open.pop() {
        lines.leave(number, flow);
    }
    lines.end();
    lines.lines
}

struct Lines<'a> {
    lines: Vec<Line>,
    document: &'a SessionDocument,
}

impl Lines<'_> {
    fn add(&mut self, at: Timestamp, entry: Entry) {
        self.lines.push(Line {
            seq: self.lines.len() as u64 + 1,
            at,
            entry,
        });
    }

    fn enter(&mut self, visit: u64, step: &StepRecord) {
        let at = self.document.started;
        self.add(
            at,
            Entry::Entered {
                visit,
                path: step.id.clone(),
                flow: step.flow.clone(),
                kind: step.kind,
                title: step.title.clone(),
                why: step.why.clone(),
            },
        );
        if let Some(answer) = &step.answer {
            self.add(
                at,
                Entry::Answered {
                    visit,
                    path: step.id.clone(),
                    question: answer.question.clone(),
                    answer: answer.answer.clone(),
                    label: answer.label.clone(),
                },
            );
        }
        if let (Some(probe), Some(status)) = (&step.probe, &step.status) {
            self.add(
                at,
                Entry::Observed {
                    visit,
                    path: step.id.clone(),
                    request: ProbeRequest::new(probe.clone()),
                    outcome: Outcome {
                        status: status.clone(),
                        summary: step.summary.clone(),
                        facts: step.facts.clone(),
                        evidence: step.evidence.clone(),
                        by_hand: step.by_hand.clone().unwrap_or_default(),
                        elapsed_ms: step.elapsed_ms.unwrap_or_default(),
                    },
                },
            );
        }
    }

    fn leave(&mut self, visit: u64, step: &StepRecord) {
        let (at, document) = (self.document.started, self.document);
        for finding in &document.findings {
            if finding.finding.step == step.id {
                let finding = finding.finding.clone();
                self.add(at, Entry::Found { visit, finding });
            }
        }
        for ruled_out in &document.ruled_out {
            if ruled_out.step == step.id {
                let ruled_out = ruled_out.clone();
                self.add(at, Entry::RuledOut { visit, ruled_out });
            }
        }
        for unknown in &document.unknown {
            if unknown.step == step.id {
                let unknown = unknown.clone();
                self.add(at, Entry::Unknown { visit, unknown });
            }
        }
        if let (Some(status), Some(branch)) = (&step.status, &step.branch) {
            self.add(
                at,
                Entry::Branched {
                    visit,
                    path: step.id.clone(),
                    status: status.clone(),
                    branch: branch.number,
                    condition: branch.condition.clone(),
                    saw: branch.saw.clone(),
                    means: step.means.clone(),
                    goto: branch.goto.clone(),
                },
            );
        }
    }

    fn end(&mut self) {
        let document = self.document;
        for note in &document.notes {
            let (path, text) = (note.step.clone(), note.text.clone());
            self.add(
                note.at,
                Entry::Noted {
                    path,
                    text,
                    told: None,
                },
            );
        }
        for screen in &document.screens {
            let (path, text) = (screen.step.clone(), screen.text.clone());
            self.add(screen.at, Entry::Screen { path, text });
        }
        for at in &document.resumed {
            let version = document.version.clone();
            self.add(*at, Entry::Resumed { version, kept: 0 });
        }
        if let Some(ended) = document.ended {
            self.add(
                ended,
                Entry::Finished {
                    verdict: document.verdict,
                    words: document.words.clone(),
                },
            );
        }
    }
}
