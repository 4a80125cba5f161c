//! What differs in a host's /etc.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use crate::accounts::UNIX_USERS;
use crate::error::{LabError, Result};
use crate::topology::{HostSpec, Role, with_role};

/// Writes the files that make a host itself; everything else in its /etc is a
/// copy of this machine's.
pub(super) fn write(dir: &Path, spec: &HostSpec) -> Result<()> {
    let etc = dir.join("etc");
    let fresh = [
        ("hostname", format!("{}\n", spec.name)),
        ("hosts", hosts(spec)),
        ("resolv.conf", resolv_conf(spec)),
        ("krb5.conf", krb5_conf(spec)),
        ("nsswitch.conf", NSSWITCH.to_owned()),
        ("samba/smb.conf", smb_conf(spec)),
        ("profile.d/sspi-lab.sh", profile(dir)),
    ];
    for (name, text) in fresh {
        let path = etc.join(name);
        // What was copied may be a link to somewhere outside the lab.
        let _ = fs::remove_file(&path);
        fs::write(&path, text).map_err(LabError::file("write", &path))?;
    }
    // A system-wide directory of additions could undo the lab's krb5.conf.
    let _ = fs::remove_dir_all(etc.join("krb5.conf.d"));
    for name in ["passwd", "group", "shadow"] {
        append_users(&etc.join(name), dir, name)?;
    }
    Ok(())
}

/// Only files and DNS: a name service of this machine must not answer.
const NSSWITCH: &str = "passwd: files\ngroup: files\nshadow: files\n\
                        hosts: files dns\nservices: files\nprotocols: files\n";

fn hosts(spec: &HostSpec) -> String {
    format!(
        "127.0.0.1 localhost\n::1 localhost ip6-localhost\n{} {} {}\n",
        spec.address,
        spec.fqdn(),
        spec.name
    )
}

fn resolv_conf(spec: &HostSpec) -> String {
    let mut text = format!("search {}\n", spec.domain.name);
    for server in with_role(Role::NameServer) {
        let _ = writeln!(text, "nameserver {}", server.address);
    }
    text
}

/// As on a joined jump host. `kdc_timesync = 0`, else MIT Kerberos hides a
/// clock that is wrong.
fn krb5_conf(spec: &HostSpec) -> String {
    format!(
        "[libdefaults]\n\
         \tdefault_realm = {}\n\
         \tdns_lookup_kdc = true\n\
         \tdns_lookup_realm = false\n\
         \trdns = false\n\
         \tforwardable = true\n\
         \tkdc_timesync = 0\n\
         \tdefault_ccache_name = FILE:/run/krb5cc_%{{uid}}\n",
        spec.domain.realm
    )
}

/// For Samba's client tools (`samba-tool -H ldap://…`, `net ads`) on a member;
/// a controller gets its own later.
fn smb_conf(spec: &HostSpec) -> String {
    format!(
        "[global]\n\tworkgroup = {}\n\trealm = {}\n\tnetbios name = {}\n\tsecurity = ads\n",
        spec.domain.netbios,
        spec.domain.realm,
        spec.name.to_uppercase()
    )
}

/// A login shell sees what `lab enter` sets: the user's cache and a fault's
/// environment.
fn profile(dir: &Path) -> String {
    format!(
        "export KRB5CCNAME=\"FILE:$HOME/krb5cc\" PATH=\"$PATH:{1}\"\n\
         if [ -r '{0}' ]; then set -a; . '{0}'; set +a; fi\n",
        dir.join("environment").display(),
        crate::tools::program_directory().display()
    )
}

fn append_users(path: &Path, dir: &Path, kind: &str) -> Result<()> {
    let mut text = fs::read_to_string(path).map_err(LabError::file("read", path))?;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    for user in UNIX_USERS {
        let (name, id, home) = (user.name, user.id, user.home(dir));
        let _ = match kind {
            "passwd" => writeln!(
                text,
                "{name}:x:{id}:{id}:{name}:{}:/bin/bash",
                home.display()
            ),
            "group" => writeln!(text, "{name}:x:{id}:"),
            _ => writeln!(text, "{name}:*:19000:0:99999:7:::"),
        };
    }
    fs::write(path, text).map_err(LabError::file("write", path))
}
