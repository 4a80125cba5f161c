//! Values in the languages of Windows, for which no interpreter runs here: a
//! table of known answers, and readers made after the documented rules, which
//! must give back exactly what was put in.

#![expect(clippy::unwrap_used, reason = "a test ends by panicking")]

#[path = "quoting/cmd.rs"]
mod cmd;
#[path = "quoting/powershell.rs"]
mod powershell;

use proptest::prelude::*;
use serde_json::{Value, json};
use sspi_doctor::engine::{Finding, Severity, StepPath};
use sspi_doctor::fix::{self, Header, System, quote};

/// A value, as a word on a typed line of PowerShell, and as a text in a script.
const POWERSHELL: &[(&str, &str, &str)] = &[
    (
        "sql1.corp.example",
        "sql1.corp.example",
        "'sql1.corp.example'",
    ),
    (r"CORP\svc_sql", r"CORP\svc_sql", r"'CORP\svc_sql'"),
    ("", "''", "''"),
    ("o'neil", "'o''neil'", "'o''neil'"),
    // Neither expands between single quotes, and the back-tick is itself.
    (
        "$(calc) ${env:x} `n",
        "'$(calc) ${env:x} `n'",
        "'$(calc) ${env:x} `n'",
    ),
    ("a;b|c&d>e#f", "'a;b|c&d>e#f'", "'a;b|c&d>e#f'"),
    ("--%", "'--%'", "'--%'"),
    ("-Force", "'-Force'", "'-Force'"),
    ("@(1)", "'@(1)'", "'@(1)'"),
    (
        "\u{201c}x\u{201d}",
        "'\u{201c}x\u{201d}'",
        "('' + [char]0x201C + 'x' + [char]0x201D)",
    ),
    // The four typographic quotes end a text as the straight one does.
    (
        "a\u{2019};calc;",
        "'a\u{2019}\u{2019};calc;'",
        "('a' + [char]0x2019 + ';calc;')",
    ),
    (
        "\u{2018}\u{201a}\u{201b}",
        "'\u{2018}\u{2018}\u{201a}\u{201a}\u{201b}\u{201b}'",
        "('' + [char]0x2018 + [char]0x201A + [char]0x201B)",
    ),
    // In code page 1252 the second byte of this letter is a quote.
    (
        "\u{112}';calc;'",
        "'\u{112}'';calc;'''",
        "('' + [char]0x0112 + ''';calc;''')",
    ),
    (
        "\u{1f600}",
        "'\u{1f600}'",
        "('' + [char]0xD83D + [char]0xDE00)",
    ),
];

#[test]
fn powershell_as_documented() {
    for (value, typed, text) in POWERSHELL {
        assert_eq!(quote::powershell(value), *typed, "{value}");
        assert_eq!(quote::powershell_text(value), *text, "{value}");
        assert_eq!(powershell::read(text).as_deref(), Some(*value), "{text}");
        if typed.starts_with('\'') {
            assert_eq!(powershell::read(typed).as_deref(), Some(*value), "{typed}");
        }
    }
}

