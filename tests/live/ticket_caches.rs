//! Tickets that are kept elsewhere than in a file, and a program that has nothing
//! but a ticket.

use std::path::Path;
use std::process::Command;

use crate::walk::{MAIN, PROGRAM, SQL1, lab, on_client, walk_within};

/// Signs in to the cache that `$1` names, walks, and takes the cache away
/// again. Everything happens in a session keyring of its own.
const IN_CACHE: &str = r#"
export KRB5CCNAME="$1"
kinit alice@CORP.EXAMPLE <"$2" >&2 || exit 90
shift 2
"$@"
code=$?
kdestroy -A >&2
keyctl clear "$(keyctl get_persistent @s)" >&2
exit "$code"
"#;

#[test]
fn the_kernel_s_keyrings_are_read() {
    let lab = lab();
    let password = lab.dir().join("alice-password");
    std::fs::write(&password, "Al1ce-Passw0rd").expect("the password is written");
    for cache in [
        "KEYRING:session:sspi-doctor-test",
        "KEYRING:persistent:",
        "KEYRING:user:sspi-doctor-test",
    ] {
        let mut command = on_client(&lab, "keyctl");
        command
            .args(["session", "-", "sh", "-c", IN_CACHE, "sh", cache])
            .arg(&password);
        let walked = walk_within(&lab, command, MAIN, &[("server", SQL1)]);
        walked.healthy();
        let ticket = walked.document["steps"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|step| step["probe"] == "kerberos-ticket")
            .expect("the walk looks at the ticket");
        assert_eq!(ticket["facts"]["cache_type"], "KEYRING", "{ticket:#}");
        assert_eq!(ticket["facts"]["principal"], "alice@CORP.EXAMPLE");
    }
}

/// The libraries of the program, whole paths.
fn libraries() -> Vec<String> {
    let listed = Command::new("ldd").arg(PROGRAM).output().expect("ldd runs");
    let listed = String::from_utf8(listed.stdout).expect("names of files");
    listed
        .split_whitespace()
        .filter(|word| word.starts_with('/'))
        .map(str::to_owned)
        .collect()
}

#[test]
fn nothing_of_the_system_is_needed_to_sign_in_with_a_ticket() {
    let lab = lab();
    let libraries = libraries();
    assert!(
        !libraries
            .iter()
            .any(|name| name.contains("krb5") || name.contains("gss")),
        "{libraries:?}"
    );
    // The program, the C library, and what a user would bring.
    let root = tempfile::tempdir().expect("a folder");
    let put = |from: &Path, to: &str| {
        let to = root.path().join(to.trim_start_matches('/'));
        std::fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        std::fs::copy(from, to).expect("a copy");
    };
    for name in libraries.iter().map(String::as_str).chain([PROGRAM]) {
        put(Path::new(name), name);
    }
    let client = lab.host("client").expect("the jump host");
    put(&client.ccache("alice").expect("a cache"), "krb5cc");
    for name in [
        "etc/hosts",
        "etc/krb5.conf",
        "etc/resolv.conf",
        "etc/ssl/certs/ca-certificates.crt",
    ] {
        put(&lab.dir().join("hosts/client").join(name), name);
    }
    let mut command = client.command("env");
    command
        .args([
            "-i",
            "HOME=/",
            "KRB5CCNAME=FILE:/krb5cc",
            "/usr/sbin/chroot",
        ])
        .arg(root.path());
    walk_within(&lab, command, MAIN, &[("server", SQL1)]).healthy();
}
