//! Today's values against what the session saw.

use std::collections::BTreeSet;

use super::Draft;
use crate::apply::edit::Value;
use crate::apply::holders::{self, Holder};
use crate::apply::refusal::Refusal;
use crate::apply::today::{self, Today};
use crate::directory::spn;
use crate::fix::plan::Change;
use crate::fix::{Account, Plan};

impl Draft<'_> {
    /// Today's values against those of the session.
    pub(super) fn compare(&mut self, today: &Today, attribute: &str) {
        let Some(seen) = self.seen.values(&today.object.sid, attribute) else {
            return;
        };
        let now: BTreeSet<String> = today
            .values(attribute)
            .iter()
            .filter_map(|value| value.text().map(crate::hostile::shown_text))
            .collect();
        let seen: BTreeSet<String> = seen.iter().cloned().collect();
        let come: Vec<&str> = now.difference(&seen).map(String::as_str).collect();
        let gone: Vec<&str> = seen.difference(&now).map(String::as_str).collect();
        for (values, what) in [(come, "now has"), (gone, "no longer has")] {
            if !values.is_empty() {
                self.differences.push(format!(
                    "{} {what} {attribute} {}",
                    today.object.account,
                    values.join(", ")
                ));
            }
        }
    }

    /// Who holds an SPN today against who held it in the session; where the
    /// session did not ask, nobody may hold what is added but those who lose it.
    pub(super) async fn compare_holders(
        &mut self,
        plan: &Plan,
        spn: &str,
        account: &Account,
    ) -> Result<(), Refusal> {
        let today = holders::of(self.controllers, &account.domain, today::SPNS, spn).await?;
        let all = today.all();
        let now: BTreeSet<&str> = all.iter().map(|holder| holder.sid.as_str()).collect();
        let names = |sids: &BTreeSet<&str>| -> Vec<String> {
            all.iter()
                .filter(|holder| sids.contains(holder.sid.as_str()))
                .map(|holder| holder.name.clone())
                .collect()
        };
        if let Some(seen) = self.seen.holders(&account.domain, spn) {
            let seen: BTreeSet<&str> = seen.iter().map(String::as_str).collect();
            let come: BTreeSet<&str> = now.difference(&seen).copied().collect();
            let gone = seen.difference(&now).count();
            if !come.is_empty() {
                let names = names(&come).join(", ");
                self.differences
                    .push(format!("{spn} is now held by {names} too"));
            }
            if gone > 0 {
                self.differences
                    .push(format!("{gone} of those who held {spn} no longer do"));
            }
        } else if let Some(stranger) = stranger(plan, spn, &all) {
            return Err(Refusal::Duplicate {
                what: spn.to_owned(),
                who: stranger,
            });
        }
        self.warn_of_duplicates(spn, now.len());
        Ok(())
    }

    /// What was held twice cannot be put back: no controller lets a second
    /// account have an SPN.
    pub(super) fn warn_of_duplicates(&mut self, spn: &str, holders: usize) {
        const WARNING: &str = "This cannot be undone here: no domain controller gives an SPN to a second account again.";
        if holders < 2 {
            return;
        }
        let value = Value::from(spn);
        for one in &mut self.proposal.changes {
            let takes = one.edit.attribute == today::SPNS
                && one
                    .edit
                    .removed()
                    .iter()
                    .any(|removed| removed.same(&value));
            if takes && !one.warnings.iter().any(|known| known == WARNING) {
                one.warnings.push(WARNING.to_owned());
            }
        }
    }
}

/// Who holds an SPN that is added, is not meant to, and does not lose it.
fn stranger(plan: &Plan, spn: &str, holders: &[&Holder]) -> Option<String> {
    let (meant, losing) = plan.steps.iter().find_map(|step| match &step.change {
        Change::AddSpn {
            spn: added,
            account,
            removed_from,
        } if spn::same(added, spn) => Some((account, removed_from)),
        _ => None,
    })?;
    let known = |sid: &str| {
        std::iter::once(meant)
            .chain(losing)
            .any(|account| account.sid.as_deref() == Some(sid))
    };
    holders
        .iter()
        .find(|holder| !known(&holder.sid))
        .map(|holder| holder.name.clone())
}
