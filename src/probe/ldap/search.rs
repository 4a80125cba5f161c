//! Searches: bounded in time, pages and entries; referrals are never followed.

pub mod pull;

use ldap3::adapters::{Adapter, EntriesOnly, PagedResults};
use ldap3::controls::RawControl;
use ldap3::{Ldap, Scope, SearchOptions};
use tokio::time::Instant;

use super::bind::library_fault;
use super::entry::Entry;
use super::fault::{self, DirectoryFault};

/// How many entries a page has.
const PAGE: i32 = 200;
/// How much of a search is kept: its values, and as much again for each as
/// keeping it takes.
const MOST_KEPT: usize = 32 * 1024 * 1024;
/// How many parts of a long attribute are fetched at most.
const MOST_PARTS: usize = 40;
/// LDAP result: the size limit was reached.
const SIZE_LIMIT_EXCEEDED: u32 = 4;
/// LDAP result: no such object.
const NO_SUCH_OBJECT: u32 = 32;

/// A search.
#[derive(Clone, Debug)]
pub struct Search<'a> {
    /// The base object.
    pub base: &'a str,
    /// How far below it.
    pub scope: Scope,
    /// The filter.
    pub filter: &'a str,
    /// The attributes that are wanted.
    pub attributes: &'a [&'static str],
    /// How many entries are taken at most.
    pub limit: usize,
}

impl<'a> Search<'a> {
    /// One object.
    pub fn object(base: &'a str, attributes: &'a [&'static str]) -> Self {
        Self {
            base,
            scope: Scope::Base,
            filter: "(objectClass=*)",
            attributes,
            limit: 1,
        }
    }

    /// Everything below `base` that fits.
    pub fn below(base: &'a str, filter: &'a str, attributes: &'a [&'static str]) -> Self {
        Self {
            base,
            scope: Scope::Subtree,
            filter,
            attributes,
            limit: 500,
        }
    }

    /// Where it looks, in words.
    pub fn scope_words(&self) -> &'static str {
        match (self.scope, self.base) {
            (Scope::Subtree, "") => "the whole forest",
            (Scope::Subtree, _) => "everything below",
            (Scope::OneLevel, _) => "what stands directly below",
            (Scope::Base, _) => "the object",
        }
    }
}

/// What a search found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The objects.
    pub entries: Vec<Entry>,
    /// Whether there are more than were taken.
    pub truncated: bool,
    /// How many continuation references came, which are not followed.
    pub references: usize,
}

/// Runs a search on a library handle.
pub(super) async fn run(
    ldap: &Ldap,
    server: &str,
    deadline: Instant,
    search: &Search<'_>,
) -> Result<Found, DirectoryFault> {
    let work = async {
        let mut found = once(ldap, server, search).await?;
        for entry in &mut found.entries {
            complete(ldap, server, entry).await?;
        }
        Ok(found)
    };
    tokio::time::timeout_at(deadline, work)
        .await
        .map_err(|_| DirectoryFault::TimedOut(server.to_owned()))?
}

async fn once(ldap: &Ldap, server: &str, search: &Search<'_>) -> Result<Found, DirectoryFault> {
    let attributes: Vec<String> = search
        .attributes
        .iter()
        .map(|&name| name.to_owned())
        .collect();
    stream(ldap, server, search, attributes).await
}

async fn stream(
    ldap: &Ldap,
    server: &str,
    search: &Search<'_>,
    attributes: Vec<String>,
) -> Result<Found, DirectoryFault> {
    let library = |error: ldap3::LdapError| library_fault(server, &error);
    let mut handle = ldap.clone();
    handle.with_search_options(SearchOptions::new());
    if attributes
        .iter()
        .any(|name| name.eq_ignore_ascii_case("nTSecurityDescriptor"))
    {
        handle.with_controls(security_descriptor_control());
    }
    let mut adapters: Vec<Box<dyn Adapter<'_, String, Vec<String>>>> =
        vec![Box::new(EntriesOnly::new())];
    if search.scope != Scope::Base {
        adapters.push(Box::new(PagedResults::new(PAGE)));
    }
    let mut entries = handle
        .streaming_search_with(
            adapters,
            search.base,
            search.scope,
            search.filter,
            attributes,
        )
        .await
        .map_err(library)?;
    let mut found = Found::default();
    let mut kept = 0;
    while let Some(entry) = entries.next().await.map_err(library)? {
        if found.entries.len() >= search.limit || kept > MOST_KEPT {
            found.truncated = true;
            break;
        }
        let entry = Entry::read(entry);
        kept += entry.as_ref().map_or(0, Entry::weight);
        found.entries.extend(entry);
    }
    if found.truncated {
        let number = entries.ldap_handle().last_id();
        // What still comes is thrown away; the server may stop.
        let _ = handle.abandon(number).await;
        return Ok(found);
    }
    let result = entries.finish().await;
    found.references = result.refs.len();
    match result.rc {
        0 | NO_SUCH_OBJECT => {}
        SIZE_LIMIT_EXCEEDED => found.truncated = true,
        code => {
            return Err(DirectoryFault::Search {
                server: server.to_owned(),
                what: fault::result_words(code, &result.text),
            });
        }
    }
    Ok(found)
}

/// Fetches what is missing of long attributes.
pub(super) async fn complete(
    ldap: &Ldap,
    server: &str,
    entry: &mut Entry,
) -> Result<(), DirectoryFault> {
    for _ in 0..MOST_PARTS {
        let Some((name, from)) = entry.partial.pop() else {
            return Ok(());
        };
        let base = entry.distinguished_name.clone();
        let part = Search::object(&base, &[]);
        let found = stream(ldap, server, &part, vec![format!("{name};range={from}-*")]).await?;
        if let Some(part) = found.entries.into_iter().next() {
            entry.merge(part);
        }
        if entry.weight() > MOST_KEPT {
            return Ok(());
        }
    }
    Ok(())
}

/// LDAP_SERVER_SD_FLAGS_OID ([MS-ADTS] 3.1.1.3.4.1.11) for owner, group and
/// DACL: without it an ordinary user gets no descriptor at all.
fn security_descriptor_control() -> RawControl {
    RawControl {
        ctype: "1.2.840.113556.1.4.801".to_owned(),
        crit: true,
        val: Some(vec![0x30, 3, 2, 1, 7]),
    }
}

#[cfg(test)]
#[path = "search/tests.rs"]
mod tests;
