//! Finding the answer to a query, and filling the placeholders in it.

use std::fmt;

use thiserror::Error;

use crate::login7::TdsVersion;
use crate::scenario::Query;
use crate::token::{Text, Tokens};
use crate::value::Cell;

/// The placeholders that text cells and error messages may hold, each with
/// what stands in its place.
pub const PLACEHOLDERS: [(&str, &str); 22] = [
    ("login", "the login: a SQL login's name or DOMAIN\\user"),
    ("auth_scheme", "SQL, KERBEROS or NTLM"),
    (
        "principal",
        "the client's Kerberos principal; empty for other logins",
    ),
    (
        "delegated",
        "1 when the client delegated its credential, else 0",
    ),
    ("spid", "the session id"),
    ("now", "the server's time in UTC, with its clock offset"),
    ("start_time", "when the service started, in UTC"),
    ("connect_time", "when the session logged in, in UTC"),
    ("address", "the server's address of this connection"),
    ("port", "the server's TCP port of this connection"),
    ("client_address", "the client's address"),
    ("client_host", "the client's host name, as it says"),
    ("program", "the client's program name, as it says"),
    ("net_transport", "TCP"),
    ("encrypt", "TRUE or FALSE"),
    ("tds_version", "the TDS version, for example 7.4"),
    ("host_name", "NetBIOS name of the server's machine"),
    ("instance", "name of the instance"),
    (
        "server_name",
        "HOST, or HOST\\INSTANCE for a named instance",
    ),
    ("database", "the current database"),
    ("version", "the product version"),
    ("version_text", "what SELECT @@VERSION gives"),
];

/// Where placeholders get their values from.
pub trait Values {
    /// The value of a placeholder of [`PLACEHOLDERS`].
    fn value(&self, placeholder: &str) -> String;
}

/// A text that may hold placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Placeholder(String),
}

/// A placeholder that is not known, or a brace that is not closed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TemplateError {
    /// The placeholder is not one of [`PLACEHOLDERS`].
    #[error("unknown placeholder {{{0}}}; known are {known}", known = known_placeholders())]
    Unknown(String),
    /// A `{` without its `}`.
    #[error("a {{ is not closed; write {{{{ for a brace")]
    Open,
}

fn known_placeholders() -> impl fmt::Display {
    PLACEHOLDERS.map(|(name, _)| name).join(", ")
}

impl Template {
    /// Reads a text.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('{') {
            plain.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix('{') {
                plain.push('{');
                rest = after;
                continue;
            }
            let (name, after) = rest.split_once('}').ok_or(TemplateError::Open)?;
            if !PLACEHOLDERS.iter().any(|(known, _)| *known == name) {
                return Err(TemplateError::Unknown(name.to_owned()));
            }
            parts.push(Part::Text(std::mem::take(&mut plain)));
            parts.push(Part::Placeholder(name.to_owned()));
            rest = after;
        }
        plain.push_str(rest);
        parts.push(Part::Text(plain));
        Ok(Self(parts))
    }

    /// True when the text is the same for every session.
    pub fn is_constant(&self) -> bool {
        self.0.iter().all(|part| matches!(part, Part::Text(_)))
    }

    /// The text with its placeholders filled.
    pub fn fill(&self, values: &dyn Values) -> String {
        self.0
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.clone(),
                Part::Placeholder(name) => values.value(name),
            })
            .collect()
    }
}

/// A query's text as it is compared: lower case, single spaces, no semicolon
/// at the end.
pub fn normalise(sql: &str) -> String {
    let words: Vec<&str> = sql.split_whitespace().collect();
    words.join(" ").trim_end_matches([';', ' ']).to_lowercase()
}

/// Who asks, as far as it decides which answer applies.
#[derive(Debug, Clone, Copy)]
pub struct Asker<'a> {
    /// The session's login.
    pub login: &'a str,
    /// True when the client delegated its credential.
    pub delegated: bool,
}

