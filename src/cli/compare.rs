//! `compare`: where several places that looked at the same servers disagree.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::ListFormat;
use super::failure::Failure;
use crate::exit::Exit;
use crate::headless::fleet::TargetResult;
use crate::hostile::clean_line;
use crate::printer;

#[derive(Debug, Args)]
pub(super) struct CompareOptions {
    /// Files that `run --targets` printed, one for each place that looked; of a
    /// single file the machines in it are compared
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    format: ListFormat,
}

/// What one place saw of one target.
struct Seen {
    verdict: String,
    causes: BTreeSet<String>,
}

/// Targets with what each place saw; targets are the same whatever the case.
type Table = BTreeMap<String, BTreeMap<String, Seen>>;

pub(super) fn compare(options: &CompareOptions) -> Result<Exit, Failure> {
    let mut table = Table::new();
    let mut titles = BTreeMap::new();
    let mut places = Vec::new();
    let several = options.files.len() > 1;
    for file in &options.files {
        let name = file
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default();
        let place = several.then(|| unique(&places, &clean_line(&name)));
        places.extend(place.clone());
        read(file, place.as_deref(), &mut table, &mut titles, &mut places)?;
    }
    if places.len() < 2 {
        return Err(
            Failure::usage("there is one place only, and nothing to compare it with")
                .hint("give the files of several jump hosts"),
        );
    }
    let disagree: Vec<_> = table.iter().filter(|(_, seen)| differ(seen)).collect();
    match options.format {
        ListFormat::Json => {
            let list: Vec<_> = disagree
                .iter()
                .map(|(target, seen)| json!({ "target": target, "seen": as_json(seen) }))
                .collect();
            printer::result(
                &json!({ "places": places, "targets": table.len(), "disagree": list }).to_string(),
            );
        }
        ListFormat::Text => {
            for (target, seen) in &disagree {
                printer::result(&words(target, seen, &titles));
            }
            let missing = table
                .values()
                .filter(|seen| seen.len() < places.len())
                .count();
            printer::progress(&format!(
                "{} targets, {} places: they disagree about {}; {missing} were not seen from every place",
                table.len(),
                places.len(),
                disagree.len(),
            ));
        }
    }
    Ok(if disagree.is_empty() {
        Exit::Healthy
    } else {
        Exit::CauseFound
    })
}

fn read(
    path: &Path,
    place: Option<&str>,
    table: &mut Table,
    titles: &mut BTreeMap<String, String>,
    places: &mut Vec<String>,
) -> Result<(), Failure> {
    let unreadable =
        |fault: std::io::Error| Failure::usage(format!("cannot read {}: {fault}", path.display()));
    let file = File::open(path).map_err(unreadable)?;
    for (number, line) in BufReader::new(file).lines().enumerate() {
        let line = line.map_err(unreadable)?;
        if line.trim().is_empty() {
            continue;
        }
        let result: TargetResult = serde_json::from_str(&line).map_err(|fault| {
            Failure::usage(format!(
                "{}, line {}: this is no result of a walk: {fault}",
                path.display(),
                number + 1
            ))
            .hint("give files that `sspi-doctor run FLOW --targets LIST >FILE` wrote")
        })?;
        let place = place.map_or_else(|| clean_line(&result.from), str::to_owned);
        if !places.contains(&place) {
            places.push(place.clone());
        }
        for cause in &result.causes {
            titles.insert(cause.cause.clone(), clean_line(&cause.title));
        }
        let seen = Seen {
            verdict: clean_line(&result.verdict),
            causes: result.causes.into_iter().map(|cause| cause.cause).collect(),
        };
        table
            .entry(clean_line(&result.target).to_lowercase())
            .or_default()
            .insert(place, seen);
    }
    Ok(())
}

/// The name of a place that no other has.
fn unique(places: &[String], name: &str) -> String {
    let mut unique = name.to_owned();
    let mut number = 2;
    while places.contains(&unique) {
        unique = format!("{name} ({number})");
        number += 1;
    }
    unique
}

fn differ(seen: &BTreeMap<String, Seen>) -> bool {
    let mut all = seen.values();
    let Some(first) = all.next() else {
        return false;
    };
    all.any(|other| other.verdict != first.verdict || other.causes != first.causes)
}

fn as_json(seen: &BTreeMap<String, Seen>) -> serde_json::Value {
    seen.iter()
        .map(|(place, seen)| {
            (
                place.clone(),
                json!({ "verdict": seen.verdict, "causes": seen.causes }),
            )
        })
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// The target, and below it each opinion with the places that hold it.
fn words(target: &str, seen: &BTreeMap<String, Seen>, titles: &BTreeMap<String, String>) -> String {
    let mut opinions: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (place, seen) in seen {
        let causes: Vec<&str> = seen
            .causes
            .iter()
            .map(|cause| titles.get(cause).unwrap_or(cause).as_str())
            .collect();
        let opinion = if causes.is_empty() {
            seen.verdict.clone()
        } else {
            causes.join("; ")
        };
        opinions.entry(opinion).or_default().push(place);
    }
    let mut text = format!("{target}\n");
    for (opinion, places) in opinions {
        let _ = writeln!(text, "  {opinion}: {}", places.join(", "));
    }
    text
}
