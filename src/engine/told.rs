//! What people told in a walk: it goes with the requests of the probes that
//! listen to it, and the answers to hand-over cards settle what is unknown.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::entry::Entry;
use super::event::Effect;
use super::finding::{Finding, RuledOut, UnknownCause, Verdict, unresolved};
use super::session::Session;
use super::state::Phase;
use crate::flow::model::GIVEN;
use crate::pasted::Told;
use crate::pasted::card::{CardAnswer, Says};
use crate::probe::pasted::TOLD;
use crate::probe::{ProbeDeclaration, ProbeRequest, registry};

/// The most lines of one text that the note about it has.
const SHOWN: usize = 12;

/// Whether a probe reads what people told.
pub(super) fn listens(declaration: &ProbeDeclaration) -> bool {
    declaration.arguments.iter().any(|one| one.name == TOLD)
}

impl Session {
    /// Takes in what a person told. A step that listens is asked again, and
    /// what is unknown so far is settled where it can be.
    pub(super) fn hear(&mut self, told: Told) {
        if told.is_empty() {
            return;
        }
        self.note_told(&told);
        self.told.extend(told);
        self.given["pasted"] = Value::Bool(true);
        self.given["can_paste"] = Value::Bool(true);
        let given = self.given.clone();
        for frame in &mut self.state.frames {
            frame.scope.insert(GIVEN.to_owned(), given.clone());
        }
        let listening = self
            .current()
            .and_then(|visit| visit.request.as_ref())
            .and_then(|request| registry::declaration(&request.probe))
            .is_some_and(listens);
        if listening && matches!(self.state.phase, Phase::Showing { .. }) {
            self.retry();
        }
        self.settle_all();
    }

    /// Writes into the transcript what was told, and that nobody here saw it.
    pub(super) fn note_told(&mut self, told: &Told) {
        if told.is_empty() {
            return;
        }
        let lines = told.lines();
        let mut text = format!(
            "Told by a person, not seen by this program: {}.",
            told.sources.join(", ")
        );
        for line in lines.iter().take(SHOWN) {
            text.push_str("\n  ");
            text.push_str(line);
        }
        if lines.len() > SHOWN {
            let _ = write!(text, "\n  and {} more", lines.len() - SHOWN);
        }
        self.record(Entry::Noted {
            path: self.place(),
            text,
            told: Some(Box::new(told.clone())),
        });
    }

    /// The request with what was told, when its probe listens.
    pub(super) fn with_told(&self, mut request: ProbeRequest) -> ProbeRequest {
        if !self.told.is_empty()
            && registry::declaration(&request.probe).is_some_and(listens)
            && let Ok(told) = serde_json::to_value(&self.told)
        {
            request.arguments.insert(TOLD.to_owned(), told);
        }
        request
    }

    /// A cause that could not be seen, unless a person told: then it is found
    /// or excluded here. What is told without being decisive is added to the
    /// reason.
    pub(super) fn settled(&mut self, visit: u64, open: UnknownCause) -> Option<UnknownCause> {
        let Some(answer) = self.told.answer(&open.cause).cloned() else {
            return Some(open);
        };
        let said = said(&answer);
        match answer.says {
            // What was seen as well is found already.
            Says::Confirms
                if self
                    .state
                    .findings
                    .iter()
                    .any(|finding| finding.cause == open.cause) =>
            {
                return None;
            }
            Says::Confirms => {
                if let Some(finding) = self.told_finding(&open, &answer, &said) {
                    self.record(Entry::Found {
                        visit,
                        finding: finding.clone(),
                    });
                    self.state.findings.push(finding);
                    return None;
                }
            }
            Says::Excludes => {
                let sentence = self
                    .catalogue
                    .excluded(&open.cause, &serde_json::Map::new());
                let ruled_out = RuledOut {
                    excluded: format!("{} ({said}).", sentence.trim_end_matches('.')),
                    cause: open.cause,
                    step: open.step,
                    why: said,
                };
                self.record(Entry::RuledOut {
                    visit,
                    ruled_out: ruled_out.clone(),
                });
                self.state.ruled_out.push(ruled_out);
                return None;
            }
            Says::Unclear => {}
        }
        Some(UnknownCause {
            why: format!("{} ({said})", open.why),
            ..open
        })
    }

