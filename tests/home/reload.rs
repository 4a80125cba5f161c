//! A flow that is being written while it is walked, in a real terminal.

use std::io::{Read as _, Write as _};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use super::{Home, PROGRAM};

const FLOW: &str = "\
schema: 1
id: ours
title: Our own
summary: A flow of the team.
inputs:
  word: { ask: Which word?, type: text }
start: first
steps:
  first: { title: The first step, why: It begins., tell: \"The word is {{ word }}.\", goto: color }
  color: { title: A question, why: It asks., ask: { question: Which colour?, type: text }, goto: last }
  last: { title: The last step, why: It ends., tell: \"The colour is {{ color.answer }}.\", goto: done }
  done: { title: The end, finish: That is all. }
";

struct Wizard {
    child: Box<dyn portable_pty::Child + Send + Sync>,
    writer: Box<dyn std::io::Write + Send>,
    screen: Arc<Mutex<vt100::Parser>>,
    _master: Box<dyn portable_pty::MasterPty + Send>,
}

impl Wizard {
    fn start(home: &Home, arguments: &[&str]) -> Self {
        let size = PtySize {
            rows: 24,
            cols: 100,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(PROGRAM);
        command.args(arguments);
        command.env_clear();
        command.env("HOME", home.path());
        command.env("LC_ALL", "C.UTF-8");
        command.env("TERM", "xterm");
        command.cwd(home.path());
        let child = pair.slave.spawn_command(command).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let writer = pair.master.take_writer().unwrap();
        let screen = Arc::new(Mutex::new(vt100::Parser::new(24, 100, 0)));
        let told = Arc::clone(&screen);
        std::thread::spawn(move || {
            let mut buffer = [0; 8192];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                told.lock().unwrap().process(&buffer[..count]);
            }
        });
        Self {
            child,
            writer,
            screen,
            _master: pair.master,
        }
    }

    fn wait_for(&self, text: &str) {
        let start = Instant::now();
        loop {
            let contents = self.screen.lock().unwrap().screen().contents();
            if contents.contains(text) {
                return;
            }
            assert!(
                start.elapsed() < Duration::from_secs(30),
                "no `{text}` in\n{contents}"
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn type_in(&mut self, text: &str) {
        self.writer.write_all(text.as_bytes()).unwrap();
        self.writer.flush().unwrap();
    }
}

impl Drop for Wizard {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_change_is_walked_with_the_same_answers_and_a_fault_is_shown_with_its_line() {
    let home = Home::new();
    let file = home.write("flows/ours.yaml", FLOW);
    let mut wizard = Wizard::start(
        &home,
        &["walk", "ours", "--flow-dir", "flows", "--set", "word=apple"],
    );
    wizard.wait_for("The word is apple.");
    wizard.type_in("\r");
    wizard.wait_for("Which colour?");
    wizard.type_in("green\r");
    wizard.wait_for("The colour is green.");

    // A step before this one is changed, and this one as well.
    let changed = FLOW
        .replace("The colour is", "You have chosen")
        .replace("The word is", "Your word is");
    std::fs::write(&file, &changed).unwrap();
    wizard.wait_for("You have chosen green.");

    std::fs::write(&file, changed.replace("goto: done", "goto: dune")).unwrap();
    wizard.wait_for("Your flow has a fault");
    wizard.wait_for("ours.yaml:11");
    wizard.wait_for("did you mean `done`?");

    std::fs::write(&file, changed.replace("You have chosen", "At last it is")).unwrap();
    wizard.wait_for("At last it is green.");
}

#[test]
fn a_form_takes_a_new_question_and_keeps_what_was_typed() {
    let home = Home::new();
    let file = home.write(".config/sspi-doctor/flows/ours.yaml", FLOW);
    let mut wizard = Wizard::start(&home, &["walk", "ours"]);
    wizard.wait_for("Which word?");
    wizard.type_in("pear");
    wizard.wait_for("pear");
    let more = FLOW.replace(
        "start: first",
        "  second: { ask: And which number?, type: text }\nstart: first",
    );
    std::fs::write(&file, more).unwrap();
    wizard.wait_for("And which number?");
    wizard.wait_for("pear");
}
