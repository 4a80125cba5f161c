//! Each kind of change as values before and after.

use std::collections::BTreeSet;

use super::{Draft, Proposed};
use crate::apply::edit::{Edit, How, Value};
use crate::apply::object::Object;
use crate::apply::refusal::Refusal;
use crate::apply::today::{self, Today, sorted};
use crate::directory::delegation::entry_of;
use crate::directory::security_descriptor::SecurityDescriptor;
use crate::directory::sid::Sid;
use crate::directory::spn;
use crate::fix::Account;
use crate::fix::plan::Step;

impl Draft<'_> {
    /// One value of several comes or goes.
    pub(super) fn value(
        &mut self,
        today: &Today,
        step: &Step,
        attribute: &str,
        value: &str,
        add: bool,
    ) {
        let before = self.now(today, attribute);
        let wanted = Value::from(value);
        let there = before.iter().any(|one| one.same(&wanted));
        if there == add {
            return self.already(step);
        }
        let after = if add {
            sorted(before.iter().cloned().chain([wanted]))
        } else {
            sorted(before.iter().filter(|one| !one.same(&wanted)).cloned())
        };
        let how = if add { How::Add } else { How::Delete };
        self.change(today, step, attribute, how, after);
    }

    pub(super) fn clear(&mut self, today: &Today, step: &Step, bits: u32) {
        let before = self.now(today, today::CONTROL);
        let Some(now) = before
            .first()
            .and_then(|value| value.text()?.parse::<i64>().ok())
        else {
            self.differences.push(format!(
                "userAccountControl of {} cannot be read",
                today.object.account
            ));
            return;
        };
        let after = now & !i64::from(bits);
        if after == now {
            return self.already(step);
        }
        self.change(
            today,
            step,
            today::CONTROL,
            How::Replace,
            vec![after.to_string().as_str().into()],
        );
    }

    pub(super) fn replace(
        &mut self,
        today: &Today,
        step: &Step,
        attribute: &str,
        after: Vec<Value>,
    ) {
        if self.now(today, attribute) == after {
            return self.already(step);
        }
        self.change(today, step, attribute, How::Replace, after);
    }

    pub(super) fn name(&mut self, today: &Today, step: &Step, account: &Account, spn: &str) {
        let after: Vec<Value> = account
            .usual_principal_name()
            .iter()
            .map(|name| name.as_str().into())
            .collect();
        let before = self.now(today, today::NAME);
        let is_spn = before.iter().filter_map(Value::text).any(|name| {
            let front = name.rsplit_once('@').map_or(name, |(front, _)| front);
            spn::same(name, spn) || spn::same(front, spn)
        });
        if !is_spn && before != after {
            self.differences.push(format!(
                "userPrincipalName of {} is no longer {spn}",
                today.object.account
            ));
        }
        self.replace(today, step, today::NAME, after);
    }

    pub(super) fn entry(
        &mut self,
        today: &Today,
        step: &Step,
        sids: &[String],
        delegate: &Account,
    ) {
        let wanted: Vec<Sid> = sids.iter().filter_map(|sid| Sid::parse(sid)).collect();
        let before = self.now(today, today::ENTRY);
        let named: BTreeSet<String> = before
            .first()
            .and_then(|value| SecurityDescriptor::parse(&value.0))
            .map(|descriptor| descriptor.allowed_trustees())
            .unwrap_or_default()
            .iter()
            .map(ToString::to_string)
            .collect();
        let wanted_texts: BTreeSet<String> = wanted.iter().map(ToString::to_string).collect();
        if named == wanted_texts {
            return self.already(step);
        }
        let mut expected = wanted_texts;
        if let Some(own) = &delegate.sid {
            expected.remove(own);
        }
        if named != expected || wanted.len() != sids.len() {
            self.differences.push(format!(
                "the resource-based entry of {} names others than the session saw",
                today.object.account
            ));
        }
        let after = vec![Value(entry_of(&wanted))];
        self.change(today, step, today::ENTRY, How::Replace, after);
    }

    pub(super) async fn leave(
        &mut self,
        today: &Today,
        step: &Step,
        account: &Account,
        sid: &str,
    ) -> Result<(), Refusal> {
        let group = today::group(self.controllers, account, sid).await?;
        let member = &today.object.distinguished_name;
        if !today::is_member(self.controllers, &group.object, member).await? {
            self.already(step);
            return Ok(());
        }
        let values = vec![Value::from(member.as_str())];
        self.state
            .push((group.object.clone(), today::MEMBER.to_owned(), values));
        self.change(&group, step, today::MEMBER, How::Delete, Vec::new());
        Ok(())
    }

    pub(super) fn already(&mut self, step: &Step) {
        self.proposal.already.push(step.change.words());
    }

    /// The values as they would be by now.
    pub(super) fn now(&self, today: &Today, attribute: &str) -> Vec<Value> {
        self.state
            .iter()
            .find(|(object, name, _)| *object == today.object && name == attribute)
            .map_or_else(|| today.values(attribute), |(_, _, values)| values.clone())
    }

    /// Adds a change, or widens the last one of the same attribute when it goes
    /// the same way.
    pub(super) fn change(
        &mut self,
        today: &Today,
        step: &Step,
        attribute: &str,
        how: How,
        after: Vec<Value>,
    ) {
        let before = self.now(today, attribute);
        let place = |(object, name, _): &&mut (Object, String, Vec<Value>)| {
            *object == today.object && name == attribute
        };
        if let Some((_, _, values)) = self.state.iter_mut().find(place) {
            values.clone_from(&after);
        } else {
            let place = (today.object.clone(), attribute.to_owned(), after.clone());
            self.state.push(place);
        }
        let last = self
            .proposal
            .changes
            .iter_mut()
            .rev()
            .map(|one| &mut one.edit)
            .find(|edit| edit.object == today.object && edit.attribute == attribute);
        let words = step.change.words();
        if let Some(edit) = last
            && edit.how == how
        {
            edit.after = after;
            edit.words.push(words);
            let known = edit.reasons.clone();
            let new = step.reasons.iter().filter(|one| !known.contains(one));
            edit.reasons.extend(new.cloned());
            return;
        }
        self.compare(today, attribute);
        let mut warnings = Vec::new();
        if !today.may_write(attribute) {
            warnings.push(format!(
                "The directory says that you may not write {attribute} here; it will most likely refuse."
            ));
        }
        let edit = Edit {
            object: today.object.clone(),
            attribute: attribute.to_owned(),
            how,
            before,
            after,
            words: vec![words],
            reasons: step.reasons.clone(),
        };
        if !edit.can_be_undone() {
            warnings.push("This cannot be undone: a lock is not put back.".to_owned());
        }
        self.proposal.changes.push(Proposed { edit, warnings });
    }
}