    /// A finding with what a person told of its cause: more of the repair can be
    /// made from that.
    pub(super) fn with_what_was_told(&self, finding: Finding) -> Finding {
        let told = self.told.answer(&finding.cause);
        let Some(answer) =
            told.filter(|answer| answer.says == Says::Confirms && !answer.values.is_empty())
        else {
            return finding;
        };
        let mut values = finding.values.clone();
        values.extend(answer.values.clone());
        let Ok(resolved) = self.catalogue.resolve(&finding.cause, &values) else {
            return finding;
        };
        let mut evidence = finding.evidence;
        evidence.push(said(answer));
        Finding {
            severity: resolved.severity,
            meaning: resolved.meaning,
            evidence,
            values,
            fix: resolved.fix,
            ..finding
        }
    }

    /// Settles what is unknown so far, and says the verdict anew when the walk
    /// has ended.
    pub(super) fn settle_all(&mut self) {
        let visit = self.current().map_or(0, |visit| visit.number);
        let open: Vec<UnknownCause> = unresolved(
            &self.state.unknown,
            &self.state.ruled_out,
            &self.state.findings,
        )
        .into_iter()
        .cloned()
        .collect();
        let before = (self.state.findings.len(), self.state.ruled_out.len());
        for one in open {
            // What stays open keeps the words that it had.
            let _ = self.settled(visit, one);
        }
        let after = (self.state.findings.len(), self.state.ruled_out.len());
        if let Phase::Finished { words, .. } = self.state.phase.clone()
            && before != after
        {
            let unknown = unresolved(
                &self.state.unknown,
                &self.state.ruled_out,
                &self.state.findings,
            )
            .len();
            let verdict = Verdict::of(self.state.findings.len(), unknown);
            self.state.phase = Phase::Finished {
                verdict,
                words: words.clone(),
            };
            self.record(Entry::Finished { verdict, words });
            self.effects.push(Effect::Finished(verdict));
        }
    }

    /// The finding of a cause that a person confirmed. None when the catalogue
    /// wants values that nobody told.
    fn told_finding(
        &self,
        open: &UnknownCause,
        answer: &CardAnswer,
        said: &str,
    ) -> Option<Finding> {
        let mut values = self.values_for(&answer.cause);
        values.extend(open.values.clone());
        values.extend(answer.values.clone());
        let resolved = self.catalogue.resolve(&answer.cause, &values).ok()?;
        Some(Finding {
            cause: answer.cause.clone(),
            severity: resolved.severity,
            title: resolved.title,
            meaning: resolved.meaning,
            step: open.step.clone(),
            evidence: vec![said.to_owned()],
            values,
            fix: resolved.fix,
        })
    }

    /// The cause's parameters, as far as the flows that are walked know texts of
    /// the same name; the host is the one that was typed.
    fn values_for(&self, cause: &str) -> Map<String, Value> {
        let mut values = Map::new();
        let Some(cause) = self.catalogue.cause(cause) else {
            return values;
        };
        for name in cause.parameters.keys() {
            let known = self.state.frames.iter().rev().find_map(|frame| {
                frame
                    .scope
                    .get(name)
                    .filter(|value| value.is_string())
                    .cloned()
            });
            let typed = || {
                let server = self.state.frames.first()?.scope.get("server")?;
                (name == "host").then(|| server.get("host").cloned())?
            };
            if let Some(value) = known.or_else(typed) {
                values.insert(name.clone(), value);
            }
        }
        values
    }
}

/// The words of an answer, which nobody here saw.
fn said(answer: &CardAnswer) -> String {
    format!("told by a person, {}: {}", answer.source, answer.words)
}
