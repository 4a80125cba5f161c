//! Short forms for the tables in which probes declare themselves, and for
//! their evidence.

use std::time::Duration;

use super::Evidence;
use super::declaration::{ArgumentDeclaration, FactDeclaration, FactKind, StatusDeclaration, Tone};

/// A fact, or a field of a record.
pub(crate) const fn fact(
    name: &'static str,
    kind: FactKind,
    help: &'static str,
) -> FactDeclaration {
    FactDeclaration { name, kind, help }
}

/// An argument that must be given.
pub(crate) const fn required(
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

/// An argument that may be left out.
pub(crate) const fn optional(
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
pub(crate) const fn good(name: &'static str, help: &'static str) -> StatusDeclaration {
    StatusDeclaration {
        name,
        tone: Tone::Good,
        help,
    }
}

/// A status that means, or may mean, that something is wrong.
pub(crate) const fn fault(name: &'static str, help: &'static str) -> StatusDeclaration {
    StatusDeclaration {
        name,
        tone: Tone::Fault,
        help,
    }
}

/// A status from which nothing can be said.
pub(crate) const fn unknown(name: &'static str, help: &'static str) -> StatusDeclaration {
    StatusDeclaration {
        name,
        tone: Tone::Unknown,
        help,
    }
}

/// An exchange and how long it took.
pub(crate) fn exchange(
    asked: impl Into<String>,
    saw: impl Into<String>,
    elapsed: Duration,
) -> Evidence {
    Evidence {
        asked: asked.into(),
        saw: saw.into(),
        elapsed_ms: Some(milliseconds(elapsed)),
        credential: None,
    }
}

/// Whole milliseconds.
pub(crate) fn milliseconds(elapsed: Duration) -> u64 {
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}
