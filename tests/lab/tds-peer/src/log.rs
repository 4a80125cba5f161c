//! The event log: one JSON object a line, for tests to read what happened.

use std::fmt;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde_json::{Map, Value};

/// Where events go. Clones write to the same place.
#[derive(Clone)]
pub struct EventLog {
    sink: Arc<Mutex<Box<dyn Write + Send>>>,
}

impl fmt::Debug for EventLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EventLog")
    }
}

impl EventLog {
    /// Events are appended to a file, each flushed as it happens.
    pub fn to_file(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Self::to_writer(file))
    }

    /// Events go to any writer.
    pub fn to_writer(writer: impl Write + Send + 'static) -> Self {
        Self {
            sink: Arc::new(Mutex::new(Box::new(writer))),
        }
    }

    /// Events are dropped.
    pub fn nowhere() -> Self {
        Self::to_writer(io::sink())
    }

    /// Writes one event; `details` is a JSON object.
    pub fn event(&self, name: &str, details: Value) {
        let mut line = Map::new();
        line.insert("time".into(), Timestamp::now().to_string().into());
        line.insert("event".into(), name.into());
        match details {
            Value::Object(details) => line.extend(details),
            Value::Null => {}
            other => {
                line.insert("details".into(), other);
            }
        }
        let mut text = Value::Object(line).to_string();
        text.push('\n');
        let mut sink = self.sink.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = sink.write_all(text.as_bytes()).and_then(|()| sink.flush()) {
            let _ = writeln!(
                io::stderr(),
                "tds-peer: cannot write to the event log: {error}"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_event_is_one_line_of_json() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("log");
        let log = EventLog::to_file(&path).expect("a log");
        log.event("query", json!({"sql": "SELECT\n1"}));
        log.event("end", Value::Null);
        let text = std::fs::read_to_string(&path).expect("the log");
        let events: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        assert_eq!(events.len(), 2);
        assert_eq!(
            (&events[0]["event"], &events[0]["sql"]),
            (&json!("query"), &json!("SELECT\n1"))
        );
    }
}
