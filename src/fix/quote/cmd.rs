//! Arguments for `cmd.exe`.

/// One argument on a line for `cmd.exe`: first quoted for the C runtime, which
/// splits the line into arguments (double quotes, backslashes before a quote
/// doubled), then every character that cmd itself acts on gets a caret.
///
/// `%` cannot be escaped on a typed line; the caret behind it is part of the name,
/// which no variable has then. (One before the closing `%` is not enough: what
/// follows a colon is no part of the name.) Line breaks cannot be passed at all
/// and become spaces.
pub fn cmd(text: &str) -> String {
    let plain = !text.is_empty()
        && text.chars().all(|character| {
            character.is_ascii_alphanumeric() || "._:/\\$@-+=".contains(character)
        });
    if plain {
        return text.to_owned();
    }
    let mut quoted = String::from("\"");
    let mut backslashes = 0;
    for character in text.chars() {
        match character {
            '\\' => backslashes += 1,
            '"' => {
                quoted.push_str(&"\\".repeat(backslashes * 2 + 1));
                backslashes = 0;
                quoted.push('"');
            }
            _ => {
                quoted.push_str(&"\\".repeat(backslashes));
                backslashes = 0;
                quoted.push(if character.is_control() {
                    ' '
                } else {
                    character
                });
            }
        }
    }
    quoted.push_str(&"\\".repeat(backslashes * 2));
    quoted.push('"');
    let mut escaped = String::with_capacity(quoted.len() * 2);
    let mut before = ' ';
    for character in quoted.chars() {
        if before == '%' || "()%!^\"<>&|".contains(character) {
            escaped.push('^');
        }
        escaped.push(character);
        before = character;
    }
    escaped
}
