//! Text as it stands in Markdown.

use std::fmt::Write as _;

/// Text in which nothing is markup. Line breaks become spaces.
pub(super) fn escape(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut escaped = String::with_capacity(text.len() + 8);
    let mut rest = text.chars().peekable();
    let mut first = true;
    while let Some(character) = rest.next() {
        let special = match character {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '|' | '~' | '$' | '@' => true,
            '#' | '-' | '+' | '=' => first,
            // A bare address would become a link.
            ':' => rest.peek() == Some(&'/'),
            // `1.` would begin a list, and `www.` would become a link.
            '.' | ')' => {
                let numbered =
                    !escaped.is_empty() && escaped.bytes().all(|byte| byte.is_ascii_digit());
                numbered || (character == '.' && ends_in_www(&escaped))
            }
            _ => false,
        };
        if special {
            escaped.push('\\');
        }
        escaped.push(character);
        first = false;
    }
    escaped
}

fn ends_in_www(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 3 && bytes[bytes.len() - 3..].eq_ignore_ascii_case(b"www")
}

/// Text between single backticks: without any, and on one line.
pub(super) fn code(text: &str) -> String {
    text.replace('`', "'")
        .replace('|', "\\|")
        .replace(['\n', '\r'], " ")
}

/// A block of code, fenced by more backticks than it has in a row.
pub(super) fn fence(out: &mut String, language: &str, text: &str) {
    let longest = text
        .split(|character| character != '`')
        .map(str::len)
        .max()
        .unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let _ = writeln!(out, "{fence}{language}\n{}\n{fence}", text.trim_end());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_value_is_markup() {
        assert_eq!(
            escape("![x](http://evil)\n# <script> a_b *c* | 1"),
            "!\\[x\\](http\\://evil) # \\<script\\> a\\_b \\*c\\* \\| 1"
        );
        assert_eq!(escape("1. x"), "1\\. x");
        assert_eq!(escape("at WWW.evil.example"), "at WWW\\.evil.example");
        assert_eq!(escape("- x - y"), "\\- x - y");
        assert_eq!(escape("CORP\\svc"), "CORP\\\\svc");
    }

    #[test]
    fn a_fence_cannot_be_left() {
        let mut out = String::new();
        fence(&mut out, "sh", "a\n````\nb");
        assert_eq!(out, "`````sh\na\n````\nb\n`````\n");
    }
}
