//! The same pictures as the library draws.

use std::cell::RefCell;
use std::rc::Rc;

use proptest::prelude::*;
use ratatui::backend::CrosstermBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::widgets::Widget;
use ratatui::{Terminal, TerminalOptions, Viewport};

use super::*;

const AREA: Rect = Rect::new(0, 0, 30, 4);

/// A picture: texts with a style, anywhere.
#[derive(Clone, Debug)]
struct Picture(Vec<(u16, u16, &'static str, Style)>);

impl Widget for Picture {
    fn render(self, _: Rect, buffer: &mut Buffer) {
        for (x, y, text, style) in self.0 {
            buffer.set_stringn(x, y, text, usize::from(AREA.width - x), style);
        }
    }
}

fn picture() -> impl Strategy<Value = Picture> {
    let narrow = prop::sample::select(vec![
        "a",
        "two words",
        "│",
        "é…",
        "             ",
        "x            y",
        "│ ok  │",
    ]);
    // Half of a wide character that is written over leaves what each terminal
    // likes: they have a line of their own, always in the same cells.
    let wide = prop::sample::select(vec!["a 世界 b", "a 界世 c", "        ", "│ 世 │  "]);
    let anywhere = (0..AREA.width, 0..AREA.height - 1, narrow, style());
    let below = (Just(4), Just(AREA.height - 1), wide, style());
    (
        prop::collection::vec(anywhere, 0..12),
        prop::collection::vec(below, 0..2),
    )
        .prop_map(|(texts, wide)| Picture([texts, wide].concat()))
}

fn style() -> impl Strategy<Value = Style> {
    prop::sample::select(vec![
        Style::new(),
        Style::new().fg(Color::Red),
        Style::new().add_modifier(Modifier::BOLD | Modifier::UNDERLINED),
        Style::new()
            .add_modifier(Modifier::BOLD)
            .fg(Color::DarkGray),
        Style::new().add_modifier(Modifier::REVERSED),
        Style::new().bg(Color::Indexed(77)).fg(Color::Rgb(1, 2, 3)),
    ])
}

/// A line that keeps what is sent.
#[derive(Clone, Default)]
struct Line(Rc<RefCell<Vec<u8>>>);

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a terminal shows after these pictures, and how much was sent for it.
fn shown<B>(backend: B, pictures: &[Picture], line: &Line) -> (Vec<String>, usize)
where
    B: Backend<Error = io::Error>,
{
    let mut length = 0;
    let viewport = Viewport::Fixed(AREA);
    let mut terminal = Terminal::with_options(backend, TerminalOptions { viewport }).unwrap();
    let mut parser = vt100::Parser::new(AREA.height, AREA.width, 0);
    for picture in pictures {
        terminal
            .draw(|frame| frame.render_widget(picture.clone(), AREA))
            .unwrap();
        let sent = line.0.take();
        length += sent.len();
        parser.process(&sent);
    }
    let screen = parser.screen();
    let cells = (0..AREA.height)
        .flat_map(|y| (0..AREA.width).map(move |x| (x, y)))
        .map(|(x, y)| {
            let cell = screen.cell(y, x).unwrap();
            let text = match cell.contents() {
                "" if !cell.is_wide_continuation() => " ",
                text => text,
            };
            // The colour of a letter that is none cannot be seen.
            if text == " " && !cell.underline() && !cell.inverse() {
                return format!("{x} {y} {:?}", cell.bgcolor());
            }
            format!(
                "{x} {y} {text:?} {:?} {:?} {} {} {}",
                cell.fgcolor(),
                cell.bgcolor(),
                cell.bold(),
                cell.underline(),
                cell.inverse()
            )
        })
        .collect();
    (cells, length)
}

proptest! {
    /// The terminal shows what it would show by the library's own, longer words.
    #[test]
    fn a_picture_is_the_same_in_fewer_words(pictures in prop::collection::vec(picture(), 1..5)) {
        let line = Line::default();
        let (ours, length) = shown(Painter::new(line.clone()), &pictures, &line);
        let (theirs, longer) = shown(CrosstermBackend::new(line.clone()), &pictures, &line);
        prop_assert_eq!(ours, theirs);
        prop_assert!(length <= longer, "{} > {}", length, longer);
    }
}

#[test]
fn what_stays_as_it_is_is_not_sent() {
    let line = Line::default();
    let mut terminal = Terminal::with_options(
        Painter::new(line.clone()),
        TerminalOptions {
            viewport: Viewport::Fixed(AREA),
        },
    )
    .unwrap();
    let mut draw = |text: &'static str| {
        let picture = Picture(vec![(0, 1, text, Style::new())]);
        terminal
            .draw(|frame| frame.render_widget(picture, AREA))
            .unwrap();
        String::from_utf8(line.0.take()).unwrap()
    };
    assert_eq!(draw("one and two"), "\x1b[2Hone and two\x1b[?25l");
    assert_eq!(draw("one and two"), "");
    assert_eq!(draw("ONE and TWO"), "\x1b[2HONE\x1b[5CTWO");
    assert_eq!(draw("ONE AND TWO"), "\x1b[2;5HAND");
    assert_eq!(draw("ONE"), "\x1b[2;5H\x1b[K");
}

#[test]
fn the_next_line_is_not_far() {
    let line = Line::default();
    let mut painter = Painter::new(line.clone());
    let cell = |text: &'static str| Cell::new(text);
    let mut draw = |cells: &[(u16, u16, Cell)]| {
        painter
            .draw(cells.iter().map(|(x, y, cell)| (*x, *y, cell)))
            .unwrap();
        Backend::flush(&mut painter).unwrap();
        String::from_utf8(line.0.take()).unwrap()
    };
    let all = [(0, 0, cell("a")), (2, 1, cell("b")), (12, 2, cell("c"))];
    assert_eq!(draw(&all), "\x1b[1Ha\r\n  b\x1b[3;13Hc");
}

#[test]
fn a_style_is_taken_back_in_the_shorter_words() {
    let line = Line::default();
    let mut painter = Painter::new(line.clone());
    let coloured = Style::new().fg(Color::Rgb(1, 2, 3)).bg(Color::Indexed(77));
    let cells: Vec<Cell> = [
        coloured.reversed(),
        coloured,
        Style::new().bold().fg(Color::Cyan),
        Style::new().fg(Color::Cyan),
        Style::new(),
    ]
    .into_iter()
    .map(|style| {
        let mut cell = Cell::new("x");
        cell.set_style(style);
        cell
    })
    .collect();
    painter
        .draw((0_u16..).zip(&cells).map(|(x, cell)| (x, 0, cell)))
        .unwrap();
    Backend::flush(&mut painter).unwrap();
    assert_eq!(
        String::from_utf8(line.0.take()).unwrap(),
        "\x1b[1H\x1b[7;38;2;1;2;3;48;5;77mx\x1b[27mx\x1b[0;1;36mx\x1b[22mx\x1b[mx"
    );
}
