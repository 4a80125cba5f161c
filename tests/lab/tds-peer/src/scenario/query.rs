//! Queries and their answers.

use serde::{Deserialize, Serialize};

use crate::value::{Cell, Column, ValueError};

/// A query and what the server answers.
///
/// The text is compared without regard to case and to the amount of white
/// space. Of several entries with the same text the first one that applies to
/// the session is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Query {
    /// The Transact-SQL text.
    pub sql: String,
    /// Only for these logins; `DOMAIN\*` is possible.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub for_logins: Vec<String>,
    /// Only for sessions whose client delegated its credential, or did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_delegated: Option<bool>,
    /// The columns; none makes a statement without a result set.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<Column>,
    /// The rows; text cells may hold placeholders such as `{login}`, which are
    /// listed at [`crate::catalog::PLACEHOLDERS`]. `{{` is a brace.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<Vec<Cell>>,
    /// An error after the rows, or instead of them when there are no columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ServerError>,
    /// Waits so long before it answers; an attention ends the wait.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub delay_ms: u64,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_zero(value: &u64) -> bool {
    *value == 0
}

impl Query {
    /// A query without an answer yet: a statement that succeeds silently.
    pub fn statement(sql: &str) -> Self {
        Self {
            sql: sql.to_owned(),
            for_logins: Vec::new(),
            for_delegated: None,
            columns: Vec::new(),
            rows: Vec::new(),
            error: None,
            delay_ms: 0,
        }
    }

    /// A query with a result set; each column is its name and its type.
    pub fn table(
        sql: &str,
        columns: &[(&str, &str)],
        rows: Vec<Vec<Cell>>,
    ) -> Result<Self, ValueError> {
        let columns = columns.iter().map(|(name, kind)| {
            Ok(Column {
                name: (*name).to_owned(),
                kind: kind.parse()?,
            })
        });
        Ok(Self {
            columns: columns.collect::<Result<_, _>>()?,
            rows,
            ..Self::statement(sql)
        })
    }

    /// A query with one row; each cell with its column's name and type.
    pub fn row(sql: &str, cells: &[(&str, &str, Cell)]) -> Result<Self, ValueError> {
        let columns: Vec<_> = cells.iter().map(|(name, kind, _)| (*name, *kind)).collect();
        let row = cells.iter().map(|(_, _, cell)| cell.clone()).collect();
        Self::table(sql, &columns, vec![row])
    }

    /// A query that the server refuses.
    pub fn refused(sql: &str, number: u32, message: &str) -> Self {
        Self {
            error: Some(ServerError {
                number,
                state: one(),
                class: user_error(),
                message: message.to_owned(),
            }),
            ..Self::statement(sql)
        }
    }

    /// The same only for these logins.
    #[must_use]
    pub fn for_logins(self, logins: &[&str]) -> Self {
        Self {
            for_logins: logins.iter().map(ToString::to_string).collect(),
            ..self
        }
    }

    /// The same only for clients that delegated their credential, or did not.
    #[must_use]
    pub fn for_delegated(self, delegated: bool) -> Self {
        Self {
            for_delegated: Some(delegated),
            ..self
        }
    }
}

/// An error of the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ServerError {
    /// Its number, for example 229.
    pub number: u32,
    /// Its state.
    #[serde(default = "one")]
    pub state: u8,
    /// Its severity class.
    #[serde(default = "user_error")]
    pub class: u8,
    /// Its message; placeholders are filled.
    pub message: String,
}

fn one() -> u8 {
    1
}

fn user_error() -> u8 {
    14
}
