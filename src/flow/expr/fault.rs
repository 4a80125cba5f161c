//! What is wrong with an expression.

use std::ops::Range;

use minijinja::ErrorKind;

/// Why an expression has no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ExpressionFault {
    /// What kind of fault it is.
    pub kind: FaultKind,
    /// One sentence, without a position.
    pub message: String,
    /// The bytes of the source that are at fault.
    pub range: Option<Range<usize>>,
}

/// The kinds of faults of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// It is not Jinja.
    Syntax,
    /// It uses a name that is not known.
    UnknownName,
    /// It uses a filter, test, function or block that does not exist here.
    UnknownWord,
    /// It takes too many instructions, or becomes too large.
    TooLarge,
    /// It does something with a value that cannot be done.
    Value,
}

impl ExpressionFault {
    pub(super) fn new(
        kind: FaultKind,
        message: impl Into<String>,
        range: Option<Range<usize>>,
    ) -> Self {
        Self {
            kind,
            message: message.into(),
            range,
        }
    }

    pub(super) fn too_large(limit: usize) -> Self {
        Self::new(
            FaultKind::TooLarge,
            format!("the text becomes longer than {limit} bytes"),
            None,
        )
    }

    pub(super) fn of(error: &minijinja::Error, source: &str) -> Self {
        let kind = match error.kind() {
            ErrorKind::SyntaxError | ErrorKind::BadEscape => FaultKind::Syntax,
            ErrorKind::UndefinedError => FaultKind::UnknownName,
            ErrorKind::UnknownFilter
            | ErrorKind::UnknownTest
            | ErrorKind::UnknownFunction
            | ErrorKind::UnknownMethod => FaultKind::UnknownWord,
            ErrorKind::OutOfFuel => FaultKind::TooLarge,
            _ => FaultKind::Value,
        };
        let range = error
            .range()
            .filter(|range| range.start <= range.end && source.get(range.clone()).is_some());
        let detail = error
            .detail()
            .map_or_else(|| error.kind().to_string(), str::to_owned);
        let message = if kind == FaultKind::TooLarge {
            "it takes too long to evaluate".to_owned()
        } else {
            crate::hostile::clean_line(&detail)
        };
        Self::new(kind, message, range)
    }

    /// The same fault in a longer source, in which this one starts at `offset`.
    #[must_use]
    pub fn shifted(mut self, offset: usize) -> Self {
        self.range = self
            .range
            .map(|range| range.start + offset..range.end + offset);
        self
    }
}
