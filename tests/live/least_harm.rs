//! What the domain controller's own audit says of a walk: no change, no
//! password that nobody gave, and a refused one only once.

use std::process::Command;
use std::time::{Duration, Instant};

use lab::fault::Fault;
use lab::lab::Lab;
use serde_json::Value;

use crate::apply::Case;
use crate::walk::{MAIN, PROGRAM, SQL1, inject, lab, on_client, walk, walk_with_password};

const CLIENT: &str = "10.88.0.50";
const KNOWN: [(&str, &str); 2] = [("server", SQL1), ("service_account", r"CORP\svc_sql")];

/// The audit of dc1, from one moment on.
struct Audit<'a> {
    lab: &'a Lab,
    from: usize,
}

impl<'a> Audit<'a> {
    /// Switches it on, and waits until it shows a change that is made for it.
    fn begin(lab: &'a Lab) -> Self {
        let mut audit = Self { lab, from: 0 };
        let levels = "1 dsdb_json_audit:5 auth_json_audit:3";
        on(lab, "dc1", &["smbcontrol", "all", "debug", levels]);
        audit.mark();
        audit
    }

    /// Makes a change over LDAP from the client until the audit shows it; what
    /// comes before it in the log is all there.
    fn mark(&mut self) {
        let ccache = self.lab.administrator_ccache().expect("a ticket");
        let start = Instant::now();
        for round in 0.. {
            let text = format!(
                "printf 'dn: CN=bob,CN=Users,DC=corp,DC=example\\nchangetype: modify\\nreplace: \
                 description\\ndescription: mark {round} {}\\n' | ldapmodify -N -Q -Y GSSAPI -H \
                 ldap://dc1.corp.example >/dev/null",
                self.from
            );
            let mut command = self.lab.host("client").expect("the host").command("sh");
            command.env("KRB5CCNAME", &ccache).args(["-c", &text]);
            assert!(command.status().expect("sh runs").success());
            let seen = self.changes();
            if !seen.is_empty() {
                break;
            }
            assert!(start.elapsed() < Duration::from_secs(30), "no audit");
        }
    }

    fn lines(&self) -> Vec<Value> {
        let log = on(self.lab, "dc1", &["cat", "/var/log/samba/log.samba"]);
        log.lines()
            .skip(self.from)
            .filter_map(|line| serde_json::from_str(line.trim_start()).ok())
            .collect()
    }

    /// From now on.
    fn forget(&mut self) {
        let log = on(self.lab, "dc1", &["cat", "/var/log/samba/log.samba"]);
        self.from = log.lines().count();
    }

    /// The changes of the directory that came from the client.
    fn changes(&self) -> Vec<Value> {
        self.lines()
            .into_iter()
            .filter(|line| line["type"] == "dsdbChange")
            .map(|line| line["dsdbChange"].clone())
            .filter(|change| {
                let from = change["remoteAddress"].as_str();
                from.is_some_and(|from| from.contains(CLIENT))
            })
            .collect()
    }

    /// The sign-ins from the client in which a password, or a key made from one,
    /// was shown: who, and how it ended.
    fn shown_passwords(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        self.lines()
            .into_iter()
            .filter(|line| line["type"] == "Authentication")
            .map(|line| line["Authentication"].clone())
            .filter(|one| text(&one["remoteAddress"]).contains(CLIENT))
            .filter(|one| !one["passwordType"].is_null())
            .map(|one| (text(&one["clientAccount"]), text(&one["status"])))
            .collect()
    }
}

