//! What a name in an expression stands for.

use super::Checker;
use super::kind::Kind;
use crate::flow::model::{GIVEN, GIVEN_FIELDS};
use crate::flow::suggest;
use crate::probe::FactKind;

/// From where an expression looks.
#[derive(Clone, Copy, Debug)]
pub enum View {
    /// Before a step has run: its title, its reason, its arguments.
    Before(usize),
    /// When it has run: its remarks and branches.
    After(usize),
    /// When the flow has ended: its outputs.
    End,
}

/// What is wrong with a name, and what to do.
pub type NameFault = (String, String);

impl Checker<'_> {
    /// What a dotted name stands for. `guarded` names are asked for with
    /// `is defined`, so that their step may not have run.
    pub(super) fn name(&self, name: &str, view: View, guarded: bool) -> Result<Kind, NameFault> {
        let mut parts = name.split('.');
        let root = parts.next().unwrap_or_default();
        let (mut kind, open) = self.root(root, view, guarded)?;
        let mut owner = root.to_owned();
        for part in parts {
            if open {
                return Ok(Kind::Fact(FactKind::Any));
            }
            kind = kind.field(&owner, part)?;
            owner = format!("{owner}.{part}");
        }
        Ok(kind)
    }

    /// The first part of a name, and whether its fields are not known because
    /// what the step does was reported already.
    fn root(&self, root: &str, view: View, guarded: bool) -> Result<(Kind, bool), NameFault> {
        if let View::After(step) = view {
            let own = self.results(step);
            if let Some((_, kind)) = own.into_iter().find(|(name, _)| name == root) {
                return Ok((kind, false));
            }
        }
        if root == GIVEN {
            return Ok((Kind::Fact(FactKind::Record(GIVEN_FIELDS)), false));
        }
        if let Some(input) = self.raw().inputs.get(root) {
            let what = format!("the answer to `{root}`");
            return Ok((
                Kind::of_answer(input.kind, input.options.keys(), &what),
                false,
            ));
        }
        if let Some(step) = self.raw().steps.get_index_of(root) {
            if !guarded {
                self.has_run(step, root, view)?;
            }
            return Ok((
                Kind::Step(self.results(step)),
                self.doings[step].is_unknown(),
            ));
        }
        if let View::After(step) = view
            && self.doings[step].is_unknown()
        {
            return Ok((Kind::Fact(FactKind::Any), true));
        }
        Err(self.unknown_root(root, view))
    }

    fn unknown_root(&self, root: &str, view: View) -> NameFault {
        let own: Vec<String> = match view {
            View::After(step) | View::Before(step) => self
                .results(step)
                .into_iter()
                .map(|(name, _)| name)
                .collect(),
            View::End => Vec::new(),
        };
        if let View::Before(step) = view
            && own.iter().any(|name| name == root)
        {
            let id = self.raw().steps.get_index(step).map_or("", |(id, _)| id);
            return (
                format!("`{root}` is not known before `{id}` has run"),
                "name results of earlier steps as `step.fact`".to_owned(),
            );
        }
        // A fact of another step, written without its step.
        let elsewhere = self
            .raw()
            .steps
            .keys()
            .enumerate()
            .find(|(index, _)| self.results(*index).iter().any(|(name, _)| name == root));
        if let Some((_, id)) = elsewhere
            && root != "status"
            && root != "reason"
        {
            return (
                format!("there is no `{root}` here"),
                format!("it is a fact of the step `{id}`: write `{id}.{root}`"),
            );
        }
        let known = match view {
            View::After(_) => own.iter().map(String::as_str).collect(),
            _ => Vec::new(),
        };
        (
            format!("there is no `{root}` here"),
            suggest::hint(
                root,
                known
                    .into_iter()
                    .chain(self.raw().inputs.keys().map(String::as_str))
                    .chain(self.raw().steps.keys().map(String::as_str)),
            ),
        )
    }

    fn has_run(&self, earlier: usize, id: &str, view: View) -> Result<(), NameFault> {
        let here = match view {
            View::End => return Ok(()),
            View::After(here) if here == earlier => return Ok(()),
            View::Before(here) if here == earlier => {
                return Err((
                    format!("the step `{id}` has not run yet"),
                    "only `also` and `branch` can use a step's own results".to_owned(),
                ));
            }
            View::Before(here) | View::After(here) => here,
        };
        // Steps that no walk reaches, and circles, are reported as such.
        if self.graph.always_before(earlier, here)
            || !self.graph.is_reached(here)
            || self.graph.circle().is_some()
        {
            Ok(())
        } else if self.graph.sometimes_before(earlier, here) {
            Err((
                format!("`{id}` has not run on every way to this step"),
                format!(
                    "ask first: `{id} is defined and …`, or give a default: `{id}.status | default('…')`"
                ),
            ))
        } else {
            Err((
                format!("`{id}` never runs before this step"),
                "use results of earlier steps only".to_owned(),
            ))
        }
    }

    fn results(&self, step: usize) -> Vec<(String, Kind)> {
        let id = self.raw().steps.get_index(step).map_or("", |(id, _)| id);
        self.doings[step].results(id)
    }
}
