//! Pasting in the wizard: an error message on the first screen, and what others
//! saw in a walk.

use sspi_doctor::tui::model::Place;

use super::harness::Wizard;
use super::played::Played;
use super::screens::walk;

const MESSAGE: &str = "TITLE: Connect to Server\r\n------------------------------\r\n\r\nCannot connect to sql1.corp.example,1444.\r\n\r\nADDITIONAL INFORMATION:\r\n\r\nThe target principal name is incorrect.  Cannot generate SSPI context. (.Net SqlClient Data Provider)\r\n";

const SETSPN: &str = "C:\\>setspn -F -Q MSSQLSvc/sql1.corp.example:1433\r\nChecking forest DC=corp,DC=example\r\n\r\nNo such SPN found.\r\n";

#[tokio::test]
async fn an_error_message_begins_a_walk_with_its_server() {
    let mut wizard = Wizard::start(Played::healthy()).await;
    assert!(wizard.screen().contains("Press v"), "{}", wizard.screen());
    wizard.press("v").await;
    assert_eq!(wizard.model().place(), Place::Paste);
    // Many lines at once are one paste, not many answers.
    wizard.paste(MESSAGE).await;
    assert_eq!(wizard.model().place(), Place::Paste);
    insta::assert_snapshot!("paste", wizard.in_every_size());
    wizard.press("Enter").await;
    assert_eq!(wizard.model().place(), Place::Inputs);
    let screen = wizard.screen();
    assert!(
        screen.contains("The message is about: SQL Server opens"),
        "{screen}"
    );
    assert!(screen.contains("> sql1.corp.example,1444"), "{screen}");
    // The user has the last word.
    for _ in 0..4 {
        wizard.press("Backspace").await;
    }
    wizard.text("1433").await.press("Enter Enter Enter").await;
    assert_eq!(wizard.model().place(), Place::Reading);
    assert!(wizard.screen().contains("sql1.corp.example,1433"));
}

#[tokio::test]
async fn pasting_on_the_list_needs_no_key() {
    let mut wizard = Wizard::start(Played::healthy()).await;
    wizard.paste(MESSAGE).await;
    assert_eq!(wizard.model().place(), Place::Paste);
    wizard.press("Esc").await;
    assert_eq!(wizard.model().place(), Place::Flows);
}

#[tokio::test]
async fn what_is_not_known_offers_the_main_flow() {
    let mut wizard = Wizard::start(Played::healthy()).await;
    wizard.press("v").await.text("it does not work").await;
    assert!(
        wizard.screen().contains("Nothing in it is known"),
        "{}",
        wizard.screen()
    );
    wizard.press("Enter").await;
    assert_eq!(wizard.model().place(), Place::Inputs);
    assert!(wizard.screen().contains("Cannot generate SSPI context"));
}

#[tokio::test]
async fn what_others_saw_goes_into_the_walk_and_its_transcript() {
    let mut wizard = walk(Played::healthy()).await;
    // Without a key, too.
    wizard.paste(SETSPN).await;
    wizard.press("Esc v").await.paste(SETSPN).await;
    assert!(
        wizard.screen().contains("Read: setspn -Q (pasted)"),
        "{}",
        wizard.screen()
    );
    wizard.press("Enter").await;
    assert!(
        wizard.screen().contains("told by a person"),
        "{}",
        wizard.screen()
    );
    let sessions = wizard.folder.path().join("sessions");
    let journal = std::fs::read_dir(sessions)
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    let text = std::fs::read_to_string(journal.path()).unwrap();
    assert!(
        text.contains("not seen by this program: setspn -Q (pasted)"),
        "{text}"
    );
}

#[tokio::test]
async fn bad_advice_is_answered() {
    let mut wizard = Wizard::start(Played::healthy()).await;
    wizard
        .paste("Just run setspn -A MSSQLSvc/sql1:1433 CORP\\svc")
        .await;
    insta::assert_snapshot!("paste_advice", wizard.screen());
    assert!(
        wizard.screen().contains("Beware: setspn -A"),
        "{}",
        wizard.screen()
    );
}

#[tokio::test]
async fn hostile_text_is_only_text() {
    let mut wizard = Wizard::start(Played::healthy()).await;
    let line = "\u{1b}[2J\u{202e}Login failed for user 'CORP\\al\u{200b}ice'.\t\u{9b}31m ";
    wizard
        .paste(&line.repeat((1 << 20) / line.len() + 10))
        .await;
    let screen = wizard.screen();
    assert!(
        !screen.contains(['\u{1b}', '\u{202e}', '\u{9b}']),
        "{screen}"
    );
    wizard.press("Esc").await;
    assert_eq!(wizard.model().place(), Place::Flows);
}

#[tokio::test]
async fn what_is_told_after_the_end_is_walked_with() {
    let mut wizard = Wizard::in_world("spn-missing").await;
    while wizard.model().place() != Place::End {
        wizard.press("Enter").await;
    }
    wizard.paste(SETSPN).await.press("Enter").await;
    assert_eq!(wizard.model().place(), Place::End, "{}", wizard.screen());
    assert!(
        wizard.screen().contains("walked once more"),
        "{}",
        wizard.screen()
    );
    let sessions = wizard.folder.path().join("sessions");
    assert_eq!(std::fs::read_dir(sessions).unwrap().count(), 2);
}
