//! What can be seen without asking anybody: tools, name service switch, locale,
//! terminal, state folder.

use rustix::fs::{Access, access};

use super::host::Host;
use super::{Check, Repair};

/// The smallest terminal in which the wizard works, and the one it is made for.
const SMALLEST: (u16, u16) = (40, 10);
const COMFORTABLE: (u16, u16) = (80, 24);

/// Every local check.
pub fn checks(host: &Host) -> Vec<Check> {
    vec![
        tools(host),
        name_service(host),
        locale(host),
        terminal(host),
        state_folder(host),
    ]
}

/// Programs that get a ticket and show it.
pub fn tools(host: &Host) -> Check {
    let check = Check::of(
        "kerberos-tools",
        "kinit and klist",
        "You get your Kerberos ticket with kinit. Without it, sign in with --user instead.",
    );
    let lacking: Vec<&str> = ["kinit", "klist"]
        .into_iter()
        .filter(|program| !host.has_program(program))
        .collect();
    if lacking.is_empty() {
        check.ok("both are there")
    } else {
        check.missing(
            format!("not in PATH: {}", lacking.join(", ")),
            Repair::package("krb5-user", "krb5-workstation"),
        )
    }
}

/// `hosts:` of nsswitch.conf(5): where programs look names up.
pub fn name_service(host: &Host) -> Check {
    let check = Check::of(
        "name-service-switch",
        "Name service switch (/etc/nsswitch.conf)",
        "Database drivers look names up the way this file says; the names of domain controllers are in DNS.",
    );
    let Some(text) = host.read("/etc/nsswitch.conf") else {
        return check.ok("no file: programs ask DNS and /etc/hosts");
    };
    let line = text
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default())
        .find_map(|line| line.trim().strip_prefix("hosts:"));
    let Some(line) = line else {
        return check.ok("no `hosts:` line: programs ask DNS and /etc/hosts");
    };
    let words: Vec<&str> = line.split_whitespace().collect();
    let sources = words.join(" ");
    let dns = words
        .iter()
        .position(|word| matches!(*word, "dns" | "resolve"));
    let Some(dns) = dns else {
        return check.missing(
            format!("`hosts: {sources}` does not ask DNS"),
            Repair::both("sudo sed -i 's/^hosts:.*/hosts: files dns/' /etc/nsswitch.conf"),
        );
    };
    // Multicast DNS claims every name below .local and ends the search there.
    let local = host
        .domain
        .as_deref()
        .is_some_and(|domain| domain.rsplit('.').next() == Some("local"));
    let claimed = words[..dns].windows(2).any(|pair| {
        pair[0].starts_with("mdns") && pair[1].eq_ignore_ascii_case("[NOTFOUND=return]")
    });
    if local && claimed {
        return check.missing(
            format!("`hosts: {sources}` never asks DNS for names below .local, and your domain is one"),
            Repair::both(
                "sudo sed -i '/^hosts:/s/mdns[a-z0-9_]* *\\[NOTFOUND=return\\]//' /etc/nsswitch.conf",
            ),
        );
    }
    check.ok(format!("hosts: {sources}"))
}

/// Whether the locale has the characters that the wizard draws.
pub fn locale(host: &Host) -> Check {
    let check = Check::of(
        "locale",
        "Locale",
        "Without UTF-8 the wizard draws with ASCII, and names with other letters are shown with question marks.",
    );
    let set = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| Some((name, host.variable(name)?)));
    match set {
        Some((name, value))
            if value.to_uppercase().contains("UTF-8") || value.to_uppercase().contains("UTF8") =>
        {
            check.ok(format!("{name}={value}"))
        }
        Some((name, value)) => check.missing(
            format!("{name}={value} is not UTF-8"),
            Repair::both(format!("export {name}=C.UTF-8")),
        ),
        None => check.missing(
            "none of LC_ALL, LC_CTYPE, LANG is set",
            Repair::both("export LANG=C.UTF-8"),
        ),
    }
}

