//! `ldap-groups-across`: which of a user's groups do not reach a server in
//! another forest?
//!
//! A ticket for another forest has the user's own SID, those of global and
//! universal groups, and former SIDs (sIDHistory). Domain-local groups stay in
//! their domain ([MS-PAC] 2.5, [MS-ADTS] 6.4). What the trust then takes out is
//! the SID filter, [MS-PAC] 4.1.2.2.

mod declaration;
mod judge;

use futures_util::future::{BoxFuture, join_all};

use super::by_hand;
use super::ending;
use super::fault::DirectoryFault;
use super::forest::{self, Forest};
use super::lookup::{self, AccountQuestion, AccountRead, Lookup};
use super::resolve;
use super::search::Search;
use crate::directory::filter;
use crate::directory::sid::Sid;
use crate::probe::ldap::entry::Entry;
use crate::probe::{
    Context, Evidence, Outcome, OutcomeBuilder, Probe, ProbeDeclaration, ProbeRequest,
};
use judge::{Rule, SidFilter, Stays};

/// What is read of the user and of each group.
const ATTRIBUTES: &[&str] = &[
    "objectClass",
    "sAMAccountName",
    "objectSid",
    "groupType",
    "sIDHistory",
];
/// How many SIDs one search asks for.
const AT_ONCE: usize = 100;
/// A token with more groups than this does not work at all.
const MOST_GROUPS: usize = 1500;

/// The probe `ldap-groups-across`.
pub struct LdapGroupsAcross;

impl Probe for LdapGroupsAcross {
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

async fn observe(request: &ProbeRequest, context: &Context) -> Outcome {
    let mut outcome = Outcome::of(&declaration::DECLARATION);
    let arguments = (
        request.text("user"),
        request.text("user_domain"),
        request.text("server_domain"),
    );
    let (user, user_domain, server_domain) = match arguments {
        (Ok(user), Ok(domain), Ok(server)) => (user, domain, server),
        (Err(fault), ..) | (_, Err(fault), _) | (.., Err(fault)) => {
            return outcome.not_observed(&fault.to_string());
        }
    };
    let question = AccountQuestion {
        account: user,
        domain: user_domain,
        host: None,
        server: None,
    };
    let mut evidence = Vec::new();
    let read = lookup::account(context, &question, &mut evidence)
        .await
        .map(Lookup::one);
    let groups = match &read {
        Ok(Ok(read)) => groups(context, read, &mut evidence).await,
        _ => Ok(None),
    };
    for evidence in evidence {
        outcome.evidence(evidence);
    }
    let read = match read {
        Ok(Ok(read)) => read,
        Ok(Err(why)) => {
            outcome.reason(why).summary("the user is not found");
            return outcome.finish("not-found");
        }
        Err(fault) => {
            return ending::failed(outcome, "the user's directory", &fault, "unreachable");
        }
    };
    by_hand(&mut outcome, &read);
    outcome
        .fact("user", read.record.clone())
        .fact("directory", read.controller.server())
        .fact("as_whom", read.controller.as_whom());
    match groups {
        Ok(Some(entries)) => {
            let rule = Rule {
                filter: SidFilter::of(request.optional_text("sid_filter")),
                trusted_domain: request
                    .optional_text("trusted_domain")
                    .unwrap_or(user_domain),
            };
            let stays = judge::judge(&entries, &read.forest, &rule);
            tell(outcome, &read.forest, &stays, server_domain)
        }
        Err(fault) => ending::failed(outcome, "the user's directory", &fault, "unreachable"),
        Ok(None) => {
            outcome
                .reason("the directory does not show the user's groups (tokenGroups)")
                .summary("groups not readable");
            outcome.finish("not-readable")
        }
    }
}

/// The user and all groups of the token; nothing when the token is not shown.
async fn groups(
    context: &Context,
    read: &AccountRead,
    evidence: &mut Vec<Evidence>,
) -> Result<Option<Vec<Entry>>, DirectoryFault> {
    let (Some(own), Some(token)) = (read.observed.sid(), &read.observed.token_groups) else {
        return Ok(None);
    };
    let of_domains = token.iter().filter(|sid| sid.is_of_domain());
    let sids: Vec<&Sid> = std::iter::once(&own)
        .chain(of_domains)
        .take(MOST_GROUPS)
        .collect();
    let asked = sids.chunks(AT_ONCE).map(|some| async move {
        let each: Vec<String> = some
            .iter()
            .map(|sid| filter::equals_bytes("objectSid", &sid.to_bytes()))
            .collect();
        let filter = filter::any(&each);
        let search = Search::below("", &filter, ATTRIBUTES);
        let mut told = Vec::new();
        let found = resolve::ask(context, &read.catalog, &search, &read.forest, &mut told).await;
        (found, told)
    });
    let mut entries = Vec::new();
    for (found, told) in join_all(asked).await {
        evidence.extend(told);
        entries.extend(found?.entries);
    }
    Ok(Some(entries))
}

fn tell(
    mut outcome: OutcomeBuilder,
    forest: &Forest,
    stays: &Stays<'_>,
    server_domain: &str,
) -> Outcome {
    let home: Vec<_> = stays
        .domain_local
        .iter()
        .map(|entry| forest.account(entry))
        .collect();
    let filtered: Vec<String> = stays
        .filtered
        .iter()
        .map(|(sid, _)| sid.to_string())
        .collect();
    let mut words = Vec::new();
    if !home.is_empty() {
        words.push(format!(
            "{} (domain-local) does not reach {server_domain}",
            forest::names(&home)
        ));
    }
    for (sid, what) in &stays.filtered {
        words.push(format!("the trust takes {sid} out, {what}"));
    }
    let mut not_arriving: Vec<String> = home
        .iter()
        .filter_map(|group| group["name"].as_str().map(str::to_owned))
        .collect();
    not_arriving.extend(filtered.iter().cloned());
    let status = if words.is_empty() {
        outcome.summary("all of them arrive");
        "all-arrive"
    } else {
        outcome
            .summary(format!("{} do not arrive", not_arriving.len()))
            .reason(words.join("; "));
        "some-stay"
    };
    outcome
        .fact("domain_local", home)
        .fact("filtered", filtered)
        .fact(
            "filtered_words",
            stays
                .filtered
                .iter()
                .map(|(sid, what)| format!("{sid} ({what})"))
                .collect::<Vec<_>>()
                .join(", "),
        )
        .fact("not_arriving", not_arriving);
    outcome.finish(status)
}

fn by_hand(outcome: &mut OutcomeBuilder, read: &AccountRead) {
    let name = &read.observed.entry.distinguished_name;
    let search = Search::object(name, &["tokenGroups", "sIDHistory", "memberOf"]);
    outcome
        .by_hand_linux(by_hand::on(&read.controller, &search))
        .by_hand_windows("whoami /groups /fo list")
        .by_hand_windows(format!(
            "Get-ADPrincipalGroupMembership {} | Select-Object Name, GroupScope",
            by_hand::powershell(name)
        ));
}
