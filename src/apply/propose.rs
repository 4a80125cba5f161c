//! From the changes of a fix to what would be written today: values before and
//! after, on the one controller, compared with what the session saw.

mod changes;
mod compare;

use super::connect::Controllers;
use super::edit::{Edit, Value};
use super::object::Object;
use super::refusal::Refusal;
use super::seen::Seen;
use super::today::{self, Today};
use crate::directory::spn;
use crate::fix::account_setting::Write;
use crate::fix::plan::{Change, Step};
use crate::fix::{Account, Plan};
use crate::transcript::SessionDocument;

/// `NOT_DELEGATED` of userAccountControl ([MS-ADTS] 2.2.16).
const SENSITIVE: u32 = 0x10_0000;

/// What would be written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Proposal {
    /// The changes, in order.
    pub changes: Vec<Proposed>,
    /// What is so already, in words.
    pub already: Vec<String>,
    /// What is no change of the directory, in words.
    pub left: Vec<String>,
    /// As whom and where, one line a controller.
    pub signed_in: Vec<String>,
}

/// One change with what has to be said of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposed {
    /// The change.
    pub edit: Edit,
    /// Sentences.
    pub warnings: Vec<String>,
}

impl Proposal {
    /// The changes alone.
    pub fn edits(&self) -> Vec<Edit> {
        self.changes.iter().map(|one| one.edit.clone()).collect()
    }
}

/// Reads today's values and works out the changes.
pub async fn propose(
    controllers: &Controllers,
    document: &SessionDocument,
    plan: &Plan,
) -> Result<Proposal, Refusal> {
    let mut draft = Draft {
        controllers,
        seen: Seen::of(document),
        objects: Vec::new(),
        state: Vec::new(),
        proposal: Proposal::default(),
        differences: Vec::new(),
    };
    for step in &plan.steps {
        draft.step(step).await?;
    }
    if draft.proposal.changes.is_empty() {
        return Ok(draft.proposal);
    }
    for (spn, account) in moved(plan) {
        draft.compare_holders(plan, spn, account).await?;
    }
    if !draft.differences.is_empty() {
        return Err(Refusal::Changed(draft.differences));
    }
    Ok(draft.proposal)
}

/// The SPNs that are moved, each once, with an account of their domain.
fn moved(plan: &Plan) -> Vec<(&str, &Account)> {
    let mut moved: Vec<(&str, &Account)> = Vec::new();
    for step in &plan.steps {
        if let Change::AddSpn { spn, account, .. } | Change::RemoveSpn { spn, account, .. } =
            &step.change
            && !moved.iter().any(|(known, holder)| {
                spn::same(known, spn) && holder.domain.eq_ignore_ascii_case(&account.domain)
            })
        {
            moved.push((spn, account));
        }
    }
    moved
}

struct Draft<'a> {
    controllers: &'a Controllers,
    seen: Seen,
    /// The objects that were read, with the account or group that they are of.
    objects: Vec<(String, Today)>,
    /// The values as they would be after the changes so far.
    state: Vec<(Object, String, Vec<Value>)>,
    proposal: Proposal,
    differences: Vec<String>,
}

impl Draft<'_> {
    async fn step(&mut self, step: &Step) -> Result<(), Refusal> {
        let words = step.change.words();
        let Some(account) = step.change.account() else {
            self.proposal.left.push(words);
            return Ok(());
        };
        let today = self.read(account).await?;
        match &step.change {
            Change::RemoveSpn { spn, .. } => self.value(&today, step, today::SPNS, spn, false),
            Change::AddSpn { spn, .. } => self.value(&today, step, today::SPNS, spn, true),
            Change::AddDelegation { spn, .. } => self.value(&today, step, today::LIST, spn, true),
            Change::ResetPrincipalName { spn, .. } => self.name(&today, step, account, spn),
            Change::SetEntry { sids, delegate, .. } => self.entry(&today, step, sids, delegate),
            Change::ClearSensitive { .. } => self.clear(&today, step, SENSITIVE),
            Change::SetAccount { to, .. } => match to.write(account) {
                Some(Write::ClearControl(bits)) => self.clear(&today, step, bits),
                Some(Write::Value(attribute, value)) => {
                    self.replace(&today, step, attribute, vec![value.into()]);
                }
                Some(Write::LeaveGroup(sid)) => self.leave(&today, step, account, &sid).await?,
                None => self.proposal.left.push(words),
            },
            _ => self.proposal.left.push(words),
        }
        Ok(())
    }

    async fn read(&mut self, account: &Account) -> Result<Today, Refusal> {
        let key = account.sid.clone().unwrap_or_else(|| account.name.clone());
        if let Some((_, today)) = self.objects.iter().find(|(known, _)| *known == key) {
            return Ok(today.clone());
        }
        let today = today::account(self.controllers, account).await?;
        let connection = self.controllers.of(&account.domain).await?;
        let line = format!(
            "{} on {} (domain {})",
            connection.as_whom().unwrap_or("nobody"),
            connection.host(),
            today.object.domain
        );
        if !self.proposal.signed_in.contains(&line) {
            self.proposal.signed_in.push(line);
        }
        self.objects.push((key, today.clone()));
        Ok(today)
    }
}