/// A value, and how it stands on a line for cmd.exe.
const CMD: &[(&str, &str)] = &[
    ("sql1.corp.example", "sql1.corp.example"),
    (r"CORP\SQL1$", r"CORP\SQL1$"),
    ("", "^\"^\""),
    ("a b", "^\"a b^\""),
    ("a&calc", "^\"a^&calc^\""),
    ("a|b<c>d", "^\"a^|b^<c^>d^\""),
    ("a^b", "^\"a^^b^\""),
    ("!x!", "^\"^!x^!^\""),
    ("(x)", "^\"^(x^)^\""),
    // A backslash before a quote is doubled, and the quote gets its own.
    (r#"a"b"#, "^\"a\\^\"b^\""),
    (r#"a\"b"#, "^\"a\\\\\\^\"b^\""),
    (r"a b\", "^\"a b\\\\^\""),
    (r#"x" -D y"#, "^\"x\\^\" -D y^\""),
    // The caret behind the sign is part of the name, which no variable has.
    ("%PATH%", "^\"^%^PATH^%^\""),
    ("%CMDCMDLINE:~-1%&calc", "^\"^%^CMDCMDLINE:~-1^%^&calc^\""),
    ("a\r\nb", "^\"a  b^\""),
];

#[test]
fn cmd_as_documented() {
    for (value, line) in CMD {
        assert_eq!(quote::cmd(value), *line, "{value}");
        let read = cmd::arguments(&format!("setspn -Q {line}"));
        let passed = value.replace(['\r', '\n'], " ");
        assert_eq!(
            read,
            Ok(vec!["setspn".to_owned(), "-Q".to_owned(), passed]),
            "{line}"
        );
    }
}

/// What Windows PowerShell 5.1 hands to a program as it is, and what is refused.
#[test]
fn a_program_gets_whole_arguments_or_none() {
    for value in [
        "MSSQLSvc/sql1.corp.example:1433",
        r"CORP\O'Neil & Co",
        "a%PATH%^b",
        "$(calc)",
        r"C:\x y",
    ] {
        assert_eq!(quote::not_an_argument(value), None, "{value}");
        let line = powershell::native_line(&["-D", value, r"CORP\svc"]);
        assert_eq!(cmd::split(&line), ["-D", value, r"CORP\svc"], "{line}");
    }
    for value in [
        r#"x" -D MSSQLSvc/good CORP\svc ""#,
        r"a b\",
        "",
        " ",
        "-U",
        "/x",
        "a\tb",
        "svc<U+200B>",
    ] {
        let why = quote::not_an_argument(value);
        assert!(why.is_some_and(|why| why.starts_with("it ")), "{value}");
    }
}

proptest! {
    #[test]
    fn powershell_gives_back_any_text(value in "\\PC*|[\\x00-\\x7f\u{2018}-\u{201f}\u{100}-\u{120}]{0,40}") {
        let text = quote::powershell_text(&value);
        prop_assert!(text.is_ascii());
        prop_assert_eq!(powershell::read(&text), Some(value.clone()));
        let typed = quote::powershell(&value);
        if typed.starts_with('\'') {
            prop_assert_eq!(powershell::read(&typed), Some(value));
        }
    }

    #[test]
    fn cmd_gives_back_any_line(value in "[ -~]{0,40}|[%:~^\"\\\\& a-cPATH]{0,30}") {
        let line = quote::cmd(&value);
        prop_assert_eq!(cmd::arguments(&line), Ok(vec![value]));
    }

    #[test]
    fn what_is_not_refused_arrives(value in "[ -~]{0,30}|[\" \\\\a-c]{0,12}") {
        if quote::not_an_argument(&value).is_none() {
            let line = powershell::native_line(&["-S", &value, "end"]);
            prop_assert_eq!(cmd::split(&line), ["-S".to_owned(), value, "end".to_owned()]);
        }
    }
}

/// Every operation, with this text in every name.
fn operations(text: &str) -> Vec<Value> {
    let account = json!({
        "name": format!("CORP\\{text}"), "sam_account_name": text, "domain": "corp.example",
        "netbios_domain": "CORP", "distinguished_name": format!("CN={text},DC=corp,DC=example"),
        "sid": "S-1-5-21-1-2-3-1105", "class": "user",
    });
    vec![
        json!({"remove-spn": {"spn": format!("MSSQLSvc/{text}"), "account": account}}),
        json!({"add-spn": {"spn": format!("MSSQLSvc/{text}"), "account": account}}),
        json!({"allow-delegation": {"account": account, "spns": [text]}}),
        json!({"allow-to-act": {"account": account, "delegate": account}}),
        json!({"allow-user-delegation": {"account": account}}),
        json!({"reset-principal-name": {"account": account, "spn": text}}),
        json!({"set-account": {"account": account, "to": "enabled"}}),
        json!({"set-account": {"account": account, "to": "aes"}}),
        json!({"set-account": {"account": account, "to": "not-protected"}}),
        json!({"set-reverse-record": {"address": "10.88.0.31", "name": "sql1.corp.example", "remove": [text]}}),
        json!({"set-address-record": {"name": text, "addresses": ["10.88.0.31"]}}),
        json!({"create-forest-trust": {"user-forest": text, "server-forest": text}}),
        json!({"create-login": {"server": text, "login": text}}),
        json!({"client-command": {"what": text, "linux": text, "windows": text}}),
        json!({"advice": {"text": text}}),
    ]
}

fn script(operation: &Value, title: &str) -> String {
    let finding = Finding {
        cause: "spn-missing".to_owned(),
        severity: Severity::EveryLogin,
        title: title.to_owned(),
        meaning: String::new(),
        step: StepPath::default(),
        evidence: Vec::new(),
        values: serde_json::Map::new(),
        fix: serde_json::from_value(json!([operation])).unwrap(),
    };
    let header = Header {
        session: title.to_owned(),
        target: title.to_owned(),
        inputs: vec![("server".to_owned(), title.to_owned())],
        ..Header::default()
    };
    fix::script(&[finding], System::Windows, &header)
}

const HOSTILE: &[&str] = &[
    "x'; calc; '",
    "x\u{2019}; calc; \u{2018}",
    "x\u{112}; calc; #",
    "$(calc) `calc` ${x}",
    "<# x #> #",
    "@' x '@",
    "\u{201c}; calc; \u{201d}",
    "a\u{85}calc\u{2028}calc",
    "%COMSPEC% & calc ^& calc",
    "*)(objectClass=*",
];

/// The code of a script is the same whatever the values are.
fn assert_no_code(text: &str) {
    for (hostile, plain) in operations(text).iter().zip(operations("plain")) {
        let written = script(hostile, text);
        assert!(written.is_ascii(), "{hostile}");
        let left = ["left to you: ", "# By hand (", "No script can do this"]
            .iter()
            .any(|words| written.contains(words));
        if left {
            assert!(
                !powershell::skeleton(&written).contains("calc"),
                "{written}"
            );
            continue;
        }
        assert_eq!(
            powershell::skeleton(&written),
            powershell::skeleton(&script(&plain, "plain")),
            "{written}"
        );
    }
}

#[test]
fn no_value_is_code_in_a_powershell_script() {
    for text in HOSTILE {
        assert_no_code(text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn no_text_is_code_in_a_powershell_script(
        text in "(calc|['\u{2018}\u{2019}\u{112}\"`$(){}#;,<>@&| a\\\\\n-]){1,12}"
    ) {
        assert_no_code(&text);
    }
}

/// What no program could be given is left to a person, with the reason.
#[test]
fn what_cannot_be_quoted_is_refused_with_a_sentence() {
    for (operation, sentence) in [
        (
            json!({"remove-spn": {"spn": "MSSQLSvc/x\" -D y", "account": operations("svc")[0]["remove-spn"]["account"]}}),
            "because it holds a double quote",
        ),
        (
            json!({"create-login": {"server": "-i,1433", "login": "CORP\\x"}}),
            "because it would be taken for an option",
        ),
        (
            json!({"create-login": {"server": "sql1,1433", "login": "CORP\\x<U+202E>"}}),
            "holds characters that cannot be seen",
        ),
        (
            json!({"set-reverse-record": {"address": "10.88.0.31", "name": "sql1.corp.example", "remove": ["--option=x"]}}),
            "that is not a host name that a script could be given",
        ),
    ] {
        let written = script(&operation, "x");
        assert!(written.contains(sentence), "{written}");
        let code = powershell::skeleton(&written);
        for call in ["Invoke-Tool setspn @(", "Invoke-Tool sqlcmd @("] {
            assert!(!code.contains(call), "{written}");
        }
        assert!(!written.contains("'--option=x'"), "{written}");
    }
}

/// An account whose name holds what cannot be seen is written to by its SID.
#[test]
fn a_hidden_character_leads_to_no_other_account() {
    let operation = json!({"set-account": {"to": "enabled", "account": {
        "name": "CORP\\svc<U+200B>_sql", "sam_account_name": "svc<U+200B>_sql",
        "domain": "corp.example", "netbios_domain": "CORP", "class": "user",
        "distinguished_name": "CN=svc<U+200B>_sql,DC=corp,DC=example", "sid": "S-1-5-21-1-2-3-1105",
    }}});
    let written = script(&operation, "x");
    let call = "Clear-Flag 1 'corp.example' (Find-Account 'corp.example' 'S-1-5-21-1-2-3-1105') 2";
    assert!(written.contains(call), "{written}");
    assert!(!written.contains("CN=svc"), "{written}");
}
