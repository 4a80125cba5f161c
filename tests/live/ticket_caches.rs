//! Tickets that are kept elsewhere than in a file.

use crate::walk::{MAIN, SQL1, lab, on_client, walk_within};

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
