//! Each fault has its effect, and its undoing leaves nothing of it.

use lab::fault::{Clock, Delegation, Pointer, Ticket, Trust, WrongAccount};
use lab::{Fault, Lab};

use crate::{alice, dig, holders, lab, sql_login, ticket};

const SPN: &str = "MSSQLSvc/sql1.corp.example:1433";

/// Injects a fault, looks at its effect, undoes it and checks everything.
fn with(fault: Fault, effect: impl FnOnce(&Lab)) {
    let lab = lab();
    lab.inject(fault).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(lab.faults(), [fault]);
    let error = lab
        .verify_healthy()
        .expect_err("a lab with a fault is not healthy")
        .to_string();
    assert!(error.contains(&fault.to_string()), "{error}");
    effect(&lab);
    lab.undo(fault).unwrap_or_else(|error| panic!("{error}"));
    lab.verify_healthy()
        .unwrap_or_else(|error| panic!("after undoing {fault}: {error}"));
}

#[test]
fn spn_missing_makes_the_kdc_know_no_such_server() {
    with(Fault::SpnMissing, |lab| {
        assert_eq!(holders(lab, SPN), [""; 0]);
        let kvno = ticket(lab, SPN, None);
        assert!(!kvno.success && kvno.text.contains("not found in Kerberos database"));
    });
}

#[test]
fn spn_duplicate_shows_two_holders_and_no_ticket() {
    with(Fault::SpnDuplicate, |lab| {
        assert_eq!(holders(lab, SPN), ["svc_old", "svc_sql"]);
        let kvno = ticket(lab, SPN, None);
        assert!(!kvno.success && kvno.text.contains("not found in Kerberos database"));
    });
}

#[test]
fn spn_on_wrong_account_gives_a_ticket_that_the_server_cannot_read() {
    for (account, holder) in [
        (WrongAccount::Service, "svc_old"),
        (WrongAccount::Computer, "SQL1"),
    ] {
        with(Fault::SpnOnWrongAccount(account), |lab| {
            assert_eq!(holders(lab, SPN), [holder]);
            assert!(ticket(lab, SPN, None).success);
            let keytab = lab.sql("sql1").unwrap().keytab_file();
            let kvno = ticket(lab, SPN, Some(keytab));
            assert!(!kvno.success, "{}", kvno.text);
        });
    }
}

#[test]
fn reverse_lookup_mismatch_changes_the_pointer_records_only() {
    let cases: [(Pointer, &[&str]); 3] = [
        (Pointer::Missing, &[]),
        (Pointer::Wrong, &["sql2.corp.example."]),
        (
            Pointer::Several,
            &["legacy.corp.example.", "sql1.corp.example."],
        ),
    ];
    for (pointer, expected) in cases {
        with(Fault::ReverseLookupMismatch(pointer), |lab| {
            assert_eq!(dig(lab, &["-x", "10.88.0.31"]), expected);
            assert_eq!(dig(lab, &["sql1.corp.example"]), ["10.88.0.31"]);
        });
    }
}

#[test]
fn name_points_elsewhere_leads_to_sql2() {
    with(Fault::NamePointsElsewhere, |lab| {
        assert_eq!(dig(lab, &["sql1.corp.example"]), ["10.88.0.32"]);
        assert_eq!(dig(lab, &["-x", "10.88.0.32"]), ["sql2.corp.example."]);
    });
}

#[test]
fn no_ticket_leaves_alice_without_one_of_her_own() {
    with(Fault::NoTicket(Ticket::NoCache), |lab| {
        assert!(
            alice(lab, &["klist"])
                .text
                .contains("No credentials cache found")
        );
    });
    with(Fault::NoTicket(Ticket::Expired), |lab| {
        let klist = alice(lab, &["klist"]);
        assert!(klist.text.contains("alice@CORP.EXAMPLE"), "{}", klist.text);
        assert!(!alice(lab, &["klist", "-s"]).success);
    });
    with(Fault::NoTicket(Ticket::OtherUser), |lab| {
        assert!(alice(lab, &["klist", "-s"]).success);
        assert!(
            alice(lab, &["klist"])
                .text
                .contains("principal: bob@CORP.EXAMPLE")
        );
    });
}