/// The first of `queries` that has this text and applies to the asker.
pub fn find<'a>(
    queries: impl Iterator<Item = &'a Query>,
    sql: &str,
    asker: Asker<'_>,
) -> Option<&'a Query> {
    let wanted = normalise(sql);
    queries
        .filter(|query| normalise(&query.sql) == wanted)
        .filter(|query| {
            query
                .for_delegated
                .is_none_or(|delegated| delegated == asker.delegated)
        })
        .find(|query| {
            query.for_logins.is_empty()
                || query
                    .for_logins
                    .iter()
                    .any(|pattern| covers(pattern, asker.login))
        })
}

fn covers(pattern: &str, login: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => login.to_lowercase().starts_with(&prefix.to_lowercase()),
        None => pattern.eq_ignore_ascii_case(login),
    }
}

/// Writes a query's columns and rows; gives back the number of rows.
///
/// A cell that does not fit its column once its placeholders are filled gives
/// the message to send in its place.
pub fn put_rows(
    tokens: &mut Tokens,
    query: &Query,
    values: &dyn Values,
    version: TdsVersion,
) -> Result<u64, String> {
    let mut encoded = Vec::with_capacity(query.rows.len());
    for row in &query.rows {
        let mut bytes = Vec::new();
        for (column, cell) in query.columns.iter().zip(row) {
            let cell = filled(cell, values)?;
            column
                .kind
                .put_value(&mut bytes, &cell, version)
                .map_err(|fault| format!("column {}: {fault}", column.name))?;
        }
        encoded.push(bytes);
    }
    if !query.columns.is_empty() {
        tokens.columns(&query.columns);
    }
    for bytes in &encoded {
        tokens.row(bytes);
    }
    Ok(encoded.len() as u64)
}

fn filled(cell: &Cell, values: &dyn Values) -> Result<Cell, String> {
    match cell {
        Cell::Text(text) => {
            let template = Template::parse(text).map_err(|fault| fault.to_string())?;
            Ok(Cell::Text(template.fill(values)))
        }
        other => Ok(other.clone()),
    }
}

/// A query's error with its placeholders filled.
pub fn error_text(query: &Query, values: &dyn Values) -> Option<Text> {
    query.error.as_ref().map(|error| Text {
        number: error.number,
        state: error.state,
        class: error.class,
        message: Template::parse(&error.message)
            .map_or_else(|_| error.message.clone(), |template| template.fill(values)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;

    impl Values for Fixed {
        fn value(&self, placeholder: &str) -> String {
            format!("<{placeholder}>")
        }
    }

    fn query(sql: &str, for_logins: &[&str]) -> Query {
        let mut query = Query::row(sql, &[("a", "int", Cell::Integer(1))]).expect("a known type");
        query.for_logins = for_logins.iter().map(ToString::to_string).collect();
        query
    }

    #[test]
    fn white_space_case_and_the_last_semicolon_do_not_matter() {
        assert_eq!(normalise("  SELECT\n\t1 ,  2 ;\n"), "select 1 , 2");
    }

    #[test]
    fn the_first_answer_for_the_login_is_taken() {
        let queries = [
            query("select 1", &["CORP\\admin"]),
            query("select 1", &["corp\\*"]),
            query("select 1", &[]),
        ];
        let at = |login| {
            let found = find(
                queries.iter(),
                "SELECT 1",
                Asker {
                    login,
                    delegated: false,
                },
            );
            found.and_then(|found| queries.iter().position(|query| std::ptr::eq(query, found)))
        };
        assert_eq!(at("CORP\\ADMIN"), Some(0));
        assert_eq!(at("CORP\\alice"), Some(1));
        assert_eq!(at("probe"), Some(2));
        assert!(
            find(
                queries.iter(),
                "SELECT 2",
                Asker {
                    login: "probe",
                    delegated: false
                }
            )
            .is_none()
        );
    }

    #[test]
    fn placeholders_are_filled_and_checked() {
        let template =
            Template::parse("{login} by {auth_scheme}, {{x}").expect("known placeholders");
        assert_eq!(template.fill(&Fixed), "<login> by <auth_scheme>, {x}");
        assert!(!template.is_constant());
        assert!(
            Template::parse("{logn}")
                .expect_err("a typing error")
                .to_string()
                .contains("auth_scheme")
        );
        assert_eq!(Template::parse("{login"), Err(TemplateError::Open));
    }
}
