//! The loop: waits for something to happen, updates the model, does what
//! follows, and draws when something changed.

mod again;
mod hand_out;
mod start;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use futures_util::{Stream, StreamExt as _};
use jiff::{SignedDuration, Timestamp};
use ratatui::crossterm::event::Event as Input;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use super::look::Preferences;
use super::model::Model;
use super::msg::{Effect, Msg, Notice, Scripts};
use super::playback::Playback;
use super::reload::{PERIOD, Reload};
use super::signals::{HANGUP, Sent, Signals};
use super::terminal::Surface;
use super::update::update;
use super::view;
use super::walk_state::WalkState;
use super::{Resume, TuiEnd};
use crate::cause::Catalogue;
use crate::driver::{Need, Walk};
use crate::engine::{Beginning, Event};
use crate::fix::System;
use crate::flow::library::Library;
use crate::probe::Runner;
use crate::transcript;

/// Two frames are at least this far apart: slow links must not drown.
const FRAME: Duration = Duration::from_millis(33);
/// The spinner's step.
const TICK: Duration = Duration::from_millis(250);

/// What walks are made of.
pub struct Workshop {
    /// The flows.
    pub library: Arc<Library>,
    /// The causes.
    pub catalogue: Arc<Catalogue>,
    /// Who answers probes.
    pub runner: Arc<dyn Runner>,
    /// What every walk begins with: allowed probes and known answers.
    pub beginning: Beginning,
    /// Where journals are kept.
    pub journals: PathBuf,
}

impl Workshop {
    /// Reads the flows and causes that the first screen does not need, while
    /// somebody looks at it.
    fn read_ahead(&self) {
        let library = Arc::clone(&self.library);
        let catalogue = Arc::clone(&self.catalogue);
        // Without a thread they are read when they are asked for.
        let _ = thread::Builder::new().spawn(move || {
            library.flows().for_each(drop);
            drop(catalogue.causes());
        });
    }
}

/// What the loop has done so far, for those who wait for it to come to rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pulse {
    /// Inputs that were taken in and whose effects are drawn.
    pub inputs: u64,
    /// Frames that were drawn.
    pub frames: u64,
    /// Whether a probe runs.
    pub running: bool,
}

/// The loop's parts.
pub struct Loop<'a, S: Surface> {
    model: Model,
    surface: &'a mut S,
    workshop: Workshop,
    walk: Option<Walk>,
    /// A session that is looked at instead.
    playback: Option<Playback>,
    started: Instant,
    dirty: bool,
    drawn: Option<Instant>,
    inputs: u64,
    frames: u64,
    pulse: Option<watch::Sender<Pulse>>,
    quit: bool,
    /// Whether the terminal does not take anything any more.
    gone: bool,
    reload: Option<Reload>,
    again: again::Again,
    /// What was seen longer ago is asked again when a session goes on.
    max_age: SignedDuration,
}

impl<'a, S: Surface> Loop<'a, S> {
    /// A loop that has not started. `pulse` hears whenever it comes to rest.
    pub fn new(
        model: Model,
        surface: &'a mut S,
        workshop: Workshop,
        pulse: Option<watch::Sender<Pulse>>,
    ) -> Self {
        Self {
            model,
            surface,
            workshop,
            walk: None,
            playback: None,
            started: Instant::now(),
            dirty: true,
            drawn: None,
            inputs: 0,
            frames: 0,
            pulse,
            quit: false,
            gone: false,
            reload: None,
            again: again::Again::default(),
            max_age: Preferences::MAX_AGE,
        }
    }

    /// Draws the first picture before anything else is started.
    pub fn draw_at_once(&mut self) {
        self.gone |= self.draw().is_err();
    }

