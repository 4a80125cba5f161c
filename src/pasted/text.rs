//! Text as it is pasted or read from a file: decoded, cut to a length, and
//! without what acts on a terminal and the passwords of connection strings.

use crate::hostile;
use crate::secret::hide_passwords;

/// The most bytes that are read of one text.
pub const LONGEST: usize = 1 << 20;

/// The most characters that are read of one line.
const LONGEST_LINE: usize = 4096;

/// The most lines that are read of one text.
const MOST_LINES: usize = 20_000;

/// A file's bytes as text. Windows PowerShell writes UTF-16 with a byte order
/// mark when it redirects; everything else is UTF-8, or read as far as it is.
pub fn decode(bytes: &[u8]) -> String {
    let bytes = bytes.get(..LONGEST).unwrap_or(bytes);
    match bytes {
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        other => String::from_utf8_lossy(other).into_owned(),
    }
}

fn utf16(bytes: &[u8], join: fn([u8; 2]) -> u16) -> String {
    let units: Vec<u16> = bytes
        .chunks_exact(2)
        .map(|pair| join([pair[0], pair[1]]))
        .collect();
    String::from_utf16_lossy(&units)
}

/// The text that readers see: at most [`LONGEST`] bytes, with clean lines of a
/// bounded length. Line ends of Windows and of old Macs are line ends.
pub fn clean(text: &str) -> String {
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = text[..end].replace("\r\n", "\n").replace('\r', "\n");
    let text = hide_passwords(&text);
    let mut out = String::with_capacity(text.len());
    for line in text.lines().take(MOST_LINES) {
        let line: String = line.chars().take(LONGEST_LINE).collect();
        out.push_str(hostile::clean_text(&line).trim_end());
        out.push('\n');
    }
    out
}

/// The value after `name:` or `name :` or `name=`, case aside, on this line.
pub(super) fn value<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let line = line.trim_start();
    let start = line.get(..name.len())?;
    if !start.eq_ignore_ascii_case(name) {
        return None;
    }
    let rest = line[name.len()..].trim_start();
    Some(rest.strip_prefix([':', '='])?.trim())
}

/// The words of a line of a prompt from this command on, such as `setspn -Q
/// SPN` in `C:\> setspn -Q SPN`. The command's own name is left out.
pub(super) fn command<'a>(line: &'a str, name: &str) -> Option<Vec<&'a str>> {
    let mut words = line.split_whitespace().map(|word| word.trim_matches('"'));
    words.by_ref().find(|word| {
        let word = word
            .rsplit(['\\', '/', '>', '$', '#'])
            .next()
            .unwrap_or(word);
        word.eq_ignore_ascii_case(name)
            || word
                .len()
                .checked_sub(4)
                .and_then(|end| word.get(..end).zip(word.get(end..)))
                .is_some_and(|(stem, ending)| {
                    stem.eq_ignore_ascii_case(name) && ending.eq_ignore_ascii_case(".exe")
                })
    })?;
    Some(words.collect())
}

/// Whether a word is this option of a Windows command: `-Q`, `/q`, or with the
/// dash that word processors make of it.
pub(super) fn is_option(word: &str, letter: char) -> bool {
    let mut characters = word.chars();
    let (dash, own, end) = (characters.next(), characters.next(), characters.next());
    matches!(dash, Some('-' | '/' | '\u{2013}' | '\u{2014}' | '\u{2212}'))
        && own.is_some_and(|own| own.eq_ignore_ascii_case(&letter))
        && end.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_powershell_redirects_is_read() {
        let mut bytes = vec![0xFF, 0xFE];
        for unit in "MSSQLSvc/sql1\r\n".encode_utf16() {
            bytes.extend(unit.to_le_bytes());
        }
        assert_eq!(clean(&decode(&bytes)), "MSSQLSvc/sql1\n");
        assert_eq!(decode(b"\xEF\xBB\xBFa"), "a");
    }

    #[test]
    fn a_text_has_an_end_and_nothing_hidden() {
        let long = "é".repeat(LONGEST);
        assert!(clean(&long).len() <= 2 * LONGEST_LINE + 1);
        assert_eq!(clean("a\u{1b}[31m\u{202e}b\tc\rd"), "a[31mb c\nd\n");
    }

    #[test]
    fn commands_are_found_behind_their_prompt() {
        assert_eq!(
            command(r"PS C:\> setspn.exe -Q MSSQLSvc/a:1", "setspn"),
            Some(vec!["-Q", "MSSQLSvc/a:1"])
        );
        assert_eq!(command(r"C:\>setspn -L x", "setspn"), Some(vec!["-L", "x"]));
        assert_eq!(command("no command", "setspn"), None);
        assert!(is_option("\u{2013}a", 'A') && is_option("/S", 's') && !is_option("-Sx", 's'));
    }
}
