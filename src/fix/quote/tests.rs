use super::*;

const HOSTILE: &[&str] = &[
    "'; touch /tmp/x; '",
    "$(touch x)",
    "`touch x`",
    "a\"b",
    "a\nb",
    "-rf",
    "a b",
    "*",
    "~",
    "a\\b",
    "",
    "\u{2018}x\u{2019}",
    "%PATH%",
    "a&b|c>d<e^f!g",
    "naïve",
];

#[test]
fn a_shell_gives_back_exactly_what_was_quoted() {
    for text in HOSTILE {
        let output = std::process::Command::new("sh")
            .arg("-c")
            .arg(format!("printf '%s' {}", sh(text)))
            .output()
            .unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), *text);
    }
}

#[test]
fn plain_names_stay_readable() {
    assert_eq!(
        sh("MSSQLSvc/sql1.corp.example:1433"),
        "MSSQLSvc/sql1.corp.example:1433"
    );
    assert_eq!(
        powershell("MSSQLSvc/sql1.corp.example:1433"),
        "MSSQLSvc/sql1.corp.example:1433"
    );
    assert_eq!(powershell(r"CORP\svc_sql"), r"CORP\svc_sql");
    assert_eq!(powershell(r"CORP\SQL1$"), r"'CORP\SQL1$'");
    assert_eq!(cmd(r"CORP\SQL1$"), r"CORP\SQL1$");
}

#[test]
fn powershell_doubles_every_kind_of_single_quote() {
    assert_eq!(powershell("a'b\u{2019}c"), "'a''b\u{2019}\u{2019}c'");
    assert_eq!(powershell("-x"), "'-x'");
    assert_eq!(powershell_text("plain"), "'plain'");
    assert_eq!(
        powershell_text("\u{2019}a'\u{1F600}"),
        "('' + [char]0x2019 + 'a''' + [char]0xD83D + [char]0xDE00)"
    );
}

#[test]
fn cmd_guards_quotes_and_its_own_characters() {
    assert_eq!(cmd("a b"), "^\"a b^\"");
    assert_eq!(cmd("a\"&calc"), "^\"a\\^\"^&calc^\"");
    assert_eq!(cmd("dir \\"), "^\"dir \\\\^\"");
    assert_eq!(cmd("%PATH%\n"), "^\"^%^PATH^%^ ^\"");
}

#[test]
fn ldif_uses_base64_where_it_must() {
    assert_eq!(ldif("dn", "CN=a,DC=b"), "dn: CN=a,DC=b");
    assert_eq!(ldif("dn", " a"), "dn:: IGE=");
    assert_eq!(
        ldif("dn", "a\r\nchangetype: delete"),
        "dn:: YQ0KY2hhbmdldHlwZTogZGVsZXRl"
    );
    assert_eq!(ldif("cn", "ü"), "cn:: w7w=");
    assert_eq!(ldif("cn", ":<"), "cn:: Ojw=");
}

#[test]
fn tsql_and_filters() {
    assert_eq!(tsql_name("a]; DROP"), "[a]]; DROP]");
    assert_eq!(tsql("x'; --"), "N'x''; --'");
    assert_eq!(ldap_filter("a*)(b\\\0ü"), "a\\2a\\29\\28b\\5c\\00\\c3\\bc");
}

#[test]
fn a_comment_cannot_be_left() {
    assert_eq!(comment("x\nrm -rf /\u{202E}"), "x rm -rf /");
}
