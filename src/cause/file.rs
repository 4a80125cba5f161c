//! The catalogue as it stands in its file.

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Card, Cause, Each, Parameter, Proof, Repair, Worse};
use crate::engine::Severity;
use crate::engine::station::Station;

/// The version of the format.
const SCHEMA: u32 = 1;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCatalogue {
    schema: u32,
    groups: Vec<RawGroup>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawGroup {
    title: String,
    causes: Vec<RawCause>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawCause {
    id: String,
    title: String,
    severity: Severity,
    worse: Option<Worse>,
    fix_order: u16,
    proof: Proof,
    station: Option<Station>,
    #[serde(default)]
    excluded: String,
    meaning: String,
    #[serde(default)]
    parameters: IndexMap<String, RawParameter>,
    fix: Vec<Map<String, Value>>,
    #[serde(default)]
    beware: Vec<String>,
    card: Option<Card>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawParameter {
    #[serde(default)]
    required: bool,
    help: String,
}

/// Reads the causes, in the order of the file; the error is a sentence.
pub(super) fn read(text: &str) -> Result<Vec<Cause>, String> {
    let raw: RawCatalogue = serde_yaml::from_str(text).map_err(|error| error.to_string())?;
    if raw.schema != SCHEMA {
        return Err(format!(
            "schema {} is not known; this program reads schema {SCHEMA}",
            raw.schema
        ));
    }
    let mut causes = Vec::new();
    for group in raw.groups {
        for cause in group.causes {
            causes.push(cause_of(cause, &group.title)?);
        }
    }
    Ok(causes)
}

fn cause_of(raw: RawCause, group: &str) -> Result<Cause, String> {
    let fix = raw
        .fix
        .into_iter()
        .enumerate()
        .map(|(index, entry)| {
            repair_of(entry)
                .map_err(|problem| format!("cause `{}`, fix {}: {problem}", raw.id, index + 1))
        })
        .collect::<Result<_, _>>()?;
    Ok(Cause {
        id: raw.id,
        group: group.to_owned(),
        title: raw.title,
        severity: raw.severity,
        worse: raw.worse,
        fix_order: raw.fix_order,
        proof: raw.proof,
        station: raw.station,
        excluded: raw.excluded,
        meaning: raw.meaning,
        parameters: raw
            .parameters
            .into_iter()
            .map(|(name, parameter)| {
                let RawParameter { required, help } = parameter;
                (name, Parameter { required, help })
            })
            .collect(),
        fix,
        beware: raw.beware,
        card: raw.card,
    })
}

/// An entry of `fix:` is a mapping with one operation and, beside it, `when`,
/// `for-each` and `as`.
fn repair_of(mut entry: Map<String, Value>) -> Result<Repair, String> {
    let mut take = |key: &str| match entry.remove(key) {
        None => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(vec![text]),
        Some(Value::Array(items)) => items
            .into_iter()
            .map(|item| match item {
                Value::String(text) => Ok(text),
                _ => Err(format!("`{key}` has expressions, written as texts")),
            })
            .collect(),
        Some(_) => Err(format!("`{key}` is an expression, written as text")),
    };
    let when = take("when")?;
    let (lists, bindings) = (take("for-each")?, take("as")?);
    if when.len() > 1 {
        return Err("`when` is one expression; join several by `and`".to_owned());
    }
    if lists.len() != bindings.len() {
        return Err("`for-each` and `as` belong together".to_owned());
    }
    let each = lists
        .into_iter()
        .zip(bindings)
        .map(|(list, binding)| Each { list, binding })
        .collect();
    let mut operations = entry.into_iter();
    let (Some((operation, Value::Object(fields))), None) = (operations.next(), operations.next())
    else {
        return Err("an entry has exactly one operation, with its fields as a mapping".to_owned());
    };
    Ok(Repair {
        operation,
        fields,
        when: when.into_iter().next(),
        each,
    })
}
