//! Commands that an admin would type, quoted for their shell.

/// Quotes a word for sh: whatever is in it, the shell changes nothing.
pub fn sh(word: &str) -> String {
    let plain =
        |character: char| character.is_ascii_alphanumeric() || "-_./:@,+=".contains(character);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// Quotes a word for PowerShell.
pub fn powershell(word: &str) -> String {
    let plain =
        |character: char| character.is_ascii_alphanumeric() || "-_./:\\".contains(character);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        // PowerShell takes typographic quotes for quotes, too.
        let doubled: String = word
            .chars()
            .flat_map(|character| match character {
                '\'' | '\u{2018}'..='\u{201B}' => vec![character, character],
                other => vec![other],
            })
            .collect();
        format!("'{doubled}'")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_escapes_from_quotes() {
        assert_eq!(
            sh("MSSQLSvc/sql1.corp.example:1433"),
            "MSSQLSvc/sql1.corp.example:1433"
        );
        assert_eq!(sh("SQL1$@CORP"), "'SQL1$@CORP'");
        assert_eq!(sh("a'; rm -rf /"), r"'a'\''; rm -rf /'");
        assert_eq!(sh(""), "''");
        assert_eq!(powershell("a'b"), "'a''b'");
        assert_eq!(powershell("$(x)"), "'$(x)'");
        assert_eq!(powershell("a\u{2019}b"), "'a\u{2019}\u{2019}b'");
    }
}
