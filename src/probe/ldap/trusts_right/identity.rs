//! Who a user is to the directory of another forest: the SIDs of the user and
//! of all groups, also of groups there.

use serde_json::Value;

use crate::directory::filter;
use crate::directory::sid::Sid;
use crate::probe::ldap::lookup::{self, AccountQuestion};
use crate::probe::ldap::resolve;
use crate::probe::ldap::search::Search;
use crate::probe::{Context, Evidence};

/// `Other Organization`, whom every user is who comes over a trust with
/// selective authentication ([MS-DTYP] 2.4.2.4).
const OTHER_ORGANIZATION: &str = "S-1-5-1000";
/// How many groups of the other forest are looked at.
const MOST_GROUPS: usize = 20;

/// A user.
pub(super) struct Identity {
    /// As the probes tell an account.
    pub(super) record: Value,
    /// The user's SIDs in the other forest.
    pub(super) sids: Vec<Sid>,
}

/// Reads the user in `user_domain`, and the groups of `domain`'s forest that
/// the user is in as a foreign security principal. The error is a sentence.
pub(super) async fn read(
    context: &Context,
    user: &str,
    user_domain: &str,
    domain: &str,
    evidence: &mut Vec<Evidence>,
) -> Result<Identity, String> {
    let question = AccountQuestion {
        account: user,
        domain: user_domain,
        host: None,
        server: None,
    };
    let read = lookup::account(context, &question, evidence)
        .await
        .map_err(|fault| fault.to_string())?
        .one()?;
    let own = read
        .observed
        .sid()
        .ok_or_else(|| format!("the SID of {user} is not shown"))?;
    let groups = read
        .observed
        .token_groups
        .as_ref()
        .ok_or_else(|| format!("the groups of {user} are not shown"))?;
    // Groups that are local to the user's own domain stay there.
    let mut sids: Vec<Sid> = std::iter::once(own)
        .chain(groups.iter().filter(|sid| sid.is_of_domain()).cloned())
        .collect();
    sids.extend(foreign_groups(context, domain, &sids, evidence).await);
    sids.extend([Sid::everyone(), Sid::authenticated_users()]);
    sids.extend(Sid::parse(OTHER_ORGANIZATION));
    Ok(Identity {
        record: read.record.clone(),
        sids,
    })
}

/// The groups of the other forest that one of these is a direct member of.
async fn foreign_groups(
    context: &Context,
    domain: &str,
    sids: &[Sid],
    evidence: &mut Vec<Evidence>,
) -> Vec<Sid> {
    let directory = &context.session.directory;
    let Ok(controller) = directory.controller(context, domain, None).await else {
        return Vec::new();
    };
    let Ok((_, forest)) = directory.catalog(context, domain, None).await else {
        return Vec::new();
    };
    let known: Vec<String> = sids
        .iter()
        .map(|sid| filter::equals_bytes("objectSid", &sid.to_bytes()))
        .collect();
    let wanted = format!(
        "(&(objectClass=foreignSecurityPrincipal){})",
        filter::any(&known)
    );
    let base = crate::directory::naming::distinguished_name_of(domain);
    let search = Search::below(&base, &wanted, &["objectSid", "memberOf"]);
    let found = resolve::ask(context, &controller, &search, &forest, evidence).await;
    let groups: Vec<String> = found
        .map(|found| {
            found
                .entries
                .iter()
                .flat_map(|entry| entry.texts("memberOf"))
                .take(MOST_GROUPS)
                .collect()
        })
        .unwrap_or_default();
    let mut read = Vec::new();
    for group in groups {
        let object = Search::object(&group, &["objectSid"]);
        if let Ok(found) = controller.search(context.deadline, &object).await {
            read.extend(
                found
                    .entries
                    .iter()
                    .filter_map(|entry| entry.sid("objectSid")),
            );
        }
    }
    read
}
