//! `pasted-spn`: who holds an SPN, as somebody else's tool says.

use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::identity::{self, Wanted};
use super::{TOLD_ARGUMENT, source, told};
use crate::directory::spn::same;
use crate::pasted::Told;
use crate::pasted::told::{Identity, SearchResult};
use crate::probe::declaration::ACCOUNT;
use crate::probe::declare::{fact, fault, good, optional, required, unknown};
use crate::probe::{
    Consent, Context, FactDeclaration, FactKind, Outcome, OutcomeBuilder, Probe, ProbeDeclaration,
    ProbeRequest,
};

const SPNS: FactKind = FactKind::List(&FactKind::Spn);
const ACCOUNTS: FactKind = FactKind::List(&ACCOUNT);
const PAIRS: FactKind = FactKind::List(&FactKind::Record(&[
    fact("spn", FactKind::Spn, "the SPN"),
    fact("account", ACCOUNT, "who holds it and should not"),
]));

const FACTS: &[FactDeclaration] = &[
    fact("spn", FactKind::Spn, "the first of `spns`"),
    fact("holders", ACCOUNTS, "who holds it, as far as was told"),
    fact("holder", ACCOUNT, "the one account that holds it"),
    fact(
        "expected_account",
        ACCOUNT,
        "the account that SQL Server runs under; null when its domain is not certain",
    ),
    fact(
        "expected_name",
        FactKind::AccountName,
        "the same by its name, as it was typed or told",
    ),
    fact(
        "expected_holds",
        FactKind::Boolean,
        "whether that account holds it; null when the texts do not say",
    ),
    fact(
        "wrong_holders",
        ACCOUNTS,
        "the holders that are certainly not that account",
    ),
    fact(
        "wrong_pairs",
        PAIRS,
        "the first SPN on each of them; null when a repair would lack something",
    ),
    fact(
        "missing_spns",
        SPNS,
        "those of `spns` that nobody holds, as was told",
    ),
    fact(
        "present_spns",
        SPNS,
        "those of `spns` that one account holds, as was told",
    ),
    fact(
        "whole_forest",
        FactKind::Boolean,
        "whether the whole forest was searched",
    ),
    fact("source", FactKind::Text, "which texts say so"),
];

static DECLARATION: ProbeDeclaration = ProbeDeclaration {
    key: "pasted-spn",
    title: "Who holds the SPN, as told",
    help: "Reads from pasted answers of setspn, a SQLCheck report or an export of Kerberos \
           Configuration Manager who holds the SPNs. For when the directory does not let you look. \
           Asks nobody. The status is about the first of `spns`.",
    consent: Consent::Silent,
    deadline: Duration::from_secs(1),
    arguments: &[
        required(
            "spns",
            SPNS,
            "the SPNs; the first is the one that the client asks for",
        ),
        optional("host", FactKind::HostName, "the server's name"),
        optional("instance", FactKind::Text, "the named instance"),
        optional("domain", FactKind::HostName, "the server's domain"),
        optional(
            "expected",
            FactKind::AccountName,
            "the account that SQL Server runs under; else the one that was told",
        ),
        TOLD_ARGUMENT,
    ],
    statuses: &[
        good("held", "one account holds it"),
        fault(
            "missing",
            "nobody in the forest holds it, or the service's account lacks it",
        ),
        fault("duplicate", "two or more accounts hold it"),
        unknown(
            "partly",
            "an account holds it, or nobody in one domain does, and the rest was not searched",
        ),
        unknown("not-told", "nothing that was told is about this SPN"),
    ],
    facts: FACTS,
};

/// The probe `pasted-spn`.
pub(super) struct PastedSpn;

impl Probe for PastedSpn {
    fn declaration(&self) -> &'static ProbeDeclaration {
        &DECLARATION
    }

    fn observe<'a>(
        &'a self,
        request: &'a ProbeRequest,
        _context: &'a Context,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move { observe(request) })
    }
}

/// What was told about one SPN.
#[derive(Default)]
struct About {
    holders: Vec<Identity>,
    results: Vec<SearchResult>,
    whole_forest: bool,
    /// Whether a tool that knows the service account says so.
    by_account: bool,
    sources: Vec<String>,
}

impl About {
    fn of(spn: &str, told: &Told) -> Self {
        let mut about = Self::default();
        for search in told.searches.iter().filter(|search| same(&search.spn, spn)) {
            about.results.push(search.result);
            about.whole_forest |= search.whole_forest;
            about.by_account |= search.service_account.is_some();
            about.sources.push(search.source.clone());
        }
        for holder in told.holders.iter().filter(|holder| same(&holder.spn, spn)) {
            let known = about.holders.iter_mut().find(|known| {
                // The same object told twice, once with its name.
                let names = known
                    .distinguished_name
                    .as_deref()
                    .zip(holder.who.distinguished_name.as_deref());
                names.is_some_and(|(one, other)| one.eq_ignore_ascii_case(other))
                    || **known == holder.who
            });
            match known {
                Some(known) => {
                    if known.account.is_none() {
                        known.account.clone_from(&holder.who.account);
                    }
                }
                None => about.holders.push(holder.who.clone()),
            }
            about.sources.push(holder.source.clone());
        }
        about.sources.sort();
        about.sources.dedup();
        about
    }

