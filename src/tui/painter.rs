//! What is sent to the terminal for a picture, said as shortly as all terminals
//! understand it: the wizard runs over slow lines.
//!
//! A line's blank end is erased and not written, a few cells that stay as they
//! are stand instead of a movement of the cursor, styles are what changes of
//! them, and what the terminal does already is not asked for again.

mod pen;

use std::fmt::Display;
use std::io::{self, Write};

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::Cell;
use ratatui::crossterm::terminal;
use ratatui::layout::{Position, Size};
use unicode_width::UnicodeWidthStr as _;

use pen::{Pen, codes};

/// A picture longer than this comes in several pieces over a line, so that the
/// terminal is told to show it at once.
const LONG: usize = 512;
/// To pass over so few cells takes as many bytes as to write them.
const GAP: u16 = 4;
/// So many blanks are shorter erased than written: at the end of a line, and
/// within it.
const BLANK_END: usize = 3;
const BLANK_WITHIN: usize = 10;

/// A terminal behind a line.
pub struct Painter<W: Write> {
    line: W,
    /// What is to be sent.
    frame: Vec<u8>,
    /// What the terminal shows, by line; a cell that is not there is blank.
    shown: Vec<Vec<Cell>>,
    /// Where the cursor is, when that is certain.
    cursor: Option<Position>,
    visible: Option<bool>,
    pen: Pen,
}

impl<W: Write> Painter<W> {
    /// Paints over this line, on a terminal that shows nothing yet.
    pub fn new(line: W) -> Self {
        Self {
            line,
            frame: Vec::new(),
            shown: Vec::new(),
            cursor: None,
            visible: None,
            pen: Pen::default(),
        }
    }

    /// Sends something that shows nothing and moves nothing.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.line.write_all(bytes)?;
        self.line.flush()
    }

    fn say(&mut self, words: impl Display) {
        // To write into memory cannot fail.
        let _ = write!(self.frame, "\x1b[{words}");
    }

    fn keep(&mut self, x: u16, y: u16, cell: &Cell) {
        let (x, y) = (usize::from(x), usize::from(y));
        if self.shown.len() <= y {
            self.shown.resize(y + 1, Vec::new());
        }
        let row = &mut self.shown[y];
        if row.len() < x + 2 {
            row.resize(x + 2, Cell::default());
        }
        row[x] = cell.clone();
        // Nobody tells of the right half of a wide character.
        if !is_narrow(cell) {
            row[x + 1] = Cell::default();
        }
    }

    /// Brings the changed cells of a line there.
    fn row(&mut self, y: u16, changed: &[u16]) {
        let cells = std::mem::take(&mut self.shown[usize::from(y)]);
        let mut end = cells
            .iter()
            .rposition(|cell| !is_blank(cell))
            .map_or(0, |last| last + 1);
        // The right half of a wide character only looks blank.
        if end > 0 && !is_narrow(&cells[end - 1]) {
            end += 1;
        }
        let mut at = 0;
        while let Some(&x) = changed.get(at) {
            let blanks = changed[at..]
                .iter()
                .zip(x..)
                .take_while(|(column, next)| {
                    **column == *next && is_blank(&cells[usize::from(*next)])
                })
                .count();
            if usize::from(x) >= end && changed.len() - at >= BLANK_END {
                self.go(x, y, &cells, Pen::default());
                self.take_up(Pen::default());
                self.say('K');
                break;
            }
            let next = if blanks >= BLANK_WITHIN {
                Pen::default()
            } else {
                Pen::of(&cells[usize::from(x)])
            };
            self.go(x, y, &cells, next);
            if blanks >= BLANK_WITHIN {
                self.take_up(Pen::default());
                self.say(format_args!("{blanks}X"));
                at += blanks;
                continue;
            }
            self.put(&cells[usize::from(x)]);
            at += 1;
        }
        self.shown[usize::from(y)] = cells;
    }

    fn put(&mut self, cell: &Cell) {
        self.take_up(Pen::of(cell));
        self.frame.extend_from_slice(cell.symbol().as_bytes());
        self.cursor = self
            .cursor
            .filter(|_| is_narrow(cell))
            .map(|at| Position::new(at.x + 1, at.y));
    }

    /// Goes to a cell; what is written there will have the style `next`.
    fn go(&mut self, x: u16, y: u16, cells: &[Cell], next: Pen) {
        let wanted = Position::new(x, y);
        let place = match x {
            0 => format!("{}H", y + 1),
            _ => format!("{};{}H", y + 1, x + 1),
        };
        match self.cursor {
            Some(at) if at == wanted => return,
            Some(at) if at.y == y && at.x < x => self.pass(x - at.x, at, cells, next),
            Some(at) => {
                if !self.feed(at, wanted, &cells[..usize::from(x)], next, place.len() + 2) {
                    self.say(place);
                }
            }
            None => self.say(place),
        }
        self.cursor = Some(wanted);
    }

    /// Goes to the right, over cells that stay as they are.
    fn pass(&mut self, columns: u16, at: Position, cells: &[Cell], next: Pen) {
        let from = usize::from(at.x);
        let gap = &cells[from..from + usize::from(columns)];
        let plain = |pen: Pen| {
            gap.iter()
                .all(|cell| cell.symbol().len() == 1 && Pen::of(cell) == pen)
        };
        let whole = at.x == 0 || is_narrow(&cells[from - 1]);
        if whole && columns <= GAP && (plain(self.pen) || plain(next)) {
            for cell in gap {
                self.put(cell);
            }
        } else {
            self.say(format_args!("{columns}C"));
        }
    }

    /// Goes to the beginning of one of the next lines, and over the cells before
    /// the wanted one if they are blank, where that takes fewer than so many
    /// bytes.
    fn feed(
        &mut self,
        at: Position,
        wanted: Position,
        before: &[Cell],
        next: Pen,
        bytes: usize,
    ) -> bool {
        let lines = usize::from(wanted.y.saturating_sub(at.y));
        let plain = [self.pen, next].contains(&Pen::default());
        let passable = before.is_empty() || (plain && before.iter().all(is_blank));
        let fits = lines > 0 && 1 + lines + before.len() < bytes;
        if fits && passable {
            if !before.is_empty() {
                self.take_up(Pen::default());
            }
            self.frame.push(b'\r');
            self.frame.extend(std::iter::repeat_n(b'\n', lines));
            self.frame.extend(std::iter::repeat_n(b' ', before.len()));
        }
        fits && passable
    }

    fn take_up(&mut self, wanted: Pen) {
        if wanted == self.pen {
            return;
        }
        let codes = codes(self.pen, wanted);
        self.pen = wanted;
        self.say(format_args!("{codes}m"));
    }
}

