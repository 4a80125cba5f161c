//! The answers of `setspn`: `-Q`, `-L` and `-X`, and the commands that stand in
//! a script ("Setspn", Windows Server commands).

use super::text::{command, is_option};
use super::told::{Identity, SearchResult, Told};

/// What a `setspn` command line asks for.
#[derive(Default)]
struct Asked<'a> {
    query: Option<&'a str>,
    list: Option<&'a str>,
    forest: bool,
}

/// What is being read.
#[derive(Default)]
struct State {
    query: Option<String>,
    forest: bool,
    /// The account that `-L` was typed with.
    listing: Option<String>,
    /// The account whose values follow.
    account: Option<Identity>,
    /// The SPN whose accounts follow (`-X`).
    shared: Option<String>,
    /// Who holds what was queried.
    matches: Vec<Identity>,
}

/// Reads an answer; none when there is no `setspn` in it.
pub(super) fn read(text: &str, from: &str) -> Option<Told> {
    let mut told = Told::default();
    let mut state = State::default();
    let mut kinds: Vec<&str> = Vec::new();
    for line in text.lines() {
        let lower = line.trim().to_ascii_lowercase();
        if let Some(words) = command(line, "setspn") {
            let asked = asked(&words);
            state = State {
                query: asked.query.map(str::to_owned),
                forest: asked.forest,
                listing: asked.list.map(str::to_owned),
                ..State::default()
            };
        } else if lower.starts_with("checking forest ") {
            state.forest = true;
        } else if lower.starts_with("registered serviceprincipalnames for ") {
            let name =
                line.trim()["registered serviceprincipalnames for ".len()..].trim_end_matches(':');
            let who = Identity {
                account: state.listing.take(),
                distinguished_name: Some(name.trim().to_owned()),
            };
            told.listed.push(who.clone());
            state.account = Some(who);
            kinds.push("setspn -L");
        } else if lower.ends_with("is registered on these accounts:") {
            let end = line.trim().len() - "is registered on these accounts:".len();
            let spn = line.trim()[..end].trim().to_owned();
            told.searched(&spn, SearchResult::Duplicate, state.forest, from);
            state.shared = Some(spn);
            state.account = None;
            kinds.push("setspn -X");
        } else if lower.starts_with("found ") && lower.contains("duplicate spn") {
            kinds.push("setspn -X");
        } else if lower.starts_with("existing spn found") {
            kinds.push("setspn -Q");
            found(&mut told, &state, from);
            state = State::default();
        } else if lower.starts_with("no such spn found") {
            kinds.push("setspn -Q");
            if let Some(spn) = &state.query {
                told.searched(spn, SearchResult::Missing, state.forest, from);
            }
            state = State::default();
        } else if is_distinguished_name(line) {
            let who = Identity::of_distinguished_name(line);
            if let Some(spn) = &state.shared {
                told.holds(spn, who, from);
            } else {
                state.matches.push(who.clone());
                state.account = Some(who);
            }
        } else if lower.is_empty() {
            state.account = None;
        } else if is_spn(line.trim())
            && line.starts_with(' ')
            && let Some(who) = &state.account
        {
            told.holds(line.trim(), who.clone(), from);
        }
    }
    kinds.dedup();
    let kind = kinds.first()?;
    told.sources.push(format!("{kind} ({from})"));
    Some(told)
}

/// A search that found something. Which SPN it was stands in the command line;
/// without that, it is the one that every account has.
fn found(told: &mut Told, state: &State, from: &str) {
    let result = match state.matches.len() {
        0 => return,
        1 => SearchResult::Held,
        _ => SearchResult::Duplicate,
    };
    let query = state.query.clone().filter(|query| !query.contains('*'));
    if let Some(spn) = query {
        told.searched(&spn, result, state.forest, from);
    } else if let [who] = state.matches.as_slice() {
        // Whatever was asked for, each of these values was found on one account
        // only.
        let values: Vec<String> = told
            .holders
            .iter()
            .filter(|holder| holder.who == *who)
            .map(|holder| holder.spn.clone())
            .collect();
        if let [spn] = values.as_slice() {
            told.searched(spn, result, state.forest, from);
        }
    }
}

