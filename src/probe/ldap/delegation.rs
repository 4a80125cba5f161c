//! `ldap-delegation`: may the middle server hand the user on to the back end?

mod declaration;
mod requirement;

use futures_util::future::BoxFuture;
use serde_json::Value;

use super::account::observed::Observed;
use super::by_hand;
use super::ending;
use super::fault::DirectoryFault;
use super::forest::{self, NAMING};
use super::lookup::{self, AccountQuestion, AccountRead, Lookup};
use super::resolve;
use super::search::Search;
use crate::directory::account::UserAccountControl;
use crate::directory::delegation::{self, Settings, Verdict};
use crate::directory::filter;
use crate::directory::naming;
use crate::directory::sid::Sid;
use crate::directory::spn;
use crate::probe::{
    Context, Evidence, Outcome, OutcomeBuilder, Probe, ProbeDeclaration, ProbeRequest,
};
use requirement::Names;

/// The probe `ldap-delegation`.
pub struct LdapDelegation;

impl Probe for LdapDelegation {
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

/// The back end's account as far as it is known.
#[derive(Default)]
struct BackEnd {
    record: Value,
    observed: Option<Observed>,
    /// Who stands in its entry, by name.
    entry: Option<Vec<Value>>,
    domain: Option<String>,
    forest: Option<String>,
}

/// What the caller knows of the first hop.
struct Hop<'a> {
    /// How the user came: `KERBEROS`, `NTLM`; nothing when that is not known.
    scheme: Option<&'a str>,
    /// Whether unconstrained delegation may cross the trust to the user's
    /// forest.
    tgt_delegation: Option<bool>,
}

async fn observe(request: &ProbeRequest, context: &Context) -> Outcome {
    let mut outcome = Outcome::of(&declaration::DECLARATION);
    let arguments = (
        request.text("middle"),
        request.text("domain"),
        request.texts("back_end_spns"),
    );
    let (middle, domain, spns) = match arguments {
        (Ok(middle), Ok(domain), Ok(spns)) => (middle, domain, spns),
        (Err(fault), ..) | (_, Err(fault), _) | (.., Err(fault)) => {
            return outcome.not_observed(&fault.to_string());
        }
    };
    let Some(first) = spns.first() else {
        return outcome.not_observed("the probe `ldap-delegation` needs at least one back-end SPN");
    };
    let question = AccountQuestion {
        account: middle,
        domain,
        host: request.optional_text("middle_host"),
        server: None,
    };
    let back_end_domain = request.optional_text("back_end_domain").unwrap_or(domain);
    let user_domain = request.optional_text("user_domain").unwrap_or(domain);
    let (mut one, mut two, mut three) = (Vec::new(), Vec::new(), Vec::new());
    let (middle, back_end, user) = tokio::join!(
        lookup::account(context, &question, &mut one),
        back_end(context, back_end_domain, first, &mut two),
        user(
            context,
            request.optional_text("user"),
            user_domain,
            &mut three
        ),
    );
    for evidence in one.into_iter().chain(two).chain(three) {
        outcome.evidence(evidence);
    }
    let back_end = back_end.unwrap_or_else(|fault| {
        outcome.saw("the back end's account", fault.to_string());
        BackEnd::default()
    });
    let middle = match middle {
        Ok(lookup) => match lookup.one() {
            Ok(read) => read,
            Err(why) => return not_found(outcome, "the middle account", &why),
        },
        Err(fault) => return ending::failed(outcome, "the directory", &fault, "unreachable"),
    };
    let user = match user {
        Ok(Some(lookup)) => match lookup.one() {
            Ok(read) => Some(read),
            Err(why) => return not_found(outcome, "the user", &why),
        },
        Ok(None) => None,
        Err(fault) => {
            outcome.saw("the user", fault.to_string());
            None
        }
    };
    tell(
        outcome,
        &middle,
        &back_end,
        user.as_deref(),
        &spns,
        &Hop {
            scheme: request.optional_text("first_hop"),
            tgt_delegation: match request.arguments.get("tgt_delegation") {
                Some(Value::Bool(carried)) => Some(*carried),
                _ => None,
            },
        },
    )
}

async fn user(
    context: &Context,
    user: Option<&str>,
    domain: &str,
    evidence: &mut Vec<Evidence>,
) -> Result<Option<Lookup>, DirectoryFault> {
    let Some(account) = user else {
        return Ok(None);
    };
    let question = AccountQuestion {
        account,
        domain,
        host: None,
        server: None,
    };
    lookup::account(context, &question, evidence)
        .await
        .map(Some)
}

