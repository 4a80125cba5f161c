//! Answers from the client that fails: aliases, drivers, Credential Guard,
//! groups, clock.

use super::super::text::value;
use super::{Reading, Says, some};

/// `reg query …\Client\ConnectTo`: `NAME REG_SZ DBMSSOCN,host,port`.
pub(super) fn aliases(text: &str) -> Reading {
    let found: Vec<String> = text
        .lines()
        .filter_map(|line| {
            let (name, rest) = line.trim().split_once("REG_SZ")?;
            Some(format!("{} leads to {}", name.trim(), rest.trim()))
        })
        .collect();
    if !found.is_empty() {
        return Some((
            Says::Unclear,
            format!(
                "The client has aliases: {}. If the name that fails is one of them, it leads there.",
                some(&found)
            ),
        ));
    }
    let none = text
        .to_ascii_lowercase()
        .contains("unable to find the specified registry key")
        || text.contains("ConnectTo");
    none.then(|| (Says::Excludes, "The client has no aliases.".to_owned()))
}

/// `Get-OdbcDriver` and `odbcinst -q -d`.
pub(super) fn drivers(text: &str) -> Reading {
    let (mut old, mut current) = (Vec::new(), Vec::new());
    for line in text.lines() {
        let name = line
            .trim()
            .trim_matches(['[', ']'])
            .trim_end_matches("32-bit")
            .trim_end_matches("64-bit")
            .trim()
            .to_owned();
        let lower = name.to_ascii_lowercase();
        if lower == "sql server" || lower.starts_with("sql server native client") {
            old.push(name);
        } else if lower.starts_with("odbc driver ") && lower.ends_with("for sql server") {
            current.push(name);
        }
    }
    match (old.is_empty(), current.is_empty()) {
        (true, true) => None,
        (true, false) => Some((
            Says::Excludes,
            format!("Only current drivers are there: {}.", some(&current)),
        )),
        (false, _) => Some((
            Says::Unclear,
            format!(
                "Old drivers are there: {}. Does the program use one of them?",
                some(&old)
            ),
        )),
    }
}

/// The numbers of `SecurityServicesRunning`: 1 is Credential Guard.
pub(super) fn credential_guard(text: &str) -> Reading {
    let numbers: Vec<u32> = text
        .lines()
        .map(|line| value(line, "SecurityServicesRunning").unwrap_or(line.trim()))
        .flat_map(|line| line.split([',', ' ', '{', '}']))
        .filter_map(|word| word.trim().parse().ok())
        .filter(|number| *number < 16)
        .collect();
    if numbers.is_empty() {
        return None;
    }
    Some(if numbers.contains(&1) {
        (
            Says::Confirms,
            "Credential Guard runs on the client.".to_owned(),
        )
    } else {
        (
            Says::Excludes,
            "Credential Guard does not run on the client.".to_owned(),
        )
    })
}

/// `whoami /groups /fo list`.
pub(super) fn groups(text: &str) -> Reading {
    let groups: Vec<String> = text
        .lines()
        .filter_map(|line| value(line, "Group Name"))
        .map(str::to_owned)
        .collect();
    (!groups.is_empty()).then(|| {
        (
            Says::Unclear,
            format!(
                "In the logon are {} groups: {}. Is the group of the SQL login among them?",
                groups.len(),
                some(&groups)
            ),
        )
    })
}

/// `w32tm /query /status` and `/stripchart`, `chronyc tracking`, `timedatectl`.
pub(super) fn clock(text: &str) -> Reading {
    let mut found: Vec<String> = Vec::new();
    for line in text.lines().map(str::trim) {
        let lower = line.to_ascii_lowercase();
        if let Some(source) = value(line, "Source") {
            let bad = lower.contains("local cmos clock") || lower.contains("free-running");
            found.push(if bad {
                format!("its clock runs by itself ({source})")
            } else {
                format!("its time comes from {source}")
            });
        } else if let Some(offset) = value(line, "System time") {
            found.push(format!("its clock is {offset}"));
        } else if lower == "system clock synchronized: no" {
            found.push("its clock is not synchronised".to_owned());
        } else if lower == "system clock synchronized: yes" {
            found.push("its clock is synchronised".to_owned());
        }
    }
    (!found.is_empty()).then(|| (Says::Unclear, format!("Of that machine: {}.", some(&found))))
}
