//! `ldap-allowed-to-authenticate`: may a user of another forest authenticate to
//! the accounts of a SQL Server, when the trust has selective authentication?
//! ([MS-ADTS] 6.1.1.2.7.41; [MS-KILE] 3.3.5.7.3)

mod declaration;
mod identity;

use futures_util::future::BoxFuture;
use serde_json::Value;

use super::account::observed::Observed;
use super::by_hand;
use super::ending;
use super::fault::DirectoryFault;
use super::forest::NAMING;
use super::lookup;
use super::requirements::{drawing, record};
use super::resolve;
use super::search::Search;
use crate::directory::filter;
use crate::directory::guid::ALLOWED_TO_AUTHENTICATE;
use crate::directory::naming;
use crate::directory::sid::Sid;
use crate::probe::{
    Context, Evidence, Outcome, OutcomeBuilder, Probe, ProbeDeclaration, ProbeRequest,
};
use identity::Identity;

/// The probe `ldap-allowed-to-authenticate`.
pub struct LdapAllowedToAuthenticate;

impl Probe for LdapAllowedToAuthenticate {
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

/// An account of the server, as it was read.
struct Guarded {
    /// Whether it is the computer, and not an SPN's holder.
    is_computer: bool,
    record: Value,
    observed: Observed,
}

async fn observe(request: &ProbeRequest, context: &Context) -> Outcome {
    let mut outcome = Outcome::of(&declaration::DECLARATION);
    let arguments = (
        request.text("host"),
        request.text("domain"),
        request.text("user"),
        request.text("user_domain"),
    );
    let (host, domain, user, user_domain) = match arguments {
        (Ok(host), Ok(domain), Ok(user), Ok(user_domain)) => (host, domain, user, user_domain),
        (Err(fault), ..) | (_, Err(fault), ..) | (_, _, Err(fault), _) | (.., Err(fault)) => {
            return outcome.not_observed(&fault.to_string());
        }
    };
    let (mut one, mut two) = (Vec::new(), Vec::new());
    let (guarded, user) = tokio::join!(
        guarded(context, host.trim_matches('.'), domain, &mut one),
        identity::read(context, user, user_domain, domain, &mut two),
    );
    for evidence in one.into_iter().chain(two) {
        outcome.evidence(evidence);
    }
    let guarded = match guarded {
        Ok(guarded) => guarded,
        Err(fault) => {
            return ending::failed(outcome, "the server's directory", &fault, "unreachable");
        }
    };
    if guarded.is_empty() {
        outcome.reason(format!(
            "{domain} shows neither an account with an SPN of {host} nor its computer"
        ));
        outcome.summary("no account of the server");
        return outcome.finish("not-found");
    }
    match user {
        Ok(user) => tell(outcome, &guarded, &user),
        Err(why) => {
            outcome.reason(format!("whose rights to look for is not known: {why}"));
            outcome.summary("the user cannot be read");
            outcome.finish("not-readable")
        }
    }
}

/// Everyone who holds an SPN of SQL Server on this host, and its computer.
async fn guarded(
    context: &Context,
    host: &str,
    domain: &str,
    evidence: &mut Vec<Evidence>,
) -> Result<Vec<Guarded>, DirectoryFault> {
    let directory = &context.session.directory;
    let (catalog, forest) = directory.catalog(context, domain, None).await?;
    let spn = format!("MSSQLSvc/{host}");
    let filter = filter::any(&[
        filter::equals("servicePrincipalName", &spn),
        filter::starts_with("servicePrincipalName", &format!("{spn}:")),
        format!(
            "(&(objectClass=computer){})",
            filter::equals("dNSHostName", host)
        ),
    ]);
    let search = Search::below("", &filter, NAMING);
    let found = resolve::ask(context, &catalog, &search, &forest, evidence).await?;
    let mut guarded = Vec::new();
    for entry in &found.entries {
        let name = &entry.distinguished_name;
        let home = naming::domain_of(name).unwrap_or_else(|| domain.to_owned());
        let controller = directory.controller(context, &home, None).await?;
        let observed = lookup::read(context, &controller, name, evidence).await?;
        let is_computer = entry
            .text("dNSHostName")
            .is_some_and(|own| naming::same_name(&own, host));
        guarded.push(Guarded {
            is_computer,
            record: forest.account(entry),
            observed,
        });
    }
    Ok(guarded)
}

fn tell(mut outcome: OutcomeBuilder, guarded: &[Guarded], user: &Identity) -> Outcome {
    let name = user.record["name"].as_str().unwrap_or("the user");
    let mut requirements = Vec::new();
    let (mut lacking, mut unreadable) = (Vec::new(), false);
    for account in guarded {
        let whose = account.record["name"].as_str().unwrap_or_default();
        let (state, words) = match granted(&account.observed, &user.sids) {
            Some(true) => ("met", format!("{name} may authenticate to {whose}")),
            Some(false) => {
                lacking.push(account.record.clone());
                (
                    "missing",
                    format!("{name} has no right `Allowed to authenticate` on {whose}"),
                )
            }
            None => {
                unreadable = true;
                (
                    "unknown",
                    format!("who may authenticate to {whose} cannot be read"),
                )
            }
        };
        requirements.push(record("allowed-to-authenticate", state, words));
        by_hand(&mut outcome, &account.record);
    }
    let of = |computer: bool| {
        guarded
            .iter()
            .find(|account| account.is_computer == computer)
            .map(|account| account.record.clone())
    };
    let reason: Vec<&str> = requirements
        .iter()
        .filter(|requirement| requirement["state"] != "met")
        .filter_map(|requirement| requirement["detail"].as_str())
        .collect();
    let status = match (lacking.is_empty(), unreadable) {
        (false, _) => "not-allowed",
        (true, true) => "not-readable",
        (true, false) => "allowed",
    };
    if !reason.is_empty() {
        outcome.reason(reason.join("; "));
    }
    outcome
        .summary(status.replace('-', " "))
        .fact("drawing", drawing(name, &requirements))
        .fact("requirements", requirements)
        .fact("lacking", lacking)
        .fact("spn_account", of(false).or_else(|| of(true)))
        .fact("computer_account", of(true))
        .fact("user_account", user.record.clone())
        .fact(
            "identities",
            user.sids
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>(),
        );
    outcome.finish(status)
}

/// Nothing when the descriptor cannot be read.
fn granted(observed: &Observed, sids: &[Sid]) -> Option<bool> {
    let descriptor = observed.descriptor.as_ref()?;
    Some(descriptor.grants_control(sids, ALLOWED_TO_AUTHENTICATE))
}

fn by_hand(outcome: &mut OutcomeBuilder, account: &Value) {
    let Some(name) = account["distinguished_name"].as_str() else {
        return;
    };
    outcome
        .by_hand_linux(format!(
            "samba-tool dsacl get --objectdn={}",
            by_hand::sh(name)
        ))
        .by_hand_windows(format!("dsacls {}", by_hand::cmd(name)));
}
