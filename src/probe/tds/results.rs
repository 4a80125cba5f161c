//! What a batch of questions is answered with: result sets of texts, [MS-TDS]
//! 2.2.7.4 (COLMETADATA), 2.2.7.19 (ROW) and 2.2.7.13 (NBCROW).
//!
//! Our questions cast everything to text. Values of other types are passed over.

use std::time::Duration;

use super::column::{Column, Value};
use super::token::{self, Reader, Token};
use super::{ServerMessage, TdsFault};

/// No answer has nearly as many rows; those beyond are not kept.
pub const MOST_ROWS: usize = 5000;
/// Nor have all together.
const MOST_ROWS_OF_ALL: usize = 4 * MOST_ROWS;
/// No question asks for nearly as many columns.
const MOST_COLUMNS: u16 = 32;

const COLUMN_METADATA: u8 = 0x81;
const ROW: u8 = 0xD1;
const ROW_WITHOUT_NULLS: u8 = 0xD2;

/// One result set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResultSet {
    /// The columns' names.
    pub columns: Vec<String>,
    /// The rows; a value is null, or of another type than text.
    pub rows: Vec<Vec<Option<String>>>,
    /// Whether it has more rows than are kept.
    pub is_cut: bool,
}

impl ResultSet {
    /// Adds a row while there is room.
    pub fn push(&mut self, row: Vec<Option<String>>) {
        if self.rows.len() < MOST_ROWS {
            self.rows.push(row);
        } else {
            self.is_cut = true;
        }
    }
}

/// All that was answered.
#[derive(Debug, Default)]
pub struct Results {
    /// In the order in which they came; the last may be cut off.
    pub sets: Vec<ResultSet>,
    /// Errors that were not turned into rows.
    pub errors: Vec<ServerMessage>,
    /// Why there is no more.
    pub fault: Option<TdsFault>,
    /// How long the server took for the first packet.
    pub first_packet: Option<Duration>,
}

/// Reads an answer, or the beginning of one.
pub fn parse(message: &[u8]) -> Results {
    let mut results = Results::default();
    let mut columns: Vec<Column> = Vec::new();
    let mut reader = Reader::new(message);
    while let Some([kind]) = reader.array() {
        match next(kind, &mut reader, &mut columns, &mut results) {
            Some(Ok(())) => {}
            Some(Err(fault)) => {
                results.fault = Some(fault);
                break;
            }
            // Cut off: what came is kept.
            None => break,
        }
    }
    results
}

/// Reads one token; none when it is cut off.
fn next(
    kind: u8,
    reader: &mut Reader<'_>,
    columns: &mut Vec<Column>,
    results: &mut Results,
) -> Option<Result<(), TdsFault>> {
    match kind {
        COLUMN_METADATA => {
            *columns = match metadata(reader)? {
                Ok(columns) => columns,
                Err(fault) => return Some(Err(fault)),
            };
            results.sets.push(ResultSet {
                columns: columns.iter().map(|column| column.name.clone()).collect(),
                ..ResultSet::default()
            });
        }
        ROW | ROW_WITHOUT_NULLS => {
            let nulls = if kind == ROW {
                &[]
            } else {
                reader.take(columns.len().div_ceil(8))?
            };
            let row = row(reader, columns, nulls)?;
            let before: usize = results.sets.iter().map(|set| set.rows.len()).sum();
            let Some(set) = results.sets.last_mut() else {
                return Some(Err(TdsFault::Malformed("a row without columns")));
            };
            if before >= MOST_ROWS_OF_ALL {
                return Some(Err(TdsFault::Malformed("more rows than any answer has")));
            }
            set.push(row);
        }
        _ => match token::one(kind, reader)? {
            Ok(Token::Error(message)) => results.errors.push(message),
            Ok(_) => {}
            Err(fault) => return Some(Err(fault)),
        },
    }
    Some(Ok(()))
}

fn metadata(reader: &mut Reader<'_>) -> Option<Result<Vec<Column>, TdsFault>> {
    /// A statement that has no columns says so.
    const NO_METADATA: u16 = 0xFFFF;
    let count = u16::from_le_bytes(reader.array()?);
    if count == NO_METADATA {
        return Some(Ok(Vec::new()));
    }
    if count > MOST_COLUMNS {
        return Some(Err(TdsFault::Malformed("more columns than were asked for")));
    }
    let mut columns = Vec::new();
    for _ in 0..count {
        match Column::read(reader)? {
            Ok(column) => columns.push(column),
            Err(fault) => return Some(Err(fault)),
        }
    }
    Some(Ok(columns))
}

fn row(reader: &mut Reader<'_>, columns: &[Column], nulls: &[u8]) -> Option<Vec<Option<String>>> {
    columns
        .iter()
        .enumerate()
        .map(|(index, column)| {
            let is_null = nulls
                .get(index / 8)
                .is_some_and(|bits| bits & (1 << (index % 8)) != 0);
            if is_null {
                return Some(None);
            }
            Some(match column.value(reader)? {
                Value::Text(text) => Some(text),
                Value::NoText => None,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Two columns, `a` nvarchar(10) and `b` int, and what is given.
    fn answer(rows: &[&[u8]]) -> Vec<u8> {
        let mut bytes = vec![COLUMN_METADATA, 2, 0];
        bytes.extend([
            0, 0, 0, 0, 9, 0, 0xE7, 20, 0, 9, 4, 0xD0, 0, 0x34, 1, b'a', 0,
        ]);
        bytes.extend([0, 0, 0, 0, 9, 0, 0x26, 4, 1, b'b', 0]);
        for row in rows {
            bytes.extend(*row);
        }
        bytes
    }

    const WHOLE: &[u8] = &[ROW, 4, 0, b'h', 0, b'i', 0, 4, 7, 0, 0, 0];
    const NULLS: &[u8] = &[ROW_WITHOUT_NULLS, 0b10, 2, 0, b'x', 0];

    #[test]
    fn texts_are_read_and_other_values_passed_over() {
        let results = parse(&answer(&[WHOLE, &[ROW, 0xFF, 0xFF, 0], NULLS]));
        assert!(results.fault.is_none(), "{results:?}");
        assert_eq!(results.sets[0].columns, ["a", "b"]);
        assert_eq!(
            results.sets[0].rows,
            [
                vec![Some("hi".to_owned()), None],
                vec![None, None],
                vec![Some("x".to_owned()), None],
            ]
        );
    }

    #[test]
    fn what_is_cut_off_keeps_what_came_before() {
        let bytes = answer(&[WHOLE, WHOLE]);
        for end in 0..bytes.len() {
            let results = parse(&bytes[..end]);
            assert!(results.fault.is_none(), "{end}: {results:?}");
            let rows = results.sets.first().map_or(0, |set| set.rows.len());
            assert_eq!(rows, usize::from(end >= bytes.len() - WHOLE.len()), "{end}");
        }
    }

    #[test]
    fn a_row_without_columns_is_no_answer() {
        assert!(parse(&[ROW]).fault.is_some());
    }

    proptest! {
        #[test]
        fn any_answer_is_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse(&bytes);
        }

        #[test]
        fn any_rows_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = parse(&answer(&[&bytes]));
        }
    }
}
