//! `docs/causes.md`, made of the catalogue and of what the tests have seen.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::catalogue::{Cause, Group};
use crate::row::{Healthy, How, Proof, Repair, Row, Status};

/// Where a walk must find nothing when nothing is wrong.
pub const PLACES: &[&str] = &[
    "default instance",
    "named instance",
    "listener of an availability group",
    "alias (CNAME)",
    "server in the trusted forest",
    "SQL Server on Linux with a keytab",
    "forest in which nobody may read the state of accounts",
];

/// The statuses of Kerberos Configuration Manager, and for which service each
/// must have been told.
pub const STATUSES: &[(&str, &[&str])] = &[
    (
        "Good",
        &[
            "SQL Server",
            "listener",
            "Reporting Services",
            "Analysis Services",
        ],
    ),
    ("Required SPN is missing", &["SQL Server", "listener"]),
    ("SPN on wrong account", &["SQL Server", "listener"]),
    (
        "Duplicate SPN",
        &["SQL Server", "Reporting Services", "Analysis Services"],
    ),
    ("TCP must be enabled", &["SQL Server"]),
    ("Dynamic Port", &["SQL Server"]),
];

const HEAD: &str = "\
# How each cause is proven

Made by the tests; do not edit. Each row was written by a test of the last run
of `tests/run` that passed: after `tests/run`, `cargo run -p proof -- write`
makes this file anew. `tests/run` fails when a cause of the catalogue has no
row, or when this file is not what the tests have seen.

- **live**: the fault was put into real Samba forests, and the real program
  walked there.
- **scripted**: no lab produces it; the flow walked over played answers.
- **card**: it cannot be seen from a client; the walk says so and hands over the
  command.

\"Handed over\" means that no script should or can do it: the finding says who
does what. A script that was run is the one that `sspi-doctor fix` makes.
";

/// The report, and what is missing in it.
#[derive(Debug)]
pub struct Report {
    /// The document.
    pub text: String,
    /// What is missing, one sentence each.
    pub missing: Vec<String>,
}

/// Makes the report.
pub fn report(groups: &[Group], rows: &[Row]) -> Report {
    let mut proofs: BTreeMap<&str, Vec<&Proof>> = BTreeMap::new();
    let mut places: BTreeSet<&Healthy> = BTreeSet::new();
    let mut statuses: BTreeSet<&Status> = BTreeSet::new();
    for row in rows {
        match row {
            Row::Proof(proof) => proofs.entry(&proof.cause).or_default().push(proof),
            Row::Healthy(healthy) => drop(places.insert(healthy)),
            Row::Status(status) => drop(statuses.insert(status)),
        }
    }
    let mut text = HEAD.to_owned();
    let mut missing = Vec::new();
    for group in groups {
        let _ = write!(
            text,
            "\n## {}\n\n| Cause | Proof | What was wrong | What the walk found | Repair | Test |\n|---|---|---|---|---|---|\n",
            group.title
        );
        for cause in &group.causes {
            let proofs = proofs.remove(cause.id.as_str()).unwrap_or_default();
            judge(cause, &proofs, &mut missing);
            table(cause, &proofs, &mut text);
        }
    }
    for unknown in proofs.keys() {
        missing.push(format!(
            "a test proves `{unknown}`, which the catalogue does not have"
        ));
    }
    healthy(&places, &mut text, &mut missing);
    words(&statuses, &mut text, &mut missing);
    Report { text, missing }
}

/// Whether the rows prove the cause as the catalogue says.
fn judge(cause: &Cause, proofs: &[&Proof], missing: &mut Vec<String>) {
    match proofs.iter().map(|proof| proof.how).min() {
        None => missing.push(format!("`{}` is proven by no test", cause.id)),
        Some(best) if best > cause.proof => missing.push(format!(
            "`{}` is to be proven {}, and is only proven as {}",
            cause.id,
            cause.proof.word(),
            best.word()
        )),
        Some(How::Live) if !is_repaired(proofs) => missing.push(format!(
            "`{}` is repaired by a script, and no test has run it and seen a healthy walk after it",
            cause.id
        )),
        Some(_) => {}
    }
}

/// Whether no script was made for the cause, or one was run and has held.
fn is_repaired(proofs: &[&Proof]) -> bool {
    let mut live = proofs.iter().filter(|proof| proof.how == How::Live);
    let made = [Repair::ScriptMade, Repair::ScriptRan];
    !live.clone().any(|proof| made.contains(&proof.repair))
        || live.any(|proof| proof.repair <= Repair::ApplyHeld)
}

fn table(cause: &Cause, proofs: &[&Proof], text: &mut String) {
    // A test may walk several times in the same state; its best repair counts.
    let mut lines: BTreeMap<(How, &str, String, &str), Repair> = BTreeMap::new();
    for proof in proofs {
        let key = (
            proof.how,
            proof.wrong.as_str(),
            found(proof),
            proof.test.as_str(),
        );
        let repair = lines.entry(key).or_insert(proof.repair);
        *repair = proof.repair.min(*repair);
    }
    for ((how, wrong, found, test), repair) in lines {
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} | {} | `{}` |",
            cause.id,
            how.word(),
            cell(wrong),
            cell(&found),
            repair.words(),
            test
        );
    }
}

/// What the walk found, from the view of one cause.
fn found(proof: &Proof) -> String {
    if proof.how == How::Card {
        return "unknown, with the card".to_owned();
    }
    match proof.found.as_slice() {
        [_] => "this cause alone".to_owned(),
        several => several
            .iter()
            .map(|cause| {
                if *cause == proof.cause {
                    "this cause"
                } else {
                    cause
                }
            })
            .collect::<Vec<_>>()
            .join(", then "),
    }
}

fn healthy(places: &BTreeSet<&Healthy>, text: &mut String, missing: &mut Vec<String>) {
    text.push_str(
        "\n## Healthy stays healthy\n\nNothing is wrong at these places, and the walk says so.\n\n\
         | Where | What the walk says | Test |\n|---|---|---|\n",
    );
    for place in PLACES {
        let mut none = true;
        for healthy in places.iter().filter(|healthy| healthy.place == *place) {
            none = false;
            let _ = writeln!(
                text,
                "| {place} | {} | `{}` |",
                cell(&healthy.verdict),
                healthy.test
            );
        }
        if none {
            missing.push(format!(
                "no test has walked where nothing is wrong: {place}"
            ));
        }
    }
}

fn words(statuses: &BTreeSet<&Status>, text: &mut String, missing: &mut Vec<String>) {
    text.push_str(
        "\n## The statuses of Kerberos Configuration Manager\n\nEach is told under its name, without rights \
         on the server.\n\n| Status | Service | Test |\n|---|---|---|\n",
    );
    for (status, services) in STATUSES {
        for service in *services {
            let mut none = true;
            for told in statuses
                .iter()
                .filter(|told| told.status == *status && told.service == *service)
            {
                none = false;
                let _ = writeln!(text, "| {status} | {service} | `{}` |", told.test);
            }
            if none {
                missing.push(format!(
                    "no test has seen the status `{status}` for: {service}"
                ));
            }
        }
    }
}

/// A text as a cell of a table.
fn cell(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('|', "\\|")
        .replace(['\n', '\r'], " ")
}

#[cfg(test)]
mod tests;
