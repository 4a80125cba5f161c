//! The list of targets: one a line, read as it comes, by a thread of its own
//! because the other end of a pipe may take its time.

use std::io::{BufRead as _, BufReader, Read};

use tokio::sync::mpsc;

/// The longest line that can name a target.
const LONGEST: usize = 2048;

/// A line of the list that is not empty and no comment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Its number, from 1.
    pub number: u64,
    /// What stands in it.
    pub text: String,
}

/// A line that names no target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLine {
    /// The line.
    pub line: Line,
    /// What is wrong with it.
    pub why: String,
}

/// Reads the list; at most `ahead` lines wait to be taken.
pub(super) fn read(
    list: Box<dyn Read + Send>,
    ahead: usize,
) -> Result<mpsc::Receiver<Result<Line, BadLine>>, std::io::Error> {
    let (sender, receiver) = mpsc::channel(ahead);
    std::thread::Builder::new()
        .name("targets".to_owned())
        .spawn(move || {
            for line in Lines::of(list) {
                let is_end = line.as_ref().is_err_and(|bad| bad.line.text.is_empty());
                if sender.blocking_send(line).is_err() || is_end {
                    return;
                }
            }
        })?;
    Ok(receiver)
}

/// The lines of a list that say something, one after the other. After a fault
/// of reading there may be more of the same.
#[derive(Debug)]
pub struct Lines<R> {
    list: BufReader<R>,
    number: u64,
}

impl<R: Read> Lines<R> {
    /// Reads from the first line.
    pub fn of(list: R) -> Self {
        Self {
            list: BufReader::new(list),
            number: 0,
        }
    }
}

impl<R: Read> Iterator for Lines<R> {
    type Item = Result<Line, BadLine>;

    fn next(&mut self) -> Option<Self::Item> {
        next(&mut self.list, &mut self.number)
    }
}

/// The next line that says something; nothing at the end of the list.
fn next(list: &mut BufReader<impl Read>, number: &mut u64) -> Option<Result<Line, BadLine>> {
    loop {
        *number += 1;
        let mut bytes = Vec::new();
        let limit = u64::try_from(LONGEST + 1).unwrap_or(u64::MAX);
        let read = list.by_ref().take(limit).read_until(b'\n', &mut bytes);
        let bad = |text: String, why: String| {
            let line = Line {
                number: *number,
                text,
            };
            Some(Err(BadLine { line, why }))
        };
        match read {
            Ok(0) => return None,
            Ok(_) => {}
            // Nothing more can be read: an empty line tells the reader so.
            Err(fault) => return bad(String::new(), format!("the list cannot be read: {fault}")),
        }
        if bytes.len() > LONGEST && bytes.last() != Some(&b'\n') {
            skip_line(list);
            let start = String::from_utf8_lossy(&bytes[..40]).into_owned();
            return bad(start, format!("the line is longer than {LONGEST} bytes"));
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        let Ok(text) = std::str::from_utf8(bytes) else {
            let text = String::from_utf8_lossy(bytes).trim().to_owned();
            return bad(text, "the line is not UTF-8 text".to_owned());
        };
        let text = text.trim();
        if !text.is_empty() && !text.starts_with('#') {
            return Some(Ok(Line {
                number: *number,
                text: text.to_owned(),
            }));
        }
    }
}

fn skip_line(list: &mut BufReader<impl Read>) {
    loop {
        let (used, done) = match list.fill_buf() {
            Ok([]) | Err(_) => return,
            Ok(buffer) => match buffer.iter().position(|byte| *byte == b'\n') {
                Some(end) => (end + 1, true),
                None => (buffer.len(), false),
            },
        };
        list.consume(used);
        if done {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &'static [u8]) -> Vec<Result<Line, BadLine>> {
        let mut receiver = read(Box::new(text), 4).unwrap();
        let mut lines = Vec::new();
        while let Some(line) = receiver.blocking_recv() {
            lines.push(line);
        }
        lines
    }

    #[test]
    fn empty_lines_and_comments_are_passed_over_but_counted() {
        let lines = all(b"\xef\xbb\xbf# servers\r\n\r\n sql1,1433 \r\nsql2");
        let texts: Vec<_> = lines
            .iter()
            .map(|line| line.as_ref().map(|line| (line.number, line.text.as_str())))
            .collect();
        assert_eq!(texts, [Ok((3, "sql1,1433")), Ok((4, "sql2"))]);
    }

    #[test]
    fn a_line_that_is_too_long_or_no_text_is_told_and_the_next_is_read() {
        let long: &'static [u8] = Box::leak(
            [vec![b'a'; 100_000], b"\nb\n\xff\nc".to_vec()]
                .concat()
                .into_boxed_slice(),
        );
        let lines = all(long);
        assert_eq!(lines.len(), 4);
        assert!(lines[0].as_ref().unwrap_err().why.contains("longer"));
        assert_eq!(lines[1].as_ref().unwrap().text, "b");
        assert_eq!(lines[2].as_ref().unwrap_err().line.number, 3);
        assert_eq!(lines[3].as_ref().unwrap().number, 4);
    }
}
