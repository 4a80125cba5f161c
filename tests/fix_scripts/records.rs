//! Scripts that change DNS records.

use serde_json::json;

use crate::bench::{Bench, linux, text};

#[test]
fn records_are_changed_in_the_longest_zone() {
    let bench = Bench::new();
    let script = linux(&json!([
        {"set-reverse-record": {"address": "10.88.0.31", "name": "sql1.corp.example",
            "remove": ["old.corp.example", "SQL1.corp.example."], "server": "10.0.0.1"}},
    ]));
    let output = bench.run(&script, "apply", &[("PTR", "old.corp.example")]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let calls: Vec<String> = bench
        .calls("samba-tool")
        .into_iter()
        .map(|(words, _)| words[1..].join(" "))
        .filter(|words| words.starts_with("add") || words.starts_with("delete"))
        .collect();
    let credentials = "--use-krb5-ccache=FILE:/tmp/none";
    assert_eq!(
        calls,
        [
            format!(
                "add dc1.corp.example 0.88.10.in-addr.arpa 31 PTR sql1.corp.example {credentials}"
            ),
            format!(
                "delete dc1.corp.example 0.88.10.in-addr.arpa 31 PTR old.corp.example {credentials}"
            ),
        ]
    );
}
