//! A batch of questions of which each stands on its own.

use super::Connection;
use super::query::Session;
use crate::batch::{CAUGHT_COLUMNS, Part};
use crate::packet::kind;
use crate::scenario::Query;
use crate::token::{Text, Tokens, done};
use crate::transport::TransportError;
use crate::value::Cell;

impl Connection {
    /// Answers the parts in their order. What is asked to be sent at once is sent
    /// at once, so that a slow question costs nothing of what stands before it.
    pub(super) async fn batch(
        &mut self,
        session: &mut Session,
        mut tokens: Tokens,
        parts: Vec<Part>,
    ) -> Result<(), TransportError> {
        for part in parts {
            match part {
                Part::Flush(message) => {
                    tokens.text(&information(message));
                    self.transport
                        .write_beginning(kind::TABULAR, &tokens.take())
                        .await?;
                }
                Part::Literal { column, text } => {
                    put_row(&mut tokens, session, &[(&column, text)]);
                    tokens.done(done::COUNT | done::MORE, 1);
                }
                Part::Guarded(sql) => {
                    let Some((rows, error)) = self.answer(session, &mut tokens, &sql).await? else {
                        break;
                    };
                    tokens.done_in_proc(done::COUNT | done::MORE, rows);
                    if let Some(error) = error {
                        let [number, message] = CAUGHT_COLUMNS;
                        // ERROR_MESSAGE() is an nvarchar(4000).
                        let units: Vec<u16> = error.message.encode_utf16().take(4000).collect();
                        let words = String::from_utf16_lossy(&units);
                        let row = [(number, error.number.to_string()), (message, words)];
                        put_row(&mut tokens, session, &row);
                        tokens.done(done::COUNT | done::MORE, 1);
                    }
                }
            }
        }
        tokens.done(done::FINAL, 0);
        self.transport
            .write(kind::TABULAR, &tokens.into_bytes())
            .await
    }
}

fn information(message: String) -> Text {
    Text {
        // What RAISERROR of a text without a number has.
        number: 50000,
        state: 1,
        class: 0,
        message,
    }
}

fn put_row(tokens: &mut Tokens, session: &Session, cells: &[(&str, String)]) {
    const KIND: &str = "nvarchar(4000)";
    let columns: Vec<(&str, &str, Cell)> = cells
        .iter()
        .map(|(name, text)| (*name, KIND, Cell::Text(text.clone())))
        .collect();
    let Ok(query) = Query::row("", &columns) else {
        return;
    };
    tokens.columns(&query.columns);
    for row in &query.rows {
        let mut bytes = Vec::new();
        for (column, cell) in query.columns.iter().zip(row) {
            // A text of that kind always fits.
            let _ = column.kind.put_value(&mut bytes, cell, session.version);
        }
        tokens.row(&bytes);
    }
}
