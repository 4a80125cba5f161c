//! The domains of a forest: the crossRef objects of the partitions container
//! ([MS-ADTS] 6.1.1.2.1.1), and the accounts in them as records.

use std::sync::Arc;

use ldap3::Scope;
use serde_json::{Value, json};

use super::connection::Connection;
use super::connections::Connections;
use super::entry::Entry;
use super::fault::DirectoryFault;
use super::search::Search;
use crate::directory::account::AccountClass;
use crate::directory::naming;
use crate::directory::sid::Sid;
use crate::probe::Context;

/// A forest and its domains.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forest {
    /// DNS name.
    pub name: String,
    /// Its domains.
    pub domains: Vec<Domain>,
}

/// One domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    /// DNS name.
    pub name: String,
    /// NetBIOS name.
    pub netbios_name: Option<String>,
    /// Its naming context.
    pub distinguished_name: String,
    /// The domain above it, by DNS name; nothing for the root of a tree.
    pub parent: Option<String>,
}

const CROSS_REFERENCE: &[&str] = &["nCName", "dnsRoot", "nETBIOSName", "trustParent"];
/// crossRefs whose naming context is a domain (systemFlags 0x2).
const DOMAINS_ONLY: &str = "(&(objectClass=crossRef)(systemFlags:1.2.840.113556.1.4.803:=2))";

/// What is wanted of an account to name it.
pub(super) const NAMING: &[&str] = &[
    "sAMAccountName",
    "objectSid",
    "objectClass",
    "userAccountControl",
    "userPrincipalName",
    "dNSHostName",
];

impl Forest {
    /// The domain with this DNS or NetBIOS name.
    pub fn domain(&self, name: &str) -> Option<&Domain> {
        self.domains.iter().find(|domain| {
            naming::same_name(&domain.name, name)
                || domain
                    .netbios_name
                    .as_deref()
                    .is_some_and(|netbios| netbios.eq_ignore_ascii_case(name))
        })
    }

    /// An account as every probe tells it.
    pub fn account(&self, entry: &Entry) -> Value {
        let domain = naming::domain_of(&entry.distinguished_name);
        let netbios = domain
            .as_deref()
            .and_then(|name| self.domain(name))
            .and_then(|domain| domain.netbios_name.clone());
        let sam = entry.text("sAMAccountName");
        let name = match (&netbios, &domain, &sam) {
            (Some(netbios), _, Some(sam)) => format!("{netbios}\\{sam}"),
            (None, Some(domain), Some(sam)) => format!("{domain}\\{sam}"),
            (_, _, Some(sam)) => sam.clone(),
            _ => entry.distinguished_name.clone(),
        };
        let class = AccountClass::from_object_classes(&entry.texts("objectClass"));
        json!({
            "name": name,
            "sam_account_name": sam,
            "domain": domain,
            "netbios_domain": netbios,
            "distinguished_name": entry.distinguished_name,
            "sid": entry.sid("objectSid").map(|sid| sid.to_string()),
            "class": class.map(AccountClass::word),
        })
    }

    /// `DOMAIN\name` of an account.
    pub fn account_name(&self, entry: &Entry) -> String {
        let record = self.account(entry);
        record["name"].as_str().unwrap_or_default().to_owned()
    }
}

/// An account of which only the SID is known.
pub(super) fn unknown_account(sid: &Sid) -> Value {
    let name = sid
        .well_known_name()
        .map_or_else(|| sid.to_string(), str::to_owned);
    json!({
        "name": name,
        "sam_account_name": null,
        "domain": null,
        "netbios_domain": null,
        "distinguished_name": null,
        "sid": sid.to_string(),
        "class": null,
    })
}

/// The names of a list of account records, for sentences.
pub(super) fn names(accounts: &[Value]) -> String {
    let names: Vec<&str> = accounts
        .iter()
        .filter_map(|account| account["name"].as_str())
        .collect();
    names.join(", ")
}

/// Reads the forest's domains over a connection to any server of it.
pub(super) async fn read(
    context: &Context,
    connection: &Connection,
    forest: &str,
) -> Result<Forest, DirectoryFault> {
    let base = format!(
        "CN=Partitions,CN=Configuration,{}",
        naming::distinguished_name_of(forest)
    );
    let search = Search {
        base: &base,
        scope: Scope::OneLevel,
        filter: DOMAINS_ONLY,
        attributes: CROSS_REFERENCE,
        limit: 1000,
    };
    let found = connection.search(context.deadline, &search).await?;
    let mut domains: Vec<Domain> = found
        .entries
        .iter()
        .filter_map(|entry| {
            let distinguished_name = entry.text("nCName")?;
            let name = entry
                .text("dnsRoot")
                .map(|name| name.to_lowercase())
                .or_else(|| naming::domain_of(&distinguished_name))?;
            Some(Domain {
                name,
                netbios_name: entry.text("nETBIOSName"),
                distinguished_name,
                parent: None,
            })
        })
        .collect();
    // trustParent names the parent's crossRef object.
    for entry in &found.entries {
        let parent = entry.text("trustParent").and_then(|parent| {
            let object = found
                .entries
                .iter()
                .find(|other| other.distinguished_name.eq_ignore_ascii_case(&parent))?;
            object.text("dnsRoot").map(|name| name.to_lowercase())
        });
        let name = entry.text("nCName");
        if let Some(domain) = domains
            .iter_mut()
            .find(|domain| Some(&domain.distinguished_name) == name.as_ref())
        {
            domain.parent = parent;
        }
    }
    Ok(Forest {
        name: forest.to_owned(),
        domains,
    })
}

impl Connections {
    /// The forest's domains, read once a session.
    pub async fn forest(
        &self,
        context: &Context,
        connection: &Connection,
        forest: &str,
    ) -> Result<Arc<Forest>, DirectoryFault> {
        let kept = self.kept_forest(forest);
        kept.get_or_try_init(|| async { read(context, connection, forest).await.map(Arc::new) })
            .await
            .cloned()
    }
}
