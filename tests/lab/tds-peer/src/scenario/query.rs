//! Queries and their answers.

use serde::{Deserialize, Serialize};

use crate::value::{Cell, Column};

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
    /// A query with one row.
    pub fn row(sql: &str, cells: &[(&str, &str, Cell)]) -> Result<Self, crate::value::ValueError> {
        let columns = cells
            .iter()
            .map(|(name, kind, _)| {
                Ok(Column {
                    name: (*name).to_owned(),
                    kind: kind.parse()?,
                })
            })
            .collect::<Result<_, _>>()?;
        let row = cells.iter().map(|(_, _, cell)| cell.clone()).collect();
        Ok(Self {
            sql: sql.to_owned(),
            for_logins: Vec::new(),
            for_delegated: None,
            columns,
            rows: vec![row],
            error: None,
            delay_ms: 0,
        })
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
