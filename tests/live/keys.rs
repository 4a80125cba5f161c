//! Keys: what the KDC locks a ticket with, and what SQL Server opens it with.

use lab::fault::{AccountFault, Fault, KeyFault, Pointer, Unusable, WrongAccount};

use crate::walk::{MAIN, SQL1, by_hand, inject, lab, put_right, repair, walk, walk_with_sql_login};

const KNOWN: [(&str, &str); 2] = [("server", SQL1), ("service_account", r"CORP\svc_sql")];

#[test]
fn password_changed_after_start() {
    let lab = lab();
    walk_with_sql_login(&lab, &[("server", SQL1)]).healthy();
    inject(&lab, Fault::Key(KeyFault::PasswordChangedAfterStart));
    let walked = walk_with_sql_login(&lab, &[("server", SQL1)]);
    walked.found(&["password-changed-after-start"]);
    // When the service was started is not known without a SQL login.
    let guess = walk(&lab, MAIN, &KNOWN);
    assert_eq!(guess.causes(), Vec::<&str>::new(), "{}", guess.progress);
    assert!(guess.unknown().contains(&"password-changed-after-start"));
    // What the advice says: start the service again.
    by_hand(&lab, || {
        lab.sql("sql1").expect("sql1").restart().expect("a restart");
    });
    walk_with_sql_login(&lab, &[("server", SQL1)]).healthy();
}

#[test]
fn computer_password_rotated() {
    let lab = lab();
    inject(&lab, Fault::Key(KeyFault::ComputerPasswordRotated));
    walk_with_sql_login(&lab, &[("server", SQL1)]).found(&["computer-password-rotated"]);
    by_hand(&lab, || {
        lab.sql("sql1").expect("sql1").restart().expect("a restart");
    });
    walk_with_sql_login(&lab, &[("server", SQL1)]).healthy();
}

#[test]
fn keytab_stale() {
    for keytab in [KeyFault::KeytabOldVersion, KeyFault::KeytabKeyMissing] {
        let lab = lab();
        inject(&lab, Fault::Key(keytab));
        walk(&lab, MAIN, &KNOWN).found(&["keytab-stale"]);
        put_right(&lab);
        walk(&lab, MAIN, &KNOWN).healthy();
    }
}

#[test]
fn sql_on_linux_is_healthy() {
    let lab = lab();
    inject(&lab, Fault::Key(KeyFault::SqlOnLinux));
    walk(&lab, MAIN, &KNOWN).healthy_at("SQL Server on Linux with a keytab");
}

#[test]
fn service_runs_as_local_account() {
    let lab = lab();
    inject(&lab, Fault::Key(KeyFault::ServiceRunsAsLocalAccount));
    walk_with_sql_login(&lab, &[("server", SQL1)]).found(&["service-runs-as-local-account"]);
    let told = [("server", SQL1), ("service_account", r"SQL1\sqlsvc")];
    walk(&lab, MAIN, &told).found(&["service-runs-as-local-account"]);
}

#[test]
fn no_common_encryption_type() {
    let lab = lab();
    inject(&lab, Fault::Key(KeyFault::NoCommonEncryptionType));
    let walked = walk(&lab, MAIN, &KNOWN);
    walked.found(&["no-common-encryption-type"]);
    repair(&lab, &walked);
    walk(&lab, MAIN, &KNOWN).healthy();
}

#[test]
fn client_encryption_restricted() {
    let lab = lab();
    inject(&lab, Fault::Key(KeyFault::ClientEncryptionRestricted));
    walk(&lab, MAIN, &KNOWN).found(&["client-encryption-restricted"]);
    put_right(&lab);
    walk(&lab, MAIN, &KNOWN).healthy();
}

#[test]
fn des_only_account() {
    let lab = lab();
    inject(&lab, Fault::Account(AccountFault::DesOnly));
    let walked = walk(&lab, MAIN, &KNOWN);
    walked.found(&["des-only-account"]);
    repair(&lab, &walked);
    walk(&lab, MAIN, &KNOWN).healthy();
}

#[test]
fn two_causes_at_once() {
    let lab = lab();
    inject(&lab, Fault::ReverseLookupMismatch(Pointer::Wrong));
    inject(&lab, Fault::Key(KeyFault::PasswordChangedAfterStart));
    walk_with_sql_login(&lab, &[("server", SQL1)])
        .found(&["reverse-lookup-mismatch", "password-changed-after-start"]);
    lab.restore().expect("a healthy lab");
    inject(&lab, Fault::SpnOnWrongAccount(WrongAccount::Service));
    inject(
        &lab,
        Fault::Account(AccountFault::ServiceUnusable(Unusable::Disabled)),
    );
    let walked = walk(&lab, MAIN, &KNOWN);
    walked.found(&["service-account-unusable", "spn-on-wrong-account"]);
    repair(&lab, &walked);
    walk(&lab, MAIN, &KNOWN).healthy();
}
