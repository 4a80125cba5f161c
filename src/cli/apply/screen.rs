//! What is shown of changes: in words, and as values before and after.

use std::fmt::Write as _;

use super::consent;
use crate::apply::carry_out::{Carried, Told};
use crate::apply::edit::{Edit, How};
use crate::apply::{Proposal, propose::Proposed};
use crate::fix::Plan;
use crate::transcript::SessionDocument;

/// How many values that stay are shown.
const MOST_KEPT: usize = 4;

/// All changes, and what is left.
pub(super) fn proposal(proposal: &Proposal, plan: &Plan, document: &SessionDocument) -> String {
    let mut text = format!("Session {}: {}\n", document.session, document.target);
    for line in &proposal.signed_in {
        let _ = writeln!(text, "Directory as {line}");
    }
    for (index, one) in proposal.changes.iter().enumerate() {
        change(&mut text, index + 1, one);
    }
    list(&mut text, "Already so", &proposal.already);
    let mut left = if proposal.left.is_empty() {
        // Nothing was asked of the directory.
        plan.steps.iter().map(|step| step.change.words()).collect()
    } else {
        proposal.left.clone()
    };
    if !proposal.changes.is_empty() && proposal.left.is_empty() {
        left.clear();
    }
    list(
        &mut text,
        "Not an account in the directory: left to the script",
        &left,
    );
    let by_hand: Vec<String> = plan.manual.iter().map(|one| one.text.clone()).collect();
    list(&mut text, "By hand", &by_hand);
    text
}

fn list(text: &mut String, title: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{title}:");
    for line in lines {
        let _ = writeln!(text, "  - {}", crate::hostile::clean_line(line));
    }
}

fn change(text: &mut String, number: usize, one: &Proposed) {
    let edit = &one.edit;
    let mut head = format!("{number}.");
    for words in &edit.words {
        let _ = writeln!(text, "\n{head:<3} {}", crate::hostile::clean_line(words));
        // Further lines of one change stand below each other.
        text.truncate(text.trim_end_matches('\n').len());
        head.clear();
    }
    text.push('\n');
    let _ = writeln!(
        text,
        "    because: {}",
        crate::hostile::clean_line(&edit.reasons.join("; "))
    );
    let _ = writeln!(
        text,
        "    on {}: {}",
        edit.object.server,
        crate::hostile::clean_line(&edit.object.distinguished_name)
    );
    values(text, edit);
    for warning in &one.warnings {
        let _ = writeln!(text, "    ! {}", crate::hostile::clean_line(warning));
    }
}

fn values(text: &mut String, edit: &Edit) {
    let attribute = &edit.attribute;
    if edit.how == How::Replace {
        let one = |values: &[crate::apply::edit::Value]| match values.first() {
            Some(value) => edit.shown(value),
            None => "(nothing)".to_owned(),
        };
        let _ = writeln!(
            text,
            "    {attribute}\n      before: {}\n      after:  {}",
            one(&edit.before),
            one(&edit.after)
        );
        return;
    }
    let _ = writeln!(
        text,
        "    {attribute}: {} before -> {} after",
        count(edit.before.len()),
        count(edit.after.len())
    );
    let kept = edit.kept();
    for value in kept.iter().take(MOST_KEPT) {
        let _ = writeln!(text, "        {}", edit.shown(value));
    }
    if kept.len() > MOST_KEPT {
        let _ = writeln!(text, "        ({} more stay)", kept.len() - MOST_KEPT);
    }
    for value in edit.removed() {
        let _ = writeln!(text, "      - {}", edit.shown(value));
    }
    for value in edit.added() {
        let _ = writeln!(text, "      + {}", edit.shown(value));
    }
}

fn count(values: usize) -> String {
    match values {
        0 => "no value".to_owned(),
        1 => "1 value".to_owned(),
        more => format!("{more} values"),
    }
}

/// How the changes are agreed to.
pub(super) fn how_to_agree(command: &str, proposal: &Proposal) -> String {
    let names: Vec<String> = proposal
        .edits()
        .iter()
        .enumerate()
        .map(|(index, edit)| consent::name(index + 1, edit))
        .collect();
    format!(
        "\nNothing was changed. To make the changes, and be asked for each:\n  {command}\n\
         Without a terminal, name each that you agree to:\n  {command} --yes-to {}",
        names.join(",")
    )
}

/// What happens while it is written.
pub(super) fn told(told: &Told<'_>) -> String {
    match told {
        Told::Doing(number, edit) => format!("{number}. {}", edit.words.join("; ")),
        Told::Made => "   done".to_owned(),
        Told::Undoing(number, edit) => {
            format!("Taking back {number}. {}", edit.words.join("; "))
        }
        Told::Undone => "   it is as it was before".to_owned(),
        Told::NothingToUndo => "   it was not made".to_owned(),
        Told::NotUndone(why) => format!("   NOT taken back: {why}"),
    }
}

/// What stands after it was stopped.
pub(super) fn left(carried: &Carried) -> String {
    if carried.left.is_empty() {
        return "Nothing is changed: what was done before it was taken back.".to_owned();
    }
    let numbers: Vec<String> = carried.left.iter().map(ToString::to_string).collect();
    format!(
        "Change {} stands and could not be taken back; the backup has the values of before.",
        numbers.join(" and ")
    )
}

/// What the directory's change alone does not do.
pub(super) fn before_you_try() -> String {
    "Before you try again: other domain controllers see it after replication; tickets that clients\n\
     have stay wrong (klist purge on Windows, kdestroy -A and kinit on Linux); Windows remembers for\n\
     15 minutes that an SPN did not exist; connect anew, pooled connections keep their old login."
        .to_owned()
}
