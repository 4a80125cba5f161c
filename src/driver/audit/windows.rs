//! The windows of change numbers (uSNChanged) in which an audit pulls. A page
//! cookie dies with its connection; a window can be pulled again. An account
//! that changes meanwhile moves to a later window, so none is missed.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How many accounts the first window may have: about as many as even a slow
/// directory gives in [`WANTED`].
const FIRST: u64 = 120_000;
/// About how long a window should be pulled: what a stop loses at most. Each
/// costs a directory without an index of change numbers (Samba) a look at every
/// object, so few are better.
const WANTED: Duration = Duration::from_secs(30);
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
    /// The accounts of all windows so far.
    #[serde(default)]
    accounts: u64,
    finished: bool,
}

impl Windows {
    /// The windows up to a server's highest number. A number stands on one
    /// object at most, so the first window cannot have too many.
    pub(super) fn up_to(highest: u64) -> Self {
        Self {
            next: 0,
            width: FIRST,
            highest,
            accounts: 0,
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

    /// The window had so many accounts, and took so long: on to the next.
    pub(super) fn done(&mut self, count: u64, took: Duration) {
        self.accounts += count;
        match self.last() {
            None => self.finished = true,
            Some(last) => {
                self.next = last + 1;
                let fitting = u128::from(self.width) * WANTED.as_millis() / took.as_millis().max(1);
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
        // As many on a number as until now; the most that there can be at first.
        let expected = match self.next {
            0 => width,
            next => u64::try_from(u128::from(width) * u128::from(self.accounts) / u128::from(next))
                .unwrap_or(u64::MAX)
                .max(1),
        };
        self.share() + ratio(width, self.highest) * ratio(count.min(expected), expected) * 0.99
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
        windows.done(30, Duration::from_millis(20));
        assert_eq!(windows.filter(), None);
        assert!((windows.share() - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn a_window_is_what_can_be_pulled_in_half_a_minute() {
        let mut windows = Windows::up_to(10_000_000);
        windows.done(FIRST, Duration::from_secs(10));
        assert_eq!(windows.width, 3 * FIRST);
        windows.done(3 * FIRST, Duration::from_secs(120));
        assert_eq!(windows.width, 3 * FIRST / 4);
    }

    #[test]
    fn windows_grow_where_accounts_are_rare_and_leave_no_gap() {
        let mut windows = Windows::up_to(10_000_000);
        let (mut next, mut count) = (0, 0);
        while let Some(filter) = windows.filter() {
            count += 1;
            assert!(windows.share() < 1.0);
            if next == 0 {
                let first = format!("(&(uSNChanged<={FIRST})(servicePrincipalName=*))");
                assert_eq!(filter, first);
            } else {
                assert!(
                    filter.contains(&format!("(uSNChanged>={next})")),
                    "{filter}"
                );
            }
            let last = windows.last();
            let rare = last.unwrap_or(10_000_000).saturating_sub(next) / 100;
            assert!(windows.share_within(rare) < 1.0);
            windows.done(rare, Duration::from_millis(rare / 10));
            match last {
                Some(last) => next = last + 1,
                None => assert_eq!(windows.filter(), None),
            }
        }
        assert!((3..=12).contains(&count), "{count}");
    }
}
