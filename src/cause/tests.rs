use serde_json::{Map, Value, json};

use super::*;
use crate::fix::Operation;

fn values(value: Value) -> Map<String, Value> {
    let Value::Object(values) = value else {
        panic!("a record is needed");
    };
    values
}

fn account(name: &str) -> Value {
    json!({
        "name": format!("CORP\\{name}"), "sam_account_name": name, "domain": "corp.example",
        "netbios_domain": "CORP", "distinguished_name": format!("CN={name},CN=Users,DC=corp,DC=example"),
        "sid": format!("S-1-5-21-1-2-3-{}", name.len()), "class": "user",
    })
}

#[test]
fn the_embedded_catalogue_loads() {
    Catalogue::load(include_str!("../../flows/causes.yaml"), "flows/causes.yaml")
        .unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!(Catalogue::embedded().causes().len(), 82);
}

/// With every parameter given, and with only the required ones, each cause has
/// text, and no template leaves a trace in it.
#[test]
fn every_cause_can_be_filled() {
    for cause in Catalogue::embedded().causes() {
        for all in [true, false] {
            let given: Map<String, Value> = cause
                .parameters
                .iter()
                .filter(|(_, parameter)| all || parameter.required)
                .map(|(name, parameter)| {
                    let value = if name == "wrong_pairs" {
                        json!([{ "spn": "MSSQLSvc/x", "account": account("old") }])
                    } else if parameter.help.starts_with("a list") {
                        json!(["one", "two"])
                    } else if ["holders", "wrong_holders", "delegates"].contains(&name.as_str()) {
                        json!([account("one"), account("two")])
                    } else if name.ends_with("account")
                        || name == "holder"
                        || name == "host_account"
                        || name == "collision"
                    {
                        account("svc")
                    } else if name == "by_spn" {
                        json!([])
                    } else if name == "seconds" || name == "port" || name == "code" {
                        json!(700)
                    } else {
                        json!("text")
                    };
                    (name.clone(), value)
                })
                .collect();
            let resolved = Catalogue::embedded()
                .resolve(&cause.id, &given)
                .unwrap_or_else(|fault| panic!("{fault}"));
            assert!(
                resolved.meaning.len() > 60,
                "{}: {}",
                cause.id,
                resolved.meaning
            );
            let text = format!("{} {:?}", resolved.meaning, resolved.fix);
            assert!(!text.contains("{{") && !text.contains("{%"), "{text}");
            assert!(
                !resolved.fix.is_empty() || cause.id == "local-connection",
                "{} has no fix",
                cause.id
            );
            assert!(!text.contains("not every value"), "{}: {text}", cause.id);
        }
    }
}

/// Each cause can be excluded in one sentence, whatever the step saw, and has
/// its place on the way.
#[test]
fn every_cause_can_be_excluded() {
    let nothing = Map::new();
    let seen = values(json!({
        "status": "accepted", "spn": "MSSQLSvc/x:1", "holder": account("svc"), "fqdn": "x",
        "addresses": ["10.0.0.1"], "principal": "alice@CORP", "largest_offset_seconds": -2.6,
    }));
    for cause in Catalogue::embedded().causes() {
        assert!(cause.station.is_some(), "{} has no station", cause.id);
        for scope in [&nothing, &seen] {
            let words = Catalogue::embedded().excluded(&cause.id, scope);
            assert!(
                words.ends_with('.') && words.len() > 12 && !words.contains("unknown"),
                "{}: `{words}`",
                cause.id
            );
            assert_ne!(words.trim_end_matches('.'), cause.title);
        }
    }
    let words = Catalogue::embedded().excluded("clock-skew", &seen);
    assert!(words.ends_with(": 3 s."), "{words}");
}

#[test]
fn the_wrong_holder_is_removed_before_the_right_one_is_added() {
    let resolved = Catalogue::embedded()
        .resolve(
            "spn-on-wrong-account",
            &values(json!({
                "spn": "MSSQLSvc/sql1.corp.example:1433",
                "wrong_holders": [account("OLD")],
                "wrong_pairs": [{ "spn": "MSSQLSvc/sql1.corp.example:1433", "account": account("OLD") }],
                "missing": ["MSSQLSvc/sql1.corp.example:1433"],
                "service_account": account("svc_sql"),
            })),
        )
        .unwrap();
    assert!(matches!(
        resolved.fix.as_slice(),
        [Operation::RemoveSpn { account: old, .. }, Operation::AddSpn { account: new, .. }]
            if old.sam_account_name == "OLD" && new.sam_account_name == "svc_sql"
    ));
    assert!(
        resolved.meaning.contains("CORP\\OLD"),
        "{}",
        resolved.meaning
    );
}

