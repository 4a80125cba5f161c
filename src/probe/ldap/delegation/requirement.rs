//! The requirements of delegation, each with its state and what was seen.

use serde_json::Value;

use crate::directory::account::UserAccountControl;
use crate::directory::delegation::{Kind, Settings, Verdict};
use crate::directory::spn;
use crate::probe::ldap::requirements::{drawing, record};

/// What is known beside the settings.
pub(super) struct Names<'a> {
    /// The middle account.
    pub(super) middle: &'a str,
    /// The back end's account, when exactly one holds the SPN.
    pub(super) back_end: Option<&'a str>,
    /// The user.
    pub(super) user: Option<&'a str>,
    /// Whether middle and back end are in one domain.
    pub(super) same_domain: Option<bool>,
    /// Who stands in the resource-based entry.
    pub(super) entry: String,
    /// How the user came to the first server.
    pub(super) scheme: Option<&'a str>,
    /// Whether the user is of another forest than the middle account.
    pub(super) user_of_other_forest: Option<bool>,
    /// Whether unconstrained delegation may cross the trust between them.
    pub(super) tgt_delegation: Option<bool>,
}

/// Whether everything else is right, but delegation of this kind ends at the
/// border of the domain or of the forest.
pub(super) fn out_of_reach(kind: Kind, verdict: Verdict, names: &Names<'_>) -> bool {
    verdict == Verdict::Allowed && crosses(kind, names).is_some_and(|(state, _)| state == "missing")
}

/// The state and the words of the border that this kind of delegation has to
/// cross; nothing when there is none.
pub(super) fn crosses(kind: Kind, names: &Names<'_>) -> Option<(&'static str, &'static str)> {
    match kind {
        Kind::Constrained | Kind::ConstrainedAnyProtocol => Some(match names.same_domain {
            Some(true) => ("met", "both accounts are in one domain"),
            Some(false) => (
                "missing",
                "the accounts of the two servers are in different domains: a delegation list does not reach there, an entry on the second server's account does",
            ),
            None => ("unknown", "the back end's account is not known"),
        }),
        Kind::Unconstrained => match (names.user_of_other_forest, names.tgt_delegation) {
            (Some(true), Some(true)) => {
                Some(("met", "the trust carries the user's ticket-granting ticket"))
            }
            (Some(true), Some(false)) => Some((
                "missing",
                "the user is of another forest, and the trust does not carry the ticket-granting ticket that unconstrained delegation needs",
            )),
            (Some(true), None) => Some((
                "unknown",
                "the user is of another forest; whether the trust carries ticket-granting tickets was not read",
            )),
            _ => None,
        },
        Kind::None | Kind::ResourceBased => None,
    }
}

/// The way from the user to the back end, and every requirement with its mark.
pub(super) fn draw(names: &Names<'_>, requirements: &[Value]) -> String {
    let way = format!(
        "{} -> {} -> {}",
        names.user.unwrap_or("the user"),
        names.middle,
        names.back_end.unwrap_or("the second server's account")
    );
    drawing(&way, requirements)
}

/// Every requirement.
pub(super) fn list(settings: &Settings<'_>, kind: Kind, names: &Names<'_>) -> Vec<Value> {
    vec![
        first_hop(names),
        back_end(settings, names),
        trusted(settings, kind, names),
        listed(settings, kind, names),
        entry(settings, kind, names),
        transition(settings, kind, names),
        border(kind, names),
        user(
            "user-not-sensitive",
            settings.user_sensitive,
            names,
            "marked `sensitive and cannot be delegated`",
        ),
        user(
            "user-not-protected",
            settings.user_protected,
            names,
            "a member of Protected Users",
        ),
    ]
}