    /// Runs until the user leaves, a signal ends us, or the terminal is gone.
    pub async fn run(
        mut self,
        mut inputs: impl Stream<Item = io::Result<Input>> + Unpin,
        mut signals: Option<Signals>,
        faults: &mut mpsc::UnboundedReceiver<String>,
    ) -> TuiEnd {
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut watch = interval(PERIOD);
        watch.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            if self.gone {
                return self.end(Some(HANGUP));
            }
            if self.quit {
                return self.end(None);
            }
            let due = self.drawn.map_or_else(Instant::now, |drawn| drawn + FRAME);
            if self.dirty && due <= Instant::now() && self.draw().is_err() {
                return self.end(Some(HANGUP));
            }
            self.rest();
            let probing = self
                .walk
                .as_ref()
                .is_some_and(|walk| matches!(walk.need(), Need::Observation));
            tokio::select! {
                biased;
                Some(place) = faults.recv() => self.send(Msg::Told(Notice::fault(format!(
                    "A part of this program stopped on a fault of its own ({place}). \
                     The walk goes on without what it would have seen."
                )))),
                sent = next_signal(&mut signals) => match sent {
                    Sent::End(number) => return self.end(Some(number)),
                    Sent::Stop => self.suspend(),
                    Sent::Continued => {
                        self.dirty = true;
                        self.gone |= self.surface.retake().is_err();
                    }
                },
                input = inputs.next() => match input {
                    Some(Ok(input)) => self.input(input),
                    // No more input can come: nobody is there.
                    Some(Err(_)) | None => return self.end(Some(HANGUP)),
                },
                () = observed(&mut self.walk), if probing => self.look(),
                _ = tick.tick(), if probing => {
                    let asked = self.walk.as_ref().map(Walk::asked).unwrap_or_default();
                    self.send(Msg::Tick(asked));
                }
                _ = watch.tick(), if self.reload.is_some() => self.watch(),
                () = sleep_until(due), if self.dirty => {}
            }
        }
    }

    fn end(&self, signal: Option<u8>) -> TuiEnd {
        if let Some(walk) = &self.walk {
            walk.stop();
        }
        TuiEnd {
            verdict: self.model.verdict(),
            journal: self
                .walk
                .as_ref()
                .and_then(Walk::journal)
                .filter(|journal| journal.is_kept())
                .map(|journal| journal.path().to_owned()),
            signal,
        }
    }

    fn draw(&mut self) -> io::Result<()> {
        self.model.clock = self.started.elapsed();
        self.surface.draw(&self.model)?;
        self.dirty = false;
        self.frames += 1;
        if self.frames == 1 {
            self.workshop.read_ahead();
        }
        self.drawn = Some(Instant::now());
        Ok(())
    }

    fn redraw(&mut self) {
        self.dirty = true;
        self.gone |= self.surface.forget().is_err();
    }

    fn suspend(&mut self) {
        match self.surface.suspend() {
            Ok(true) => self.dirty = true,
            Ok(false) => self.send(Msg::Told(Notice::done(
                "There is no shell to go back to; nothing could continue the wizard.",
            ))),
            Err(_) => self.gone = true,
        }
    }

    /// Tells that everything so far is on the screen.
    fn rest(&self) {
        if !self.dirty
            && let Some(pulse) = &self.pulse
        {
            let now = Pulse {
                inputs: self.inputs,
                frames: self.frames,
                running: self.model.is_running(),
            };
            pulse.send_if_modified(|last| std::mem::replace(last, now) != now);
        }
    }

    fn input(&mut self, input: Input) {
        self.inputs += 1;
        match input {
            Input::Key(key) => self.send(Msg::Key(key)),
            Input::Paste(text) => self.send(Msg::Paste(text)),
            Input::Resize(columns, lines) => self.send(Msg::Resized(columns, lines)),
            Input::FocusGained | Input::FocusLost | Input::Mouse(_) => {}
        }
    }

    /// Updates the model and does what follows.
    fn send(&mut self, msg: Msg) {
        self.model.clock = self.started.elapsed();
        self.dirty = true;
        for effect in update(&mut self.model, msg) {
            self.carry_out(effect);
        }
    }

    /// Shows where the walk is now, on the way to where it was.
    fn look(&mut self) {
        if self.again.is_on_its_way() {
            self.go_on();
        } else {
            self.show();
        }
    }

    fn show(&mut self) {
        if let Some(walk) = &self.walk {
            let state = WalkState::of(walk, &self.workshop.library);
            self.send(Msg::Walked(Box::new(state)));
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Begin { flow, inputs } => {
                let beginning = Beginning {
                    flow,
                    inputs,
                    ..self.workshop.beginning.clone()
                };
                if let Err(reason) = self.begin(beginning) {
                    self.send(Msg::NotBegun(reason));
                }
            }
            Effect::Resume(path) => {
                let oldest = Some(Timestamp::now() - self.max_age);
                if let Err(reason) = self.resume(&Resume { path, oldest }) {
                    self.send(Msg::NotBegun(reason));
                }
            }
            Effect::KeepScreen => {
                let text = view::as_text(&self.model);
                if let Some(walk) = &mut self.walk {
                    walk.apply(Event::Screen(text));
                    self.send(Msg::Told(Notice::done("This screen is in the transcript.")));
                }
            }
            Effect::Tell(event) if self.playback.is_some() => self.play(&event),
            Effect::Tell(event) => {
                if let Some(walk) = &mut self.walk {
                    self.again.hear(walk, &event);
                    walk.apply(event);
                    self.look();
                }
            }
            Effect::Hear(told) => self.take_in(*told),
            Effect::Leave => self.walk = None,
            Effect::Quit => self.quit = true,
            Effect::Redraw => self.redraw(),
            Effect::Suspend => self.suspend(),
            Effect::MakeScripts => match self.document() {
                Ok(document) => self.send(Msg::Scripts(Box::new(Scripts {
                    windows: document.script(System::Windows),
                    linux: document.script(System::Linux),
                }))),
                Err(fault) => self.send(Msg::Told(Notice::fault(fault))),
            },
            Effect::Copy { what, text, name } => self.copy(what, &text, &name),
            Effect::CopySession => match self.document() {
                Ok(document) => {
                    let name = self.model.file_name(".txt");
                    self.copy(
                        "The transcript",
                        &transcript::text::render(&document),
                        &name,
                    );
                }
                Err(fault) => self.send(Msg::Told(Notice::fault(fault))),
            },
            Effect::Save { what, text, path } => {
                let notice = match transcript::export::write(&path, &text) {
                    Ok(()) => Notice::done(format!("{what} is in {}", path.display())),
                    Err(fault) => Notice::fault(fault.to_string()),
                };
                self.send(Msg::Told(notice));
            }
            Effect::Export {
                form,
                without_names,
                path,
            } => self.export(form, without_names, path),
        }
    }
}

async fn next_signal(signals: &mut Option<Signals>) -> Sent {
    match signals {
        Some(signals) => signals.next().await,
        None => std::future::pending().await,
    }
}

async fn observed(walk: &mut Option<Walk>) {
    match walk {
        Some(walk) => walk.observed().await,
        None => std::future::pending().await,
    }
}
