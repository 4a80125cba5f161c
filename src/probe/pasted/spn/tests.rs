use super::*;
use crate::pasted::recognise;

const SPN: &str = "MSSQLSvc/sql1.corp.example:1433";

fn observed(texts: &[&str], expected: Option<&str>) -> Outcome {
    let mut told = Told::default();
    for text in texts {
        told.extend(recognise(text, "a", &[], jiff::Timestamp::UNIX_EPOCH).told);
    }
    let mut request = ProbeRequest::new("pasted-spn")
        .with("spns", json!([SPN, "MSSQLSvc/sql1.corp.example"]))
        .with("host", "sql1.corp.example")
        .with("domain", "corp.example")
        .with("told", serde_json::to_value(told).unwrap());
    if let Some(expected) = expected {
        request = request.with("expected", expected);
    }
    observe(&request)
}

fn query(scope: &str, holders: &[&str]) -> String {
    let mut text = format!("C:\\> setspn -Q {SPN}\nChecking {scope} DC=corp,DC=example\n");
    for holder in holders {
        text.extend([*holder, "\n        ", SPN, "\n"]);
    }
    text + if holders.is_empty() {
        "\nNo such SPN found.\n"
    } else {
        "\nExisting SPN found!\n"
    }
}

const SVC: &str = "CN=svc_sql,OU=Service,DC=corp,DC=example";
const OLD: &str = "CN=Old SQL,OU=Service,DC=corp,DC=example";
const COMPUTER: &str = "CN=SQL1,CN=Computers,DC=corp,DC=example";

#[test]
fn nothing_told_is_not_missing() {
    assert_eq!(observed(&[], None).status, "not-told");
    assert_eq!(
        observed(&["setspn -Q MSSQLSvc/other:1\nNo such SPN found.\n"], None).status,
        "not-told"
    );
}

#[test]
fn missing_only_when_the_whole_forest_was_searched() {
    assert_eq!(observed(&[&query("domain", &[])], None).status, "partly");
    let outcome = observed(&[&query("forest", &[])], Some(r"CORP\svc_sql"));
    assert_eq!(outcome.status, "missing");
    assert_eq!(
        outcome.fact("expected_account")["sam_account_name"],
        "svc_sql"
    );
    assert_eq!(outcome.fact("missing_spns"), &json!([SPN]));
}

#[test]
fn two_holders_are_a_duplicate_wherever_they_were_found() {
    let outcome = observed(&[&query("domain", &[SVC, COMPUTER])], Some(r"CORP\svc_sql"));
    assert_eq!(outcome.status, "duplicate");
    assert_eq!(outcome.fact("wrong_holders")[0]["name"], "SQL1");
}

#[test]
fn the_right_holder_by_its_name_or_by_its_listing() {
    let outcome = observed(&[&query("forest", &[SVC])], Some(r"CORP\svc_sql"));
    assert_eq!(
        (outcome.status.as_str(), outcome.fact("expected_holds")),
        ("held", &json!(true))
    );
    // A common name that is not the account's name proves nothing.
    let outcome = observed(&[&query("forest", &[OLD])], Some(r"CORP\svc_sql"));
    assert_eq!(outcome.fact("expected_holds"), &Value::Null);
    let listing = format!("setspn -L CORP\\svc_sql\nRegistered ServicePrincipalNames for {SVC}:\n");
    let outcome = observed(&[&query("forest", &[OLD]), &listing], Some(r"CORP\svc_sql"));
    assert_eq!(outcome.fact("expected_holds"), &json!(false));
    let listing = format!(
        "setspn -L CORP\\svc_sql\nRegistered ServicePrincipalNames for {OLD}:\n        {SPN}\n"
    );
    let outcome = observed(&[&query("forest", &[OLD]), &listing], Some(r"CORP\svc_sql"));
    assert_eq!(outcome.fact("expected_holds"), &json!(true));
}

#[test]
fn a_computer_is_not_the_service_account() {
    let outcome = observed(&[&query("forest", &[COMPUTER])], Some(r"CORP\svc_sql"));
    assert_eq!(outcome.fact("expected_holds"), &json!(false));
    let outcome = observed(
        &[&query("forest", &[COMPUTER])],
        Some(r"NT SERVICE\MSSQLSERVER"),
    );
    assert_eq!(outcome.fact("expected_holds"), &json!(true));
}

#[test]
fn a_report_brings_the_service_account() {
    let report = format!(
        "FQDN: SQL1.corp.example\nDetails for SQL Server Instance: MSSQLSERVER (x)\nService Account: CORP\\svc_sql\n\
         Suggested SPN  Exists  Status\n{SPN}  True    SPN is on the wrong account: svc_old, CN=Old,DC=corp,DC=example\n"
    );
    let outcome = observed(&[&report], None);
    assert_eq!(outcome.status, "held");
    assert_eq!(outcome.fact("expected_holds"), &json!(false));
    assert_eq!(outcome.fact("expected_name"), r"CORP\svc_sql");
    assert_eq!(
        outcome.fact("wrong_pairs")[0]["account"]["sam_account_name"],
        "svc_old"
    );
}