fn trusted(settings: &Settings<'_>, kind: Kind, names: &Names<'_>) -> Value {
    let middle = names.middle;
    let (state, detail) = match kind {
        Kind::Unconstrained => ("met", format!("{middle} may delegate to any service")),
        Kind::Constrained => (
            "met",
            format!(
                "{middle} may delegate to the SPNs of a list, for users who came with Kerberos"
            ),
        ),
        Kind::ConstrainedAnyProtocol => (
            "met",
            format!("{middle} may delegate to the SPNs of a list, however the user came"),
        ),
        Kind::ResourceBased => ("not-needed", "the back end's account decides".to_owned()),
        Kind::None if settings.middle_control.is_none() || settings.list.is_none() => (
            "unknown",
            format!("the delegation settings of {middle} cannot be read"),
        ),
        Kind::None => ("missing", format!("{middle} has no delegation setting")),
    };
    record("middle-trusted", state, detail)
}

fn listed(settings: &Settings<'_>, kind: Kind, names: &Names<'_>) -> Value {
    let asked = settings.back_end_spn;
    let (state, detail) = match (kind, settings.list) {
        (Kind::Unconstrained | Kind::ResourceBased, _) => {
            ("not-needed", "no list is used".to_owned())
        }
        (_, None) => (
            "unknown",
            format!("the list of {} cannot be read", names.middle),
        ),
        (_, Some(list)) if list.iter().any(|entry| spn::same(entry, asked)) => {
            ("met", format!("the list has {asked}"))
        }
        (_, Some([])) => ("missing", "there is no list".to_owned()),
        (_, Some(list)) => (
            "missing",
            format!("the list has {}, but not {asked}", list.join(", ")),
        ),
    };
    record("back-end-spn-listed", state, detail)
}

fn entry(settings: &Settings<'_>, kind: Kind, names: &Names<'_>) -> Value {
    let back_end = names.back_end.unwrap_or("the back end's account");
    let (state, detail) = match (kind, settings.resource_based) {
        (_, None) => ("unknown", format!("the entry of {back_end} cannot be read")),
        (_, Some(entry)) if entry.iter().any(|sid| settings.middle_sids.contains(sid)) => (
            "met",
            format!("{back_end} lets {} delegate to it", names.middle),
        ),
        (Kind::Unconstrained | Kind::Constrained | Kind::ConstrainedAnyProtocol, _) => (
            "not-needed",
            format!("{} has a setting of its own", names.middle),
        ),
        (_, Some([])) => ("missing", format!("{back_end} has no entry")),
        (_, Some(_)) => (
            "missing",
            format!("{back_end} lets only {} delegate to it", names.entry),
        ),
    };
    record("resource-based-entry", state, detail)
}

fn transition(settings: &Settings<'_>, kind: Kind, names: &Names<'_>) -> Value {
    let flag = settings
        .middle_control
        .map(|control| control.has(UserAccountControl::TRUSTED_TO_AUTHENTICATE));
    let by_list = matches!(kind, Kind::Constrained | Kind::ConstrainedAnyProtocol);
    let (state, detail) = match (settings.any_protocol && by_list, flag) {
        (false, _) => (
            "not-needed",
            "users come with Kerberos, or no list is used".to_owned(),
        ),
        (true, Some(true)) => (
            "met",
            format!("{} may use any authentication protocol", names.middle),
        ),
        (true, Some(false)) => (
            "missing",
            format!("{} may delegate Kerberos users only", names.middle),
        ),
        (true, None) => ("unknown", "the flag cannot be read".to_owned()),
    };
    record("protocol-transition", state, detail)
}

fn border(kind: Kind, names: &Names<'_>) -> Value {
    let (state, words) = crosses(kind, names).unwrap_or(("not-needed", "no border is crossed"));
    record("crosses", state, words)
}

fn first_hop(names: &Names<'_>) -> Value {
    let (state, words) = match names.scheme {
        None => (
            "unknown",
            "how the user came to the first server is not known".to_owned(),
        ),
        Some(scheme) if scheme.eq_ignore_ascii_case("KERBEROS") => (
            "met",
            "the user came to the first server by Kerberos".to_owned(),
        ),
        Some(scheme) => (
            "missing",
            format!("the user came to the first server by {scheme}, not Kerberos"),
        ),
    };
    record("first-hop-kerberos", state, words)
}

