//! Runs the wizard's own loop on a terminal in memory and waits for it to come
//! to rest, never for time.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::stream::unfold;
use ratatui::crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use ratatui::style::Style;
use sspi_doctor::cause::Catalogue;
use sspi_doctor::driver::Progress;
use sspi_doctor::engine::Beginning;
use sspi_doctor::flow::library::Library;
use sspi_doctor::probe::recorded::{Recorded, world};
use sspi_doctor::probe::{Runner, registry};
use sspi_doctor::tui::glyphs::Glyphs;
use sspi_doctor::tui::look::{Environment, Look};
use sspi_doctor::tui::model::{Model, Screen};
use sspi_doctor::tui::run::{Loop, Pulse};
use sspi_doctor::tui::theme::Theme;
use sspi_doctor::tui::{Start, TuiEnd, TuiFault, TuiStart, prepare};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::desk::{Desk, Shown};
use super::drawing::{self, draw, text_of};
use super::played::{Played, library};

/// A wizard under test.
pub struct Wizard {
    shown: Arc<Mutex<Shown>>,
    inputs: mpsc::UnboundedSender<std::io::Result<Event>>,
    sent: u64,
    pulse: watch::Receiver<Pulse>,
    task: JoinHandle<Result<TuiEnd, TuiFault>>,
    pub folder: tempfile::TempDir,
}

impl Wizard {
    /// Starts on the flow list at 80x24.
    pub async fn start(played: Played) -> Self {
        Self::start_at(Start::Flows, Beginning::default(), played).await
    }

    /// Starts anywhere.
    pub async fn start_at(start: Start, beginning: Beginning, played: Played) -> Self {
        Self::start_over(start, beginning, library(), Arc::new(played)).await
    }

    /// Starts a walk through the shipped flows over a recorded world.
    pub async fn in_world(name: &str) -> Self {
        Self::in_world_at(Start::Walk, name).await
    }

    /// The same from anywhere, such as from the questions, answered as the world
    /// was recorded.
    pub async fn in_world_at(start: Start, name: &str) -> Self {
        let world = world(name).unwrap();
        let catalogue = Catalogue::embedded();
        let beginning = Beginning {
            flow: world.flow.clone(),
            inputs: world.inputs.clone(),
            sql_login: world.sql_login(),
            allowed: registry::declarations()
                .map(|declared| declared.key.to_owned())
                .collect(),
            ..Beginning::default()
        };
        let library = Arc::new(Library::shipped(&catalogue.known()).unwrap());
        let runner = Arc::new(Recorded::of(&world));
        Self::start_over(start, beginning, library, runner).await
    }

    /// Starts anywhere, with these flows and this runner.
    pub async fn start_over(
        start: Start,
        beginning: Beginning,
        library: Arc<Library>,
        runner: Arc<dyn Runner>,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let start = TuiStart {
            library,
            catalogue: Arc::new(Catalogue::embedded().clone()),
            runner,
            world: None,
            start,
            beginning: beginning.clone(),
            journals: folder.path().join("sessions"),
            save_to: folder.path().to_owned(),
        };
        let look = Look {
            theme: Theme::Ansi,
            glyphs: Glyphs::Unicode,
        };
        let environment = Environment {
            look,
            full_screen: true,
        };
        let (model, workshop, walk_now) = prepare(start, &environment, (80, 24)).unwrap();
        let shown = Arc::new(Mutex::new(Shown::default()));
        let (inputs, receiver) = mpsc::unbounded_channel();
        let (sender, pulse) = watch::channel(Pulse::default());
        let desk = Arc::clone(&shown);
        let task = tokio::spawn(async move {
            let mut desk = Desk(desk);
            let mut wizard = Loop::new(model, &mut desk, workshop, Some(sender));
            if walk_now {
                wizard.begin(beginning).map_err(TuiFault::CannotBegin)?;
            }
            let inputs = Box::pin(unfold(receiver, |mut receiver| async move {
                receiver.recv().await.map(|input| (input, receiver))
            }));
            let (_sender, mut faults) = mpsc::unbounded_channel();
            Ok(wizard.run(inputs, None, &mut faults).await)
        });
        let mut wizard = Self {
            shown,
            inputs,
            sent: 0,
            pulse,
            task,
            folder,
        };
        wizard.settle().await;
        wizard
    }

    /// Presses keys, each a name (`Enter`, `Ctrl-C`) or a single character, and
    /// waits until their effects are on the screen and no probe runs.
    pub async fn press(&mut self, keys: &str) -> &mut Self {
        for key in keys.split(' ') {
            self.send(Event::Key(self::key(key)));
            self.settle().await;
        }
        self
    }

    /// As [`Wizard::press`], but a probe may go on running.
    pub async fn press_while_running(&mut self, key: &str) -> &mut Self {
        self.send(Event::Key(self::key(key)));
        self.taken().await;
        self
    }

