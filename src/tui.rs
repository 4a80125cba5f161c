//! The wizard: the walk on a terminal.
//!
//! Elm style: [`update::update`] takes a [`msg::Msg`] into the [`model::Model`]
//! and says what is to be done, [`view::view`] draws the model and does nothing
//! else, [`run::Loop`] waits and does. One table, [`command::TABLES`], feeds the
//! keys, the hints in the footer and the help. Nothing outside this module
//! names a terminal library.

pub mod clipboard;
pub mod command;
pub mod document;
pub mod field;
pub mod form;
pub mod glyphs;
pub mod look;
pub mod model;
pub mod msg;
pub mod painter;
pub mod paste_box;
pub mod playback;
pub mod prompt;
pub mod reload;
pub mod run;
pub mod scroll;
pub mod search;
pub mod signals;
pub mod terminal;
pub mod text;
pub mod theme;
pub mod update;
pub mod view;
pub mod walk_state;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use ratatui::crossterm::event::EventStream;
use ratatui::crossterm::terminal::size;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;

use crate::cause::Catalogue;
use crate::engine::{Beginning, Verdict};
use crate::exit::Exit;
use crate::flow::library::Library;
use crate::probe::Runner;
use crate::transcript::{self, Reading};
use form::Form;
use look::{Environment, Preferences};
use model::{Model, Screen};
use reload::Reload;
use run::{Loop, Workshop};
use signals::{Early, Signals};

/// What the wizard is started with.
pub struct TuiStart {
    /// The flows; the first one is offered first.
    pub library: Arc<Library>,
    /// The causes.
    pub catalogue: Arc<Catalogue>,
    /// Who answers probes: the network or a recorded world.
    pub runner: Arc<dyn Runner>,
    /// The name of the recorded world, when there is one.
    pub world: Option<String>,
    /// Where to start.
    pub start: Start,
    /// What every walk begins with: allowed probes, answers to questions. Its
    /// flow and inputs are used by [`Start::Inputs`] and [`Start::Walk`].
    pub beginning: Beginning,
    /// Where journals are kept, and copies beside them.
    pub journals: PathBuf,
    /// Where exports and scripts are written.
    pub save_to: PathBuf,
}

/// A session that was cut off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resume {
    /// Its journal.
    pub path: PathBuf,
    /// What was seen before this is asked again; without it, all.
    pub oldest: Option<Timestamp>,
}

/// Where the wizard starts.
#[derive(Clone, Debug, PartialEq)]
pub enum Start {
    /// With the flow list.
    Flows,
    /// With the questions of the flow, those that have answers filled in.
    Inputs,
    /// With the walk.
    Walk,
    /// With a walk that was cut off.
    Resume(Resume),
    /// With a session to be looked at once more.
    Replay(Box<Reading>),
}

/// How the wizard ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TuiEnd {
    /// What the last walk says; none when it did not end, or there was none.
    pub verdict: Option<Verdict>,
    /// The journal of the last walk.
    pub journal: Option<PathBuf>,
    /// The signal that ended it; a terminal that is gone counts as SIGHUP.
    pub signal: Option<u8>,
}

impl TuiEnd {
    /// What to tell the caller. To leave before a walk has begun is no fault.
    pub fn exit(&self) -> Exit {
        match (self.signal, self.verdict) {
            (Some(number), _) => Exit::Signal(number),
            (None, Some(Verdict::CauseFound)) => Exit::CauseFound,
            (None, Some(Verdict::Inconclusive)) => Exit::Inconclusive,
            (None, None) if self.journal.is_some() => Exit::Inconclusive,
            (None, Some(Verdict::Healthy) | None) => Exit::Healthy,
        }
    }
}

/// Why the wizard could not run.
#[derive(Debug, thiserror::Error)]
pub enum TuiFault {
    /// Standard input or output is no terminal.
    #[error(
        "the wizard needs a terminal on standard input and output; \
         `sspi-doctor run` walks without one"
    )]
    NoTerminal,
    /// `TERM` is `dumb`, empty or not set.
    #[error(
        "this terminal cannot show a full screen (TERM is {0}); \
         `sspi-doctor run` walks without one"
    )]
    DumbTerminal(String),
    /// The terminal could not be taken over.
    #[error("the terminal could not be set up: {0}; `sspi-doctor run` walks without one")]
    Terminal(#[from] io::Error),
    /// The walk could not begin; the text says why.
    #[error("{0}")]
    CannotBegin(String),
}