/// The one account that holds the back end's SPN, with its entry; when a
/// connection breaks, asked once more.
async fn back_end(
    context: &Context,
    domain: &str,
    spn: &str,
    evidence: &mut Vec<Evidence>,
) -> Result<BackEnd, DirectoryFault> {
    match read_back_end(context, domain, spn, evidence).await {
        Err(fault) if fault.is_broken() => read_back_end(context, domain, spn, evidence).await,
        other => other,
    }
}

async fn read_back_end(
    context: &Context,
    domain: &str,
    spn: &str,
    evidence: &mut Vec<Evidence>,
) -> Result<BackEnd, DirectoryFault> {
    let directory = &context.session.directory;
    let (catalog, forest) = directory.catalog(context, domain, None).await?;
    let filter = filter::equals("servicePrincipalName", spn);
    let search = Search::below("", &filter, NAMING);
    let found = resolve::ask(context, &catalog, &search, &forest, evidence).await?;
    let [holder] = found.entries.as_slice() else {
        return Ok(BackEnd {
            forest: Some(forest.name.clone()),
            ..BackEnd::default()
        });
    };
    let name = &holder.distinguished_name;
    let home = naming::domain_of(name).unwrap_or_else(|| domain.to_owned());
    let controller = directory.controller(context, &home, None).await?;
    let observed = lookup::read(context, &controller, name, evidence).await?;
    let entry = match observed.resource_based() {
        Some(sids) => Some(
            resolve::by_sids(context, &catalog, &forest, &sids)
                .await
                .unwrap_or_else(|_| sids.iter().map(forest::unknown_account).collect()),
        ),
        None => None,
    };
    Ok(BackEnd {
        record: forest.account(holder),
        observed: Some(observed),
        entry,
        domain: Some(home),
        forest: Some(forest.name.clone()),
    })
}

fn not_found(mut outcome: OutcomeBuilder, whose: &str, why: &str) -> Outcome {
    outcome.reason(format!("{whose}: {why}"));
    outcome.summary(format!("{whose} was not found"));
    outcome.finish("not-found")
}

