//! `ldap-account`: the state, keys, SPNs and delegation settings of an account.

mod declaration;
pub(in crate::probe::ldap) mod observed;

use futures_util::future::BoxFuture;
use serde_json::Value;

use super::by_hand;
use super::ending;
use super::forest;
use super::lookup::{self, AccountQuestion, AccountRead, Lookup};
use super::search::Search;
use crate::directory::account::{AccountClass, UserAccountControl};
use crate::directory::delegation;
use crate::directory::encryption_type;
use crate::directory::group;
use crate::directory::service_account::{self, AccountText};
use crate::directory::time;
use crate::probe::{Context, Outcome, OutcomeBuilder, Probe, ProbeDeclaration, ProbeRequest};
use observed::{Observed, Presence};

/// What an admin would ask for: everything that is stored, and what the server
/// works out only when it is named.
const BY_HAND: &[&str] = &[
    "*",
    "msDS-User-Account-Control-Computed",
    "msDS-UserPasswordExpiryTimeComputed",
    "msDS-KeyVersionNumber",
    "allowedAttributesEffective",
    "tokenGroups",
];

/// The probe `ldap-account`.
pub struct LdapAccount;

impl Probe for LdapAccount {
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
    let (account, domain) = match (request.text("account"), request.text("domain")) {
        (Ok(account), Ok(domain)) => (account, domain),
        (Err(fault), _) | (_, Err(fault)) => return outcome.not_observed(&fault.to_string()),
    };
    let question = AccountQuestion {
        account,
        domain,
        host: request.optional_text("host"),
        server: request.optional_text("server"),
    };
    let text = service_account::understand(account, question.host);
    outcome.fact("meaning", text.meaning()).fact(
        "acts_as_computer",
        matches!(text, AccountText::Computer { .. }),
    );
    let mut evidence = Vec::new();
    let lookup = lookup::account(context, &question, &mut evidence).await;
    for evidence in evidence {
        outcome.evidence(evidence);
    }
    match lookup {
        Ok(Lookup::Found(read)) => found(context, outcome, &read).await,
        Ok(Lookup::NotFound(why)) => {
            outcome.reason(why).summary("there is no such account");
            outcome.finish("not-found")
        }
        Ok(Lookup::Ambiguous(candidates)) => {
            outcome.summary(format!("{} accounts fit", candidates.len()));
            outcome.reason(format!("the name fits {}", forest::names(&candidates)));
            outcome.fact("candidates", candidates);
            outcome.finish("ambiguous")
        }
        Ok(Lookup::Local(why)) => {
            outcome.reason(why).summary("no account of a domain");
            outcome.finish("local-account")
        }
        Err(fault) => ending::failed(outcome, "the directory", &fault, "unreachable"),
    }
}

async fn found(context: &Context, mut outcome: OutcomeBuilder, read: &AccountRead) -> Outcome {
    let observed = &read.observed;
    let directory = &context.session.directory;
    let resource_based = observed.resource_based();
    let readers = match observed.class() {
        Some(AccountClass::GroupManagedServiceAccount) => {
            observed.trustees("msDS-GroupMSAMembership")
        }
        _ => None,
    };
    let mut wanted = resource_based.clone().unwrap_or_default();
    wanted.extend(readers.clone().unwrap_or_default());
    let accounts = directory.accounts_of(context, read, &wanted).await;
    let split = resource_based.as_ref().map_or(0, Vec::len);
    outcome
        .fact(
            "resource_based_accounts",
            resource_based.map(|_| accounts[..split].to_vec()),
        )
        .fact(
            "password_readers",
            readers.map(|_| accounts[split..].to_vec()),
        )
        .fact(
            "group_scope",
            observed.entry.bits("groupType").and_then(group::scope),
        )
        .fact("account", read.record.clone())
        .fact("directory", read.controller.server())
        .fact("as_whom", read.controller.as_whom());
    by_hand(&mut outcome, read);
    tell_state(&mut outcome, observed);
    tell_keys(&mut outcome, observed);
    tell_rights(&mut outcome, observed);
    outcome.finish("found")
}

fn by_hand(outcome: &mut OutcomeBuilder, read: &AccountRead) {
    let name = &read.observed.entry.distinguished_name;
    let search = Search::object(name, BY_HAND);
    outcome.by_hand_linux(by_hand::on(&read.controller, &search));
    let sam = read.record["sam_account_name"].as_str().unwrap_or_default();
    let full = read.record["name"].as_str().unwrap_or_default();
    let kind = match read.observed.class() {
        Some(AccountClass::Computer) => "computer",
        _ => "user",
    };
    outcome.by_hand_linux(format!(
        "samba-tool {kind} show {} -H ldap://{} --use-kerberos=required",
        by_hand::sh(sam),
        read.controller.host()
    ));
    let command = match read.observed.class() {
        Some(AccountClass::Computer) => "Get-ADComputer",
        Some(AccountClass::ManagedServiceAccount | AccountClass::GroupManagedServiceAccount) => {
            "Get-ADServiceAccount"
        }
        _ => "Get-ADUser",
    };
    outcome.by_hand_windows(format!(
        "{command} {} -Server {} -Properties *",
        by_hand::powershell(name),
        by_hand::powershell(read.controller.host())
    ));
    outcome.by_hand_windows(format!("setspn -L {}", by_hand::cmd(full)));
}

