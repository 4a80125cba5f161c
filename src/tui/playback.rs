//! A journal as a row of moments: what the wizard showed, step by step. Nothing
//! is walked and nobody is asked.

use std::sync::Arc;

use crate::engine::{Ahead, Entry, Finding, Phase, RuledOut, StepKind, Taken, UnknownCause, Visit};
use crate::probe::{Tone, registry};
use crate::transcript::{Line, Reading, SessionDocument};

use super::walk_state::{Replayed, WalkState};

/// The most lines that are replayed. A long walk writes a few hundred; each
/// moment holds all that was before it, so that a journal without end, which may
/// have come by mail, would take the memory of this machine.
const MOST_LINES: usize = 1000;

/// A session to be looked at.
#[derive(Clone, Debug)]
pub struct Playback {
    moments: Vec<Moment>,
    at: usize,
    reading: Reading,
}

#[derive(Clone, Debug)]
struct Moment {
    state: WalkState,
    remark: Option<String>,
}

/// The walk as it stood.
#[derive(Clone, Debug, Default)]
struct State {
    visits: Vec<Visit>,
    current: usize,
    findings: Vec<Finding>,
    ruled_out: Vec<RuledOut>,
    unknown: Vec<UnknownCause>,
}

impl Playback {
    /// The moments of a journal; none when no step was entered.
    pub fn of(reading: Reading) -> Option<Self> {
        let mut maker = Maker::default();
        for line in reading.lines.iter().take(MOST_LINES) {
            maker.take(line);
        }
        maker.show_pending();
        if reading.lines.len() > MOST_LINES {
            maker.remark(
                "The session has more steps than are shown here: `sspi-doctor replay --print` \
                 prints all of them.",
            );
        } else {
            maker.cut();
        }
        let mut moments = maker.moments;
        let of = moments.len();
        for (number, moment) in (1..).zip(&mut moments) {
            moment.state.can_go_back = number > 1;
            if let Some(replayed) = &mut moment.state.replayed {
                (replayed.number, replayed.of) = (number, of);
            }
        }
        ahead(&reading, &mut moments);
        (!moments.is_empty()).then_some(Self {
            moments,
            at: 0,
            reading,
        })
    }

    /// What is shown, and a sentence on it.
    pub fn now(&self) -> (WalkState, Option<String>) {
        self.moments
            .get(self.at)
            .map(|moment| (moment.state.clone(), moment.remark.clone()))
            .unwrap_or_default()
    }

    /// To the next moment; false at the end.
    pub fn forward(&mut self) -> bool {
        let more = self.at + 1 < self.moments.len();
        self.at += usize::from(more);
        more
    }

    /// To the moment before; false at the beginning.
    pub fn back(&mut self) -> bool {
        let more = self.at > 0;
        self.at -= usize::from(more);
        more
    }

    /// The whole session.
    pub fn document(&self) -> SessionDocument {
        SessionDocument::of(&self.reading)
    }
}

#[derive(Default)]
struct Maker {
    title: String,
    state: State,
    /// What was before each visit.
    before: Vec<(u64, State)>,
    moments: Vec<Moment>,
    /// The visit that is to be shown when its last line was read.
    pending: Option<(u64, jiff::Timestamp)>,
    remarks: Vec<String>,
    phase: Option<Phase>,
    last: Option<jiff::Timestamp>,
}

impl Maker {
    fn take(&mut self, line: &Line) {
        let belongs = matches!(
            line.entry,
            Entry::Found { .. } | Entry::RuledOut { .. } | Entry::Unknown { .. }
        );
        if !belongs {
            self.show_pending();
        }
        self.last = Some(line.at);
        match &line.entry {
            Entry::Began { title, .. } => self.title.clone_from(title),
            Entry::Entered { .. } => self.enter(&line.entry),
            Entry::Found { finding, .. } => self.state.findings.push(finding.clone()),
            Entry::RuledOut { ruled_out, .. } => self.state.ruled_out.push(ruled_out.clone()),
            Entry::Unknown { unknown, .. } => self.state.unknown.push(unknown.clone()),
            Entry::WentBack { from_visit } => {
                let first = self
                    .before
                    .iter()
                    .position(|(visit, _)| visit >= from_visit);
                if let Some(first) = first {
                    self.state = self.before.swap_remove(first).1;
                    self.before.truncate(first);
                }
                self.remarks
                    .push("Here the user went back, or a step was asked again.".to_owned());
            }
            Entry::Noted { text, .. } => self.remark(&format!("Note: {text}")),
            Entry::Screen { .. } => self.remark("The user kept this screen."),
            Entry::Resumed { .. } => self
                .remarks
                .push("The session had been cut off, and goes on here.".to_owned()),
            Entry::Finished { verdict, words } => {
                self.phase = Some(Phase::Finished {
                    verdict: *verdict,
                    words: words.clone(),
                });
                self.show(line.at);
            }
            other => self.tell(other, line.at),
        }
    }

    fn enter(&mut self, entry: &Entry) {
        let Entry::Entered {
            visit,
            path,
            flow,
            kind,
            title,
            why,
        } = entry
        else {
            return;
        };
        self.before.push((*visit, self.state.clone()));
        let is_end = *kind == StepKind::Finish;
        self.state.visits.push(Visit {
            number: *visit,
            path: path.clone(),
            flow: flow.clone(),
            kind: *kind,
            title: title.clone(),
            why: why.clone(),
            request: None,
            outcome: None,
            answer: None,
            status: is_end.then(|| "finished".to_owned()),
            tone: if is_end { Tone::Good } else { Tone::Unknown },
            taken: None,
        });
        self.state.current = self.state.visits.len() - 1;
    }

