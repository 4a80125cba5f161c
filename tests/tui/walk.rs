//! Walks by keys: going on, going back, asking again, skipping, cancelling,
//! leaving.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::{Map, json};
use sspi_doctor::engine::{Beginning, Verdict};
use sspi_doctor::exit::Exit;
use sspi_doctor::tui::Start;
use sspi_doctor::tui::model::Place;

use super::harness::Wizard;
use super::played::Played;
use super::screens::{walk, walk_while_running};

fn beginning() -> Beginning {
    let mut inputs = Map::new();
    inputs.insert(
        "server".to_owned(),
        json!({"typed": "sql1,1433", "host": "sql1", "port": 1433}),
    );
    Beginning {
        flow: "login".to_owned(),
        inputs,
        ..Beginning::default()
    }
}

#[tokio::test]
async fn a_walk_ends_with_its_verdict_and_journal() {
    let mut wizard = walk(Played::no_such_name()).await;
    wizard.press("Enter Enter Enter Enter y Enter").await;
    assert_eq!(wizard.model().place(), Place::End);
    wizard.press("q").await;
    let end = wizard.ended().await;
    assert_eq!(end.verdict, Some(Verdict::CauseFound));
    assert_eq!(end.exit(), Exit::CauseFound);
    assert!(end.journal.is_some());
}

#[tokio::test]
async fn it_starts_in_the_walk_or_on_a_filled_form() {
    let wizard = Wizard::start_at(Start::Walk, beginning(), Played::healthy()).await;
    assert_eq!(wizard.model().place(), Place::Reading);
    assert!(wizard.screen().contains("sql1,1433"), "{}", wizard.screen());

    let mut wizard = Wizard::start_at(Start::Inputs, beginning(), Played::healthy()).await;
    assert!(
        wizard.screen().contains("> sql1,1433"),
        "{}",
        wizard.screen()
    );
    wizard.press("Enter Enter Enter").await;
    assert_eq!(wizard.model().place(), Place::Reading);
}

#[tokio::test]
async fn back_returns_and_keeps_the_answer() {
    let mut wizard = walk(Played::healthy()).await;
    wizard.press("Enter Enter Enter").await;
    assert_eq!(wizard.model().place(), Place::Question);
    wizard.press("2 Enter b").await;
    // `b` is a letter of the answer here.
    assert!(wizard.screen().contains("> b"), "{}", wizard.screen());
    wizard.press("Esc").await;
    assert!(wizard.screen().contains("> 2 No"), "{}", wizard.screen());
    wizard.press("b").await;
    assert_eq!(wizard.model().place(), Place::Reading);
    assert!(
        wizard.screen().contains("The port is open"),
        "{}",
        wizard.screen()
    );
}

#[tokio::test]
async fn retry_asks_the_network_again_and_nothing_else_does() {
    let played = Played::healthy();
    let asked = Arc::clone(&played.asked);
    let mut wizard = walk(played).await;
    wizard.press("Enter").await;
    let before = asked.load(Ordering::SeqCst);
    wizard.press("b Enter e Esc").await;
    assert_eq!(asked.load(Ordering::SeqCst), before);
    wizard.press("r").await;
    assert_eq!(asked.load(Ordering::SeqCst), before + 1);
}

#[tokio::test]
async fn cancel_and_skip_leave_the_cause_unknown() {
    for key in ["c", "s"] {
        let played = Played::healthy().silent("tcp-connect");
        let mut wizard = walk(played).await;
        wizard
            .press("Enter")
            .await
            .press_while_running("Enter")
            .await;
        assert_eq!(wizard.model().place(), Place::Probing);
        let before = std::time::Instant::now();
        wizard.press(key).await;
        assert!(before.elapsed() < std::time::Duration::from_millis(300));
        assert!(wizard.screen().contains("[??]"), "{}", wizard.screen());
        let model = wizard.model();
        assert_eq!(model.walking().unwrap().state.unknown.len(), 1);
    }
}