#[test]
fn every_form_that_is_wrong_is_repaired() {
    let pair = |spn: &str, holder: &str| json!({ "spn": spn, "account": account(holder) });
    let resolved = Catalogue::embedded()
        .resolve(
            "spn-on-wrong-account",
            &values(json!({
                "spn": "MSSQLSvc/x:1",
                "wrong_holders": [account("OLD")],
                "service_account": account("svc_sql"),
                "wrong_pairs": [
                    pair("MSSQLSvc/x:1", "OLD"),
                    pair("MSSQLSvc/x", "OLD"),
                    pair("MSSQLSvc/x", "ELSE"),
                ],
                "missing": ["MSSQLSvc/x:1", "MSSQLSvc/x"],
            })),
        )
        .unwrap();
    let words: Vec<String> = resolved
        .fix
        .iter()
        .map(|operation| match operation {
            Operation::RemoveSpn { spn, account } => format!("-{spn} {}", account.sam_account_name),
            Operation::AddSpn { spn, account } => format!("+{spn} {}", account.sam_account_name),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(
        words,
        [
            "-MSSQLSvc/x:1 OLD",
            "-MSSQLSvc/x OLD",
            "-MSSQLSvc/x ELSE",
            "+MSSQLSvc/x:1 svc_sql",
            "+MSSQLSvc/x svc_sql"
        ]
    );
}

#[test]
fn nothing_is_guessed_when_the_right_holder_is_not_known() {
    let resolved = Catalogue::embedded()
        .resolve(
            "spn-duplicate",
            &values(json!({
                "spn": "MSSQLSvc/sql1.corp.example:1433",
                "holders": [account("a"), account("bb")],
            })),
        )
        .unwrap();
    assert!(
        matches!(resolved.fix.as_slice(), [Operation::Advice { text }] if text.contains("CORP\\bb"))
    );
}

#[test]
fn every_form_is_repaired_at_once() {
    let fix = |missing: Value| {
        Catalogue::embedded()
            .resolve(
                "spn-duplicate",
                &values(json!({
                    "spn": "MSSQLSvc/x", "holders": [account("a"), account("svc")],
                    "wrong_pairs": [
                        { "spn": "MSSQLSvc/x", "account": account("a") },
                        { "spn": "MSSQLSvc/x:1433", "account": account("a") },
                    ],
                    "missing": missing, "service_account": account("svc"),
                })),
            )
            .unwrap()
            .fix
            .len()
    };
    assert_eq!(fix(json!([])), 2);
    assert_eq!(fix(json!(["MSSQLSvc/x:1433"])), 3);
}

#[test]
fn values_in_commands_are_quoted() {
    let resolved = Catalogue::embedded()
        .resolve(
            "no-ticket",
            &values(json!({"reason": "There is none", "principal": "a'; rm -rf /@X"})),
        )
        .unwrap();
    assert!(matches!(
        &resolved.fix[0],
        Operation::ClientCommand { linux, .. } if linux == r"kinit 'a'\''; rm -rf /@X'"
    ));
}

#[test]
fn an_operation_that_lacks_a_value_becomes_advice() {
    let resolved = Catalogue::embedded()
        .resolve(
            "spn-missing",
            &values(json!({"spn": "MSSQLSvc/x", "service_account": {"name": "CORP\\svc"}})),
        )
        .unwrap();
    assert!(matches!(&resolved.fix[0], Operation::Advice { text } if text.contains("by hand")));
}

/// The advice of a fix, in one text.
fn advice(cause: &str, given: Value) -> String {
    let resolved = Catalogue::embedded()
        .resolve(cause, &values(given))
        .unwrap();
    let texts = resolved.fix.iter().filter_map(|operation| match operation {
        Operation::Advice { text } => Some(text.as_str()),
        _ => None,
    });
    texts.collect::<Vec<_>>().join("\n")
}

#[test]
fn advice_is_for_what_was_seen_and_not_for_every_case() {
    let restricted = advice(
        "client-encryption-restricted",
        json!({"file": "/etc/krb5.conf", "client_types": ["rc4-hmac"], "ticket_type": "AES"}),
    );
    assert!(!restricted.contains("RC4"), "{restricted}");

    let unreachable = |tried: &[&str]| {
        advice(
            "kdc-unreachable",
            json!({"realm": "CORP.EXAMPLE", "tried": tried}),
        )
    };
    let silent = unreachable(&["dc1.corp.example"]);
    assert!(silent.contains("port 88") && silent.contains("dc1.corp.example"));
    let unknown = unreachable(&[]);
    assert!(unknown.contains("name servers") && !unknown.contains("port 88"));

    let realm = |configured: Value| {
        let given = json!({
            "problem": "x", "host": "sql1.corp.example", "realm": "CORP.EXAMPLE",
            "user_realm": "CORP.EXAMPLE", "configured": configured,
        });
        advice("realm-misconfigured", given)
    };
    assert!(realm(Value::Null).contains("default_realm = CORP.EXAMPLE"));
    assert!(!realm(json!("PARTNER.EXAMPLE")).contains("default_realm"));

    let form = |present: &str, missing: &str| {
        advice(
            "spn-form-missing",
            json!({
                "present": [present], "missing": [missing], "holder": {"name": "CORP\\svc_sql"},
            }),
        )
    };
    let (port, bare) = (
        "MSSQLSvc/sql1.corp.example:1433",
        "MSSQLSvc/sql1.corp.example",
    );
    assert!(form(bare, port).contains("CORP\\svc_sql holds"));
    assert!(
        !form(bare, port).contains("host,port"),
        "it asks for the port"
    );
    assert!(form(port, bare).contains("host,port"));

    let stale = advice(
        "spn-port-stale",
        json!({
            "port": 14339, "spn": "MSSQLSvc/sql1.corp.example:14339",
            "stale_spns": ["MSSQLSvc/sql1.corp.example:14331"],
            "holder": {"name": "CORP\\svc_sql"},
        }),
    );
    assert!(stale.contains("registers MSSQLSvc/sql1.corp.example:14339"));
}

#[test]
fn faults_name_the_place_and_the_remedy() {
    let fault = Catalogue::embedded()
        .resolve("spn-missing", &Map::new())
        .unwrap_err();
    assert_eq!(
        fault.to_string(),
        "the cause `spn-missing` needs `spn` (the SPN that was asked for and that no account \
         holds); give it under `with:`"
    );
    let text = "schema: 1\ngroups:\n  - title: T\n    causes:\n      - id: x\n        title: X\n        severity: latent\n        fix-order: 1\n        proof: live\n        meaning: 'A {{ nothing }}'\n        fix: []\n";
    assert_eq!(
        Catalogue::load(text, "c.yaml").unwrap_err().to_string(),
        "c.yaml: cause `x`, meaning: `nothing` is no parameter of this cause"
    );
    let unquoted = text.replace(
        "meaning: 'A {{ nothing }}'\n        fix: []",
        "meaning: A\n        parameters: { p: { help: h } }\n        fix: [ client-command: { what: w, linux: 'cat {{ p }}' } ]",
    );
    assert!(
        Catalogue::load(&unquoted, "c.yaml")
            .unwrap_err()
            .to_string()
            .contains("write `sh.p`")
    );
    let twice = text.replace("A {{ nothing }}", "A");
    let (head, cause) = twice.split_at(twice.find("      - id").unwrap());
    assert!(
        Catalogue::load(&format!("{head}{cause}{cause}"), "c.yaml")
            .unwrap_err()
            .to_string()
            .ends_with("cause `x` stands there twice")
    );
}

#[test]
fn a_cause_is_as_bad_as_its_condition_says() {
    let catalogue = Catalogue::embedded();
    let severity = |suggested: Value| {
        let given = json!({
            "malformed": ["MSSQLSvc/sql1:1433:x"], "account": account("svc"), "suggested": suggested,
        });
        let resolved = catalogue.resolve("spn-malformed", &values(given));
        resolved.unwrap().severity
    };
    assert_eq!(severity(json!([])), Severity::Latent);
    assert_eq!(severity(Value::Null), Severity::Latent);
    assert_eq!(
        severity(json!(["MSSQLSvc/sql1.corp.example:1433"])),
        Severity::EveryLogin
    );
}

/// Names come from the directory: a card's command holds them quoted. Without
/// the name there is no command, and no card.
#[test]
fn a_card_asks_for_the_account_by_its_name() {
    let catalogue = Catalogue::embedded();
    let given = json!({ "account": account("O'Hara;$(reboot)") });
    let card = catalogue.card("service-account-unusable", &values(given));
    let card = card.unwrap();
    let windows = card.windows.unwrap();
    assert!(
        windows.starts_with(
            "Get-ADObject -Identity 'CN=O''Hara;$(reboot),CN=Users,DC=corp,DC=example' -Server "
        ),
        "{windows}"
    );
    let linux = card.linux.unwrap();
    assert!(
        linux.contains(r"-b 'CN=O'\''Hara;$(reboot),CN=Users,DC=corp,DC=example' "),
        "{linux}"
    );
    assert_eq!(
        catalogue.card("service-account-unusable", &Map::new()),
        None
    );
    // Others ask for nothing by name.
    assert!(catalogue.card("client-alias", &Map::new()).is_some());
    assert_eq!(catalogue.card("no-such-cause", &Map::new()), None);
}
