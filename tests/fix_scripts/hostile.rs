//! Values from a network that wants to run commands here.

use serde_json::{Value, json};
use sspi_doctor::fix::{self, System};

use crate::bench::{Bench, account, decoded, finding, header, text};

/// Names from a network that wants to run commands here: every mode runs, every
/// value arrives as it is, and nothing else happens.
#[test]
fn hostile_values_are_only_values() {
    let evil =
        "x'; touch canary; $(touch canary) `touch canary` \" \\ *)(cn=*)\nLDIF\ntouch canary\n%";
    let mut evil_account = account("svc", "user");
    for field in [
        "name",
        "sam_account_name",
        "netbios_domain",
        "distinguished_name",
    ] {
        evil_account[field] = json!(format!("{field} {evil}"));
    }
    evil_account["sid"] = Value::Null;
    let spn = format!("MSSQLSvc/{evil}");
    let operations = json!([
        {"remove-spn": {"spn": spn, "account": evil_account}},
        {"add-spn": {"spn": format!("{spn}2"), "account": evil_account}},
        {"allow-delegation": {"account": evil_account, "spns": [spn]}},
        {"reset-principal-name": {"account": evil_account, "spn": spn}},
        {"set-account": {"account": evil_account, "to": "enabled"}},
        {"set-account": {"account": evil_account, "to": "unlocked"}},
        {"set-account": {"account": evil_account, "to": "not-protected"}},
        {"set-reverse-record": {"address": "10.88.0.31", "name": evil, "remove": [evil], "server": evil}},
        {"set-address-record": {"name": evil, "addresses": ["10.0.0.1"], "remove": [], "server": evil}},
        {"create-forest-trust": {"user-forest": evil, "server-forest": evil}},
        {"create-login": {"server": evil, "login": evil}},
        {"client-command": {"what": evil, "linux": evil, "windows": evil}},
        {"advice": {"text": evil}},
    ]);
    let mut header = header();
    header.session = evil.to_owned();
    header.target = evil.to_owned();
    header.flow = evil.to_owned();
    header.inputs = vec![(evil.to_owned(), evil.to_owned())];
    let canary = |bench: &Bench| {
        assert!(!bench.path().join("canary").exists(), "a value was run");
        assert!(!bench.path().join("bin/canary").exists());
    };
    for operation in operations.as_array().unwrap() {
        let key = operation.as_object().unwrap().keys().next().unwrap();
        let script = fix::script(&[finding(&json!([operation]))], System::Linux, &header);
        let held = if key == "remove-spn" { "yes" } else { "no" };
        for mode in ["plan", "apply", "verify", "rollback"] {
            let bench = Bench::new();
            let output = bench.run(&script, mode, &[("HELD", held)]);
            assert!(
                !text(&output.stderr).contains("yntax"),
                "{key} {mode}: {}",
                text(&output.stderr)
            );
            canary(&bench);
            if mode == "apply"
                && ["remove-spn", "add-spn", "allow-delegation"].contains(&key.as_str())
            {
                assert!(output.status.success(), "{key}: {}", text(&output.stderr));
                let (_, change) = bench.calls("ldapmodify").remove(0);
                let lines: Vec<&str> = change.lines().collect();
                assert_eq!(lines.len(), 5, "{change}");
                assert_eq!(
                    decoded(lines[0], "dn"),
                    format!("distinguished_name {evil}"),
                    "{change}"
                );
                let attribute = if key == "allow-delegation" {
                    "msDS-AllowedToDelegateTo"
                } else {
                    "servicePrincipalName"
                };
                assert!(decoded(lines[3], attribute).starts_with(&spn), "{change}");
            }
        }
    }
    // All at once, too.
    let bench = Bench::new();
    let script = fix::script(&[finding(&operations)], System::Linux, &header);
    bench.run(&script, "apply", &[("HELD", "yes")]);
    canary(&bench);
    let windows = fix::script(&[finding(&operations)], System::Windows, &header);
    assert!(
        windows
            .lines()
            .all(|line| !line.trim_start().starts_with("touch canary")
                || inside_a_text(&windows, line)),
        "{windows}"
    );
}

/// Whether a line of a PowerShell script begins inside a text between single
/// quotes, by the rules of PowerShell: a doubled quote is a quote.
fn inside_a_text(script: &str, line: &str) -> bool {
    let before = &script[..line.as_ptr() as usize - script.as_ptr() as usize];
    let mut inside = false;
    let mut remark = false;
    for character in before.chars() {
        match character {
            '\n' => remark = false,
            '#' if !inside => remark = true,
            '\'' if !remark => inside = !inside,
            _ => {}
        }
    }
    inside
}