#[test]
fn clock_skew_of_the_client_is_refused_by_the_kdc() {
    with(Fault::ClockSkew(Clock::Client), |lab| {
        let kvno = alice(lab, &["kvno", SPN]);
        assert!(
            !kvno.success && kvno.text.contains("Clock skew too great"),
            "{}",
            kvno.text
        );
    });
}

#[test]
fn clock_skew_of_sql_server_is_refused_by_sql_server() {
    with(Fault::ClockSkew(Clock::SqlServer), |lab| {
        assert!(ticket(lab, SPN, None).success);
        let login = sql_login(lab, "sql1.corp.example", 1433, "select 1");
        assert!(!login.success, "{}", login.text);
    });
}

#[test]
fn trust_missing_ends_the_way_to_the_partner() {
    with(Fault::Trust(Trust::Missing), |lab| {
        let kvno = ticket(lab, "MSSQLSvc/sqlp.partner.example", None);
        assert!(!kvno.success && kvno.text.contains("not found in Kerberos database"));
        for controller in ["dc1", "dc2"] {
            let trusts = lab
                .samba_tool(controller, &["domain", "trust", "list"])
                .unwrap();
            assert!(!trusts.contains("Forest"), "{trusts}");
        }
    });
}

#[test]
fn undoing_the_trust_keeps_the_other_faults() {
    let lab = lab();
    lab.inject(Fault::SpnMissing).unwrap();
    lab.inject(Fault::Trust(Trust::Missing)).unwrap();
    lab.undo(Fault::Trust(Trust::Missing)).unwrap();
    assert_eq!(lab.faults(), [Fault::SpnMissing]);
    assert_eq!(holders(&lab, SPN), [""; 0]);
    assert!(ticket(&lab, "MSSQLSvc/sqlp.partner.example", None).success);
    lab.restore().unwrap();
    lab.verify_healthy()
        .unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn delegation_not_trusted_empties_the_list() {
    with(Fault::Delegation(Delegation::NotTrusted), |lab| {
        let shown = lab
            .samba_tool("dc1", &["delegation", "show", "svc_sql"])
            .unwrap();
        assert!(!shown.contains("MSSQLSvc/sql2"), "{shown}");
    });
}

#[test]
fn login_not_authorised_names_the_user() {
    with(Fault::LoginNotAuthorised, |lab| {
        let login = sql_login(lab, "sql1.corp.example", 1433, "select 1");
        assert!(
            !login.success && login.text.contains("18456"),
            "{}",
            login.text
        );
        assert!(login.text.contains("CORP\\alice"), "{}", login.text);
    });
}

#[test]
fn restore_undoes_several_faults_at_once() {
    let lab = lab();
    for fault in [
        Fault::SpnDuplicate,
        Fault::ReverseLookupMismatch(Pointer::Wrong),
        Fault::NoTicket(Ticket::NoCache),
        Fault::Trust(Trust::Missing),
        Fault::Delegation(Delegation::NotTrusted),
    ] {
        lab.inject(fault).unwrap();
    }
    lab.restore().unwrap();
    assert_eq!(lab.faults(), []);
    lab.verify_healthy()
        .unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn restore_mends_what_an_undo_can_not() {
    let lab = lab();
    lab.inject(Fault::SpnMissing).unwrap();
    // As a test does that applies a fix.
    lab.samba_tool("dc1", &["spn", "add", SPN, "svc_sql"])
        .unwrap();
    lab.restore().unwrap();
    lab.verify_healthy()
        .unwrap_or_else(|error| panic!("{error}"));
}
