//! The batches of several statements that the peer understands: those that a
//! client makes who wants each question to stand on its own. Everything else is
//! one statement, which a scenario answers as it is.

/// One part of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// `RAISERROR(N'…', 0, 1) WITH NOWAIT`: a message, and everything before it is
    /// sent at once.
    Flush(String),
    /// `SELECT N'…' AS name`: one row of one text.
    Literal {
        /// The column's name.
        column: String,
        /// The text.
        text: String,
    },
    /// `BEGIN TRY EXEC(N'…') END TRY BEGIN CATCH SELECT … END CATCH`: a statement
    /// whose error becomes a row.
    Guarded(String),
}

/// What a CATCH block must select, normalised: the only one that is understood.
const CAUGHT: &str = "SELECT CAST(ERROR_NUMBER() AS nvarchar(12)) AS error_number, \
ERROR_MESSAGE() AS error_message END CATCH";

/// The columns of that selection.
pub const CAUGHT_COLUMNS: [&str; 2] = ["error_number", "error_message"];

/// The parts of a batch; none when it is anything but a batch of such parts.
pub fn parts(sql: &str) -> Option<Vec<Part>> {
    let mut cursor = Cursor(sql);
    let mut parts = Vec::new();
    loop {
        while cursor.words(";") {}
        if cursor.is_at_end() {
            return (parts.len() > 1).then_some(parts);
        }
        parts.push(cursor.part()?);
    }
}

/// Reads from the front, past white space and comments.
struct Cursor<'a>(&'a str);

impl Cursor<'_> {
    fn part(&mut self) -> Option<Part> {
        if self.words("RAISERROR (") {
            let message = self.literal()?;
            return self
                .words(", 0, 1) WITH NOWAIT")
                .then_some(Part::Flush(message));
        }
        if self.words("BEGIN TRY EXEC (") {
            let sql = self.literal()?;
            return (self.words(") END TRY BEGIN CATCH") && self.words(CAUGHT))
                .then_some(Part::Guarded(sql));
        }
        if self.words("SELECT") {
            let text = self.literal()?;
            return self
                .words("AS")
                .then(|| self.name())
                .flatten()
                .map(|column| Part::Literal { column, text });
        }
        None
    }

    /// Takes these characters, whatever the case and the white space between them.
    fn words(&mut self, wanted: &str) -> bool {
        let mut rest = self.0;
        for character in wanted.chars().filter(|c| !c.is_whitespace()) {
            rest = past_space(rest);
            let mut characters = rest.chars();
            if !characters
                .next()
                .is_some_and(|next| next.eq_ignore_ascii_case(&character))
            {
                return false;
            }
            rest = characters.as_str();
        }
        self.0 = rest;
        true
    }

    /// Takes `N'…'`, in which a quote stands twice.
    fn literal(&mut self) -> Option<String> {
        if !self.words("N'") {
            return None;
        }
        let mut text = String::new();
        loop {
            let (before, after) = self.0.split_once('\'')?;
            text.push_str(before);
            self.0 = after;
            match after.strip_prefix('\'') {
                Some(rest) => {
                    text.push('\'');
                    self.0 = rest;
                }
                None => return Some(text),
            }
        }
    }

    fn name(&mut self) -> Option<String> {
        let rest = past_space(self.0);
        let end = rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_'))
            .unwrap_or(rest.len());
        self.0 = &rest[end..];
        (end > 0).then(|| rest[..end].to_owned())
    }

    fn is_at_end(&self) -> bool {
        past_space(self.0).is_empty()
    }
}

/// What follows white space and comments.
fn past_space(text: &str) -> &str {
    let mut rest = text.trim_start();
    while let Some((_, after)) = rest
        .strip_prefix("/*")
        .and_then(|comment| comment.split_once("*/"))
    {
        rest = after.trim_start();
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_that_stand_on_their_own_are_taken_apart() {
        let batch = "/* who asks */ RAISERROR(N'', 0, 1) WITH NOWAIT;\n\
            SELECT N'0' AS question;\n\
            BEGIN TRY EXEC(N'SELECT N''it''''s'' AS a') END TRY\n\
            BEGIN CATCH SELECT CAST(ERROR_NUMBER() AS nvarchar(12)) AS error_number, \
            ERROR_MESSAGE() AS error_message END CATCH;";
        assert_eq!(
            parts(batch),
            Some(vec![
                Part::Flush(String::new()),
                Part::Literal {
                    column: "question".to_owned(),
                    text: "0".to_owned()
                },
                Part::Guarded("SELECT N'it''s' AS a".to_owned()),
            ])
        );
    }

    #[test]
    fn anything_else_is_one_statement() {
        for sql in [
            "SELECT 1",
            "SELECT N'a' AS b",
            "SELECT N'a' AS b; DROP TABLE c",
            "BEGIN TRY EXEC(N'open",
            "",
        ] {
            assert_eq!(parts(sql), None, "{sql}");
        }
    }
}
