//! The words of an expression and where they stand, for messages that point at
//! them. What they mean is decided by Jinja's own parser.

use std::ops::Range;

use super::{ExpressionFault, FaultKind, SOURCE_LIMIT};

/// What is looked at.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// A bare expression.
    Expression(&'a str),
    /// A text with `{{ expressions }}`.
    Template(&'a str),
}

impl<'a> Source<'a> {
    /// As written.
    pub fn text(self) -> &'a str {
        match self {
            Self::Expression(text) | Self::Template(text) => text,
        }
    }
}

/// What kind of word a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A name, a keyword included.
    Name,
    /// A text between quotes.
    Text,
    /// A number.
    Number,
    /// Anything else, such as `==`.
    Symbol,
}

/// One word.
#[derive(Clone, Debug)]
pub struct Token<'a> {
    /// What it is.
    pub kind: TokenKind,
    /// As written, quotes included.
    pub text: &'a str,
    /// Where, in bytes.
    pub range: Range<usize>,
    /// Which `{{ }}` or `{% %}` it stands in, from 0.
    pub block: usize,
    /// Whether that is a `{% %}`.
    pub statement: bool,
}

impl Token<'_> {
    /// Whether it is this symbol or keyword.
    pub fn is(&self, word: &str) -> bool {
        self.kind != TokenKind::Text && self.text == word
    }

    /// What stands between the quotes.
    pub fn unquoted(&self) -> &str {
        match self.kind {
            TokenKind::Text => &self.text[1..self.text.len() - 1],
            _ => self.text,
        }
    }
}

/// The blocks that templates may have.
const BLOCKS: &[&str] = &["if", "elif", "else", "endif", "for", "endfor"];

const KEYWORDS: &[&str] = &[
    "and", "or", "not", "in", "is", "if", "else", "elif", "endif", "for", "endfor", "true",
    "false", "none", "True", "False", "None",
];

/// Whether a name is a word of the language.
pub fn is_keyword(name: &str) -> bool {
    KEYWORDS.contains(&name)
}

/// Refuses what is too long, and blocks that templates do not have.
pub fn check(source: Source<'_>) -> Result<(), ExpressionFault> {
    if source.text().len() > SOURCE_LIMIT {
        return Err(ExpressionFault::new(
            FaultKind::TooLarge,
            format!("it is longer than {SOURCE_LIMIT} bytes"),
            None,
        ));
    }
    let mut last = None;
    for token in tokens(source)? {
        if token.statement && last != Some(token.block) {
            last = Some(token.block);
            if !BLOCKS.contains(&token.text) {
                return Err(ExpressionFault::new(
                    FaultKind::UnknownWord,
                    format!(
                        "there is no block `{}` here; texts know `if` and `for`",
                        token.text
                    ),
                    Some(token.range),
                ));
            }
        }
    }
    Ok(())
}

/// Every word of a source, in order.
pub fn tokens(source: Source<'_>) -> Result<Vec<Token<'_>>, ExpressionFault> {
    let mut tokens = Vec::new();
    match source {
        Source::Expression(text) => {
            words(text, 0, None, 0, &mut tokens)?;
        }
        Source::Template(text) => {
            let mut at = 0;
            let mut block = 0;
            while let Some(open) = text[at..].find('{').map(|found| at + found) {
                let rest = &text[open..];
                at = if rest.starts_with("{{") || rest.starts_with("{%") {
                    let end = if rest.starts_with("{{") { "}}" } else { "%}" };
                    let next = words(text, open + 2, Some(end), block, &mut tokens)?;
                    block += 1;
                    next
                } else if rest.starts_with("{#") {
                    rest.find("#}").map_or(text.len(), |end| open + end + 2)
                } else {
                    open + 1
                };
            }
        }
    }
    Ok(tokens)
}

/// The words from `start` to the end of the block, and where that is.
fn words<'a>(
    source: &'a str,
    start: usize,
    end: Option<&str>,
    block: usize,
    tokens: &mut Vec<Token<'a>>,
) -> Result<usize, ExpressionFault> {
    let mut at = start;
    let mut braces = 0_usize;
    while let Some(character) = source[at..].chars().next() {
        let rest = &source[at..];
        if let Some(end) = end
            && braces == 0
            && (rest.starts_with(end) || rest.strip_prefix('-').is_some_and(|r| r.starts_with(end)))
        {
            return Ok(at + rest.find(end).unwrap_or(0) + end.len());
        }
        let (kind, length) = match character {
            space if space.is_whitespace() => {
                at += space.len_utf8();
                continue;
            }
            '\'' | '"' => (TokenKind::Text, text_length(rest, character, at)?),
            letter if letter == '_' || letter.is_alphabetic() => (
                TokenKind::Name,
                length_while(rest, |c| c == '_' || c.is_alphanumeric()),
            ),
            digit if digit.is_ascii_digit() => (
                TokenKind::Number,
                length_while(rest, |c| c.is_ascii_alphanumeric() || c == '_'),
            ),
            _ => {
                match character {
                    '{' => braces += 1,
                    '}' => braces = braces.saturating_sub(1),
                    _ => {}
                }
                let double = ["==", "!=", "<=", ">=", "//", "**"]
                    .iter()
                    .any(|symbol| rest.starts_with(symbol));
                (
                    TokenKind::Symbol,
                    if double { 2 } else { character.len_utf8() },
                )
            }
        };
        tokens.push(Token {
            kind,
            text: &source[at..at + length],
            range: at..at + length,
            block,
            statement: end == Some("%}"),
        });
        at += length;
    }
    match end {
        None => Ok(at),
        Some(end) => Err(ExpressionFault::new(
            FaultKind::Syntax,
            format!("`{end}` is missing"),
            Some(start - 2..start),
        )),
    }
}

