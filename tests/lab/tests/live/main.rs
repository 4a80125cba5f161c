//! The lab itself, seen with programs that nobody here wrote. Needs root and
//! the packages that `lab packages` prints.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests, whose shared parts clippy does not know as such"
)]

mod faults;
mod healthy;
mod life;

use std::path::PathBuf;
use std::process::{Command, Output};

use lab::{Exclusive, Lab};

/// The lab of these tests, without any fault.
fn lab() -> Exclusive {
    lab::exclusive("live").unwrap_or_else(|error| panic!("{error}"))
}

/// What a program did.
struct Ran {
    success: bool,
    text: String,
}

impl Ran {
    fn of(mut command: Command) -> Self {
        let Output {
            status,
            stdout,
            stderr,
        } = command.output().expect("the program starts");
        let text = format!(
            "{}{}",
            String::from_utf8_lossy(&stdout),
            String::from_utf8_lossy(&stderr)
        );
        Self {
            success: status.success(),
            text,
        }
    }
}

/// Runs a program on the client as alice, with a deadline.
fn alice(lab: &Lab, arguments: &[&str]) -> Ran {
    let mut command = lab
        .host("client")
        .unwrap()
        .command_as("alice", "timeout")
        .unwrap();
    command.arg("60").args(arguments);
    Ran::of(command)
}

/// Asks for a ticket with a cache of its own, so that none that was given
/// before hides the answer; `kvno` decrypts it with the keytab if there is one.
fn ticket(lab: &Lab, spn: &str, keytab: Option<PathBuf>) -> Ran {
    let client = lab.host("client").unwrap();
    let cache = lab.dir().join("test.krb5cc");
    lab.kinit("alice", &cache).unwrap();
    let mut command = client.command("timeout");
    command.args(["60", "kvno"]);
    if let Some(keytab) = keytab {
        command.arg("-k").arg(keytab);
    }
    command.arg(spn).env("KRB5CCNAME", &cache);
    Ran::of(command)
}

/// The lines that `dig +short` prints.
fn dig(lab: &Lab, arguments: &[&str]) -> Vec<String> {
    let mut command = vec!["dig", "+short"];
    command.extend_from_slice(arguments);
    let mut lines: Vec<String> = alice(lab, &command)
        .text
        .lines()
        .map(str::to_owned)
        .collect();
    lines.sort();
    lines
}

/// The accounts that hold an SPN, from the global catalog, signed and sealed.
fn holders(lab: &Lab, spn: &str) -> Vec<String> {
    let filter = format!("(servicePrincipalName={spn})");
    let url = "ldap://dc1.corp.example:3268";
    let command = [
        "ldapsearch",
        "-Q",
        "-N",
        "-Y",
        "GSSAPI",
        "-LLL",
        "-H",
        url,
        "-b",
        "",
        &filter,
        "1.1",
    ];
    let ran = alice(lab, &command);
    assert!(ran.success, "{}", ran.text);
    let mut names: Vec<String> = ran
        .text
        .lines()
        .filter_map(|line| line.strip_prefix("dn: CN="))
        .map(|rest| rest.split(',').next().unwrap_or_default().to_owned())
        .collect();
    names.sort();
    names
}

/// Signs in to SQL Server with Kerberos through FreeTDS and asks something.
fn sql_login(lab: &Lab, host: &str, port: u16, question: &str) -> Ran {
    // FreeTDS asks for an SPN with a port, for which Samba gives no referral
    // to the other forest, so it is told the realm.
    let realm = host.split_once('.').unwrap().1.to_uppercase();
    let conf = lab.dir().join("freetds.conf");
    let text = format!("[server]\nhost = {host}\nport = {port}\nrealm = {realm}\n");
    std::fs::write(&conf, text).unwrap();
    let script = "printf '%s\\ngo\\nexit\\n' \"$1\" | tsql -o q -S server 2>&1";
    let mut command = lab
        .host("client")
        .unwrap()
        .command_as("alice", "timeout")
        .unwrap();
    // It takes no user name for "with my own credential".
    command
        .args(["60", "sh", "-c", script, "sh", question])
        .env("FREETDSCONF", conf);
    Ran::of(command)
}
