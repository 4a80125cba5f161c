//! Text that came from the network, a file or the user is hostile: here it is
//! made safe to keep and to show on one line or several.

use std::borrow::Cow;

/// Strips what could move the cursor, change colours, reverse the reading
/// direction or hide: C0 and C1 controls, bidirectional and zero-width
/// characters. Newlines and tabs become single spaces.
///
/// ```
/// assert_eq!(sspi_doctor::hostile::clean_line("a\x1b[31mb\nc"), "a[31mb c");
/// ```
pub fn clean_line(text: &str) -> String {
    text.chars()
        .filter_map(|character| match character {
            '\n' | '\r' | '\t' => Some(' '),
            other if is_hidden(other) => None,
            other => Some(other),
        })
        .collect()
}

/// As [`clean_line`], but newlines stay.
pub fn clean_text(text: &str) -> String {
    text.chars()
        .filter_map(|character| match character {
            '\n' => Some('\n'),
            '\t' => Some(' '),
            other if is_hidden(other) => None,
            other => Some(other),
        })
        .collect()
}

/// Cleans every string of a JSON value, keys included; newlines stay.
pub fn clean_value(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::String(text) => *text = clean_text(text),
        serde_json::Value::Array(items) => items.iter_mut().for_each(clean_value),
        serde_json::Value::Object(fields) => {
            if fields.keys().any(|key| key.chars().any(is_hidden)) {
                *fields = std::mem::take(fields)
                    .into_iter()
                    .map(|(key, field)| (clean_line(&key), field))
                    .collect();
            }
            fields.values_mut().for_each(clean_value);
        }
        _ => {}
    }
}

/// A text as it may be written to a terminal: without what could act on it or
/// hide there. Line breaks and tabs stay.
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.chars().all(|it| it == '\t' || !is_hidden(it)) {
        return Cow::Borrowed(text);
    }
    text.chars()
        .filter(|it| *it == '\t' || !is_hidden(*it))
        .collect()
}

/// What [`clean_line`] leaves out is told here: `<U+202E>` stands for the
/// character. So a name with a hidden character never looks like, and is never
/// taken for, the name without it. Newlines become spaces.
///
/// ```
/// assert_eq!(sspi_doctor::hostile::shown_line("sql\u{200b}1"), "sql<U+200B>1");
/// ```
pub fn shown_line(text: &str) -> String {
    shown(text, ' ')
}

/// As [`shown_line`], but newlines stay.
pub fn shown_text(text: &str) -> String {
    shown(text, '\n')
}

/// As [`shown_text`], for every string of a JSON value, keys included. A tab is
/// told too: in a name it is not a space.
pub fn shown_value(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::String(text) if text.chars().any(is_hidden) => {
            *text = shown(&text.replace('\t', "<U+0009>"), '\n');
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(shown_value),
        serde_json::Value::Object(fields) => {
            if fields.keys().any(|key| key.chars().any(is_hidden)) {
                *fields = std::mem::take(fields)
                    .into_iter()
                    .map(|(key, field)| (shown_line(&key), field))
                    .collect();
            }
            fields.values_mut().for_each(shown_value);
        }
        _ => {}
    }
}

/// Whether a text tells of characters that it does not hold (see [`shown_line`]):
/// then it is not the value itself, and must not be written anywhere.
pub fn is_only_shown(text: &str) -> bool {
    text.split("<U+").skip(1).any(|rest| {
        rest.split_once('>').is_some_and(|(number, _)| {
            (4..=6).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
    })
}

fn shown(text: &str, line_break: char) -> String {
    use std::fmt::Write as _;

    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\r' if rest.peek() == Some(&'\n') => {}
            '\n' => out.push(line_break),
            '\t' => out.push(' '),
            hidden if is_hidden(hidden) => {
                let _ = write!(out, "<U+{:04X}>", u32::from(hidden));
            }
            other => out.push(other),
        }
    }
    out
}

/// Whether a character can act on a terminal or hide from a reader: controls,
/// line and paragraph separators, bidirectional marks, and what Unicode calls
/// `Default_Ignorable_Code_Point` (`DerivedCoreProperties.txt`, Unicode 16).
pub fn is_hidden(character: char) -> bool {
    (character.is_control() && character != '\n')
        || matches!(
            character,
            '\u{00AD}'
                | '\u{034F}'
                | '\u{061C}'
                | '\u{115F}'..='\u{1160}'
                | '\u{17B4}'..='\u{17B5}'
                | '\u{180B}'..='\u{180F}'
                | '\u{200B}'..='\u{200F}'
                | '\u{2028}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}'
                | '\u{3164}'
                | '\u{FE00}'..='\u{FE0F}'
                | '\u{FEFF}'
                | '\u{FFA0}'
                | '\u{FFF0}'..='\u{FFFB}'
                | '\u{1BCA0}'..='\u{1BCA3}'
                | '\u{1D173}'..='\u{1D17A}'
                | '\u{E0000}'..='\u{E0FFF}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_and_direction_marks_are_gone() {
        assert_eq!(
            clean_line("sql\u{202E}1\u{200B}.corp\u{9b}2J\u{1b}]0;x\u{7}"),
            "sql1.corp2J]0;x"
        );
    }

    #[test]
    fn nested_values_are_cleaned_with_their_keys() {
        let mut value = serde_json::json!({"a\u{1b}": ["b\u{7}", {"c": "d\ne"}]});
        clean_value(&mut value);
        assert_eq!(value, serde_json::json!({"a": ["b", {"c": "d\ne"}]}));
    }

    #[test]
    fn a_name_with_a_hidden_character_is_told_from_the_one_without() {
        assert_eq!(shown_line("a\u{1b}[31mb\nc\td"), "a<U+001B>[31mb c d");
        assert_eq!(shown_text("a\r\nb\rc\u{e0041}"), "a\nb<U+000D>c<U+E0041>");
        let mut value = serde_json::json!({"a\u{7}": ["svc\u{200b}_sql", "svc\tsql", "x\ny"]});
        shown_value(&mut value);
        assert_eq!(
            value,
            serde_json::json!({"a<U+0007>": ["svc<U+200B>_sql", "svc<U+0009>sql", "x\ny"]})
        );
        assert!(is_only_shown("svc<U+200B>_sql") && is_only_shown("<U+<U+E0041>"));
        for plain in ["svc_sql", "a<U+>", "<U+12", "<U+20zz>", "<b>"] {
            assert!(!is_only_shown(plain), "{plain}");
        }
    }
}
