//! What the running test has seen so far. It is written when the thread of the
//! test ends, and only if nothing in it has panicked.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::thread;

use crate::place;
use crate::row::{Healthy, How, Proof, Repair, Row, Status};

/// The tests in which something panicked.
static FAILED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
static WATCH: Once = Once::new();

thread_local! {
    static NOTEBOOK: RefCell<Notebook> = RefCell::new(Notebook::open());
}

struct Notebook {
    test: String,
    file: PathBuf,
    rows: Vec<Row>,
    /// What was wrong and was undone by hand since the last healthy walk.
    done_by_hand: Vec<String>,
}

impl Notebook {
    /// Opens the notebook of the test that runs on this thread. What an earlier
    /// run has left is taken away, so that a test that is killed leaves nothing.
    fn open() -> Self {
        WATCH.call_once(|| {
            let former = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |told| {
                if let Some(name) = thread::current().name() {
                    failed().insert(name.to_owned());
                }
                former(told);
            }));
        });
        let name = thread::current().name().unwrap_or("unnamed").to_owned();
        let program = place::program();
        let file = place::file(&program, &name);
        place::remove(&file);
        Self {
            test: format!("{program}::{name}"),
            file,
            rows: Vec::new(),
            done_by_hand: Vec::new(),
        }
    }
}

impl Drop for Notebook {
    fn drop(&mut self) {
        let failed = thread::current()
            .name()
            .is_none_or(|name| failed().contains(name));
        if !failed && !self.rows.is_empty() {
            place::write(&self.file, &self.rows);
        }
    }
}

fn failed() -> MutexGuard<'static, BTreeSet<String>> {
    FAILED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Notes a cause that a walk has found among others, or handed over.
pub fn cause(cause: &str, how: How, wrong: &str, found: &[&str], repair: Repair) {
    NOTEBOOK.with_borrow_mut(|notebook| {
        let row = Row::Proof(Proof {
            cause: cause.to_owned(),
            how,
            wrong: wrong.to_owned(),
            found: found.iter().map(|one| (*one).to_owned()).collect(),
            repair,
            test: notebook.test.clone(),
        });
        if !notebook.rows.contains(&row) {
            notebook.rows.push(row);
        }
    });
}

/// Notes that the script for these causes was run.
pub fn script_ran(wrong: &str, causes: &[&str]) {
    change(|row| {
        if row.wrong == wrong
            && row.repair == Repair::ScriptMade
            && causes.contains(&row.cause.as_str())
        {
            row.repair = Repair::ScriptRan;
        }
    });
}

/// Notes that the program made the changes itself, and that the next walk was
/// healthy.
pub fn applied(wrong: &str, causes: &[&str]) {
    change(|row| {
        if row.wrong == wrong
            && row.repair == Repair::ScriptMade
            && causes.contains(&row.cause.as_str())
        {
            row.repair = Repair::ApplyHeld;
        }
    });
}

/// Notes that the test did by hand what the advice for this fault says.
pub fn done_by_hand(wrong: &str) {
    NOTEBOOK.with_borrow_mut(|notebook| notebook.done_by_hand.push(wrong.to_owned()));
}

/// Notes that a walk after the repair was healthy.
pub fn healthy_again() {
    let done = NOTEBOOK.with_borrow_mut(|notebook| std::mem::take(&mut notebook.done_by_hand));
    change(|row| {
        if row.repair == Repair::ScriptRan {
            row.repair = Repair::ScriptHeld;
        }
        if row.repair == Repair::HandedOver && done.contains(&row.wrong) {
            row.repair = Repair::DoneByHand;
        }
    });
}

fn change(mut each: impl FnMut(&mut Proof)) {
    NOTEBOOK.with_borrow_mut(|notebook| {
        for row in &mut notebook.rows {
            if let Row::Proof(proof) = row {
                each(proof);
            }
        }
    });
}

/// Notes that a walk was healthy at a place, or what else it rightly said.
pub fn place(place: &str, verdict: &str) {
    NOTEBOOK.with_borrow_mut(|notebook| {
        let row = Row::Healthy(Healthy {
            place: place.to_owned(),
            verdict: verdict.to_owned(),
            test: notebook.test.clone(),
        });
        if !notebook.rows.contains(&row) {
            notebook.rows.push(row);
        }
    });
}

/// Notes that a walk told a status of Kerberos Configuration Manager.
pub fn status(status: &str, service: &str) {
    NOTEBOOK.with_borrow_mut(|notebook| {
        let row = Row::Status(Status {
            status: status.to_owned(),
            service: service.to_owned(),
            test: notebook.test.clone(),
        });
        if !notebook.rows.contains(&row) {
            notebook.rows.push(row);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a test of this name leaves that notes a cause and then does this.
    fn left_behind(name: &str, then: fn()) -> Option<String> {
        let file = place::file(&place::program(), name);
        let thread = thread::Builder::new().name(name.to_owned());
        let ended = thread
            .spawn(move || {
                cause("a", How::Live, "it is broken", &["a"], Repair::HandedOver);
                then();
            })
            .expect("a thread")
            .join();
        drop(ended);
        let text = std::fs::read_to_string(&file).ok();
        place::remove(&file);
        text
    }

    #[test]
    fn only_a_test_that_has_passed_leaves_rows() {
        let passed = left_behind("notebook::passed", || ());
        assert!(passed.is_some_and(|text| text.contains("it is broken")));
        assert_eq!(
            left_behind("notebook::failed", || panic!("on purpose")),
            None
        );
    }

    #[test]
    fn a_repair_counts_when_the_next_walk_is_healthy() {
        let text = left_behind("notebook::repaired", || {
            cause("b", How::Live, "it too", &["b"], Repair::ScriptMade);
            script_ran("it too", &["b"]);
            done_by_hand("it is broken");
            healthy_again();
            cause("c", How::Live, "it is broken", &["c"], Repair::HandedOver);
            healthy_again();
        })
        .expect("rows");
        let repairs: Vec<&str> = text
            .lines()
            .filter_map(|line| line.split("\"repair\":\"").nth(1)?.split('"').next())
            .collect();
        assert_eq!(repairs, ["done-by-hand", "script-held", "handed-over"]);
    }
}
