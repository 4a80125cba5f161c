//! The same questions by hand.

use super::reading::SUBJECTS;
use crate::probe::OutcomeBuilder;
use crate::probe::by_hand::{posix, powershell};
use crate::probe::credential::UserPassword;

/// One command for each question, as somebody types them.
pub(super) fn tell(
    outcome: &mut OutcomeBuilder,
    host: &str,
    port: u16,
    login: &str,
    held: Option<&UserPassword>,
) {
    let server = format!("tcp:{host},{port}");
    let held = held.filter(|_| login == "sql");
    if held.is_none() {
        outcome.by_hand_linux(format!(
            "kvno {}",
            posix(&format!("MSSQLSvc/{host}:{port}"))
        ));
    }
    let (on_linux, on_windows) = match held {
        Some(held) => (
            format!("-U {}", posix(&held.user)),
            format!("-U {}", powershell(&held.user)),
        ),
        None => ("-E".to_owned(), "-E".to_owned()),
    };
    for subject in &SUBJECTS {
        outcome
            .by_hand_linux(format!(
                "sqlcmd -S {} {on_linux} -Q {}",
                posix(&server),
                posix(subject.by_hand)
            ))
            .by_hand_windows(format!(
                "sqlcmd -S {} {on_windows} -Q {}",
                powershell(&server),
                powershell(subject.by_hand)
            ));
    }
}
