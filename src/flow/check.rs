//! The proof that a flow makes sense: every name, status, step and cause that
//! it speaks of exists, and every walk through it ends.

use std::collections::BTreeMap;

use super::diagnostic::Diagnostic;
use super::load::Draft;
use crate::probe::ProbeDeclaration;

/// What a flow may speak of.
#[derive(Clone, Copy)]
pub struct Knowledge<'a> {
    /// The probes that exist.
    pub probes: &'a [&'static ProbeDeclaration],
    /// The causes that exist.
    pub causes: &'a KnownCauses,
}

/// The causes of the catalogue, by id.
#[derive(Clone, Debug, Default)]
pub struct KnownCauses(pub BTreeMap<String, CauseParameters>);

/// The parameters of a cause, by name.
#[derive(Clone, Debug, Default)]
pub struct CauseParameters {
    /// Whether each must be given.
    pub required: BTreeMap<String, bool>,
}

/// Every fault in the sense of a flow.
pub fn check(_draft: &Draft, _knowledge: &Knowledge<'_>) -> Vec<Diagnostic> {
    Vec::new()
}
