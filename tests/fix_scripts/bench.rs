//! A folder with programs that only note what they were called with, where a
//! script is run, and what scripts are made from.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Map, Value, json};
use sspi_doctor::engine::{Finding, Severity, StepPath};
use sspi_doctor::fix::{self, Header, System};

pub const SPN: &str = "MSSQLSvc/sql1.corp.example:1433";

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
pub struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    pub fn new() -> Self {
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

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn log(&self) -> PathBuf {
        self.path().join("log")
    }

    pub fn run(&self, script: &str, mode: &str, environment: &[(&str, &str)]) -> Output {
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
    pub fn calls(&self, program: &str) -> Vec<(Vec<String>, String)> {
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

pub fn finding(fix: &Value) -> Finding {
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

pub fn account(name: &str, class: &str) -> Value {
    json!({
        "name": format!("CORP\\{name}"), "sam_account_name": name, "domain": "corp.example",
        "netbios_domain": "CORP", "distinguished_name": format!("CN={name},DC=corp,DC=example"),
        "sid": "S-1-5-21-1-2-3-1105", "class": class,
    })
}

pub fn header() -> Header {
    Header {
        version: "1.0.0".to_owned(),
        session: "20261122T100000Z-x".to_owned(),
        flow: "cannot-generate-sspi-context".to_owned(),
        target: "sql1.corp.example,1433".to_owned(),
        started: "2026-11-22T10:00:00Z".to_owned(),
        ..Header::default()
    }
}

pub fn linux(fix: &Value) -> String {
    fix::script(&[finding(fix)], System::Linux, &header())
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The value of a line of LDIF in base64.
pub fn decoded(line: &str, attribute: &str) -> String {
    let value = line.strip_prefix(&format!("{attribute}:: ")).unwrap();
    let output = Command::new("sh")
        .args(["-c", "printf %s \"$1\" | base64 -d", "sh", value])
        .output()
        .unwrap();
    text(&output.stdout)
}
