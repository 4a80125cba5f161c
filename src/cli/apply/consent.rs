//! The yes to each change: typed on a terminal, or named by number and code.

use std::io::BufRead as _;

use super::super::failure::Failure;
use crate::apply::{Edit, Proposal};
use crate::printer;

/// A change as `--yes-to` names it: its number, and the code of all that is
/// written by it.
pub(super) fn name(number: usize, edit: &Edit) -> String {
    format!("{number}:{}", edit.code())
}

/// The indexes of the changes that were agreed to, in order.
pub(super) fn ask(
    proposal: &Proposal,
    named: &[String],
    plan_command: &str,
) -> Result<Vec<usize>, Failure> {
    if !named.is_empty() {
        return by_name(proposal, named, plan_command);
    }
    if !printer::is_terminal() {
        return Err(Failure::usage(
            "there is no terminal to ask for a yes on; nothing was changed",
        )
        .hint(format!(
            "look at the changes with `{plan_command}`, then name those that you agree to as it says, with --yes-to"
        )));
    }
    let mut agreed = Vec::new();
    let count = proposal.changes.len();
    for index in 0..count {
        printer::question(&format!(
            "Change {} of {count}: type yes to make it, anything else leaves it: ",
            index + 1
        ));
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line);
        if !matches!(read, Ok(1..)) {
            printer::progress("");
            return Ok(Vec::new());
        }
        if line.trim() == "yes" {
            agreed.push(index);
        }
    }
    Ok(agreed)
}

fn by_name(
    proposal: &Proposal,
    named: &[String],
    plan_command: &str,
) -> Result<Vec<usize>, Failure> {
    let edits = proposal.edits();
    let mut agreed = Vec::new();
    for one in named {
        let found = edits
            .iter()
            .enumerate()
            .position(|(index, edit)| name(index + 1, edit) == *one);
        match found {
            Some(index) if !agreed.contains(&index) => agreed.push(index),
            Some(_) => {}
            None => {
                return Err(Failure::usage(format!(
                    "`--yes-to {}` names no change that would be made today; nothing was changed",
                    crate::hostile::clean_line(one)
                ))
                .hint(format!(
                    "the directory, or the plan, is not what was shown; look again: {plan_command}"
                )));
            }
        }
    }
    agreed.sort_unstable();
    Ok(agreed)
}
