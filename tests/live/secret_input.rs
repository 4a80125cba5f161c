//! A flow of a team's own that asks for a SQL login: the password reaches SQL
//! Server and nothing else.

use std::fs;

use crate::walk::{SQL1, lab, on_client, walk_with_secret};

const PASSWORD: &str = "Rep0rt-Passw0rd";

const FLOW: &str = r#"
schema: 1
id: own-login
title: Can this login sign in?
summary: Logs in with a SQL login that is asked for.
inputs:
  server: { ask: Which SQL Server?, type: sql-target }
  login: { ask: Which SQL login?, type: text }
  password: { ask: Its password?, type: secret }
start: session
steps:
  session:
    title: Log in
    why: Only SQL Server knows.
    sql-session:
      host: "{{ server.host }}"
      port: "{{ server.port }}"
      login: sql
      user: "{{ login }}"
      password: "{{ password }}"
      trust_certificate: true
    branch:
      - on: connected
        tell: "It is signed in as {{ auth_scheme }}."
        goto: done
      - else: true
        tell: "It is not: {{ reason or status }}."
        goto: done
  done:
    title: The end
    finish: See above.
"#;

#[test]
fn a_secret_input_is_used_and_never_kept() {
    let lab = lab();
    let folder = lab.dir().join("hosts/client/home/alice/own-flows");
    fs::create_dir_all(&folder).expect("a folder for the flow");
    fs::write(folder.join("own-login.yaml"), FLOW).expect("the flow is written");
    let own = folder.to_str().expect("a path of plain letters");
    for (password, status) in [(PASSWORD, "connected"), ("wr0ng-Passw0rd", "login-failed")] {
        let options = ["--secret-fd", "password=3", "--flow-dir", own];
        let set = [("server", SQL1), ("login", "report")];
        let walked = walk_with_secret(&lab, "own-login", &set, &options, password);
        let step = &walked.document["steps"][0];
        assert_eq!(step["status"], status, "{step:#}");
        let printed = format!("{}{}", walked.document, walked.progress);
        assert!(!printed.contains(password), "{printed}");
        let journal = walked
            .progress
            .lines()
            .find_map(|line| line.strip_prefix("journal: "))
            .expect("the journal's place is told");
        let journal = fs::read_to_string(journal).expect("the journal is read");
        assert!(journal.contains(r#""password":null"#), "{journal}");
        assert!(!journal.contains(password), "{journal}");
    }
    let mut command = on_client(&lab, crate::walk::PROGRAM);
    command
        .args(["run", "own-login", "--set", "password=Rep0rt", "--flow-dir"])
        .arg(&folder);
    let refused = command.output().expect("the program runs");
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("--secret-fd password=3"), "{said}");
    assert!(!said.contains("Rep0rt"), "{said}");
    fs::remove_dir_all(&folder).expect("the flow is taken away");
}