fn is_blank(cell: &Cell) -> bool {
    cell.symbol() == " " && Pen::of(cell) == Pen::default()
}

fn is_narrow(cell: &Cell) -> bool {
    cell.symbol().width() == 1
}

impl<W: Write> Backend for Painter<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut changed: Vec<(u16, Vec<u16>)> = Vec::new();
        for (x, y, cell) in content {
            self.keep(x, y, cell);
            match changed.last_mut() {
                Some((row, columns)) if *row == y => columns.push(x),
                _ => changed.push((y, vec![x])),
            }
        }
        for (y, columns) in changed {
            self.row(y, &columns);
        }
        self.take_up(Pen::default());
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        if self.visible.replace(false) != Some(false) {
            self.say("?25l");
        }
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        if self.visible.replace(true) != Some(true) {
            self.say("?25h");
        }
        Ok(())
    }

    /// Nothing is ever asked of the terminal.
    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let wanted = position.into();
        if self.cursor != Some(wanted) {
            self.say(format_args!("{};{}H", wanted.y + 1, wanted.x + 1));
            self.cursor = Some(wanted);
        }
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.shown.clear();
        (self.cursor, self.visible) = (None, None);
        self.say("m\x1b[2J");
        Ok(())
    }

    /// The wizard has the whole screen, and clears all of it.
    fn clear_region(&mut self, _: ClearType) -> io::Result<()> {
        self.clear()
    }

    fn size(&self) -> io::Result<Size> {
        terminal::size().map(Size::from)
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize {
            columns_rows: self.size()?,
            pixels: Size::ZERO,
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.frame.len() > LONG {
            self.frame.splice(0..0, *b"\x1b[?2026h");
            self.say("?2026l");
        }
        let frame = std::mem::take(&mut self.frame);
        self.line.write_all(&frame)?;
        self.line.flush()
    }
}

#[cfg(test)]
mod tests;
