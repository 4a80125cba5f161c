//! Finds an account in its forest, or in one that this forest trusts, and reads
//! it on a controller of its own domain: the global catalog has too little.

use std::sync::Arc;

use serde_json::Value;

use super::account::observed::{ATTRIBUTES, Observed};
use super::connection::{Connection, milliseconds};
use super::connections::Connections;
use super::fault::{DirectoryFault, FaultKind};
use super::forest::{self, Forest};
use super::resolve::{self, Place, Resolution};
use super::search::Search;
use crate::directory::filter;
use crate::directory::naming;
use crate::directory::security_descriptor::SecurityDescriptor;
use crate::directory::service_account::{self, AccountText};
use crate::directory::sid::Sid;
use crate::probe::{Context, Evidence};

/// Which account.
#[derive(Clone, Copy, Debug)]
pub(super) struct AccountQuestion<'a> {
    /// The account in any form.
    pub(super) account: &'a str,
    /// A domain of its forest.
    pub(super) domain: &'a str,
    /// The server's name, for accounts that act as the computer.
    pub(super) host: Option<&'a str>,
    /// The controller to ask instead of one found.
    pub(super) server: Option<&'a str>,
}

/// What was found.
pub(super) enum Lookup {
    /// One account.
    Found(Box<AccountRead>),
    /// None; why, as a sentence.
    NotFound(String),
    /// Several.
    Ambiguous(Vec<Value>),
    /// No domain can know it; why, as a sentence.
    Local(String),
}

impl Lookup {
    /// The one account, or why there is none, as a sentence.
    pub(super) fn one(self) -> Result<Box<AccountRead>, String> {
        match self {
            Self::Found(read) => Ok(read),
            Self::NotFound(why) | Self::Local(why) => Err(why),
            Self::Ambiguous(candidates) => {
                Err(format!("the name fits {}", forest::names(&candidates)))
            }
        }
    }
}

/// An account and where it was read.
pub(super) struct AccountRead {
    /// Its names.
    pub(super) record: Value,
    /// What was read.
    pub(super) observed: Observed,
    /// Its forest.
    pub(super) forest: Arc<Forest>,
    /// Where its forest is searched.
    pub(super) catalog: Arc<Connection>,
    /// Where it was read.
    pub(super) controller: Arc<Connection>,
}

/// Where accounts of a forest are looked for.
type Searched = (Arc<Connection>, Arc<Forest>);

/// Finds and reads an account; when a connection breaks, once more.
pub(super) async fn account(
    context: &Context,
    question: &AccountQuestion<'_>,
    evidence: &mut Vec<Evidence>,
) -> Result<Lookup, DirectoryFault> {
    match find_and_read(context, question, evidence).await {
        Err(fault) if fault.is_broken() => find_and_read(context, question, evidence).await,
        other => other,
    }
}

async fn find_and_read(
    context: &Context,
    question: &AccountQuestion<'_>,
    evidence: &mut Vec<Evidence>,
) -> Result<Lookup, DirectoryFault> {
    let text = service_account::understand(question.account, question.host);
    if let AccountText::Local { .. } | AccountText::NoNetworkIdentity { .. } = text {
        return Ok(Lookup::Local(text.meaning()));
    }
    let directory = &context.session.directory;
    // The account's own controller is most often one of this domain: it is
    // opened meanwhile.
    let (place, _) = tokio::join!(
        searched(context, question.domain, question.server),
        directory.controller(context, question.domain, question.server),
    );
    let mut place = place?;
    let mut domain = question.domain.to_owned();
    let mut resolution = find(context, question, &place, &domain, &text, evidence).await?;
    if let Some(other) = elsewhere(context, &resolution, &text, &place, evidence).await {
        place = searched(context, &other, None).await?;
        resolution = find(context, question, &place, &other, &text, evidence).await?;
        domain = other;
    }
    let (catalog, forest) = place;
    let entry = match resolution {
        Resolution::One(entry) => entry,
        Resolution::Nothing(why) => return Ok(Lookup::NotFound(why)),
        Resolution::OtherDomain(name) => {
            return Ok(Lookup::NotFound(format!(
                "the forest {} has no domain {name}, and no trust leads to one",
                forest.name
            )));
        }
        Resolution::Several(entries) => {
            return Ok(Lookup::Ambiguous(
                entries.iter().map(|entry| forest.account(entry)).collect(),
            ));
        }
        Resolution::Local(why) => return Ok(Lookup::Local(why)),
    };
    let home = naming::domain_of(&entry.distinguished_name).unwrap_or(domain);
    let server = question
        .server
        .filter(|_| naming::same_name(&home, question.domain));
    let controller = directory.controller(context, &home, server).await?;
    let observed = read(context, &controller, &entry.distinguished_name, evidence).await?;
    Ok(Lookup::Found(Box::new(AccountRead {
        record: forest.account(&entry),
        observed,
        forest,
        catalog,
        controller,
    })))
}

