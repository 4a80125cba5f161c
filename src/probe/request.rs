//! A probe request is a value: the kind and its resolved arguments. Two equal
//! requests are one question, which is asked once in a session.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What to observe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProbeRequest {
    /// The probe's key, such as `dns-forward`.
    pub probe: String,
    /// Its arguments by name; null and absent mean the same.
    pub arguments: BTreeMap<String, Value>,
}

/// An argument that is missing or of the wrong kind.
#[derive(Debug, thiserror::Error)]
#[error("the probe `{probe}` needs `{argument}` {expected}; got {got}")]
pub struct ArgumentFault {
    /// The probe's key.
    pub probe: String,
    /// The argument's name.
    pub argument: String,
    /// What it should be.
    pub expected: &'static str,
    /// What was there.
    pub got: String,
}

impl ProbeRequest {
    /// A request without arguments.
    pub fn new(probe: impl Into<String>) -> Self {
        Self {
            probe: probe.into(),
            arguments: BTreeMap::new(),
        }
    }

    /// Adds an argument.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.arguments.insert(name.to_owned(), value.into());
        self
    }

    /// The same text for the same question: kind and arguments with sorted
    /// keys, without nulls, host names in lower case as they are given.
    pub fn key(&self) -> String {
        let arguments: BTreeMap<&String, Value> = self
            .arguments
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, sorted(value)))
            .collect();
        let arguments = serde_json::to_string(&arguments).unwrap_or_default();
        format!("{} {arguments}", self.probe)
    }

    /// A text that must be there.
    pub fn text(&self, name: &str) -> Result<&str, ArgumentFault> {
        match self.arguments.get(name) {
            Some(Value::String(text)) if !text.trim().is_empty() => Ok(text.trim()),
            _ => Err(self.fault(name, "as a text that is not empty")),
        }
    }

    /// A text that may be absent; the empty text counts as absent.
    pub fn optional_text(&self, name: &str) -> Option<&str> {
        match self.arguments.get(name) {
            Some(Value::String(text)) if !text.trim().is_empty() => Some(text.trim()),
            _ => None,
        }
    }

    /// A port that must be there, as a number or its digits.
    pub fn port(&self, name: &str) -> Result<u16, ArgumentFault> {
        self.optional_port(name)?
            .ok_or_else(|| self.fault(name, "as a port from 1 to 65535"))
    }

    /// A port that may be absent.
    pub fn optional_port(&self, name: &str) -> Result<Option<u16>, ArgumentFault> {
        let port = match self.arguments.get(name) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::Number(number)) => number.as_u64().and_then(|n| u16::try_from(n).ok()),
            Some(Value::String(text)) if text.trim().is_empty() => return Ok(None),
            Some(Value::String(text)) => text.trim().parse().ok(),
            Some(_) => None,
        };
        port.filter(|port| *port != 0)
            .map(Some)
            .ok_or_else(|| self.fault(name, "as a port from 1 to 65535"))
    }

    /// True or false; absent means false.
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.arguments.get(name), Some(Value::Bool(true)))
    }

    /// A list of texts; absent means empty, a single text is a list of one.
    pub fn texts(&self, name: &str) -> Result<Vec<String>, ArgumentFault> {
        match self.arguments.get(name) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::String(text)) => Ok(vec![text.clone()]),
            Some(Value::Array(items)) => items
                .iter()
                .map(|item| {
                    item.as_str()
                        .map(str::to_owned)
                        .ok_or_else(|| self.fault(name, "as a list of texts"))
                })
                .collect(),
            Some(_) => Err(self.fault(name, "as a list of texts")),
        }
    }

    fn fault(&self, argument: &str, expected: &'static str) -> ArgumentFault {
        let got = match self.arguments.get(argument) {
            None | Some(Value::Null) => "nothing".to_owned(),
            Some(value) => format!("`{value}`"),
        };
        ArgumentFault {
            probe: self.probe.clone(),
            argument: argument.to_owned(),
            expected,
            got: crate::hostile::clean_line(&got),
        }
    }
}

/// The value with the keys of every object in order.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let ordered: BTreeMap<&String, Value> = fields
                .iter()
                .map(|(key, field)| (key, sorted(field)))
                .collect();
            ordered
                .into_iter()
                .map(|(key, field)| (key.clone(), field))
                .collect()
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn equal_questions_have_equal_keys() {
        let one = ProbeRequest::new("x")
            .with("a", json!({"p": 1, "q": 2}))
            .with("b", Value::Null);
        let two = ProbeRequest::new("x").with("a", json!({"q": 2, "p": 1}));
        assert_eq!(one.key(), two.key());
    }

    #[test]
    fn a_missing_port_is_told_in_words() {
        let fault = ProbeRequest::new("tcp-connect")
            .with("port", "x")
            .port("port")
            .unwrap_err();
        assert_eq!(
            fault.to_string(),
            "the probe `tcp-connect` needs `port` as a port from 1 to 65535; got `\"x\"`"
        );
    }
}
