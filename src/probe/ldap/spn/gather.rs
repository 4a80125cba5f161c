//! Asks the global catalog: the holders, what is related, and the account that
//! should hold the SPNs, all at once.

use std::sync::Arc;

use serde_json::Value;

use super::classify;
use super::question::Question;
use super::services;
use crate::directory::service_account;
use crate::directory::sid::Sid;
use crate::directory::spn::Spn;
use crate::probe::ldap::connection::Connection;
use crate::probe::ldap::entry::Entry;
use crate::probe::ldap::fault::DirectoryFault;
use crate::probe::ldap::forest::{self, Forest};
use crate::probe::ldap::resolve::{self, Place, Resolution};
use crate::probe::ldap::search::{Found, Search};
use crate::probe::{Context, Evidence};

/// What is wanted of a holder.
const HOLDER: &[&str] = &[
    "sAMAccountName",
    "objectSid",
    "objectClass",
    "userAccountControl",
    "userPrincipalName",
    "servicePrincipalName",
];

/// What the global catalog told.
pub(super) struct Gathered {
    /// Where it was asked.
    pub(super) connection: Arc<Connection>,
    /// The forest that was searched.
    pub(super) forest: Arc<Forest>,
    /// The holders.
    pub(super) found: Found,
    /// Those who hold an SPN of the same class and host; nothing unless asked.
    pub(super) related: Option<Found>,
    /// Those who hold an SPN of another service of the host; nothing unless asked.
    pub(super) services: Option<Found>,
    /// The SID of the account that should hold them.
    pub(super) expected_sid: Option<Sid>,
    /// Its record, null when it is not known.
    pub(super) expected_account: Value,
}

/// Asks; when the connection breaks, once more.
pub(super) async fn gather(
    context: &Context,
    question: &Question<'_>,
    evidence: &mut Vec<Evidence>,
) -> Result<Gathered, DirectoryFault> {
    match once(context, question, evidence).await {
        Err(fault) if fault.is_broken() => once(context, question, evidence).await,
        other => other,
    }
}

async fn once(
    context: &Context,
    question: &Question<'_>,
    evidence: &mut Vec<Evidence>,
) -> Result<Gathered, DirectoryFault> {
    let directory = &context.session.directory;
    let (connection, forest) = directory
        .catalog(context, question.domain, question.server)
        .await?;
    let holders_filter = question.holders_filter();
    let related_filter = question.related_filter().filter(|_| question.also_for_host);
    let holders = Search::below("", &holders_filter, HOLDER);
    let (mut first, mut second, mut third) = (Vec::new(), Vec::new(), Vec::new());
    let services_filter = services::filter(&question.spns).filter(|_| question.also_for_host);
    let (found, related, expected, services) = tokio::join!(
        resolve::ask(context, &connection, &holders, &forest, &mut first),
        async {
            match &related_filter {
                Some(filter) => {
                    let search = Search::below("", filter, HOLDER);
                    resolve::ask(context, &connection, &search, &forest, &mut second)
                        .await
                        .map(Some)
                }
                None => Ok(None),
            }
        },
        expected(context, question, &connection, &forest, &mut third),
        async {
            let search = Search::below("", services_filter.as_deref()?, HOLDER);
            directory.search(context, &connection, &search).await.ok()
        },
    );
    if let (Ok(found), Some(evidence)) = (&found, first.first_mut()) {
        evidence.saw = in_words(question, &found.entries, &forest);
    }
    evidence.extend(first.into_iter().chain(second).chain(third));
    let (expected_sid, expected_account) = expected?;
    Ok(Gathered {
        found: found?,
        related: related?,
        services,
        connection,
        forest,
        expected_sid,
        expected_account,
    })
}

/// Who holds each SPN, a line each.
fn in_words(question: &Question<'_>, entries: &[Entry], forest: &Forest) -> String {
    let lines: Vec<String> = question
        .spns
        .iter()
        .map(|spn| {
            let answer = classify::answer(spn, entries);
            let holders = forest::names(&classify::accounts(forest, &answer.holders));
            let collisions = forest::names(&classify::accounts(forest, &answer.collisions));
            match (holders.as_str(), collisions.as_str()) {
                ("", "") => format!("{spn}: nobody holds it"),
                (holders, "") => format!("{spn}: {holders}"),
                ("", collisions) => {
                    format!("{spn}: nobody; it is the userPrincipalName of {collisions}")
                }
                (holders, collisions) => {
                    format!("{spn}: {holders}; it is also the userPrincipalName of {collisions}")
                }
            }
        })
        .collect();
    lines.join("\n")
}

/// The SID and the record of the account that should hold the SPNs.
async fn expected(
    context: &Context,
    question: &Question<'_>,
    connection: &Arc<Connection>,
    forest: &Forest,
    evidence: &mut Vec<Evidence>,
) -> Result<(Option<Sid>, Value), DirectoryFault> {
    let Some(expected) = question.expected else {
        return Ok((None, Value::Null));
    };
    let host = Spn::parse(&question.spns[0])
        .ok()
        .map(|spn| spn.host().to_owned());
    let text = service_account::understand(expected, host.as_deref());
    let place = Place {
        connection,
        forest,
        domain: question.domain,
        host: host.as_deref(),
    };
    let given = Sid::parse(expected);
    match resolve::resolve(context, &place, &text, evidence).await? {
        Resolution::One(entry) => Ok((entry.sid("objectSid"), forest.account(&entry))),
        _ => Ok((given, Value::Null)),
    }
}
