//! Worlds: journals of walks in a lab, of which only what was asked and what
//! came back counts.

use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::hostile;
use crate::probe::{Outcome, ProbeRequest};

/// The worlds that the program carries: a name, a title, a sentence, and the
/// journal `flows/worlds/NAME.jsonl`. A test compares the list with the folder.
pub const SHIPPED: &[ShippedWorld] = &[
    ShippedWorld {
        name: "spn-on-wrong-account",
        title: "The SPN is on the wrong account",
        summary: "SQL Server was moved from LocalSystem to an account of its own; its SPN stayed behind on the computer account.",
        journal: include_str!("../../../flows/worlds/spn-on-wrong-account.jsonl"),
    },
    ShippedWorld {
        name: "spn-missing",
        title: "Nobody holds the SPN",
        summary: "The SPN was never registered: Windows quietly uses NTLM, Linux fails.",
        journal: include_str!("../../../flows/worlds/spn-missing.jsonl"),
    },
    ShippedWorld {
        name: "spn-duplicate",
        title: "Two accounts hold the SPN",
        summary: "An old service account kept the SPN, so the KDC cannot choose.",
        journal: include_str!("../../../flows/worlds/spn-duplicate.jsonl"),
    },
    ShippedWorld {
        name: "reverse-lookup-mismatch",
        title: "The address leads back to another name",
        summary: "The reverse record names another server, so programs ask for the wrong SPN.",
        journal: include_str!("../../../flows/worlds/reverse-lookup-mismatch.jsonl"),
    },
    ShippedWorld {
        name: "delegation-not-trusted",
        title: "The second hop is not allowed",
        summary: "The login works, but a query through a linked server fails: the first server may not hand the user on.",
        journal: include_str!("../../../flows/worlds/delegation-not-trusted.jsonl"),
    },
    ShippedWorld {
        name: "healthy",
        title: "Everything is right",
        summary: "What a walk looks like when nothing is wrong.",
        journal: include_str!("../../../flows/worlds/healthy.jsonl"),
    },
];

/// A world that the program carries.
#[derive(Clone, Copy, Debug)]
pub struct ShippedWorld {
    /// The name, in kebab-case.
    pub name: &'static str,
    /// What is the matter, in a few words.
    pub title: &'static str,
    /// What a user of the demo sees, in a sentence.
    pub summary: &'static str,
    /// The journal.
    pub journal: &'static str,
}

/// A recorded world.
#[derive(Clone, Debug)]
pub struct World {
    /// The name.
    pub name: String,
    /// What is the matter, in a few words.
    pub title: String,
    /// What a user of the demo sees, in a sentence.
    pub summary: String,
    /// The flow that was walked when it was recorded.
    pub flow: String,
    /// What was diagnosed, as it was typed.
    pub target: String,
    /// The answers to the flow's inputs.
    pub inputs: Map<String, Value>,
    /// The answers to questions on the way, by the step's id.
    pub answers: Map<String, Value>,
    /// What was asked and what came back, in order.
    pub observations: Vec<(ProbeRequest, Outcome)>,
    sql_login: bool,
}

/// Why a file is no world.
#[derive(Debug, thiserror::Error)]
pub enum WorldFault {
    /// The file cannot be read.
    #[error("{path}: cannot read the recorded world: {source}")]
    File {
        /// The file.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is something else.
    #[error(
        "{name}: not a recorded world: {problem}; record one with `sspi-doctor run … --journal FILE`"
    )]
    NotAWorld {
        /// The world's name.
        name: String,
        /// What is wrong with it.
        problem: String,
    },
}

/// What counts of a line of a journal.
#[derive(Deserialize)]
struct Line {
    entry: String,
    #[serde(default)]
    flow: String,
    #[serde(default)]
    target: String,
    #[serde(default)]
    inputs: Map<String, Value>,
    #[serde(default)]
    path: String,
    #[serde(default)]
    answer: Value,
    #[serde(default)]
    saw: Map<String, Value>,
    request: Option<ProbeRequest>,
    outcome: Option<Outcome>,
}

impl World {
    /// A world in which nothing was observed.
    pub fn empty(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            title: name.to_owned(),
            summary: String::new(),
            flow: String::new(),
            target: String::new(),
            inputs: Map::new(),
            answers: Map::new(),
            observations: Vec::new(),
            sql_login: false,
        }
    }

    /// Reads a world from a journal's text. A damaged last line is passed over,
    /// as it is in every journal.
    pub fn parse(name: &str, text: &str) -> Result<Self, WorldFault> {
        let not_a_world = |problem: String| WorldFault::NotAWorld {
            name: name.to_owned(),
            problem,
        };
        let mut world = Self::empty(name);
        let count = text.lines().count();
        for (index, raw) in text.lines().enumerate() {
            let mut value: Value = match serde_json::from_str(raw) {
                Ok(value) => value,
                Err(_) if index + 1 == count && index > 0 => break,
                Err(error) => return Err(not_a_world(format!("line {}: {error}", index + 1))),
            };
            hostile::clean_value(&mut value);
            let line: Line = serde_json::from_value(value)
                .map_err(|error| not_a_world(format!("line {}: {error}", index + 1)))?;
            world.take(line);
        }
        if world.flow.is_empty() {
            return Err(not_a_world(
                "it does not say which flow was walked".to_owned(),
            ));
        }
        Ok(world)
    }

    /// Reads a world from a file; its name is the file's without `.jsonl`.
    pub fn read(path: &Path) -> Result<Self, WorldFault> {
        let text = std::fs::read_to_string(path).map_err(|source| WorldFault::File {
            path: path.display().to_string(),
            source,
        })?;
        let name = path
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default();
        Self::parse(&name, &text)
    }

    /// Whether a SQL login was given when it was recorded.
    pub fn sql_login(&self) -> bool {
        self.sql_login
    }

    fn take(&mut self, line: Line) {
        if line.saw.get("given.sql_login") == Some(&Value::Bool(true)) {
            self.sql_login = true;
        }
        match line.entry.as_str() {
            // Further walks may follow the one that the world is about.
            "began" if self.flow.is_empty() => {
                self.flow = line.flow;
                self.target = line.target;
                self.inputs = line.inputs;
            }
            "answered" => {
                let step = line.path.rsplit('/').next().unwrap_or_default();
                self.answers.insert(step.to_owned(), line.answer);
            }
            "observed" => {
                if let (Some(request), Some(outcome)) = (line.request, line.outcome) {
                    self.observations.push((request, outcome));
                }
            }
            _ => {}
        }
    }
}

/// The worlds that the program carries. A test proves that each can be read.
pub fn worlds() -> impl Iterator<Item = World> {
    SHIPPED.iter().filter_map(shipped)
}

/// The world of this name.
pub fn world(name: &str) -> Option<World> {
    SHIPPED
        .iter()
        .find(|shipped| shipped.name == name)
        .and_then(shipped)
}

fn shipped(shipped: &ShippedWorld) -> Option<World> {
    let mut world = World::parse(shipped.name, shipped.journal).ok()?;
    shipped.title.clone_into(&mut world.title);
    shipped.summary.clone_into(&mut world.summary);
    Some(world)
}