fn asked<'a>(words: &[&'a str]) -> Asked<'a> {
    let mut asked = Asked::default();
    let mut words = words.iter().copied().peekable();
    while let Some(word) = words.next() {
        if is_option(word, 'q') {
            asked.query = words.next();
        } else if is_option(word, 'l') {
            asked.list = words.next();
        } else if is_option(word, 'f') {
            asked.forest = true;
        }
    }
    // `setspn -Q -F SPN` works too.
    if asked.query.is_some_and(|query| is_option(query, 'f')) {
        asked.forest = true;
        asked.query = words.next();
    }
    asked
}

/// Whether a line is a distinguished name of an object of a domain.
fn is_distinguished_name(line: &str) -> bool {
    let lower = line.trim().to_ascii_lowercase();
    lower.starts_with("cn=") && lower.contains(",dc=")
}

/// Whether a word looks like an SPN: a class, a slash, and a host.
pub(super) fn is_spn(word: &str) -> bool {
    !word.contains(char::is_whitespace)
        && word
            .split_once('/')
            .is_some_and(|(class, host)| !class.is_empty() && !host.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn results(told: &Told) -> Vec<(&str, SearchResult, bool)> {
        told.searches
            .iter()
            .map(|one| (one.spn.as_str(), one.result, one.whole_forest))
            .collect()
    }

    #[test]
    fn a_query_that_finds_two_accounts() {
        let text = "C:\\>setspn -F -Q MSSQLSvc/sql1.corp.example:1433\n\
            Checking forest DC=corp,DC=example\n\
            CN=svc_sql,OU=Service Accounts,DC=corp,DC=example\n\
            \x20       MSSQLSvc/sql1.corp.example:1433\n\
            \x20       MSSQLSvc/sql1.corp.example\n\
            CN=SQL1,CN=Computers,DC=corp,DC=example\n\
            \x20       MSSQLSvc/sql1.corp.example:1433\n\
            \x20       HOST/SQL1\n\n\
            Existing SPN found!\n";
        let told = read(text, "pasted").unwrap();
        assert_eq!(told.sources, ["setspn -Q (pasted)"]);
        let spn = "MSSQLSvc/sql1.corp.example:1433";
        assert_eq!(results(&told), [(spn, SearchResult::Duplicate, true)]);
        let holders: Vec<_> = told.holders.iter().filter(|one| one.spn == spn).collect();
        assert_eq!(holders.len(), 2);
        assert_eq!(holders[1].who.common_name(), Some("SQL1"));
    }

    #[test]
    fn a_query_that_finds_nobody_belongs_to_its_command_line() {
        let text = "setspn -Q MSSQLSvc/sql1:1433\nChecking domain DC=corp,DC=example\n\nNo such SPN found.\n";
        let told = read(text, "a").unwrap();
        assert_eq!(
            results(&told),
            [("MSSQLSvc/sql1:1433", SearchResult::Missing, false)]
        );
        let told = read("Checking domain DC=corp\n\nNo such SPN found.\n", "a").unwrap();
        assert!(told.searches.is_empty(), "which SPN was asked is not known");
    }

    #[test]
    fn a_listing_names_the_account() {
        let text = "PS C:\\> setspn -L CORP\\svc_sql\n\
            Registered ServicePrincipalNames for CN=SQL Service,CN=Users,DC=corp,DC=example:\n\
            \tMSSQLSvc/sql1.corp.example:1433\n";
        let told = read(&super::super::text::clean(text), "a").unwrap();
        assert_eq!(told.holders.len(), 1);
        assert_eq!(
            told.holders[0].who.account.as_deref(),
            Some(r"CORP\svc_sql")
        );
        assert_eq!(told.listed.len(), 1);
    }

    #[test]
    fn duplicates_of_a_whole_forest() {
        let text = "Checking forest DC=corp,DC=example\nProcessing entry 0\n\
            MSSQLSvc/sql1:1433 is registered on these accounts:\n\
            \x20   CN=a,CN=Users,DC=corp,DC=example\n\
            \x20   CN=b,CN=Users,DC=corp,DC=example\n\n\
            found 1 group of duplicate SPNs.\n";
        let told = read(text, "a").unwrap();
        assert_eq!(told.sources, ["setspn -X (a)"]);
        assert_eq!(told.holders.len(), 2);
        assert_eq!(
            results(&told),
            [("MSSQLSvc/sql1:1433", SearchResult::Duplicate, true)]
        );
    }
}
