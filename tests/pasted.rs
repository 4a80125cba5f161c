//! What people tell goes into a walk: the engine over the shipped flows, the
//! catalogue's cards, and the program's `explain`.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test fails by them, and says where"
)]

use std::process::{Command, Stdio};
use std::sync::Arc;

use sspi_doctor::cause::Catalogue;
use sspi_doctor::driver::{Answers, Need, Walk};
use sspi_doctor::engine::{Beginning, Event, Verdict, answer};
use sspi_doctor::flow::InputKind;
use sspi_doctor::flow::library::Library;
use sspi_doctor::pasted::{Told, card, recognise};
use sspi_doctor::probe::context::LiveSession;
use sspi_doctor::probe::runner::Live;
use sspi_doctor::transcript::Journal;

const SERVER: &str = "sql1.corp.example,1433";

/// A walk of `still-failing`, which asks no server.
fn walk(place: &str, told: Told, journal: Option<Journal>) -> Walk {
    let catalogue = Arc::new(Catalogue::embedded().clone());
    let library = Arc::new(Library::load(&[], &catalogue.known()).expect("the flows are sound"));
    let mut beginning = Beginning {
        flow: "still-failing".to_owned(),
        told,
        can_paste: true,
        ..Beginning::default()
    };
    let server = answer::parse(InputKind::SqlTarget, &[], false, SERVER).unwrap();
    beginning.inputs.insert("server".to_owned(), server);
    beginning.answers.insert("where".to_owned(), place.into());
    let answers = Answers::new(Arc::new(Live::new(LiveSession::default())));
    Walk::begin(library, catalogue, answers, journal, beginning).expect("a walk begins")
}

async fn to_the_end(walk: &mut Walk) -> Verdict {
    loop {
        match walk.need().clone() {
            Need::Nothing(verdict) => return verdict,
            Need::Reader => walk.apply(Event::Continue),
            Need::Observation => walk.observed().await,
            Need::Consent(_) => walk.apply(Event::Consented(false)),
            Need::Answer(_) => walk.apply(Event::Skip),
        }
    }
}

fn told(text: &str, asked: &[&str]) -> Told {
    let told = recognise(text, "answer.txt", asked, jiff::Timestamp::now()).told;
    assert!(!told.is_empty(), "not read: {text}");
    told
}

fn causes(walk: &Walk) -> Vec<&str> {
    let findings = walk.session().findings().iter();
    findings.map(|finding| finding.cause.as_str()).collect()
}

const NO_RIGHT: &str = "SeNetworkLogonRight = *S-1-5-32-544\ncrashonauditfail    REG_DWORD    0x2";
const ALL_MAY: &str = "SeNetworkLogonRight = *S-1-1-0";
const CARD: &str = "server-access-denied-by-policy";

#[tokio::test]
async fn an_answer_to_a_card_finds_its_cause_or_excludes_it() {
    let mut alone = walk("ordinary-users", Told::default(), None);
    assert_eq!(to_the_end(&mut alone).await, Verdict::Inconclusive);

    let mut found = walk("ordinary-users", told(NO_RIGHT, &[CARD]), None);
    assert_eq!(to_the_end(&mut found).await, Verdict::CauseFound);
    assert_eq!(causes(&found), [CARD]);
    let evidence = &found.session().findings()[0].evidence[0];
    assert!(
        evidence.starts_with("told by a person, answer.txt"),
        "{evidence}"
    );

    let mut excluded = walk("ordinary-users", told(ALL_MAY, &[CARD]), None);
    assert_eq!(to_the_end(&mut excluded).await, Verdict::Healthy);
    assert_eq!(excluded.session().ruled_out()[0].cause, CARD);
}

#[tokio::test]
async fn what_comes_late_changes_the_verdict_and_the_transcript() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::create_at(&folder.path().join("late.jsonl")).unwrap();
    let path = journal.path().to_owned();
    let mut late = walk("ordinary-users", Told::default(), Some(journal));
    assert_eq!(to_the_end(&mut late).await, Verdict::Inconclusive);
    late.apply(Event::Told(Box::new(told(NO_RIGHT, &[CARD]))));
    assert_eq!(late.session().verdict(), Some(Verdict::CauseFound));
    let document = sspi_doctor::transcript::document::read(&path).unwrap();
    assert_eq!(document.verdict, Verdict::CauseFound);
    assert_eq!(document.findings[0].finding.cause, CARD);
    assert!(document.unknown.is_empty());
    assert!(document.notes[0].text.contains("not seen by this program"));
}

#[tokio::test]
async fn an_answer_is_read_again_at_the_step_that_waits_for_it() {
    let mut walk = walk("one-client", Told::default(), None);
    while !matches!(walk.need(), Need::Reader) {
        walk.observed().await;
    }
    let visit = walk.session().current().unwrap();
    assert_eq!(visit.status.as_deref(), Some("not-told"));
    walk.apply(Event::Told(Box::new(told(
        "Current LogonId is 0:0x3e7\n\nCached Tickets: (0)\n",
        &[],
    ))));
    assert_eq!(to_the_end(&mut walk).await, Verdict::CauseFound);
    assert_eq!(causes(&walk), ["no-ticket"]);
}

#[test]
fn every_card_has_a_reader() {
    for cause in Catalogue::embedded().causes() {
        assert!(
            cause.card.is_none() || card::is_readable(&cause.id),
            "nobody reads the answer to the card of {}",
            cause.id
        );
    }
}

fn explain(arguments: &[&str], input: &str) -> (Option<i32>, String) {
    use std::io::Write as _;
    let mut child = Command::new(env!("CARGO_BIN_EXE_sspi-doctor"))
        .arg("explain")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // The program may not want to read it all.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    (
        output.status.code(),
        String::from_utf8(output.stdout).unwrap(),
    )
}

#[test]
fn explain_says_what_a_text_is() {
    let (code, words) = explain(
        &[],
        "Cannot connect to SQL1\\SALES.\r\nCannot generate SSPI context.",
    );
    assert_eq!(code, Some(0), "{words}");
    assert!(words.contains("server=SQL1\\SALES"), "{words}");
    let (code, words) = explain(&["--advice", "setspn -A MSSQLSvc/a:1 b"], "");
    assert_eq!(code, Some(0));
    assert!(
        words.contains("Beware: setspn -A") && words.contains("Source:"),
        "{words}"
    );
    let (code, words) = explain(&["--error", "-"], "Clock skew too great");
    assert_eq!(code, Some(0));
    assert!(words.contains("your own ticket (AS)"), "{words}");
    let (code, words) = explain(&["Lorem ipsum"], "");
    assert_eq!(code, Some(3), "{words}");
}

#[test]
fn explain_is_not_moved_by_hostile_text() {
    let line = "\u{1b}]0;x\u{7}\u{202e}Login failed for user '\u{1b}[2J\u{9b}31m'. ";
    let (code, words) = explain(&[], &line.repeat((1 << 20) / line.len()));
    assert!(code.is_some());
    assert!(!words.contains(['\u{1b}', '\u{202e}', '\u{9b}', '\u{7}']));
}
