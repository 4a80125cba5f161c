//! Takes a walk to where its journal ends, without asking anybody: the engine
//! is a pure state machine, so what was answered and seen leads to the same
//! state again. Where it does not, because a flow has changed, the walk stands
//! as far as it is the same.

use std::sync::Arc;

use jiff::Timestamp;

use super::past::{Past, PastVisit};
use crate::cause::Catalogue;
use crate::engine::{Beginning, CannotBegin, Effect, Entry, Event, Phase, Session};
use crate::flow::InputKind;
use crate::flow::library::Library;

/// A walk where its journal ends.
#[derive(Debug)]
pub struct Restored {
    /// The walk.
    pub session: Session,
    /// What is to be done now.
    pub effects: Vec<Effect>,
    /// How many visits stand.
    pub standing: usize,
}

/// The walk as far as its visits stand since `oldest`
/// ([`Past::standing`]). Flow and inputs come from the past.
pub fn restore(
    library: &Arc<Library>,
    catalogue: &Arc<Catalogue>,
    beginning: &Beginning,
    past: &Past,
    oldest: Option<Timestamp>,
) -> Result<Restored, CannotBegin> {
    let mut standing = past.standing(oldest);
    let inputs = with_secrets(library, past, beginning);
    loop {
        let beginning = Beginning {
            flow: past.flow.clone(),
            inputs: inputs.clone(),
            source: past.source.clone(),
            told: past.told.clone(),
            numbers: past
                .visits
                .iter()
                .take(standing)
                .map(|visit| visit.number)
                .collect(),
            last_visit: past.last_visit,
            ..beginning.clone()
        };
        let (session, effects) =
            Session::begin(Arc::clone(library), Arc::clone(catalogue), beginning)?;
        match attempt(session, effects, past, standing) {
            Ok(restored) => return Ok(restored),
            // Each time fewer, and none always works.
            Err(fewer) => standing = fewer.min(standing.saturating_sub(1)),
        }
    }
}

/// What the flow was given. A secret is not in the journal, so it is the one that
/// was given now.
fn with_secrets(
    library: &Arc<Library>,
    past: &Past,
    beginning: &Beginning,
) -> serde_json::Map<String, serde_json::Value> {
    let mut inputs = past.inputs.clone();
    let flow = library.flow(&past.flow);
    for (name, value) in &beginning.inputs {
        let input = flow.as_ref().and_then(|flow| flow.inputs.get(name));
        if input.is_some_and(|input| input.kind == InputKind::Secret) {
            inputs.insert(name.clone(), value.clone());
        }
    }
    inputs
}

/// Goes as far as `standing` visits; the error is the first visit that is not
/// as it was.
fn attempt(
    mut session: Session,
    mut effects: Vec<Effect>,
    past: &Past,
    standing: usize,
) -> Result<Restored, usize> {
    let known = past
        .visits
        .get(standing)
        .map_or(past.lines.len(), |visit| visit.begins);
    let known: Vec<&Entry> = past.lines.iter().take(known).map(|l| &l.entry).collect();
    let visits = past.visits.get(..standing).unwrap_or_default();
    let mut now = Vec::new();
    loop {
        let mut need = None;
        for effect in effects {
            match effect {
                Effect::Record(entry) => {
                    if is_new(&entry, visits, &known)? {
                        now.push(Effect::Record(entry));
                    }
                }
                Effect::CancelRun(_) => {}
                other => need = Some(other),
            }
        }
        let number = session.current().map(|visit| visit.number);
        let index = visits.iter().position(|visit| Some(visit.number) == number);
        let event = match (index, &need) {
            (Some(index), Some(need)) => event(index, &visits[index], need, past)?,
            _ => None,
        };
        let Some(event) = event else {
            now.extend(need);
            return Ok(Restored {
                session,
                effects: now,
                standing,
            });
        };
        effects = session.apply(event);
    }
}

