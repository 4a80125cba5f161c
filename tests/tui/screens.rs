//! Every screen in every size and look.

use ratatui::style::{Color, Modifier};
use sspi_doctor::tui::theme::Theme;

use super::harness::Wizard;
use super::played::Played;

async fn form(played: Played) -> Wizard {
    let mut wizard = Wizard::start(played).await;
    wizard.press("Enter").await;
    wizard
}

pub async fn walk(played: Played) -> Wizard {
    let mut wizard = form(played).await;
    wizard
        .text("sql1.corp.example,1433")
        .await
        .press("Enter Enter Enter")
        .await;
    wizard
}

/// As [`walk`], but the first probe goes on running.
pub async fn walk_while_running(played: Played) -> Wizard {
    let mut wizard = form(played).await;
    wizard
        .text("sql1.corp.example,1433")
        .await
        .press("Enter Enter")
        .await
        .press_while_running("Enter")
        .await;
    wizard
}

#[tokio::test]
async fn flow_list() {
    let wizard = Wizard::start(Played::healthy()).await;
    insta::assert_snapshot!(wizard.in_every_size());
    assert!(
        wizard
            .style_of("> Cannot generate", Theme::Mono)
            .add_modifier
            .contains(Modifier::REVERSED)
    );
}

#[tokio::test]
async fn inputs() {
    let mut wizard = form(Played::healthy()).await;
    insta::assert_snapshot!("inputs", wizard.in_every_size());
    wizard.text("sql1,x").await.press("Enter").await;
    insta::assert_snapshot!("inputs_fault", wizard.in_every_size());
    for _ in 0..6 {
        wizard.press("Backspace").await;
    }
    wizard.text("sql1").await.press("Enter Down").await;
    insta::assert_snapshot!("inputs_choice", wizard.in_every_size());
}

#[tokio::test]
async fn step_with_a_finding() {
    let wizard = walk(Played::no_such_name()).await;
    insta::assert_snapshot!(wizard.in_every_size());
    assert_eq!(wizard.style_of("[!!]", Theme::Ansi).fg, Some(Color::Red));
    assert_eq!(wizard.style_of("[!!]", Theme::Mono).fg, Some(Color::Reset));
}

#[tokio::test]
async fn evidence_and_why() {
    let mut wizard = walk(Played::no_such_name()).await;
    wizard.press("e").await;
    insta::assert_snapshot!("evidence", wizard.in_every_size());
    wizard.press("PageDown").await;
    insta::assert_snapshot!("evidence_scrolled", wizard.screen());
    wizard.press("Esc w").await;
    insta::assert_snapshot!("why", wizard.in_every_size());
}

#[tokio::test]
async fn running_probe() {
    let mut wizard = form(Played::healthy().silent("tcp-connect")).await;
    wizard
        .text("sql1.corp.example")
        .await
        .press("Enter Enter Enter Enter")
        .await;
    wizard.press_while_running("Enter").await;
    insta::assert_snapshot!("running", wizard.in_every_size());
    wizard.press_while_running("q").await;
    insta::assert_snapshot!("quit", wizard.in_every_size());
}

#[tokio::test]
async fn servers_of_a_running_probe() {
    let mut wizard = form(Played::healthy().asking_two("tcp-connect")).await;
    wizard
        .text("sql1.corp.example")
        .await
        .press("Enter Enter Enter Enter")
        .await;
    wizard.press_while_running("Enter").await;
    wizard.until("10.0.4.8").await;
    insta::assert_snapshot!("running_servers", wizard.in_every_size());
    wizard.press("c").await;
    assert!(
        wizard.screen().contains("you cancelled it"),
        "{}",
        wizard.screen()
    );
}

#[tokio::test]
async fn questions_and_consent() {
    let mut wizard = walk(Played::healthy()).await;
    wizard.press("Enter Enter Enter").await;
    insta::assert_snapshot!("question_choice", wizard.in_every_size());
    wizard.press("Enter").await;
    insta::assert_snapshot!("question_text", wizard.in_every_size());
    wizard.text("Monday").await.press("Enter").await;
    insta::assert_snapshot!("consent", wizard.in_every_size());
    wizard.press("Enter").await;
    assert!(wizard.screen().contains("Press y"), "{}", wizard.screen());
}

#[tokio::test]
async fn dialogues() {
    let mut wizard = walk(Played::no_such_name()).await;
    wizard.press("n").await.text("Müller knows more").await;
    insta::assert_snapshot!("note", wizard.in_every_size());
    wizard.press("Enter x Down").await;
    insta::assert_snapshot!("export", wizard.in_every_size());
    wizard.press("Esc ?").await;
    insta::assert_snapshot!("keys", wizard.in_every_size());
    wizard.press("?").await;
    insta::assert_snapshot!("help", wizard.in_every_size());
    wizard.press("Esc o").await;
    insta::assert_snapshot!("outline", wizard.in_every_size());
}

#[tokio::test]
async fn a_key_that_the_window_of_keys_shows_does_what_it_says() {
    let mut wizard = walk(Played::no_such_name()).await;
    let before = wizard.screen();
    wizard.press("? Esc").await;
    assert_eq!(wizard.screen(), before);
    wizard.press("? Enter").await;
    assert_eq!(wizard.screen(), before, "Enter closes it and goes nowhere");
    wizard.press("? w").await;
    assert!(wizard.screen().contains("Why so:"), "{}", wizard.screen());
    // Closed again, the window is gone too.
    wizard.press("Esc").await;
    assert_eq!(wizard.screen(), before);
}

#[tokio::test]
async fn findings_script_and_end() {
    let mut wizard = walk(Played::no_such_name()).await;
    wizard.press("f").await;
    insta::assert_snapshot!("findings", wizard.in_every_size());
    wizard.press("Esc Enter Enter Enter Enter n Enter").await;
    insta::assert_snapshot!("end", wizard.in_every_size());
}

#[tokio::test]
async fn healthy_end() {
    let mut wizard = walk(Played::healthy()).await;
    wizard.press("Enter Enter Enter Enter Enter y Enter").await;
    insta::assert_snapshot!(wizard.in_every_size());
}

#[tokio::test]
async fn terms_cards_and_search() {
    let mut wizard = walk(Played::no_such_name()).await;
    wizard.press("t").await;
    insta::assert_snapshot!("terms", wizard.screen());
    wizard.press("Esc e /").await.text("refused").await;
    insta::assert_snapshot!("search", wizard.in_every_size());
    wizard.press("Enter").await;
    assert_eq!(
        wizard.style_of("refused", Theme::Mono).add_modifier,
        Modifier::REVERSED
    );
    wizard.press("Esc Enter Enter Enter Enter n Enter c").await;
    insta::assert_snapshot!("cards", wizard.screen());
}

#[tokio::test]
async fn the_end_over_a_recorded_world() {
    let mut wizard = Wizard::in_world("spn-on-wrong-account").await;
    for _ in 0..12 {
        wizard.press("g").await;
    }
    insta::assert_snapshot!("recorded_end", wizard.in_every_size());
}