fn on(lab: &Lab, host: &str, words: &[&str]) -> String {
    let mut command: Command = lab.host(host).expect("the host").command(words[0]);
    let output = command.args(&words[1..]).output().expect("it runs");
    assert!(output.status.success(), "{words:?}: {output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Sound or broken, with every probe allowed: a walk, its script and its plan
/// change nothing, and sign in with the ticket alone.
#[test]
fn a_walk_changes_nothing() {
    let lab = lab();
    let mut audit = Audit::begin(&lab);
    audit.forget();
    walk(&lab, MAIN, &KNOWN).healthy();
    inject(&lab, Fault::SpnDuplicate);
    let walked = walk(&lab, MAIN, &KNOWN);
    walked.found(&["spn-duplicate"]);
    walk(
        &lab,
        "linked-server-delegation",
        &[("server", SQL1), ("back_end", "sql2.corp.example")],
    );
    let session = walked.document["session"].as_str().expect("a session");
    for options in [&["--for", "linux"][..], &["--plan"]] {
        let output = on_client(&lab, PROGRAM)
            .args(["fix", session])
            .args(options)
            .output()
            .expect("it runs");
        assert!(output.status.success(), "{output:?}");
    }
    assert_eq!(audit.shown_passwords(), Vec::new());
    assert_eq!(audit.changes(), Vec::<Value>::new());
    // The audit was on all the time.
    audit.mark();
}

#[test]
fn a_password_is_shown_as_it_was_given_and_a_refused_one_once() {
    let lab = lab();
    let mut audit = Audit::begin(&lab);
    let user = "alice@CORP.EXAMPLE";
    for (password, status, times) in [
        ("Al1ce-Passw0rd", "NT_STATUS_OK", 2..),
        ("not the password", "NT_STATUS_WRONG_PASSWORD", 1..),
    ] {
        audit.forget();
        let file = lab.dir().join("password");
        std::fs::write(&file, password).expect("the password is written");
        let mut command = on_client(&lab, "sh");
        command
            .args(["-c", "exec \"$@\" 3<\"$0\""])
            .arg(&file)
            .args([PROGRAM, "run", MAIN, "--format", "json", "--allow", "all"])
            .args([
                "--user",
                user,
                "--password-fd",
                "3",
                "--set",
                "server=sql1.corp.example,1433",
            ]);
        let output = command.output().expect("it runs");
        assert!(!output.stdout.is_empty(), "{output:?}");
        let shown = audit.shown_passwords();
        assert!(
            shown.iter().all(|(who, how)| who == user && how == status),
            "{shown:?}"
        );
        assert!(times.contains(&shown.len()), "{shown:?}");
        if status != "NT_STATUS_OK" {
            assert_eq!(shown.len(), 1, "each refusal counts towards a lockout");
        }
        assert_eq!(audit.changes(), Vec::<Value>::new());
    }
    audit.mark();
}

/// What the controller was sent is what was shown, and no more.
#[test]
fn what_is_applied_is_what_was_shown() {
    let lab = lab();
    inject(&lab, Fault::SpnMissing);
    let (case, walked) = Case::walked(&lab, MAIN, &KNOWN);
    walked.found(&["spn-missing"]);
    let mut audit = Audit::begin(&lab);
    audit.forget();
    let names = case.shown(&[]);
    let done = case.fix(&["--apply", "--yes-to", &names]);
    assert_eq!(done.code, Some(0), "{done:?}");
    let added: Vec<&str> = done
        .out
        .lines()
        .filter_map(|line| line.trim().strip_prefix("+ "))
        .collect();
    assert_eq!(added.len(), 2, "{done:?}");
    let changes = audit.changes();
    let [change] = &changes[..] else {
        panic!("not one change: {changes:?}");
    };
    assert_eq!(change["operation"], "Modify");
    assert_eq!(change["dn"], "CN=svc_sql,CN=Users,DC=corp,DC=example");
    let attributes = change["attributes"].as_object().expect("attributes");
    assert_eq!(attributes.len(), 1, "{change}");
    let actions = &attributes["servicePrincipalName"]["actions"];
    assert_eq!(actions[0]["action"], "add", "{change}");
    let mut sent: Vec<&str> = actions[0]["values"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|value| value["value"].as_str())
        .collect();
    sent.sort_unstable();
    assert_eq!(sent, added);
}

/// A SQL login whose password is refused is not tried again either.
#[test]
fn a_refused_sql_login_is_tried_once() {
    let lab = lab();
    let refused = |lab: &Lab| -> usize {
        let log = lab.sql("sql1").expect("the server").log().expect("its log");
        log.lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .filter(|line| line["event"] == "login" && line["login"] == "reader")
            .count()
    };
    let before = refused(&lab);
    walk_with_password(&lab, MAIN, &KNOWN, "reader", "not the password");
    assert_eq!(refused(&lab) - before, 1);
}
