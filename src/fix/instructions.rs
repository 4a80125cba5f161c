//! What stands in the place of a script where no script can make the repair:
//! what to do, in remarks, so that nobody runs it for more than it is.

use std::fmt::Write as _;

use super::System;
use super::header::Header;
use super::plan::Plan;
use super::quote::{ascii, comment, powershell, sh};

/// The instructions of a plan without steps.
pub(super) fn instructions(plan: &Plan, system: System, header: &Header) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "# What to do, by sspi-doctor {}. No script can do this; it is for people.\n#\n\
         # SQL Server: {}\n# Session:    {} ({}, {})\n#",
        comment(&header.version),
        comment(&header.target),
        comment(&header.session),
        comment(&header.flow),
        comment(&header.started),
    );
    let (quote, tickets): (fn(&str) -> String, _) = match system {
        System::Windows => (powershell, "klist purge, and sign in again"),
        System::Linux => (sh, "kdestroy -A and kinit"),
    };
    for (index, entry) in plan.manual.iter().enumerate() {
        let _ = writeln!(
            text,
            "# {}. {} ({})",
            index + 1,
            comment(&entry.text),
            comment(&entry.reason)
        );
        let command = match system {
            System::Windows => &entry.windows,
            System::Linux => &entry.linux,
        };
        if let Some(command) = command {
            let _ = writeln!(text, "#      {}", comment(command));
        }
    }
    let _ = writeln!(
        text,
        "#\n# Before you try again: tickets that clients already have stay as they are ({tickets});\n\
         # connect anew, pooled connections keep their old login. Then look once more:\n#      {}",
        header.again(quote)
    );
    match system {
        System::Windows => ascii(&text),
        System::Linux => text,
    }
}
