//! A screen as an SVG picture: the same bytes for the same screen, with a title
//! and its words as description for those who cannot see it.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use super::drawing::text_of;

/// The size of a cell in pixels.
const CELL: (f32, f32) = (8.4, 18.0);
const MARGIN: f32 = 12.0;
const INK: &str = "#24292f";
const PAPER: &str = "#f6f8fa";

/// The picture.
pub fn picture(buffer: &Buffer, title: &str) -> String {
    let (columns, lines) = (buffer.area.width, buffer.area.height);
    let width = f32::from(columns) * CELL.0 + 2.0 * MARGIN;
    let height = f32::from(lines) * CELL.1 + 2.0 * MARGIN;
    let mut svg = String::new();
    let _ = writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.1} {height:.1}\" \
         width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\" aria-labelledby=\"t d\">"
    );
    let _ = writeln!(svg, "<title id=\"t\">{}</title>", escaped(title));
    let _ = writeln!(svg, "<desc id=\"d\">{}</desc>", escaped(&text_of(buffer)));
    let _ = writeln!(
        svg,
        "<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{PAPER}\" stroke=\"#d0d7de\"/>"
    );
    svg.push_str(
        "<g font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace\" \
         font-size=\"14\" style=\"white-space:pre\" xml:space=\"preserve\">\n",
    );
    for line in 0..lines {
        let mut column = 0;
        while column < columns {
            let first = &buffer[(column, line)];
            let mut run = String::new();
            let mut end = column;
            while end < columns && same(first, &buffer[(end, line)]) {
                run.push_str(buffer[(end, line)].symbol());
                end += 1;
            }
            draw_run(&mut svg, first, &run, (column, end), line);
            column = end;
        }
    }
    let frame = frame(buffer);
    if !frame.is_empty() {
        let _ = writeln!(
            svg,
            "<path d=\"{frame}\" stroke=\"#8c959f\" fill=\"none\"/>"
        );
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

fn same(one: &Cell, other: &Cell) -> bool {
    one.style() == other.style() && is_frame(one.symbol()) == is_frame(other.symbol())
}

fn is_frame(symbol: &str) -> bool {
    matches!(symbol, "─" | "│" | "┴")
}

fn draw_run(svg: &mut String, cell: &Cell, run: &str, (start, end): (u16, u16), line: u16) {
    let style = cell.style();
    let has = |modifier| style.add_modifier.contains(modifier);
    let (x, y) = at(start, line);
    let width = f32::from(end - start) * CELL.0;
    let reversed = has(Modifier::REVERSED);
    let (ink, paper) = match (colour(style.fg), reversed) {
        (colour, false) => (colour, None),
        (colour, true) => (PAPER, Some(colour)),
    };
    if let Some(paper) = paper {
        let height = CELL.1;
        let _ = writeln!(
            svg,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height}\" fill=\"{paper}\"/>"
        );
    }
    if run.trim().is_empty() || is_frame(cell.symbol()) {
        return;
    }
    // Leading spaces are no text; the length keeps every cell in its column.
    let before = run.len() - run.trim_start().len();
    let shown = run.trim();
    #[expect(clippy::cast_precision_loss, reason = "a line has few cells")]
    let (x, length) = (
        x + before as f32 * CELL.0,
        shown.chars().count() as f32 * CELL.0,
    );
    let mut more = String::new();
    for (modifier, attribute) in [
        (Modifier::BOLD, " font-weight=\"bold\""),
        (Modifier::UNDERLINED, " text-decoration=\"underline\""),
        (Modifier::DIM, " opacity=\"0.75\""),
    ] {
        if has(modifier) {
            more.push_str(attribute);
        }
    }
    let baseline = y + 13.5;
    let _ = writeln!(
        svg,
        "<text x=\"{x:.1}\" y=\"{baseline:.1}\" textLength=\"{length:.1}\" fill=\"{ink}\"{more}>{}</text>",
        escaped(shown)
    );
}

/// Lines between areas, drawn so that they meet.
fn frame(buffer: &Buffer) -> String {
    let mut path = String::new();
    for line in 0..buffer.area.height {
        for column in 0..buffer.area.width {
            let (x, y) = at(column, line);
            let (middle, half) = (x + CELL.0 / 2.0, y + CELL.1 / 2.0);
            let symbol = buffer[(column, line)].symbol();
            if matches!(symbol, "─" | "┴") {
                let _ = write!(path, "M{x:.1} {half:.1}h{:.1}", CELL.0);
            }
            if symbol == "│" {
                let _ = write!(path, "M{middle:.1} {y:.1}v{:.1}", CELL.1);
            }
            if symbol == "┴" {
                let _ = write!(path, "M{middle:.1} {y:.1}v{:.1}", CELL.1 / 2.0);
            }
        }
    }
    path
}

fn at(column: u16, line: u16) -> (f32, f32) {
    (
        MARGIN + f32::from(column) * CELL.0,
        MARGIN + f32::from(line) * CELL.1,
    )
}

/// Colours that can be read on the light paper.
fn colour(colour: Option<Color>) -> &'static str {
    match colour {
        Some(Color::Green) => "#116329",
        Some(Color::Red) => "#b3261e",
        Some(Color::Magenta) => "#8250df",
        Some(Color::Cyan) => "#0b6572",
        Some(Color::Blue) => "#0550ae",
        _ => INK,
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
