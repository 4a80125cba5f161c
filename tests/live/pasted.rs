//! What others saw, where the operator cannot look; and walks that begin with
//! an error message.

use std::path::PathBuf;

use lab::fault::spn_state::SpnState;
use lab::fault::{Fault, Network, WrongAccount};
use lab::lab::Lab;

use crate::walk::{MAIN, SQL1, inject, lab, walk_with};

const SPN: &str = "MSSQLSvc/sql1.corp.example:1433";

/// A file with a text that alice can read.
fn file(lab: &Lab, name: &str, text: &str) -> PathBuf {
    let path = lab.dir().join(name);
    std::fs::write(&path, text).expect("the text is written");
    path
}

/// The answer of `setspn -F -Q`, as a domain administrator sees it.
fn setspn(holders: &[&str]) -> String {
    let mut text = format!("C:\\>setspn -F -Q {SPN}\r\nChecking forest DC=corp,DC=example\r\n");
    for holder in holders {
        text.extend([*holder, "\r\n        ", SPN, "\r\n"]);
    }
    text + if holders.is_empty() {
        "\r\nNo such SPN found.\r\n"
    } else {
        "\r\nExisting SPN found!\r\n"
    }
}

const SERVICE: &str = "CN=svc_sql,CN=Users,DC=corp,DC=example";
const COMPUTER: &str = "CN=SQL1,CN=Computers,DC=corp,DC=example";

/// The directory is behind a firewall, and the KDC's 7 does not say why. What
/// somebody else saw does.
#[test]
fn directory_behind_a_firewall() {
    for (fault, holders, cause) in [
        (Fault::SpnMissing, &[][..], "spn-missing"),
        (
            Fault::SpnDuplicate,
            &[SERVICE, COMPUTER][..],
            "spn-duplicate",
        ),
        (
            Fault::SpnOnWrongAccount(WrongAccount::Computer),
            &[COMPUTER][..],
            "spn-on-wrong-account",
        ),
    ] {
        let lab = lab();
        inject(&lab, fault);
        inject(&lab, Fault::Network(Network::DirectorySilent));
        let set = [("server", SQL1), ("service_account", r"CORP\svc_sql")];
        let alone = walk_with(&lab, "spn-verification", &set, &[]);
        assert_eq!(alone.causes(), Vec::<&str>::new(), "{}", alone.progress);
        assert!(alone.unknown().contains(&cause), "{}", alone.progress);
        let told = file(&lab, "setspn.txt", &setspn(holders));
        let told = told.to_string_lossy();
        let walked = walk_with(&lab, "spn-verification", &set, &["--pasted", &told]);
        walked.found(&[cause]);
        let evidence = walked.document["findings"][0]["evidence"].to_string();
        assert!(evidence.contains("told by a person"), "{evidence}");
        assert!(evidence.contains("setspn.txt"), "{evidence}");
        let notes = walked.document["notes"].to_string();
        assert!(notes.contains("not seen by this program"), "{notes}");
    }
}

/// A SQLCheck report names the service account, which the walk then uses.
#[test]
fn service_account_from_a_report() {
    let lab = lab();
    inject(&lab, Fault::SpnOnWrongAccount(WrongAccount::Computer));
    let report = file(
        &lab,
        "SQLCheck.SQL1.txt",
        "FQDN:  SQL1.corp.example\r\n\r\nDetails for SQL Server Instance: MSSQLSERVER (Developer Edition)\r\n\r\n\
         Service Account:            CORP\\svc_sql\r\nSPN Account:                CORP\\svc_sql\r\n",
    );
    let report = report.to_string_lossy();
    let walked = walk_with(&lab, MAIN, &[("server", SQL1)], &["--pasted", &report]);
    walked.found(&["spn-on-wrong-account"]);
}

/// What was told does not say under which account SQL Server runs: then the walk
/// finds it out by itself.
#[test]
fn a_listener_whose_account_was_not_told() {
    let lab = lab();
    inject(&lab, Fault::Spn(SpnState::ListenerMissing));
    let told = file(&lab, "setspn.txt", &setspn(&[SERVICE]));
    let told = told.to_string_lossy();
    let set = [("server", "agl.corp.example")];
    let walked = walk_with(&lab, MAIN, &set, &["--pasted", &told]);
    walked.found(&["listener-spn-missing"]);
    let account = &walked.document["findings"][0]["values"]["service_account"]["name"];
    assert_eq!(account, r"CORP\svc_sql");
}

/// The walk begins where the login stopped, and looks no further than it must.
#[test]
fn error_messages_begin_at_their_stage() {
    let message = "Cannot connect to sql1.corp.example,1433.\r\n\r\nADDITIONAL INFORMATION:\r\n";
    let not_authorised = format!(
        "{message}Login failed for user 'CORP\\alice'. (Microsoft SQL Server, Error: 18456)"
    );
    let not_opened = format!(
        "{message}The target principal name is incorrect.  Cannot generate SSPI context. (.Net SqlClient Data Provider)"
    );

    let lab = lab();
    let error = file(&lab, "error.txt", &not_authorised);
    let error = error.to_string_lossy();
    let healthy = walk_with(&lab, MAIN, &[], &["--error", &error]);
    healthy.healthy();
    inject(&lab, Fault::LoginNotAuthorised);
    let walked = walk_with(&lab, MAIN, &[], &["--error", &error]);
    walked.found(&["login-not-authorised"]);
    assert_eq!(walked.document["flow"], "login-with-ticket");
    drop(lab);

    let lab = crate::walk::lab();
    inject(&lab, Fault::SpnOnWrongAccount(WrongAccount::Computer));
    let error = file(&lab, "error.txt", &not_opened);
    let error = error.to_string_lossy();
    let set = [("service_account", r"CORP\svc_sql")];
    let walked = walk_with(&lab, MAIN, &set, &["--error", &error]);
    walked.found(&["spn-on-wrong-account"]);
    assert_eq!(walked.document["flow"], "login-with-ticket");
    assert_eq!(walked.document["target"], SQL1);
}
