//! The programs of the operating system that the lab runs, and the Debian
//! packages that bring them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::error::{LabError, Result};
use crate::process;

/// The Debian packages that the lab needs, as `lab packages` prints them.
pub const PACKAGES: &[&str] = &[
    "samba",
    "samba-ad-dc",
    "samba-ad-provision",
    "samba-dsdb-modules",
    "samba-vfs-modules",
    "python3-samba",
    "winbind",
    "krb5-user",
    "ldap-utils",
    "ldb-tools",
    "libsasl2-modules-gssapi-mit",
    "bind9-dnsutils",
    "dnsmasq-base",
    "iproute2",
    "util-linux",
    "openssl",
    "openssh-client",
    "openssh-server",
    "faketime",
    "freetds-bin",
    "tmux",
];

/// Where programs are looked for, and the `PATH` of every program in the lab.
pub const SEARCH_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const PROGRAMS: &[&str] = &[
    "samba",
    "samba-tool",
    "ldbadd",
    "ldbmodify",
    "ldbsearch",
    "kinit",
    "klist",
    "kvno",
    "dig",
    "ldapsearch",
    "dnsmasq",
    "ip",
    "nsenter",
    "unshare",
    "setsid",
    "mount",
    "openssl",
    "ssh",
    "sshd",
    "ssh-keygen",
    "timeout",
    "tsql",
];

/// Checks that every program is there, all at once.
pub fn check() -> Result<()> {
    let mut missing: Vec<String> = PROGRAMS
        .iter()
        .filter(|program| find(program).is_none())
        .map(ToString::to_string)
        .collect();
    if faketime_library().is_none() {
        missing.push("libfaketimeMT.so.1".to_owned());
    }
    if missing.is_empty() {
        Ok(())
    } else {
        Err(LabError::MissingTools { missing })
    }
}

fn find(program: &str) -> Option<PathBuf> {
    SEARCH_PATH
        .split(':')
        .map(|dir| Path::new(dir).join(program))
        .find(|path| path.is_file())
}

/// The library of libfaketime for programs with threads; its directory is
/// named after the processor.
pub fn faketime_library() -> Option<PathBuf> {
    let mut places: Vec<PathBuf> = vec![
        PathBuf::from("/usr/lib/faketime"),
        PathBuf::from("/usr/lib64/faketime"),
        PathBuf::from("/usr/local/lib/faketime"),
    ];
    if let Ok(entries) = std::fs::read_dir("/usr/lib") {
        places.extend(entries.flatten().map(|entry| entry.path().join("faketime")));
    }
    places
        .into_iter()
        .map(|place| place.join("libfaketimeMT.so.1"))
        .find(|path| path.is_file())
}

/// The environment variable that names the TDS peer's program.
pub const TDS_PEER_VARIABLE: &str = "SSPI_LAB_TDS_PEER";

/// The TDS peer's program: beside this one, where cargo puts it. Under
/// `cargo test` or `cargo run` it is brought up to date first, because cargo
/// builds no program of another package by itself.
pub fn tds_peer() -> Result<PathBuf> {
    static PEER: OnceLock<PathBuf> = OnceLock::new();
    if let Some(peer) = PEER.get() {
        return Ok(peer.clone());
    }
    let named = std::env::var_os(TDS_PEER_VARIABLE).map(PathBuf::from);
    let directory = program_directory();
    if named.is_none()
        && directory.ends_with("debug")
        && let (Some(cargo), Some(target)) = (std::env::var_os("CARGO"), directory.parent())
    {
        let mut build = Command::new(cargo);
        build
            .args(["build", "--quiet", "--package", "tds-peer", "--target-dir"])
            .arg(target);
        build.current_dir(env!("CARGO_MANIFEST_DIR"));
        process::run("this machine", &mut build)?;
    }
    let peer = named.unwrap_or_else(|| directory.join("tds-peer"));
    if !peer.is_file() {
        return Err(LabError::NoPeer { peer });
    }
    Ok(PEER.get_or_init(|| peer).clone())
}

/// Where cargo puts the programs of the workspace; tests are one level below.
pub fn program_directory() -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    let directory = program.parent().unwrap_or(Path::new("/"));
    if directory.ends_with("deps") {
        directory.parent().unwrap_or(directory).to_path_buf()
    } else {
        directory.to_path_buf()
    }
}
