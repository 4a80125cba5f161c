//! When commands that are not always there are there.

use super::super::model::{Model, Screen};
use crate::engine::StepKind;

/// No condition.
pub(super) fn always(_: &Model) -> bool {
    true
}

/// The last question of the form is being answered.
pub(super) fn at_last_question(model: &Model) -> bool {
    matches!(&model.screen, Screen::Inputs(form) if form.at_last())
}

/// A question of the form follows.
pub(super) fn before_last_question(model: &Model) -> bool {
    !at_last_question(model)
}

/// There is something to go back to.
pub(super) fn can_go_back(model: &Model) -> bool {
    model
        .walking()
        .is_some_and(|walking| walking.state.can_go_back)
}

/// The last session was cut off.
pub(super) fn was_cut(model: &Model) -> bool {
    model.cut.is_some()
}

/// A cause was found.
pub(super) fn has_findings(model: &Model) -> bool {
    model
        .walking()
        .is_some_and(|walking| !walking.state.findings.is_empty())
}

/// Words are looked for in what was opened.
pub(super) fn is_searching(model: &Model) -> bool {
    model
        .opened
        .last()
        .is_some_and(|opened| !opened.search.words.is_empty())
}

/// There is something to hand over.
pub(super) fn has_cards(model: &Model) -> bool {
    !super::super::view::cards::of(model).is_empty()
}

/// The step has observed something.
pub(super) fn has_outcome(model: &Model) -> bool {
    model
        .walking()
        .and_then(|walking| walking.state.visit())
        .is_some_and(|visit| visit.outcome.is_some())
}

/// The step was left.
pub(super) fn is_branched(model: &Model) -> bool {
    model
        .walking()
        .and_then(|walking| walking.state.visit())
        .is_some_and(|visit| visit.taken.is_some())
}

/// The step is a probe, which can be asked again.
pub(super) fn is_probe(model: &Model) -> bool {
    is_live(model)
        && model
            .walking()
            .and_then(|walking| walking.state.visit())
            .is_some_and(|visit| visit.kind == StepKind::Probe)
}

/// A walk goes on, and is not only looked at once more.
pub(super) fn is_live(model: &Model) -> bool {
    model
        .walking()
        .is_some_and(|walking| walking.state.replayed.is_none())
}