    /// Types a text.
    pub async fn text(&mut self, text: &str) -> &mut Self {
        for character in text.chars() {
            self.send(Event::Key(KeyEvent::from(KeyCode::Char(character))));
        }
        self.settle().await;
        self
    }

    /// Pastes a text.
    pub async fn paste(&mut self, text: &str) -> &mut Self {
        self.send(Event::Paste(text.to_owned()));
        self.settle().await;
        self
    }

    /// Gives the terminal another size.
    pub async fn resize(&mut self, columns: u16, lines: u16) -> &mut Self {
        self.send(Event::Resize(columns, lines));
        self.taken().await;
        self
    }

    fn send(&mut self, event: Event) {
        self.sent += 1;
        self.inputs.send(Ok(event)).unwrap();
    }

    async fn settle(&mut self) {
        let sent = self.sent;
        self.wait(move |pulse| pulse.frames > 0 && pulse.inputs >= sent && !pulse.running)
            .await;
    }

    async fn taken(&mut self) {
        let sent = self.sent;
        self.wait(move |pulse| pulse.frames > 0 && pulse.inputs >= sent)
            .await;
    }

    /// Waits until a text is on the screen.
    pub async fn until(&mut self, text: &str) {
        let shown = Arc::clone(&self.shown);
        self.wait(move |_| {
            let model = shown.lock().unwrap().model.clone();
            model.is_some_and(|model| text_of(&draw(&model, 80, 24)).contains(text))
        })
        .await;
    }

    async fn wait(&mut self, until: impl FnMut(&Pulse) -> bool) {
        let waited = tokio::time::timeout(Duration::from_secs(20), self.pulse.wait_for(until));
        // The loop is gone when the last key ended it.
        let _ = waited.await.unwrap();
    }

    /// How the wizard ended.
    pub async fn ended(self) -> TuiEnd {
        tokio::time::timeout(Duration::from_secs(20), self.task)
            .await
            .unwrap()
            .unwrap()
            .unwrap()
    }

    /// What was copied last.
    pub fn copied(&self) -> String {
        self.shown
            .lock()
            .unwrap()
            .copied
            .last()
            .cloned()
            .unwrap_or_default()
    }

    /// How often something was drawn.
    pub fn frames(&self) -> usize {
        self.shown.lock().unwrap().frames
    }

    /// The model that was drawn last, at a fixed time and place.
    pub fn model(&self) -> Model {
        let mut model = self.shown.lock().unwrap().model.clone().unwrap();
        model.clock = Duration::from_secs(42);
        model.save_to = "/home/alice".into();
        if let Screen::Walk(walking) = &mut model.screen {
            walking.began = Duration::ZERO;
            walking.asked = Duration::from_secs(39);
            // Real time would make every picture another one.
            for asked in &mut walking.state.asked {
                if let Progress::Running(time) = &mut asked.progress {
                    *time = Duration::from_secs(3);
                }
                for attempt in &mut asked.attempts {
                    attempt.time = Duration::from_millis(3007);
                }
            }
            walking.ended = walking.ended.map(|_| Duration::from_secs(41));
            walking.state.journal =
                Some("/home/alice/.local/state/sspi-doctor/sessions/s.jsonl".into());
        }
        model
    }

    /// What is on the screen at 80x24.
    pub fn screen(&self) -> String {
        text_of(&draw(&self.model(), 80, 24))
    }

    /// The style of the first cell of a text on the screen.
    pub fn style_of(&self, text: &str, theme: Theme) -> Style {
        let mut model = self.model();
        model.look.theme = theme;
        let buffer = draw(&model, 80, 24);
        let lines = text_of(&buffer);
        for (line, words) in lines.lines().enumerate() {
            if let Some(byte) = words.find(text) {
                let column = words[..byte].chars().count();
                let (column, line) = (u16::try_from(column).unwrap(), u16::try_from(line).unwrap());
                return buffer[(column, line)].style();
            }
        }
        panic!("`{text}` is not on the screen:\n{lines}");
    }

    /// The screen in every size and look, for a snapshot.
    pub fn in_every_size(&self) -> String {
        drawing::in_every_size(&self.model())
    }
}

fn key(name: &str) -> KeyEvent {
    if let Some(letter) = name.strip_prefix("Ctrl-") {
        let letter = letter.to_lowercase().chars().next().unwrap();
        return KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL);
    }
    KeyEvent::from(match name {
        "Enter" => KeyCode::Enter,
        "Esc" => KeyCode::Esc,
        "Tab" => KeyCode::Tab,
        "Up" => KeyCode::Up,
        "Down" => KeyCode::Down,
        "PageUp" => KeyCode::PageUp,
        "PageDown" => KeyCode::PageDown,
        "End" => KeyCode::End,
        "Backspace" => KeyCode::Backspace,
        letter => KeyCode::Char(letter.chars().next().unwrap()),
    })
}
