//! Makes the changes that were agreed to, one after the other, and takes them
//! back in reverse order when a later one cannot be made.

use tokio_util::sync::CancellationToken;

use super::connect::Controllers;
use super::edit::Edit;
use super::holders;
use super::keep::Keeper;
use super::record::Happening;
use super::today;
use super::undo::{self, TakenBack};
use super::writer::{self, WriteFault};
use crate::probe::ldap::fault::DirectoryFault;
use crate::transcript::JournalFault;

/// Why a change was not made.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// The directory did not take it.
    #[error(transparent)]
    Write(#[from] WriteFault),
    /// The values are others than those that were shown.
    #[error("{attribute} of {account} is no longer what was shown a moment ago")]
    NotAsShown {
        /// The attribute.
        attribute: String,
        /// The account.
        account: String,
    },
    /// Somebody else has got it meanwhile.
    #[error("{what} is held by {who} now; adding it would make a duplicate")]
    Duplicate {
        /// The value.
        what: String,
        /// Who has it.
        who: String,
    },
    /// The record could not be written.
    #[error(transparent)]
    Record(#[from] JournalFault),
    /// The user stopped it.
    #[error("stopped")]
    ByUser,
}

impl From<DirectoryFault> for Stopped {
    fn from(fault: DirectoryFault) -> Self {
        Self::Write(WriteFault::Directory(fault))
    }
}

impl Stopped {
    /// Whether somebody with more rights could do it.
    pub fn lacks_rights(&self) -> bool {
        matches!(self, Self::Write(WriteFault::NotAllowed { .. }))
    }
}

/// What is told on the way; numbers are those that were shown, from 1.
#[derive(Debug)]
pub enum Told<'a> {
    /// A change is being made.
    Doing(usize, &'a Edit),
    /// It was made.
    Made,
    /// It is being taken back.
    Undoing(usize, &'a Edit),
    /// It was taken back.
    Undone,
    /// It was not there any more.
    NothingToUndo,
    /// It could not be taken back; why.
    NotUndone(String),
}

/// How it ended.
#[derive(Debug, Default)]
pub struct Carried {
    /// The numbers of the changes that stand.
    pub made: Vec<usize>,
    /// The change that could not be made, with the reason.
    pub stopped: Option<(usize, Stopped)>,
    /// The numbers of those that could not be taken back.
    pub left: Vec<usize>,
}

/// Makes the changes, given with their numbers. `stop` ends it between two
/// changes; then, too, what was made is taken back.
pub async fn carry_out(
    controllers: &Controllers,
    edits: &[(usize, Edit)],
    keeper: &mut Keeper,
    stop: &CancellationToken,
    tell: &mut (dyn FnMut(Told<'_>) + Send),
) -> Carried {
    let mut carried = Carried::default();
    let mut made: Vec<&(usize, Edit)> = Vec::new();
    for one in edits {
        let (number, edit) = one;
        tell(Told::Doing(*number, edit));
        let before: Vec<&Edit> = made.iter().map(|(_, edit)| edit).collect();
        match make(controllers, *number, edit, &before, keeper, stop).await {
            Ok(()) => {
                made.push(one);
                tell(Told::Made);
            }
            Err((may_stand, stopped)) => {
                if may_stand {
                    made.push(one);
                }
                carried.stopped = Some((*number, stopped));
                break;
            }
        }
    }
    if carried.stopped.is_none() {
        carried.made = made.iter().map(|(number, _)| *number).collect();
        return carried;
    }
    let mut undone: Vec<Edit> = Vec::new();
    for (number, edit) in made.into_iter().rev() {
        tell(Told::Undoing(*number, edit));
        if !edit.can_be_undone() {
            carried.left.push(*number);
            tell(Told::NotUndone("a lock is not put back".to_owned()));
            continue;
        }
        let earlier: Vec<&Edit> = undone.iter().collect();
        match undo::take_back(controllers, edit, &earlier).await {
            Ok(taken) => {
                // The record is for a later undo, which looks for itself.
                let _ = keeper.note(*number, Happening::Undone, None, edit);
                tell(match taken {
                    TakenBack::Undone => Told::Undone,
                    TakenBack::WasNotThere => Told::NothingToUndo,
                });
                undone.push(edit.inverse());
            }
            Err(why) => {
                carried.left.push(*number);
                tell(Told::NotUndone(why.to_string()));
            }
        }
    }
    carried
}

/// Makes one change. On a fault: whether the change may stand all the same.
async fn make(
    controllers: &Controllers,
    number: usize,
    edit: &Edit,
    made: &[&Edit],
    keeper: &mut Keeper,
    stop: &CancellationToken,
) -> Result<(), (bool, Stopped)> {
    if stop.is_cancelled() {
        return Err((false, Stopped::ByUser));
    }
    check(controllers, edit, made)
        .await
        .map_err(|stopped| (false, stopped))?;
    keeper
        .note(number, Happening::Beginning, None, edit)
        .map_err(|fault| (false, fault.into()))?;
    match writer::write(controllers, edit).await {
        Ok(()) => keeper
            .note(number, Happening::Made, None, edit)
            .map_err(|fault| (true, fault.into())),
        Err(fault) => {
            let may_stand = fault.may_have_been_made();
            if !may_stand {
                // The refusal itself is told; the record only helps a later undo.
                let _ = keeper.note(number, Happening::Refused, Some(fault.to_string()), edit);
            }
            Err((may_stand, fault.into()))
        }
    }
}

/// Whether the values are still those that were shown, and nobody else has what
/// is added.
pub(super) async fn check(
    controllers: &Controllers,
    edit: &Edit,
    made: &[&Edit],
) -> Result<(), Stopped> {
    if today::now(controllers, edit).await? != edit.before {
        return Err(Stopped::NotAsShown {
            attribute: edit.attribute.clone(),
            account: edit.object.account.clone(),
        });
    }
    if let Some((what, who)) = holders::strangers(controllers, edit, made).await? {
        return Err(Stopped::Duplicate { what, who });
    }
    Ok(())
}

/// The changes that another one needs: earlier ones of the same attribute, and
/// those that take away from others what it adds.
pub fn needs(edits: &[Edit], index: usize) -> Vec<usize> {
    let edit = &edits[index];
    let added = edit.added();
    edits[..index]
        .iter()
        .enumerate()
        .filter(|(_, earlier)| {
            let same = earlier.object == edit.object && earlier.attribute == edit.attribute;
            let frees = holders::must_be_unique(edit)
                && earlier.attribute == edit.attribute
                && earlier
                    .removed()
                    .iter()
                    .any(|gone| added.iter().any(|come| come.same(gone)));
            same || frees
        })
        .map(|(earlier, _)| earlier)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::edit::How;
    use super::super::object::Object;
    use super::*;

    fn edit(account: &str, how: How, before: &[&str], after: &[&str]) -> Edit {
        Edit {
            object: Object {
                server: "dc1".to_owned(),
                domain: "corp.example".to_owned(),
                account: account.to_owned(),
                distinguished_name: account.to_owned(),
                sid: account.to_owned(),
            },
            attribute: today::SPNS.to_owned(),
            how,
            before: before.iter().map(|value| (*value).into()).collect(),
            after: after.iter().map(|value| (*value).into()).collect(),
            words: Vec::new(),
            reasons: Vec::new(),
        }
    }

    #[test]
    fn adding_needs_that_the_others_lose_it_and_what_was_before_it() {
        let edits = [
            edit("old", How::Delete, &["a", "x"], &["x"]),
            edit("other", How::Delete, &["y"], &[]),
            edit("new", How::Delete, &["m"], &[]),
            edit("new", How::Add, &[], &["A"]),
        ];
        assert_eq!(needs(&edits, 0), Vec::<usize>::new());
        assert_eq!(needs(&edits, 3), [0, 2]);
    }
}
