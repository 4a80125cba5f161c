//! The backup: LDIF that gives each attribute its values back.

use std::fmt::Write as _;

use super::edit::{Edit, Value};
use super::today;
use crate::fix::quote::{comment, ldif, ldif_bytes};

/// The first values of each attribute that is changed.
pub(super) fn ldif_of(edits: &[Edit], run: &str) -> String {
    let mut text = format!(
        "# The values before the changes of {run} by sspi-doctor. `sspi-doctor fix SESSION --undo`\n\
         # takes the changes back; where that is not possible, this file does:\n\
         #   ldapmodify -Y GSSAPI -H ldap://CONTROLLER -f THIS-FILE\n"
    );
    let mut firsts: Vec<&Edit> = Vec::new();
    for edit in edits {
        let same = |one: &&Edit| one.object == edit.object && one.attribute == edit.attribute;
        if !firsts.iter().any(same) {
            firsts.push(edit);
        }
    }
    // The last change is put back first: an SPN is taken away before it is given
    // back to another account.
    for edit in firsts.into_iter().rev() {
        let _ = writeln!(
            text,
            "\n# {} on {}",
            comment(&edit.object.account),
            comment(&edit.object.server)
        );
        if edit.attribute == today::LOCK {
            text.push_str("# A lock is not put back.\n");
            continue;
        }
        let action = match (edit.attribute == today::MEMBER, edit.before.is_empty()) {
            (false, _) => "replace",
            (true, false) => "add",
            (true, true) => "delete",
        };
        let values = if action == "delete" {
            &edit.after
        } else {
            &edit.before
        };
        let _ = writeln!(
            text,
            "{}\nchangetype: modify\n{action}: {}",
            ldif("dn", &edit.object.distinguished_name),
            edit.attribute
        );
        for value in values {
            let _ = writeln!(text, "{}", line(&edit.attribute, value));
        }
        text.push_str("-\n");
    }
    text
}

fn line(attribute: &str, value: &Value) -> String {
    match value.text() {
        Some(text) => ldif(attribute, text),
        None => ldif_bytes(attribute, &value.0),
    }
}
