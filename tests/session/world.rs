//! Walks over recorded worlds, whole and cut off, for the tests of journals.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use sspi_doctor::cause::Catalogue;
use sspi_doctor::driver::{Answers, Past, Walk};
use sspi_doctor::engine::{Beginning, Visit};
use sspi_doctor::flow::library::Library;
use sspi_doctor::headless::{self, Progress};
use sspi_doctor::probe::recorded::{self, Recorded, World};
use sspi_doctor::probe::{Outcome, ProbeRequest, Runner, registry};
use sspi_doctor::transcript::{Journal, SessionDocument};
use tokio_util::sync::CancellationToken;

/// Answers as the world does, and writes down what it was asked.
pub struct Asked {
    world: Recorded,
    pub keys: Arc<Mutex<BTreeSet<String>>>,
    /// Takes up to so long for an answer.
    pub slowest: Duration,
}

impl Asked {
    pub fn of(world: &World) -> Self {
        Self {
            world: Recorded::of(world),
            keys: Arc::default(),
            slowest: Duration::ZERO,
        }
    }
}

impl Runner for Asked {
    fn run(
        &self,
        request: ProbeRequest,
        deadline: Option<Duration>,
        cancel: CancellationToken,
    ) -> BoxFuture<'static, Outcome> {
        let pause = match self.slowest {
            Duration::ZERO => Duration::ZERO,
            slowest => slowest.mul_f64(random()),
        };
        self.keys.lock().unwrap().insert(request.key());
        let answer = self.world.run(request, deadline, cancel);
        Box::pin(async move {
            tokio::time::sleep(pause).await;
            answer.await
        })
    }

    fn source(&self) -> String {
        self.world.source()
    }
}

/// A number from 0 to 1.
pub fn random() -> f64 {
    use std::hash::{BuildHasher as _, Hasher as _};
    let number = std::collections::hash_map::RandomState::new()
        .build_hasher()
        .finish();
    f64::from(u32::try_from(number >> 32).unwrap()) / f64::from(u32::MAX)
}

pub fn library() -> Arc<Library> {
    static LIBRARY: LazyLock<Arc<Library>> =
        LazyLock::new(|| Arc::new(Library::load(&[], &Catalogue::embedded().known()).unwrap()));
    Arc::clone(&LIBRARY)
}

pub fn catalogue() -> Arc<Catalogue> {
    Arc::new(Catalogue::embedded().clone())
}

pub fn world(name: &str) -> World {
    recorded::world(name).unwrap()
}

pub fn beginning(world: &World) -> Beginning {
    Beginning {
        flow: world.flow.clone(),
        inputs: world.inputs.clone(),
        sql_login: world.sql_login(),
        allowed: registry::declarations()
            .map(|declared| declared.key.to_owned())
            .collect(),
        ..Beginning::default()
    }
}

/// Hears nothing.
pub struct Silent;

impl Progress for Silent {
    fn step(&mut self, _: &Visit) {}
}

/// A whole walk; the journal's file.
pub async fn walked(world: &World, directory: &Path) -> PathBuf {
    let journal = Journal::create(directory, &world.flow, &world.target).unwrap();
    let path = journal.path().to_owned();
    let mut walk = Walk::begin(
        library(),
        catalogue(),
        Answers::new(Arc::new(Asked::of(world))),
        Some(journal),
        beginning(world),
    )
    .unwrap();
    headless::walk(&mut walk, &mut Silent).await;
    path
}

/// Goes on with a journal to its end: what was asked, how many steps stood, and
/// what the session says now.
pub async fn resumed(
    world: &World,
    path: &Path,
    oldest: Option<jiff::Timestamp>,
) -> (BTreeSet<String>, usize, SessionDocument) {
    let (journal, reading) = Journal::resume(path).unwrap();
    let runner = Asked::of(world);
    let keys = Arc::clone(&runner.keys);
    let (mut walk, kept) = Walk::resume(
        &library(),
        &catalogue(),
        Answers::new(Arc::new(runner)),
        journal,
        &beginning(world),
        Past::of(&reading),
        oldest,
    )
    .unwrap();
    headless::walk(&mut walk, &mut Silent).await;
    drop(walk);
    let document = sspi_doctor::transcript::document::read(path).unwrap();
    let keys = keys.lock().unwrap().clone();
    (keys, kept, document)
}

/// What must be the same however often a walk was cut off.
pub fn essence(document: &SessionDocument) -> serde_json::Value {
    let mut value = serde_json::to_value(document).unwrap();
    let fields = value.as_object_mut().unwrap();
    for name in ["session", "started", "ended", "resumed"] {
        fields.remove(name);
    }
    for finding in fields["findings"].as_array_mut().unwrap() {
        finding.as_object_mut().unwrap().remove("scripts");
    }
    value
}

/// A directory in memory where there is one: what is forced to a disk takes its
/// time, and what a killed process has written is there in either.
pub fn directory() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").unwrap_or_else(|_| tempfile::tempdir().unwrap())
}
