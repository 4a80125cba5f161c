//! Words of the commands that an admin would have typed, quoted for the shell
//! that they are pasted into. What is quoted may come from the network.

/// A word for a POSIX shell.
pub(crate) fn posix(word: &str) -> String {
    if is_plain(word) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// A word for PowerShell, in which the three curly quotes end a string too.
pub(crate) fn powershell(word: &str) -> String {
    if is_plain(word) {
        return word.to_owned();
    }
    let doubled: String = word
        .chars()
        .flat_map(|letter| {
            let is_quote = matches!(letter, '\'' | '\u{2018}'..='\u{201B}');
            std::iter::repeat_n(letter, if is_quote { 2 } else { 1 })
        })
        .collect();
    format!("'{doubled}'")
}

/// Whether both shells take the word as it is.
fn is_plain(word: &str) -> bool {
    !word.is_empty()
        && !word.starts_with('-')
        && word
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._:/-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_act_in_a_shell_is_quoted() {
        assert_eq!(posix("sql1.corp.example"), "sql1.corp.example");
        assert_eq!(posix("a';reboot;'"), r"'a'\'';reboot;'\'''");
        assert_eq!(powershell("a'\u{2019}$(x)"), "'a''\u{2019}\u{2019}$(x)'");
        assert_eq!(posix("-rf"), "'-rf'");
        assert_eq!(posix(""), "''");
    }
}
