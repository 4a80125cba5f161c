use super::*;
use crate::catalogue;

const CATALOGUE: &str = "\
groups:
  - title: Names
    causes:
      - { id: a, title: A, proof: live, fix: [{ add-spn: {} }] }
      - { id: b, title: B, proof: scripted, fix: [{ advice: {} }] }
";

fn row(cause: &str, how: How, repair: Repair) -> Row {
    Row::Proof(Proof {
        cause: cause.to_owned(),
        how,
        wrong: "it is broken".to_owned(),
        found: vec!["z".to_owned(), cause.to_owned()],
        repair,
        test: "live::names::test".to_owned(),
    })
}

/// What is missing of the two causes.
fn missing(rows: &[Row]) -> Vec<String> {
    let groups = catalogue::read(CATALOGUE).expect("a catalogue");
    let mut missing = report(&groups, rows).missing;
    missing.retain(|one| one.contains('`') && !one.contains("status"));
    missing
}

#[test]
fn every_cause_needs_a_row_that_proves_it_as_the_catalogue_says() {
    let held = row("a", How::Live, Repair::ScriptHeld);
    let played = row("b", How::Scripted, Repair::HandedOver);
    assert_eq!(
        missing(&[held.clone(), played.clone()]),
        Vec::<String>::new()
    );
    assert_eq!(
        missing(std::slice::from_ref(&held)),
        ["`b` is proven by no test"]
    );
    let weaker = missing(&[row("a", How::Scripted, Repair::ScriptMade), played.clone()]);
    assert_eq!(
        weaker,
        ["`a` is to be proven live, and is only proven as scripted"]
    );
    let not_run = missing(&[row("a", How::Live, Repair::ScriptMade), played.clone()]);
    assert!(not_run[0].contains("no test has run it"), "{not_run:?}");
    let card = missing(&[held.clone(), row("b", How::Card, Repair::HandedOver)]);
    assert_eq!(
        card,
        ["`b` is to be proven scripted, and is only proven as card"]
    );
    let stranger = missing(&[held, played, row("c", How::Live, Repair::Nothing)]);
    assert_eq!(
        stranger,
        ["a test proves `c`, which the catalogue does not have"]
    );
}

#[test]
fn places_and_statuses_are_missed_too() {
    let groups = catalogue::read(CATALOGUE).expect("a catalogue");
    let missing = report(&groups, &[]).missing;
    for (words, count) in [
        ("no test has walked", PLACES.len()),
        (
            "no test has seen",
            STATUSES.iter().map(|(_, services)| services.len()).sum(),
        ),
    ] {
        assert_eq!(
            missing.iter().filter(|one| one.starts_with(words)).count(),
            count
        );
    }
}

#[test]
fn the_document_does_not_depend_on_the_order_of_the_tests() {
    let groups = catalogue::read(CATALOGUE).expect("a catalogue");
    let rows = [
        row("a", How::Live, Repair::ScriptHeld),
        row("a", How::Scripted, Repair::ScriptMade),
        row("b", How::Live, Repair::HandedOver),
    ];
    let turned: Vec<Row> = rows.iter().rev().cloned().collect();
    let text = report(&groups, &rows).text;
    assert_eq!(text, report(&groups, &turned).text);
    assert!(text.contains(
        "| `a` | live | it is broken | z, then this cause | script run; the next walk is healthy | `live::names::test` |"
    ));
}
