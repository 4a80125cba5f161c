//! What this host and this user have set: the configuration in force, own
//! flows, and the log.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use clap::Args;
use jiff::SignedDuration;
use serde_json::json;

use super::connect::ConnectOptions;
use super::failure::Failure;
use super::{ListFormat, ListOptions};
use crate::config::{Config, KEYS, Origin, Places, Value, key};
use crate::exit::Exit;
use crate::flow::diagnostic::{self, Diagnostic, Style};
use crate::tui::look::Preferences;
use crate::tui::theme::Theme;
use crate::{log, printer};

static CONFIG: OnceLock<Config> = OnceLock::new();

/// The options that say how this program is set up.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "How this program is set up")]
pub(super) struct HomeOptions {
    /// Read this configuration file instead of the user's and the system's
    #[arg(long = "config", global = true, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    file: Option<PathBuf>,
    /// How much goes into the log file; `sspi-doctor config` shows where it is
    #[arg(long, global = true, value_name = "LEVEL", value_parser = clap::builder::PossibleValuesParser::new(key::LOG_LEVELS))]
    log_level: Option<String>,
    /// The colours of the wizard
    #[arg(long, global = true, value_name = "THEME", value_parser = clap::builder::PossibleValuesParser::new(key::THEMES))]
    theme: Option<String>,
}

/// The standard places of this user.
pub(super) fn places() -> Places {
    Places::of(|name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    })
}

/// The configuration in force.
pub(super) fn config() -> &'static Config {
    CONFIG.get_or_init(Config::default)
}

/// Reads the configuration, gives what it says to the options that were not
/// given, and opens the log. The faults of the files come back: some commands
/// work with them.
pub(super) fn settle(options: &HomeOptions, connect: &mut ConnectOptions) -> Vec<Diagnostic> {
    let (mut config, faults) = Config::read(places(), options.file.as_deref());
    connect.settle(&mut config);
    if let Some(level) = &options.log_level {
        config.set("log-level", Value::Text(level.clone()), Origin::CommandLine);
    }
    if std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) {
        config.set(
            "theme",
            Value::Text("mono".to_owned()),
            Origin::Environment("NO_COLOR"),
        );
    }
    if let Some(theme) = &options.theme {
        config.set("theme", Value::Text(theme.clone()), Origin::CommandLine);
    }
    let config = CONFIG.get_or_init(|| config);
    // Without a log everything works; `sspi-doctor doctor` says what is wrong.
    let _ = log::open(&log_folder(config), config.log_level());
    for file in &config.files {
        tracing::info!(file = %file.display(), "configuration read");
    }
    faults
}

/// A fault of this program goes into the log, and its message says where that
/// is. The wizard gives the terminal back before.
pub(super) fn handle_panics() {
    let previous = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |information| {
        let place = log::panicked(information);
        previous(information);
        printer::error(
            &format!("sspi-doctor stopped on a fault of its own: {place}"),
            Some(
                "your session is kept; send this text and the log to whoever maintains sspi-doctor",
            ),
        );
    }));
}

/// How the wizard should look.
pub(super) fn preferences() -> Preferences {
    Preferences {
        theme: config().theme().and_then(Theme::named),
        ascii: config().ascii(),
        max_age: max_age(None),
    }
}

/// What was seen longer ago is asked again when a session goes on: so many
/// minutes if somebody says so.
pub(super) fn max_age(minutes: Option<u32>) -> SignedDuration {
    minutes
        .or_else(|| config().max_age())
        .map_or(Preferences::MAX_AGE, |minutes| {
            SignedDuration::from_mins(i64::from(minutes))
        })
}

/// Where the log is kept.
fn log_folder(config: &Config) -> PathBuf {
    config.state_folder().join("log")
}

/// Why nothing can be done with a faulty configuration.
pub(super) fn faulty(faults: &[Diagnostic]) -> Failure {
    Failure::usage(format!(
        "the configuration cannot be used\n\n{}",
        diagnostic::human(faults, Style::Plain).trim_end()
    ))
    .hint("`sspi-doctor config` shows every setting with an example")
}

/// Whether a fault is in one of these files or folders.
pub(super) fn is_in(fault: &Diagnostic, places: &[PathBuf]) -> bool {
    places
        .iter()
        .any(|place| Path::new(fault.file()).starts_with(place))
}

/// `config`: every setting, its value, and where that comes from.
pub(super) fn show(options: &ListOptions, faults: &[Diagnostic]) -> Exit {
    let config = config();
    match options.format {
        ListFormat::Json => printer::result(&super::list::pretty(&as_json(config, faults))),
        ListFormat::Text => {
            printer::result(&as_text(config));
            if !faults.is_empty() {
                printer::progress(diagnostic::human(faults, Style::Plain).trim_end());
            }
        }
    }
    if faults.is_empty() {
        Exit::Healthy
    } else {
        Exit::Usage
    }
}

fn as_json(config: &Config, faults: &[Diagnostic]) -> serde_json::Value {
    let settings: Vec<_> = KEYS
        .iter()
        .map(|key| {
            let set = config.get(key.name);
            json!({
                "name": key.name,
                "value": set.map(|set| &set.value),
                "from": set.map_or(&Origin::Default, |set| &set.origin).words(),
                "default": key.default,
                "help": key.help,
                "example": key.example,
            })
        })
        .collect();
    json!({
        "settings": settings,
        "files": files(config).iter().map(|(path, read)| json!({"path": path, "read": read}))
            .collect::<Vec<_>>(),
        "flow_folders": config.places.flow_folders().iter()
            .map(|path| json!({"path": path, "there": path.is_dir()})).collect::<Vec<_>>(),
        "sessions": config.state_folder().join("sessions"),
        "log": log_folder(config).join("sspi-doctor.log"),
        "faults": diagnostic::json(faults),
    })
}

/// The files that are read, or would be if they were there.
fn files(config: &Config) -> Vec<(PathBuf, bool)> {
    let mut files: Vec<(PathBuf, bool)> = config
        .files
        .iter()
        .map(|path| (path.clone(), true))
        .collect();
    for path in config.places.config_files() {
        if !config.files.contains(&path) {
            files.push((path, false));
        }
    }
    files
}

fn as_text(config: &Config) -> String {
    let mut text = String::new();
    let mut line = |words: String| {
        text.push_str(words.trim_end());
        text.push('\n');
    };
    for key in KEYS {
        line(format!("# {}", key.help));
        match config.get(key.name) {
            Some(set) => line(format!(
                "{} = {}    # from {}",
                key.name,
                set.value.written(),
                set.origin.words()
            )),
            None => line(format!(
                "# {} = {}    # not set: {}",
                key.name, key.example, key.default
            )),
        }
        line(String::new());
    }
    for (path, read) in files(config) {
        let state = if read { "read" } else { "not there" };
        line(format!("# file: {} ({state})", path.display()));
    }
    for folder in config.places.flow_folders() {
        let state = if folder.is_dir() { "read" } else { "not there" };
        line(format!("# flows: {} ({state})", folder.display()));
    }
    line(format!(
        "# sessions: {}",
        config.state_folder().join("sessions").display()
    ));
    line(format!(
        "# log: {}",
        log_folder(config).join("sspi-doctor.log").display()
    ));
    text
}
