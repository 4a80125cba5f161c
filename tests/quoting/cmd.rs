//! How cmd.exe and a program's start read a line.

/// Variables that are always there.
const VARIABLES: &[&str] = &["PATH", "P", "PA", "COMSPEC", "CMDCMDLINE", "a", "b", "A"];

/// The arguments of a typed line; a fault when cmd itself would act on it.
///
/// cmd first puts in variables (`%NAME%`, `%NAME:…%`), then takes a caret away
/// and the character behind it as it is, outside of double quotes; what then is
/// an operator ends the command ("Using the Windows command shell"; `cmd /?`).
pub fn arguments(line: &str) -> Result<Vec<String>, String> {
    for (at, _) in line.match_indices('%') {
        let rest = &line[at + 1..];
        let name = rest.split(['%', ':']).next().unwrap_or_default();
        let closed = rest.len() > name.len() && rest.contains('%');
        if closed
            && VARIABLES
                .iter()
                .any(|known| known.eq_ignore_ascii_case(name))
        {
            return Err(format!("%{name}% is put in"));
        }
    }
    let mut passed = String::new();
    let mut quoted = false;
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            '^' if !quoted => passed.extend(characters.next()),
            '"' => {
                quoted = !quoted;
                passed.push('"');
            }
            '&' | '|' | '<' | '>' | '\n' if !quoted => {
                return Err(format!("{character} ends the command"));
            }
            other => passed.push(other),
        }
    }
    Ok(split(&passed))
}

/// The rules by which a program's line becomes arguments ("Parsing C
/// command-line arguments"; CommandLineToArgvW).
pub fn split(line: &str) -> Vec<String> {
    let mut arguments = Vec::new();
    let mut current: Option<String> = None;
    let mut quoted = false;
    let mut backslashes = 0;
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        if character == '\\' {
            backslashes += 1;
            current.get_or_insert_default();
            continue;
        }
        let text = || "\\".repeat(backslashes);
        if character == '"' {
            let word = current.get_or_insert_default();
            word.push_str(&"\\".repeat(backslashes / 2));
            if backslashes % 2 == 1 {
                word.push('"');
            } else if quoted && characters.peek() == Some(&'"') {
                characters.next();
                word.push('"');
            } else {
                quoted = !quoted;
            }
        } else if matches!(character, ' ' | '\t') && !quoted {
            if let Some(mut word) = current.take() {
                word.push_str(&text());
                arguments.push(word);
            }
        } else {
            let word = current.get_or_insert_default();
            word.push_str(&text());
            word.push(character);
        }
        backslashes = 0;
    }
    if let Some(mut word) = current {
        word.push_str(&"\\".repeat(backslashes));
        arguments.push(word);
    }
    arguments
}
