use serde_json::json;

use super::*;

fn server(logins: &Value) -> Value {
    json!({ "name": "SQL2", "data_source": "sql2.corp.example", "logins": logins })
}

fn entry(local: Option<&str>, ourselves: bool, remote: Option<&str>) -> Value {
    json!({
        "local_login": local,
        "uses_self_credential": ourselves,
        "remote_login": remote,
    })
}

#[test]
fn our_own_mapping_stands_before_the_one_for_all() {
    let all = entry(None, true, None);
    let own = entry(Some(r"CORP\alice"), false, Some("reader"));
    let both = server(&json!([all, own]));
    assert_eq!(
        mapping(&both, Some(r"corp\ALICE")),
        Mapping::Fixed("reader".to_owned())
    );
    assert_eq!(mapping(&both, Some(r"CORP\bob")), Mapping::OurSelf);
    assert_eq!(mapping(&both, None), Mapping::OurSelf);
}

#[test]
fn what_is_not_visible_is_not_nobody() {
    assert_eq!(
        mapping(&server(&json!([])), Some("alice")),
        Mapping::NotVisible
    );
    let nobody = server(&json!([entry(None, false, None)]));
    assert_eq!(mapping(&nobody, Some("alice")), Mapping::Nobody);
}

#[test]
fn the_forms_of_one_server() {
    for (source, meant) in [
        ("sql2.corp.example", "sql2.corp.example,1433"),
        ("SQL2", "sql2.corp.example"),
        ("tcp:sql2.corp.example,1433", "sql2"),
        (r"SQL2\SALES", r"sql2.corp.example\sales"),
        (r"SQL2\SALES", "sql2.corp.example,50123"),
        ("sql2.corp.example,50123", r"sql2.corp.example\SALES"),
    ] {
        assert!(leads_to(source, meant), "{source} is {meant}");
    }
    for (source, meant) in [
        ("sql3.corp.example", "sql2.corp.example"),
        ("sql2.other.example", "sql2.corp.example"),
        ("sql2.corp.example,1434", "sql2.corp.example,1433"),
        (r"SQL2\SALES", "sql2.corp.example,1433"),
        ("sql2.corp.example", r"sql2.corp.example\SALES"),
    ] {
        assert!(!leads_to(source, meant), "{source} is not {meant}");
    }
}
