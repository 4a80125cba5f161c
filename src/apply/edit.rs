//! One change as it is written: an LDAP modify of one attribute of one object.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::object::Object;
use crate::directory::account::UserAccountControl;
use crate::directory::security_descriptor::SecurityDescriptor;
use crate::hostile::shown_line;

/// How many bytes of the digest a code has; it is compared, not guessed.
const CODE_BYTES: usize = 6;

/// One LDAP modify.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// What is changed, and where.
    pub object: Object,
    /// The attribute.
    pub attribute: String,
    /// How it is changed.
    pub how: How,
    /// Its values before, in order; of `member` only the one that is meant.
    pub before: Vec<Value>,
    /// Its values after, in order.
    pub after: Vec<Value>,
    /// What it does, in words.
    pub words: Vec<String>,
    /// The titles of the findings that need it.
    pub reasons: Vec<String>,
}

/// How an attribute is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// The values of `after` that are not in `before` are added.
    Add,
    /// The values of `before` that are not in `after` are deleted.
    Delete,
    /// The attribute gets the values of `after` alone.
    Replace,
}

/// A value as it stands in the directory.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Value(pub Vec<u8>);

/// What stands before the hexadecimal digits of a value that is no plain text.
const HEX: &str = "hex:";

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }
}

impl From<String> for Value {
    /// From its written form.
    fn from(text: String) -> Self {
        let bytes = text.strip_prefix(HEX).and_then(|digits| {
            let digits = digits.as_bytes();
            digits
                .chunks(2)
                .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
                .collect::<Option<Vec<u8>>>()
        });
        Self(bytes.unwrap_or_else(|| text.into_bytes()))
    }
}

impl From<Value> for String {
    fn from(value: Value) -> Self {
        match Self::from_utf8(value.0) {
            Ok(text) if !text.starts_with(HEX) && !text.chars().any(char::is_control) => text,
            Ok(text) => hex(text.as_bytes()),
            Err(fault) => hex(fault.as_bytes()),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(HEX.to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

impl Value {
    /// Its text, when it has one.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// Whether two values are the same to the directory, which does not look at
    /// the case of letters in those that are changed here.
    pub fn same(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Edit {
    /// The values that come.
    pub fn added(&self) -> Vec<&Value> {
        without(&self.after, &self.before)
    }

    /// The values that go.
    pub fn removed(&self) -> Vec<&Value> {
        without(&self.before, &self.after)
    }

    /// The values that stay.
    pub fn kept(&self) -> Vec<&Value> {
        self.before
            .iter()
            .filter(|value| self.after.contains(value))
            .collect()
    }

    /// Names everything of it that is written: another object, another
    /// controller, another value before or after has another code.
    pub fn code(&self) -> String {
        let written = serde_json::json!([
            self.object.server,
            self.object.distinguished_name,
            self.object.sid,
            self.attribute,
            self.how,
            self.before,
            self.after
        ]);
        let digest = Sha256::digest(written.to_string());
        digest
            .iter()
            .take(CODE_BYTES)
            .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
    }

    /// What takes it back.
    #[must_use]
    pub fn inverse(&self) -> Self {
        Self {
            how: match self.how {
                How::Add => How::Delete,
                How::Delete => How::Add,
                How::Replace => How::Replace,
            },
            before: self.after.clone(),
            after: self.before.clone(),
            words: self
                .words
                .iter()
                .map(|words| format!("undo: {words}"))
                .collect(),
            ..self.clone()
        }
    }

    /// Whether it can be taken back: a lock cannot be put back ([MS-ADTS]
    /// 3.1.1.3.1.5.5), nor should it.
    pub fn can_be_undone(&self) -> bool {
        !self.attribute.eq_ignore_ascii_case(super::today::LOCK)
    }

    /// A value of it for a person.
    pub fn shown(&self, value: &Value) -> String {
        if self.attribute.eq_ignore_ascii_case(super::today::ENTRY) {
            return entry_words(value);
        }
        let Some(text) = value.text() else {
            return format!("{} bytes", value.0.len());
        };
        if self.attribute.eq_ignore_ascii_case(super::today::CONTROL)
            && let Ok(bits) = text.parse::<u32>()
        {
            return format!("{bits} ({})", UserAccountControl(bits).words().join(", "));
        }
        shown_line(text)
    }
}

/// Whom a resource-based entry names.
fn entry_words(value: &Value) -> String {
    match SecurityDescriptor::parse(&value.0) {
        Some(descriptor) => {
            let sids: Vec<String> = descriptor
                .allowed_trustees()
                .iter()
                .map(ToString::to_string)
                .collect();
            format!("allowed to act: {}", sids.join(", "))
        }
        None => format!("{} bytes that are no entry", value.0.len()),
    }
}

fn without<'a>(values: &'a [Value], others: &[Value]) -> Vec<&'a Value> {
    values
        .iter()
        .filter(|value| !others.contains(value))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit() -> Edit {
        Edit {
            object: Object {
                server: "dc1.corp.example".to_owned(),
                domain: "corp.example".to_owned(),
                account: r"CORP\svc".to_owned(),
                distinguished_name: "CN=svc,DC=corp,DC=example".to_owned(),
                sid: "S-1-5-21-1-2-3-1105".to_owned(),
            },
            attribute: "servicePrincipalName".to_owned(),
            how: How::Add,
            before: vec!["a".into()],
            after: vec!["a".into(), "b".into()],
            words: Vec::new(),
            reasons: Vec::new(),
        }
    }

    #[test]
    fn whatever_is_written_is_in_the_code() {
        let one = edit();
        assert_eq!(one.code(), edit().code());
        let mut others = vec![edit(); 6];
        "dc2".clone_into(&mut others[0].object.server);
        "CN=x".clone_into(&mut others[1].object.distinguished_name);
        "userPrincipalName".clone_into(&mut others[2].attribute);
        others[3].how = How::Replace;
        others[4].before.push("c".into());
        others[5].after.pop();
        for other in others {
            assert_ne!(one.code(), other.code());
        }
    }

    #[test]
    fn the_inverse_of_the_inverse_is_the_edit() {
        let back = edit().inverse();
        assert_eq!(back.how, How::Delete);
        assert_eq!(back.removed(), [&Value::from("b")]);
        assert_eq!(back.inverse().code(), edit().code());
    }

    #[test]
    fn values_survive_being_written_down() {
        for bytes in [&b"plain"[..], b"a\nb", b"\xff\x00", b"hex:6162", b""] {
            let value = Value(bytes.to_vec());
            let text = serde_json::to_string(&value).unwrap();
            assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        }
    }
}
