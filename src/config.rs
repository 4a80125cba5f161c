//! What one would set once: files in TOML, the user's over the system's. The
//! command line and the environment win over both.

pub mod file;
pub mod key;
pub mod places;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use crate::flow::diagnostic::{self, Diagnostic};
pub use key::{KEYS, Key, Kind, Value};
pub use places::Places;

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A line of a file.
    File {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// An option of the command line.
    CommandLine,
    /// A variable of the environment.
    Environment(&'static str),
    /// Nobody set it.
    Default,
}

impl Origin {
    /// In words.
    pub fn words(&self) -> String {
        match self {
            Self::File { path, line } => format!("{}:{line}", path.display()),
            Self::CommandLine => "the command line".to_owned(),
            Self::Environment(name) => format!("the environment ({name})"),
            Self::Default => "the default".to_owned(),
        }
    }
}

/// A value and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The value.
    pub value: Value,
    /// Its place.
    pub origin: Origin,
}

/// The settings in force.
#[derive(Clone, Debug, Default)]
pub struct Config {
    settings: BTreeMap<&'static str, Setting>,
    /// The files that were read, the one that wins first.
    pub files: Vec<PathBuf>,
    /// The standard places.
    pub places: Places,
}

impl Config {
    /// Reads the file that was named, else the user's and then the system's.
    /// Every fault of every file is told; what is right in them counts anyway.
    pub fn read(places: Places, named: Option<&Path>) -> (Self, Vec<Diagnostic>) {
        let mut config = Self::default();
        let mut faults = Vec::new();
        let files: Vec<PathBuf> = match named {
            Some(path) => vec![path.to_owned()],
            None => places
                .config_files()
                .into_iter()
                // Whatever is there must be readable: to pass over what an
                // administrator set would be worse than to stop.
                .filter(|path| path.symlink_metadata().is_ok())
                .collect(),
        };
        for path in files {
            let (settings, more) = file::read(&path, places.home.as_deref());
            faults.extend(more);
            for (name, setting) in settings {
                config.settings.entry(name).or_insert(setting);
            }
            config.files.push(path);
        }
        config.places = places;
        diagnostic::sort(&mut faults);
        (config, faults)
    }

    /// Sets a value over what the files say.
    pub fn set(&mut self, name: &'static str, value: Value, origin: Origin) {
        self.settings.insert(name, Setting { value, origin });
    }

    /// The value of a key, when somebody set it.
    pub fn get(&self, name: &str) -> Option<&Setting> {
        self.settings.get(name)
    }

    fn text(&self, name: &str) -> Option<&str> {
        match &self.get(name)?.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    fn list(&self, name: &str) -> &[String] {
        match self.get(name).map(|setting| &setting.value) {
            Some(Value::List(items)) => items,
            _ => &[],
        }
    }

    /// Your own domain.
    pub fn domain(&self) -> Option<&str> {
        self.text("domain")
    }

    /// The domain controllers to ask instead of those that DNS names.
    pub fn domain_controllers(&self) -> &[String] {
        self.list("domain-controllers")
    }

    /// The name servers to ask instead of the system's.
    pub fn name_servers(&self) -> Vec<IpAddr> {
        self.list("name-servers")
            .iter()
            .filter_map(|address| address.parse().ok())
            .collect()
    }

    /// Certificates to trust beside the system's.
    pub fn ca_file(&self) -> Option<PathBuf> {
        self.text("ca-file").map(PathBuf::from)
    }

    /// The colours of the wizard.
    pub fn theme(&self) -> Option<&str> {
        self.text("theme")
    }

    /// Whether only ASCII is drawn; none: as the locale says.
    pub fn ascii(&self) -> Option<bool> {
        match self.get("ascii")?.value {
            Value::Switch(on) => Some(on),
            _ => None,
        }
    }

    /// How many minutes what was seen counts, when a session goes on.
    pub fn max_age(&self) -> Option<u32> {
        match self.get("max-age")?.value {
            Value::Number(minutes) => Some(minutes),
            _ => None,
        }
    }

    /// How much goes into the log file.
    pub fn log_level(&self) -> &str {
        self.text("log-level").unwrap_or(key::LOG_LEVEL)
    }

    /// Folders and files of own flows, the ones that win last.
    pub fn flow_places(&self) -> Vec<PathBuf> {
        let mut places: Vec<PathBuf> = self
            .places
            .flow_folders()
            .into_iter()
            .filter(|folder| folder.is_dir())
            .collect();
        places.extend(self.list("flow-folders").iter().map(PathBuf::from));
        places
    }

    /// Where sessions and the log are kept.
    pub fn state_folder(&self) -> PathBuf {
        match self.text("state-folder") {
            Some(folder) => folder.into(),
            None => self.places.state_folder(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(root: &Path) -> Places {
        Places {
            home: Some(root.join("home")),
            config_home: Some(root.join("home/.config")),
            data_home: Some(root.join("home/.local/share")),
            state_home: None,
            system: root.join("etc/sspi-doctor"),
        }
    }

    fn write(path: &Path, text: &str) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    #[test]
    fn the_users_file_wins_key_by_key() {
        let root = tempfile::tempdir().unwrap();
        let system = root.path().join("etc/sspi-doctor/config.toml");
        let own = root.path().join("home/.config/sspi-doctor/config.toml");
        write(
            &system,
            "domain = \"corp.example\"\nname-servers = [\"10.0.0.1\"]\n",
        );
        write(&own, "# mine\nname-servers = [\"10.0.0.2\", \"::1\"]\n");
        let (config, faults) = Config::read(places(root.path()), None);
        assert!(faults.is_empty(), "{faults:?}");
        assert_eq!(config.domain(), Some("corp.example"));
        assert_eq!(
            config.name_servers(),
            [
                "10.0.0.2".parse::<IpAddr>().unwrap(),
                "::1".parse().unwrap()
            ]
        );
        assert_eq!(
            config.get("name-servers").unwrap().origin,
            Origin::File { path: own, line: 2 }
        );
        assert_eq!(
            config.state_folder(),
            root.path().join("home/.local/state/sspi-doctor")
        );
    }

    #[test]
    fn a_file_that_was_named_stands_alone_and_must_be_there() {
        let root = tempfile::tempdir().unwrap();
        write(
            &root.path().join("etc/sspi-doctor/config.toml"),
            "domain = \"corp.example\"\n",
        );
        let named = root.path().join("other.toml");
        let (config, faults) = Config::read(places(root.path()), Some(&named));
        assert_eq!(config.domain(), None);
        assert_eq!(faults.len(), 1);
        assert!(
            faults[0].message().contains("cannot be read"),
            "{}",
            faults[0]
        );
    }

    #[test]
    fn flow_folders_are_those_that_are_there_the_nearest_to_the_user_last() {
        let root = tempfile::tempdir().unwrap();
        let team = root.path().join("etc/sspi-doctor/flows");
        let own = root.path().join("home/.config/sspi-doctor/flows");
        std::fs::create_dir_all(&own).unwrap();
        std::fs::create_dir_all(&team).unwrap();
        let (config, _) = Config::read(places(root.path()), None);
        assert_eq!(config.flow_places(), [team, own]);
    }
}
