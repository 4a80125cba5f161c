//! Which account SQL Server runs under, by the keys that it has: a ticket for
//! another account of the host that it opens proves it. Over played outcomes.

#![expect(clippy::expect_used, reason = "a test fails by it, and says where")]

use serde_json::{Value, json};
use sspi_doctor::engine::Session;
use sspi_doctor::probe::{Outcome, ProbeRequest};

#[path = "session/scripted.rs"]
mod scripted;

const SPN: &str = "MSSQLSvc/sql1.corp.example:1433";
const OTHER: &str = "MSSQLSvc/sql1.corp.example:INST1";
const COMPUTER: &str = "HOST/sql1.corp.example";

/// What SQL Server and the directory are like.
struct World {
    /// Whether svc_sql holds another SPN of the host.
    others: bool,
    /// The SPNs whose tickets SQL Server opens.
    opens: &'static [&'static str],
    /// Whether the computer's account is shown.
    computer: bool,
    /// What becomes of the second look at the SPN.
    again: &'static str,
}

const WORLD: World = World {
    others: true,
    opens: &[OTHER],
    computer: true,
    again: "held",
};

fn account(name: &str, rid: u32) -> Value {
    json!({
        "name": format!("CORP\\{name}"), "sam_account_name": name, "domain": "corp.example",
        "netbios_domain": "CORP", "class": "user", "sid": format!("S-1-5-21-1-2-3-{rid}"),
        "distinguished_name": format!("CN={name},DC=corp,DC=example"),
    })
}

/// The account with this SID.
fn by_sid(sid: &str) -> Value {
    if sid.ends_with("-1110") {
        account("SQL1$", 1110)
    } else {
        account("svc_sql", 1105)
    }
}

fn answer(world: &World, request: &ProbeRequest) -> Outcome {
    let old = account("svc_old", 1107);
    let related = |spn: &str, account: &Value| json!({"spn": spn, "account": account, "kind": "other-instance"});
    let (status, facts) = match request.probe.as_str() {
        "kerberos-service-ticket" => (
            "granted",
            json!({"encryption_type": "aes256-cts-hmac-sha1-96", "kvno": 3}),
        ),
        "ldap-spn" => {
            if let Some(sid) = request.optional_text("expected") {
                let facts = json!({
                    "spn": SPN, "holder": old, "holders": [old], "expected_holds": false,
                    "expected_account": by_sid(sid), "wrong_holders": [old],
                    "wrong_pairs": [{"spn": SPN, "account": old}], "missing_on_expected": [SPN],
                });
                (world.again, facts)
            } else {
                let other = related(OTHER, &account("svc_sql", 1105));
                let others: Vec<Value> = world.others.then_some(other).into_iter().collect();
                (
                    "held",
                    json!({"spn": SPN, "holder": old, "other_accounts": others}),
                )
            }
        }
        "sql-login-kerberos" => {
            let spn = request.text("spn").expect("an SPN");
            if world.opens.contains(&spn) {
                ("not-authorised", json!({}))
            } else {
                ("refused", json!({"krb_code": 41}))
            }
        }
        "ldap-account" if request.optional_text("account") == Some(r"NT AUTHORITY\SYSTEM") => {
            if world.computer {
                ("found", json!({"account": account("SQL1$", 1110)}))
            } else {
                ("not-found", json!({}))
            }
        }
        _ => ("found", json!({"account": old, "usable": true})),
    };
    scripted::outcome(&request.probe, status, &facts)
}

/// Walks to the end, after SQL Server has refused the ticket.
fn walk(world: &World) -> (Session, Vec<String>) {
    let inputs = json!({
        "spn": SPN, "host": "sql1.corp.example", "holder": r"CORP\svc_old", "login": "refused",
        "krb_code": "41", "port": 1433, "other_form": "MSSQLSvc/sql1.corp.example",
    });
    let inputs = inputs.as_object().cloned().unwrap_or_default();
    let mut tried = Vec::new();
    let session = scripted::walk("account-and-keys", inputs, false, |request| {
        if request.probe == "sql-login-kerberos" {
            tried.push(request.text("spn").expect("an SPN").to_owned());
        }
        answer(world, request)
    });
    (session, tried)
}

/// Who is found to be the right account.
fn proven(world: &World) -> Option<Value> {
    let (session, _) = walk(world);
    let finding = session.findings().first()?;
    assert_eq!(finding.cause, "spn-on-wrong-account");
    Some(finding.values["service_account"]["name"].clone())
}

#[test]
fn a_key_that_opens_names_the_account() {
    assert_eq!(proven(&WORLD), Some(json!(r"CORP\svc_sql")));
    let as_computer = World {
        opens: &[COMPUTER],
        ..WORLD
    };
    assert_eq!(proven(&as_computer), Some(json!(r"CORP\SQL1$")));
    let (_, tried) = walk(&as_computer);
    assert_eq!(tried, [OTHER, COMPUTER]);
}

#[test]
fn each_key_is_tried_once_and_what_opens_nothing_proves_nothing() {
    let none = World {
        opens: &[],
        ..WORLD
    };
    assert_eq!(proven(&none), None);
    assert_eq!(walk(&none).1, [OTHER, COMPUTER]);
    let alone = World {
        others: false,
        opens: &[],
        ..WORLD
    };
    assert_eq!(proven(&alone), None);
    assert_eq!(walk(&alone).1, [COMPUTER]);
}

#[test]
fn without_the_directory_nothing_is_certain() {
    let hidden = World {
        opens: &[COMPUTER],
        computer: false,
        ..WORLD
    };
    assert_eq!(proven(&hidden), None);
    let changed = World {
        again: "missing",
        ..WORLD
    };
    assert_eq!(proven(&changed), None);
}
