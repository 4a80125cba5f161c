//! Walks a flow without a terminal: answers come from what was given and from
//! defaults, progress goes to a [`Progress`], and the journal keeps the rest.

pub mod fleet;

use crate::driver::{Need, Walk};
use crate::engine::{Event, Verdict, Visit};

/// Hears how a walk goes on.
pub trait Progress {
    /// A step was left.
    fn step(&mut self, visit: &Visit);
}

/// Walks to the end and returns the verdict.
pub async fn walk(walk: &mut Walk, progress: &mut (dyn Progress + Send)) -> Verdict {
    let mut told = 0;
    loop {
        told = tell(walk, told, progress);
        match walk.need().clone() {
            Need::Nothing(verdict) => return verdict,
            Need::Reader => walk.apply(Event::Continue),
            Need::Consent(_) => walk.apply(Event::Consented(false)),
            Need::Answer(question) => match question.default {
                Some(value) => walk.apply(Event::Answered(value)),
                None => walk.apply(Event::Skip),
            },
            Need::Observation => walk.observed().await,
        }
    }
}

/// Tells the steps that are done since the last time, in their order.
fn tell(walk: &Walk, mut told: usize, progress: &mut (dyn Progress + Send)) -> usize {
    for visit in walk.session().visits().iter().skip(told) {
        if !visit.is_done() && visit.kind != crate::engine::StepKind::Flow {
            break;
        }
        progress.step(visit);
        told += 1;
    }
    told
}
