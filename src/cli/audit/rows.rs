//! The rows of an audit as a table, CSV or JSON lines.

use serde_json::json;

use super::AuditFormat;
use crate::directory::spn::audit::Problem;
use crate::printer;

/// Prints rows as they come.
pub(super) struct Rows {
    format: AuditFormat,
}

impl Rows {
    pub(super) fn new(format: AuditFormat) -> Self {
        Self { format }
    }

    /// The heading.
    pub(super) fn head(&self) {
        match self.format {
            AuditFormat::Table => printer::result(&columns("PROBLEM", "SPN", "HELD BY", "WHY")),
            AuditFormat::Csv => printer::result("problem,spn,accounts,why\r"),
            AuditFormat::Jsonl => {}
        }
    }

    /// One problem.
    pub(super) fn row(&self, problem: &Problem) {
        let accounts = problem.accounts.join(", ");
        let kind = problem.kind.word();
        printer::result(&match self.format {
            AuditFormat::Table => columns(kind, &problem.spn, &accounts, &problem.why),
            AuditFormat::Csv => {
                let accounts = problem.accounts.join(";");
                let fields = [kind, &problem.spn, &accounts, &problem.why];
                format!("{}\r", fields.map(csv).join(","))
            }
            AuditFormat::Jsonl => json!(problem).to_string(),
        });
    }
}

fn columns(kind: &str, spn: &str, accounts: &str, why: &str) -> String {
    format!("{kind:<9}  {spn:<44}  {accounts:<24}  {why}")
}

/// A field of RFC 4180; one that a spreadsheet would take for a formula gets an
/// apostrophe in front.
fn csv(field: &str) -> String {
    let formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let field = if formula {
        format!("'{field}")
    } else {
        field.to_owned()
    };
    if field.contains([',', '"', '\n', '\r', ';']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_stays_a_field() {
        assert_eq!(csv("MSSQLSvc/a"), "MSSQLSvc/a");
        assert_eq!(csv("a, \"b\""), "\"a, \"\"b\"\"\"");
        assert_eq!(csv("=cmd()"), "'=cmd()");
    }
}
