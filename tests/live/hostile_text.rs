//! Names, texts and certificates that want to act on a terminal, in a script, in
//! a report or in a filter, planted wherever the program reads: they are shown
//! as what they are, and the script changes the accounts that are meant.

mod far;
mod inert;
mod plant;

use std::process::Command;
use std::sync::Arc;

use lab::lab::Lab;
use sspi_doctor::hostile;

use crate::browser::Browser;
use crate::terminal::{Terminal, UTF8};
use crate::walk::{MAIN, PROGRAM, SQL1, Walked, lab, on_client, repair, walk_with_password};
use inert::{assert_inert, assert_plain_lines, markdown_is_inert};
use plant::{CANARY, FORGED, Planted};

const KNOWN: [(&str, &str); 2] = [("server", SQL1), ("service_account", r"CORP\svc_sql")];

/// What a command prints, on both ways out; none of it may act on a terminal.
fn printed(what: &str, mut command: Command) -> String {
    let output = command.output().expect("the program runs");
    assert_inert(what, &output.stderr);
    assert_inert(what, &output.stdout);
    String::from_utf8(output.stdout).expect("it was looked at")
}

/// Everything that can be made of a session.
fn looked_at_in_every_form(lab: &Lab, walked: &Walked) {
    let session = walked.document["session"].as_str().expect("its name");
    let with = |arguments: &[&str]| {
        let mut command = on_client(lab, PROGRAM);
        command.args(arguments);
        printed(&arguments.join(" "), command)
    };
    with(&["export", session, "--format", "json"]);
    with(&["fix", session, "--for", "windows"]);
    with(&["fix", session, "--for", "linux"]);
    with(&["fix", session, "--plan"]);
    with(&["sessions"]);
    with(&["audit", "--dns", "--browser"]);
    with(&["audit", "--format", "csv"]);
    let text = with(&["export", session]);
    assert_plain_lines(&text);
    markdown_is_inert(lab, &with(&["export", session, "--format", "markdown"]));
    let page = lab.dir().join("hostile.html");
    std::fs::write(&page, with(&["export", session, "--format", "html"])).expect("the page");
    let mut browser = Browser::start();
    browser.open(&page);
    assert_eq!(browser.value("window.hit === undefined"), true);
    assert_eq!(browser.requests().len(), 1, "{:?}", browser.requests());
    assert_eq!(browser.complaints(), [""; 0]);
    let elements = "document.querySelectorAll('script, img, svg, a, iframe, h1 ~ h1').length";
    assert_eq!(browser.value(elements), 0);
    let shown = browser.value("document.body.textContent");
    let shown = shown.as_str().expect("a text");
    assert!(shown.contains(FORGED), "the plants are not on the page");
}

#[test]
fn what_is_planted_is_shown_and_does_nothing() {
    let lab = lab();
    let planted = Planted::everywhere(&lab);
    let before = planted.spns();
    let walked = walk_with_password(&lab, MAIN, &KNOWN, "report", "Rep0rt-Passw0rd");
    assert!(
        walked.causes().contains(&"spn-on-wrong-account"),
        "{:?}\n{}",
        walked.causes(),
        walked.progress
    );
    assert_inert("progress", walked.progress.as_bytes());
    assert_inert("document", walked.document.to_string().as_bytes());
    let journal = walked
        .progress
        .lines()
        .find_map(|line| line.strip_prefix("journal: "))
        .expect("the journal's place is told");
    let journal = std::fs::read(journal).expect("the journal");
    assert_inert("journal", &journal);
    for plant in plant::SEEN {
        let seen = String::from_utf8_lossy(&journal).contains(plant);
        assert!(seen, "{plant} was never read");
    }
    looked_at_in_every_form(&lab, &walked);
    a_filter_stays_a_filter(&lab);
    the_wizards_terminal_is_its_own(&lab);

    repair(&lab, &walked);
    let mut expected = before;
    Planted::repaired(&mut expected);
    assert_eq!(planted.spns(), expected);
    for place in [".", "/", "/root", "/tmp"] {
        let canary = std::path::Path::new(place).join(CANARY);
        assert!(!canary.exists(), "a value was run: {}", canary.display());
    }
}

