//! A model drawn in memory, in any size and look.

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use sspi_doctor::tui::glyphs::Glyphs;
use sspi_doctor::tui::look::Look;
use sspi_doctor::tui::model::Model;
use sspi_doctor::tui::msg::Msg;
use sspi_doctor::tui::theme::Theme;
use sspi_doctor::tui::update::update;
use sspi_doctor::tui::view;

/// Draws a model at a size.
pub fn draw(model: &Model, columns: u16, lines: u16) -> Buffer {
    let mut model = model.clone();
    update(&mut model, Msg::Resized(columns, lines));
    let mut terminal = Terminal::new(TestBackend::new(columns, lines)).unwrap();
    terminal.draw(|frame| view::view(&model, frame)).unwrap();
    terminal.backend().buffer().clone()
}

/// The words of a screen.
pub fn text_of(buffer: &Buffer) -> String {
    let width = usize::from(buffer.area.width).max(1);
    buffer
        .content()
        .chunks(width)
        .map(|line| {
            line.iter()
                .map(ratatui::buffer::Cell::symbol)
                .collect::<String>()
                .trim_end()
                .to_owned()
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// The screen in every size and look, for a snapshot.
pub fn in_every_size(model: &Model) -> String {
    let mut all = String::new();
    let unicode = Look {
        theme: Theme::Ansi,
        glyphs: Glyphs::Unicode,
    };
    let ascii = Look {
        theme: Theme::Mono,
        glyphs: Glyphs::Ascii,
    };
    for (columns, lines, look, name) in [
        (80, 24, unicode, "80x24"),
        (60, 20, unicode, "60x20"),
        (40, 10, unicode, "40x10"),
        (80, 24, ascii, "80x24 mono ASCII"),
        (200, 60, unicode, "200x60"),
        (30, 5, unicode, "30x5"),
    ] {
        let mut model = model.clone();
        model.look = look;
        let buffer = draw(&model, columns, lines);
        if look == ascii {
            for cell in buffer.content() {
                assert!(cell.symbol().is_ascii(), "{:?} is not ASCII", cell.symbol());
                let style = cell.style();
                assert_eq!(style.fg.unwrap_or_default(), ratatui::style::Color::Reset);
                assert_eq!(style.bg.unwrap_or_default(), ratatui::style::Color::Reset);
            }
        }
        all.extend(["=== ", name, "\n", &text_of(&buffer), "\n"]);
    }
    // Every theme shows the same words.
    let words = text_of(&draw(model, 80, 24));
    for name in Theme::NAMES {
        let mut model = model.clone();
        model.look.theme = Theme::named(name).unwrap();
        assert_eq!(text_of(&draw(&model, 80, 24)), words, "{name}");
    }
    // Sizes that nothing is promised for must not end the program.
    for (columns, lines) in [(0, 0), (1, 1), (40, 9), (39, 10), (200, 60), (500, 3)] {
        draw(model, columns, lines);
    }
    all
}