#[expect(clippy::too_many_lines, reason = "one fact for each requirement")]
fn tell(
    mut outcome: OutcomeBuilder,
    middle: &AccountRead,
    back_end: &BackEnd,
    user: Option<&AccountRead>,
    spns: &[String],
    hop: &Hop<'_>,
) -> Outcome {
    let observed = &middle.observed;
    let list = observed.list("msDS-AllowedToDelegateTo");
    let resource_based = back_end
        .observed
        .as_ref()
        .and_then(Observed::resource_based);
    let mut middle_sids: Vec<Sid> = observed.sid().into_iter().collect();
    middle_sids.extend(observed.token_groups.iter().flatten().cloned());
    let sensitive = user
        .and_then(|user| user.observed.control())
        .map(|control| control.has(UserAccountControl::NOT_DELEGATED));
    let protected = user.and_then(|user| user.observed.protected_user());
    let settings = Settings {
        middle_control: observed.control(),
        list: list.as_deref(),
        middle_sids: &middle_sids,
        resource_based: resource_based.as_deref(),
        back_end_spn: spns.first().map_or("", String::as_str),
        user_sensitive: sensitive,
        user_protected: protected,
        any_protocol: hop
            .scheme
            .is_some_and(|scheme| !scheme.eq_ignore_ascii_case("KERBEROS")),
    };
    let (kind, verdict) = delegation::decide(&settings);
    let home = naming::domain_of(&observed.entry.distinguished_name);
    let same_domain = home
        .as_deref()
        .zip(back_end.domain.as_deref())
        .map(|(one, other)| naming::same_name(one, other));
    let names = Names {
        middle: middle.record["name"].as_str().unwrap_or_default(),
        back_end: back_end.record["name"].as_str(),
        user: user.and_then(|user| user.record["name"].as_str()),
        same_domain,
        entry: forest::names(back_end.entry.as_deref().unwrap_or_default()),
        scheme: hop.scheme,
        user_of_other_forest: user
            .map(|user| !naming::same_name(&user.forest.name, &middle.forest.name)),
        tgt_delegation: hop.tgt_delegation,
    };
    let requirements = requirement::list(&settings, kind, &names);
    let drawing = requirement::draw(&names, &requirements);
    by_hand(&mut outcome, middle, back_end, user);
    let missing: Option<Vec<&String>> = list.as_ref().map(|list| {
        spns.iter()
            .filter(|asked| !list.iter().any(|entry| spn::same(entry, asked)))
            .collect()
    });
    let mixed = list
        .as_ref()
        .zip(resource_based.as_ref())
        .map(|(list, entry)| !list.is_empty() && !entry.is_empty());
    let status = if requirement::out_of_reach(kind, verdict, &names) {
        "does-not-cross"
    } else {
        status_of(verdict)
    };
    let reason: Vec<&str> = requirements
        .iter()
        .filter(|requirement| match status {
            "allowed" => requirement["state"] == "met",
            "not-readable" => requirement["state"] == "unknown",
            _ => requirement["state"] == "missing",
        })
        .filter_map(|requirement| requirement["detail"].as_str())
        .collect();
    outcome.reason(reason.join("; "));
    outcome.summary(match status {
        "allowed" => format!("{} delegation", kind.word().replace('-', " ")),
        other => other.replace('-', " "),
    });
    outcome
        .fact("kind", kind.word())
        .fact(
            "missing_spns",
            missing.map(|spns| spns.into_iter().cloned().collect::<Vec<_>>()),
        )
        .fact("delegation_list", list.clone())
        .fact("mixed", mixed)
        .fact(
            "protocol_transition",
            settings
                .middle_control
                .map(|control| control.has(UserAccountControl::TRUSTED_TO_AUTHENTICATE)),
        )
        .fact("requirements", requirements)
        .fact("drawing", drawing)
        .fact(
            "crosses",
            requirement::crosses(kind, &names)
                .filter(|(state, _)| *state != "unknown")
                .map(|(state, _)| state == "met"),
        )
        .fact(
            "crosses_words",
            requirement::crosses(kind, &names).map(|(_, words)| words),
        )
        .fact("middle_account", middle.record.clone())
        .fact("back_end_account", back_end.record.clone())
        .fact("user_account", user.map(|user| user.record.clone()))
        .fact("resource_based_accounts", back_end.entry.clone())
        .fact("user_sensitive", sensitive)
        .fact("user_protected", protected)
        .fact(
            "same_forest",
            back_end
                .forest
                .as_deref()
                .map(|forest| naming::same_name(forest, &middle.forest.name)),
        )
        .fact("directory", middle.controller.server())
        .fact("as_whom", middle.controller.as_whom());
    outcome.finish(status)
}

const fn status_of(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allowed => "allowed",
        Verdict::NotTrusted => "not-trusted",
        Verdict::ListLacksSpn => "list-lacks-spn",
        Verdict::ResourceBasedEntryWrong => "resource-based-entry-wrong",
        Verdict::ProtocolTransitionMissing => "protocol-transition-missing",
        Verdict::UserNotDelegable => "user-not-delegable",
        Verdict::Unknown => "not-readable",
    }
}

fn by_hand(
    outcome: &mut OutcomeBuilder,
    middle: &AccountRead,
    back_end: &BackEnd,
    user: Option<&AccountRead>,
) {
    let name = &middle.observed.entry.distinguished_name;
    let settings = Search::object(name, &["userAccountControl", "msDS-AllowedToDelegateTo"]);
    outcome.by_hand_linux(by_hand::on(&middle.controller, &settings));
    let sam = middle.record["sam_account_name"]
        .as_str()
        .unwrap_or_default();
    outcome.by_hand_linux(format!(
        "samba-tool delegation show {} -H ldap://{} --use-kerberos=required",
        by_hand::sh(sam),
        middle.controller.host()
    ));
    let show = |name: &str, properties: &str| {
        format!(
            "Get-ADObject {} -Properties {properties}",
            by_hand::powershell(name)
        )
    };
    outcome.by_hand_windows(show(name, "userAccountControl,msDS-AllowedToDelegateTo"));
    if let Some(name) = back_end.record["distinguished_name"].as_str() {
        outcome.by_hand_windows(show(name, "msDS-AllowedToActOnBehalfOfOtherIdentity"));
    }
    if let Some(name) = user.and_then(|user| user.record["distinguished_name"].as_str()) {
        outcome.by_hand_windows(show(name, "userAccountControl,memberOf"));
    }
}

#[cfg(test)]
mod tests;