/// The forest's global catalog; without one, a controller of the domain, which
/// knows its own domain only.
async fn searched(
    context: &Context,
    domain: &str,
    server: Option<&str>,
) -> Result<Searched, DirectoryFault> {
    let directory = &context.session.directory;
    match directory.catalog(context, domain, None).await {
        Err(fault) if fault.kind() != FaultKind::NotReadable => {
            let controller = directory.controller(context, domain, server).await?;
            let root = controller.root(context.deadline).await?;
            let name = root.forest().unwrap_or_else(|| domain.to_owned());
            let forest = directory.forest(context, &controller, &name).await?;
            Ok((controller, forest))
        }
        other => other,
    }
}

async fn find(
    context: &Context,
    question: &AccountQuestion<'_>,
    (connection, forest): &Searched,
    domain: &str,
    text: &AccountText,
    evidence: &mut Vec<Evidence>,
) -> Result<Resolution, DirectoryFault> {
    let place = Place {
        connection,
        forest,
        domain,
        host: question.host,
    };
    resolve::resolve(context, &place, text, evidence).await
}

/// A domain of another forest that the text names: by its DNS name, or by the
/// NetBIOS name that a trust of this forest knows.
async fn elsewhere(
    context: &Context,
    resolution: &Resolution,
    text: &AccountText,
    (connection, forest): &Searched,
    evidence: &mut Vec<Evidence>,
) -> Option<String> {
    let name = match (resolution, text) {
        (Resolution::OtherDomain(name), _) => name.clone(),
        (Resolution::Nothing(_), AccountText::PrincipalName(principal)) => {
            let (_, suffix) = principal.rsplit_once('@')?;
            if forest.domain(suffix).is_some() {
                return None;
            }
            suffix.to_owned()
        }
        _ => return None,
    };
    if name.contains('.') {
        let other = context
            .session
            .directory
            .forest_of(context, &name)
            .await
            .ok()?;
        return (!naming::same_name(&other, &forest.name)).then_some(name);
    }
    let filter = format!(
        "(&(objectClass=trustedDomain){})",
        filter::equals("flatName", &name)
    );
    let search = Search::below("", &filter, &["trustPartner", "flatName"]);
    let found = resolve::ask(context, connection, &search, forest, evidence)
        .await
        .ok()?;
    found.entries.first()?.text("trustPartner")
}

/// Reads an account on a controller of its domain, all at once: its attributes
/// with those that the server works out for one object only, its groups, and
/// our own.
pub(super) async fn read(
    context: &Context,
    controller: &Connection,
    distinguished_name: &str,
    evidence: &mut Vec<Evidence>,
) -> Result<Observed, DirectoryFault> {
    let started = tokio::time::Instant::now();
    let object = Search::object(distinguished_name, ATTRIBUTES);
    let groups = Search::object(distinguished_name, &["tokenGroups"]);
    let directory = &context.session.directory;
    let (found, groups, ours) = tokio::join!(
        directory.search(context, controller, &object),
        directory.search(context, controller, &groups),
        controller.own_sids(context.deadline),
    );
    let entry = found?.entries.into_iter().next();
    let mut told = Evidence {
        asked: format!(
            "{} {}: the object {distinguished_name}",
            controller.role().words(),
            controller.server()
        ),
        saw: "its attributes".to_owned(),
        elapsed_ms: Some(milliseconds(started)),
        credential: Some(controller.credential()),
    };
    let Some(entry) = entry else {
        "it does not show us the object".clone_into(&mut told.saw);
        evidence.push(told);
        return Err(DirectoryFault::Search {
            server: controller.server(),
            what: format!("it does not show us {distinguished_name}"),
        });
    };
    let descriptor = entry
        .bytes("nTSecurityDescriptor")
        .first()
        .and_then(|bytes| SecurityDescriptor::parse(bytes));
    let observed = Observed {
        token_groups: groups.ok().and_then(|found| {
            let sids = found.entries.first()?.sids("tokenGroups");
            (!sids.is_empty()).then_some(sids)
        }),
        our_sids: with_everyone(ours.unwrap_or_default(), controller),
        descriptor,
        entry,
    };
    told.saw = observed.words();
    evidence.push(told);
    Ok(observed)
}

/// Everyone who signed in is one of these too, whether the server says so or
/// not.
fn with_everyone(mut sids: Vec<Sid>, controller: &Connection) -> Vec<Sid> {
    if controller.as_whom().is_some() {
        for sid in [Sid::everyone(), Sid::authenticated_users()] {
            if !sids.contains(&sid) {
                sids.push(sid);
            }
        }
    }
    sids
}

impl Connections {
    /// The accounts with these SIDs, looked up where the forest is searched.
    pub(super) async fn accounts_of(
        &self,
        context: &Context,
        read: &AccountRead,
        sids: &[Sid],
    ) -> Vec<Value> {
        resolve::by_sids(context, &read.catalog, &read.forest, sids)
            .await
            .unwrap_or_else(|_| sids.iter().map(super::forest::unknown_account).collect())
    }
}