/// What hangs is left behind: the answer to the key must not wait for it. The
/// best of several counts, because the machine may be busy with other tests.
#[tokio::test]
async fn cancel_answers_at_once_although_the_probe_hangs() {
    for key in ["c", "s", "b"] {
        let mut best = std::time::Duration::MAX;
        for _ in 0..5 {
            let mut wizard = walk(Played::healthy().deaf("tcp-connect")).await;
            wizard
                .press("Enter")
                .await
                .press_while_running("Enter")
                .await;
            assert_eq!(wizard.model().place(), Place::Probing);
            let before = std::time::Instant::now();
            wizard.press(key).await;
            best = best.min(before.elapsed());
            assert_eq!(wizard.model().place(), Place::Reading);
            if best < std::time::Duration::from_millis(100) {
                break;
            }
        }
        assert!(
            best < std::time::Duration::from_millis(100),
            "{key}: {best:?}"
        );
    }
}

/// What was asked ahead reports while another probe is waited for.
#[tokio::test]
async fn probes_that_run_together_report_one_by_one() {
    let played = Played::healthy().silent("dns-forward");
    let mut wizard = walk_while_running(played).await;
    wizard.until("TCP port: sql1.corp.example").await;
    wizard.until("answered, 12 ms").await;
    let screen = wizard.screen();
    assert!(screen.contains("gives up after"), "{screen}");
    wizard.press("c").await;
    assert!(!wizard.screen().contains("answered, 12 ms"));
}

#[tokio::test]
async fn another_answer_asks_only_what_depends_on_it() {
    let mut depends = beginning();
    depends.flow = "depends".to_owned();
    let played = Played::healthy();
    let requests = Arc::clone(&played.requests);
    let asked = |host: &str| {
        let requests = requests.lock().unwrap();
        requests.iter().filter(|key| key.contains(host)).count()
    };
    let mut wizard = Wizard::start_at(Start::Walk, depends, played).await;
    wizard.press("Enter").await.text("one").await;
    wizard.press("Enter Enter").await;
    assert_eq!((asked("sql1"), asked("\"one\"")), (2, 1));
    // Back to the question, which still shows the answer; another one.
    wizard.press("b b").await;
    assert!(wizard.screen().contains("> one"), "{}", wizard.screen());
    wizard.press("Ctrl-U").await.text("two").await;
    wizard.press("Enter Enter").await;
    assert_eq!(
        (asked("sql1"), asked("\"one\""), asked("\"two\"")),
        (2, 1, 1)
    );
    // And the first answer again: that is known already.
    wizard.press("b b Ctrl-U").await.text("one").await;
    wizard.press("Enter Enter Enter").await;
    assert_eq!(wizard.model().place(), Place::End);
    assert_eq!(
        (asked("sql1"), asked("\"one\""), asked("\"two\"")),
        (2, 1, 1)
    );
}

#[tokio::test]
async fn words_are_found_in_long_evidence() {
    let mut wizard = walk(Played::no_such_name()).await;
    wizard.press("e /").await.text("10.0.0.15").await;
    assert!(wizard.screen().contains("Find in this text"));
    wizard.press("Enter").await;
    let screen = wizard.screen();
    assert!(screen.contains("10.0.0.15: A sql1"), "{screen}");
    assert!(screen.contains("line 1 of 1"), "{screen}");
    wizard.press("/").await.text("REFUSED").await;
    // From where the reader is: the twelfth of them; then on, on, and back.
    wizard.press("Enter n n N").await;
    let screen = wizard.screen();
    assert!(screen.contains("line 13 of 16"), "{screen}");
    wizard.press("/").await.text("nothing").await;
    wizard.press("Enter").await;
    let screen = wizard.screen();
    assert!(screen.contains("does not stand here"), "{screen}");
    wizard.press("/ Esc").await;
    assert_eq!(wizard.model().place(), Place::Evidence);
    wizard.press("Esc").await;
    assert_eq!(wizard.model().place(), Place::Reading);
}

#[tokio::test]
async fn the_outline_shows_only_what_can_still_come() {
    let wizard = Wizard::in_world("healthy").await;
    let ahead = |wizard: &Wizard| -> Vec<String> {
        let model = wizard.model();
        let steps = &model.walking().unwrap().state.ahead;
        steps
            .iter()
            .map(|step| format!("{}{}", step.path, if step.maybe { "?" } else { "" }))
            .collect()
    };
    // No SQL login was given, and the login itself fails, not a linked server.
    assert_eq!(
        ahead(&wizard),
        [
            "names/hosts",
            "names/reverse",
            "names/reach",
            "names/identity",
            "sign_in",
            "trust",
            "spn_check",
            "login",
            "keys",
            // Only when the login works.
            "settings?",
            "elsewhere?"
        ]
    );
}

