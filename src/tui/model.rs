//! Everything that the screen shows.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::field::Field;
use super::form::Form;
use super::look::Look;
use super::msg::{Notice, Scripts};
use super::paste_box::PasteBox;
use super::prompt::Prompt;
use super::scroll::Scroll;
use super::search::Search;
use super::walk_state::WalkState;
use crate::cause::Catalogue;
use crate::driver::Asked;
use crate::engine::{Phase, Verdict};
use crate::fix::System;
use crate::flow::library::Listed;
use crate::secret::Vault;
use crate::transcript::Cut;

/// The state of the wizard.
#[derive(Clone, Debug)]
pub struct Model {
    /// How it looks.
    pub look: Look,
    /// Columns of the terminal.
    pub columns: u16,
    /// Lines of the terminal.
    pub lines: u16,
    /// The time since the wizard started.
    pub clock: Duration,
    /// What the list offers.
    pub flows: Vec<Arc<Listed>>,
    /// The causes and their words.
    pub catalogue: Arc<Catalogue>,
    /// The recorded world that is walked instead of the network.
    pub world: Option<String>,
    /// The last session, if it was cut off.
    pub cut: Option<Cut>,
    /// Whether exports have pseudonyms instead of names.
    pub without_names: bool,
    /// Where exports and scripts are written.
    pub save_to: PathBuf,
    /// Where typed secrets go, so that only their handles go on.
    pub vault: Arc<Vault>,
    /// The screen.
    pub screen: Screen,
    /// What was opened over it, the last one on top.
    pub opened: Vec<Opened>,
    /// A sentence for the user.
    pub notice: Option<Notice>,
}

/// What lies below everything that can be opened and closed.
#[derive(Clone, Debug)]
pub enum Screen {
    /// The flow list.
    Flows {
        /// The chosen one.
        selected: usize,
    },
    /// The questions of a flow before it starts.
    Inputs(Box<Form>),
    /// A walk.
    Walk(Box<Walking>),
}

/// A walk on the screen.
#[derive(Clone, Debug)]
pub struct Walking {
    /// What is diagnosed.
    pub target: String,
    /// The walk.
    pub state: WalkState,
    /// The question that is being answered.
    pub prompt: Option<Prompt>,
    /// Whether good results are passed by without waiting for a reader.
    pub goes_on: bool,
    /// The fix scripts, once they were asked for.
    pub scripts: Option<Scripts>,
    /// Where in the step.
    pub scroll: Scroll,
    /// When it began.
    pub began: Duration,
    /// When the probe that runs was asked.
    pub asked: Duration,
    /// What had been answered then, by the keys of the requests.
    pub answered_before: BTreeSet<String>,
    /// When it ended.
    pub ended: Option<Duration>,
}

/// Something opened over the screen.
#[derive(Clone, Debug)]
pub struct Opened {
    /// What.
    pub view: View,
    /// Where in it.
    pub scroll: Scroll,
    /// What is looked for in it.
    pub search: Search,
}

/// What can be opened over a screen.
#[derive(Clone, Debug)]
pub enum View {
    /// The keys that work, in a window over the screen.
    Keys,
    /// All keys, the marks and the files.
    Help,
    /// The steps, where they have no room beside the step.
    Outline,
    /// Everything that a step saw.
    Evidence,
    /// Why the walk went on as it did.
    Why,
    /// What is wrong in a flow that was just written.
    Faults(String),
    /// The causes found, ruled out and unknown.
    Findings,
    /// The fix script.
    Script(System),
    /// The words that the screen below uses, explained.
    Glossary,
    /// What to hand to somebody who sees more.
    Cards,
    /// A note being written.
    Note(Field),
    /// Text being pasted.
    Paste(Box<PasteBox>),
    /// The forms of an export; the marked one.
    Export(usize),
    /// Whether to leave although the walk has not ended.
    Quit,
}

/// Where the keys go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The flow list.
    Flows,
    /// The questions of a flow before it starts.
    Inputs,
    /// A question of a step.
    Question,
    /// A request for consent.
    Consent,
    /// A probe that runs.
    Probing,
    /// A result.
    Reading,
    /// The end of a walk.
    End,
    /// [`View::Keys`].
    Keys,
    /// [`View::Help`].
    Help,
    /// [`View::Outline`].
    Outline,
    /// [`View::Evidence`].
    Evidence,
    /// [`View::Why`].
    Why,
    /// [`View::Findings`].
    Findings,
    /// [`View::Script`].
    Script,
    /// [`View::Glossary`].
    Glossary,
    /// [`View::Cards`].
    Cards,
    /// Words to look for in what was opened.
    Search,
    /// [`View::Note`].
    Note,
    /// [`View::Paste`].
    Paste,
    /// [`View::Export`].
    Export,
    /// [`View::Quit`].
    Quit,
}

