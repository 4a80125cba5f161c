//! What a pasted text is: a report, an answer to a card, an error message, or
//! advice; often several at once.

use jiff::Timestamp;

use super::advice::{self, Advice};
use super::error_text::{self, ErrorText};
use super::told::Told;
use super::{card, kerberos_configuration_manager, klist_mit, klist_windows, service, setspn};
use super::{sqlcheck, text};

/// Everything that was recognised in a text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recognised {
    /// The facts that it tells.
    pub told: Told,
    /// The error that it is.
    pub error: Option<ErrorText>,
    /// Advice in it that should not be followed.
    pub advice: Vec<&'static Advice>,
}

impl Recognised {
    /// Whether nothing of it is known.
    pub fn is_nothing(&self) -> bool {
        self.told.is_empty() && self.error.is_none() && self.advice.is_empty()
    }
}

/// A reader of one sort of report.
type Reader = fn(&str, &str) -> Option<Told>;

/// The readers whose texts are known by themselves, the most certain first.
const READERS: &[Reader] = &[
    sqlcheck::read,
    kerberos_configuration_manager::read,
    setspn::read,
    klist_windows::read,
    klist_mit::read,
    service::read,
];

/// Recognises a text. `from` says where it is from, such as a file's name or
/// `pasted`; `asked` are the causes whose cards are open, for answers that are
/// not known by themselves; `now` is when they are read.
pub fn recognise(text: &str, from: &str, asked: &[&str], now: Timestamp) -> Recognised {
    let text = text::clean(text);
    let from = crate::hostile::clean_line(from);
    let mut told = Told::default();
    // One paste often holds the answers to several commands.
    for reader in READERS {
        if let Some(more) = reader(&text, &from) {
            let report = told.is_empty();
            told.extend(more);
            // A report of a tool contains what other readers would take for an
            // answer of their own.
            if report && told.sources.iter().any(|source| is_report(source)) {
                break;
            }
        }
    }
    for cause in asked {
        if let Some(answer) = card::read(cause, &text, &from, now) {
            let source = format!("the answer about {cause} ({from})");
            told.extend(Told {
                sources: vec![source],
                answers: vec![answer],
                ..Told::default()
            });
            // One bare word answers one question.
            break;
        }
    }
    let error = told.is_empty().then(|| error_text::read(&text)).flatten();
    Recognised {
        advice: advice::read(&text),
        told,
        error,
    }
}

fn is_report(source: &str) -> bool {
    source.starts_with("SQLCheck") || source.starts_with("Kerberos Configuration Manager")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn several_answers_in_one_paste() {
        let text = "C:\\> setspn -L CORP\\svc_sql\nRegistered ServicePrincipalNames for CN=svc_sql,DC=corp,DC=example:\n        MSSQLSvc/sql1:1433\n\
            C:\\> klist\nCurrent LogonId is 0:0x1\nCached Tickets: (0)\n";
        let told = recognise(text, "pasted", &[], NOW).told;
        assert_eq!(told.sources, ["setspn -L (pasted)", "klist (pasted)"]);
    }

    #[test]
    fn a_bare_word_answers_the_card_that_is_open() {
        assert!(recognise("True", "a", &[], NOW).is_nothing());
        let told = recognise("True", "a", &["secure-channel-broken"], NOW).told;
        assert_eq!(told.answers.len(), 1);
    }

    #[test]
    fn hostile_texts_are_only_texts() {
        let line = "\u{1b}]0;x\u{7}MSSQLSvc/\u{202e}sql1:1433 Login failed for user '\u{1b}[31m'. ";
        let long = line.repeat(super::text::LONGEST / line.len() + 2);
        let read = recognise(&long, "\u{1b}[2Jfile", &["secure-channel-broken"], NOW);
        let shown = serde_json::to_string(&(read.told, read.error)).unwrap();
        assert!(
            !shown.contains("\\u001b") && !shown.contains('\u{202e}'),
            "{shown:.300}"
        );
    }

    /// Pieces of real texts, in any order and number.
    fn pieces() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just("Checking forest DC=corp,DC=example\n".to_owned()),
            Just("CN=a,DC=b\n".to_owned()),
            Just("        MSSQLSvc/sql1:1433\n".to_owned()),
            Just("Existing SPN found!\n".to_owned()),
            Just("setspn -F -Q ".to_owned()),
            Just("Registered ServicePrincipalNames for ".to_owned()),
            Just("Suggested SPN  Exists  Status\n".to_owned()),
            Just("MSSQLSvc/a True SPN is on the wrong account: é,".to_owned()),
            Just("#0> Client: a @ B\n Server: ".to_owned()),
            Just("Keytab name: x\n 1 ".to_owned()),
            Just("Name StartName State\n".to_owned()),
            Just("Login failed for user '".to_owned()),
            Just("error code 0x8009".to_owned()),
            Just("Server=tcp:".to_owned()),
            Just("<a b=\"".to_owned()),
            "\\PC{0,12}",
            "[ \\t\\n'\"\\\\/:;,=<>()\\[\\]]{0,6}",
        ];
        proptest::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn no_text_breaks_a_reader(text in pieces()) {
            let read = recognise(&text, "a", &["client-alias", "credential-guard"], NOW);
            prop_assert!(read.told.lines().len() <= 20_000);
        }

        #[test]
        fn bytes_of_any_sort_are_decoded(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = recognise(&super::text::decode(&bytes), "a", &[], NOW);
        }
    }
}
