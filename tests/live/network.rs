//! The way to SQL Server, and what answers there.

use lab::fault::{Fault, Network, Settings, WrongAccount};

use crate::walk::{MAIN, SQL1, inject, lab, put_right, repair, walk, walk_with_sql_login};

const INST1: &str = r"sql1.corp.example\INST1";

#[test]
fn healthy() {
    let lab = lab();
    walk(&lab, MAIN, &[("server", INST1)]).healthy_at("named instance");
}

#[test]
fn port_closed() {
    for (fault, refused) in [(Network::PortRefused, true), (Network::PortFiltered, false)] {
        let lab = lab();
        inject(&lab, Fault::Network(fault));
        let walked = walk(&lab, MAIN, &[("server", SQL1)]);
        walked.found(&["port-closed"]);
        assert_eq!(walked.document["findings"][0]["values"]["refused"], refused);
        put_right(&lab);
        walk(&lab, MAIN, &[("server", SQL1)]).healthy();
    }
}

#[test]
fn not_a_sql_server() {
    for fault in [Settings::NotSqlServer, Settings::HangsUp] {
        let lab = lab();
        inject(&lab, Fault::Settings(fault));
        walk(&lab, MAIN, &[("server", SQL1)]).found(&["not-a-sql-server"]);
    }
}

#[test]
fn tcp_disabled() {
    let lab = lab();
    inject(&lab, Fault::Settings(Settings::TcpDisabled));
    walk(&lab, MAIN, &[("server", INST1)]).found(&["tcp-disabled"]);
    // The other instance is not affected.
    walk(&lab, MAIN, &[("server", SQL1)]).healthy();
}

#[test]
fn instance_not_found() {
    for fault in [
        Settings::BrowserSilent,
        Settings::BrowserStopped,
        Settings::InstanceHidden,
    ] {
        let lab = lab();
        inject(&lab, Fault::Settings(fault));
        walk(&lab, MAIN, &[("server", INST1)]).found(&["instance-not-found"]);
        // With the port nobody needs the Browser.
        walk(&lab, MAIN, &[("server", r"sql1.corp.example\INST1,14331")]).healthy();
        walk(&lab, MAIN, &[("server", SQL1)]).healthy();
    }
}

#[test]
fn an_instance_that_does_not_exist() {
    let lab = lab();
    let walked = walk(&lab, MAIN, &[("server", r"sql1.corp.example\NOPE")]);
    walked.found(&["instance-not-found"]);
    let known = &walked.document["findings"][0]["values"]["known"];
    assert!(known.to_string().contains("INST1"), "{known}");
}

#[test]
fn tls_failure() {
    for (fault, words) in [
        (Settings::CertificateUntrusted, "signed by itself"),
        (Settings::CertificateExpired, "expired"),
        (Settings::CertificateOfOther, "name"),
    ] {
        let lab = lab();
        inject(&lab, Fault::Settings(fault));
        let checks = walk(&lab, MAIN, &[("server", SQL1), ("checks", "yes")]);
        checks.found(&["tls-failure"]);
        let reason = &checks.document["findings"][0]["values"]["reason"];
        assert!(reason.to_string().contains(words), "{reason}");
        // A program that does not check is not affected.
        walk(&lab, MAIN, &[("server", SQL1), ("checks", "no")]).healthy();
        // Nobody said, and nothing else is wrong: the certificate is what is left.
        let unsaid = walk(&lab, MAIN, &[("server", SQL1)]);
        unsaid.found(&["tls-failure"]);
        put_right(&lab);
        walk(&lab, MAIN, &[("server", SQL1)]).healthy();
    }
}

/// A bad certificate is not named where the login fails for another reason.
#[test]
fn a_certificate_beside_a_missing_spn() {
    let lab = lab();
    inject(&lab, Fault::Settings(Settings::CertificateUntrusted));
    inject(&lab, Fault::SpnMissing);
    let walked = walk(&lab, MAIN, &[("server", SQL1)]);
    walked.found(&["spn-missing"]);
    assert!(walked.unknown().contains(&"tls-failure"));
}

