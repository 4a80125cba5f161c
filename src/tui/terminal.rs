//! The terminal: taken over on entering, given back whatever happens.
//!
//! Nothing is ever asked of the terminal (no cursor position, no colours):
//! answers get lost or come late over slow links. The mouse is left alone, so
//! that text can be marked and copied.

use std::fs::File;
use std::io::{self, IsTerminal as _};
use std::mem::ManuallyDrop;
use std::os::fd::AsFd as _;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use ratatui::Terminal;
use ratatui::crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use ratatui::crossterm::terminal::{
    Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, SetTitle,
    disable_raw_mode, enable_raw_mode,
};
use ratatui::crossterm::{cursor, execute};
use ratatui::layout::Rect;
use tokio::sync::mpsc::UnboundedSender;

use super::model::Model;
use super::painter::Painter;
use super::{clipboard, view};

/// Whether the terminal is taken over at the moment.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Where the wizard is drawn.
pub trait Surface {
    /// Draws the model.
    fn draw(&mut self, model: &Model) -> io::Result<()>;

    /// Draws everything anew at the next [`Surface::draw`].
    fn forget(&mut self) -> io::Result<()>;

    /// Takes the terminal again after others may have used it.
    fn retake(&mut self) -> io::Result<()>;

    /// Hands a text to the clipboard of the user's own machine; false when it
    /// is too long for that.
    fn copy(&mut self, text: &str) -> io::Result<bool>;

    /// Gives the terminal back, stops the process until it is continued, and
    /// takes the terminal again. False when nobody could continue it.
    fn suspend(&mut self) -> io::Result<bool>;
}

/// Draws a model.
pub fn draw<W: io::Write>(terminal: &mut Terminal<Painter<W>>, model: &Model) -> io::Result<()> {
    terminal.draw(|frame| view::view(model, frame)).map(drop)
}

/// Whether standard input and output are both a terminal.
pub fn is_there() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Columns and lines of the terminal; none without one.
pub fn measured() -> Option<(u16, u16)> {
    is_there().then(ratatui::crossterm::terminal::size)?.ok()
}

/// The real terminal.
pub struct Screen {
    /// Never dropped: its own way to show the cursor again prints on standard
    /// error when that fails, and panics when standard error is the terminal
    /// that is gone. [`give_back`] does it all.
    terminal: ManuallyDrop<Terminal<Painter<File>>>,
}

impl Screen {
    /// Takes the terminal over; dropping the screen gives it back. `faults`
    /// hears the words of a panic in another thread than this one.
    pub fn enter(faults: UnboundedSender<String>) -> io::Result<Self> {
        handle_panics(faults);
        take()?;
        match line().and_then(|line| Terminal::new(Painter::new(line))) {
            Ok(terminal) => Ok(Self {
                terminal: ManuallyDrop::new(terminal),
            }),
            Err(fault) => {
                give_back();
                Err(fault)
            }
        }
    }
}

impl Surface for Screen {
    fn draw(&mut self, model: &Model) -> io::Result<()> {
        draw(&mut self.terminal, model)
    }

    fn forget(&mut self) -> io::Result<()> {
        let size = self.terminal.size()?;
        // Not `clear`, which asks for the cursor's position.
        self.terminal
            .resize(Rect::new(0, 0, size.width, size.height))
    }

    fn retake(&mut self) -> io::Result<()> {
        // The library sets the modes only if it thinks that they are not set.
        disable_raw_mode()?;
        take()?;
        self.forget()
    }

    fn copy(&mut self, text: &str) -> io::Result<bool> {
        let Some(sequence) = clipboard::sequence(text) else {
            return Ok(false);
        };
        self.terminal.backend_mut().send(sequence.as_bytes())?;
        Ok(true)
    }

    fn suspend(&mut self) -> io::Result<bool> {
        if super::signals::nobody_continues_us() {
            return Ok(false);
        }
        give_back();
        super::signals::stop_group();
        take()?;
        self.forget()?;
        Ok(true)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// Standard output as it is: the library's own would send a picture in two
/// pieces, the first up to its last line feed.
fn line() -> io::Result<File> {
    io::stdout().as_fd().try_clone_to_owned().map(File::from)
}

fn take() -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    let taken = execute!(
        io::stdout(),
        EnterAlternateScreen,
        // A program that was killed may have left something there.
        Clear(ClearType::All),
        EnableBracketedPaste,
        SetTitle("sspi-doctor"),
        cursor::Hide
    );
    if taken.is_err() {
        give_back();
    }
    taken
}

/// Gives the terminal back; does nothing the second time. A terminal that is
/// gone cannot be restored, so faults are of no use here.
pub fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let _ = execute!(
            io::stdout(),
            EndSynchronizedUpdate,
            DisableBracketedPaste,
            LeaveAlternateScreen,
            cursor::Show
        );
        let _ = disable_raw_mode();
    }
}

/// A panic of the thread that draws gives the terminal back before its words
/// are printed. One in another thread (a probe) must not write across the
/// screen: its words are handed to the loop, and the walk goes on.
fn handle_panics(faults: UnboundedSender<String>) {
    static ONCE: Once = Once::new();
    let drawing = thread::current().id();
    ONCE.call_once(move || {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |information| {
            if TAKEN.load(Ordering::SeqCst) && thread::current().id() != drawing {
                let _ = faults.send(crate::log::panicked(information));
            } else {
                give_back();
                previous(information);
            }
        }));
    });
}
