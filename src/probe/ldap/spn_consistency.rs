//! `ldap-spn-consistency`: whether every domain controller says the same of an
//! SPN, whether a trusted forest has it too, and when it was changed last.

mod change;
mod controllers;
mod declaration;
mod forests;

use futures_util::future::BoxFuture;
use serde_json::Value;

use super::ending;
use super::spn::classify;
use crate::directory::{filter, naming};
use crate::probe::{Context, Evidence, Outcome, Probe, ProbeDeclaration, ProbeRequest};

/// What is wanted of a holder.
const HOLDER: &[&str] = &[
    "sAMAccountName",
    "objectSid",
    "objectClass",
    "userAccountControl",
    "servicePrincipalName",
];

/// The probe `ldap-spn-consistency`.
pub struct LdapSpnConsistency;

impl Probe for LdapSpnConsistency {
    fn declaration(&self) -> &'static ProbeDeclaration {
        &declaration::DECLARATION
    }

    fn observe<'a>(
        &'a self,
        request: &'a ProbeRequest,
        context: &'a Context,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(observe(request, context))
    }
}

/// Whoever holds one of the SPNs.
fn holders_filter(spns: &[String]) -> String {
    let filters: Vec<String> = spns
        .iter()
        .map(|spn| filter::equals("servicePrincipalName", spn))
        .collect();
    filter::any(&filters)
}

/// Who holds each SPN, as one side sees it: the accounts' names, an SPN an item.
type Holders = Vec<Vec<Value>>;

fn holders(
    spns: &[String],
    entries: &[super::entry::Entry],
    forest: &super::forest::Forest,
) -> Holders {
    spns.iter()
        .map(|spn| classify::accounts(forest, &classify::answer(spn, entries).holders))
        .collect()
}

/// A set of holders that can be compared: SIDs, or names where those are not
/// readable.
fn identity(holders: &[Value]) -> Vec<String> {
    let mut list: Vec<String> = holders
        .iter()
        .map(|account| {
            let text = account["sid"]
                .as_str()
                .or_else(|| account["distinguished_name"].as_str());
            text.unwrap_or_default().to_lowercase()
        })
        .collect();
    list.sort();
    list
}

async fn observe(request: &ProbeRequest, context: &Context) -> Outcome {
    let mut outcome = Outcome::of(&declaration::DECLARATION);
    let (spns, domain) = match (request.texts("spns"), request.text("domain")) {
        (Ok(spns), Ok(domain)) if !spns.is_empty() => (spns, domain),
        (Ok(_), Ok(_)) => return outcome.not_observed("`spns` is empty"),
        (Err(fault), _) | (_, Err(fault)) => return outcome.not_observed(&fault.to_string()),
    };
    outcome.by_hand_windows(format!(
        "repadmin /showobjmeta * {}",
        super::by_hand::cmd("<distinguished name of the account>")
    ));
    let wanted: Vec<String> = spns
        .iter()
        .map(|spn| format!("(servicePrincipalName={})", filter::escape(spn)))
        .collect();
    outcome.by_hand_linux(format!(
        "for dc in $(dig +short SRV {} | cut -d' ' -f4); do \
         ldapsearch -LLL -o ldif-wrap=no -H ldap://$dc -Y GSSAPI -N -b {} {} dn; done",
        super::by_hand::sh(&format!("_ldap._tcp.dc._msdcs.{domain}")),
        super::by_hand::sh(&naming::distinguished_name_of(domain)),
        super::by_hand::sh(&format!("(|{})", wanted.concat())),
    ));
    let mut evidence: Vec<Evidence> = Vec::new();
    let named = request.optional_text("account").map(str::to_owned);
    let start = request.optional_text("service_start");
    let (here, foreign) = tokio::join!(
        async {
            let seen = controllers::ask(context, domain, &spns).await?;
            let account = named.or_else(|| controllers::only_holder(&seen));
            let changed = match account {
                Some(account) => change::tell(&mut outcome, context, domain, &account, start).await,
                None => None,
            };
            Ok((seen, changed))
        },
        forests::ask(context, domain, &spns),
    );
    let (seen, changed) = match here {
        Ok(here) => here,
        Err(fault) => {
            return ending::failed(outcome, "the domain controllers", &fault, "no-directory");
        }
    };
    evidence.extend(seen.iter().map(controllers::View::evidence));
    match foreign {
        Ok(foreign) => {
            evidence.extend(foreign.iter().map(forests::View::evidence));
            forests::tell(&mut outcome, &foreign);
        }
        Err(fault) => {
            outcome.fact("unanswered_forests", vec![fault.to_string()]);
        }
    }
    evidence.extend(changed);
    for told in evidence {
        outcome.evidence(told);
    }
    controllers::tell(outcome, &spns, &seen)
}
