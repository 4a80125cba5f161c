//! A walk that begins anew because its flow was changed, and goes on where it
//! was.

use std::sync::Arc;

use super::super::look::Preferences;
use super::super::msg::{Msg, Notice};
use super::super::reload::{News, Reload};
use super::super::terminal::Surface;
use super::Loop;
use crate::driver::{Answers, Need, Walk};
use crate::engine::{Beginning, Event, Phase, StepPath};
use crate::pasted::Told;

/// What a walk must be begun with to come to where it is.
#[derive(Default)]
pub(super) struct Again {
    /// What it began with, and what the user has answered and allowed since.
    beginning: Option<Beginning>,
    /// What the network has answered.
    answers: Option<Answers>,
    /// The step to go on to, and after how many steps to stop looking for it.
    until: Option<(StepPath, usize)>,
}

impl Again {
    /// A walk has begun.
    pub(super) fn began(&mut self, beginning: Beginning, answers: Answers) {
        self.beginning = Some(beginning);
        self.answers = Some(answers);
    }

    /// Whether results are being passed by.
    pub(super) fn is_on_its_way(&self) -> bool {
        self.until.is_some()
    }

    /// The user said something to a walk: an answer or a consent is kept.
    pub(super) fn hear(&mut self, walk: &Walk, event: &Event) {
        // Whoever presses a key wants to be where he is.
        self.until = None;
        let Some(beginning) = &mut self.beginning else {
            return;
        };
        match (event, walk.need()) {
            (Event::Answered(value), Need::Answer(question)) => {
                let flow = walk.session().current().map(|visit| visit.flow.clone());
                let name = format!("{}.{}", flow.unwrap_or_default(), question.path.step());
                beginning.answers.insert(name, value.clone());
            }
            (Event::Consented(true), Need::Consent(question)) => {
                beginning.allowed.insert(question.probe.clone());
            }
            _ => {}
        }
    }
}

impl<S: Surface> Loop<'_, S> {
    /// Takes what the user has set.
    #[must_use]
    pub fn preferring(mut self, preferences: Preferences) -> Self {
        self.max_age = preferences.max_age;
        self
    }

    /// Watches the files of flows.
    #[must_use]
    pub fn watching(mut self, reload: Option<Reload>) -> Self {
        self.reload = reload;
        self
    }

    /// Looks whether a flow was changed.
    pub(super) fn watch(&mut self) {
        let Some(News { library, faults }) = self.reload.as_mut().and_then(Reload::look) else {
            return;
        };
        tracing::info!(sound = faults.is_empty(), "flows were changed");
        if faults.is_empty() {
            self.workshop.library = Arc::clone(&library);
        }
        let flows = library.list().cloned().collect();
        self.send(Msg::FlowsChanged {
            flows,
            faults: faults.clone(),
        });
        if faults.is_empty()
            && self.walk.is_some()
            && let Some(beginning) = self.again.beginning.clone()
        {
            self.begin_again(beginning);
        }
    }

    /// Begins the same walk with the same answers, and goes on to the step that
    /// is shown now. What the network has answered is not asked again.
    fn begin_again(&mut self, beginning: Beginning) {
        let until = self.walk.as_ref().and_then(|walk| {
            let session = walk.session();
            Some((
                session.current()?.path.clone(),
                2 * session.visits().len() + 8,
            ))
        });
        let answers = self.again.answers.as_ref().map(Answers::anew);
        if let Err(reason) = self.begin_with(beginning, answers) {
            self.send(Msg::NotBegun(reason));
            return;
        }
        self.again.until = until;
        self.go_on();
    }

    /// Takes in what a person told: into the walk, or into the next one. A walk
    /// that has ended is walked once more, because steps that are behind it may
    /// come out otherwise now.
    pub(super) fn take_in(&mut self, told: Told) {
        let Some(walk) = &mut self.walk else {
            self.workshop.beginning.told.extend(told);
            return;
        };
        let ended = matches!(walk.need(), Need::Nothing(_));
        walk.apply(Event::Told(Box::new(told.clone())));
        let beginning = self.again.beginning.clone().filter(|_| ended);
        let Some(mut beginning) = beginning else {
            self.look();
            return;
        };
        beginning.told.extend(told);
        self.begin_again(beginning);
        self.send(Msg::Told(Notice::done(
            "The walk was walked once more with what was told.",
        )));
    }

    /// Passes results by until the step is there that was shown before.
    pub(super) fn go_on(&mut self) {
        while let (Some((path, most)), Some(walk)) = (&self.again.until, &mut self.walk) {
            let session = walk.session();
            let arrived = session.current().is_some_and(|visit| visit.path == *path);
            match session.phase() {
                Phase::Showing { .. } if !arrived && session.visits().len() < *most => {
                    walk.apply(Event::Continue);
                }
                Phase::Probing { .. } | Phase::Ready => break,
                _ => self.again.until = None,
            }
        }
        self.show();
    }
}
