//! The commands that an admin would have typed, quoted for their shells.

use super::connection::Connection;
use super::search::Search;

/// A word for `sh`.
pub(super) fn sh(word: &str) -> String {
    let plain = !word.is_empty()
        && word
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_./:@%+,".contains(&byte));
    if plain {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// A word for PowerShell.
pub(super) fn powershell(word: &str) -> String {
    // PowerShell takes typographic quotes for quotes too.
    let mut quoted = String::from("'");
    for character in word.chars() {
        if matches!(
            character,
            '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}'
        ) {
            quoted.push(character);
        }
        quoted.push(character);
    }
    quoted.push('\'');
    quoted
}

/// A word for `cmd`, without what could end it or name a variable, in PowerShell
/// too: nobody knows into which of the two it is pasted.
pub(super) fn cmd(word: &str) -> String {
    let mut letters = word.chars().peekable();
    let mut safe = String::with_capacity(word.len());
    while let Some(letter) = letters.next() {
        let acts = match letter {
            '"' | '\u{201c}'..='\u{201e}' | '%' | '!' | '^' | '`' => true,
            // At the end it is a computer's, and names nothing.
            '$' => letters.peek().is_some(),
            _ => false,
        };
        if !acts {
            safe.push(letter);
        }
    }
    let plain = !safe.is_empty()
        && safe
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_./:@\\$".contains(&byte));
    if plain {
        return safe;
    }
    // A backslash before the closing quote would make it a part of the word.
    let end = safe.len() - safe.trim_end_matches('\\').len();
    format!("\"{safe}{}\"", "\\".repeat(end))
}

/// `ldapsearch` for a search on a server.
pub(super) fn ldapsearch(server: &str, signed_in: bool, search: &Search<'_>) -> String {
    let sign_in = if signed_in { "-Y GSSAPI -N" } else { "-x" };
    let scope = match search.scope {
        ldap3::Scope::Base => "base",
        ldap3::Scope::OneLevel => "one",
        ldap3::Scope::Subtree => "sub",
    };
    let descriptor = search.attributes.contains(&"nTSecurityDescriptor");
    let control = if descriptor {
        " -E '!1.2.840.113556.1.4.801=::MAMCAQc='"
    } else {
        ""
    };
    let attributes: Vec<String> = search.attributes.iter().map(|name| sh(name)).collect();
    format!(
        "ldapsearch -LLL -o ldif-wrap=no -H ldap://{server} {sign_in} -s {scope} -b {}{control} {} {}",
        sh(search.base),
        sh(search.filter),
        attributes.join(" ")
    )
}

/// `ldapsearch` for a search on a connection.
pub(super) fn on(connection: &Connection, search: &Search<'_>) -> String {
    let server = format!("{}:{}", connection.host(), connection.role().port());
    ldapsearch(&server, connection.as_whom().is_some(), search)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_words_stay_words() {
        assert_eq!(
            sh("MSSQLSvc/sql1.corp.example:1433"),
            "MSSQLSvc/sql1.corp.example:1433"
        );
        assert_eq!(sh("$(reboot)'x"), "'$(reboot)'\\''x'");
        assert_eq!(sh(""), "''");
        assert_eq!(powershell("a'b\u{2019}$x"), "'a''b\u{2019}\u{2019}$x'");
        assert_eq!(cmd("x\" & del %TEMP%"), "\"x & del TEMP\"");
        assert_eq!(cmd("CORP\\SQL1$"), "CORP\\SQL1$");
        assert_eq!(cmd("a$(calc)`n\u{201d}$x b$"), "\"a(calc)nx b$\"");
        assert_eq!(cmd("a b\\"), "\"a b\\\\\"");
    }

    #[test]
    fn a_search_can_be_typed() {
        let search = Search::below("", "(servicePrincipalName=x)", &["sAMAccountName"]);
        assert_eq!(
            ldapsearch("dc1.corp.example:3268", true, &search),
            "ldapsearch -LLL -o ldif-wrap=no -H ldap://dc1.corp.example:3268 -Y GSSAPI -N -s sub -b '' \
             '(servicePrincipalName=x)' sAMAccountName"
        );
    }
}
