//! What an observation came to.

use std::time::Instant;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::declaration::{NOT_OBSERVED, ProbeDeclaration};
use crate::hostile;
use crate::secret::Vault;

/// A probe's answer: a status of its closed set, its facts, the evidence and
/// the command that an admin would have typed. Every text in it is safe, and
/// tells what is hidden in it ([`hostile::shown_text`]).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// One of the declared statuses, or [`NOT_OBSERVED`].
    pub status: String,
    /// A few words for the outline, such as `10.0.4.7`.
    pub summary: String,
    /// All declared facts and `reason`, null where not observed.
    pub facts: Map<String, Value>,
    /// What went over the wire, in words, in the order in which it happened.
    pub evidence: Vec<Evidence>,
    /// The same question by hand.
    pub by_hand: ByHand,
    /// How long it took, in milliseconds.
    pub elapsed_ms: u64,
}

/// One exchange.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// Whom we asked and what, such as `10.0.0.2: A sql1.corp.example`.
    pub asked: String,
    /// What came back, in words.
    pub saw: String,
    /// How long this exchange took, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elapsed_ms: Option<u64>,
    /// As whom we asked, such as `alice@CORP.EXAMPLE, ticket from /tmp/krb5cc_1000`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
}

/// The command that an admin would have typed, ready to copy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ByHand {
    /// On Linux, one command a line.
    pub linux: Vec<String>,
    /// On Windows, one command a line.
    pub windows: Vec<String>,
}

impl Outcome {
    /// Starts an outcome of a probe; the clock starts too.
    pub fn of(declaration: &'static ProbeDeclaration) -> OutcomeBuilder {
        OutcomeBuilder {
            declaration,
            started: Instant::now(),
            summary: String::new(),
            facts: Map::new(),
            evidence: Vec::new(),
            by_hand: ByHand::default(),
        }
    }

    /// The outcome of a probe that did not look; `reason` is a sentence.
    pub fn not_observed(declaration: &'static ProbeDeclaration, reason: &str) -> Self {
        Self::of(declaration).not_observed(reason)
    }

    /// Takes the secrets of a session out of every text.
    pub(crate) fn hide(&mut self, vault: &Vault) {
        vault.hide_in(&mut self.summary);
        for fact in self.facts.values_mut() {
            vault.hide_in_value(fact);
        }
        for evidence in &mut self.evidence {
            vault.hide_in(&mut evidence.asked);
            vault.hide_in(&mut evidence.saw);
        }
        let by_hand = self.by_hand.linux.iter_mut();
        for command in by_hand.chain(&mut self.by_hand.windows) {
            vault.hide_in(command);
        }
    }

    /// What the steps behind it see of it: its facts and its status.
    pub fn result(&self) -> Value {
        let mut result = self.facts.clone();
        result.entry("reason").or_insert(Value::Null);
        result.insert("status".to_owned(), Value::from(self.status.as_str()));
        Value::Object(result)
    }

    /// A fact; null when it was not observed.
    pub fn fact(&self, name: &str) -> &Value {
        self.facts.get(name).unwrap_or(&Value::Null)
    }
}

/// Collects what a probe sees.
#[derive(Debug)]
pub struct OutcomeBuilder {
    declaration: &'static ProbeDeclaration,
    started: Instant,
    summary: String,
    facts: Map<String, Value>,
    evidence: Vec<Evidence>,
    by_hand: ByHand,
}

impl OutcomeBuilder {
    /// Sets a fact; it must be declared.
    pub fn fact(&mut self, name: &'static str, value: impl Into<Value>) -> &mut Self {
        debug_assert!(
            self.declaration
                .facts
                .iter()
                .any(|declared| declared.name == name),
            "`{}` does not declare the fact `{name}`",
            self.declaration.key
        );
        self.facts.insert(name.to_owned(), value.into());
        self
    }

    /// Sets the few words for the outline.
    pub fn summary(&mut self, words: impl Into<String>) -> &mut Self {
        self.summary = words.into();
        self
    }

    /// Says in a sentence why the status is what it is, for statuses that need
    /// words beside their name.
    pub fn reason(&mut self, reason: impl Into<String>) -> &mut Self {
        self.facts
            .insert("reason".to_owned(), Value::from(reason.into()));
        self
    }

    /// Adds an exchange that happened.
    pub fn evidence(&mut self, evidence: Evidence) -> &mut Self {
        self.evidence.push(evidence);
        self
    }

    /// Adds an exchange in two texts.
    pub fn saw(&mut self, asked: impl Into<String>, saw: impl Into<String>) -> &mut Self {
        self.evidence(Evidence {
            asked: asked.into(),
            saw: saw.into(),
            elapsed_ms: None,
            credential: None,
        })
    }

    /// Adds a command for Linux.
    pub fn by_hand_linux(&mut self, command: impl Into<String>) -> &mut Self {
        self.by_hand.linux.push(command.into());
        self
    }

    /// Adds a command for Windows.
    pub fn by_hand_windows(&mut self, command: impl Into<String>) -> &mut Self {
        self.by_hand.windows.push(command.into());
        self
    }

    /// Ends with a declared status: makes every text safe and fills absent facts
    /// with null.
    pub fn finish(self, status: &'static str) -> Outcome {
        debug_assert!(
            self.declaration.has_status(status),
            "`{}` does not declare the status `{status}`",
            self.declaration.key
        );
        let mut facts = Map::new();
        let mut given = self.facts;
        for declared in self.declaration.facts {
            let mut value = given.remove(declared.name).unwrap_or(Value::Null);
            hostile::shown_value(&mut value);
            facts.insert(declared.name.to_owned(), value);
        }
        let mut reason = given.remove("reason").unwrap_or(Value::Null);
        hostile::shown_value(&mut reason);
        facts.insert("reason".to_owned(), reason);
        let clean =
            |commands: Vec<String>| commands.iter().map(|c| hostile::shown_line(c)).collect();
        Outcome {
            status: status.to_owned(),
            summary: hostile::shown_line(&self.summary),
            facts,
            evidence: self
                .evidence
                .into_iter()
                .map(|evidence| Evidence {
                    asked: hostile::shown_line(&evidence.asked),
                    saw: hostile::shown_text(&evidence.saw),
                    elapsed_ms: evidence.elapsed_ms,
                    credential: evidence.credential.as_deref().map(hostile::shown_line),
                })
                .collect(),
            by_hand: ByHand {
                linux: clean(self.by_hand.linux),
                windows: clean(self.by_hand.windows),
            },
            elapsed_ms: u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX),
        }
    }

    /// Ends without an observation; `reason` is a sentence for the user.
    pub fn not_observed(mut self, reason: &str) -> Outcome {
        self.facts.insert("reason".to_owned(), Value::from(reason));
        if self.summary.is_empty() {
            "not observed".clone_into(&mut self.summary);
        }
        self.finish(NOT_OBSERVED)
    }
}
