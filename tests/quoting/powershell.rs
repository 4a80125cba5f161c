//! How Windows PowerShell reads a text, and a script.

/// PowerShell takes these for the straight single quote (about_Quoting_Rules).
fn is_quote(character: char) -> bool {
    matches!(character, '\'' | '\u{2018}'..='\u{201b}')
}

/// The value of `'…'` or of `('…' + [char]0x… + …)`; none for anything else.
pub fn read(expression: &str) -> Option<String> {
    let sum = match expression.strip_prefix('(') {
        Some(inner) => inner.strip_suffix(')')?,
        None => expression,
    };
    let mut units = Vec::new();
    let mut rest = sum;
    loop {
        rest = if let Some(number) = rest.strip_prefix("[char]0x") {
            let (digits, after) = number.split_at_checked(4)?;
            units.push(u16::from_str_radix(digits, 16).ok()?);
            after
        } else {
            let (text, after) = literal(rest)?;
            units.extend(text.encode_utf16());
            after
        };
        if rest.is_empty() {
            return String::from_utf16(&units).ok();
        }
        rest = rest.strip_prefix(" + ")?;
    }
}

/// A text between single quotes, and what follows it. Of two quotes in a row the
/// second one is meant.
fn literal(source: &str) -> Option<(String, &str)> {
    let mut characters = source.char_indices().peekable();
    characters.next().filter(|(_, first)| is_quote(*first))?;
    let mut text = String::new();
    while let Some((at, character)) = characters.next() {
        if !is_quote(character) {
            text.push(character);
            continue;
        }
        match characters.peek() {
            Some((_, next)) if is_quote(*next) => {
                text.push(*next);
                characters.next();
            }
            _ => return Some((text, &source[at + character.len_utf8()..])),
        }
    }
    None
}

/// The line that Windows PowerShell 5.1 makes of arguments for a program: quotes
/// around those with white space, and nothing else.
pub fn native_line(arguments: &[&str]) -> String {
    let words: Vec<String> = arguments
        .iter()
        .filter(|argument| !argument.is_empty())
        .map(|argument| {
            if argument.contains(char::is_whitespace) {
                format!("\"{argument}\"")
            } else {
                (*argument).to_owned()
            }
        })
        .collect();
    words.join(" ")
}

/// A script without its remarks, and with one mark for each text.
pub fn skeleton(script: &str) -> String {
    let mut out = String::new();
    let mut rest = script;
    while let Some(character) = rest.chars().next() {
        let begins_a_word = out.ends_with([' ', '\n', '(', '{', ';']) || out.is_empty();
        if is_quote(character) {
            let (_, after) = literal(rest).unwrap_or_default();
            out.push('S');
            rest = after;
        } else if character == '"' {
            let end = rest[1..].find('"').map_or(rest.len(), |end| end + 2);
            out.push_str(&rest[..end]);
            rest = &rest[end..];
        } else if character == '#' && begins_a_word {
            let end = rest.find(['\r', '\n']).unwrap_or(rest.len());
            rest = &rest[end..];
        } else {
            out.push(character);
            rest = &rest[character.len_utf8()..];
        }
    }
    joined(&out)
}

/// `(S + [char]0x2019 + S)` is one text.
fn joined(code: &str) -> String {
    let mut out = String::new();
    let mut rest = code;
    while let Some(at) = rest.find("(S + [char]0x") {
        out.push_str(&rest[..at]);
        let end = rest[at..].find(')').map_or(rest.len(), |end| at + end);
        let inside = &rest[at + 1..end];
        let is_text = inside.split(" + ").all(|part| {
            part == "S" || (part.starts_with("[char]0x") && part.len() == "[char]0x".len() + 4)
        });
        out.push_str(if is_text { "S" } else { inside });
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    out + rest
}
