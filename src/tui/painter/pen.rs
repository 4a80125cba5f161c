//! What letters look like, as a terminal is told.

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

/// Select graphic rendition (ECMA-48 8.3.117).
const MODIFIERS: [(Modifier, u8); 9] = [
    (Modifier::BOLD, 1),
    (Modifier::DIM, 2),
    (Modifier::ITALIC, 3),
    (Modifier::UNDERLINED, 4),
    (Modifier::SLOW_BLINK, 5),
    (Modifier::RAPID_BLINK, 6),
    (Modifier::REVERSED, 7),
    (Modifier::HIDDEN, 8),
    (Modifier::CROSSED_OUT, 9),
];

/// The same ended.
const OFF: [(Modifier, u8); 7] = [
    (Modifier::BOLD.union(Modifier::DIM), 22),
    (Modifier::ITALIC, 23),
    (Modifier::UNDERLINED, 24),
    (Modifier::SLOW_BLINK.union(Modifier::RAPID_BLINK), 25),
    (Modifier::REVERSED, 27),
    (Modifier::HIDDEN, 28),
    (Modifier::CROSSED_OUT, 29),
];

/// How letters look.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Pen {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

impl Pen {
    pub(super) fn of(cell: &Cell) -> Self {
        Self {
            fg: cell.fg,
            bg: cell.bg,
            modifier: cell.modifier,
        }
    }
}

/// The codes that lead from one style to another, in the fewest bytes.
pub(super) fn codes(now: Pen, wanted: Pen) -> String {
    if wanted == Pen::default() {
        return String::new();
    }
    let anew = format!("0;{}", change(Pen::default(), wanted));
    let changed = change(now, wanted);
    if changed.len() <= anew.len() {
        changed
    } else {
        anew
    }
}

fn change(now: Pen, wanted: Pen) -> String {
    let mut codes = Vec::new();
    let mut left = now.modifier;
    for (modifier, code) in OFF {
        // One code ends two of them.
        if left.intersects(modifier.difference(wanted.modifier)) {
            left.remove(modifier);
            codes.push(code.to_string());
        }
    }
    let more = wanted.modifier.difference(left);
    let modifiers = MODIFIERS
        .iter()
        .filter(|(modifier, _)| more.contains(*modifier));
    codes.extend(modifiers.map(|(_, code)| code.to_string()));
    if wanted.fg != now.fg {
        codes.push(colour(wanted.fg, 30));
    }
    if wanted.bg != now.bg {
        codes.push(colour(wanted.bg, 40));
    }
    codes.join(";")
}

/// The code of a colour; the first of the eight is `first`.
fn colour(colour: Color, first: u8) -> String {
    let basic = match colour {
        Color::Reset => return (first + 9).to_string(),
        Color::Indexed(number) => return format!("{};5;{number}", first + 8),
        Color::Rgb(red, green, blue) => return format!("{};2;{red};{green};{blue}", first + 8),
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 60,
        Color::LightRed => 61,
        Color::LightGreen => 62,
        Color::LightYellow => 63,
        Color::LightBlue => 64,
        Color::LightMagenta => 65,
        Color::LightCyan => 66,
        Color::White => 67,
    };
    (first + basic).to_string()
}
