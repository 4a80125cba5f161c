//! What this program was built with.

use super::{Check, Repair};

/// Whether integrated binds and logins are possible.
pub fn gssapi() -> Check {
    let check = Check::of(
        "gssapi",
        "Sealed LDAP and integrated SQL logins",
        "Most domain controllers have no LDAPS certificate and demand signing; the system's Kerberos library signs and seals on port 389.",
    );
    if cfg!(feature = "gssapi") {
        check.ok(
            "the system's Kerberos library is in use, so that connections can be signed and sealed",
        )
    } else {
        check.missing(
            "this program was built without the system's Kerberos library: the directory is asked by LDAPS or StartTLS, with --user",
            Repair {
                debian: "sudo apt install ./sspi-doctor_*.deb".to_owned(),
                rhel: "sudo dnf install krb5-libs, and a build with the feature `gssapi`".to_owned(),
            },
        )
    }
}

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
