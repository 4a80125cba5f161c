//! Every probe there is.

use super::{Probe, ProbeDeclaration};

/// The families, in the order of the reference.
static FAMILIES: &[&[&dyn Probe]] = &[
    super::dns::PROBES,
    super::hosts::PROBES,
    super::tcp::PROBES,
    super::browser::PROBES,
    super::tds::PROBES,
    super::spn_names::PROBES,
    super::ldap::PROBES,
    super::kerberos::PROBES,
    super::sql::PROBES,
    super::pasted::PROBES,
];

/// Every probe, in the order of the reference.
pub fn probes() -> impl Iterator<Item = &'static dyn Probe> {
    FAMILIES.iter().flat_map(|family| family.iter().copied())
}

/// Every declaration, in the order of the reference.
pub fn declarations() -> impl Iterator<Item = &'static ProbeDeclaration> {
    probes().map(Probe::declaration)
}

/// The probe with this key.
pub fn probe(key: &str) -> Option<&'static dyn Probe> {
    probes().find(|probe| probe.declaration().key == key)
}

/// The declaration with this key.
pub fn declaration(key: &str) -> Option<&'static ProbeDeclaration> {
    probe(key).map(Probe::declaration)
}