    /// Adds to a visit what an entry says of it.
    fn tell(&mut self, entry: &Entry, at: jiff::Timestamp) {
        let number = entry.visit();
        let found: Vec<String> = Vec::new();
        let Some(index) = self
            .state
            .visits
            .iter()
            .position(|visit| Some(visit.number) == number)
        else {
            return;
        };
        let Some(visit) = self.state.visits.get_mut(index) else {
            return;
        };
        match entry {
            Entry::Answered {
                question, label, ..
            } => visit.answer = Some((question.clone(), label.clone())),
            Entry::Asked { request, .. } => visit.request = Some(request.clone()),
            Entry::Observed {
                request, outcome, ..
            } => {
                visit.request = Some(request.clone());
                visit.outcome = Some(Arc::new(outcome.clone()));
            }
            Entry::Branched {
                status,
                branch,
                condition,
                saw,
                means,
                goto,
                ..
            } => {
                visit.status = Some(status.clone());
                visit.taken = Some(Taken {
                    branch: *branch,
                    condition: condition.clone(),
                    saw: saw.clone(),
                    means: means.clone(),
                    found,
                    goto: goto.clone(),
                });
                // A flow that only ends was not shown by itself.
                if visit.kind != StepKind::Flow || means.len() > 1 {
                    self.pending = Some((visit.number, at));
                }
                visit.tone = tone(visit, status);
            }
            _ => {}
        }
    }

    fn show_pending(&mut self) {
        let Some((number, at)) = self.pending.take() else {
            return;
        };
        let found: Vec<&Finding> = self.state.findings.iter().collect();
        if let Some(index) = self
            .state
            .visits
            .iter()
            .position(|visit| visit.number == number)
            && let Some(visit) = self.state.visits.get_mut(index)
        {
            let found: Vec<String> = found
                .iter()
                .filter(|finding| finding.step == visit.path)
                .map(|finding| finding.cause.clone())
                .collect();
            if !found.is_empty() {
                visit.tone = Tone::Fault;
            }
            if let Some(taken) = &mut visit.taken {
                taken.found = found;
                self.phase = Some(Phase::Showing {
                    next: taken.goto.clone(),
                });
            }
            self.state.current = index;
            self.show(at);
        }
    }

    /// Says something of the moment that was shown last.
    fn remark(&mut self, words: &str) {
        match self.moments.last_mut() {
            Some(Moment { remark, .. }) => {
                let before = remark
                    .take()
                    .map_or_else(String::new, |said| format!("{said} "));
                *remark = Some(format!("{before}{words}"));
            }
            None => self.remarks.push(words.to_owned()),
        }
    }

    /// The step at which the journal ends without having left it.
    fn cut(&mut self) {
        let is_open = self
            .state
            .visits
            .last()
            .is_some_and(|visit| visit.taken.is_none() && visit.kind != StepKind::Finish);
        if let Some(at) = self.last.filter(|_| is_open) {
            self.remarks
                .push("Here the session was cut off.".to_owned());
            self.state.current = self.state.visits.len() - 1;
            self.phase = Some(Phase::Showing {
                next: String::new(),
            });
            self.show(at);
        }
    }

    fn show(&mut self, at: jiff::Timestamp) {
        let state = self.state.clone();
        let remark = (!self.remarks.is_empty()).then(|| self.remarks.join(" "));
        self.remarks.clear();
        self.moments.push(Moment {
            state: WalkState {
                title: self.title.clone(),
                phase: self.phase.take().unwrap_or_default(),
                visits: state.visits,
                current: state.current,
                findings: state.findings,
                ruled_out: state.ruled_out,
                unknown: state.unknown,
                replayed: Some(Replayed {
                    at,
                    number: 0,
                    of: 0,
                }),
                ..WalkState::default()
            },
            remark,
        });
    }
}

/// What came after each moment, as the steps ahead of it.
fn ahead(reading: &Reading, moments: &mut [Moment]) {
    let steps: Vec<(u64, Ahead)> = reading
        .counting()
        .into_iter()
        .filter_map(|line| match &line.entry {
            Entry::Entered {
                visit,
                path,
                kind,
                title,
                ..
            } if *kind != StepKind::Finish => Some((
                *visit,
                Ahead {
                    path: path.clone(),
                    title: title.clone(),
                    maybe: false,
                    steps: 1,
                },
            )),
            _ => None,
        })
        .take(MOST_LINES)
        .collect();
    for moment in moments {
        let walked = moment.state.visits.iter().map(|visit| visit.number).max();
        moment.state.ahead = steps
            .iter()
            .filter(|(visit, _)| Some(*visit) > walked)
            .map(|(_, ahead)| ahead.clone())
            .collect();
        moment.state.next = moment.state.ahead.first().map(|ahead| ahead.title.clone());
    }
}

fn tone(visit: &Visit, status: &str) -> Tone {
    match (visit.kind, status) {
        (StepKind::Probe, _) => visit
            .request
            .as_ref()
            .and_then(|request| registry::declaration(&request.probe))
            .map_or(Tone::Unknown, |declaration| declaration.tone(status)),
        (StepKind::Flow, "cause-found") => Tone::Fault,
        (StepKind::Flow, "inconclusive") | (StepKind::Ask, "not-answered") => Tone::Unknown,
        _ => Tone::Good,
    }
}