/// Whether an entry is not in the journal yet; the error is the visit that is
/// not as it was.
fn is_new(entry: &Entry, visits: &[PastVisit], known: &[&Entry]) -> Result<bool, usize> {
    let same = |other: &&&Entry| {
        other.visit() == entry.visit()
            && std::mem::discriminant(**other) == std::mem::discriminant(entry)
    };
    let Some(index) = entry
        .visit()
        .and_then(|number| visits.iter().position(|visit| visit.number == number))
    else {
        return Ok(!known.iter().any(|other| same(&other)));
    };
    match (entry, &visits[index]) {
        (Entry::Entered { path, kind, .. }, visit) if *path != visit.path || *kind != visit.kind => {
            Err(index)
        }
        (
            Entry::Branched {
                status,
                branch,
                goto,
                ..
            },
            visit,
        ) => match known.iter().find(same) {
            None => Ok(true),
            Some(_) => match &visit.left {
                Some(left) if *left == (status.clone(), *branch, goto.clone()) => Ok(false),
                _ => Err(index),
            },
        },
        (Entry::Found { finding, .. }, _) => Ok(!known.iter().any(|other| {
            matches!(other, Entry::Found { finding: known, .. } if known.cause == finding.cause)
        })),
        (Entry::RuledOut { ruled_out, .. }, _) => Ok(!known.iter().any(|other| {
            matches!(other, Entry::RuledOut { ruled_out: known, .. } if known.cause == ruled_out.cause)
        })),
        (Entry::Unknown { unknown, .. }, _) => Ok(!known.iter().any(|other| {
            matches!(other, Entry::Unknown { unknown: known, .. } if known.cause == unknown.cause)
        })),
        _ => Ok(!known.iter().any(|other| same(&other))),
    }
}

/// What brought the walk on at this visit; none when it ends here.
fn event(
    index: usize,
    visit: &PastVisit,
    need: &Effect,
    past: &Past,
) -> Result<Option<Event>, usize> {
    let event = match need {
        Effect::Ask(_) | Effect::AskConsent(_) | Effect::Observe { .. } if visit.skipped => {
            Event::Skip
        }
        Effect::Ask(question) => match &visit.answered {
            // A secret is not in the journal.
            Some(answer) if question.kind != InputKind::Secret => Event::Answered(answer.clone()),
            _ => return Err(index),
        },
        Effect::AskConsent(_) => Event::Consented(visit.asked),
        Effect::Observe { run, request, .. } => match &visit.observed {
            Some((asked, outcome, _)) if asked.key() == request.key() => Event::Observed {
                run: *run,
                outcome: Box::new(outcome.clone()),
            },
            _ => return Err(index),
        },
        Effect::Show if past.went_on_from(index) => Event::Continue,
        _ => return Ok(None),
    };
    Ok(Some(event))
}

/// What a user would do now who does what was done before: none where it came
/// out otherwise this time, or was not done before.
pub fn as_before(session: &Session, past: &Past, visits: &mut usize) -> Option<Event> {
    let current = session.current()?;
    loop {
        let visit = past.visits.get(*visits)?;
        if visit.path == current.path {
            break;
        }
        if !matches!(visit.kind, crate::engine::StepKind::Flow) {
            return None;
        }
        *visits += 1;
    }
    let index = *visits;
    let visit = past.visits.get(index)?;
    match session.phase() {
        Phase::Asking(_) | Phase::Consenting(_) if visit.skipped => Some(Event::Skip),
        Phase::Asking(question) if question.kind != InputKind::Secret => {
            visit.answered.clone().map(Event::Answered)
        }
        Phase::Consenting(_) if visit.asked => Some(Event::Consented(true)),
        Phase::Showing { .. } => {
            let taken = current.taken.as_ref()?;
            let (status, branch, goto) = visit.left.as_ref()?;
            let same = current.status.as_ref() == Some(status)
                && taken.branch == *branch
                && taken.goto == *goto;
            let on = same && past.went_on_from(index);
            *visits += usize::from(on);
            on.then_some(Event::Continue)
        }
        _ => None,
    }
}
