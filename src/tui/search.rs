//! Finding words in a text that was opened.

use super::field::Field;

/// What is looked for.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// The words while they are typed.
    pub typing: Option<Field>,
    /// The words; empty when nothing is looked for.
    pub words: String,
    /// The line that was found last.
    pub at: Option<usize>,
}

/// In which direction to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Towards the end, then from the start.
    On,
    /// Towards the start, then from the end.
    Back,
}

impl Search {
    /// The next of the lines that match; `from` is where the reader is.
    pub fn next(&self, lines: &[usize], direction: Direction, from: usize) -> Option<usize> {
        let (first, last) = (lines.first()?, lines.last()?);
        let found = match (direction, self.at) {
            (Direction::On, Some(at)) => lines.iter().find(|line| **line > at).or(Some(first)),
            (Direction::On, None) => lines.iter().find(|line| **line >= from).or(Some(first)),
            (Direction::Back, at) => {
                let at = at.unwrap_or(from);
                lines.iter().rev().find(|line| **line < at).or(Some(last))
            }
        };
        found.copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_round_at_both_ends() {
        let mut search = Search::default();
        let lines = [2, 8, 20];
        assert_eq!(search.next(&lines, Direction::On, 5), Some(8));
        assert_eq!(search.next(&lines, Direction::On, 50), Some(2));
        assert_eq!(search.next(&lines, Direction::Back, 5), Some(2));
        search.at = Some(20);
        assert_eq!(search.next(&lines, Direction::On, 0), Some(2));
        search.at = Some(2);
        assert_eq!(search.next(&lines, Direction::Back, 0), Some(20));
        assert_eq!(search.next(&[], Direction::On, 0), None);
    }
}
