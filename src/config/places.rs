//! The standard places: the XDG Base Directory Specification, and `/etc`.

use std::path::PathBuf;

/// The name of our folder in each of them.
const OURS: &str = "sspi-doctor";

/// The folders in which to look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// The user's home.
    pub home: Option<PathBuf>,
    /// `XDG_CONFIG_HOME`.
    pub config_home: Option<PathBuf>,
    /// `XDG_DATA_HOME`.
    pub data_home: Option<PathBuf>,
    /// `XDG_STATE_HOME`.
    pub state_home: Option<PathBuf>,
    /// What the administrator of this machine set up for all.
    pub system: PathBuf,
}

impl Places {
    /// As the environment says. A relative path in an XDG variable does not
    /// count.
    pub fn of(variable: impl Fn(&str) -> Option<PathBuf>) -> Self {
        let home = variable("HOME")
            .or_else(std::env::home_dir)
            .filter(|path| path.is_absolute());
        let xdg = |name: &str, below_home: &str| {
            variable(name)
                .filter(|path| path.is_absolute())
                .or_else(|| Some(home.as_ref()?.join(below_home)))
        };
        Self {
            config_home: xdg("XDG_CONFIG_HOME", ".config"),
            data_home: xdg("XDG_DATA_HOME", ".local/share"),
            state_home: xdg("XDG_STATE_HOME", ".local/state"),
            home,
            system: PathBuf::from("/etc").join(OURS),
        }
    }

    /// The configuration files, the one that wins first.
    pub fn config_files(&self) -> Vec<PathBuf> {
        let own = self.config_home.as_ref().map(|home| home.join(OURS));
        own.into_iter()
            .chain([self.system.clone()])
            .map(|folder| folder.join("config.toml"))
            .collect()
    }

    /// The folders of own flows, the one that wins last.
    pub fn flow_folders(&self) -> Vec<PathBuf> {
        let own = [&self.data_home, &self.config_home];
        let own = own.into_iter().flatten().map(|home| home.join(OURS));
        [self.system.clone()]
            .into_iter()
            .chain(own)
            .map(|folder| folder.join("flows"))
            .collect()
    }

    /// Where sessions and the log are kept; without a home, in a folder for
    /// temporary files.
    pub fn state_folder(&self) -> PathBuf {
        self.state_home
            .clone()
            .or_else(|| Some(self.home.as_ref()?.join(".local/state")))
            .map_or_else(
                || std::env::temp_dir().join("sspi-doctor-state"),
                |home| home.join(OURS),
            )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_variable_does_not_count() {
        let places = Places::of(|name| match name {
            "HOME" => Some("/home/a".into()),
            "XDG_CONFIG_HOME" => Some("config".into()),
            "XDG_STATE_HOME" => Some("/s".into()),
            _ => None,
        });
        assert_eq!(
            places.config_files(),
            [
                PathBuf::from("/home/a/.config/sspi-doctor/config.toml"),
                "/etc/sspi-doctor/config.toml".into()
            ]
        );
        assert_eq!(places.state_folder(), PathBuf::from("/s/sspi-doctor"));
        assert_eq!(
            places.flow_folders().last().unwrap(),
            &PathBuf::from("/home/a/.config/sspi-doctor/flows")
        );
    }
}
