//! From an account text to the object in the directory: by SID, by name and
//! domain, by user principal name, never by a name alone when there is more.

use std::sync::Arc;

use super::connection::{Connection, milliseconds};
use super::entry::Entry;
use super::fault::DirectoryFault;
use super::forest::{Forest, NAMING};
use super::search::{Found, Search};
use crate::directory::filter;
use crate::directory::naming;
use crate::directory::service_account::{self, AccountText};
use crate::directory::sid::Sid;
use crate::probe::{Context, Evidence};

/// Where to look for an account.
pub(super) struct Place<'a> {
    /// A global catalog, or a controller when there is none.
    pub(super) connection: &'a Arc<Connection>,
    /// The forest.
    pub(super) forest: &'a Forest,
    /// The domain in which a bare name is looked for.
    pub(super) domain: &'a str,
    /// The server's name, for accounts that act as the computer.
    pub(super) host: Option<&'a str>,
}

/// What a text came to.
#[derive(Debug)]
pub(super) enum Resolution {
    /// One object.
    One(Box<Entry>),
    /// Nothing; why, as a sentence.
    Nothing(String),
    /// The text names a domain that the forest does not have.
    OtherDomain(String),
    /// Several objects.
    Several(Vec<Entry>),
    /// No domain can know it; why, as a sentence.
    Local(String),
}

/// Looks for the account and tells in `evidence` what was asked.
pub(super) async fn resolve(
    context: &Context,
    place: &Place<'_>,
    text: &AccountText,
    evidence: &mut Vec<Evidence>,
) -> Result<Resolution, DirectoryFault> {
    // A global catalog is searched as a whole, a controller in its own domain.
    let everywhere = match place.connection.role() {
        super::reach::Role::GlobalCatalog => String::new(),
        super::reach::Role::DomainController => naming::distinguished_name_of(place.domain),
    };
    let by_name = |name: &str| {
        filter::any(&[
            filter::equals("sAMAccountName", name),
            filter::equals("sAMAccountName", &format!("{name}$")),
        ])
    };
    let (base, filter, exact) = match text {
        AccountText::Local { .. } | AccountText::NoNetworkIdentity { .. } => {
            return Ok(Resolution::Local(text.meaning()));
        }
        AccountText::Computer { what } => {
            let Some(host) = place.host else {
                return Ok(Resolution::Nothing(format!(
                    "this is {what}, but which computer it is on was not given"
                )));
            };
            (everywhere, computer_filter(host), None)
        }
        AccountText::InDomain { domain, name } => {
            let Some(domain) = place.forest.domain(domain) else {
                return Ok(Resolution::OtherDomain(domain.clone()));
            };
            (
                domain.distinguished_name.clone(),
                by_name(name),
                Some(name.as_str()),
            )
        }
        AccountText::PrincipalName(principal) => {
            let (base, filter) = principal_name(place.forest, principal, everywhere);
            (base, filter, principal.split('@').next())
        }
        AccountText::Bare(name) => {
            let base = naming::distinguished_name_of(place.domain);
            (base, by_name(name), Some(name.as_str()))
        }
        AccountText::Sid(sid) => (
            everywhere,
            filter::equals_bytes("objectSid", &sid.to_bytes()),
            None,
        ),
        AccountText::DistinguishedName(name) => {
            (everywhere, filter::equals("distinguishedName", name), None)
        }
    };
    let search = Search::below(&base, &filter, NAMING);
    let found = ask(context, place.connection, &search, place.forest, evidence).await?;
    let entries = narrow(found.entries, exact, text, place);
    Ok(match entries.len() {
        0 => Resolution::Nothing(format!("{}: there is no such account", text.meaning())),
        1 => Resolution::One(Box::new(entries.into_iter().next().unwrap_or_default())),
        _ => Resolution::Several(entries),
    })
}

/// The computer account of a host: by the SPN that each has, or by its name.
fn computer_filter(host: &str) -> String {
    let host = host.trim_end_matches('.');
    let mut filters = vec![filter::equals(
        "sAMAccountName",
        &service_account::computer_account_name(host),
    )];
    if host.contains('.') {
        filters.push(filter::equals(
            "servicePrincipalName",
            &format!("HOST/{host}"),
        ));
    }
    filter::any(&filters)
}

