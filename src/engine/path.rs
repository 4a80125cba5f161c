//! The picture of the path: client, DNS, KDC, directory, SQL Server, second
//! hop, and the place where it breaks.

use serde_json::{Map, Value};

use super::finding::{Finding, RuledOut, Severity, UnknownCause, unresolved};
use super::station::{PathStation, Station, StationState};
use crate::cause::Catalogue;
use crate::probe::NOT_OBSERVED;

/// A probe that was walked, as far as the picture needs it.
#[derive(Clone, Copy, Debug)]
pub struct Looked<'a> {
    /// The probe's key.
    pub probe: &'a str,
    /// Its status.
    pub status: &'a str,
    /// What it saw.
    pub facts: &'a Map<String, Value>,
}

/// The stations, all six, in the order of the way. `findings` stand in the
/// order of repair.
pub fn path(
    catalogue: &Catalogue,
    target: &str,
    looked: &[Looked<'_>],
    findings: &[Finding],
    ruled_out: &[RuledOut],
    unknown: &[UnknownCause],
) -> Vec<PathStation> {
    let at = |id: &str| catalogue.cause(id).and_then(|cause| cause.station);
    let open = unresolved(unknown, ruled_out, findings);
    Station::ALL
        .into_iter()
        .map(|station| {
            let here: Vec<&Finding> = findings
                .iter()
                .filter(|finding| at(&finding.cause) == Some(station))
                .collect();
            let hidden: Vec<&str> = open
                .iter()
                .filter(|one| at(&one.cause) == Some(station))
                .filter_map(|one| catalogue.cause(&one.cause))
                .map(|cause| cause.title.as_str())
                .collect();
            let probes: Vec<&Looked<'_>> = looked
                .iter()
                .filter(|one| Station::of_probe(one.probe) == Some(station))
                .collect();
            let seen = probes.iter().any(|one| one.status != NOT_OBSERVED);
            // What fails nothing yet does not break the way.
            let breaks = here.iter().any(|one| one.severity != Severity::Latent);
            let state = if breaks {
                StationState::Broken
            } else if !hidden.is_empty() {
                StationState::Unknown
            } else if seen {
                StationState::Ok
            } else if probes.is_empty() {
                StationState::NotAsked
            } else {
                StationState::Unknown
            };
            let says = if here.is_empty() {
                hidden.iter().map(|title| (*title).to_owned()).collect()
            } else {
                here.iter().map(|finding| finding.title.clone()).collect()
            };
            PathStation {
                station,
                title: station.title().to_owned(),
                who: who(station, target, looked),
                state,
                causes: here.iter().map(|finding| finding.cause.clone()).collect(),
                says,
            }
        })
        .collect()
}

/// The picture in text, at most `width` cells wide: marks over names beside one
/// another, or below one another where that has no room. What broke stands
/// below. A second hop that nobody asked for is left out.
pub fn drawing(stations: &[PathStation], width: usize) -> Vec<String> {
    let shown: Vec<&PathStation> = stations
        .iter()
        .filter(|one| one.station != Station::SecondHop || one.state != StationState::NotAsked)
        .collect();
    let mut lines = beside(&shown, width).unwrap_or_else(|| below(&shown));
    for one in shown
        .iter()
        .filter(|one| one.state == StationState::Broken)
        .take(1)
    {
        let cause = one.says.first().cloned().unwrap_or_default();
        lines.push(format!("It breaks at {}: {cause}.", place(one.station)));
    }
    lines
}

fn place(station: Station) -> &'static str {
    match station {
        Station::Client => "your own side",
        Station::Dns => "DNS",
        Station::Kdc => "the KDC",
        Station::Directory => "the directory",
        Station::SqlServer => "the SQL Server",
        Station::SecondHop => "the second hop",
    }
}

/// One line of names, one of marks; none when they are too wide.
fn beside(stations: &[&PathStation], width: usize) -> Option<Vec<String>> {
    let (mut names, mut marks) = (String::new(), String::new());
    for (number, one) in stations.iter().enumerate() {
        if number > 0 {
            names.push_str(if one.state == StationState::Broken {
                " --X "
            } else {
                " --- "
            });
        }
        marks.extend(std::iter::repeat_n(' ', names.len() - marks.len()));
        names.push_str(&one.title);
        marks.push_str(one.state.mark());
    }
    (names.len().max(marks.len()) <= width).then(|| vec![names, marks])
}