impl Model {
    /// Where the keys go.
    pub fn place(&self) -> Place {
        if self
            .opened
            .last()
            .is_some_and(|opened| opened.search.typing.is_some())
        {
            return Place::Search;
        }
        match self.opened.last().map(|opened| &opened.view) {
            Some(View::Keys) => Place::Keys,
            Some(View::Help) => Place::Help,
            Some(View::Outline) => Place::Outline,
            Some(View::Evidence) => Place::Evidence,
            // Both are texts to read, with the same keys.
            Some(View::Why | View::Faults(_)) => Place::Why,
            Some(View::Findings) => Place::Findings,
            Some(View::Script(_)) => Place::Script,
            Some(View::Glossary) => Place::Glossary,
            Some(View::Cards) => Place::Cards,
            Some(View::Note(_)) => Place::Note,
            Some(View::Paste(_)) => Place::Paste,
            Some(View::Export(_)) => Place::Export,
            Some(View::Quit) => Place::Quit,
            None => self.screen_place(),
        }
    }

    /// Where the keys go when everything that was opened is closed.
    pub fn screen_place(&self) -> Place {
        match &self.screen {
            Screen::Flows { .. } => Place::Flows,
            Screen::Inputs(_) => Place::Inputs,
            Screen::Walk(walking) => match walking.state.phase {
                Phase::Asking(_) => Place::Question,
                Phase::Consenting(_) => Place::Consent,
                Phase::Probing { .. } | Phase::Ready => Place::Probing,
                Phase::Showing { .. } => Place::Reading,
                Phase::Finished { .. } => Place::End,
            },
        }
    }

    /// The model as it is when what explains its keys is closed.
    #[must_use]
    pub fn below_help(&self) -> Self {
        let mut below = self.clone();
        while matches!(
            below.opened.last().map(|opened| &opened.view),
            Some(View::Keys | View::Help)
        ) {
            below.opened.pop();
        }
        below
    }

    /// The walk, when there is one.
    pub fn walking(&self) -> Option<&Walking> {
        match &self.screen {
            Screen::Walk(walking) => Some(walking),
            _ => None,
        }
    }

    /// The walk, when there is one.
    pub fn walking_mut(&mut self) -> Option<&mut Walking> {
        match &mut self.screen {
            Screen::Walk(walking) => Some(walking),
            _ => None,
        }
    }

    /// Whether letters are text at the moment, and not commands.
    pub fn is_typing(&self) -> bool {
        match self.opened.last() {
            Some(opened) => {
                matches!(opened.view, View::Note(_) | View::Paste(_))
                    || opened.search.typing.is_some()
            }
            None => match &self.screen {
                Screen::Inputs(form) => form
                    .prompts
                    .get(form.focus)
                    .is_some_and(|(_, prompt)| prompt.is_typed()),
                Screen::Walk(walking) => {
                    matches!(walking.state.phase, Phase::Asking(_))
                        && walking.prompt.as_ref().is_some_and(Prompt::is_typed)
                }
                Screen::Flows { .. } => false,
            },
        }
    }

    /// Whether time shows on the screen: a probe runs.
    pub fn is_running(&self) -> bool {
        self.walking()
            .is_some_and(|walking| matches!(walking.state.phase, Phase::Probing { .. }))
    }

    /// What the walk says, once it has ended.
    pub fn verdict(&self) -> Option<Verdict> {
        self.walking().and_then(|walking| walking.state.verdict())
    }

    /// The name of a file of this session, beside its journal's.
    pub fn file_name(&self, ending: &str) -> String {
        let stem = self
            .walking()
            .and_then(|walking| walking.state.journal.as_ref())
            .and_then(|journal| journal.file_stem())
            .map_or_else(
                || "sspi-doctor".to_owned(),
                |stem| stem.to_string_lossy().into_owned(),
            );
        format!("{stem}{ending}")
    }
}

impl Walking {
    /// A walk that begins now.
    pub fn new(target: String, now: Duration) -> Self {
        Self {
            target,
            state: WalkState::default(),
            prompt: None,
            goes_on: false,
            scripts: None,
            scroll: Scroll::default(),
            began: now,
            asked: now,
            answered_before: BTreeSet::new(),
            ended: None,
        }
    }

    /// What is asked ahead while the probe runs, and what of it was answered
    /// meanwhile.
    pub fn meanwhile(&self) -> Vec<&Asked> {
        let own = self.own_request();
        self.state
            .asked
            .iter()
            .filter(|asked| {
                let key = asked.request.key();
                Some(&key) != own.as_ref() && !self.answered_before.contains(&key)
            })
            .collect()
    }

    /// What the probe that runs asks.
    pub fn asked_now(&self) -> Option<&Asked> {
        let own = self.own_request()?;
        let mut asked = self.state.asked.iter();
        asked.find(|asked| asked.request.key() == own)
    }

    fn own_request(&self) -> Option<String> {
        let request = self.state.visit()?.request.as_ref()?;
        Some(request.key())
    }

    /// How long the walk has taken.
    pub fn elapsed(&self, now: Duration) -> Duration {
        self.ended.unwrap_or(now).saturating_sub(self.began)
    }
}
