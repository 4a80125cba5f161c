//! Flows that change while the wizard is open: their author sees every fault at
//! once, and walks on where he was.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::flow::diagnostic::{self, Diagnostic, Style};
use crate::flow::library::Library;

/// How often the files are looked at: a few calls of `stat` a second.
pub const PERIOD: Duration = Duration::from_secs(1);

/// Loads the flows and everything that is wrong with them.
pub type Load = Box<dyn Fn() -> (Library, Vec<Diagnostic>) + Send>;

/// Flow files that are watched.
pub struct Reload {
    places: Vec<PathBuf>,
    load: Load,
    seen: Stamps,
    /// What was wrong before.
    standing: Vec<String>,
}

type Stamps = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

/// What a look at changed files gave.
pub struct News {
    /// The flows without a fault.
    pub library: Arc<Library>,
    /// What is newly wrong, for people; empty when nothing is.
    pub faults: String,
}

impl Reload {
    /// Watches these files and folders, which were loaded with these faults.
    /// None when there is nothing to watch.
    pub fn of(places: Vec<PathBuf>, faults: &[Diagnostic], load: Load) -> Option<Self> {
        if places.is_empty() {
            return None;
        }
        Some(Self {
            seen: stamps(&places),
            places,
            load,
            standing: words(faults),
        })
    }

    /// What is new, when a file has changed since the last look.
    pub fn look(&mut self) -> Option<News> {
        let now = stamps(&self.places);
        if now == self.seen {
            return None;
        }
        self.seen = now;
        let (library, mut faults) = (self.load)();
        let all = words(&faults);
        faults.retain(|fault| !self.standing.contains(&fault.to_string()));
        let told = diagnostic::human(&faults, Style::Plain);
        if faults.is_empty() {
            // What was repaired and breaks again is news again.
            self.standing.retain(|fault| all.contains(fault));
        }
        Some(News {
            library: Arc::new(library),
            faults: told.trim_end().to_owned(),
        })
    }
}

fn words(faults: &[Diagnostic]) -> Vec<String> {
    faults.iter().map(ToString::to_string).collect()
}

/// When each flow file was written, and its length.
fn stamps(places: &[PathBuf]) -> Stamps {
    let mut stamps = Stamps::new();
    for place in places {
        if place.is_dir() {
            for entry in std::fs::read_dir(place).into_iter().flatten().flatten() {
                let path = entry.path();
                let is_flow = path
                    .extension()
                    .is_some_and(|extension| extension == "yaml" || extension == "yml");
                if is_flow {
                    stamp(&path, &mut stamps);
                }
            }
        } else {
            stamp(place, &mut stamps);
        }
    }
    stamps
}

fn stamp(path: &Path, stamps: &mut Stamps) {
    if let Ok(metadata) = std::fs::metadata(path) {
        stamps.insert(path.to_owned(), (metadata.modified().ok(), metadata.len()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cause::Catalogue;

    const FLOW: &str = "schema: 1\nid: mine\ntitle: Mine\nsummary: Mine.\nstart: done\nsteps:\n  done: { title: End, finish: That is all. }\n";

    fn load(folder: &Path) -> (Library, Vec<Diagnostic>) {
        Library::load_what_works(&[folder.to_owned()], &Catalogue::embedded().known())
    }

    #[test]
    fn a_change_is_news_once_and_what_stood_before_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("mine.yaml");
        std::fs::write(&file, FLOW).unwrap();
        std::fs::write(folder.path().join("old.yaml"), "no: flow").unwrap();
        let (_, standing) = load(folder.path());
        let here = folder.path().to_owned();
        let mut reload =
            Reload::of(vec![here.clone()], &standing, Box::new(move || load(&here))).unwrap();
        assert!(reload.look().is_none());
        std::fs::write(&file, FLOW.replace("start: done", "start: gone")).unwrap();
        let news = reload.look().unwrap();
        assert!(news.faults.contains("mine.yaml:5:8"), "{}", news.faults);
        assert!(!news.faults.contains("old.yaml"), "{}", news.faults);
        assert!(news.library.flow("mine").is_none());
        assert!(reload.look().is_none());
        std::fs::write(&file, FLOW.replace("That is all", "All")).unwrap();
        let news = reload.look().unwrap();
        assert_eq!(news.faults, "");
        assert!(news.library.flow("mine").is_some());
    }
}
