//! Faults of the client: alice's Kerberos cache and the clock.

use std::fmt::Write as _;
use std::fs;
use std::time::Duration;

use super::network::{edit, put_back};
use crate::accounts;
use crate::error::{LabError, Result};
use crate::fault::Ticket;
use crate::lab::Lab;
use crate::process;
use crate::supervisor::wait_for;
use crate::tools;
use crate::topology::{CORP, PARTNER};

/// What is wrong in the client's krb5.conf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Configuration {
    /// It names no default realm.
    NoDefaultRealm,
    /// It maps the servers' domain to the other forest's realm.
    WrongRealm,
}

/// Every fault with its name and what it does.
pub(super) const TABLE: &[(Configuration, &str, &str)] = &[
    (
        Configuration::NoDefaultRealm,
        "realm-misconfigured",
        "the client's krb5.conf has no default realm",
    ),
    (
        Configuration::WrongRealm,
        "realm-misconfigured:wrong",
        "the client's krb5.conf maps corp.example to PARTNER.EXAMPLE",
    ),
];

pub(super) fn misconfigure(lab: &Lab, fault: Configuration) -> Result<()> {
    edit(lab.host("client")?, "krb5.conf", |text| match fault {
        Configuration::NoDefaultRealm => text
            .split_inclusive('\n')
            .filter(|line| !line.contains("default_realm"))
            .collect(),
        Configuration::WrongRealm => format!(
            "{text}[domain_realm]\n\t.{domain} = {realm}\n\t{domain} = {realm}\n",
            domain = CORP.name,
            realm = PARTNER.realm
        ),
    })
}

pub(super) fn configure(lab: &Lab) -> Result<()> {
    put_back(lab.host("client")?, "krb5.conf")
}

/// More than the five minutes that a KDC allows ([MS-KILE] 3.1.1.1).
pub(super) const AHEAD_SECONDS: i64 = 11 * 60;

pub(super) fn spoil_ticket(lab: &Lab, ticket: Ticket) -> Result<()> {
    let client = lab.host("client")?;
    let cache = client.ccache("alice")?;
    let _ = fs::remove_file(&cache);
    let (name, lifetime) = match ticket {
        Ticket::NoCache => return Ok(()),
        Ticket::Expired => ("alice", "1s"),
        Ticket::OtherUser => ("bob", "10h"),
    };
    let account = accounts::find(name)?;
    let mut kinit = client.healthy_command_as("alice", "kinit")?;
    kinit.args(["-l", lifetime, &account.principal()]);
    process::run_with_input("client", &mut kinit, account.password)?;
    if ticket == Ticket::Expired {
        wait_for(
            Duration::from_secs(30),
            "the end of alice's ticket",
            &cache,
            || {
                let mut klist = client.healthy_command_as("alice", "klist").ok()?;
                let ended = !process::output(klist.arg("-s"), "").ok()?.status.success();
                ended.then_some(())
            },
        )?;
    }
    Ok(())
}

/// The environment of a program whose clock is ahead; waiting is not touched.
pub(crate) fn clock_ahead() -> Result<[(String, String); 3]> {
    let library = tools::faketime_library().ok_or_else(|| LabError::MissingTools {
        missing: vec!["libfaketimeMT.so.1".to_owned()],
    })?;
    Ok([
        ("LD_PRELOAD", library.display().to_string()),
        ("FAKETIME", format!("+{AHEAD_SECONDS}s")),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
    ]
    .map(|(key, value)| (key.to_owned(), value)))
}

/// Programs with their own idea of the time.
pub(super) fn set_clock_ahead(lab: &Lab) -> Result<()> {
    let path = lab.host("client")?.environment_file();
    let mut text = String::new();
    for (key, value) in clock_ahead()? {
        let _ = writeln!(text, "{key}={value}");
    }
    fs::write(&path, text).map_err(LabError::file("write", &path))
}

pub(super) fn set_clock_right(lab: &Lab) -> Result<()> {
    let path = lab.host("client")?.environment_file();
    fs::remove_file(&path).map_err(LabError::file("remove", &path))
}
