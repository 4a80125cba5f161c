//! The windows of change numbers (uSNChanged) in which an audit pulls. A page
//! cookie dies with its connection; a window can be pulled again. An account
//! that changes meanwhile moves to a later window, so none is missed.

use serde::{Deserialize, Serialize};

/// About how many accounts a window should have.
const WANTED: u64 = 20_000;
/// How much wider than the last a window may be.
const GROWTH: u64 = 8;

/// The windows of a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Windows {
    /// The first number that was not pulled yet.
    next: u64,
    width: u64,
    /// The server's highest number when the audit began.
    highest: u64,
    finished: bool,
}

impl Windows {
    /// The windows up to a server's highest number. A number stands on one
    /// object at most, so the first window cannot have too many.
    pub(super) fn up_to(highest: u64) -> Self {
        Self {
            next: 0,
            width: WANTED,
            highest,
            finished: false,
        }
    }

    /// The filter of the window; nothing when all are done. The last one is
    /// open, for what changes while the audit runs.
    pub(super) fn filter(&self) -> Option<String> {
        if self.finished {
            return None;
        }
        let from = match self.next {
            0 => String::new(),
            next => format!("(uSNChanged>={next})"),
        };
        let to = match self.last() {
            Some(last) => format!("(uSNChanged<={last})"),
            None => String::new(),
        };
        Some(match (from.as_str(), to.as_str()) {
            ("", "") => "(servicePrincipalName=*)".to_owned(),
            _ => format!("(&{from}{to}(servicePrincipalName=*))"),
        })
    }

    /// The last number of the window; nothing when it is open.
    fn last(&self) -> Option<u64> {
        let last = self.next.saturating_add(self.width);
        (last < self.highest).then_some(last)
    }

    /// The window had so many accounts: on to the next.
    pub(super) fn done(&mut self, count: u64) {
        match self.last() {
            None => self.finished = true,
            Some(last) => {
                self.next = last + 1;
                let fitting =
                    (u128::from(self.width) * u128::from(WANTED)) / u128::from(count.max(1));
                let fitting = u64::try_from(fitting).unwrap_or(u64::MAX);
                self.width = fitting.clamp(1000, self.width.saturating_mul(GROWTH));
            }
        }
    }

    /// How much is done, 0 to 1.
    pub(super) fn share(&self) -> f64 {
        if self.finished || self.highest == 0 {
            return 1.0;
        }
        ratio(self.next, self.highest)
    }

    /// The same with so many accounts of this window.
    pub(super) fn share_within(&self, count: u64) -> f64 {
        let width = match self.last() {
            Some(_) => self.width,
            None => self.highest.saturating_sub(self.next),
        };
        self.share() + ratio(width, self.highest) * ratio(count.min(WANTED), WANTED) * 0.99
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share for people")]
fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_directory_has_one_window() {
        let mut windows = Windows::up_to(4000);
        assert_eq!(windows.filter().unwrap(), "(servicePrincipalName=*)");
        windows.done(30);
        assert_eq!(windows.filter(), None);
        assert!((windows.share() - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn windows_grow_where_accounts_are_rare_and_leave_no_gap() {
        let mut windows = Windows::up_to(10_000_000);
        let (mut next, mut count) = (0, 0);
        while let Some(filter) = windows.filter() {
            count += 1;
            assert!(windows.share() < 1.0);
            if next == 0 {
                assert_eq!(filter, "(&(uSNChanged<=20000)(servicePrincipalName=*))");
            } else {
                assert!(
                    filter.contains(&format!("(uSNChanged>={next})")),
                    "{filter}"
                );
            }
            let last = windows.last();
            windows.done(last.unwrap_or(10_000_000).saturating_sub(next) / 100);
            match last {
                Some(last) => next = last + 1,
                None => assert_eq!(windows.filter(), None),
            }
        }
        assert!((6..=12).contains(&count), "{count}");
    }
}
