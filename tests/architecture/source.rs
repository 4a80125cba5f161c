//! The program's source, without comments and tests.

use std::fs;
use std::path::{Path, PathBuf};

/// One file.
pub struct SourceFile {
    /// Its path from the top of the repository.
    pub name: String,
    /// The module that it is, such as `flow::check`.
    pub module: String,
    /// All of it.
    pub text: String,
}

/// The top of the repository.
pub fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file of the program.
pub fn sources() -> Vec<SourceFile> {
    let mut files = Vec::new();
    collect(&repository().join("src"), &mut files);
    assert!(files.len() > 20, "the source was not found");
    files.sort_by(|one, other| one.name.cmp(&other.name));
    files
}

/// Every file of the tests, the lab and the fuzz targets among them.
pub fn tests() -> Vec<SourceFile> {
    let mut files = Vec::new();
    collect(&repository().join("tests"), &mut files);
    files
}

fn collect(folder: &Path, files: &mut Vec<SourceFile>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with("target") {
            continue;
        }
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(repository()).unwrap().to_str().unwrap();
            files.push(SourceFile::of(name, &fs::read_to_string(&path).unwrap()));
        }
    }
}

impl SourceFile {
    /// A file of this name and text.
    pub fn of(name: &str, text: &str) -> Self {
        Self {
            name: name.to_owned(),
            module: name
                .trim_start_matches("src/")
                .trim_end_matches(".rs")
                .replace('/', "::"),
            text: text.to_owned(),
        }
    }

    /// Whether all of it is a test.
    pub fn is_test(&self) -> bool {
        self.module.split("::").any(|part| part == "tests")
    }

    /// The lines that are the program, with their numbers.
    fn code(&self) -> Vec<(usize, &str)> {
        if self.is_test() {
            return Vec::new();
        }
        self.text
            .lines()
            .enumerate()
            .take_while(|(_, line)| line.trim() != "#[cfg(test)]")
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
            .map(|(index, line)| (index + 1, line))
            .collect()
    }

    /// The lines that name one of these words, with the word.
    pub fn lines_with<'w>(&self, words: &[&'w str]) -> Vec<(usize, &'w str)> {
        self.code()
            .into_iter()
            .filter_map(|(number, line)| {
                words
                    .iter()
                    .find(|word| names(line, word))
                    .map(|word| (number, *word))
            })
            .collect()
    }

    /// Every path that begins with `crate::`, without that.
    pub fn crate_paths(&self) -> Vec<String> {
        let code: String = self
            .code()
            .into_iter()
            .flat_map(|(_, line)| [line, "\n"])
            .collect();
        let mut paths = Vec::new();
        for (at, start) in code.match_indices("crate::") {
            spread("", &code[at + start.len()..], &mut paths);
        }
        paths
    }
}

/// Whether a line has the word, not as a part of a longer one.
fn names(line: &str, word: &str) -> bool {
    let is_letter = |letter: char| letter.is_alphanumeric() || letter == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let longer = (word.starts_with(is_letter) && before.is_some_and(is_letter))
            || (word.ends_with(is_letter) && after.is_some_and(is_letter));
        !longer
    })
}

/// The paths of one `a::{b, c::d}`; returns what stands after it.
fn spread<'a>(prefix: &str, text: &'a str, paths: &mut Vec<String>) -> &'a str {
    let text = text.trim_start();
    if let Some(mut rest) = text.strip_prefix('{') {
        loop {
            rest = spread(prefix, rest, paths).trim_start();
            match rest.strip_prefix(',') {
                Some(next) if next.trim_start().starts_with('}') => rest = next.trim_start(),
                Some(next) => {
                    rest = next;
                    continue;
                }
                None => {}
            }
            return rest.strip_prefix('}').unwrap_or(rest);
        }
    }
    let end = text
        .find(|letter: char| !(letter.is_alphanumeric() || letter == '_'))
        .unwrap_or(text.len());
    let path = format!("{prefix}{}", &text[..end]);
    if let Some(rest) = text[end..].strip_prefix("::") {
        return spread(&format!("{path}::"), rest, paths);
    }
    if end > 0 {
        paths.push(path);
    }
    &text[end..]
}