/// A user principal name, or the implicit one made of name and domain
/// ([MS-ADTS] 5.1.1.1.1).
fn principal_name(forest: &Forest, principal: &str, everywhere: String) -> (String, String) {
    let by_principal = filter::equals("userPrincipalName", principal);
    let Some((name, suffix)) = principal.rsplit_once('@') else {
        return (everywhere, by_principal);
    };
    match forest.domain(suffix) {
        Some(domain) => (
            domain.distinguished_name.clone(),
            filter::any(&[by_principal, filter::equals("sAMAccountName", name)]),
        ),
        None => (everywhere, by_principal),
    }
}

/// Takes the objects that really are meant.
fn narrow(
    entries: Vec<Entry>,
    exact: Option<&str>,
    text: &AccountText,
    place: &Place<'_>,
) -> Vec<Entry> {
    let prefer = |entries: Vec<Entry>, fits: &dyn Fn(&Entry) -> bool| -> Vec<Entry> {
        if entries.len() > 1 && entries.iter().any(fits) {
            entries.into_iter().filter(|entry| fits(entry)).collect()
        } else {
            entries
        }
    };
    match text {
        AccountText::Computer { .. } => {
            let host = place.host.unwrap_or_default();
            let named = prefer(entries, &|entry| {
                entry
                    .text("dNSHostName")
                    .is_some_and(|name| naming::same_name(&name, host))
            });
            prefer(named, &|entry| {
                naming::domain_of(&entry.distinguished_name)
                    .is_some_and(|domain| naming::same_name(&domain, place.domain))
            })
        }
        AccountText::PrincipalName(principal) => prefer(entries, &|entry| {
            entry
                .text("userPrincipalName")
                .is_some_and(|name| name.eq_ignore_ascii_case(principal))
        }),
        _ => match exact {
            Some(exact) => prefer(entries, &|entry| {
                entry
                    .text("sAMAccountName")
                    .is_some_and(|name| name.eq_ignore_ascii_case(exact))
            }),
            None => entries,
        },
    }
}

/// Runs a search and tells of it.
pub(super) async fn ask(
    context: &Context,
    connection: &Connection,
    search: &Search<'_>,
    forest: &Forest,
    evidence: &mut Vec<Evidence>,
) -> Result<Found, DirectoryFault> {
    let started = tokio::time::Instant::now();
    let directory = &context.session.directory;
    let found = directory.search(context, connection, search).await;
    let saw = match &found {
        Ok(found) => saw(found, forest),
        Err(fault) => fault.to_string(),
    };
    evidence.push(Evidence {
        asked: asked(connection, search),
        saw,
        elapsed_ms: Some(milliseconds(started)),
        credential: Some(connection.credential()),
    });
    found
}

/// Whom we asked and what.
pub(super) fn asked(connection: &Connection, search: &Search<'_>) -> String {
    let place = match search.base {
        "" => search.scope_words().to_owned(),
        base => format!("{} {base}", search.scope_words()),
    };
    format!(
        "{} {}: {place}, filter {}",
        connection.role().words(),
        connection.server(),
        search.filter
    )
}

fn saw(found: &Found, forest: &Forest) -> String {
    let mut words = match found.entries.len() {
        0 => "nothing".to_owned(),
        count => {
            let names: Vec<String> = found
                .entries
                .iter()
                .take(10)
                .map(|entry| forest.account_name(entry))
                .collect();
            let objects = if count == 1 { "object" } else { "objects" };
            format!("{count} {objects}: {}", names.join(", "))
        }
    };
    if found.truncated {
        words.push_str("; there are more than were taken");
    }
    words
}

/// The accounts with these SIDs; those that the forest does not have are told
/// by their SID alone.
pub(super) async fn by_sids(
    context: &Context,
    connection: &Connection,
    forest: &Forest,
    sids: &[Sid],
) -> Result<Vec<serde_json::Value>, DirectoryFault> {
    if sids.is_empty() {
        return Ok(Vec::new());
    }
    let filters: Vec<String> = sids
        .iter()
        .take(100)
        .map(|sid| filter::equals_bytes("objectSid", &sid.to_bytes()))
        .collect();
    let filter = filter::any(&filters);
    let search = Search::below("", &filter, NAMING);
    let directory = &context.session.directory;
    let found = directory.search(context, connection, &search).await?;
    Ok(sids
        .iter()
        .map(|sid| {
            found
                .entries
                .iter()
                .find(|entry| entry.sid("objectSid").as_ref() == Some(sid))
                .map_or_else(
                    || super::forest::unknown_account(sid),
                    |entry| forest.account(entry),
                )
        })
        .collect())
}
