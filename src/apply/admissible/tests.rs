use serde_json::json;

use super::*;
use crate::transcript::reading;

const JOURNAL: &[u8] = include_bytes!("../../../flows/worlds/spn-duplicate.jsonl");

fn document() -> SessionDocument {
    SessionDocument::of(&reading::parse(JOURNAL, "case").unwrap())
}

fn after(document: &SessionDocument, hours: i64) -> Timestamp {
    document.ended.unwrap() + jiff::SignedDuration::from_hours(hours)
}

#[test]
fn a_fresh_session_of_a_real_network_is_admitted() {
    let document = document();
    let admitted = admit(&document, &[], after(&document, 1)).unwrap();
    assert_eq!(admitted.findings.len(), 1);
    assert_eq!(admitted.refused, []);
    let other = ["spn-missing".to_owned()];
    let admitted = admit(&document, &other, after(&document, 1)).unwrap();
    assert_eq!(admitted.findings, []);
}

#[test]
fn old_recorded_and_damaged_sessions_are_refused() {
    let mut document = document();
    for hours in [-1, 24, 72] {
        let refused = admit(&document, &[], after(&document, hours));
        assert!(matches!(refused, Err(Refusal::Old(_))), "{hours}");
    }
    assert_eq!(
        admit(&document, &[], after(&document, 72)).unwrap_err(),
        Refusal::Old("3 days".to_owned())
    );
    let now = after(&document, 1);
    document.damage = Some("line 9".to_owned());
    assert!(matches!(
        admit(&document, &[], now),
        Err(Refusal::Damaged(_))
    ));
    "spn-duplicate".clone_into(&mut document.source);
    assert!(matches!(
        admit(&document, &[], now),
        Err(Refusal::Recorded(_))
    ));
}

#[test]
fn without_the_account_a_duplicate_is_uncertain() {
    let mut document = document();
    let finding = &mut document.findings[0].finding;
    finding.values["service_account"] = json!(null);
    finding.fix = serde_json::from_value(json!([{"advice": {"text": "Ask."}}])).unwrap();
    let admitted = admit(&document, &[], after(&document, 1)).unwrap();
    assert_eq!(admitted.findings, []);
    let remedy = admitted.refused[0].remedy("sspi-doctor run x");
    assert!(remedy.contains("--set service_account="), "{remedy}");
}

#[test]
fn findings_that_contradict_each_other_are_refused() {
    let account = |name: &str| json!({"name": name, "sam_account_name": name, "domain": "corp.example", "class": "user"});
    for operations in [
        json!([
            {"remove-spn": {"spn": "A/b", "account": account("one")}},
            {"add-spn": {"spn": "a/B", "account": account("one")}},
        ]),
        json!([
            {"add-spn": {"spn": "A/b", "account": account("one")}},
            {"add-spn": {"spn": "a/B", "account": account("two")}},
        ]),
    ] {
        let mut document = document();
        document.findings[0].finding.fix = serde_json::from_value(operations).unwrap();
        let refused = admit(&document, &[], after(&document, 1));
        assert!(matches!(refused, Err(Refusal::Contradiction(_))));
    }
}
