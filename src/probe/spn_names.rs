//! `spn-names`: which SPNs an instance needs, and which each driver asks for.
//! Asks nobody: it works them out from what other probes found.

mod declaration;

use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::{Context, Outcome, Probe, ProbeDeclaration, ProbeRequest};
use crate::directory::spn::Spn;
use crate::directory::spn::driver::{ClientView, DRIVERS};
use crate::directory::spn::required::{self as needs, Need, NeededSpn};

/// The probes of this family.
pub static PROBES: &[&dyn Probe] = &[&SpnNames];

/// The probe `spn-names`.
pub struct SpnNames;

impl Probe for SpnNames {
    fn declaration(&self) -> &'static ProbeDeclaration {
        &declaration::DECLARATION
    }

    fn observe<'a>(
        &'a self,
        request: &'a ProbeRequest,
        _context: &'a Context,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move { observe(request) })
    }
}

fn observe(request: &ProbeRequest) -> Outcome {
    let mut outcome = Outcome::of(&declaration::DECLARATION);
    let ports = (
        request.optional_port("typed_port"),
        request.optional_port("port"),
    );
    let (host, typed_port, port) = match (request.text("host"), ports) {
        (Ok(host), (Ok(typed), Ok(port))) => (host, typed, port),
        (Err(fault), _) | (_, (Err(fault), _) | (_, Err(fault))) => {
            return outcome.not_observed(&fault.to_string());
        }
    };
    let view = ClientView {
        typed: host,
        canonical: request.optional_text("canonical"),
        reverse: request.optional_text("reverse"),
        typed_port,
        port,
        instance: request.optional_text("instance"),
        domain: request.optional_text("domain"),
    };
    let named = [
        request.optional_text("server_name"),
        view.canonical,
        view.reverse,
        Some(host),
    ]
    .into_iter()
    .flatten()
    .find(|name| !is_address(name));
    let Some(server_name) = named else {
        outcome.reason(format!(
            "`{host}` is an address, and no name leads back from it"
        ));
        outcome.summary("no name");
        return outcome.finish("no-name");
    };
    let final_port = port
        .or(typed_port)
        .or_else(|| needs::named(view.instance).is_none().then_some(1433));
    let needed = needs::needed(server_name, final_port, view.instance);
    tell(&mut outcome, &view, &needed);
    outcome.fact("server_name", server_name);
    let of = |name: &str| request.arguments.get(name);
    outcome
        .fact("listener_spns", listener_spns(of("listeners"), view.domain))
        .fact("replica_spns", replica_spns(of("replicas"), view.domain));
    outcome.finish("named")
}

/// A name as SQL Server tells it, with the domain when it has none.
fn full_name(name: &Value, domain: Option<&str>) -> Option<String> {
    let name = name.as_str()?.trim().trim_end_matches('.');
    match domain {
        _ if name.is_empty() => None,
        Some(domain) if !name.contains('.') => Some(format!("{name}.{domain}").to_lowercase()),
        _ => Some(name.to_lowercase()),
    }
}

fn listener_spns(listeners: Option<&Value>, domain: Option<&str>) -> Vec<String> {
    let mut spns: Vec<String> = Vec::new();
    for listener in listeners.and_then(Value::as_array).into_iter().flatten() {
        let Some(name) = full_name(&listener["name"], domain) else {
            continue;
        };
        let port = listener["port"]
            .as_u64()
            .and_then(|port| u16::try_from(port).ok());
        let with_port = port.map(|port| Spn::sql_port(&name, port));
        for spn in with_port.into_iter().chain([Spn::sql(&name)]) {
            let spn = spn.to_string();
            if !spns.contains(&spn) {
                spns.push(spn);
            }
        }
    }
    spns
}

fn replica_spns(replicas: Option<&Value>, domain: Option<&str>) -> Vec<String> {
    replicas
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|replica| {
            let host = full_name(&replica["host"], domain)?;
            Some(match needs::named(replica["instance"].as_str()) {
                Some(instance) => Spn::sql_instance(&host, instance).to_string(),
                None => Spn::sql(&host).to_string(),
            })
        })
        .collect()
}

