//! The short forms and shared facts of this family's declarations.

pub(super) use crate::probe::declare::{fact, fault, good, optional, required, unknown};

use crate::probe::declaration::{FactDeclaration, FactKind};

/// Texts.
pub(super) const TEXTS: FactKind = FactKind::List(&FactKind::Text);
/// DNS names.
pub(super) const HOST_NAMES: FactKind = FactKind::List(&FactKind::HostName);
/// SPNs.
pub(super) const SPNS: FactKind = FactKind::List(&FactKind::Spn);
/// Accounts.
pub(super) const ACCOUNTS: FactKind = FactKind::List(&crate::probe::declaration::ACCOUNT);

/// What the fact `as_whom` means, the same in every probe of this family.
pub(super) const AS_WHOM: FactDeclaration = fact(
    "as_whom",
    FactKind::AccountName,
    "who we were to the directory server; null when we were nobody",
);

/// What the fact `directory` means, the same in every probe of this family.
pub(super) const DIRECTORY: FactDeclaration = fact(
    "directory",
    FactKind::HostName,
    "the directory server that answered, as `host:port`",
);
