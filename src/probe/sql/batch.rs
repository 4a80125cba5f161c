//! All questions in one batch: one exchange instead of one for each.
//!
//! Each question is dynamic SQL of its own inside TRY and CATCH, so that a right
//! that is missing, or a view that this version does not have, costs its own
//! question only. Between them the server is told to send what it has
//! (`RAISERROR … WITH NOWAIT`), so that a slow one does not hold back the answers
//! before it.

use std::fmt::Write as _;

use super::reading::{Rows, SUBJECTS};
use crate::probe::tds::results::{MOST_ROWS, ResultSet};

/// The column that says which question is answered next.
const QUESTION: &str = "question";
/// The columns of a question that failed.
const FAILED: [&str; 2] = ["error_number", "error_message"];

/// SQL Server's answer to one question: rows, or its words.
pub(super) type Answer = Result<Rows, String>;

/// The batch.
pub(super) fn text() -> String {
    let [number, message] = FAILED;
    let mut batch = "/* sspi-doctor */\n".to_owned();
    for (index, subject) in SUBJECTS.iter().enumerate() {
        let quoted = subject.sql.replace('\'', "''");
        // Writing to a text cannot fail.
        let _ = write!(
            batch,
            "SELECT N'{index}' AS {QUESTION};\n\
             RAISERROR (N'', 0, 1) WITH NOWAIT;\n\
             BEGIN TRY EXEC (N'{quoted}') END TRY\n\
             BEGIN CATCH SELECT CAST(ERROR_NUMBER() AS nvarchar(12)) AS {number}, \
             ERROR_MESSAGE() AS {message} END CATCH;\n"
        );
    }
    batch
}

/// The answers by the number of their question; none to those that were not
/// reached. The last that was begun counts only when the whole answer came.
pub(super) fn answers(sets: Vec<ResultSet>, is_whole: bool) -> Vec<Option<Answer>> {
    let mut answers: Vec<Option<Answer>> = SUBJECTS.iter().map(|_| None).collect();
    let mut open: Option<usize> = None;
    for set in sets {
        if set.columns == [QUESTION] {
            open = set
                .rows
                .first()
                .and_then(|row| row.first()?.as_deref()?.parse().ok())
                .filter(|index| *index < answers.len());
            if let Some(index) = open {
                answers[index] = Some(Ok(Vec::new()));
            }
            continue;
        }
        let Some(index) = open else { continue };
        answers[index] = Some(answer(set));
    }
    if let Some(index) = open.filter(|_| !is_whole) {
        answers[index] = None;
    }
    answers
}

fn answer(set: ResultSet) -> Answer {
    if set.columns == FAILED {
        let mut words = set.rows.into_iter().next().unwrap_or_default().into_iter();
        let mut next = || words.next().flatten().unwrap_or_default();
        let (number, message) = (next(), next());
        return Err(format!("error {number}: {message}"));
    }
    if set.is_cut {
        return Err(format!(
            "the answer has more than {MOST_ROWS} rows, which are not read"
        ));
    }
    Ok(set.rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(columns: &[&str], rows: &[&[&str]]) -> ResultSet {
        ResultSet {
            columns: columns.iter().map(ToString::to_string).collect(),
            rows: rows
                .iter()
                .map(|row| row.iter().map(|text| Some((*text).to_owned())).collect())
                .collect(),
            is_cut: false,
        }
    }

    #[test]
    fn each_answer_is_that_of_its_question() {
        let came = || {
            vec![
                set(&["question"], &[&["0"]]),
                set(&["a"], &[&["x"]]),
                set(&["question"], &[&["1"]]),
                // Rows may have begun before the error.
                set(&["b"], &[]),
                set(&["error_number", "error_message"], &[&["297", "No right."]]),
                set(&["question"], &[&["3"]]),
            ]
        };
        let whole = answers(came(), true);
        assert_eq!(whole[0], Some(Ok(vec![vec![Some("x".to_owned())]])));
        assert_eq!(whole[1], Some(Err("error 297: No right.".to_owned())));
        assert_eq!(whole[2], None);
        assert_eq!(whole[3], Some(Ok(vec![])));
        assert_eq!(answers(came(), false)[3], None);
    }

    #[test]
    fn what_a_server_makes_up_is_no_answer() {
        let nonsense = vec![
            set(&["a"], &[&["x"]]),
            set(&["question"], &[&["999"]]),
            set(&["question"], &[]),
            set(&["a"], &[&["x"]]),
        ];
        assert!(answers(nonsense, true).iter().all(Option::is_none));
    }

    #[test]
    fn a_quote_in_a_question_ends_nothing() {
        let batch = text();
        assert_eq!(batch.matches("BEGIN TRY EXEC (N'").count(), SUBJECTS.len());
        assert!(batch.contains("CONNECTIONPROPERTY(''auth_scheme'')"));
    }
}
