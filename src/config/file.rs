//! A configuration file: TOML, read key by key, so that every fault is told
//! with its place.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::key::{self, KEYS, Key, Kind, Value};
use super::{Origin, Setting};
use crate::flow::diagnostic::{Diagnostic, SourceFile};
use crate::flow::suggest;

/// The longest file that is read.
const LARGEST: u64 = 256 * 1024;

/// The settings of a file, and everything that is wrong in it. `home` is what
/// `~` stands for.
pub fn read(
    path: &Path,
    home: Option<&Path>,
) -> (BTreeMap<&'static str, Setting>, Vec<Diagnostic>) {
    let name = path.display().to_string();
    let mut bytes = Vec::new();
    let read =
        std::fs::File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes));
    let unreadable = |message: String, hint: &str| {
        (
            BTreeMap::new(),
            vec![Diagnostic::unreadable(&name, message, hint)],
        )
    };
    if let Err(fault) = read {
        return unreadable(
            format!("this configuration file cannot be read: {fault}"),
            "check that it exists, and that you may read it",
        );
    }
    if bytes.len() as u64 > LARGEST {
        return unreadable(
            "this configuration file is too large".to_owned(),
            "it must be smaller than 256 KiB",
        );
    }
    match String::from_utf8(bytes) {
        Ok(text) => parse(path, &SourceFile::new(&name, &text), home),
        Err(_) => unreadable(
            "this configuration file is not UTF-8 text".to_owned(),
            "save it as UTF-8",
        ),
    }
}

/// The settings of a text, as if it were this file.
pub fn parse(
    path: &Path,
    file: &SourceFile,
    home: Option<&Path>,
) -> (BTreeMap<&'static str, Setting>, Vec<Diagnostic>) {
    let text = std::sync::Arc::clone(&file.text);
    let (table, errors) = DeTable::parse_recoverable(&text);
    let mut settings = BTreeMap::new();
    let mut faults: Vec<Diagnostic> = errors
        .iter()
        .map(|error| {
            let span = error.span().unwrap_or(0..0);
            Diagnostic::new(file, span, format!("this is not TOML: {}", error.message()))
                .hint("a line is written: key = \"text\", or key = [\"one\", \"two\"]")
        })
        .collect();
    if !faults.is_empty() {
        // What the parser made of the rest may not be what was meant.
        return (settings, faults);
    }
    let place = Place { file, home };
    for (name, value) in table.get_ref() {
        match key::key(name.get_ref()) {
            None => faults.push(unknown(file, name)),
            Some(key) => {
                if let Some(value) = place.value(key, value, &mut faults) {
                    let line = file.position(name.span().start).0;
                    let origin = Origin::File {
                        path: path.to_owned(),
                        line,
                    };
                    settings.insert(key.name, Setting { value, origin });
                }
            }
        }
    }
    (settings, faults)
}

fn unknown(file: &SourceFile, name: &Spanned<toml::de::DeString<'_>>) -> Diagnostic {
    let word = name.get_ref();
    Diagnostic::new(file, name.span(), format!("there is no setting `{word}`"))
        .hint(suggest::hint(word, KEYS.iter().map(|key| key.name)))
}

struct Place<'a> {
    file: &'a SourceFile,
    home: Option<&'a Path>,
}

