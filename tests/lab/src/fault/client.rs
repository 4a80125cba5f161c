//! Faults of the client: alice's Kerberos cache and the clock.

use std::fs;
use std::time::Duration;

use crate::accounts;
use crate::error::{LabError, Result};
use crate::fault::Ticket;
use crate::lab::Lab;
use crate::process;
use crate::supervisor::wait_for;
use crate::tools;

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

/// Programs with their own idea of the time; waiting is not touched.
pub(super) fn set_clock_ahead(lab: &Lab) -> Result<()> {
    let library = tools::faketime_library().ok_or_else(|| LabError::MissingTools {
        missing: vec!["libfaketimeMT.so.1".to_owned()],
    })?;
    let path = lab.host("client")?.environment_file();
    let text = format!(
        "LD_PRELOAD={}\nFAKETIME=+{AHEAD_SECONDS}s\nFAKETIME_DONT_FAKE_MONOTONIC=1\n",
        library.display()
    );
    fs::write(&path, text).map_err(LabError::file("write", &path))
}

pub(super) fn set_clock_right(lab: &Lab) -> Result<()> {
    let path = lab.host("client")?.environment_file();
    fs::remove_file(&path).map_err(LabError::file("remove", &path))
}