/// Asked for a value with a filter in it, the controller gives its one holder.
fn a_filter_stays_a_filter(lab: &Lab) {
    let mut audit = on_client(lab, PROGRAM);
    audit.args(["audit", "--format", "jsonl"]);
    let rows: Vec<serde_json::Value> = printed("audit", audit)
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect();
    let row = rows.iter().find(|row| row["spn"] == plant::QUOTES);
    let row = row.unwrap_or_else(|| panic!("{rows:#?}"));
    assert_eq!(row["kind"], "malformed");
    assert_eq!(row["accounts"], serde_json::json!([plant::EVIL_NAME]));
    assert!(rows.len() < 10, "{rows:#?}");
}

/// The certificate is read before anybody has shown who they are.
#[test]
fn a_certificate_acts_on_nothing() {
    let lab = lab();
    let _planted = Planted::certificate(&lab);
    let walked = walk_with_password(&lab, MAIN, &KNOWN, "report", "Rep0rt-Passw0rd");
    assert_inert("progress", walked.progress.as_bytes());
    let document = walked.document.to_string();
    assert_inert("document", document.as_bytes());
    let shown = hostile::shown_line(plant::SUBJECT);
    let shown = serde_json::Value::from(shown).to_string();
    assert!(document.contains(shown.trim_matches('"')), "{document}");
    looked_at_in_every_form(&lab, &walked);
}

/// The wizard itself moves the cursor; what is planted does not. Every step and
/// its evidence is looked at.
fn the_wizards_terminal_is_its_own(lab: &Lab) {
    let mut command = on_client(lab, PROGRAM);
    command.args(["walk", MAIN, "--allow", "all"]);
    for (name, value) in KNOWN {
        command.arg("--set").arg(format!("{name}={value}"));
    }
    let arguments: Vec<&str> = command
        .get_args()
        .filter_map(|word| word.to_str())
        .collect();
    let ticket = lab.host("client").and_then(|host| host.ccache("alice"));
    let ticket = format!("FILE:{}", ticket.expect("alice's cache").display());
    let mut variables = UTF8.to_vec();
    variables.extend([
        ("USER", "alice"),
        ("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
        ("KRB5CCNAME", &ticket),
    ]);
    let home = Arc::new(tempfile::tempdir().expect("a home"));
    make_writable(home.path());
    let mut terminal =
        Terminal::start_in(home, command.get_program().as_ref(), &arguments, &variables);
    let mut title = String::new();
    let mut screens = String::new();
    // Blanks at its end may be written or erased.
    let second_line = |screen: &str| {
        let line = screen.lines().nth(1).unwrap_or_default();
        line.trim_end().to_owned()
    };
    loop {
        terminal.wait("the next step", |seen| {
            let screen = seen.parser.screen().contents();
            let next = screen.contains("Enter next") && second_line(&screen) != title;
            next || screen.contains("were found")
        });
        let screen = terminal.screen();
        if screen.contains("were found") {
            break;
        }
        title = second_line(&screen);
        screens.push_str(&screen);
        terminal.type_in("e");
        // The last line is drawn last: an escape key and a key right behind it
        // would be one key.
        terminal.wait_for("Esc close");
        screens.push_str(&terminal.screen());
        terminal.type_in("\u{1b}");
        terminal.wait("step again", |seen| {
            let screen = seen.parser.screen().contents();
            screen.contains("Enter next") && !screen.contains("Esc close")
        });
        terminal.type_in("\r");
    }
    let bytes = terminal.seen.lock().expect("not poisoned").bytes.clone();
    inert::terminal_is_the_programs(&bytes);
    assert!(screens.contains("<U+200B>"), "{screens}");
    terminal.type_in("q");
    terminal.ended();
}

/// The wizard runs as alice.
fn make_writable(folder: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let all = std::fs::Permissions::from_mode(0o777);
    std::fs::set_permissions(folder, all).expect("our own folder");
}
