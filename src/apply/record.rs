//! What was done, line by line, so that it can be undone even after a crash.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::edit::Edit;

/// One line of the record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordLine {
    /// When.
    pub at: Timestamp,
    /// The run of `fix --apply` that made the change.
    pub run: String,
    /// The number of the change in that run.
    pub number: usize,
    /// What happened.
    pub what: Happening,
    /// Further words, such as why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    /// The change.
    pub edit: Edit,
}

/// What happened to a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Happening {
    /// It is about to be sent.
    Beginning,
    /// The controller took it.
    Made,
    /// It did not take it.
    Refused,
    /// It was taken back.
    Undone,
}

/// A change that was made, or may have been, and was not taken back.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// The run.
    pub run: String,
    /// Its number in the run.
    pub number: usize,
    /// The change.
    pub edit: Edit,
}

/// What stands, in the order in which it has to be undone.
pub fn standing(lines: &[RecordLine]) -> Vec<Standing> {
    let mut last: BTreeMap<(Timestamp, &str, usize), &RecordLine> = BTreeMap::new();
    let mut begun: BTreeMap<&str, Timestamp> = BTreeMap::new();
    for line in lines {
        let start = *begun.entry(&line.run).or_insert(line.at);
        last.insert((start, &line.run, line.number), line);
    }
    last.into_values()
        .rev()
        .filter(|line| matches!(line.what, Happening::Beginning | Happening::Made))
        .filter(|line| line.edit.can_be_undone())
        .map(|line| Standing {
            run: line.run.clone(),
            number: line.number,
            edit: line.edit.clone(),
        })
        .collect()
}