fn back_end(settings: &Settings<'_>, names: &Names<'_>) -> Value {
    let asked = settings.back_end_spn;
    let (state, words) = match names.back_end {
        Some(holder) => ("met", format!("{holder} alone holds {asked}")),
        None => (
            "missing",
            format!("no account, or more than one, holds {asked}"),
        ),
    };
    record("back-end-spn", state, words)
}

fn user(name: &str, barred: Option<bool>, names: &Names<'_>, what: &str) -> Value {
    let (state, detail) = match (names.user, barred) {
        (None, _) => ("unknown", "no user was named".to_owned()),
        (Some(user), Some(true)) => ("missing", format!("{user} is {what}")),
        (Some(user), Some(false)) => ("met", format!("{user} is not {what}")),
        (Some(user), None) => (
            "unknown",
            format!("whether {user} is {what} cannot be read"),
        ),
    };
    record(name, state, detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::delegation;

    #[test]
    fn each_requirement_has_a_state_of_the_declaration() {
        let list_of = ["MSSQLSvc/sql2.corp.example".to_owned()];
        let settings = Settings {
            middle_control: Some(UserAccountControl(0x200)),
            list: Some(&list_of),
            resource_based: Some(&[]),
            back_end_spn: "MSSQLSvc/sql2.corp.example:1433",
            user_sensitive: Some(true),
            ..Settings::default()
        };
        let names = NAMES;
        let (kind, _) = delegation::decide(&settings);
        let states: Vec<(String, String)> = list(&settings, kind, &names)
            .iter()
            .map(|r| {
                (
                    r["name"].as_str().unwrap().to_owned(),
                    r["state"].as_str().unwrap().to_owned(),
                )
            })
            .collect();
        let state = |name: &str| {
            let found = states.iter().find(|(known, _)| known == name);
            found.unwrap().1.clone()
        };
        assert_eq!(state("middle-trusted"), "met");
        assert_eq!(state("back-end-spn-listed"), "missing");
        assert_eq!(state("resource-based-entry"), "not-needed");
        assert_eq!(state("user-not-sensitive"), "missing");
        assert_eq!(state("user-not-protected"), "unknown");
    }

    const NAMES: Names<'_> = Names {
        middle: "CORP\\svc",
        back_end: Some("CORP\\svc2"),
        user: Some("CORP\\alice"),
        same_domain: Some(true),
        entry: String::new(),
        scheme: Some("KERBEROS"),
        user_of_other_forest: Some(false),
        tgt_delegation: None,
    };

    #[test]
    fn a_list_does_not_leave_the_domain() {
        let elsewhere = Names {
            same_domain: Some(false),
            ..NAMES
        };
        let barred = |kind, names| out_of_reach(kind, Verdict::Allowed, names);
        assert!(barred(Kind::Constrained, &elsewhere));
        assert!(!barred(Kind::Unconstrained, &elsewhere));
        assert!(!barred(Kind::ResourceBased, &elsewhere));
        let unknown = Names {
            same_domain: None,
            ..NAMES
        };
        assert!(!barred(Kind::Constrained, &unknown));
    }

    #[test]
    fn unconstrained_delegation_stays_in_the_forest_unless_the_trust_carries_it() {
        for (tgt_delegation, state) in [
            (Some(true), "met"),
            (Some(false), "missing"),
            (None, "unknown"),
        ] {
            let names = Names {
                user_of_other_forest: Some(true),
                tgt_delegation,
                ..NAMES
            };
            let crossed = crosses(Kind::Unconstrained, &names);
            assert_eq!(crossed.map(|(state, _)| state), Some(state));
            assert!(crosses(Kind::ResourceBased, &names).is_none());
        }
        assert!(crosses(Kind::Unconstrained, &NAMES).is_none());
    }
}
