//! The lab without a fault.

use crate::{Ran, alice, dig, holders, lab, sql_login, ticket};

#[test]
fn the_lab_is_healthy() {
    lab()
        .verify_healthy()
        .unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn tickets_are_aes_and_the_server_has_their_key() {
    let lab = lab();
    for (host, spn) in [
        ("sql1", "MSSQLSvc/sql1.corp.example:1433"),
        ("sql1", "MSSQLSvc/sql1.corp.example:INST1"),
        ("sql2", "MSSQLSvc/sql2.corp.example"),
        ("sqlp", "MSSQLSvc/sqlp.partner.example"),
    ] {
        let keytab = lab.sql(host).unwrap().keytab_file();
        let kvno = ticket(&lab, spn, Some(keytab));
        assert!(
            kvno.success && kvno.text.contains("keytab entry valid"),
            "{}",
            kvno.text
        );
    }
    alice(&lab, &["kvno", "MSSQLSvc/sql1.corp.example:1433"]);
    let klist = alice(&lab, &["klist", "-e"]).text;
    assert!(
        klist.contains("aes256-cts-hmac-sha1-96, aes256-cts-hmac-sha1-96"),
        "{klist}"
    );
}

#[test]
fn each_spn_has_one_holder() {
    let lab = lab();
    assert_eq!(
        holders(&lab, "MSSQLSvc/sql1.corp.example:1433"),
        ["svc_sql"]
    );
    assert_eq!(
        holders(&lab, "MSSQLSvc/sql2.corp.example:1433"),
        ["svc_sql2"]
    );
    assert_eq!(holders(&lab, "HOST/sql1.corp.example"), ["SQL1"]);
}

#[test]
fn names_outside_the_forests_do_not_exist_and_are_answered_at_once() {
    let lab = lab();
    let start = std::time::Instant::now();
    for name in [
        "nowhere.corp.example",
        "nowhere.partner.example",
        "nowhere.example",
        "nowhere",
    ] {
        assert_eq!(dig(&lab, &[name, "AAAA"]), [""; 0], "{name}");
    }
    assert!(start.elapsed().as_secs() < 2, "{:?}", start.elapsed());
}

#[test]
fn domains_are_found_by_their_service_records() {
    let lab = lab();
    for (name, expected) in [
        ("_kerberos._tcp.corp.example", "0 100 88 dc1.corp.example."),
        (
            "_ldap._tcp.gc._msdcs.corp.example",
            "0 100 3268 dc1.corp.example.",
        ),
        (
            "_ldap._tcp.dc._msdcs.partner.example",
            "0 100 389 dc2.partner.example.",
        ),
    ] {
        assert_eq!(dig(&lab, &["SRV", name]), [expected]);
    }
}

#[test]
fn controllers_have_certificates_that_the_client_trusts() {
    let lab = lab();
    for (option, url) in [
        ("-x", "ldaps://dc1.corp.example"),
        ("-ZZ", "ldap://dc2.partner.example"),
    ] {
        let ran = alice(
            &lab,
            &["ldapsearch", "-x", option, "-LLL", "-H", url, "-s", "base"],
        );
        assert!(
            ran.success && ran.text.contains("dnsHostName: dc"),
            "{}",
            ran.text
        );
    }
}

#[test]
fn simple_bind_in_clear_is_refused() {
    let bind = ["-x", "-D", "alice@corp.example", "-w", "Al1ce-Passw0rd"];
    let mut command = vec![
        "ldapsearch",
        "-LLL",
        "-H",
        "ldap://dc1.corp.example",
        "-s",
        "base",
    ];
    command.extend(bind);
    let ran = alice(&lab(), &command);
    assert!(!ran.success && ran.text.contains("(8)"), "{}", ran.text);
}

#[test]
fn alice_can_sign_in_to_every_sql_server_and_sees_what_it_is() {
    let lab = lab();
    let question = "/* sspi-doctor: services and their accounts */ \
        SELECT CAST(servicename AS nvarchar(256)) AS service, \
        CAST(service_account AS nvarchar(256)) AS account, \
        CONVERT(nvarchar(40), last_startup_time, 127) AS started_at, \
        CAST(status_desc AS nvarchar(40)) AS state FROM sys.dm_server_services";
    for (host, port, expected) in [
        (
            "sql1.corp.example",
            1433,
            "SQL Server (MSSQLSERVER)\tCORP\\svc_sql\t",
        ),
        (
            "sql1.corp.example",
            14331,
            "SQL Server (INST1)\tCORP\\svc_sql\t",
        ),
        (
            "sql2.corp.example",
            1433,
            "SQL Server (MSSQLSERVER)\tCORP\\svc_sql2\t",
        ),
        (
            "sqlp.partner.example",
            1433,
            "SQL Server (MSSQLSERVER)\tPARTNER\\svc_psql\t",
        ),
    ] {
        let told = sql_login(&lab, host, port, question);
        assert!(
            told.success && told.text.contains(expected),
            "{}",
            told.text
        );
    }
}

#[test]
fn a_question_without_an_answer_is_not_healthy() {
    let lab = lab();
    sql_login(&lab, "sql2.corp.example", 1433, "SELECT something_new");
    let error = lab.verify_healthy().unwrap_err().to_string();
    assert!(error.contains("SELECT something_new"), "{error}");
    lab.sql("sql2").unwrap().restart().unwrap();
    lab.verify_healthy()
        .unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn an_ssh_session_has_alices_ticket() {
    let lab = lab();
    let mut ssh = lab.ssh("alice").unwrap();
    ssh.arg("hostname; klist -s && id -un");
    let ran = Ran::of(ssh);
    assert!(ran.success && ran.text == "client\nalice\n", "{}", ran.text);
}

#[test]
fn a_program_runs_in_the_callers_directory_and_sees_its_files() {
    let lab = lab();
    let mut command = lab.host("client").unwrap().command("cat");
    command.arg("Cargo.toml");
    let ran = Ran::of(command);
    assert!(
        ran.success && ran.text.contains("name = \"lab\""),
        "{}",
        ran.text
    );
}
