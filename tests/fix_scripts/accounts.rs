//! Scripts that change an account, and put it back.

use serde_json::json;

use crate::bench::{Bench, SPN, account, decoded, linux, text};

/// Disabled, with a password that never expires: 0x10202.
#[test]
fn a_flag_is_cleared_and_put_back() {
    let script = linux(&json!([
        {"set-account": {"account": account("svc_sql", "user"), "to": "enabled"}},
    ]));
    let bench = Bench::new();
    let held = [("VALUE", "userAccountControl: 66050")];
    let output = bench.run(&script, "apply", &held);
    assert!(output.status.success(), "{}", text(&output.stderr));
    bench.run(&script, "rollback", &held);
    let change = |value: u32| {
        format!(
            "dn: CN=svc_sql,DC=corp,DC=example\nchangetype: modify\nreplace: \
             userAccountControl\nuserAccountControl: {value}\n-\n"
        )
    };
    let changes = bench
        .calls("ldapmodify")
        .into_iter()
        .map(|(_, input)| input);
    assert_eq!(changes.collect::<Vec<_>>(), [change(66048), change(66050)]);

    // One that is clear already, and one that is no number, are left alone.
    for (value, success) in [("66048", true), ("x[$(touch canary)]", false), ("", false)] {
        let bench = Bench::new();
        let held = format!("userAccountControl: {value}");
        let output = bench.run(&script, "apply", &[("VALUE", &held)]);
        assert_eq!(output.status.success(), success, "{value}");
        assert!(bench.calls("ldapmodify").is_empty(), "{value}");
        assert!(!bench.path().join("canary").exists());
    }
}

#[test]
fn an_attribute_that_was_not_there_is_not_there_after_a_rollback() {
    let script = linux(&json!([
        {"set-account": {"account": account("svc_sql", "user"), "to": "aes"}},
    ]));
    let bench = Bench::new();
    assert!(bench.run(&script, "apply", &[]).status.success());
    assert!(bench.run(&script, "rollback", &[]).status.success());
    let attribute = "msDS-SupportedEncryptionTypes";
    let change = |value: &str| {
        format!(
            "dn: CN=svc_sql,DC=corp,DC=example\nchangetype: modify\nreplace: {attribute}\n{value}-\n"
        )
    };
    let changes = bench
        .calls("ldapmodify")
        .into_iter()
        .map(|(_, input)| input);
    let set = format!("{attribute}: 24\n");
    assert_eq!(changes.collect::<Vec<_>>(), [change(&set), change("")]);
}

/// A rollback writes back what the entry was, and takes away what was not there.
#[test]
fn an_entry_is_put_back_as_it_was() {
    let mut delegate = account("svc_sql", "user");
    delegate["sid"] = json!("S-1-5-21-1-2-3-1199");
    let script = linux(&json!([
        {"allow-to-act": {"account": account("svc_sql2", "user"), "delegate": delegate}},
    ]));
    let attribute = "msDS-AllowedToActOnBehalfOfOtherIdentity";
    for before in [format!("{attribute}:: AQIDBA==\n"), String::new()] {
        let bench = Bench::new();
        let held = [("VALUE", before.trim_end())];
        assert!(bench.run(&script, "apply", &held).status.success());
        assert!(bench.run(&script, "rollback", &held).status.success());
        let (_, back) = bench.calls("ldapmodify").remove(1);
        let wanted = format!("replace: {attribute}\n{before}-\n");
        assert!(back.ends_with(&wanted), "{back}");
    }
}

#[test]
fn a_logon_name_that_is_an_spn_becomes_the_usual_one() {
    let operation = |class: &str| {
        linux(
            &json!([{"reset-principal-name": {"account": account("svc_old", class), "spn": SPN}}]),
        )
    };
    let line = |value: &str| format!("userPrincipalName: {value}");
    let script = operation("user");
    for taken in [
        SPN.to_owned(),
        format!("{}@corp.example", SPN.to_uppercase()),
    ] {
        let bench = Bench::new();
        let held = line(&taken);
        let output = bench.run(&script, "apply", &[("VALUE", &held)]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        bench.run(&script, "rollback", &[("VALUE", &held)]);
        let changes: Vec<String> = bench
            .calls("ldapmodify")
            .into_iter()
            .map(|(_, input)| input)
            .collect();
        assert!(changes[0].contains("\nuserPrincipalName: svc_old@corp.example\n-"));
        assert!(
            changes[1].contains(&format!("\n{held}\n-")),
            "{}",
            changes[1]
        );
    }
    // Another name is nobody's business, and a name that somebody has is not given twice.
    let other = line("old@corp.example");
    let spn = line(SPN);
    for environment in [
        &[("VALUE", other.as_str())][..],
        &[("VALUE", spn.as_str()), ("OTHERS", "dn: CN=other\n")],
    ] {
        let bench = Bench::new();
        assert!(!bench.run(&script, "apply", environment).status.success());
        assert!(bench.calls("ldapmodify").is_empty());
    }
    // A computer has none.
    let bench = Bench::new();
    let computer = operation("computer");
    assert!(
        bench
            .run(&computer, "apply", &[("VALUE", &spn)])
            .status
            .success()
    );
    let (_, change) = bench.calls("ldapmodify").remove(0);
    assert!(
        change.ends_with("replace: userPrincipalName\n-\n"),
        "{change}"
    );
}

#[test]
fn a_service_leaves_protected_users_of_its_own_domain() {
    let script = linux(&json!([
        {"set-account": {"account": account("svc_sql", "user"), "to": "not-protected"}},
    ]));
    let bench = Bench::new();
    assert!(
        bench
            .run(&script, "apply", &[("HELD", "yes")])
            .status
            .success()
    );
    let change = bench.calls("ldapmodify").remove(0).1;
    let lines: Vec<&str> = change.lines().collect();
    assert_eq!(decoded(lines[0], "dn"), "<SID=S-1-5-21-1-2-3-525>");
    assert_eq!(
        lines[2..],
        [
            "delete: member",
            "member: CN=svc_sql,DC=corp,DC=example",
            "-"
        ]
    );
}
