use proptest::prelude::*;

use super::*;

fn parsed(text: &str) -> SqlTarget {
    text.parse()
        .unwrap_or_else(|fault| panic!("{text}: {fault}"))
}

fn parts(text: &str) -> (String, Option<u16>, Option<String>, Protocol) {
    let target = parsed(text);
    (target.host, target.port, target.instance, target.protocol)
}

#[test]
fn the_forms_that_people_type() {
    let some = |text: &str| Some(text.to_owned());
    let host = || "sql1.corp.example".to_owned();
    for (text, expected) in [
        ("sql1.corp.example", (host(), None, None, Protocol::Default)),
        (
            "SQL1.Corp.Example.",
            (host(), None, None, Protocol::Default),
        ),
        (
            " sql1.corp.example , 1433 ",
            (host(), Some(1433), None, Protocol::Default),
        ),
        (
            "\"sql1.corp.example,1433\"",
            (host(), Some(1433), None, Protocol::Default),
        ),
        (
            "tcp:sql1.corp.example,1433",
            (host(), Some(1433), None, Protocol::Tcp),
        ),
        (
            r"sql1.corp.example\sales",
            (host(), None, some("SALES"), Protocol::Default),
        ),
        (
            r"sql1.corp.example.\sales,1444",
            (host(), Some(1444), some("SALES"), Protocol::Default),
        ),
        (
            r"sql1.corp.example\MSSQLServer",
            (host(), None, None, Protocol::Default),
        ),
        (
            r"np:\\sql1.corp.example\pipe\sql\query",
            (host(), None, None, Protocol::NamedPipes),
        ),
        (
            r"\\sql1.corp.example\pipe\MSSQL$SALES\sql\query",
            (host(), None, some("SALES"), Protocol::NamedPipes),
        ),
        (
            "ADMIN:sql1.corp.example",
            (host(), None, None, Protocol::Admin),
        ),
        (
            "lpc:.",
            ("localhost".to_owned(), None, None, Protocol::SharedMemory),
        ),
        (
            r"(local)\X",
            ("localhost".to_owned(), None, some("X"), Protocol::Default),
        ),
        (
            "10.0.4.7,1433",
            ("10.0.4.7".to_owned(), Some(1433), None, Protocol::Default),
        ),
        (
            "fd00::7",
            ("fd00::7".to_owned(), None, None, Protocol::Default),
        ),
        (
            "[FD00::7],1433",
            ("fd00::7".to_owned(), Some(1433), None, Protocol::Default),
        ),
    ] {
        assert_eq!(parts(text), expected, "{text}");
    }
}

#[test]
fn what_flows_see() {
    assert_eq!(
        serde_json::to_value(parsed(r"SQL1\Sales,1444")).unwrap(),
        serde_json::json!({
            "typed": r"SQL1\Sales,1444", "host": "sql1", "port": 1444, "instance": "SALES",
            "protocol": "default", "is_address": false, "is_local": false, "is_short_name": true,
        })
    );
    assert!(parsed("127.0.0.2,1433").is_local());
    assert!(parsed("::1").is_local() && parsed("::1").is_address());
    assert!(!parsed("localhost").is_short_name());
}

#[test]
fn each_fault_says_what_to_type() {
    for (text, expected) in [
        (
            "",
            "no server is named: type it as sql1.corp.example,1433 or sql1.corp.example\\INSTANCE",
        ),
        (
            "tcp:",
            "no server is named: type it as sql1.corp.example,1433 or sql1.corp.example\\INSTANCE",
        ),
        (
            "sql1:1433",
            "SQL clients want a comma before the port: type sql1,1433",
        ),
        (
            "[::1]:1433",
            "SQL clients want a comma before the port: type ::1,1433",
        ),
        (
            "sql1,",
            "`` is no TCP port: type a number from 1 to 65535 after the comma, such as sql1,1433",
        ),
        (
            "sql1,+5",
            "`+5` is no TCP port: type a number from 1 to 65535 after the comma, such as sql1,1433",
        ),
        (
            "sql1,65536",
            "`65536` is no TCP port: type a number from 1 to 65535 after the comma, such as sql1,1433",
        ),
        (
            r"sql1,1433\SALES",
            r"the port comes last: type sql1\SALES,1433",
        ),
        (
            r"sql1\",
            "`` is no instance name: 1 to 16 letters, digits, `_`, `$` or `#`, such as sql1\\SALES",
        ),
        (
            "10.0.4.300",
            "`10.0.4.300` is no host name or IP address: it looks like an IP address, but is not a valid one",
        ),
        (
            "sql1..corp",
            "`sql1..corp` is no host name or IP address: two dots follow each other, or it begins with one",
        ),
        (
            "MSSQLSvc/sql1.corp.example:1433",
            "this is a service principal name: type the server as clients name it, such as sql1.corp.example,1433",
        ),
        (
            "Server=sql1,1433;Database=x",
            "this is a connection string: type only the value of Server, such as sql1,1433",
        ),
        (
            r"(localdb)\MSSQLLocalDB",
            "LocalDB is only reached on its own machine and never uses Kerberos: name a SQL Server",
        ),
    ] {
        assert_eq!(
            text.parse::<SqlTarget>().unwrap_err().to_string(),
            expected,
            "{text}"
        );
    }
}

proptest! {
    #[test]
    fn any_text_is_parsed_or_refused_without_a_panic(text in ".{0,80}") {
        let _ = text.parse::<SqlTarget>();
    }

    #[test]
    fn what_is_shown_parses_to_the_same(
        text in r"(tcp:|np:|lpc:|admin:|)([a-zA-Z][a-z0-9_]{0,9}(\.[a-z]{1,5}){0,3}\.?|10\.0\.0\.[0-9]|\[?fd00::[0-9a-f]{1,4}\]?)(\\[A-Za-z_#][A-Za-z0-9_$#]{0,9})?(,[1-9][0-9]{0,3})?"
    ) {
        // A lone bracket is no address.
        prop_assume!(text.contains('[') == text.contains(']'));
        let target: SqlTarget = text.parse().unwrap();
        let again: SqlTarget = target.to_string().parse().unwrap();
        prop_assert_eq!(&again.host, &target.host);
        prop_assert_eq!(again.port, target.port);
        prop_assert_eq!(&again.instance, &target.instance);
        prop_assert_eq!(again.protocol, target.protocol);
        prop_assert_eq!(again.to_string(), target.to_string());
        prop_assert_eq!(target.host.to_lowercase(), target.host.clone());
        prop_assert!(!target.host.ends_with('.'));
    }
}
