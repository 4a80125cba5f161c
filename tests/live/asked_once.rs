//! Nothing is asked twice in a walk: what the domain controllers and the name
//! server say that they were asked.

use std::collections::{BTreeMap, HashMap};

use lab::lab::Lab;

use crate::walk::{MAIN, SQL1, lab, walk};

const CLIENT: &str = "10.88.0.50";
const KNOWN: [(&str, &str); 2] = [("server", SQL1), ("service_account", r"CORP\svc_sql")];

#[test]
fn a_walk_asks_nothing_twice() {
    let lab = lab();
    let passed = lab.slow_link("client", 1).expect("a link that is noted");
    let from: HashMap<&str, usize> = ["dc1", "dc2"]
        .into_iter()
        .map(|host| {
            on_host(&lab, host, &["smbcontrol", "all", "debug", "10"]);
            (host, log(&lab, host).lines().count())
        })
        .collect();
    walk(&lab, MAIN, &KNOWN);
    let passed = std::fs::read_to_string(passed).expect("the notes");
    let mut asked: BTreeMap<String, usize> = BTreeMap::new();
    let (mut names, mut searches) = (0, 0);
    for line in passed.lines() {
        let fields: Vec<&str> = line.split(' ').collect();
        if let [_, ">", _, _, server, _, _, question] = fields[..]
            && !question.is_empty()
        {
            names += 1;
            *asked.entry(format!("{server}: {question}")).or_default() += 1;
        }
    }
    for (host, from) in from {
        for search in searches_in(log(&lab, host).lines().skip(from)) {
            searches += 1;
            *asked.entry(format!("{host}: {search}")).or_default() += 1;
        }
        on_host(&lab, host, &["smbcontrol", "all", "debug", "1"]);
    }
    lab.fast_link("client").expect("the link as it was");
    let twice: Vec<String> = asked
        .iter()
        .filter(|(_, count)| **count > 1)
        .map(|(question, count)| format!("{count} times {question}"))
        .collect();
    assert!(twice.is_empty(), "{}", twice.join("\n"));
    assert!(
        names > 8 && searches > 12,
        "{names} names, {searches} searches"
    );
}

#[test]
fn a_login_that_comes_off_serves_the_questions_too() {
    let lab = lab();
    let host = lab.sql("sql1").expect("the SQL host");
    let before = host.log().expect("its log").len();
    let walked = walk(&lab, MAIN, &[("server", SQL1)]);
    let log = host.log().expect("its log");
    let named = |name: &str| {
        let event = format!("\"event\":\"{name}\"");
        log[before..]
            .lines()
            .filter(|line| line.contains(&event))
            .count()
    };
    assert_eq!(named("login"), 1, "{}", walked.progress);
    assert!(named("query") > 10, "{}", walked.progress);
}

fn on_host(lab: &Lab, host: &str, words: &[&str]) -> String {
    let mut command = lab.host(host).expect("the host").command(words[0]);
    let output = command.args(&words[1..]).output().expect("it runs");
    assert!(output.status.success(), "{words:?} on {host}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn log(lab: &Lab, host: &str) -> String {
    on_host(lab, host, &["cat", "/var/log/samba/log.samba"])
}

/// The searches of the client in Samba's log of level 10: the attributes come
/// first, each on a line, then the rest on one. Every process writes its own
/// lines, one request after the other.
fn searches_in<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut attributes: HashMap<String, Vec<&str>> = HashMap::new();
    let mut process = String::new();
    let mut searches = Vec::new();
    for line in lines {
        if let Some((_, rest)) = line.split_once("pid=") {
            rest.split(',')
                .next()
                .unwrap_or_default()
                .clone_into(&mut process);
        }
        let own = attributes.entry(process.clone()).or_default();
        if let Some((_, attribute)) = line.split_once("SearchRequest: attrs: ") {
            own.push(attribute);
        } else if let Some((_, query)) = line.split_once("SearchRequest by ") {
            let own = std::mem::take(own).concat();
            if let Some((by, what)) = query.split_once(" from ")
                && what.contains(CLIENT)
                && let Some((_, what)) = what.split_once(' ')
                // The server's clock is read whenever a step wants it.
                && !own.contains("[currentTime]")
            {
                searches.push(format!("{by} {what} {own}"));
            }
        }
    }
    searches
}
