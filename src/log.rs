//! The log file: what the program did, for those who look for its faults.
//!
//! One line an event, in a file that only its owner can read and that does not
//! grow beyond a megabyte, with the one before it beside it. Only this
//! program's own events are kept: what libraries say could hold secrets.

mod file;

use std::fmt::Write as _;
use std::io;
use std::panic::PanicHookInfo;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt as _};

use crate::hostile;
use file::LogFile;

/// The longest line, in characters: an error of a server can be long.
const LONGEST_LINE: usize = 2000;

static PATH: OnceLock<PathBuf> = OnceLock::new();

/// Where the log is; none when there is none.
pub fn path() -> Option<&'static Path> {
    PATH.get().map(PathBuf::as_path)
}

/// Opens the log in this folder. Levels are those of the configuration; `off`
/// opens nothing.
pub fn open(folder: &Path, level: &str) -> io::Result<()> {
    let level = match level {
        "off" => return Ok(()),
        "error" => LevelFilter::ERROR,
        "warn" => LevelFilter::WARN,
        "debug" => LevelFilter::DEBUG,
        "trace" => LevelFilter::TRACE,
        _ => LevelFilter::INFO,
    };
    let path = folder.join("sspi-doctor.log");
    let layer = Lines {
        file: Mutex::new(LogFile::open(&path)?),
        level,
    };
    // A second call (tests) changes nothing.
    if tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer)).is_ok() {
        let _ = PATH.set(path);
    }
    Ok(())
}

/// Writes a fault of this program into the log, and tells in a sentence where
/// it is.
pub fn panicked(information: &PanicHookInfo<'_>) -> String {
    let place = information
        .location()
        .map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    let payload = information.payload();
    let words = payload
        .downcast_ref::<&str>()
        .map(|words| (*words).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    tracing::error!(place, words, "a fault of this program");
    match path() {
        Some(path) => format!("{place}; the log is {}", path.display()),
        None => place,
    }
}

struct Lines {
    file: Mutex<LogFile>,
    level: LevelFilter,
}

impl<S: Subscriber> Layer<S> for Lines {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        *metadata.level() <= self.level && metadata.target().starts_with("sspi_doctor")
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level)
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut words = Words::default();
        event.record(&mut words);
        let metadata = event.metadata();
        let line = line(
            &jiff::Timestamp::now().to_string(),
            metadata.level().as_str(),
            metadata.target(),
            &words,
        );
        // A log that cannot be written must not hold up what it tells of.
        let _ = self
            .file
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .append(&line);
    }
}

/// The fields of an event.
#[derive(Default)]
struct Words {
    message: String,
    fields: String,
}

impl Words {
    fn field(&mut self, name: &str, value: &str) {
        if name == "message" {
            self.message.push_str(value);
        } else {
            let _ = write!(self.fields, " {name}={value}");
        }
    }
}

impl Visit for Words {
    fn record_str(&mut self, field: &Field, value: &str) {
        let value = value.replace('\\', "\\\\").replace('"', "\\\"");
        self.field(field.name(), &format!("\"{value}\""));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.field(field.name(), &Plain(value).to_string());
    }
}

/// The message and `%value` reach us as `Debug`, already in their plain form.
struct Plain<'a>(&'a dyn std::fmt::Debug);

impl std::fmt::Display for Plain<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(formatter)
    }
}

fn line(time: &str, level: &str, target: &str, words: &Words) -> String {
    let text = format!("{}{}", words.message, words.fields);
    let clean: String = hostile::clean_line(&text)
        .chars()
        .take(LONGEST_LINE)
        .collect();
    format!(
        "{time} {level:<5} {} {target}: {clean}\n",
        std::process::id()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_whatever_it_says() {
        let words = Words {
            message: "answered".to_owned(),
            fields: format!(" saw=\"a\nb\u{1b}[2J\u{202E}{}\"", "x".repeat(70_000)),
        };
        let line = line(
            "2026-11-22T10:00:00Z",
            "INFO",
            "sspi_doctor::driver",
            &words,
        );
        assert!(line.ends_with('\n'));
        assert_eq!(line.lines().count(), 1);
        assert!(line.contains("saw=\"a b[2Jxx"), "{}", &line[..120]);
        assert!(line.chars().count() < LONGEST_LINE + 100);
    }
}
