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

/// One argument of PowerShell, for a command that a person reads and types:
/// between single quotes only the quote itself is special, and it is doubled.
/// PowerShell takes four typographic quotes for the same character
/// (about_Quoting_Rules), so they are doubled too.
///
/// ```
/// assert_eq!(sspi_doctor::fix::quote::powershell("a$b"), "'a$b'");
/// ```
pub fn powershell(text: &str) -> String {
    if is_plain(text, "._:/\\") {
        return text.to_owned();
    }
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

/// A text in a PowerShell script, always between quotes, and in ASCII alone:
/// Windows PowerShell 5.1 reads a script without a byte order mark in the
/// system's code page, where the second byte of `Ē` is a quote.
///
/// ```
/// use sspi_doctor::fix::quote::powershell_text;
/// assert_eq!(powershell_text("o'x"), "'o''x'");
/// assert_eq!(powershell_text("b\u{fc}ro"), "('b' + [char]0x00FC + 'ro')");
/// ```
pub fn powershell_text(text: &str) -> String {
    use std::fmt::Write as _;
    if text.is_ascii() {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let mut quoted = String::from("(");
    let mut plain = String::new();
    let mut units = [0; 2];
    for character in text.chars() {
        if character.is_ascii() {
            plain.push(character);
            continue;
        }
        // The first part is a string, so that `+` joins texts.
        if quoted.len() == 1 || !plain.is_empty() {
            part(&mut quoted, &plain);
            plain.clear();
        }
        for unit in character.encode_utf16(&mut units) {
            let _ = write!(quoted, " + [char]0x{unit:04X}");
        }
    }
    if !plain.is_empty() {
        part(&mut quoted, &plain);
    }
    quoted.push(')');
    quoted
}

fn part(quoted: &mut String, plain: &str) {
    if quoted.len() > 1 {
        quoted.push_str(" + ");
    }
    quoted.push('\'');
    quoted.push_str(&plain.replace('\'', "''"));
    quoted.push('\'');
}

/// Why Windows PowerShell 5.1 cannot hand a text to a program as one argument,
/// in a sentence; none when it can. It puts quotes around a text with spaces
/// and leaves those in it as they are, so that a quote, or a backslash before
/// its own quote, ends the argument (about_Parsing, "Passing arguments that
/// contain quote characters"); an empty text is left out.
pub fn not_an_argument(text: &str) -> Option<&'static str> {
    if text.contains('"') {
        Some("it holds a double quote")
    } else if text.ends_with('\\') {
        Some("it ends in a backslash")
    } else if text.trim().is_empty() {
        Some("it is empty")
    } else if text.starts_with(['-', '/']) {
        Some("it would be taken for an option")
    } else if text.chars().any(char::is_control) {
        Some("it holds control characters")
    } else if hostile::is_only_shown(text) {
        Some("it holds characters that cannot be seen")
    } else {
        None
    }
}

/// A script in ASCII: what is not is told as `<U+00FC>`. For remarks; texts are
/// ASCII already ([`powershell_text`]).
pub fn ascii(script: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(script.len());
    for character in script.chars() {
        if character.is_ascii() {
            out.push(character);
        } else {
            let _ = write!(out, "<U+{:04X}>", u32::from(character));
        }
    }
    out
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
