//! The same SPN in the forests that this one trusts, or that trust it: an SPN is
//! unique in a forest only.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{HOLDER, holders, holders_filter};
use crate::directory::naming;
use crate::probe::attempt::attempt;
use crate::probe::ldap::fault::DirectoryFault;
use crate::probe::ldap::forest;
use crate::probe::ldap::search::Search;
use crate::probe::{Context, Evidence, OutcomeBuilder};

/// Trusts with another forest (TRUST_ATTRIBUTE_FOREST_TRANSITIVE, [MS-ADTS]
/// 6.1.6.7.9).
const FOREST_TRUSTS: &str =
    "(&(objectClass=trustedDomain)(trustAttributes:1.2.840.113556.1.4.803:=8))";
/// How many forests are asked at most.
const MOST: usize = 6;
/// How long each is given.
const TIME: Duration = Duration::from_secs(6);

/// What one forest says.
pub(super) struct View {
    forest: String,
    /// Each SPN on each account: `spn`, `account`.
    result: Result<Vec<Value>, String>,
    elapsed_ms: u64,
}

impl View {
    /// For the evidence.
    pub(super) fn evidence(&self) -> Evidence {
        Evidence {
            asked: format!(
                "global catalog of the trusted forest {}: who holds the SPNs",
                self.forest
            ),
            saw: match &self.result {
                Ok(pairs) if pairs.is_empty() => "nobody".to_owned(),
                Ok(pairs) => forest::names(&accounts(pairs)),
                Err(what) => what.clone(),
            },
            elapsed_ms: Some(self.elapsed_ms),
            credential: None,
        }
    }
}

/// Asks all of them at the same time.
pub(super) async fn ask(
    context: &Context,
    domain: &str,
    spns: &[String],
) -> Result<Vec<View>, DirectoryFault> {
    let directory = &context.session.directory;
    let (catalog, _) = directory.catalog(context, domain, None).await?;
    let search = Search::below("", FOREST_TRUSTS, &["trustPartner"]);
    let found = directory.search(context, &catalog, &search).await?;
    let mut partners: Vec<String> = Vec::new();
    for partner in found
        .entries
        .iter()
        .filter_map(|entry| entry.text("trustPartner"))
        .filter(|partner| !naming::same_name(partner, domain))
    {
        if !partners
            .iter()
            .any(|known| naming::same_name(known, &partner))
        {
            partners.push(partner);
        }
    }
    partners.truncate(MOST);
    Ok(join_all(
        partners
            .into_iter()
            .map(|partner| one(context, partner, spns)),
    )
    .await)
}

async fn one(context: &Context, partner: String, spns: &[String]) -> View {
    let started = Instant::now();
    let deadline = context.deadline.min(started + TIME);
    let work = async {
        let directory = &context.session.directory;
        let (catalog, name) = directory.catalog_alone(context, &partner, None).await?;
        let filter = holders_filter(spns);
        let search = Search::below("", &filter, HOLDER);
        let (forest, found) = tokio::join!(
            directory.forest(context, &catalog, &name),
            directory.search(context, &catalog, &search),
        );
        let (forest, found) = (forest?, found?);
        let mut pairs: Vec<Value> = Vec::new();
        for (spn, accounts) in spns.iter().zip(holders(spns, &found.entries, &forest)) {
            for account in accounts {
                pairs.push(json!({ "spn": spn, "account": account }));
            }
        }
        Ok::<Vec<Value>, DirectoryFault>(pairs)
    };
    let work = async {
        match tokio::time::timeout_at(deadline, work).await {
            Ok(result) => result.map_err(|fault| fault.to_string()),
            Err(_) => Err("no answer in time".to_owned()),
        }
    };
    let result = attempt(&partner, work, Result::is_ok).await;
    View {
        forest: partner,
        result,
        elapsed_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
    }
}

/// The accounts of some pairs, each once.
fn accounts(pairs: &[Value]) -> Vec<Value> {
    let mut accounts: Vec<Value> = Vec::new();
    for pair in pairs {
        if !accounts.contains(&pair["account"]) {
            accounts.push(pair["account"].clone());
        }
    }
    accounts
}

/// The facts.
pub(super) fn tell(outcome: &mut OutcomeBuilder, seen: &[View]) {
    let forests: Vec<&str> = seen.iter().map(|view| view.forest.as_str()).collect();
    let pairs: Vec<Value> = seen
        .iter()
        .filter_map(|view| view.result.as_ref().ok())
        .flatten()
        .cloned()
        .collect();
    let unanswered: Vec<String> = seen
        .iter()
        .filter_map(|view| Some(format!("{}: {}", view.forest, view.result.as_ref().err()?)))
        .collect();
    outcome
        .fact("trusted_forests", forests)
        .fact("foreign_holders", accounts(&pairs))
        .fact("foreign_pairs", pairs)
        .fact("unanswered_forests", unanswered);
}