fn length_while(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|character| !belongs(character))
        .unwrap_or(text.len())
}

/// The length of a quoted text, quotes included.
fn text_length(rest: &str, quote: char, at: usize) -> Result<usize, ExpressionFault> {
    let mut escaped = false;
    for (offset, character) in rest.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if character == '\\' {
            escaped = true;
        } else if character == quote {
            return Ok(offset + 1);
        }
    }
    Err(ExpressionFault::new(
        FaultKind::Syntax,
        format!("the closing {quote} is missing"),
        Some(at..at + 1),
    ))
}

/// A dotted name where it is used.
#[derive(Clone, Debug)]
pub struct Use {
    /// The name, such as `forward.addresses`.
    pub name: String,
    /// Where, in bytes.
    pub range: Range<usize>,
    /// Whether it is asked for (`is defined`) or has a `default`.
    pub guarded: bool,
    /// The number of its first token.
    pub first: usize,
    /// The number of the token after it.
    pub next: usize,
}

/// Every dotted name of a source.
#[derive(Clone, Debug)]
pub struct Uses(pub Vec<Use>);

impl Uses {
    /// The uses in a source.
    pub fn of(source: Source<'_>) -> Result<Self, ExpressionFault> {
        Ok(Self::among(&tokens(source)?))
    }

    /// The uses among these tokens.
    pub fn among(tokens: &[Token<'_>]) -> Self {
        let mut uses = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            let token = &tokens[at];
            let before = at.checked_sub(1).map(|before| &tokens[before]);
            let named = token.kind == TokenKind::Name
                && !is_keyword(token.text)
                && !before.is_some_and(|before| before.is(".") || before.is("|"))
                && !is_test(tokens, at)
                && !tokens.get(at + 1).is_some_and(|next| next.is("="));
            if !named {
                at += 1;
                continue;
            }
            let first = at;
            let mut name = token.text.to_owned();
            let mut end = token.range.end;
            at += 1;
            while let [dot, part, ..] = &tokens[at..]
                && dot.is(".")
                && part.kind == TokenKind::Name
            {
                name.push('.');
                name.push_str(part.text);
                end = part.range.end;
                at += 2;
            }
            uses.push(Use {
                name,
                range: token.range.start..end,
                guarded: is_guard(&tokens[at..]),
                first,
                next: at,
            });
        }
        Self(uses)
    }

    /// Where a name is used first.
    pub fn range(&self, name: &str) -> Option<Range<usize>> {
        self.0
            .iter()
            .find(|used| used.name == name)
            .map(|used| used.range.clone())
    }

    /// Whether the source asks if this name, or what it is a field of, is
    /// defined.
    pub fn is_guarded(&self, name: &str) -> bool {
        self.0.iter().any(|used| {
            used.guarded
                && name
                    .strip_prefix(used.name.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    }
}

/// Whether the token is the name of a test: `x is defined`, `x is not none`.
pub fn is_test(tokens: &[Token<'_>], at: usize) -> bool {
    let before = |steps: usize| at.checked_sub(steps).map(|before| &tokens[before]);
    before(1).is_some_and(|one| one.is("is"))
        || (before(1).is_some_and(|one| one.is("not")) && before(2).is_some_and(|two| two.is("is")))
}

fn is_guard(rest: &[Token<'_>]) -> bool {
    let words: Vec<&str> = rest.iter().take(3).map(|token| token.text).collect();
    matches!(
        words.as_slice(),
        ["is", "defined" | "undefined", ..]
            | ["is", "not", "defined" | "undefined"]
            | ["|", "default" | "d", ..]
    )
}
