//! The fix scripts, run for real against programs that only note what they were
//! called with.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Map, Value, json};
use sspi_doctor::engine::{Finding, Severity, StepPath};
use sspi_doctor::fix::{self, Header, System};

const STUB: &str = r#"#!/bin/sh
{
  printf '%s' "${0##*/}"
  for word in "$@"; do printf '\037%s' "$word"; done
  case ${0##*/} in ldapmodify) printf '\036'; cat ;; esac
  printf '\035'
} >>"$STUB_LOG"
case ${0##*/} in
  ldapsearch)
    case "$*" in
      *rootDomainNamingContext*) echo 'rootDomainNamingContext: DC=corp,DC=example' ;;
      *"-s sub"*) printf '%s' "${OTHERS:-}" ;;
      *"-s base"*)
        [ "${HELD:-no}" = no ] || echo 'dn: CN=x'
        [ -z "${VALUE:-}" ] || echo "$VALUE" ;;
    esac ;;
  dig) echo '0 100 389 dc1.corp.example.' ;;
  klist) echo 'Ticket cache: FILE:/tmp/none' ;;
  ldapmodify) exit "${MODIFY:-0}" ;;
  samba-tool)
    case "$*" in
      *zonelist*) printf '  pszZoneName                 : %s\n' 0.88.10.in-addr.arpa corp.example ;;
      *query*) printf '    PTR: %s. (flags=f0, serial=5, ttl=900)\n' "${PTR:-nobody}" ;;
    esac ;;
esac
"#;

/// A folder with the programs, where a script is run.
struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let bin = folder.path().join("bin");
        fs::create_dir(&bin).unwrap();
        for name in [
            "ldapsearch",
            "ldapmodify",
            "dig",
            "klist",
            "samba-tool",
            "sqlcmd",
        ] {
            let path = bin.join(name);
            fs::write(&path, STUB).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        Self { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn log(&self) -> PathBuf {
        self.path().join("log")
    }

    fn run(&self, script: &str, mode: &str, environment: &[(&str, &str)]) -> Output {
        fs::write(self.path().join("fix.sh"), script).unwrap();
        Command::new("sh")
            .args(["fix.sh", mode])
            .current_dir(self.path())
            .env(
                "PATH",
                format!("{}:/usr/bin:/bin", self.path().join("bin").display()),
            )
            .env("STUB_LOG", self.log())
            .envs(environment.iter().copied())
            .output()
            .unwrap()
    }

    /// The calls of a program: its words, and what it was given on stdin.
    fn calls(&self, program: &str) -> Vec<(Vec<String>, String)> {
        fs::read_to_string(self.log())
            .unwrap_or_default()
            .split('\u{1d}')
            .filter_map(|call| {
                let (words, input) = call.split_once('\u{1e}').unwrap_or((call, ""));
                let mut words = words.split('\u{1f}').map(str::to_owned);
                (words.next()? == program).then(|| (words.collect(), input.to_owned()))
            })
            .collect()
    }
}

fn finding(fix: &Value) -> Finding {
    Finding {
        cause: "spn-missing".to_owned(),
        severity: Severity::EveryLogin,
        title: "Nobody holds the SPN\n'; touch canary; '".to_owned(),
        meaning: String::new(),
        step: StepPath::default(),
        evidence: Vec::new(),
        values: Map::new(),
        fix: serde_json::from_value(fix.clone()).unwrap(),
    }
}

fn account(name: &str, class: &str) -> Value {
    json!({
        "name": format!("CORP\\{name}"), "sam_account_name": name, "domain": "corp.example",
        "netbios_domain": "CORP", "distinguished_name": format!("CN={name},DC=corp,DC=example"),
        "sid": "S-1-5-21-1-2-3-1105", "class": class,
    })
}

fn header() -> Header {
    Header {
        version: "1.0.0".to_owned(),
        session: "20261122T100000Z-x".to_owned(),
        flow: "cannot-generate-sspi-context".to_owned(),
        target: "sql1.corp.example,1433".to_owned(),
        started: "2026-11-22T10:00:00Z".to_owned(),
        ..Header::default()
    }
}

fn linux(fix: &Value) -> String {
    fix::script(&[finding(fix)], System::Linux, &header())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

const SPN: &str = "MSSQLSvc/sql1.corp.example:1433";

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

#[test]
fn records_are_changed_in_the_longest_zone() {
    let bench = Bench::new();
    let script = linux(&json!([
        {"set-reverse-record": {"address": "10.88.0.31", "name": "sql1.corp.example",
            "remove": ["old.corp.example", "SQL1.corp.example."], "server": "10.0.0.1"}},
    ]));
    let output = bench.run(&script, "apply", &[("PTR", "old.corp.example")]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let calls: Vec<String> = bench
        .calls("samba-tool")
        .into_iter()
        .map(|(words, _)| words[1..].join(" "))
        .filter(|words| words.starts_with("add") || words.starts_with("delete"))
        .collect();
    let credentials = "--use-krb5-ccache=FILE:/tmp/none";
    assert_eq!(
        calls,
        [
            format!(
                "add dc1.corp.example 0.88.10.in-addr.arpa 31 PTR sql1.corp.example {credentials}"
            ),
            format!(
                "delete dc1.corp.example 0.88.10.in-addr.arpa 31 PTR old.corp.example {credentials}"
            ),
        ]
    );
}

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

/// The value of a line of LDIF in base64.
fn decoded(line: &str, attribute: &str) -> String {
    let value = line.strip_prefix(&format!("{attribute}:: ")).unwrap();
    let output = Command::new("sh")
        .args(["-c", "printf %s \"$1\" | base64 -d", "sh", value])
        .output()
        .unwrap();
    text(&output.stdout)
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