fn is_address(name: &str) -> bool {
    let name = name.trim_start_matches('[').trim_end_matches(']');
    name.parse::<std::net::IpAddr>().is_ok()
}

fn tell(outcome: &mut super::OutcomeBuilder, view: &ClientView<'_>, needed: &[NeededSpn]) {
    let of_need = |need: Need| -> Vec<String> {
        needed
            .iter()
            .filter(|needed| needed.need == need)
            .map(|needed| needed.spn.to_string())
            .collect()
    };
    let by_driver: Vec<Value> = DRIVERS
        .iter()
        .map(|driver| {
            let spns = (driver.spns)(view);
            let covered = spns.iter().any(|spn| {
                needed
                    .iter()
                    .any(|needed| needed.need == Need::Required && needed.spn == *spn)
            });
            let spns: Vec<String> = spns.iter().map(ToString::to_string).collect();
            json!({
                "id": driver.id,
                "driver": driver.name,
                "rule": driver.rule,
                "spns": spns,
                "covered": covered,
            })
        })
        .collect();
    let asked = by_driver
        .first()
        .and_then(|driver| driver["spns"][0].as_str())
        .unwrap_or_default()
        .to_owned();
    let mut all = vec![asked.clone()];
    for needed in needed {
        let spn = needed.spn.to_string();
        if !all
            .iter()
            .any(|known| crate::directory::spn::same(known, &spn))
        {
            all.push(spn);
        }
    }
    let records: Vec<Value> = needed
        .iter()
        .map(|needed| json!({ "spn": needed.spn.to_string(), "need": needed.need.word(), "why": needed.why }))
        .collect();
    let lines: Vec<String> = by_driver
        .iter()
        .map(|driver| {
            let spns: Vec<&str> = driver["spns"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            format!(
                "{}: {}",
                driver["driver"].as_str().unwrap_or_default(),
                spns.join(", then ")
            )
        })
        .collect();
    outcome.saw("the rules of the drivers", lines.join("\n"));
    outcome
        .summary(asked.clone())
        .fact("asked", asked)
        .fact("needed", records)
        .fact("required", of_need(Need::Required))
        .fact("recommended", of_need(Need::Recommended))
        .fact("by_driver", by_driver)
        .fact("all", all);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_reverse_record_shows_in_what_is_asked() {
        let request = ProbeRequest::new("spn-names")
            .with("host", "sql1")
            .with("canonical", "sql1.corp.example")
            .with("reverse", "old.corp.example");
        let outcome = observe(&request);
        assert_eq!(outcome.status, "named");
        assert_eq!(outcome.fact("asked"), "MSSQLSvc/old.corp.example:1433");
        assert_eq!(
            outcome.fact("required"),
            &json!([
                "MSSQLSvc/sql1.corp.example:1433",
                "MSSQLSvc/sql1.corp.example"
            ])
        );
        assert_eq!(outcome.fact("all")[0], "MSSQLSvc/old.corp.example:1433");
        assert_eq!(outcome.fact("by_driver")[0]["covered"], false);
    }

    #[test]
    fn listeners_and_replicas_have_names_of_their_own() {
        let request = ProbeRequest::new("spn-names")
            .with("host", "sql1")
            .with("domain", "corp.example")
            .with("listeners", json!([{ "name": "AGL", "port": 1500 }]))
            .with(
                "replicas",
                json!([{ "host": "sql1.corp.example", "instance": null },
                       { "host": "SQL2", "instance": "INST1" }]),
            );
        let outcome = observe(&request);
        assert_eq!(
            outcome.fact("listener_spns"),
            &json!([
                "MSSQLSvc/agl.corp.example:1500",
                "MSSQLSvc/agl.corp.example"
            ])
        );
        assert_eq!(
            outcome.fact("replica_spns"),
            &json!([
                "MSSQLSvc/sql1.corp.example",
                "MSSQLSvc/sql2.corp.example:INST1"
            ])
        );
    }

    #[test]
    fn an_address_without_a_name_has_none() {
        let request = ProbeRequest::new("spn-names").with("host", "10.0.0.1");
        assert_eq!(observe(&request).status, "no-name");
    }
}
