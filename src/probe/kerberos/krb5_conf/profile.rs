//! The file format of krb5.conf: sections, values, groups in braces, includes.

use std::path::{Path, PathBuf};

/// The largest file that is read.
const LARGEST: u64 = 1024 * 1024;
/// How deep files may include files.
const DEEPEST: usize = 8;

/// One value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Section, groups and key.
    pub path: Vec<String>,
    /// The value, without quotes.
    pub value: String,
    /// Where it stands, as `file:line`.
    pub place: String,
}

/// Reads a file and what it includes.
pub fn read(
    path: &Path,
    files: &mut Vec<PathBuf>,
    entries: &mut Vec<Entry>,
    faults: &mut Vec<String>,
) {
    read_at(path, 0, files, entries, faults);
}

fn read_at(
    path: &Path,
    depth: usize,
    files: &mut Vec<PathBuf>,
    entries: &mut Vec<Entry>,
    faults: &mut Vec<String>,
) {
    let shown = path.display();
    let size = match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => metadata.len(),
        Ok(_) => {
            faults.push(format!("{shown}: it is not a file"));
            return;
        }
        Err(error) => {
            faults.push(format!("{shown}: it cannot be read: {error}"));
            return;
        }
    };
    if size > LARGEST {
        faults.push(format!("{shown}: it is larger than 1 MiB"));
        return;
    }
    match std::fs::read(path) {
        Ok(bytes) => {
            files.push(path.to_owned());
            let text = String::from_utf8_lossy(&bytes);
            parse(path, &text, depth, files, entries, faults);
        }
        Err(error) => faults.push(format!("{shown}: it cannot be read: {error}")),
    }
}

/// Reads a text.
pub fn parse(
    path: &Path,
    text: &str,
    depth: usize,
    files: &mut Vec<PathBuf>,
    entries: &mut Vec<Entry>,
    faults: &mut Vec<String>,
) {
    let mut section: Option<String> = None;
    let mut groups: Vec<String> = Vec::new();
    let mut last_line = 0;
    for (index, raw) in text.lines().enumerate() {
        last_line = index + 1;
        let line = raw.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        let place = || format!("{}:{}", path.display(), index + 1);
        let fault = |words: &str| format!("{}: {words}", place());
        if let Some(included) = included(line) {
            if depth >= DEEPEST || files.iter().any(|file| included.is(file)) {
                faults.push(fault("it includes a file that includes this one"));
            } else {
                included.read(depth + 1, files, entries, faults, &fault);
            }
        } else if line.starts_with("module ") {
            // A plug-in of the system's library: nothing to read.
        } else if let Some(rest) = line.strip_prefix('[') {
            groups.clear();
            section = rest.split_once(']').map(|(name, _)| name.trim().to_owned());
            if section.is_none() {
                faults.push(fault("a section's name has no closing bracket"));
            }
        } else if line.trim_end_matches('*') == "}" {
            if groups.pop().is_none() {
                faults.push(fault("a closing brace without an opening one"));
            }
        } else if let Some((key, value)) = line.split_once('=') {
            let Some(section) = &section else {
                faults.push(fault("a value before the first section"));
                continue;
            };
            let key = key.trim().trim_end_matches('*').trim().to_owned();
            let value = value.trim();
            if let Some(rest) = value.strip_prefix('{') {
                groups.push(key);
                // MIT krb5 wants a line break after the brace; some write on.
                if let Some((key, value)) = rest.split_once('=') {
                    entries.push(entry(place(), section, &groups, key.trim(), value.trim()));
                }
            } else {
                entries.push(entry(place(), section, &groups, &key, value));
            }
        } else {
            faults.push(fault("neither a section nor `name = value`"));
        }
    }
    if !groups.is_empty() {
        faults.push(format!(
            "{}:{last_line}: the group `{}` is not closed",
            path.display(),
            groups.join("`, `")
        ));
    }
}

fn entry(place: String, section: &str, groups: &[String], key: &str, value: &str) -> Entry {
    let value = value
        .strip_prefix('"')
        .and_then(|rest| rest.split_once('"'))
        .map_or(value, |(quoted, _)| quoted);
    Entry {
        path: std::iter::once(section)
            .chain(groups.iter().map(String::as_str))
            .chain([key])
            .map(str::to_owned)
            .collect(),
        value: value.to_owned(),
        place,
    }
}

/// What an `include` line names.
enum Included {
    File(PathBuf),
    Folder(PathBuf),
}

fn included(line: &str) -> Option<Included> {
    let (word, path) = line.split_once(char::is_whitespace)?;
    let path = PathBuf::from(path.trim());
    match word {
        "include" => Some(Included::File(path)),
        "includedir" => Some(Included::Folder(path)),
        _ => None,
    }
}

impl Included {
    fn is(&self, file: &Path) -> bool {
        matches!(self, Self::File(path) if path == file)
    }

    fn read(
        &self,
        depth: usize,
        files: &mut Vec<PathBuf>,
        entries: &mut Vec<Entry>,
        faults: &mut Vec<String>,
        fault: &dyn Fn(&str) -> String,
    ) {
        let folder = match self {
            Self::File(path) => return read_at(path, depth, files, entries, faults),
            Self::Folder(path) => path,
        };
        let listed = match std::fs::read_dir(folder) {
            Ok(listed) => listed,
            Err(error) => {
                faults.push(fault(&format!(
                    "the folder {} cannot be read: {error}",
                    folder.display()
                )));
                return;
            }
        };
        let mut paths: Vec<PathBuf> = listed
            .filter_map(|item| item.ok().map(|item| item.path()))
            .filter(|path| is_included(path))
            .collect();
        paths.sort();
        for path in paths {
            read_at(&path, depth, files, entries, faults);
        }
    }
}

/// "all files within the directory whose names consist entirely of
/// alphanumeric characters, dashes, or underscores", or end in `.conf` and do
/// not begin with a dot.
fn is_included(path: &Path) -> bool {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
        return false;
    };
    let is_conf = path
        .extension()
        .is_some_and(|extension| extension == "conf");
    (is_conf && !name.starts_with('.'))
        || name
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || "-_".contains(character))
}