impl Place<'_> {
    /// The value of a key; none when it is wrong, which is told.
    fn value(
        &self,
        key: &Key,
        value: &Spanned<DeValue<'_>>,
        faults: &mut Vec<Diagnostic>,
    ) -> Option<Value> {
        match (key.kind, value.get_ref()) {
            (Kind::Switch, DeValue::Boolean(on)) => Some(Value::Switch(*on)),
            (Kind::Minutes, DeValue::Integer(number))
                if u32::from_str_radix(number.as_str(), number.radix()).is_ok() =>
            {
                u32::from_str_radix(number.as_str(), number.radix())
                    .ok()
                    .map(Value::Number)
            }
            (kind, DeValue::Array(items)) if kind.is_list() => {
                let mut read = Vec::new();
                let before = faults.len();
                for item in items {
                    match item.get_ref() {
                        DeValue::String(text) => {
                            read.extend(self.word(key, text, item.span(), faults));
                        }
                        _ => faults.push(self.wrong_kind(key, item)),
                    }
                }
                (faults.len() == before).then_some(Value::List(read))
            }
            (kind, DeValue::String(text))
                if !kind.is_list() && !matches!(kind, Kind::Switch | Kind::Minutes) =>
            {
                self.word(key, text, value.span(), faults).map(Value::Text)
            }
            _ => {
                faults.push(self.wrong_kind(key, value));
                None
            }
        }
    }

    fn word(
        &self,
        key: &Key,
        text: &str,
        span: std::ops::Range<usize>,
        faults: &mut Vec<Diagnostic>,
    ) -> Option<String> {
        key.kind
            .read(text, self.home)
            .map_err(|(message, hint)| {
                faults.push(
                    Diagnostic::new(self.file, span, format!("{}: {message}", key.name)).hint(hint),
                );
            })
            .ok()
    }

    fn wrong_kind(&self, key: &Key, value: &Spanned<DeValue<'_>>) -> Diagnostic {
        let message = format!("{}: expected {}", key.name, key.kind.words());
        Diagnostic::new(self.file, value.span(), message)
            .hint(format!("for example: {} = {}", key.name, key.example))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<String> {
        let path = Path::new("config.toml");
        let file = SourceFile::new("config.toml", text);
        let (_, faults) = parse(path, &file, Some(Path::new("/home/a")));
        faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_example_of_the_table_is_right() {
        let text: String = KEYS
            .iter()
            .filter(|key| !matches!(key.kind, Kind::File | Kind::Folders))
            .fold(String::new(), |text, key| {
                text + key.name + " = " + key.example + "\n"
            });
        assert_eq!(faults(&text), Vec::<String>::new());
        let paths = faults("ca-file = \"/etc/ssl/no.pem\"\nflow-folders = [\"~/no-flows\"]\n");
        assert_eq!(
            paths,
            [
                "config.toml:1:11: ca-file: `/etc/ssl/no.pem` is not there (make it, or take it out of the list)",
                "config.toml:2:17: flow-folders: `/home/a/no-flows` is not there (make it, or take it out of the list)",
            ]
        );
    }

    #[test]
    fn every_fault_is_told_with_its_place_and_a_hint() {
        let found = faults(
            "domian = \"corp.example\"\nname-servers = [\"dc1\", 5]\nascii = \"yes\"\n\
             theme = \"blue\"\nstate-folder = \"state\"\ndomain-controllers = \"dc1\"\n\
             max-age = -1\n[network]\nproxy = 1\n",
        );
        let expected = [
            "1:1: there is no setting `domian` (did you mean `domain`?)",
            "2:17: name-servers: `dc1` is no IP address",
            "2:24: name-servers: expected a list of IP addresses in quotes (for example: name-servers = [\"192.0.2.53\"])",
            "3:9: ascii: expected true or false (for example: ascii = true)",
            "4:9: theme: `blue` is not known here (known here: `default`, `mono`, `high-contrast`, `colour-blind`)",
            "5:16: state-folder: `state` is a relative path",
            "6:22: domain-controllers: expected a list of DNS names in quotes",
            "7:11: max-age: expected a number of minutes (for example: max-age = 30)",
            "8:2: there is no setting `network`",
        ];
        for expected in expected {
            assert!(
                found.iter().any(|fault| fault.contains(expected)),
                "{expected}\nis not in\n{}",
                found.join("\n")
            );
        }
        assert_eq!(found.len(), expected.len());
    }

    #[test]
    fn what_is_not_toml_is_told_with_line_and_column() {
        let found = faults("domain = \"corp.example\"\nascii = yes\n");
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("config.toml:2:"), "{}", found[0]);
        let twice = faults("ascii = true\nascii = false\n");
        assert!(twice[0].starts_with("config.toml:2:1:"), "{}", twice[0]);
    }
}
