//! The short forms in which this family's declarations are written.

use crate::probe::declaration::{
    ArgumentDeclaration, FactDeclaration, FactKind, StatusDeclaration, Tone,
};

/// A fact.
pub(super) const fn fact(
    name: &'static str,
    kind: FactKind,
    help: &'static str,
) -> FactDeclaration {
    FactDeclaration { name, kind, help }
}

/// An argument that must be given.
pub(super) const fn required(
    name: &'static str,
    kind: FactKind,
    help: &'static str,
) -> ArgumentDeclaration {
    ArgumentDeclaration {
        name,
        kind,
        required: true,
        help,
    }
}

/// An argument that may be absent.
pub(super) const fn optional(
    name: &'static str,
    kind: FactKind,
    help: &'static str,
) -> ArgumentDeclaration {
    ArgumentDeclaration {
        name,
        kind,
        required: false,
        help,
    }
}

/// A status that is as it should be.
pub(super) const fn good(name: &'static str, help: &'static str) -> StatusDeclaration {
    StatusDeclaration {
        name,
        tone: Tone::Good,
        help,
    }
}

/// A status that tells of a fault, or of what may be one.
pub(super) const fn fault(name: &'static str, help: &'static str) -> StatusDeclaration {
    StatusDeclaration {
        name,
        tone: Tone::Fault,
        help,
    }
}

/// A status that says that nothing can be said.
pub(super) const fn unknown(name: &'static str, help: &'static str) -> StatusDeclaration {
    StatusDeclaration {
        name,
        tone: Tone::Unknown,
        help,
    }
}

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
    "who we were to the directory server and how that was proved; null when we were nobody",
);

/// What the fact `directory` means, the same in every probe of this family.
pub(super) const DIRECTORY: FactDeclaration = fact(
    "directory",
    FactKind::HostName,
    "the directory server that answered, as `host:port`",
);