fn below(stations: &[&PathStation]) -> Vec<String> {
    stations
        .iter()
        .map(|one| {
            let who = one.who.as_deref().unwrap_or_default();
            format!("{} {:11} {who}", one.state.mark(), one.title)
                .trim_end()
                .to_owned()
        })
        .collect()
}

/// Who stands at a station, from the facts of the probes that name it.
fn who(station: Station, target: &str, looked: &[Looked<'_>]) -> Option<String> {
    let fact = |probe: &str, pointer: &str| {
        looked
            .iter()
            .rev()
            .filter(|one| one.probe == probe)
            .find_map(|one| at(one.facts, pointer))
    };
    match station {
        Station::Client => fact("kerberos-ticket", "principal"),
        Station::Dns => fact("dns-forward", "answers.server"),
        Station::Kdc => fact("kerberos-service-ticket", "kdc").or(fact("kerberos-kdc", "fastest")),
        Station::Directory => fact("ldap-root", "dns_host_name"),
        Station::SqlServer => {
            fact("sql-identity", "fqdn").or_else(|| (!target.is_empty()).then(|| target.to_owned()))
        }
        Station::SecondHop => fact("ldap-delegation", "back_end_account.name"),
    }
}

/// A text in facts by a dotted name; of a list the first item counts.
fn at(facts: &Map<String, Value>, name: &str) -> Option<String> {
    let mut parts = name.split('.');
    let mut value = facts.get(parts.next()?)?;
    for part in parts {
        if let Value::Array(items) = value {
            value = items.first()?;
        }
        value = value.get(part)?;
    }
    value.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::engine::StepPath;

    fn finding(cause: &str, severity: Severity) -> Finding {
        Finding {
            cause: cause.to_owned(),
            severity,
            title: Catalogue::embedded().cause(cause).unwrap().title.clone(),
            meaning: String::new(),
            step: StepPath::default(),
            evidence: Vec::new(),
            values: Map::new(),
            fix: Vec::new(),
        }
    }

    fn picture(findings: &[Finding], unknown: &[&str]) -> Vec<PathStation> {
        let facts = json!({ "answers": [{ "server": "10.0.0.2" }], "principal": "alice@CORP" });
        let facts = facts.as_object().unwrap();
        let none = Map::new();
        let looked = [
            ("kerberos-ticket", "valid", facts),
            ("dns-forward", "resolved", facts),
            ("kerberos-kdc", "answering", facts),
            ("ldap-spn", "missing", facts),
            ("sql-identity", NOT_OBSERVED, &none),
        ]
        .map(|(probe, status, facts)| Looked {
            probe,
            status,
            facts,
        });
        let unknown: Vec<UnknownCause> = unknown
            .iter()
            .map(|cause| UnknownCause {
                cause: (*cause).to_owned(),
                step: StepPath::default(),
                why: "w".to_owned(),
                values: Map::new(),
            })
            .collect();
        path(
            Catalogue::embedded(),
            "sql1,1433",
            &looked,
            findings,
            &[],
            &unknown,
        )
    }

    #[test]
    fn it_breaks_where_the_cause_sits() {
        let stations = picture(&[finding("spn-missing", Severity::EveryLogin)], &[]);
        let states: Vec<&str> = stations.iter().map(|one| one.state.mark()).collect();
        assert_eq!(states, ["[ok]", "[ok]", "[ok]", "[!!]", "[??]", "[  ]"]);
        assert_eq!(
            drawing(&stations, 72),
            [
                "You --- DNS --- KDC --X Directory --- SQL Server",
                "[ok]    [ok]    [ok]    [!!]          [??]",
                "It breaks at the directory: Nobody holds the SPN.",
            ]
        );
        let narrow = drawing(&stations, 40);
        assert_eq!(narrow[0], "[ok] You         alice@CORP");
        assert_eq!(narrow[1], "[ok] DNS         10.0.0.2");
        assert_eq!(narrow[4], "[??] SQL Server  sql1,1433");
    }

    #[test]
    fn what_fails_nothing_yet_breaks_nothing_and_unknown_is_not_ok() {
        let stations = picture(
            &[finding("spn-malformed", Severity::Latent)],
            &["clock-skew"],
        );
        assert_eq!(stations[3].state, StationState::Ok);
        assert_eq!(stations[3].causes, ["spn-malformed"]);
        assert_eq!(stations[2].state, StationState::Unknown);
        assert!(
            drawing(&stations, 72)
                .iter()
                .all(|line| !line.contains("breaks"))
        );
    }
}
