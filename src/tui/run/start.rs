//! How a walk comes onto the screen: begun, gone on with, or looked at once
//! more.

use std::sync::Arc;

use super::super::Resume;
use super::super::msg::{Msg, Notice};
use super::super::playback::Playback;
use super::super::terminal::Surface;
use super::super::walk_state::WalkState;
use super::Loop;
use super::again::Again;
use crate::driver::{Answers, Past, Walk};
use crate::engine::{Beginning, Event};
use crate::transcript::{Journal, Reading};

impl<S: Surface> Loop<'_, S> {
    /// Begins a walk at once. The error is a sentence.
    pub fn begin(&mut self, beginning: Beginning) -> Result<(), String> {
        self.begin_with(beginning, None)
    }

    /// The same, with what the network has answered already.
    pub(super) fn begin_with(
        &mut self,
        beginning: Beginning,
        answers: Option<Answers>,
    ) -> Result<(), String> {
        let answers = answers.unwrap_or_else(|| Answers::new(Arc::clone(&self.workshop.runner)));
        self.again.began(beginning.clone(), answers.clone());
        let target = target(&beginning);
        let (journal, fault) =
            Journal::create_somewhere(&self.workshop.journals, &beginning.flow, &target);
        let walk = Walk::begin(
            Arc::clone(&self.workshop.library),
            Arc::clone(&self.workshop.catalogue),
            answers,
            Some(journal),
            beginning,
        )
        .map_err(|fault| fault.to_string())?;
        let state = Box::new(WalkState::of(&walk, &self.workshop.library));
        self.walk = Some(walk);
        self.send(Msg::Begun { target, state });
        if let Some(fault) = fault {
            self.send(Msg::Told(Notice::fault(format!("{fault}."))));
        }
        Ok(())
    }

    /// Goes on with a walk that was cut off. The error is a sentence.
    pub fn resume(&mut self, resume: &Resume) -> Result<(), String> {
        let (journal, reading) =
            Journal::resume(&resume.path).map_err(|fault| fault.to_string())?;
        let past = Past::of(&reading);
        let target = past.target.clone();
        let answers = Answers::new(Arc::clone(&self.workshop.runner));
        self.again = Again::default();
        self.again.began(
            Beginning {
                flow: past.flow.clone(),
                inputs: past.inputs.clone(),
                told: past.told.clone(),
                ..self.workshop.beginning.clone()
            },
            answers.clone(),
        );
        let (walk, kept) = Walk::resume(
            &self.workshop.library,
            &self.workshop.catalogue,
            answers,
            journal,
            &self.workshop.beginning,
            past,
            resume.oldest,
        )
        .map_err(|fault| fault.to_string())?;
        let state = Box::new(WalkState::of(&walk, &self.workshop.library));
        self.walk = Some(walk);
        self.model.cut = None;
        self.send(Msg::Begun { target, state });
        let damage = reading
            .damage
            .map_or_else(String::new, |damage| format!(" {damage}"));
        self.send(Msg::Told(Notice::done(format!(
            "The session goes on: {kept} finished steps stand.{damage}"
        ))));
        Ok(())
    }

    /// Shows a session once more. The error is a sentence.
    pub fn replay(&mut self, reading: Reading) -> Result<(), String> {
        let name = reading.name.clone();
        let playback = Playback::of(reading)
            .ok_or_else(|| format!("no step was walked in the session {name}"))?;
        let target = playback.document().target;
        let (state, _) = playback.now();
        self.model.cut = None;
        self.playback = Some(playback);
        self.send(Msg::Begun {
            target,
            state: Box::new(state),
        });
        self.send(Msg::Told(Notice::done(
            "A replay: Enter goes forward, b goes back. Nobody is asked anything.",
        )));
        Ok(())
    }

    /// Moves in the session that is looked at.
    pub(super) fn play(&mut self, event: &Event) {
        let Some(playback) = &mut self.playback else {
            return;
        };
        let moved = match event {
            Event::Continue => playback.forward(),
            Event::Back => playback.back(),
            _ => return,
        };
        let (state, remark) = playback.now();
        if moved {
            self.send(Msg::Walked(Box::new(state)));
        }
        let words = if moved {
            remark
        } else {
            Some("The journal ends here.".to_owned())
        };
        if let Some(words) = words {
            self.send(Msg::Told(Notice::done(words)));
        }
    }
}

/// What is diagnosed, as it was typed: the first SQL target of the inputs.
pub(super) fn target(beginning: &Beginning) -> String {
    beginning
        .inputs
        .values()
        .find_map(|value| value.get("typed").and_then(serde_json::Value::as_str))
        .map(crate::hostile::clean_line)
        .unwrap_or_default()
}
