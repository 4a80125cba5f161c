//! What text may be when it reaches a screen, and the way on which what was read
//! gets there.

use serde::Serialize;
use serde_json::Value;
use sspi_doctor::probe::{Outcome, OutcomeBuilder, registry};

/// Nothing in the text acts on a terminal, and nothing in it is unseen: no
/// control characters but the end of a line, no marks of direction, and none
/// without a width.
pub fn assert_clean(text: &str) {
    let found = text.chars().find(|character| acts(*character));
    assert!(
        found.is_none(),
        "U+{:04X} reaches the screen in: {}",
        found.map_or(0, u32::from),
        text.escape_debug()
    );
}

/// As [`assert_clean`], for every text in a value and every key.
pub fn assert_clean_value(value: &impl Serialize) {
    let value = serde_json::to_value(value).unwrap_or_default();
    walk(&value);
}

fn walk(value: &Value) {
    match value {
        Value::String(text) => assert_clean(text),
        Value::Array(items) => items.iter().for_each(walk),
        Value::Object(fields) => {
            for (key, field) in fields {
                assert_clean(key);
                walk(field);
            }
        }
        _ => {}
    }
}

fn acts(character: char) -> bool {
    (character.is_control() && character != '\n')
        || matches!(
            character,
            '\u{200B}'..='\u{200F}'
                | '\u{2028}'..='\u{202E}'
                | '\u{2060}'..='\u{2069}'
                | '\u{FEFF}'
                | '\u{E0000}'..='\u{E007F}'
        )
}

/// An outcome of this probe, as the probe itself would begin it.
pub fn outcome(probe: &str) -> OutcomeBuilder {
    let declaration = registry::declarations().find(|declared| declared.key == probe);
    assert!(declaration.is_some(), "there is no probe {probe}");
    declaration.map(Outcome::of).into_iter().next().unwrap()
}