    /// The accounts that are certainly different ones: told with a
    /// distinguished name each.
    fn distinct(&self) -> usize {
        let named = self
            .holders
            .iter()
            .filter(|who| who.distinguished_name.is_some())
            .count();
        named.max(usize::from(!self.holders.is_empty()))
    }

    fn status(&self) -> &'static str {
        let said = |result| self.results.contains(&result);
        if said(SearchResult::Duplicate) || self.distinct() > 1 {
            "duplicate"
        } else if said(SearchResult::Missing) && self.holders.is_empty() {
            if self.whole_forest || self.by_account {
                "missing"
            } else {
                "partly"
            }
        } else if said(SearchResult::Held)
            || said(SearchResult::HeldRightly)
            || said(SearchResult::HeldWrongly)
        {
            "held"
        } else if self.holders.is_empty() {
            "not-told"
        } else {
            "partly"
        }
    }
}

pub(super) fn observe(request: &ProbeRequest) -> Outcome {
    let mut outcome = Outcome::of(&DECLARATION);
    let told = told(request);
    let spns = match request.texts("spns") {
        Ok(spns) if !spns.is_empty() => spns,
        Ok(_) => return outcome.not_observed("the flow did not say which SPN"),
        Err(fault) => return outcome.not_observed(&fault.to_string()),
    };
    let spn = &spns[0];
    outcome.by_hand_windows(format!("setspn -F -Q {spn}"));
    let about = About::of(spn, &told);
    let host = request.optional_text("host");
    let of_service = super::service::of(&told, host, request.optional_text("instance"));
    let expected = request
        .optional_text("expected")
        .map(str::to_owned)
        .or_else(|| of_service.and_then(|service| service.account.clone()))
        .or_else(|| {
            let mut searches = told.searches.iter().filter(|search| same(&search.spn, spn));
            searches.find_map(|search| search.service_account.clone())
        });
    let wanted = expected.and_then(|expected| Wanted::new(&expected, host, &told));
    let status = about.status();
    tell(&mut outcome, spn, &about, wanted.as_ref(), request);
    forms(&mut outcome, &spns, &told);
    outcome.summary(match status {
        "not-told" => "nothing was told about it".to_owned(),
        "partly" => "told in part".to_owned(),
        "held" => format!(
            "told: {}",
            about
                .holders
                .first()
                .map_or_else(|| "held".to_owned(), Identity::words)
        ),
        other => format!("told: {other}"),
    });
    if matches!(status, "not-told" | "partly") {
        outcome.reason(format!(
            "what was told does not say for the whole forest who holds {spn}; somebody who may look runs: setspn -F -Q {spn}"
        ));
    }
    outcome.finish(status)
}

fn tell(
    outcome: &mut OutcomeBuilder,
    spn: &str,
    about: &About,
    wanted: Option<&Wanted>,
    request: &ProbeRequest,
) {
    for one in &about.sources {
        let mut saw: Vec<String> = about
            .results
            .iter()
            .map(|result| result.words().to_owned())
            .collect();
        saw.extend(
            about
                .holders
                .iter()
                .map(|who| format!("held by {}", who.words())),
        );
        saw.dedup();
        outcome.saw(source(one), format!("{spn}: {}", saw.join("; ")));
    }
    let records: Vec<Value> = about.holders.iter().map(identity::record).collect();
    let is = |who: &Identity| wanted.and_then(|wanted| wanted.is(who));
    let by_tool = |result| about.results.contains(&result);
    let right = match about.holders.as_slice() {
        [who] => is(who),
        _ => None,
    };
    let right = right.or(if by_tool(SearchResult::HeldRightly) {
        Some(true)
    } else if by_tool(SearchResult::HeldWrongly) {
        Some(false)
    } else {
        None
    });
    let wrong: Vec<Value> = about
        .holders
        .iter()
        .zip(&records)
        .filter(|(who, _)| {
            is(who) == Some(false) || about.holders.len() == 1 && right == Some(false)
        })
        .map(|(_, record)| record.clone())
        .collect();
    let account = wanted.map_or(Value::Null, |wanted| {
        wanted.record(request.optional_text("domain"))
    });
    let certain = !account.is_null()
        && !wrong.is_empty()
        && wrong.iter().all(identity::is_complete)
        && (right == Some(false) || wrong.len() + 1 == records.len());
    let pairs: Value = if certain {
        wrong
            .iter()
            .map(|one| json!({ "spn": spn, "account": one }))
            .collect()
    } else {
        Value::Null
    };
    outcome
        .fact("spn", spn)
        .fact(
            "holder",
            if let [one] = records.as_slice() {
                one.clone()
            } else {
                Value::Null
            },
        )
        .fact("holders", records)
        .fact("expected_account", account)
        .fact("expected_name", wanted.map(|wanted| wanted.typed.clone()))
        .fact("expected_holds", right)
        .fact("wrong_holders", wrong)
        .fact("wrong_pairs", pairs)
        .fact("whole_forest", about.whole_forest)
        .fact("source", about.sources.join(", "));
}

fn forms(outcome: &mut OutcomeBuilder, spns: &[String], told: &Told) {
    let of = |status: &str| -> Vec<String> {
        spns.iter()
            .filter(|spn| About::of(spn, told).status() == status)
            .cloned()
            .collect()
    };
    outcome
        .fact("missing_spns", of("missing"))
        .fact("present_spns", of("held"));
}

#[cfg(test)]
mod tests;
