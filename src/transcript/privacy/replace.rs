//! Puts pseudonyms into texts.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::pseudonyms::Pseudonyms;
use crate::directory::sid::Sid;

/// Replaces names wherever they stand as words.
#[derive(Debug)]
pub(super) struct Replacer {
    /// By their first letter, the longest first.
    names: HashMap<char, Vec<(Vec<char>, String)>>,
    sids: HashMap<String, Sid>,
}

impl Replacer {
    /// A replacer of these names.
    pub(super) fn of(pseudonyms: &Pseudonyms) -> Self {
        let mut names: HashMap<char, Vec<(Vec<char>, String)>> = HashMap::new();
        for (name, pseudonym) in &pseudonyms.names {
            let letters: Vec<char> = name.chars().map(small).collect();
            if let Some(first) = letters.first() {
                names
                    .entry(*first)
                    .or_default()
                    .push((letters, pseudonym.clone()));
            }
        }
        for list in names.values_mut() {
            list.sort_by_key(|(letters, _)| std::cmp::Reverse(letters.len()));
        }
        Self {
            names,
            sids: pseudonyms.sids.clone(),
        }
    }

    /// The text with pseudonyms.
    pub(super) fn text(&self, text: &str) -> String {
        let text = self.binary(text);
        let letters: Vec<char> = text.chars().collect();
        let lower: Vec<char> = letters.iter().copied().map(small).collect();
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        while at < letters.len() {
            if let Some((length, pseudonym)) = self.name_at(&lower, at) {
                let original = &letters[at..at + length];
                out.push_str(&in_case_of(original, pseudonym));
                at += length;
            } else {
                out.push(letters[at]);
                at += 1;
            }
        }
        out
    }

    fn name_at(&self, lower: &[char], at: usize) -> Option<(usize, &str)> {
        if !begins(lower, at) {
            return None;
        }
        self.names
            .get(&lower[at])?
            .iter()
            .find(|(name, _)| lower[at..].starts_with(name) && ends(lower, at + name.len()))
            .map(|(name, pseudonym)| (name.len(), pseudonym.as_str()))
    }

    /// SIDs as LDAP filters have them, byte by byte (RFC 4515 3).
    fn binary(&self, text: &str) -> String {
        let Some(start) = text.find("\\01\\") else {
            return text.to_owned();
        };
        let mut out = text[..start].to_owned();
        let mut bytes = Vec::new();
        let mut rest = &text[start..];
        while let Some(code) = rest.strip_prefix('\\').and_then(|rest| rest.get(..2)) {
            let Ok(byte) = u8::from_str_radix(code, 16) else {
                break;
            };
            bytes.push(byte);
            rest = &rest[3..];
        }
        let known = Sid::from_bytes(&bytes);
        let other = known
            .as_ref()
            .and_then(|sid| self.sids.get(&sid.to_string()));
        match (other, bytes.len()) {
            (Some(sid), _) => {
                for byte in sid.to_bytes() {
                    let _ = write!(out, "\\{byte:02x}");
                }
            }
            (None, 0..8) => out.push_str(&text[start..text.len() - rest.len()]),
            (None, _) => out.push_str("(hidden)"),
        }
        out.push_str(&self.binary(rest));
        out
    }
}

/// In lower case, one letter for one.
fn small(letter: char) -> char {
    letter.to_lowercase().next().unwrap_or(letter)
}

fn begins(letters: &[char], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).map(|before| letters[before]) else {
        return true;
    };
    if !before.is_alphanumeric() || !letters[at].is_alphanumeric() {
        return true;
    }
    // After an escaped byte of an LDAP filter: `MSSQLSvc\5csql1`.
    at >= 3 && letters[at - 3] == '\\' && letters[at - 2..at].iter().all(char::is_ascii_hexdigit)
}

fn ends(letters: &[char], at: usize) -> bool {
    match (at.checked_sub(1).map(|last| letters[last]), letters.get(at)) {
        (Some(last), Some(next)) => !(last.is_alphanumeric() && next.is_alphanumeric()),
        _ => true,
    }
}

/// Capitals stay capitals: a realm is known by them.
fn in_case_of(original: &[char], pseudonym: &str) -> String {
    let capitals = original.iter().any(|letter| letter.is_uppercase())
        && !original.iter().any(|letter| letter.is_lowercase());
    if capitals && !pseudonym.starts_with('/') {
        pseudonym.to_uppercase()
    } else {
        pseudonym.to_owned()
    }
}
