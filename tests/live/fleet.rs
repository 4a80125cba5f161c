//! A list of servers, and what two jump hosts think of it.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use lab::lab::Lab;
use serde_json::Value;

use crate::walk::{MAIN, PROGRAM, lab, on_client};

const LIST: &str = "\
# the servers of both forests
sql1.corp.example,1433

sqlp.partner.example,1433
sql1.corp.example:1433
sql2.corp.example,1439
nowhere.corp.example
";

fn with_input(mut command: Command, input: &str) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    child
        .stdin
        .take()
        .expect("a pipe")
        .write_all(input.as_bytes())
        .expect("the list is read");
    child.wait_with_output().expect("the program ends")
}

fn results(text: &[u8]) -> Vec<Value> {
    let mut results: Vec<Value> = String::from_utf8_lossy(text)
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect();
    results.sort_by_key(|result| result["line"].as_u64());
    results
}

fn opinion(result: &Value) -> (u64, String, Vec<&str>) {
    (
        result["line"].as_u64().unwrap_or_default(),
        result["verdict"].as_str().unwrap_or_default().to_owned(),
        result["causes"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|cause| cause["cause"].as_str())
            .collect(),
    )
}

#[test]
fn each_server_of_a_list_is_walked_and_a_bad_line_stops_nobody() {
    let lab = lab();
    let mut run = on_client(&lab, PROGRAM);
    run.args(["run", MAIN, "--targets", "-", "--allow", "all"]);
    let output = with_input(run, LIST);
    let progress = String::from_utf8_lossy(&output.stderr);
    let results = results(&output.stdout);
    let opinions: Vec<_> = results.iter().map(opinion).collect();
    assert_eq!(
        opinions,
        [
            (2, "healthy".to_owned(), vec![]),
            (4, "healthy".to_owned(), vec![]),
            (5, "not-walked".to_owned(), vec![]),
            (
                6,
                "cause-found".to_owned(),
                vec!["port-closed", "spn-form-missing"]
            ),
            (7, "cause-found".to_owned(), vec!["name-does-not-exist"]),
        ],
        "{progress}"
    );
    assert_eq!(output.status.code(), Some(2), "{progress}");
    assert!(progress.contains("line 5: "), "{progress}");
    assert!(progress.contains("5 targets in "), "{progress}");
    let journal = results[0]["journal"].as_str().expect("a journal");
    let mut export = on_client(&lab, PROGRAM);
    let text = export
        .args(["export", journal])
        .output()
        .expect("the program runs");
    assert!(text.status.success(), "{journal}");
}

/// Another hosts file than the other jump host; ends with the test.
struct OwnHostsFile {
    path: std::path::PathBuf,
    before: String,
}

impl OwnHostsFile {
    fn on(lab: &Lab, host: &str, line: &str) -> Self {
        let path = lab.host(host).expect("a host").dir.join("etc/hosts");
        let before = fs::read_to_string(&path).expect("a hosts file");
        fs::write(&path, format!("{before}{line}\n")).expect("it can be written");
        Self { path, before }
    }
}

impl Drop for OwnHostsFile {
    fn drop(&mut self) {
        let _ = fs::write(&self.path, &self.before);
    }
}

#[test]
fn ansible_walks_a_list_from_two_jump_hosts_and_shows_where_they_disagree() {
    let lab = lab();
    lab.sign_in_on("client2", "alice").expect("alice signs in");
    for host in ["client", "client2"] {
        lab.start_sshd(host).expect("sshd starts");
    }
    let _own = OwnHostsFile::on(&lab, "client2", "10.88.0.41 sql1.corp.example");
    let dir = lab.dir().join("ansible");
    fs::create_dir_all(&dir).expect("a folder");
    fs::write(
        dir.join("servers.txt"),
        "sql1.corp.example,1433\nsql2.corp.example,1433\n",
    )
    .expect("the list is written");
    let options = lab.ssh_options().join(" ");
    fs::write(
        dir.join("inventory"),
        format!(
            "[jump_hosts]\nclient ansible_host=10.88.0.50\nclient2 ansible_host=10.88.0.51\n\
             [jump_hosts:vars]\nansible_user=alice\nansible_python_interpreter=/usr/bin/python3\n\
             ansible_pipelining=true\nansible_ssh_args={options}\n"
        ),
    )
    .expect("the inventory is written");
    let playbook = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/fleet-playbook.yml");
    let mut ansible = lab.at_switch("ansible-playbook");
    ansible
        .current_dir(&dir)
        .args(["-i", "inventory"])
        .arg(playbook)
        .arg("-e")
        .arg(format!(
            "targets={0}/servers.txt results={0}/results",
            dir.display()
        ))
        .arg("-e")
        .arg(format!("program={PROGRAM} here={PROGRAM} allow=all"))
        .env("ANSIBLE_HOME", dir.join("home"))
        .env("ANSIBLE_LOCAL_TEMP", dir.join("tmp"))
        .env("ANSIBLE_NOCOLOR", "1")
        .env("LC_ALL", "C.UTF-8");
    let output = ansible.output().expect("ansible-playbook runs");
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success(), "{said}");
    assert!(
        said.contains("2 targets, 2 places: they disagree about 1;"),
        "{said}"
    );
    let there = results(&fs::read(dir.join("results/client2.jsonl")).expect("its results"));
    assert_eq!(there[0]["verdict"], "cause-found", "{said}");
    assert_eq!(there[0]["from"], "client2");
    let here = results(&fs::read(dir.join("results/client.jsonl")).expect("its results"));
    let healthy = here
        .iter()
        .chain(&there)
        .filter(|result| result["causes"] == serde_json::json!([]))
        .count();
    assert_eq!(healthy, 3, "{said}");
    let _ = fs::remove_dir_all(dir);
}
