//! Which drivers find the SPN that they ask for.

use serde_json::{Value, json};

use super::classify::{self, Answer, State};
use super::gather::Gathered;
use super::question::Question;
use crate::directory::spn;
use crate::probe::OutcomeBuilder;
use crate::probe::ldap::forest;

/// A driver and what it asks for, as `spn-names` tells it.
pub(super) struct Driver {
    id: String,
    name: String,
    pub(super) spns: Vec<String>,
}

/// Reads the argument `drivers`; what has another shape is passed over.
pub(super) fn read(argument: Option<&Value>) -> Vec<Driver> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    argument
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|driver| Driver {
            id: text(&driver["id"]),
            name: text(&driver["driver"]),
            spns: driver["spns"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
        })
        .filter(|driver| !driver.spns.is_empty())
        .collect()
}

/// Tells of each driver what it will find: the first of its SPNs that somebody
/// holds is the one that it gets a ticket for.
pub(super) fn tell(outcome: &mut OutcomeBuilder, question: &Question<'_>, gathered: &Gathered) {
    let (forest, entries) = (&gathered.forest, &gathered.found.entries);
    let expected = gathered.expected_sid.as_ref();
    if question.drivers.is_empty() {
        return;
    }
    let mut records: Vec<Value> = Vec::new();
    let mut without: Vec<&str> = Vec::new();
    let mut missing: Vec<&str> = Vec::new();
    for driver in &question.drivers {
        let answers: Vec<Answer<'_>> = driver
            .spns
            .iter()
            .map(|spn| classify::answer(spn, entries))
            .collect();
        let Some(counts) = answers
            .iter()
            .find(|answer| answer.state != State::Missing)
            .or(answers.first())
        else {
            continue;
        };
        let works = counts.state == State::Held && counts.held_by(expected) != Some(false);
        if counts.state == State::Missing {
            without.push(&driver.name);
            for asked in answers.iter().map(|answer| answer.spn) {
                if !missing.iter().any(|known| spn::same(known, asked)) {
                    missing.push(asked);
                }
            }
        }
        records.push(json!({
            "id": driver.id,
            "driver": driver.name,
            "spn": counts.spn,
            "words": counts.words(expected),
            "holders": forest::names(&classify::accounts(forest, &counts.holders)),
            "works": works,
        }));
    }
    outcome
        .fact("by_driver", records)
        .fact("drivers_without", without)
        .fact("drivers_missing", missing);
}
