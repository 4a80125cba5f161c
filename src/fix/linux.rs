//! The script for a POSIX shell with ldap-utils and samba-tool.
//!
//! SPNs and delegation lists are changed value by value with `ldapmodify`, each
//! in one atomic operation: `samba-tool spn add` and `delete` write the whole
//! list back and can lose what somebody else added meanwhile.

mod account;
mod delegation;
mod step;

use std::fmt::Write as _;

use super::header::Header;
use super::plan::{Change, Plan};
use super::quote::{self, comment, sh};

const PRELUDE: &str = include_str!("linux/prelude.sh");

/// The script.
pub(super) fn script(plan: &Plan, header: &Header) -> String {
    let mut text = String::from("#!/bin/sh\n");
    top(&mut text, plan, header);
    let needs_ticket = plan.steps.iter().any(|step| {
        !matches!(
            step.change,
            Change::CreateTrust { .. } | Change::CreateLogin { .. }
        )
    });
    let _ = writeln!(
        text,
        "session={}\nsteps={}\nneeds_ticket={}\n",
        sh(&header.file_name()),
        plan.steps.len(),
        if needs_ticket { "yes" } else { "no" }
    );
    controllers(&mut text, plan, header);
    text.push_str(PRELUDE);
    titles(&mut text, plan);
    save_all(&mut text, plan);
    for (index, step) in plan.steps.iter().enumerate() {
        step::write(&mut text, index + 1, step);
    }
    manual(&mut text, plan);
    after(&mut text, header);
    verify(&mut text, plan, header);
    text.push_str("main\n");
    text
}

fn top(text: &mut String, plan: &Plan, header: &Header) {
    let _ = writeln!(
        text,
        "# Fix script of sspi-doctor {}, for a Linux machine with network access to a domain\n\
         # controller. Run it as somebody who has the ticket of a domain administrator:\n\
         #   kinit Administrator@DOMAIN\n\
         #   sh THIS-FILE plan       shows what it would do\n\
         #   sh THIS-FILE            saves today's values, does it, and checks the result\n\
         #   sh THIS-FILE rollback   undoes what it did\n\
         #   sh THIS-FILE verify     only checks\n\
         # Needs: ldap-utils, krb5-user, libsasl2-modules-gssapi-mit, bind9-dnsutils, for DNS samba-common-bin.\n\
         #\n\
         # SQL Server: {}\n\
         # Session:    {} ({}, {})\n#",
        comment(&header.version),
        comment(&header.target),
        comment(&header.session),
        comment(&header.flow),
        comment(&header.started),
    );
    plan.contents(text, |manual| manual.linux.as_deref());
    text.push('\n');
}

/// The variables that name domain controllers, and the function that reads them.
fn controllers(text: &mut String, plan: &Plan, header: &Header) {
    let domains = plan.domains();
    text.push_str(
        "# The domain controllers to write to; empty: found by DNS when the script runs.\n",
    );
    for (index, domain) in domains.iter().enumerate() {
        let _ = writeln!(
            text,
            "[ -n \"${{DC{0}:-}}\" ] || DC{0}={1}   # of {2}",
            index + 1,
            sh(header.domain_controller(domain)),
            comment(domain)
        );
    }
    text.push_str("named_dc() {\n  case $1 in\n");
    for (index, domain) in domains.iter().enumerate() {
        let _ = writeln!(
            text,
            "    {}) printf '%s\\n' \"$DC{}\" ;;",
            sh(domain),
            index + 1
        );
    }
    text.push_str("    *) ;;\n  esac\n}\n\n");
}

fn titles(text: &mut String, plan: &Plan) {
    text.push_str("\ntitle() {\n  case $1 in\n");
    for (index, step) in plan.steps.iter().enumerate() {
        let _ = writeln!(
            text,
            "    {}) say {} ;;",
            index + 1,
            sh(&comment(&step.change.words()))
        );
    }
    text.push_str("    *) ;;\n  esac\n}\n\n");
}

fn save_all(text: &mut String, plan: &Plan) {
    text.push_str("save_all() {\n  :\n");
    for account in plan.accounts() {
        if let Some(name) = step::distinguished_name(account) {
            let _ = writeln!(text, "  save {} {}", sh(&account.domain), sh(&name));
        }
    }
    text.push_str("}\n");
}

fn manual(text: &mut String, plan: &Plan) {
    text.push_str("\nmanual() {\n  :\n");
    if !plan.manual.is_empty() {
        text.push_str("  say 'What this script does not do:'\n");
    }
    for entry in &plan.manual {
        let _ = writeln!(
            text,
            "  say {}",
            sh(&format!(" - {}", comment(&entry.text)))
        );
        if let Some(command) = &entry.linux {
            let _ = writeln!(text, "  say {}", sh(&format!("     {}", comment(command))));
        }
    }
    text.push_str("}\n");
}

fn after(text: &mut String, header: &Header) {
    text.push_str(
        "\nafter() {\n  manual\n  say 'Before you try again:'\n\
         \x20 say ' - other domain controllers see the change after replication (repadmin /syncall /AdeP forces it)'\n\
         \x20 say ' - tickets that clients already have stay wrong: klist purge on Windows, kdestroy -A and kinit on Linux'\n\
         \x20 say ' - Windows remembers for 15 minutes that an SPN did not exist'\n\
         \x20 say ' - connect anew: pooled connections keep their old login'\n",
    );
    let _ = writeln!(
        text,
        "  say {}\n}}",
        sh(&format!(" - then: {}", header.again(sh)))
    );
}

fn verify(text: &mut String, plan: &Plan, header: &Header) {
    text.push_str("\nverify() {\n  :\n");
    for (spn, account) in plan.spns() {
        let _ = writeln!(
            text,
            "  exactly {} {} {} {}",
            sh(&account.domain),
            sh(spn),
            sh(&comment(&account.name)),
            sh(&format!(
                "(servicePrincipalName={})",
                quote::ldap_filter(spn)
            ))
        );
    }
    for (spn, _) in plan.spns() {
        let _ = writeln!(
            text,
            "  say {}",
            sh(&format!("Ask for a ticket: kvno {}", comment(&sh(spn))))
        );
    }
    let _ = writeln!(
        text,
        "  say {}\n}}\n",
        sh(&format!("Walk once more: {}", header.again(sh)))
    );
}
