//! Quotes a value for the language that it is put into: one function for each,
//! and no other place of the program may paste a value into a script.

mod cmd;
mod ldif;

pub use cmd::cmd;
pub use ldif::{ldif, ldif_bytes, ldif_is_safe};

use crate::hostile;

/// One word of a POSIX shell. Every byte but the single quote is literal
/// between single quotes (POSIX.1-2017, Shell Command Language 2.2.2).
///
/// ```
/// assert_eq!(sspi_doctor::fix::quote::sh("it's"), r"'it'\''s'");
/// ```
pub fn sh(text: &str) -> String {
    if is_plain(text, "._:/@%+=,-") && !text.starts_with('-') {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// One argument of PowerShell: between single quotes only the quote itself is
/// special, and it is doubled. PowerShell takes four typographic quotes for the
/// same character (about_Quoting_Rules), so they are doubled too.
///
/// ```
/// assert_eq!(sspi_doctor::fix::quote::powershell("a$b"), "'a$b'");
/// ```
pub fn powershell(text: &str) -> String {
    if is_plain(text, "._:/\\") {
        return text.to_owned();
    }
    powershell_text(text)
}

/// As [`powershell`], always between quotes: for a value in an expression,
/// where a bare word would be a command.
pub fn powershell_text(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('\'');
    for character in text.chars() {
        if matches!(character, '\'' | '\u{2018}'..='\u{201B}') {
            quoted.push(character);
        }
        quoted.push(character);
    }
    quoted.push('\'');
    quoted
}

/// A T-SQL Unicode string literal.
///
/// ```
/// assert_eq!(sspi_doctor::fix::quote::tsql("o'x"), "N'o''x'");
/// ```
pub fn tsql(text: &str) -> String {
    format!("N'{}'", text.replace('\'', "''"))
}

/// A T-SQL identifier in brackets, as `QUOTENAME` makes it.
pub fn tsql_name(text: &str) -> String {
    format!("[{}]", text.replace(']', "]]"))
}

/// A value in an LDAP search filter (RFC 4515 section 3).
pub fn ldap_filter(text: &str) -> String {
    use std::fmt::Write as _;
    let mut quoted = String::with_capacity(text.len());
    for byte in text.bytes() {
        if matches!(byte, b'*' | b'(' | b')' | b'\\' | 0..=31 | 127..) {
            let _ = write!(quoted, "\\{byte:02x}");
        } else {
            quoted.push(char::from(byte));
        }
    }
    quoted
}

/// A remark in a script: one line, nothing that could end it or hide in it.
pub fn comment(text: &str) -> String {
    hostile::clean_line(text)
}

/// Whether a text is letters, digits and these characters only.
fn is_plain(text: &str, others: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || others.contains(character))
}

#[cfg(test)]
mod tests;
