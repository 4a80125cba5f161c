//! The files of this program.

use super::{Check, Repair};

/// Whether the configuration and the flows of this host are sound: the number
/// of faults in each.
pub fn files(configuration: usize, flows: usize) -> Vec<Check> {
    let config = Check::of(
        "configuration",
        "Configuration files",
        "With a fault in them nothing is walked: what an administrator set must not be passed over.",
    );
    let own = Check::of(
        "own-flows",
        "Flows of your own",
        "A flow with a fault is left out.",
    );
    vec![
        match configuration {
            0 => config.ok("no fault"),
            count => config.missing(
                format!("{count} faults"),
                Repair::both("sspi-doctor config    # shows each with its line"),
            ),
        },
        match flows {
            0 => own.ok("no fault"),
            count => own.missing(
                format!("{count} faults"),
                Repair::both("sspi-doctor flows    # shows each with its line"),
            ),
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    #[test]
    fn faults_of_files_are_counted() {
        let states: Vec<State> = files(0, 2).iter().map(|check| check.state).collect();
        assert_eq!(states, [State::Ok, State::Missing]);
    }
}
