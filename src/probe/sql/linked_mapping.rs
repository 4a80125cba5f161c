//! As whom a linked server signs us in at the back end.

use serde_json::Value;

use super::linked;
use super::reading::Rows;
use crate::probe::OutcomeBuilder;
use crate::sql_target::SqlTarget;

/// How a login is mapped (`sys.linked_logins`): the mapping of its own, else
/// the one for all others.
#[derive(Debug, PartialEq, Eq)]
enum Mapping {
    /// The user's own Windows login is passed on.
    OurSelf,
    /// A SQL login, by its name.
    Fixed(String),
    /// No security context at all.
    Nobody,
    /// None that we may see.
    NotVisible,
}

/// Tells which linked server leads to one of `names`, and as whom it signs
/// `login` in there. `rows` is SQL Server's answer, or why there is none.
pub(super) fn tell(
    rows: Result<&Rows, &str>,
    login: Option<&str>,
    names: &[String],
    outcome: &mut OutcomeBuilder,
) {
    let mut told: Vec<&str> = names.iter().map(String::as_str).collect();
    told.dedup();
    let back_end = told.join(" or ");
    let rows = match rows {
        Ok(rows) => rows,
        Err(why) => {
            outcome.fact(
                "linked_mapping_words",
                format!("the linked servers cannot be read: {why}"),
            );
            return;
        }
    };
    let leading: Vec<Value> = linked::servers(rows)
        .into_iter()
        .filter(|server| {
            server["data_source"]
                .as_str()
                .or_else(|| server["name"].as_str())
                .is_some_and(|source| names.iter().any(|name| leads_to(source, name)))
        })
        .collect();
    let Some(first) = leading.first() else {
        outcome.fact(
            "linked_mapping_words",
            format!("no linked server that leads to {back_end} is visible"),
        );
        return;
    };
    let mapping = mapping(first, login);
    if let Some(other) = leading
        .iter()
        .find(|other| self::mapping(other, login) != mapping)
    {
        outcome.fact(
            "linked_mapping_words",
            format!(
                "{} and {} both lead to {back_end} and sign in differently",
                name(first),
                name(other)
            ),
        );
        return;
    }
    let (ourselves, words) = match mapping {
        Mapping::OurSelf => (Some(true), "the user himself".to_owned()),
        Mapping::Fixed(login) => (Some(false), format!("the SQL login {login}")),
        Mapping::Nobody => (
            Some(false),
            "nobody (without a security context)".to_owned(),
        ),
        Mapping::NotVisible => (
            None,
            format!("no login mapping of {} is visible", name(first)),
        ),
    };
    outcome
        .fact("linked_server", first.clone())
        .fact("linked_self_mapped", ourselves)
        .fact("linked_mapping_words", words);
}

fn name(server: &Value) -> &str {
    server["name"].as_str().unwrap_or("a linked server")
}

fn mapping(server: &Value, login: Option<&str>) -> Mapping {
    let logins = server["logins"].as_array().map_or(&[][..], Vec::as_slice);
    let own = logins.iter().find(|entry| {
        let local = entry["local_login"].as_str();
        local
            .zip(login)
            .is_some_and(|(local, login)| local.eq_ignore_ascii_case(login))
    });
    let all = || logins.iter().find(|entry| entry["local_login"].is_null());
    let Some(entry) = own.or_else(all) else {
        return Mapping::NotVisible;
    };
    match (
        entry["uses_self_credential"].as_bool(),
        entry["remote_login"].as_str(),
    ) {
        (Some(true), _) => Mapping::OurSelf,
        (Some(false), Some(login)) => Mapping::Fixed(login.to_owned()),
        (Some(false), None) => Mapping::Nobody,
        (None, _) => Mapping::NotVisible,
    }
}

/// Whether a data source is the server that is meant, as far as the two texts
/// tell: a short name may stand for the long one, and a port for an instance.
fn leads_to(source: &str, name: &str) -> bool {
    let (Ok(source), Ok(meant)) = (source.parse::<SqlTarget>(), name.parse::<SqlTarget>()) else {
        return source.trim().eq_ignore_ascii_case(name.trim());
    };
    let same_host =
        source.host == meant.host || is_short_for(&source, &meant) || is_short_for(&meant, &source);
    let same_port = match (source.port, meant.port) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    };
    let same_instance = match (&source.instance, &meant.instance) {
        (Some(one), Some(other)) => one == other,
        (None, None) => true,
        // An instance is reached by its port as well, if that is named.
        (Some(_), None) => meant.port.is_some_and(|port| port != DEFAULT_PORT),
        (None, Some(_)) => source.port.is_some_and(|port| port != DEFAULT_PORT),
    };
    same_host && same_port && same_instance
}

/// The port of a default instance.
const DEFAULT_PORT: u16 = 1433;

fn is_short_for(short: &SqlTarget, long: &SqlTarget) -> bool {
    short.is_short_name()
        && long
            .host
            .split_once('.')
            .is_some_and(|(label, _)| label == short.host)
}

#[cfg(test)]
#[path = "linked_mapping/tests.rs"]
mod tests;