/// Runs the wizard on the terminal until the user leaves. Somebody looks at the
/// first picture already while `runtime` starts what probes run on.
pub fn run(
    start: TuiStart,
    preferences: Preferences,
    reload: Option<Reload>,
    runtime: impl FnOnce() -> io::Result<Runtime>,
) -> Result<TuiEnd, TuiFault> {
    let environment = Environment::read(|name| std::env::var(name).ok()).preferring(preferences);
    if !terminal::is_there() {
        return Err(TuiFault::NoTerminal);
    }
    if !environment.full_screen {
        let term = std::env::var("TERM").unwrap_or_default();
        let term = if term.is_empty() {
            "not set".to_owned()
        } else {
            format!("`{term}`")
        };
        return Err(TuiFault::DumbTerminal(term));
    }
    let (columns, lines) = size().unwrap_or((0, 0));
    let first = start.start.clone();
    let (model, workshop, walk_now) = prepare(start, &environment, (columns, lines))?;

    let (sender, mut faults) = mpsc::unbounded_channel();
    let early = Early::listen()?;
    let mut screen = terminal::Screen::enter(sender)?;
    let beginning = workshop.beginning.clone();
    let mut wizard = Loop::new(model, &mut screen, workshop, None)
        .preferring(preferences)
        .watching(reload);
    if matches!(first, Start::Flows | Start::Inputs) {
        wizard.draw_at_once();
    }
    let runtime = runtime()?;
    let end = runtime.block_on(async {
        let signals = Signals::listen(early)?;
        match first {
            Start::Resume(resume) => wizard.resume(&resume).map_err(TuiFault::CannotBegin)?,
            Start::Replay(reading) => wizard.replay(*reading).map_err(TuiFault::CannotBegin)?,
            Start::Flows | Start::Inputs | Start::Walk => {}
        }
        if walk_now {
            wizard.begin(beginning).map_err(TuiFault::CannotBegin)?;
        }
        Ok(wizard
            .run(EventStream::new(), Some(signals), &mut faults)
            .await)
    });
    // Reading a file of a folder that hangs may still be under way; nobody
    // waits for it any more.
    runtime.shutdown_background();
    end
}

/// The model and the workshop for a start; whether a walk begins at once.
pub fn prepare(
    start: TuiStart,
    environment: &Environment,
    (columns, lines): (u16, u16),
) -> Result<(Model, Workshop, bool), TuiFault> {
    let walk_now = start.start == Start::Walk;
    let screen = match &start.start {
        // To read a flow takes as long as all else before the first screen.
        Start::Inputs => {
            let id = &start.beginning.flow;
            let Some(flow) = start.library.flow(id) else {
                let words = format!("there is no flow `{id}`; `sspi-doctor flows` lists them");
                return Err(TuiFault::CannotBegin(words));
            };
            Screen::Inputs(Box::new(Form::new(flow, &start.beginning.inputs)))
        }
        Start::Flows | Start::Walk | Start::Resume(_) | Start::Replay(_) => {
            Screen::Flows { selected: 0 }
        }
    };
    let model = Model {
        look: environment.look,
        columns,
        lines,
        clock: Duration::ZERO,
        flows: start.library.list().cloned().collect(),
        catalogue: Arc::clone(&start.catalogue),
        world: start.world,
        cut: transcript::cut::latest(&start.journals, &start.runner.source(), Timestamp::now()),
        without_names: false,
        save_to: start.save_to,
        vault: Arc::clone(&start.beginning.vault),
        screen,
        opened: Vec::new(),
        notice: None,
    };
    let workshop = Workshop {
        library: start.library,
        catalogue: start.catalogue,
        runner: start.runner,
        beginning: start.beginning,
        journals: start.journals,
    };
    Ok((model, workshop, walk_now))
}
