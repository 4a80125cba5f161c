//! Passwords in connection strings, which people paste with their error
//! messages and SQL Server keeps for linked servers.

use super::HIDDEN;

/// The names that a password has, in lower case. Whatever stands before them
/// belongs to the name too: `MSSQL_SA_PASSWORD`.
const NAMES: &[&str] = &["password", "passwd", "passphrase", "pwd"];

/// What a user and a password can stand behind.
const ADDRESS: &str = "://";

/// So far a value is looked at: SQL Server takes 128 characters.
const LONGEST: usize = 1024;

/// Puts [`HIDDEN`] where a password stands in a text: `Password=…;`, `PWD={…}`,
/// `"password": "…"` and `scheme://user:…@host`. What has neither quotes nor
/// braces goes to the next semicolon, quote or end of the line.
///
/// ```
/// use sspi_doctor::secret::hide_passwords;
/// assert_eq!(hide_passwords("Server=a;Pwd=x y;Trusted=no"), "Server=a;Pwd=(hidden);Trusted=no");
/// ```
pub fn hide_passwords(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let find = |pattern: &str, from: usize| lower[from..].find(pattern).map(|at| from + at);
    let mut ahead: Vec<(&str, Option<usize>)> = NAMES
        .iter()
        .chain(&[ADDRESS])
        .map(|pattern| (*pattern, find(pattern, 0)))
        .collect();
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    // Each pattern is looked for once from each of its places on, so that a long
    // text takes no longer than its length.
    while let Some((pattern, Some(at))) = ahead
        .iter_mut()
        .filter(|(_, at)| at.is_some())
        .min_by_key(|(_, at)| *at)
        .map(|(pattern, at)| (*pattern, std::mem::take(at)))
    {
        let after = at + pattern.len();
        for (known, next) in &mut ahead {
            if *known == pattern {
                *next = find(pattern, after);
            }
        }
        let found = match pattern {
            _ if after < done => None,
            ADDRESS => user_information(text, after),
            _ => value(text, after),
        };
        if let Some((start, end)) = found
            && start >= done
        {
            out.push_str(&text[done..start]);
            out.push_str(HIDDEN);
            done = end;
        }
    }
    out.push_str(&text[done..]);
    out
}

/// The text from a place on, as far as a password can go.
fn window(text: &str, from: usize) -> &str {
    let mut end = text.len().min(from + LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[from..end]
}

/// The value behind a name: `=` for connection strings, `":` for JSON.
fn value(text: &str, after: usize) -> Option<(usize, usize)> {
    let rest = window(text, after);
    let behind = rest
        .strip_prefix('"')
        .map(str::trim_start)
        .and_then(|rest| rest.strip_prefix([':', '=']))
        .or_else(|| rest.trim_start_matches([' ', '\t']).strip_prefix('='))?;
    let behind = behind.trim_start_matches([' ', '\t']);
    let start = after + rest.len() - behind.len();
    let (start, length) = match behind.chars().next()? {
        quote @ ('"' | '\'') => (start + 1, quoted(&behind[1..], quote)),
        '{' => (start + 1, quoted(&behind[1..], '}')),
        _ => (
            start,
            behind
                .find([';', '"', '\'', '\n', '\r'])
                .unwrap_or(behind.len()),
        ),
    };
    let shown = text[start..start + length].trim_end().len();
    (shown > 0).then_some((start, start + shown))
}

/// How long a quoted value is; a doubled quote is one of its own.
fn quoted(text: &str, quote: char) -> usize {
    let mut from = 0;
    while let Some(at) = text[from..].find(quote) {
        let end = from + at;
        if !text[end + 1..].starts_with(quote) {
            return end;
        }
        from = end + 2;
    }
    // It is not closed: the whole line.
    text.find(['\n', '\r']).unwrap_or(text.len())
}

/// The password of `user:password@host`.
fn user_information(text: &str, after: usize) -> Option<(usize, usize)> {
    let rest = window(text, after);
    let end = rest
        .find(['/', '?', '#', ' ', '\n', ';', '"'])
        .unwrap_or(rest.len());
    let (information, _) = rest[..end].rsplit_once('@')?;
    let (user, password) = information.split_once(':')?;
    let start = after + user.len() + 1;
    (!password.is_empty()).then(|| (start, start + password.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn passwords_are_found_in_every_spelling() {
        for (text, hidden) in [
            ("Password=a b;Server=x", "Password=(hidden);Server=x"),
            (
                "User ID=x; PWD = 'a;''b' ;x=y",
                "User ID=x; PWD = '(hidden)' ;x=y",
            ),
            (
                "Driver={ODBC};Pwd={a}}b;c};x",
                "Driver={ODBC};Pwd={(hidden)};x",
            ),
            (
                "export MSSQL_SA_PASSWORD=\"a\"\nls",
                "export MSSQL_SA_PASSWORD=\"(hidden)\"\nls",
            ),
            (
                r#"{"password": "a;b", "user": "x"}"#,
                r#"{"password": "(hidden)", "user": "x"}"#,
            ),
            (
                "mssql://sa:p@ss@sql1:1433/x a:b@c",
                "mssql://sa:(hidden)@sql1:1433/x a:b@c",
            ),
            ("Password=a;\nPwd=b", "Password=(hidden);\nPwd=(hidden)"),
            ("Pwd='a", "Pwd='(hidden)"),
        ] {
            assert_eq!(hide_passwords(text), hidden);
            assert_eq!(hide_passwords(hidden), hidden);
        }
        for plain in [
            "Login failed for user 'sa'. Reason: Password did not match that for the login provided.",
            "Password=;Server=x",
            "the password of alice: wrong",
            "pwdLastSet: 2026",
            "http://sql1.corp.example:1433/",
        ] {
            assert_eq!(hide_passwords(plain), plain);
        }
    }

    #[test]
    fn a_long_text_takes_no_longer_than_its_length() {
        for text in ["pwd=x;", "pwd={\n", "://a:b@", "password", "pwd='"] {
            let start = std::time::Instant::now();
            let _ = hide_passwords(&text.repeat(50_000));
            assert!(start.elapsed().as_secs() < 10, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in "\\PC*|(pwd|Password|=|'|\"|\\{|\\}|:|@|://|é|;| |\n){0,20}") {
            let once = hide_passwords(&text);
            prop_assert_eq!(hide_passwords(&once), once);
        }
    }
}