/// Whether the wizard has a screen, and how large it is.
pub fn terminal(host: &Host) -> Check {
    let check = Check::of(
        "terminal",
        "Terminal",
        "The wizard needs one; `sspi-doctor run` works without.",
    );
    let Some((columns, lines)) = host.terminal else {
        return check.unknown("standard input and output are not both a terminal");
    };
    let term = match host.variable("TERM") {
        None => "not set",
        Some("dumb") => "dumb",
        Some(term) => {
            let size = format!("{term}, {columns} columns, {lines} lines");
            return if columns < SMALLEST.0 || lines < SMALLEST.1 {
                check.missing(
                    format!(
                        "{size}: too small, {}x{} are needed",
                        SMALLEST.0, SMALLEST.1
                    ),
                    Repair::both("stty size    # make the window larger"),
                )
            } else if columns < COMFORTABLE.0 || lines < COMFORTABLE.1 {
                check.ok(format!("{size}: it works, and 80x24 is more comfortable"))
            } else if host.variable("NO_COLOR").is_some() {
                check.ok(format!("{size}, no colours (NO_COLOR)"))
            } else {
                check.ok(size)
            };
        }
    };
    check.missing(
        format!("TERM is {term}: no full screen is possible"),
        Repair::both("export TERM=xterm-256color    # or what your terminal is"),
    )
}

/// Whether sessions can be kept.
pub fn state_folder(host: &Host) -> Check {
    let check = Check::of(
        "state-folder",
        "Folder for sessions and the log",
        "A walk is written down as it happens, so that a lost connection loses nothing.",
    );
    let folder = &host.state_folder;
    let there = Host::nearest(folder);
    if !there.is_dir() {
        return check.missing(
            format!("{} is not a folder", there.display()),
            Repair::both(format!("mv {0} {0}.old", quoted(there))),
        );
    }
    match access(there, Access::WRITE_OK | Access::EXEC_OK) {
        Ok(()) => check.ok(folder.display().to_string()),
        Err(fault) => check.missing(
            format!("{} cannot be written: {fault}", folder.display()),
            Repair::both(format!(
                "sudo install -d -m 700 -o \"$USER\" {}",
                quoted(folder)
            )),
        ),
    }
}

fn quoted(path: &std::path::Path) -> String {
    crate::fix::quote::sh(&path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    fn host(files: &[(&str, &str)], variables: &[(&str, &str)]) -> (tempfile::TempDir, Host) {
        let root = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = root.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let host = Host {
            root: root.path().to_owned(),
            variables: variables
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            state_folder: root.path().join("home/.local/state/sspi-doctor"),
            ..Host::default()
        };
        (root, host)
    }

    #[test]
    fn a_bare_host_lacks_tools_and_locale_and_is_told_how_to_get_them() {
        let (_root, host) = host(&[], &[]);
        let tools = tools(&host);
        assert_eq!(tools.state, State::Missing);
        assert_eq!(tools.repair.unwrap().debian, "sudo apt install krb5-user");
        assert_eq!(locale(&host).state, State::Missing);
        assert_eq!(terminal(&host).state, State::Unknown);
        assert_eq!(name_service(&host).state, State::Ok);
        assert_eq!(state_folder(&host).state, State::Ok);
    }

    #[test]
    fn a_host_that_is_set_up_lacks_nothing() {
        let (_root, mut host) = host(
            &[
                ("usr/bin/kinit", ""),
                ("usr/bin/klist", ""),
                (
                    "etc/nsswitch.conf",
                    "passwd: files\nhosts: files dns # both\n",
                ),
            ],
            &[
                ("PATH", "/usr/bin"),
                ("LANG", "de_DE.utf8"),
                ("TERM", "xterm"),
            ],
        );
        host.terminal = Some((80, 24));
        for check in checks(&host) {
            assert_eq!(check.state, State::Ok, "{check:?}");
        }
        host.terminal = Some((30, 24));
        assert_eq!(terminal(&host).state, State::Missing);
    }

    #[test]
    fn a_switch_that_never_asks_dns_is_told() {
        let (_root, mut none) = host(&[("etc/nsswitch.conf", "hosts: files\n")], &[]);
        assert_eq!(name_service(&none).state, State::Missing);
        std::fs::write(
            none.path("/etc/nsswitch.conf"),
            "hosts: files mdns4_minimal [NOTFOUND=return] dns\n",
        )
        .unwrap();
        none.domain = Some("corp.example".to_owned());
        assert_eq!(name_service(&none).state, State::Ok);
        none.domain = Some("corp.local".to_owned());
        let check = name_service(&none);
        assert_eq!(check.state, State::Missing);
        assert!(check.saw.contains(".local"), "{}", check.saw);
    }

    #[test]
    fn a_file_where_the_folder_should_be_is_told() {
        let (_root, host) = host(&[("home/.local/state", "a file")], &[]);
        let check = state_folder(&host);
        assert_eq!(check.state, State::Missing);
        assert!(check.saw.contains("home/.local/state"), "{}", check.saw);
    }
}
