//! What the error log says of registering the SPNs (messages 26037, 26067,
//! 26059).

use super::reading::{Rows, text};
use crate::probe::OutcomeBuilder;

/// The Windows codes that say why ([MS-ERREF] 2.2).
const CODES: [&str; 3] = ["0x2098", "0x21c7", "0x200b"];

/// Tells the lines, whether one of them is a failure, and its code.
pub(super) fn read(rows: &Rows, outcome: &mut OutcomeBuilder) {
    let lines: Vec<&str> = rows.iter().filter_map(|row| text(row, 2)).collect();
    let failure = lines
        .iter()
        .rev()
        .map(|line| line.to_lowercase())
        .find(|line| line.contains("could not register") || line.contains("failed to register"));
    let code = failure
        .as_deref()
        .and_then(|line| CODES.into_iter().find(|code| line.contains(code)));
    outcome
        .fact("spn_registration_failed", failure.is_some())
        .fact("spn_registration_code", code)
        .fact("spn_registration", lines);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::Outcome;
    use crate::probe::sql::declaration::DECLARATION;

    #[test]
    fn a_failure_has_a_code() {
        let row = |line: &str| vec![None, None, Some(line.to_owned())];
        let told = |rows: Rows| {
            let mut outcome = Outcome::of(&DECLARATION);
            read(&rows, &mut outcome);
            outcome.finish("connected")
        };
        let failed = told(vec![row(
            "The SQL Server Network Interface library could not register the Service Principal Name (SPN) \
             [ MSSQLSvc/sql1.corp.example ] for the SQL Server service. Windows return code: 0x2098, state: 15.",
        )]);
        assert_eq!(failed.fact("spn_registration_failed"), true);
        assert_eq!(failed.fact("spn_registration_code"), "0x2098");
        let fine = told(vec![row(
            "The SQL Server Network Interface library successfully registered the Service Principal Name (SPN) \
             [ MSSQLSvc/sql1.corp.example ] for the SQL Server service.",
        )]);
        assert_eq!(fine.fact("spn_registration_failed"), false);
    }
}