#[test]
fn what_only_others_can_see_is_handed_over() {
    let lab = lab();
    for (place, cause) in [
        ("one-client", "client-alias"),
        ("one-program", "legacy-driver"),
        ("ordinary-users", "server-access-denied-by-policy"),
    ] {
        let walked = walk(&lab, MAIN, &[("server", SQL1), ("where", place)]);
        assert_eq!(walked.unknown(), [cause], "{}", walked.progress);
        walked.hands_over(cause);
    }
}

#[test]
fn dynamic_port() {
    let lab = lab();
    walk_with_sql_login(&lab, &[("server", INST1)]).healthy();
    inject(&lab, Fault::Settings(Settings::DynamicPort));
    let walked = walk_with_sql_login(&lab, &[("server", INST1)]);
    walked.found(&["dynamic-port"]);
    assert_eq!(walked.document["findings"][0]["values"]["port"], 14331);
    // With the ticket alone SQL Server tells the same, once it lets us in.
    let walked = walk(&lab, MAIN, &[("server", INST1)]);
    walked.found(&["dynamic-port"]);
    put_right(&lab);
    walk(&lab, MAIN, &[("server", INST1)]).healthy();
}

#[test]
fn extended_protection_required() {
    let lab = lab();
    inject(&lab, Fault::Settings(Settings::ExtendedProtection));
    let walked = walk_with_sql_login(&lab, &[("server", SQL1)]);
    walked.found(&["extended-protection-required"]);
    // SQL Server really refused the ticket, and its log says why.
    let log = lab.sql("sql1").expect("sql1").log().expect("its log");
    assert!(log.contains("0x80090346"), "SEC_E_BAD_BINDINGS: {log}");
    // Without a SQL login it shows by what SQL Server accepts: the same ticket,
    // bound to its channel.
    let known = [("server", SQL1), ("service_account", r"CORP\svc_sql")];
    for set in [&known[..1], &known[..]] {
        walk(&lab, MAIN, set).found(&["extended-protection-required"]);
    }
    walk(&lab, "login-with-ticket", &known[..1]).found(&["extended-protection-required"]);
    put_right(&lab);
    walk_with_sql_login(&lab, &[("server", SQL1)]).healthy();
}

/// A wrong key is told by a Kerberos error, and Extended Protection hides it:
/// no cause is named that is not there.
#[test]
fn extended_protection_beside_a_wrong_account() {
    let lab = lab();
    inject(&lab, Fault::Settings(Settings::ExtendedProtection));
    inject(&lab, Fault::SpnOnWrongAccount(WrongAccount::Service));
    let known = [("server", SQL1), ("service_account", r"CORP\svc_sql")];
    let walked = walk(&lab, MAIN, &known);
    walked.found(&["spn-on-wrong-account"]);
    repair(&lab, &walked);
    walk(&lab, MAIN, &known).found(&["extended-protection-required"]);
}

#[test]
fn silent_ntlm() {
    let lab = lab();
    walk_with_sql_login(&lab, &[("server", SQL1)]).healthy();
    inject(&lab, Fault::Settings(Settings::SilentNtlm));
    let walked = walk_with_sql_login(&lab, &[("server", SQL1)]);
    walked.found(&["silent-ntlm"]);
    assert_eq!(walked.document["findings"][0]["values"]["ntlm"], "12 of 14");
    walk(&lab, MAIN, &[("server", SQL1)]).found(&["silent-ntlm"]);
}

#[test]
fn server_cannot_reach_dc() {
    let lab = lab();
    inject(&lab, Fault::Settings(Settings::NoDomainController));
    let walked = walk_with_sql_login(&lab, &[("server", SQL1)]);
    walked.found(&["server-cannot-reach-dc"]);
    assert_eq!(walked.document["findings"][0]["values"]["code"], "0x54b");
}
