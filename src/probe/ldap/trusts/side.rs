//! One side's view: its forest and the trusts that its domain and its forest's
//! root have.

use std::sync::Arc;

use futures_util::future::join_all;
use ldap3::Scope;
use serde_json::{Value, json};

use crate::directory::encryption_type;
use crate::directory::naming;
use crate::directory::sid::Sid;
use crate::directory::trust::forest_information::{self, Record};
use crate::directory::trust::{Attributes, Direction, Trust};
use crate::probe::ldap::by_hand;
use crate::probe::ldap::connection::{Connection, milliseconds};
use crate::probe::ldap::entry::Entry;
use crate::probe::ldap::fault::DirectoryFault;
use crate::probe::ldap::forest::Forest;
use crate::probe::ldap::resolve;
use crate::probe::ldap::search::Search;
use crate::probe::{Context, Evidence};

const TRUSTED_DOMAIN: &[&str] = &[
    "trustPartner",
    "flatName",
    "securityIdentifier",
    "trustDirection",
    "trustType",
    "trustAttributes",
    "msDS-SupportedEncryptionTypes",
    "msDS-TrustForestTrustInfo",
];

/// A trust with all that was read of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TrustRead {
    /// The trust.
    pub(super) trust: Trust,
    /// The partner's SID.
    pub(super) sid: Option<Sid>,
    /// msDS-SupportedEncryptionTypes.
    pub(super) encryption_types: Option<u32>,
    /// Which suffixes are routed to the partner; nothing without a list.
    pub(super) suffixes: Option<Vec<Record>>,
}

/// One side's view.
#[derive(Clone, Debug, Default)]
pub(super) struct Side {
    /// Its forest.
    pub(super) forest: Forest,
    /// Its trusts.
    pub(super) trusts: Vec<TrustRead>,
    /// The servers that answered.
    pub(super) directories: Vec<String>,
    /// As whom.
    pub(super) as_whom: Option<String>,
    /// What was asked.
    pub(super) evidence: Vec<Evidence>,
    /// The same by hand.
    pub(super) by_hand: Vec<String>,
}

/// Reads a side.
pub(super) async fn read(
    context: &Context,
    domain: &str,
    forest: &str,
    server: Option<&str>,
) -> Result<Side, DirectoryFault> {
    let directory = &context.session.directory;
    let root = (!naming::same_name(domain, forest)).then_some(forest);
    let (own, root) = tokio::join!(directory.controller(context, domain, server), async {
        match root {
            Some(root) => Some(directory.controller(context, root, None).await),
            None => None,
        }
    });
    let own = own?;
    let mut connections: Vec<(Arc<Connection>, &str)> = vec![(Arc::clone(&own), domain)];
    // The forest's root has the trusts with other forests; when it cannot be
    // read, those of the domain itself are better than nothing.
    if let Some(Ok(root)) = root {
        connections.push((root, forest));
    }
    let known = directory.forest(context, &own, forest);
    let reads = join_all(
        connections
            .iter()
            .map(|(connection, domain)| trusts(context, connection, domain)),
    );
    let (known, reads) = tokio::join!(known, reads);
    let mut side = Side {
        forest: known?.as_ref().clone(),
        as_whom: own.as_whom().map(str::to_owned),
        ..Side::default()
    };
    for ((connection, _), read) in connections.iter().zip(reads) {
        let (trusts, evidence, by_hand) = read?;
        side.directories.push(connection.server());
        side.trusts.extend(trusts);
        side.evidence.push(evidence);
        side.by_hand.push(by_hand);
    }
    Ok(side)
}

async fn trusts(
    context: &Context,
    connection: &Connection,
    domain: &str,
) -> Result<(Vec<TrustRead>, Evidence, String), DirectoryFault> {
    let base = format!("CN=System,{}", naming::distinguished_name_of(domain));
    let search = Search {
        base: &base,
        scope: Scope::OneLevel,
        filter: "(objectClass=trustedDomain)",
        attributes: TRUSTED_DOMAIN,
        limit: 500,
    };
    let started = tokio::time::Instant::now();
    let directory = &context.session.directory;
    let found = directory.search(context, connection, &search).await?;
    let trusts: Vec<TrustRead> = found
        .entries
        .iter()
        .filter_map(|entry| trust(entry, domain))
        .collect();
    let words: Vec<String> = trusts.iter().map(TrustRead::words).collect();
    let evidence = Evidence {
        asked: resolve::asked(connection, &search),
        saw: if words.is_empty() {
            "no trust".to_owned()
        } else {
            words.join("; ")
        },
        elapsed_ms: Some(milliseconds(started)),
        credential: Some(connection.credential()),
    };
    Ok((trusts, evidence, by_hand::on(connection, &search)))
}

fn trust(entry: &Entry, domain: &str) -> Option<TrustRead> {
    let trust = Trust {
        read_in: domain.to_lowercase(),
        partner: entry.text("trustPartner")?.to_lowercase(),
        netbios_name: entry.text("flatName"),
        direction: Direction::from_value(entry.bits("trustDirection")?),
        trust_type: entry.bits("trustType")?,
        attributes: Attributes(entry.bits("trustAttributes").unwrap_or_default()),
    };
    Some(TrustRead {
        trust,
        sid: entry.sid("securityIdentifier"),
        encryption_types: entry.bits("msDS-SupportedEncryptionTypes"),
        suffixes: entry
            .bytes("msDS-TrustForestTrustInfo")
            .first()
            .and_then(|bytes| forest_information::parse(bytes)),
    })
}

impl TrustRead {
    fn words(&self) -> String {
        format!(
            "{} trust with {}: {}",
            self.trust.kind().word(),
            self.trust.partner,
            self.trust.direction_words()
        )
    }

    /// As the facts tell it.
    pub(super) fn record(&self) -> Value {
        let trust = &self.trust;
        let named = |wanted: bool| -> Option<Vec<&str>> {
            self.suffixes.as_ref().map(|records| {
                records
                    .iter()
                    .filter_map(|record| match record {
                        Record::Suffix { name, disabled } if *disabled != wanted => Some(name),
                        Record::Excluded { name } if !wanted => Some(name),
                        _ => None,
                    })
                    .map(String::as_str)
                    .collect()
            })
        };
        json!({
            "read_in": trust.read_in,
            "partner": trust.partner,
            "netbios_name": trust.netbios_name,
            "sid": self.sid.as_ref().map(ToString::to_string),
            "direction": trust.direction.word(),
            "direction_words": trust.direction_words(),
            "kind": trust.kind().word(),
            "attributes": trust.attributes.words(),
            "attributes_value": trust.attributes.0,
            "transitive": trust.transitive(),
            "selective_authentication": trust.attributes.has(Attributes::CROSS_ORGANIZATION),
            "sid_filtering": trust.filters_sids(),
            "tgt_delegation": trust.delegates_tgt(),
            "encryption_types": encryption_type::words(self.encryption_types.unwrap_or_default()),
            "suffixes": named(true),
            "excluded_suffixes": named(false),
        })
    }
}
