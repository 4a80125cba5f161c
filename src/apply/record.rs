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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn line(at: i64, run: &str, number: usize, what: &str, attribute: &str) -> RecordLine {
        serde_json::from_value(json!({
            "at": Timestamp::from_second(at).unwrap().to_string(),
            "run": run, "number": number, "what": what,
            "edit": {
                "object": {"server": "dc1", "domain": "d", "account": "a", "distinguished_name": "n", "sid": "s"},
                "attribute": attribute, "how": "add", "before": [], "after": ["x"], "words": [], "reasons": [],
            },
        }))
        .unwrap()
    }

    /// Also one of which a crash has left the beginning only; a lock never.
    #[test]
    fn what_stands_is_undone_from_the_last_to_the_first() {
        let lines = [
            line(1, "b", 1, "beginning", "l"),
            line(2, "b", 1, "made", "l"),
            line(3, "b", 2, "made", "lockoutTime"),
            line(4, "b", 3, "refused", "l"),
            line(5, "a", 1, "made", "l"),
            line(6, "a", 2, "beginning", "l"),
            line(7, "c", 1, "made", "l"),
            line(8, "c", 1, "undone", "l"),
        ];
        let standing: Vec<(String, usize)> = standing(&lines)
            .into_iter()
            .map(|one| (one.run, one.number))
            .collect();
        let wanted = [("a", 2), ("a", 1), ("b", 1)];
        assert_eq!(
            standing,
            wanted.map(|(run, number)| (run.to_owned(), number))
        );
    }
}
