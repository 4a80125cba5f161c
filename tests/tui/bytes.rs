//! How many bytes the wizard sends over the line, for those who sit behind a
//! slow one. The numbers stand in docs/terminal.md:
//! `UPDATE_TERMINAL=1 cargo test --test tui bytes` writes them.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};
use sspi_doctor::tui::model::Model;
use sspi_doctor::tui::painter::Painter;
use sspi_doctor::tui::terminal;

use super::harness::Wizard;
use super::played::Played;
use super::screens::walk;

const BEGIN: &str = "<!-- bytes -->\n";
const END: &str = "<!-- /bytes -->";

/// Counts what is written.
struct Line(Arc<AtomicUsize>);

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.fetch_add(bytes.len(), Ordering::Relaxed);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The bytes of each picture, drawn one after the other on one terminal.
fn sent(models: &[Model]) -> Vec<usize> {
    let count = Arc::new(AtomicUsize::new(0));
    let (columns, lines) = (80, 24);
    let mut terminal = Terminal::with_options(
        Painter::new(Line(Arc::clone(&count))),
        TerminalOptions {
            viewport: Viewport::Fixed(Rect::new(0, 0, columns, lines)),
        },
    )
    .unwrap();
    models
        .iter()
        .map(|model| {
            let before = count.load(Ordering::Relaxed);
            let mut model = model.clone();
            (model.columns, model.lines) = (columns, lines);
            terminal::draw(&mut terminal, &model).unwrap();
            count.load(Ordering::Relaxed) - before
        })
        .collect()
}

#[tokio::test]
async fn the_line_is_used_sparingly() {
    // A walk from its first step to its end.
    let mut wizard = Wizard::in_world("healthy").await;
    let mut steps = vec![wizard.model()];
    for _ in 0..12 {
        wizard.press("Enter").await;
        steps.push(wizard.model());
    }
    let steps = sent(&steps);

    // Reading: lines up and down.
    let mut lines = vec![wizard.model()];
    wizard.press("e").await;
    let opened = wizard.model();
    lines.push(opened);
    for _ in 0..6 {
        wizard.press("Down").await;
        lines.push(wizard.model());
    }
    let lines = sent(&lines);

    // Typing.
    let mut wizard = Wizard::start(Played::healthy()).await;
    wizard.press("Enter").await;
    let mut letters = vec![wizard.model()];
    for letter in "sql1.corp".chars() {
        wizard.text(&letter.to_string()).await;
        letters.push(wizard.model());
    }
    let letters = sent(&letters);

    // A probe that runs: four ticks a second.
    let mut wizard = walk(Played::healthy().silent("tcp-connect")).await;
    wizard
        .press("Enter")
        .await
        .press_while_running("Enter")
        .await;
    let running = wizard.model();
    let ticks: Vec<Model> = (0..41)
        .map(|tick| {
            let mut model = running.clone();
            model.clock += Duration::from_millis(250 * tick);
            model
        })
        .collect();
    let ticks = sent(&ticks);

    let rows = [
        ("The whole screen, drawn once", steps[0], 6_000),
        (
            "On to the next step (Enter), on average",
            mean(&steps[1..]),
            3_000,
        ),
        (
            "On to the next step, the largest",
            largest(&steps[1..]),
            4_500,
        ),
        (
            "One line down in long evidence, on average",
            mean(&lines[2..]),
            2_500,
        ),
        ("A letter typed, on average", mean(&letters[1..]), 120),
        (
            "A tick while a probe runs, on average",
            mean(&ticks[1..]),
            120,
        ),
        (
            "A second while a probe runs (4 ticks)",
            mean(&ticks[1..]) * 4,
            480,
        ),
        ("A minute in which nothing happens", 0, 0),
    ];
    let mut table = String::from("| what | bytes |\n|---|---|\n");
    for (what, bytes, most) in rows {
        assert!(bytes <= most, "{what}: {bytes} bytes are more than {most}");
        // A word more in a flow shall not make the table stale.
        let about = if bytes > 500 {
            format!("about {}", (bytes + 50) / 100 * 100)
        } else {
            bytes.to_string()
        };
        let _ = writeln!(table, "| {what} | {about} |");
    }
    compare(&table);
}

fn mean(bytes: &[usize]) -> usize {
    bytes.iter().sum::<usize>() / bytes.len()
}

fn largest(bytes: &[usize]) -> usize {
    bytes.iter().copied().max().unwrap_or_default()
}

fn compare(table: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/terminal.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let wanted = format!("{before}{BEGIN}{table}{END}{after}");
    if std::env::var_os("UPDATE_TERMINAL").is_some() {
        std::fs::write(&path, &wanted).unwrap();
    } else {
        assert!(
            text == wanted,
            "stale: run `UPDATE_TERMINAL=1 cargo test --test tui bytes`\n{table}"
        );
    }
}
