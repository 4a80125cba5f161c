//! What Kerberos Configuration Manager saves: rows with a required SPN, an
//! account and a status, as CSV, tab-separated text or XML; and the commands
//! that `Generate` writes.
//!
//! Its statuses are documented, its file formats are not. So a row is anything
//! in which an SPN and one of the statuses stand together.

use super::text::{command, is_option};
use super::told::{Identity, SearchResult, Told};

/// The statuses, as the tool shows them.
const STATUSES: &[(&str, SearchResult)] = &[
    ("required spn is missing", SearchResult::Missing),
    ("spn is missing", SearchResult::Missing),
    ("spn on wrong account", SearchResult::HeldWrongly),
    ("misplaced", SearchResult::HeldWrongly),
    ("duplicate spn", SearchResult::Duplicate),
    ("good", SearchResult::HeldRightly),
];

/// Words by which the tool's files are known.
const SIGNS: &[&str] = &[
    "kerberosconfigm",
    "kerberos configuration manager",
    "required spn",
    "requiredspn",
    "spn on wrong account",
];

/// Reads an export; none when it is none.
pub(super) fn read(text: &str, from: &str) -> Option<Told> {
    let lower = text.to_ascii_lowercase();
    if !SIGNS.iter().any(|sign| lower.contains(sign)) {
        return None;
    }
    let mut told = script(text, from);
    for row in rows(text) {
        let spn = row
            .iter()
            .find(|cell| cell.to_ascii_lowercase().starts_with("mssqlsvc/"));
        let status = row.iter().find_map(|cell| {
            let cell = cell.to_ascii_lowercase();
            STATUSES
                .iter()
                .find(|(words, _)| cell == *words || (*words != "good" && cell.starts_with(words)))
                .map(|(_, result)| *result)
        });
        let (Some(spn), Some(result)) = (spn, status) else {
            continue;
        };
        let account = row.iter().find(|cell| is_account(cell));
        told.searched(spn, result, false, from);
        if let (Some(search), Some(account)) = (told.searches.last_mut(), account) {
            search.service_account = Some(account.clone());
            if result == SearchResult::HeldRightly {
                told.holds(spn, Identity::of_account(account), from);
            }
        }
    }
    if told.searches.is_empty() && told.holders.is_empty() {
        return None;
    }
    told.sources
        .push(format!("Kerberos Configuration Manager ({from})"));
    Some(told)
}

/// `SetSPN -s "MSSQLSvc/…" "DOMAIN\account"`: the SPN is missing there. Only in
/// a file of this tool: elsewhere the same words are somebody's advice.
fn script(text: &str, from: &str) -> Told {
    let mut told = Told::default();
    for line in text.lines() {
        let trimmed = line.trim();
        // A command of the file itself, not one that stands behind a prompt.
        if !trimmed
            .get(..6)
            .is_some_and(|start| start.eq_ignore_ascii_case("setspn"))
        {
            continue;
        }
        let Some(words) = command(trimmed, "setspn") else {
            continue;
        };
        let [option, spn, account] = words.as_slice() else {
            continue;
        };
        if !super::setspn::is_spn(spn) || !is_account(account) {
            continue;
        }
        if is_option(option, 's') {
            told.searched(spn, SearchResult::Missing, false, from);
            if let Some(search) = told.searches.last_mut() {
                search.service_account = Some((*account).to_owned());
            }
        }
    }
    told
}

fn is_account(cell: &str) -> bool {
    cell.split_once('\\')
        .is_some_and(|(domain, name)| !domain.is_empty() && !name.is_empty())
        && !cell.contains('/')
        && !cell.contains(':')
}

/// The rows of a table, or the elements of an XML file that hold one value
/// after the other until a name comes again.
fn rows(text: &str) -> Vec<Vec<String>> {
    if text.trim_start().starts_with('<') {
        return elements(text);
    }
    text.lines()
        .map(|line| {
            let separator = ['\t', ';', ',']
                .into_iter()
                .find(|separator| line.contains(*separator));
            match separator {
                Some(separator) => line.split(separator).map(cell).collect(),
                // Columns that only spaces keep apart.
                None => line
                    .split("  ")
                    .map(cell)
                    .filter(|c| !c.is_empty())
                    .collect(),
            }
        })
        .collect()
}

fn cell(text: &str) -> String {
    text.trim().trim_matches('"').trim().to_owned()
}

/// The values of an XML file: texts of elements and values of attributes, in
/// records which begin when a name comes again.
fn elements(text: &str) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    let (mut row, mut names): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    let mut put = |name: &str, value: &str| {
        let value = unescaped(value.trim());
        if value.is_empty() {
            return;
        }
        if names.iter().any(|known| known == name) {
            rows.push(std::mem::take(&mut row));
            names.clear();
        }
        names.push(name.to_owned());
        row.push(value);
    };
    for piece in text.split('<').skip(1) {
        let (tag, behind) = piece.split_once('>').unwrap_or((piece, ""));
        let name = tag.split_whitespace().next().unwrap_or_default();
        if name.starts_with(['/', '?', '!']) {
            continue;
        }
        for attribute in tag.split("=\"").collect::<Vec<_>>().windows(2) {
            let key = attribute[0].rsplit([' ', '"']).next().unwrap_or_default();
            put(key, attribute[1].split('"').next().unwrap_or_default());
        }
        put(name, behind);
    }
    rows.push(row);
    rows
}

fn unescaped(text: &str) -> String {
    text.replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_with_its_statuses() {
        let text = "Server,Instance,Service Account,Required SPN,Status\n\
            SQL1,MSSQLSERVER,CORP\\svc_sql,MSSQLSvc/sql1.corp.example:1433,Required SPN is missing\n\
            SQL1,MSSQLSERVER,CORP\\svc_sql,MSSQLSvc/sql1.corp.example,Good\n";
        let told = read(text, "a").unwrap();
        assert_eq!(told.searches.len(), 2);
        assert_eq!(told.searches[0].result, SearchResult::Missing);
        assert_eq!(
            told.searches[0].service_account.as_deref(),
            Some(r"CORP\svc_sql")
        );
        assert_eq!(told.holders.len(), 1);
    }

    #[test]
    fn xml_by_elements_and_by_attributes() {
        let text = "<?xml version=\"1.0\"?>\n<KerberosConfigMgr><Spn><Account>CORP\\svc_sql</Account><RequiredSpn>MSSQLSvc/sql1:1433</RequiredSpn><Status>Duplicate SPN</Status></Spn>\
            <Spn><Account>CORP\\svc_sql</Account><RequiredSpn>MSSQLSvc/sql1</RequiredSpn><Status>Good</Status></Spn></KerberosConfigMgr>";
        let told = read(text, "a").unwrap();
        assert_eq!(told.searches.len(), 2);
        assert_eq!(told.searches[0].result, SearchResult::Duplicate);
        let text = "<KerberosConfigMgr><row spn=\"MSSQLSvc/sql1:1433\" status=\"SPN on wrong account\" /></KerberosConfigMgr>";
        assert_eq!(
            read(text, "a").unwrap().searches[0].result,
            SearchResult::HeldWrongly
        );
    }

    #[test]
    fn the_generated_commands() {
        let text = "REM Generated by Kerberos Configuration Manager\nSetSPN -s \"MSSQLSvc/sql1.corp.example:1433\" \"CORP\\svc_sql\"\n";
        let told = read(text, "a").unwrap();
        assert_eq!(told.searches[0].result, SearchResult::Missing);
        // The same command as somebody's advice is no fact.
        assert!(read("SetSPN -s MSSQLSvc/sql1:1433 CORP\\svc_sql", "a").is_none());
    }
}
