//! The result of the checks as text and JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Check, State, state};

/// For people: a line each, and below it what to do.
pub fn text(checks: &[Check]) -> String {
    let mut text = String::new();
    for check in checks {
        let mark = match check.state {
            State::Ok => "[ok]",
            State::Missing => "[!!]",
            State::Unknown => "[??]",
        };
        let _ = writeln!(text, "{mark} {}: {}", check.title, check.saw);
        if check.state != State::Ok {
            let _ = writeln!(text, "     why     {}", check.why);
        }
        if let Some(repair) = &check.repair {
            if repair.debian == repair.rhel {
                let _ = writeln!(text, "     repair  {}", repair.debian);
            } else {
                let _ = writeln!(text, "     Debian  {}", repair.debian);
                let _ = writeln!(text, "     RHEL    {}", repair.rhel);
            }
        }
    }
    let count = |wanted| checks.iter().filter(|check| check.state == wanted).count();
    let _ = writeln!(
        text,
        "\n{} as it should be, {} missing, {} could not be seen",
        count(State::Ok),
        count(State::Missing),
        count(State::Unknown)
    );
    text
}

/// For programs.
pub fn json(checks: &[Check]) -> Value {
    json!({ "schema": 1, "state": state(checks), "checks": checks })
}

#[cfg(test)]
mod tests {
    use super::super::Repair;
    use super::*;

    #[test]
    fn what_is_missing_comes_with_its_reason_and_its_repair() {
        let checks = [
            Check::of("a", "A", "a matters").ok("fine"),
            Check::of("b", "B", "b matters")
                .missing("not\u{1b}there", Repair::package("b", "b-libs")),
        ];
        assert_eq!(
            text(&checks),
            "[ok] A: fine\n[!!] B: notthere\n     why     b matters\n     Debian  sudo apt install b\n     RHEL    sudo dnf install b-libs\n\n1 as it should be, 1 missing, 0 could not be seen\n"
        );
        assert_eq!(json(&checks)["state"], "missing");
    }
}
