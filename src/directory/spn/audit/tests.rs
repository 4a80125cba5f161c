use super::*;

fn take(
    audit: &mut SpnAudit,
    name: &str,
    host: Option<&str>,
    disabled: bool,
    spns: &[&str],
) -> Vec<Problem> {
    let spns: Vec<String> = spns.iter().map(|spn| (*spn).to_owned()).collect();
    audit.take(
        name,
        &AuditedAccount {
            name,
            sam_account_name: name,
            dns_host_name: host,
            disabled,
            spns: &spns,
        },
    )
}

fn spns(problems: &[Problem]) -> Vec<&str> {
    problems
        .iter()
        .map(|problem| problem.spn.as_str())
        .collect()
}

#[test]
fn what_can_be_told_at_once() {
    let mut audit = SpnAudit::default();
    let told = take(
        &mut audit,
        "svc",
        None,
        false,
        &[
            "MSSQLSvc/sql1\\X",
            "Hyper-V Replica Service/pc1",
            "MSSQLSvc/sql1 :1",
        ],
    );
    assert_eq!(spns(&told), ["MSSQLSvc/sql1\\X", "MSSQLSvc/sql1 :1"]);
    assert!(told.iter().all(|problem| problem.kind == Kind::Malformed));
    let told = take(&mut audit, "old", None, true, &["http/web.corp.example"]);
    assert_eq!(told[0].kind, Kind::Orphaned);
    assert_eq!(
        take(&mut audit, "krbtgt", None, true, &["kadmin/changepw"]),
        []
    );
    assert_eq!(audit.strays(), []);
}

#[test]
fn an_account_that_comes_twice_is_no_duplicate() {
    let mut audit = SpnAudit::default();
    for _ in 0..2 {
        take(
            &mut audit,
            "PC1$",
            Some("pc1.corp.example"),
            false,
            &["HOST/pc1"],
        );
    }
    assert_eq!(audit.repeated(), Vec::<String>::new());
    take(&mut audit, "svc", None, false, &["host/PC1"]);
    assert_eq!(audit.repeated(), ["host/PC1"]);
    assert_eq!(
        audit.counted(),
        Counted {
            accounts: 2,
            spns: 2
        }
    );
}

#[test]
fn a_host_may_come_after_the_spn_that_leads_to_it() {
    let mut audit = SpnAudit::default();
    audit.know_host("corp.example");
    take(
        &mut audit,
        "svc",
        None,
        false,
        &[
            "http/pc1",
            "http/gone.corp.example",
            "http/corp.example",
            "ldap/a-guid._msdcs.corp.example",
        ],
    );
    take(&mut audit, "PC1$", Some("pc1.corp.example"), false, &[]);
    let strays = audit.strays();
    assert_eq!(strays.len(), 1);
    assert_eq!(strays[0].host, "gone.corp.example");
    assert_eq!(
        strays[0].spns,
        [("http/gone.corp.example".to_owned(), "svc".to_owned())]
    );
}

#[test]
fn the_forms_of_a_server_come_in_pairs() {
    let mut audit = SpnAudit::default();
    for (name, list) in [
        (
            "a",
            &["MSSQLSvc/a.x:1433", "MSSQLSvc/a.x", "MSSQLSvc/a"][..],
        ),
        ("b", &["MSSQLSvc/b.x"]),
        ("c", &["MSSQLSvc/c.x:1433"]),
        ("d", &["MSSQLSvc/d.x:50000", "MSSQLSvc/d.x:INST"]),
        ("e", &["MSSQLSvc/e.x:INST"]),
    ] {
        take(&mut audit, name, None, false, list);
    }
    let mut missing: Vec<String> = audit
        .servers()
        .flat_map(|server| server.missing())
        .map(|problem| format!("{} {}", problem.accounts[0], problem.spn))
        .collect();
    missing.sort();
    assert_eq!(
        missing,
        [
            "b MSSQLSvc/b.x:1433",
            "c MSSQLSvc/c.x",
            "e MSSQLSvc/e.x:PORT"
        ]
    );
}

#[test]
fn a_browser_knows_better() {
    let mut audit = SpnAudit::default();
    take(
        &mut audit,
        "d",
        None,
        false,
        &["MSSQLSvc/d.x:50000", "MSSQLSvc/d.x:INST"],
    );
    let server = audit.servers().next().unwrap();
    let moved = server.missing_by(&[
        ("INST".to_owned(), Some(50001)),
        ("MSSQLSERVER".to_owned(), Some(1433)),
    ]);
    assert_eq!(
        spns(&moved),
        ["MSSQLSvc/d.x:50001", "MSSQLSvc/d.x:1433", "MSSQLSvc/d.x"]
    );
}

#[test]
fn what_is_written_down_goes_on_where_it_was() {
    let mut audit = SpnAudit::default();
    take(
        &mut audit,
        "svc",
        None,
        false,
        &["MSSQLSvc/b.x", "http/gone.x"],
    );
    let text = serde_json::to_string(&audit).unwrap();
    let mut again: SpnAudit = serde_json::from_str(&text).unwrap();
    take(&mut again, "other", None, false, &["mssqlsvc/B.x"]);
    assert_eq!(again.repeated(), ["mssqlsvc/B.x"]);
    assert_eq!(again.strays().len(), 2);
    assert_eq!(again.counted().accounts, 2);
}