#[tokio::test]
async fn a_step_that_was_settled_later_is_no_longer_unknown() {
    let mut wizard = Wizard::in_world("healthy").await;
    for _ in 0..4 {
        wizard.press("g").await;
    }
    let screen = wizard.screen();
    assert!(screen.contains("[ok] The SPN"), "{screen}");
}

#[tokio::test]
async fn a_probe_that_panics_leaves_its_step_unknown() {
    let mut wizard = walk(Played::healthy().panicking("tcp-connect")).await;
    wizard.press("Enter Enter").await;
    assert_eq!(wizard.model().place(), Place::Reading);
    assert!(
        wizard.screen().contains("a fault of this program"),
        "{}",
        wizard.screen()
    );
}

#[tokio::test]
async fn leaving_a_walk_asks_first() {
    let mut wizard = walk(Played::healthy()).await;
    wizard.press("q Enter").await;
    assert_eq!(wizard.model().place(), Place::Reading);
    wizard.press("q y").await;
    assert_eq!(wizard.ended().await.exit(), Exit::Inconclusive);

    let mut wizard = walk(Played::healthy()).await;
    wizard.press("Ctrl-C Ctrl-C").await;
    assert_eq!(wizard.ended().await.verdict, None);

    let mut wizard = Wizard::start(Played::healthy()).await;
    wizard.press("q").await;
    assert_eq!(wizard.ended().await.exit(), Exit::Healthy);
}

#[tokio::test]
async fn pasted_text_goes_into_the_field() {
    let mut wizard = Wizard::start(Played::healthy()).await;
    wizard
        .press("Enter")
        .await
        .paste("sql1.corp.example,1433\r\n\u{1b}[2J")
        .await;
    assert!(
        wizard.screen().contains("> sql1.corp.example,1433"),
        "{}",
        wizard.screen()
    );
}

#[tokio::test]
async fn copies_go_to_the_clipboard_and_to_a_file() {
    let mut wizard = walk(Played::no_such_name()).await;
    wizard.press("y").await;
    let copied = wizard.copied();
    assert!(copied.contains("dig +noall"), "{copied}");
    assert!(copied.contains("Resolve-DnsName"), "{copied}");
    assert!(wizard.screen().contains("clipboard"), "{}", wizard.screen());
    let sessions = wizard.folder.path().join("sessions");
    let kept = std::fs::read_dir(sessions)
        .unwrap()
        .filter_map(Result::ok)
        .find(|file| {
            file.file_name()
                .to_string_lossy()
                .ends_with("-commands.txt")
        })
        .expect("the copy is a file too");
    assert_eq!(std::fs::read_to_string(kept.path()).unwrap(), copied);
}

#[tokio::test]
async fn going_on_by_itself_stops_where_there_is_something_to_do() {
    let mut wizard = Wizard::start_at(Start::Walk, beginning(), Played::healthy()).await;
    wizard.press("g").await;
    // The played reverse lookup says nothing that the flow calls good.
    assert!(
        wizard.screen().contains("Look the address up"),
        "{}",
        wizard.screen()
    );
    wizard.press("g").await;
    assert_eq!(wizard.model().place(), Place::Question);
}

#[tokio::test]
async fn nothing_is_drawn_while_nothing_happens() {
    let wizard = walk(Played::healthy()).await;
    let before = wizard.frames();
    tokio::time::sleep(std::time::Duration::from_millis(600)).await;
    assert_eq!(wizard.frames(), before);
}

#[tokio::test]
async fn a_walk_can_be_resized_at_any_time() {
    let mut wizard = walk(Played::no_such_name()).await;
    for (columns, lines) in [
        (200, 60),
        (1, 1),
        (0, 0),
        (40, 10),
        (69, 11),
        (70, 12),
        (80, 24),
    ] {
        wizard.resize(columns, lines).await;
        wizard.press("PageDown End Up").await;
    }
    assert_eq!(wizard.model().place(), Place::Reading);
}
