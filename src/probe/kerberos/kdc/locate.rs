//! Where the KDCs of a realm are.

use std::net::IpAddr;

use tokio::time::Instant;

use super::super::krb5_conf::Krb5Conf;
use super::Kdc;
use crate::probe::LiveSession;
use crate::probe::dns::LookupFault;

/// The KDCs of a realm.
#[derive(Clone, Debug)]
pub struct Located {
    /// Best first.
    pub kdcs: Vec<Kdc>,
    /// `krb5.conf`, `dns` or `argument`.
    pub source: &'static str,
}

/// Why the KDCs of a realm, or the addresses of one, are not known: a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotKnown {
    /// No name server answered, so nobody knows.
    #[error("{0}")]
    NamesUnanswered(String),
    /// It is known that there are none.
    #[error("{0}")]
    Nowhere(String),
}

impl NotKnown {
    /// The same with more words.
    fn within(self, words: impl FnOnce(&str) -> String) -> Self {
        match self {
            Self::NamesUnanswered(why) => Self::NamesUnanswered(words(&why)),
            Self::Nowhere(why) => Self::Nowhere(words(&why)),
        }
    }
}

/// Finds the KDCs of a realm as MIT krb5 does: those of krb5.conf when it names
/// any, else the SRV records, RFC 4120 7.2.3.2.
pub async fn locate(
    session: &LiveSession,
    conf: &Krb5Conf,
    realm: &str,
    deadline: Instant,
) -> Result<Located, NotKnown> {
    let named = conf.kdcs(realm);
    if !named.is_empty() {
        let kdcs: Vec<Kdc> = named.iter().filter_map(|text| Kdc::parse(text)).collect();
        return if kdcs.is_empty() {
            Err(NotKnown::Nowhere(format!(
                "krb5.conf names only KDCs of {realm} that this program cannot ask ({})",
                named.join(", ")
            )))
        } else {
            Ok(Located {
                kdcs,
                source: "krb5.conf",
            })
        };
    }
    if !conf.looks_up_kdcs() {
        return Err(NotKnown::Nowhere(format!(
            "krb5.conf names no KDC of {realm} and forbids asking DNS (dns_lookup_kdc = false)"
        )));
    }
    if realm.is_empty() || realm.contains(|character: char| character.is_whitespace()) {
        let words = format!("`{realm}` is not a realm that DNS could know");
        return Err(NotKnown::Nowhere(words));
    }
    let name = format!("_kerberos._tcp.{realm}");
    let services = session.resolvers.services(&session.settings, &name);
    match in_time(deadline, services).await {
        Ok(services) => Ok(Located {
            kdcs: services
                .into_iter()
                .map(|service| Kdc {
                    host: service.host.trim_end_matches('.').to_owned(),
                    port: service.port,
                })
                .collect(),
            source: "dns",
        }),
        Err(fault) => Err(fault.within(|why| {
            format!(
                "krb5.conf names no KDC of {realm}, and the SRV record {name} was not found: {why}"
            )
        })),
    }
}

/// What the name servers say by the deadline.
async fn in_time<T>(
    deadline: Instant,
    lookup: impl Future<Output = Result<T, LookupFault>>,
) -> Result<T, NotKnown> {
    let late = |_| NotKnown::NamesUnanswered("no name server answered in time".to_owned());
    let found = tokio::time::timeout_at(deadline, lookup)
        .await
        .map_err(late)?;
    found.map_err(|fault| match fault {
        LookupFault::NoAnswer { .. } => NotKnown::NamesUnanswered(fault.to_string()),
        _ => NotKnown::Nowhere(fault.to_string()),
    })
}

/// The addresses of a KDC.
pub async fn addresses(
    session: &LiveSession,
    kdc: &Kdc,
    deadline: Instant,
) -> Result<Vec<IpAddr>, NotKnown> {
    let lookup = session.resolvers.addresses(&session.settings, &kdc.host);
    in_time(deadline, lookup).await
}