fn tell_state(outcome: &mut OutcomeBuilder, observed: &Observed) {
    let now = jiff::Timestamp::now();
    let (control, state) = (observed.control(), observed.state());
    let has = |flag| control.map(|control| control.has(flag));
    let computed = |flag| state.computed.map(|computed| computed.has(flag));
    let filetime = |name: &str| {
        observed
            .entry
            .number(name)
            .and_then(time::from_filetime)
            .map(time::rfc3339)
    };
    let usable = state.unusable(now);
    let name = observed.entry.text("sAMAccountName").unwrap_or_default();
    let reasons = usable
        .as_ref()
        .map(|reasons| -> Vec<_> { reasons.iter().map(|reason| reason.words()).collect() });
    let (usable, why) = match &usable {
        Ok(reasons) => (
            Some(reasons.is_empty()),
            reasons.first().map(|reason| reason.word()),
        ),
        Err(()) => (None, None),
    };
    outcome.summary(match (usable, why) {
        (_, Some(why)) => format!("{name} is {}", why.replace('-', " ")),
        (Some(_), None) => name,
        (None, None) => format!("{name}, state not readable"),
    });
    let created = observed
        .entry
        .text("whenCreated")
        .and_then(|text| time::from_generalized(&text))
        .map(time::rfc3339);
    outcome
        .fact("usable", usable)
        .fact("unusable_reason", why)
        .fact("unusable_reasons", reasons.ok())
        .fact("unreadable", observed.unreadable())
        .fact("user_principal_name", observed.text("userPrincipalName"))
        .fact("dns_host_name", observed.text("dNSHostName"))
        .fact("disabled", has(UserAccountControl::DISABLED))
        .fact("locked_out", computed(UserAccountControl::LOCKED_OUT))
        .fact(
            "password_expired",
            computed(UserAccountControl::PASSWORD_EXPIRED),
        )
        .fact(
            "password_never_expires",
            has(UserAccountControl::PASSWORD_NEVER_EXPIRES),
        )
        .fact("must_change_password", state.must_change_password())
        .fact("password_last_set", filetime("pwdLastSet"))
        .fact(
            "password_expires",
            filetime("msDS-UserPasswordExpiryTimeComputed"),
        )
        .fact("expired", state.expired(now))
        .fact("account_expires", filetime("accountExpires"))
        .fact(
            "smartcard_required",
            has(UserAccountControl::SMARTCARD_REQUIRED),
        )
        .fact(
            "preauthentication_required",
            has(UserAccountControl::NO_PREAUTHENTICATION).map(|not| !not),
        )
        .fact("flags", control.map(UserAccountControl::words))
        .fact("user_account_control", control.map(|control| control.0))
        .fact("created", created);
}

fn tell_keys(outcome: &mut OutcomeBuilder, observed: &Observed) {
    let types = observed.encryption_types();
    outcome
        .fact(
            "key_version",
            observed.entry.number("msDS-KeyVersionNumber"),
        )
        .fact("encryption_types", types.map(encryption_type::words))
        .fact("encryption_types_value", types)
        .fact("aes", types.and_then(encryption_type::allows_aes))
        .fact("rc4", types.and_then(encryption_type::allows_rc4))
        .fact(
            "des_only",
            observed
                .control()
                .map(|control| control.has(UserAccountControl::DES_ONLY)),
        );
}

fn tell_rights(outcome: &mut OutcomeBuilder, observed: &Observed) {
    let list = observed.list("msDS-AllowedToDelegateTo");
    let kind = observed
        .control()
        .zip(list.as_ref())
        .map(|(control, list)| delegation::Kind::of_account(control, list).word());
    let registers = observed.registers_itself();
    let groups = observed.token_groups.as_ref();
    let sids = groups.map(|groups| -> Vec<String> {
        observed
            .sid()
            .iter()
            .chain(groups)
            .map(ToString::to_string)
            .collect()
    });
    outcome
        .fact("spns", observed.list("servicePrincipalName"))
        .fact("cluster_virtual_name", observed.is_virtual_name())
        .fact("may_write_spn", observed.may_write_spn())
        .fact("registers_itself", registers.map(|(word, _)| word))
        .fact("registers_itself_words", registers.map(|(_, words)| words))
        .fact("delegation", kind)
        .fact("delegation_list", list)
        .fact(
            "sensitive",
            observed
                .control()
                .map(|control| control.has(UserAccountControl::NOT_DELEGATED)),
        )
        .fact("protected_user", observed.protected_user())
        .fact("authentication_policy", policy(observed))
        .fact("group_count", groups.map(Vec::len))
        .fact("token_bytes", groups.map(|groups| 1200 + 40 * groups.len()))
        .fact("security_identifiers", sids);
}

/// The account's own authentication policy, else that of its silo.
fn policy(observed: &Observed) -> Value {
    let name = "msDS-AssignedAuthNPolicy";
    if observed.presence(name) == Presence::Value {
        return observed.text(name);
    }
    observed.text("msDS-AssignedAuthNPolicySilo")
}
