//! What the wizard hears, and what it wants done.

use std::path::PathBuf;
use std::sync::Arc;

use ratatui::crossterm::event::KeyEvent;
use serde_json::{Map, Value};

use super::walk_state::WalkState;
use crate::driver::Asked;
use crate::engine;
use crate::fix::System;
use crate::flow::library::Listed;
use crate::pasted::Told;

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A key was pressed.
    Key(KeyEvent),
    /// Text was pasted.
    Paste(String),
    /// The terminal has another size: columns and lines.
    Resized(u16, u16),
    /// Time has passed while a probe runs; the questions of the session.
    Tick(Vec<Asked>),
    /// A walk began.
    Begun {
        /// What is diagnosed, as it was typed.
        target: String,
        /// Where it is.
        state: Box<WalkState>,
    },
    /// The walk is somewhere else now.
    Walked(Box<WalkState>),
    /// The walk could not begin; the reason in a sentence.
    NotBegun(String),
    /// The fix scripts of what was found so far.
    Scripts(Box<Scripts>),
    /// A file was written, or not: a sentence for the user.
    Told(Notice),
    /// Files of flows were changed.
    FlowsChanged {
        /// The flows without a fault.
        flows: Vec<Arc<Listed>>,
        /// What is newly wrong; empty when nothing is.
        faults: String,
    },
}

/// A sentence for the user that goes away with the next key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The sentence.
    pub text: String,
    /// Whether something did not work.
    pub fault: bool,
}

impl Notice {
    /// Something that worked.
    pub fn done(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            fault: false,
        }
    }

    /// Something that did not.
    pub fn fault(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            fault: true,
        }
    }
}

/// Something to be done outside.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Begin a walk; [`Msg::Begun`] or [`Msg::NotBegun`] follows.
    Begin {
        /// The flow's id.
        flow: String,
        /// The answers to its inputs.
        inputs: Map<String, Value>,
    },
    /// Go on with the walk in this journal; [`Msg::Begun`] or [`Msg::NotBegun`]
    /// follows.
    Resume(PathBuf),
    /// Keep what is on the screen in the transcript.
    KeepScreen,
    /// Hand an event to the walk; [`Msg::Walked`] follows.
    Tell(engine::Event),
    /// Take in what a person told: into the walk, or into the next one.
    Hear(Box<Told>),
    /// Make the fix scripts; [`Msg::Scripts`] or [`Msg::Told`] follows.
    MakeScripts,
    /// Leave the walk.
    Leave,
    /// Send a text to the clipboard and keep it in a file.
    Copy {
        /// What it is, for the user.
        what: &'static str,
        /// The text.
        text: String,
        /// The file's name.
        name: String,
    },
    /// Write a text to a file.
    Save {
        /// What it is, for the user.
        what: &'static str,
        /// The text.
        text: String,
        /// Where.
        path: PathBuf,
    },
    /// Write the session in a form to a file.
    Export {
        /// The form.
        form: Form,
        /// Whether names are replaced by pseudonyms.
        without_names: bool,
        /// Where.
        path: PathBuf,
    },
    /// Send the session as text to the clipboard and keep it in a file.
    CopySession,
    /// Draw everything anew.
    Redraw,
    /// Give the terminal back until the process is continued.
    Suspend,
    /// End the wizard.
    Quit,
}

/// The forms of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Plain text for e-mail and chat.
    Text,
    /// Markdown for tickets.
    Markdown,
    /// A page for browsers.
    Html,
    /// JSON for programs.
    Json,
}

impl Form {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Text, Self::Markdown, Self::Html, Self::Json];

    /// What it is good for.
    pub fn words(self) -> &'static str {
        match self {
            Self::Text => "Text, for e-mail and chat",
            Self::Markdown => "Markdown, for a ticket",
            Self::Html => "HTML, one page to read and to print",
            Self::Json => "JSON, for programs",
        }
    }

    /// The ending of its file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Text => "txt",
            Self::Markdown => "md",
            Self::Html => "html",
            Self::Json => "json",
        }
    }
}

/// The fix script for each system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scripts {
    /// For Windows PowerShell.
    pub windows: String,
    /// For a POSIX shell.
    pub linux: String,
}

impl Scripts {
    /// The script for a system.
    pub fn text(&self, system: System) -> &str {
        match system {
            System::Windows => &self.windows,
            System::Linux => &self.linux,
        }
    }
}

/// The ending of a script's file name.
pub fn script_ending(system: System) -> &'static str {
    match system {
        System::Windows => "-fix.ps1",
        System::Linux => "-fix.sh",
    }
}
