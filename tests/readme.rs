//! The screen in the README comes from the program: the step that finds the
//! cause of a recorded case. `UPDATE_README=1 cargo test --test readme` writes it.

#![expect(clippy::unwrap_used, reason = "a test ends by panicking")]

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Cell;
use ratatui::crossterm::event::{Event, KeyCode, KeyEvent};
use sspi_doctor::cause::Catalogue;
use sspi_doctor::engine::Beginning;
use sspi_doctor::flow::check::{CauseParameters, KnownCauses};
use sspi_doctor::flow::library::Library;
use sspi_doctor::probe::recorded::{Recorded, world};
use sspi_doctor::probe::registry;
use sspi_doctor::tui::glyphs::Glyphs;
use sspi_doctor::tui::look::{Environment, Look};
use sspi_doctor::tui::model::{Model, Screen};
use sspi_doctor::tui::run::{Loop, Pulse};
use sspi_doctor::tui::terminal::Surface;
use sspi_doctor::tui::theme::Theme;
use sspi_doctor::tui::{Start, TuiStart, prepare, view};
use tokio::sync::{mpsc, watch};

const BEGIN: &str = "<!-- screen -->\n";
const END: &str = "<!-- /screen -->";

/// Keeps what would be drawn.
struct Kept(Arc<Mutex<Option<Model>>>);

impl Surface for Kept {
    fn draw(&mut self, model: &Model) -> io::Result<()> {
        *self.0.lock().unwrap() = Some(model.clone());
        Ok(())
    }

    fn forget(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn retake(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn copy(&mut self, _text: &str) -> io::Result<bool> {
        Ok(false)
    }

    fn suspend(&mut self) -> io::Result<bool> {
        Ok(false)
    }
}

/// The screen on which the walk stops by itself.
async fn screen() -> String {
    let world = world("spn-on-wrong-account").unwrap();
    let causes = Catalogue::embedded().causes().map(|cause| {
        let parameters = cause.parameters.iter();
        let required = parameters
            .map(|(name, one)| (name.clone(), one.required))
            .collect();
        (cause.id.clone(), CauseParameters { required })
    });
    let library = Library::shipped(&KnownCauses(causes.collect())).unwrap();
    let beginning = Beginning {
        flow: world.flow.clone(),
        inputs: world.inputs.clone(),
        sql_login: world.sql_login(),
        allowed: registry::declarations()
            .map(|declared| declared.key.to_owned())
            .collect(),
        ..Beginning::default()
    };
    let folder = tempfile::tempdir().unwrap();
    let start = TuiStart {
        library: Arc::new(library),
        catalogue: Arc::new(Catalogue::embedded().clone()),
        runner: Arc::new(Recorded::of(&world)),
        world: None,
        start: Start::Walk,
        beginning: beginning.clone(),
        journals: folder.path().to_owned(),
        save_to: folder.path().to_owned(),
    };
    let look = Look {
        theme: Theme::Mono,
        glyphs: Glyphs::Unicode,
    };
    let environment = Environment {
        look,
        full_screen: true,
    };
    let (model, workshop, _) = prepare(start, &environment, (80, 24)).unwrap();
    let kept = Arc::new(Mutex::new(None));
    let (sender, mut pulse) = watch::channel(Pulse::default());
    let (_faults, mut faults) = mpsc::unbounded_channel();
    let mut surface = Kept(Arc::clone(&kept));
    let mut wizard = Loop::new(model, &mut surface, workshop, Some(sender));
    wizard.begin(beginning).unwrap();
    let key = Event::Key(KeyEvent::from(KeyCode::Char('g')));
    let (press, pressed) = tokio::sync::oneshot::channel::<()>();
    let keys = stream::once(async move {
        let _ = pressed.await;
        Ok(key)
    });
    let keys = keys.chain(stream::pending());
    let found = async {
        // The first step is there to be read; then on to the cause.
        let _ = pulse
            .wait_for(|pulse| pulse.frames > 0 && !pulse.running)
            .await;
        let _ = press.send(());
        let _ = pulse
            .wait_for(|pulse| pulse.inputs == 1 && !pulse.running)
            .await;
    };
    tokio::select! {
        _ = wizard.run(Box::pin(keys), None, &mut faults) => {}
        () = found => {}
    }
    let mut model = kept.lock().unwrap().clone().unwrap();
    model.clock = Duration::from_secs(42);
    if let Screen::Walk(walking) = &mut model.screen {
        walking.began = Duration::ZERO;
    }
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    terminal.draw(|frame| view::view(&model, frame)).unwrap();
    let cells = terminal.backend().buffer().content();
    let lines = cells.chunks(80).map(|line| {
        line.iter()
            .map(Cell::symbol)
            .collect::<String>()
            .trim_end()
            .to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn the_screen_in_the_readme_is_the_one_that_the_program_shows() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let (before, rest) = readme.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let wanted = format!(
        "{before}{BEGIN}```text\n{}\n```\n{END}{after}",
        screen().await
    );
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(path, &wanted).unwrap();
    } else {
        assert!(
            readme == wanted,
            "stale: run `UPDATE_README=1 cargo test --test readme`"
        );
    }
}
