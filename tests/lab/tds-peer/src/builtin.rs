//! The chatter of drivers that every scenario would otherwise have to repeat.

use crate::catalog::normalise;
use crate::scenario::Query;
use crate::value::Cell;

/// A query that the peer itself understands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Builtin {
    /// Answered with an empty result.
    Nothing,
    /// `USE database`.
    Use(String),
    /// Answered with rows.
    Answer(Query),
}

/// Recognises driver chatter; anything else is for the scenario.
pub fn recognise(sql: &str) -> Option<Builtin> {
    let text = normalise(sql);
    match text.as_str() {
        "select @@version" => {
            return one_row(
                "select @@version",
                "",
                "nvarchar(300)",
                "{version_text}".into(),
            );
        }
        "select 1" => return one_row("select 1", "", "int", Cell::Integer(1)),
        "select @@trancount" => return one_row("select @@trancount", "", "int", Cell::Integer(0)),
        "if @@trancount > 0 rollback"
        | "if @@trancount > 0 rollback tran"
        | "if @@trancount > 0 commit tran"
        | "commit"
        | "rollback"
        | "begin transaction"
        | "begin tran" => return Some(Builtin::Nothing),
        _ => {}
    }
    if let Some(procedure) = text.strip_prefix("exec ") {
        let name = procedure.split_whitespace().next().unwrap_or_default();
        let plain = name
            .rsplit('.')
            .next()
            .unwrap_or_default()
            .trim_matches(['[', ']']);
        // Type information that ODBC asks for once; an empty answer will do.
        return (plain.starts_with("sp_datatype_info") || plain == "sp_reset_connection")
            .then_some(Builtin::Nothing);
    }
    if let Some(database) = text.strip_prefix("use ")
        && !database.contains(' ')
    {
        return Some(Builtin::Use(
            database.trim_matches(['[', ']', '"']).to_owned(),
        ));
    }
    // A batch of nothing but SET statements changes the session only.
    let statements: Vec<&str> = sql
        .split([';', '\n', '\r'])
        .map(str::trim)
        .filter(|s| !s.is_empty())
        .collect();
    let all_set = statements.iter().all(|statement| {
        let lower = statement.to_lowercase();
        lower.starts_with("set ") && !lower.contains(" select ")
    });
    (all_set && !statements.is_empty()).then_some(Builtin::Nothing)
}

fn one_row(sql: &str, column: &str, kind: &str, cell: Cell) -> Option<Builtin> {
    Query::row(sql, &[(column, kind, cell)])
        .ok()
        .map(Builtin::Answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_accepted_and_selects_are_not() {
        assert_eq!(
            recognise("SET TEXTSIZE 64512\nset quoted_identifier off;"),
            Some(Builtin::Nothing)
        );
        assert_eq!(recognise("SET NOCOUNT ON; SELECT 2"), None);
        assert_eq!(recognise("SELECT name FROM sys.servers"), None);
        assert_eq!(recognise(""), None);
    }

    #[test]
    fn the_version_says_what_answers() {
        assert!(matches!(
            recognise("select @@VERSION"),
            Some(Builtin::Answer(_))
        ));
        assert_eq!(recognise("USE [Sales]"), Some(Builtin::Use("sales".into())));
        assert_eq!(
            recognise("EXEC [sys].sp_datatype_info_100"),
            Some(Builtin::Nothing)
        );
        assert_eq!(recognise("EXEC xp_cmdshell"), None);
    }
}
