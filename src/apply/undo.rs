//! Takes changes back: those of a run that could not be finished, and those of
//! an earlier one (`fix --undo`).

use super::carry_out::{self, Stopped};
use super::connect::Controllers;
use super::edit::{Edit, Value};
use super::holders;
use super::keep::Keeper;
use super::propose::{Proposal, Proposed};
use super::record::{Happening, Standing};
use super::refusal::Refusal;
use super::today;
use super::writer;

/// How a change was taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakenBack {
    /// By writing its inverse.
    Undone,
    /// It was not there any more.
    WasNotThere,
}

/// Takes back one change, when its values still stand. `undone` are the inverses
/// that were written before.
pub(super) async fn take_back(
    controllers: &Controllers,
    edit: &Edit,
    undone: &[&Edit],
) -> Result<TakenBack, Stopped> {
    if today::now(controllers, edit).await? == edit.before {
        return Ok(TakenBack::WasNotThere);
    }
    let inverse = edit.inverse();
    carry_out::check(controllers, &inverse, undone).await?;
    writer::write(controllers, &inverse).await?;
    Ok(TakenBack::Undone)
}

/// What an undo would write, in order, with the changes that it takes back.
#[derive(Clone, Debug, Default)]
pub struct UndoPlan {
    /// To be shown: the inverses.
    pub proposal: Proposal,
    /// The changes, as they were made; one for each of the proposal.
    pub standing: Vec<Standing>,
}

/// Reads today's values and works out what takes the changes back.
pub async fn propose_undo(
    controllers: &Controllers,
    standing: &[Standing],
) -> Result<UndoPlan, Refusal> {
    let mut plan = UndoPlan::default();
    let mut state: Vec<(&Edit, Vec<Value>)> = Vec::new();
    let mut differences = Vec::new();
    for one in standing {
        let edit = &one.edit;
        let connection = controllers.of(&edit.object.domain).await?;
        let line = format!(
            "{} on {} (domain {})",
            connection.as_whom().unwrap_or("nobody"),
            connection.host(),
            edit.object.domain
        );
        if !plan.proposal.signed_in.contains(&line) {
            plan.proposal.signed_in.push(line);
        }
        let known = state.iter().position(|(other, _)| {
            other.object == edit.object && other.attribute == edit.attribute
        });
        let now = match known {
            Some(index) => state[index].1.clone(),
            None => today::now(controllers, edit).await?,
        };
        if now == edit.after {
            match known {
                Some(index) => state[index].1.clone_from(&edit.before),
                None => state.push((edit, edit.before.clone())),
            }
            let inverse = edit.inverse();
            let undone = plan.proposal.edits();
            let earlier: Vec<&Edit> = undone.iter().collect();
            let stranger = holders::strangers(controllers, &inverse, &earlier).await?;
            let warning = stranger.map(|(what, who)| {
                format!("This will be refused: {who} holds {what}, and no second account gets it.")
            });
            plan.proposal.changes.push(Proposed {
                edit: inverse,
                warnings: warning.into_iter().collect(),
            });
            plan.standing.push(one.clone());
        } else if now == edit.before {
            plan.proposal.already.extend(edit.inverse().words);
        } else {
            differences.push(format!(
                "{} of {} is neither what it was before nor what was written",
                edit.attribute, edit.object.account
            ));
        }
    }
    if differences.is_empty() {
        Ok(plan)
    } else {
        Err(Refusal::ChangedSince(differences))
    }
}

/// Takes one change of an earlier run back and writes that down.
pub async fn undo(
    controllers: &Controllers,
    standing: &Standing,
    undone: &[&Edit],
    keeper: &mut Keeper,
) -> Result<TakenBack, Stopped> {
    let taken = take_back(controllers, &standing.edit, undone).await?;
    keeper.note_of(
        &standing.run,
        standing.number,
        Happening::Undone,
        None,
        &standing.edit,
    )?;
    Ok(taken)
}
