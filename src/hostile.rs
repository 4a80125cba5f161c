//! Text that came from the network, a file or the user is hostile: here it is
//! made safe to keep and to show on one line or several.

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

/// Whether a character can act on a terminal or hide from a reader.
fn is_hidden(character: char) -> bool {
    (character.is_control() && character != '\n')
        || matches!(
            character,
            '\u{00AD}'
                | '\u{061C}'
                | '\u{180E}'
                | '\u{200B}'..='\u{200F}'
                | '\u{2028}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}'
                | '\u{FE00}'..='\u{FE0F}'
                | '\u{FEFF}'
                | '\u{FFF9}'..='\u{FFFB}'
                | '\u{E0000}'..='\u{E007F}'
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
}
