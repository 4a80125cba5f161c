//! The wizard in a real pseudo-terminal: what it does to the terminal, and what
//! it does when the terminal or somebody else does something to it.

#![expect(clippy::unwrap_used, reason = "a test ends by panicking")]

#[path = "pty/cancel.rs"]
mod cancel;
#[path = "pty/line.rs"]
mod line;
#[path = "pty/terminal.rs"]
#[allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each test uses a part of it"
)]
mod terminal;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use terminal::{Terminal, UTF8};

/// Set for the process that panics on purpose.
const PANIC_TEST_CHILD: &str = "PTY_TEST_PANICS";

const LIST: &str = "What do you want to find out?";

#[test]
fn the_first_frame_comes_without_asking_the_terminal_anything() {
    let mut terminal = Terminal::start(&[], UTF8);
    terminal.wait_for(LIST);
    let bytes = terminal.bytes();
    // Cursor position, device attributes, colours, keyboard and mode queries.
    for query in [
        "\u{1b}[6n",
        "\u{1b}[c",
        "\u{1b}[>c",
        "\u{1b}]10;?",
        "\u{1b}]11;?",
        "\u{1b}[?u",
    ] {
        assert!(!bytes.contains(query), "{query:?} was sent");
    }
    for mouse in ["\u{1b}[?1000h", "\u{1b}[?1002h", "\u{1b}[?1003h"] {
        assert!(!bytes.contains(mouse), "the mouse was taken");
    }
    assert!(bytes.contains("\u{1b}[?2026h") && bytes.contains("\u{1b}[?2026l"));
    terminal.type_in("q");
    assert_eq!(terminal.ended(), 0);
    terminal.assert_restored();
    assert!(terminal.is_cooked());
}

#[test]
fn a_storm_of_sizes_ends_with_the_right_screen() {
    let mut terminal = Terminal::start(&[], UTF8);
    terminal.wait_for(LIST);
    for step in 0..60_u16 {
        terminal.resize(1 + step * 7 % 60, 1 + step * 31 % 200);
    }
    terminal.resize(5, 30);
    terminal.wait_for("40x10 needed, have 30x5");
    terminal.resize(24, 80);
    terminal.wait_for(LIST);
    terminal.type_in("q");
    assert_eq!(terminal.ended(), 0);
    terminal.assert_restored();
}

#[test]
fn signals_end_it_with_their_number_and_a_restored_terminal() {
    for (signal, number) in [
        (Signal::TERM, 15),
        (Signal::HUP, 1),
        (Signal::INT, 2),
        (Signal::QUIT, 3),
    ] {
        let mut terminal = Terminal::start(&[], UTF8);
        terminal.wait_for(LIST);
        terminal.kill(signal);
        assert_eq!(terminal.ended(), 128 + number);
        terminal.assert_restored();
        assert!(terminal.is_cooked());
    }
}

#[test]
fn a_terminal_that_is_gone_without_a_signal_ends_it_and_eats_nothing() {
    let home = tempfile::tempdir().unwrap();
    line::is_lost_without_a_signal(home.path(), "", LIST);
}

#[test]
fn no_color_means_no_colour_and_a_selection_that_shows() {
    let mut variables = UTF8.to_vec();
    variables.push(("NO_COLOR", "1"));
    let mut terminal = Terminal::start(&[], &variables);
    terminal.wait_for(LIST);
    {
        let seen = terminal.seen.lock().unwrap();
        let screen = seen.parser.screen();
        for row in 0..24 {
            for column in 0..80 {
                let cell = screen.cell(row, column).unwrap();
                assert_eq!(cell.fgcolor(), vt100::Color::Default, "{row} {column}");
                assert_eq!(cell.bgcolor(), vt100::Color::Default, "{row} {column}");
            }
        }
        let selected = screen
            .rows(0, 80)
            .position(|row| row.contains("> Cannot generate"))
            .expect("the first flow is chosen");
        let row = u16::try_from(selected).unwrap();
        assert!(
            screen.cell(row, 1).unwrap().inverse(),
            "the choice is not marked"
        );
    }
    terminal.type_in("q");
    terminal.ended();
}

