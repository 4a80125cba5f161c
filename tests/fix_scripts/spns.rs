//! Scripts that add and remove SPNs.

use serde_json::json;
use sspi_doctor::fix::{self, System};

use crate::bench::{Bench, SPN, account, finding, header, linux, text};

#[test]
fn wrong_holders_lose_the_spn_before_the_right_one_gets_it() {
    let fix = json!([
        {"add-spn": {"spn": SPN, "account": account("svc_sql", "user")}},
        {"remove-spn": {"spn": SPN, "account": account("SQL1$", "computer")}},
        {"remove-spn": {"spn": SPN, "account": account("SQL1$", "computer")}},
    ]);
    let findings = [finding(&fix), finding(&fix)];
    let windows = fix::script(&findings, System::Windows, &header());
    let remove = windows
        .find(r"setspn @('-C', '-D', 'MSSQLSvc/sql1.corp.example:1433', 'CORP\SQL1')")
        .unwrap();
    let add = windows
        .find(r"setspn @('-F', '-U', '-S', 'MSSQLSvc/sql1.corp.example:1433', 'CORP\svc_sql')")
        .unwrap();
    assert!(remove < add);
    assert!(!windows.contains("'-A'"));
    let linux = fix::script(&findings, System::Linux, &header());
    assert!(
        linux.contains("\nsteps=2\n"),
        "equal operations stand there once"
    );
    assert!(
        linux.find("delete: servicePrincipalName").unwrap()
            < linux.find("add: servicePrincipalName").unwrap()
    );
    // The holder that an earlier step removes does not stop the adding.
    assert!(linux.contains("(!(objectSid=S-1-5-21-1-2-3-1105))(!(objectSid="));
}

#[test]
fn adding_stops_when_somebody_else_holds_the_spn() {
    let bench = Bench::new();
    let script = linux(&json!([{"add-spn": {"spn": SPN, "account": account("svc_sql", "user")}}]));
    let output = bench.run(
        &script,
        "apply",
        &[("OTHERS", "dn: CN=other,DC=corp,DC=example\n")],
    );
    assert!(!output.status.success());
    assert!(
        text(&output.stderr).contains("another account holds MSSQLSvc/sql1.corp.example:1433"),
        "{}",
        text(&output.stderr)
    );
    assert!(text(&output.stderr).contains("CN=other"));
    assert!(bench.calls("ldapmodify").is_empty());
}

#[test]
fn what_was_done_is_undone_and_nothing_else() {
    let bench = Bench::new();
    let script = linux(&json!([
        {"add-spn": {"spn": SPN, "account": account("svc_sql", "user")}},
    ]));
    let output = bench.run(&script, "apply", &[]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let output = bench.run(&script, "rollback", &[]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let changes: Vec<String> = bench
        .calls("ldapmodify")
        .into_iter()
        .map(|(_, input)| input)
        .collect();
    let change = |action: &str| {
        format!(
            "dn: CN=svc_sql,DC=corp,DC=example\nchangetype: modify\n{action}: \
             servicePrincipalName\nservicePrincipalName: {SPN}\n-\n"
        )
    };
    assert_eq!(changes, [change("add"), change("delete")]);

    // What was there before is neither done nor undone.
    let bench = Bench::new();
    let output = bench.run(&script, "apply", &[("HELD", "yes")]);
    assert!(text(&output.stdout).contains("already so"));
    let output = bench.run(&script, "rollback", &[]);
    assert!(text(&output.stderr).contains("nothing to undo"));
    assert!(bench.calls("ldapmodify").is_empty());
}

#[test]
fn a_refused_change_stops_the_script() {
    let bench = Bench::new();
    let script = linux(&json!([
        {"add-spn": {"spn": SPN, "account": account("svc_sql", "user")}},
        {"allow-delegation": {"spns": ["MSSQLSvc/b:1"], "account": account("svc_sql", "user")}},
    ]));
    let output = bench.run(&script, "apply", &[("MODIFY", "50")]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("dc1.corp.example refused the change"));
    assert_eq!(bench.calls("ldapmodify").len(), 1);
}
