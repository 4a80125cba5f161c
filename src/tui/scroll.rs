//! Where a reader is in a text that is longer than the screen.

/// A position in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scroll {
    /// The first line that is shown.
    offset: usize,
    /// Whether the reader chose it: then nothing else moves the text.
    chosen: bool,
}

/// How long a text is, and what of it must be seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// Its lines.
    pub total: usize,
    /// The lines of the window.
    pub height: usize,
    /// The first and the last line of what must be seen, unless the reader
    /// wants to see something else.
    pub focus: Option<(usize, usize)>,
}

/// A movement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Movement {
    /// One line up.
    Up,
    /// One line down.
    Down,
    /// One page up.
    PageUp,
    /// One page down.
    PageDown,
    /// To the first line.
    Home,
    /// To the last line.
    End,
}

impl Scroll {
    /// The first line that is shown.
    pub fn offset(self, extent: Extent) -> usize {
        let Extent {
            total,
            height,
            focus,
        } = extent;
        let mut offset = self.offset;
        if let Some((first, last)) = focus.filter(|_| !self.chosen) {
            if last >= offset + height {
                offset = (last + 1).saturating_sub(height);
            }
            offset = offset.min(first);
        }
        offset.min(total.saturating_sub(height))
    }

    /// Moves as the reader wants.
    pub fn go(&mut self, movement: Movement, extent: Extent) {
        let at = self.offset(extent);
        // One line stays in sight, so that the eye finds on.
        let page = extent.height.saturating_sub(1).max(1);
        self.offset = match movement {
            Movement::Up => at.saturating_sub(1),
            Movement::Down => at + 1,
            Movement::PageUp => at.saturating_sub(page),
            Movement::PageDown => at + page,
            Movement::Home => 0,
            Movement::End => extent.total,
        };
        self.chosen = true;
        self.offset = self.offset(extent);
    }

    /// Shows a line, with a little of what stands above it.
    pub fn show(&mut self, line: usize, extent: Extent) {
        let at = self.offset(extent);
        if line < at || line >= at + extent.height {
            self.offset = line.saturating_sub(2);
        }
        self.chosen = true;
        self.offset = self.offset(extent);
    }

    /// Lets the text follow what must be seen again.
    pub fn release(&mut self) {
        self.chosen = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extent(total: usize, height: usize) -> Extent {
        Extent {
            total,
            height,
            focus: None,
        }
    }

    #[test]
    fn stays_within_the_text() {
        let mut scroll = Scroll::default();
        scroll.go(Movement::End, extent(30, 10));
        assert_eq!(scroll.offset(extent(30, 10)), 20);
        scroll.go(Movement::PageUp, extent(30, 10));
        assert_eq!(scroll.offset(extent(30, 10)), 11);
        scroll.go(Movement::Down, extent(5, 10));
        assert_eq!(scroll.offset(extent(5, 10)), 0);
    }

    #[test]
    fn shows_what_must_be_seen_until_the_reader_moves() {
        let mut scroll = Scroll::default();
        let focused = Extent {
            focus: Some((12, 14)),
            ..extent(30, 10)
        };
        assert_eq!(scroll.offset(focused), 5);
        scroll.go(Movement::Up, focused);
        assert_eq!(scroll.offset(focused), 4);
        scroll.release();
        assert_eq!(scroll.offset(focused), 5);
    }
}
