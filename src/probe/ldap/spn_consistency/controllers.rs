//! The same question to every domain controller of the domain.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{HOLDER, Holders, holders, holders_filter, identity};
use crate::directory::naming;
use crate::probe::attempt::attempt;
use crate::probe::ldap::fault::DirectoryFault;
use crate::probe::ldap::forest;
use crate::probe::ldap::reach::{self, Role};
use crate::probe::ldap::search::Search;
use crate::probe::{Context, Evidence, Outcome, OutcomeBuilder};

/// How many controllers are asked at most.
const MOST: usize = 12;
/// How long each is given.
const TIME: Duration = Duration::from_secs(6);

/// What one controller says.
pub(super) struct View {
    controller: String,
    result: Result<Holders, String>,
    elapsed_ms: u64,
}

impl View {
    /// For the evidence.
    pub(super) fn evidence(&self) -> Evidence {
        Evidence {
            asked: format!("domain controller {}: who holds the SPNs", self.controller),
            saw: match &self.result {
                Ok(holders) => words(holders),
                Err(what) => what.clone(),
            },
            elapsed_ms: Some(self.elapsed_ms),
            credential: None,
        }
    }
}

/// Who holds the SPNs, in words: those of the first that differ suffice.
fn words(holders: &Holders) -> String {
    let lists: Vec<String> = holders
        .iter()
        .map(|accounts| match accounts.as_slice() {
            [] => "nobody".to_owned(),
            some => forest::names(some),
        })
        .collect();
    match lists.split_first() {
        Some((first, rest)) if rest.iter().all(|other| other == first) => first.clone(),
        _ => lists.join(" / "),
    }
}

/// Asks all of them at the same time.
pub(super) async fn ask(
    context: &Context,
    domain: &str,
    spns: &[String],
) -> Result<Vec<View>, DirectoryFault> {
    let session = &context.session;
    let mut hosts =
        reach::candidates(session, Role::DomainController, domain, context.deadline).await?;
    hosts.truncate(MOST);
    Ok(join_all(
        hosts
            .into_iter()
            .map(|host| one(context, domain, spns, host)),
    )
    .await)
}

async fn one(context: &Context, domain: &str, spns: &[String], host: String) -> View {
    let started = Instant::now();
    let deadline = context.deadline.min(started + TIME);
    let work = async {
        let directory = &context.session.directory;
        let connection = directory.controller(context, domain, Some(&host)).await?;
        let name = directory.forest_of(context, domain).await?;
        let forest = directory.forest(context, &connection, &name).await?;
        let base = naming::distinguished_name_of(domain);
        let filter = holders_filter(spns);
        let search = Search::below(&base, &filter, HOLDER);
        let found = directory.search(context, &connection, &search).await?;
        Ok::<Holders, DirectoryFault>(holders(spns, &found.entries, &forest))
    };
    let work = async {
        match tokio::time::timeout_at(deadline, work).await {
            Ok(result) => result.map_err(|fault| fault.to_string()),
            Err(_) => Err("no answer in time".to_owned()),
        }
    };
    let result = attempt(&host, work, Result::is_ok).await;
    View {
        controller: host,
        result,
        elapsed_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
    }
}

/// The distinguished name of the one account that holds the first SPN on the
/// first controller that knows any.
pub(super) fn only_holder(seen: &[View]) -> Option<String> {
    let holders = seen
        .iter()
        .filter_map(|view| view.result.as_ref().ok()?.first())
        .find(|holders| !holders.is_empty())?;
    match holders.as_slice() {
        [only] => only["distinguished_name"].as_str().map(str::to_owned),
        _ => None,
    }
}

/// The first SPN of which two controllers say different things.
fn disagreement(spns: &[String], answers: &[(&str, &Holders)]) -> Option<usize> {
    let (_, first) = answers.first()?;
    (0..spns.len()).find(|&index| {
        let expected = identity(&first[index]);
        answers
            .iter()
            .any(|(_, other)| identity(&other[index]) != expected)
    })
}

/// The facts and the status.
pub(super) fn tell(mut outcome: OutcomeBuilder, spns: &[String], seen: &[View]) -> Outcome {
    let answers: Vec<(&str, &Holders)> = seen
        .iter()
        .filter_map(|view| Some((view.controller.as_str(), view.result.as_ref().ok()?)))
        .collect();
    let unanswered: Vec<String> = seen
        .iter()
        .filter_map(|view| {
            let what = view.result.as_ref().err()?;
            Some(format!("{}: {what}", view.controller))
        })
        .collect();
    let records: Vec<Value> = seen
        .iter()
        .map(|view| {
            json!({
                "controller": view.controller,
                "holders": view.result.as_ref().ok().and_then(|holders| holders.first()),
                "words": match &view.result {
                    Ok(holders) => words(holders),
                    Err(what) => what.clone(),
                },
            })
        })
        .collect();
    outcome
        .fact("by_controller", records)
        .fact("unanswered", unanswered.clone());
    if answers.is_empty() {
        outcome.reason(unanswered.join("; "));
        outcome.summary("no answer");
        return outcome.finish("unreachable");
    }
    let differing = disagreement(spns, &answers);
    let told = differing.unwrap_or_default();
    let seen: Vec<String> = answers
        .iter()
        .map(|(controller, holders)| {
            let names = match holders[told].as_slice() {
                [] => "nobody".to_owned(),
                some => forest::names(some),
            };
            format!("{controller}: {names}")
        })
        .collect();
    outcome.fact("seen", seen).fact("spn", spns[told].clone());
    let count = answers.len();
    if differing.is_some() {
        outcome.summary("they differ");
        return outcome.finish("differ");
    }
    let silent = match unanswered.len() {
        0 => String::new(),
        1 => ", one did not answer".to_owned(),
        several => format!(", {several} did not answer"),
    };
    outcome.summary(if count == 1 {
        format!("one domain controller{silent}")
    } else {
        format!("{count} domain controllers agree{silent}")
    });
    outcome.finish("agree")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::ldap::spn_consistency::declaration::DECLARATION;

    fn view(controller: &str, result: Result<&[&str], &str>) -> View {
        let accounts = |names: &[&str]| -> Vec<Value> {
            names
                .iter()
                .map(|name| json!({ "name": name, "sid": format!("S-1-{name}") }))
                .collect()
        };
        View {
            controller: controller.to_owned(),
            result: result
                .map(|names| vec![accounts(names)])
                .map_err(str::to_owned),
            elapsed_ms: 1,
        }
    }

    fn told(seen: &[View]) -> Outcome {
        tell(
            Outcome::of(&DECLARATION),
            &["MSSQLSvc/x:1".to_owned()],
            seen,
        )
    }

    #[test]
    fn a_controller_that_lacks_it_is_named() {
        let outcome = told(&[view("dc1", Ok(&["svc"])), view("dc3", Ok(&[]))]);
        assert_eq!(outcome.status, "differ");
        assert_eq!(outcome.fact("seen"), &json!(["dc1: svc", "dc3: nobody"]));
    }

    #[test]
    fn silence_is_no_disagreement() {
        let outcome = told(&[view("dc1", Ok(&["svc"])), view("dc3", Err("no answer"))]);
        assert_eq!(outcome.status, "agree");
        assert_eq!(outcome.fact("unanswered"), &json!(["dc3: no answer"]));
        assert_eq!(told(&[view("dc1", Err("no"))]).status, "unreachable");
    }
}
