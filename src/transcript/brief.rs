//! A session in short: what is wrong, how sure that is, what to do, who does it
//! and what stays unknown. Every export begins with it.

use super::document::{DocumentFinding, SessionDocument};
use super::words;
use crate::cause::Catalogue;
use crate::engine::Verdict;
use crate::fix::Operation;

/// The five answers that a reader wants first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brief {
    /// What is wrong: for each cause its title, and a sentence with the names.
    pub wrong: Vec<(String, String)>,
    /// How sure that is.
    pub sure: String,
    /// What to do, in order.
    pub to_do: Vec<String>,
    /// Who does it, each once.
    pub who: Vec<String>,
    /// What could not be seen, each in a few words.
    pub unknown: Vec<String>,
}

impl Brief {
    /// The session in short.
    pub fn of(document: &SessionDocument) -> Self {
        Self {
            wrong: wrong(document),
            sure: sure(document),
            to_do: to_do(document),
            who: who(document),
            unknown: document
                .unknown
                .iter()
                .map(|unknown| title(&unknown.cause))
                .collect(),
        }
    }
}

/// The title of a cause; its id where the catalogue does not know it.
pub(super) fn title(cause: &str) -> String {
    Catalogue::embedded()
        .cause(cause)
        .map_or_else(|| cause.to_owned(), |cause| cause.title.clone())
}

fn wrong(document: &SessionDocument) -> Vec<(String, String)> {
    if document.findings.is_empty() {
        let words = match document.verdict {
            Verdict::Healthy => "Nothing: everything was looked at, and it is as it should be.",
            _ if document.ended.is_none() => "Nothing was found so far; the walk was not finished.",
            _ => "Nothing was found, but not everything could be looked at.",
        };
        return vec![(words.to_owned(), String::new())];
    }
    document.findings.iter().map(one_wrong).collect()
}

fn one_wrong(document: &DocumentFinding) -> (String, String) {
    let finding = &document.finding;
    (
        format!("{}: {}.", finding.title, finding.severity.words()),
        first_sentence(&finding.meaning).to_owned(),
    )
}

fn sure(document: &SessionDocument) -> String {
    let excluded = match document.ruled_out.len() {
        0 => String::new(),
        1 => " 1 other cause is ruled out.".to_owned(),
        count => format!(" {count} other causes are ruled out."),
    };
    let cut = document.ended.is_none();
    let open = document.unknown.len();
    let more = match (cut, open) {
        (true, _) => " The walk was not finished: there may be more.".to_owned(),
        (false, 0) => String::new(),
        (false, 1) => " 1 could not be looked at: there may be more.".to_owned(),
        (false, count) => format!(" {count} could not be looked at: there may be more."),
    };
    match (document.verdict, document.findings.len()) {
        (Verdict::CauseFound, 1) => {
            format!("Yes: it was seen itself, not guessed.{excluded}{more}")
        }
        (Verdict::CauseFound, _) => {
            format!("Yes: each was seen itself, not guessed.{excluded}{more}")
        }
        (Verdict::Healthy, _) => format!(
            "Yes, for this account from this machine at this time.{}",
            excluded.replace(" other", "")
        ),
        (Verdict::Inconclusive, _) => format!("No.{}{more}", excluded.replace(" other", "")),
    }
}

fn to_do(document: &SessionDocument) -> Vec<String> {
    let mut sentences: Vec<String> = document
        .findings
        .iter()
        .flat_map(|finding| &finding.finding.fix)
        .map(words::operation)
        .collect();
    if document.findings.is_empty() {
        sentences.extend(
            document
                .cards
                .iter()
                .map(|card| format!("Ask {}: {}", card.card.whom, card.card.why)),
        );
    }
    if document.ended.is_none() {
        sentences.push(format!(
            "Go on with the walk: sspi-doctor resume {}",
            document.session
        ));
    }
    if sentences.is_empty() {
        sentences.push(
            match document.verdict {
                Verdict::Healthy => {
                    "Nothing here. If the login still fails, walk again where and as whom it fails."
                }
                _ => "See below what could not be looked at, and why.",
            }
            .to_owned(),
        );
    }
    sentences
}

fn who(document: &SessionDocument) -> Vec<String> {
    let mut who: Vec<String> = Vec::new();
    let mut add = |one: String| {
        if !who.contains(&one) {
            who.push(one);
        }
    };
    for finding in &document.findings {
        for operation in &finding.finding.fix {
            if let Some(one) = actor(operation) {
                add(one);
            }
        }
    }
    for card in &document.cards {
        add(format!("{} (to be asked)", card.card.whom));
    }
    if who.is_empty() {
        who.push(
            match (document.ended, document.findings.is_empty()) {
                (None, _) => "you, who walk",
                (_, true) => "nobody",
                (_, false) => "as the steps below say",
            }
            .to_owned(),
        );
    }
    who
}

/// Who can carry out an operation; none where its own words say so.
fn actor(operation: &Operation) -> Option<String> {
    let administrator = |domain: &str| Some(format!("an administrator of {domain}"));
    match operation {
        Operation::RemoveSpn { account, .. }
        | Operation::AddSpn { account, .. }
        | Operation::AllowDelegation { account, .. }
        | Operation::AllowToAct { account, .. }
        | Operation::AllowUserDelegation { account }
        | Operation::ResetPrincipalName { account, .. }
        | Operation::SetAccount { account, .. } => administrator(&account.domain),
        Operation::SetReverseRecord { .. } | Operation::SetAddressRecord { .. } => {
            Some("whoever manages the DNS zone".to_owned())
        }
        Operation::CreateForestTrust {
            user_forest,
            server_forest,
        } => Some(format!(
            "administrators of {user_forest} and {server_forest}"
        )),
        Operation::CreateLogin { server, .. } => {
            Some(format!("the database administrator of {server}"))
        }
        Operation::ClientCommand { .. } => Some("you, on the client".to_owned()),
        Operation::Advice { .. } => None,
    }
}

/// The first sentence of a text.
pub(super) fn first_sentence(text: &str) -> &str {
    let end = text
        .match_indices(". ")
        .find(|(at, _)| {
            text[at + 2..]
                .chars()
                .next()
                .is_some_and(char::is_uppercase)
        })
        .map_or(text.len(), |(at, _)| at + 1);
    &text[..end]
}

/// At most so many characters, cut between words.
pub(super) fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut short = String::new();
    for word in text.split_whitespace() {
        if short.chars().count() + word.chars().count() + 5 > most && !short.is_empty() {
            break;
        }
        if !short.is_empty() {
            short.push(' ');
        }
        short.push_str(word);
    }
    short.push_str(" ...");
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_words_and_at_sentences() {
        assert_eq!(
            first_sentence("No SPN for 10.0.0.1. It is gone."),
            "No SPN for 10.0.0.1."
        );
        assert_eq!(shortened("one two three", 40), "one two three");
        assert_eq!(shortened("one two three four", 12), "one two ...");
    }
}