#[test]
fn without_utf8_everything_is_ascii() {
    let mut terminal = Terminal::start(&[], &[("LC_ALL", "C"), ("TERM", "vt100")]);
    terminal.wait_for(LIST);
    assert!(terminal.bytes().is_ascii());
    terminal.type_in("q");
    assert_eq!(terminal.ended(), 0);
}

#[test]
fn stopping_from_outside_where_nobody_continues_us_keeps_the_wizard() {
    // The child leads its session, so nobody could continue it.
    let mut terminal = Terminal::start(&[], UTF8);
    terminal.wait_for(LIST);
    // A job that is stopped twice is stopped once, and a shell that gets no
    // answer would ask again.
    let mut asked = Instant::now();
    terminal.kill(Signal::TSTP);
    terminal.wait("There is no shell to go back to", |seen| {
        if asked.elapsed() > Duration::from_secs(2) {
            asked = Instant::now();
            terminal.kill(Signal::TSTP);
        }
        let screen = seen.parser.screen().contents();
        screen.contains("There is no shell to go back to")
    });
    terminal.type_in("q");
    assert_eq!(terminal.ended(), 0);
}

#[test]
fn ctrl_z_gives_the_shell_its_terminal_and_fg_comes_back() {
    let mut terminal = start_in_shell();
    terminal.wait_for("ready>");
    terminal.type_in(&format!("{}\n", env!("CARGO_BIN_EXE_sspi-doctor")));
    terminal.wait_for(LIST);
    terminal.type_in("\u{1a}");
    terminal.wait_for("Stopped");
    terminal.wait("shell", |seen| {
        let screen = seen.parser.screen();
        !screen.alternate_screen() && !screen.hide_cursor()
    });
    terminal.type_in("echo in-the-$((40 + 2))\n");
    terminal.wait_for("in-the-42");
    terminal.type_in("fg\n");
    terminal.wait_for(LIST);
    terminal.type_in("q");
    terminal.wait("shell", |seen| !seen.parser.screen().alternate_screen());
    terminal.type_in("exit 0\n");
    terminal.ended();
}

/// A shell with a prompt that can be waited for.
fn start_in_shell() -> Terminal {
    let variables = [
        ("PATH", "/usr/local/bin:/usr/bin:/bin"),
        ("PS1", "ready> "),
        ("LC_ALL", "C.UTF-8"),
        ("TERM", "xterm"),
    ];
    let arguments = ["--norc", "--noprofile", "-i"];
    Terminal::start_program(Path::new("/bin/bash"), &arguments, &variables)
}

#[test]
fn a_pipe_or_a_dumb_terminal_is_refused_with_a_way_out() {
    let output = Command::new(env!("CARGO_BIN_EXE_sspi-doctor"))
        .stdin(Stdio::null())
        .env("TERM", "xterm")
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{words}");
    assert!(words.contains("sspi-doctor run"), "{words}");
    assert!(output.stdout.is_empty());

    let mut terminal = Terminal::start(&[], &[("LC_ALL", "C.UTF-8"), ("TERM", "dumb")]);
    assert_eq!(terminal.ended(), 2);
    terminal.wait_for("sspi-doctor run");
}

/// Not a test by itself: the process that the next test starts in a terminal of
/// its own. It takes the terminal and panics.
#[test]
fn child_that_panics_with_the_terminal_taken() {
    if std::env::var_os(PANIC_TEST_CHILD).is_none() {
        return;
    }
    let (sender, _faults) = tokio::sync::mpsc::unbounded_channel();
    let _screen = sspi_doctor::tui::terminal::Screen::enter(sender).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    panic!("on purpose");
}

#[test]
fn a_panic_gives_the_terminal_back_before_its_words() {
    let this = std::env::current_exe().unwrap();
    let arguments = [
        "--nocapture",
        "--exact",
        "child_that_panics_with_the_terminal_taken",
    ];
    let variables = [UTF8, &[(PANIC_TEST_CHILD, "yes")]].concat();
    let mut terminal = Terminal::start_program(&this, &arguments, &variables);
    terminal.wait("taken terminal", |seen| {
        seen.parser.screen().alternate_screen()
    });
    terminal.ended();
    terminal.wait_for("on purpose");
    terminal.assert_restored();
    assert!(terminal.is_cooked());
}
