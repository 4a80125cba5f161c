//! What only the network can tell: name servers, KDCs, the directory, the
//! clock. Asked by the probes of a walk, all at once.

use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{Check, Repair};
use crate::probe::{NOT_OBSERVED, Outcome, ProbeRequest, Runner};

/// Where to look.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The user's own domain.
    pub domain: Option<String>,
    /// A SQL Server's host.
    pub server: Option<String>,
}

/// Every check that asks.
pub async fn checks(
    runner: &dyn Runner,
    wanted: &Wanted,
    clock: super::clock::Synchronised,
) -> Vec<Check> {
    let ask = |request: ProbeRequest| runner.run(request, None, CancellationToken::new());
    let ask_for_ticket = || ask(ProbeRequest::new("kerberos-ticket"));
    // Where nothing else says it, the ticket tells which domain is ours.
    let early = match wanted.domain {
        None => Some(ask_for_ticket().await),
        Some(_) => None,
    };
    let domain = wanted.domain.clone().or_else(|| {
        let realm = early.as_ref()?.fact("realm").as_str()?;
        Some(realm.to_lowercase())
    });
    let own = domain.clone();
    let of_domain = async {
        let domain = domain?;
        let realm = domain.to_uppercase();
        let kdcs = async {
            let kdcs = ask(ProbeRequest::new("kerberos-kdc").with("realm", realm.clone())).await;
            let answering = kdcs.fact("answering").clone();
            let any = answering.as_array().is_some_and(|list| !list.is_empty());
            let udp = if any {
                let request = ProbeRequest::new("kerberos-udp")
                    .with("realm", realm.clone())
                    .with("hosts", answering);
                Some(ask(request).await)
            } else {
                None
            };
            (kdcs, udp)
        };
        let (located, root, (kdcs, udp)) = tokio::join!(
            ask(ProbeRequest::new("dns-locate").with("domain", domain.clone())),
            ask(ProbeRequest::new("ldap-root").with("domain", domain.clone())),
            kdcs,
        );
        Some((located, root, kdcs, udp))
    };
    let of_server = async {
        let server = wanted.server.clone()?;
        Some(tokio::join!(
            ask(ProbeRequest::new("dns-forward").with("name", server.clone())),
            ask(ProbeRequest::new("sql-browser").with("host", server.clone())),
        ))
    };
    let (configuration, ticket, domain, server) = tokio::join!(
        ask(ProbeRequest::new("kerberos-configuration")),
        async {
            match early.clone() {
                Some(ticket) => ticket,
                None => ask_for_ticket().await,
            }
        },
        of_domain,
        of_server,
    );
    let mut checks = vec![
        krb5_conf(&configuration, own.as_deref()),
        self::ticket(&ticket, own.as_deref()),
    ];
    match &domain {
        Some((located, root, kdcs, udp)) => {
            checks.push(name_servers(located));
            checks.push(self::kdcs(kdcs));
            checks.push(self::udp(udp.as_ref()));
            checks.push(directory(root));
            checks.push(super::clock::clock(Some(kdcs), clock));
        }
        None => {
            checks.push(no_domain());
            checks.push(super::clock::clock(None, clock));
        }
    }
    if let Some((name, browser)) = &server {
        checks.push(server_name(name));
        checks.push(self::browser(browser));
    }
    checks
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The words of a list of names.
fn names(value: &Value) -> String {
    let names: Vec<&str> = value.as_array().into_iter().flatten().map(text).collect();
    names.join(", ")
}

fn no_domain() -> Check {
    Check::of(
        "domain",
        "Your domain",
        "Name servers, KDCs and domain controllers can only be looked at when it is known which domain is yours.",
    )
    .unknown("krb5.conf has no default realm; say it with --domain corp.example")
}

/// krb5.conf: there, sound, with a default realm.
pub fn krb5_conf(seen: &Outcome, domain: Option<&str>) -> Check {
    let check = Check::of(
        "kerberos-configuration",
        "Kerberos configuration (krb5.conf)",
        "kinit and database drivers take the realm and the KDCs from it; without a default realm a bare user name is of no realm.",
    );
    let realm = domain.map_or_else(|| "CORP.EXAMPLE".to_owned(), str::to_uppercase);
    let faults = names(seen.fact("faults"));
    let file = text(seen.fact("file"));
    if !faults.is_empty() {
        let edit = format!(
            "sudoedit {}",
            if file.is_empty() {
                "/etc/krb5.conf"
            } else {
                file
            }
        );
        return check.missing(faults, Repair::both(edit));
    }
    match seen.status.as_str() {
        "configured" => check.ok(format!(
            "{}: default realm {}",
            if file.is_empty() { "krb5.conf" } else { file },
            text(seen.fact("default_realm"))
        )),
        "no-default-realm" => {
            let saw = if file.is_empty() {
                "there is no krb5.conf".to_owned()
            } else {
                format!("{file} has no default_realm")
            };
            let write = format!(
                "printf '[libdefaults]\\n\\tdefault_realm = {realm}\\n\\tdns_lookup_kdc = true\\n' | sudo tee -a /etc/krb5.conf"
            );
            check.missing(saw, Repair::both(write))
        }
        _ => check.unknown(text(seen.fact("reason"))),
    }
}

/// The ticket, and in what kind of cache it lies.
pub fn ticket(seen: &Outcome, domain: Option<&str>) -> Check {
    let check = Check::of(
        "kerberos-ticket",
        "Your Kerberos ticket",
        "With it the directory is read and the login is tried as you. Without it, sign in with --user.",
    );
    let cache = match text(seen.fact("cache")) {
        "" => String::new(),
        cache => format!(" in {cache}"),
    };
    match seen.status.as_str() {
        "valid" => check.ok(format!("{}{cache}", seen.summary)),
        NOT_OBSERVED => check.unknown(text(seen.fact("reason"))),
        "unreadable" => check.unknown(format!("the cache{cache} cannot be read: {}", seen.summary)),
        _ => check.missing(
            format!("{}{cache}", seen.summary),
            Repair::both(format!(
                "kinit USER@{}",
                domain.map_or_else(|| "REALM".to_owned(), str::to_uppercase)
            )),
        ),
    }
}

/// Whether the name servers know the domain's controllers.
pub fn name_servers(seen: &Outcome) -> Check {
    let check = Check::of(
        "name-servers",
        "Name servers know your domain",
        "Everything in a domain is found through DNS: controllers, KDCs, global catalogs.",
    );
    let repair = || {
        Repair {
        debian: "sudo resolvectl dns LINK ADDRESS-OF-A-DC    # or `nameserver` in /etc/resolv.conf".to_owned(),
        rhel: "sudo nmcli connection modify NAME ipv4.dns ADDRESS-OF-A-DC    # or `nameserver` in /etc/resolv.conf".to_owned(),
    }
    };
    match seen.status.as_str() {
        "found" => check.ok(&seen.summary),
        NOT_OBSERVED => check.unknown(text(seen.fact("reason"))),
        _ => {
            let saw: Vec<&str> = seen
                .evidence
                .iter()
                .map(|one| one.saw.as_str())
                .take(1)
                .collect();
            check.missing(format!("{} ({})", seen.summary, saw.join("")), repair())
        }
    }
}

/// The KDCs by TCP.
pub fn kdcs(seen: &Outcome) -> Check {
    let check = Check::of(
        "kdc",
        "KDCs (TCP 88)",
        "Tickets come from there; a silent one makes every login slow.",
    );
    match seen.status.as_str() {
        // The clock is told in its own line.
        "answering" | "skewed" => check.ok(format!("answering: {}", names(seen.fact("answering")))),
        "some-silent" => check.missing(
            format!("silent: {}", names(seen.fact("silent"))),
            Repair::both(
                "nc -vz KDC 88    # open TCP 88 on the way, or take the dead KDC out of DNS",
            ),
        ),
        NOT_OBSERVED => check.unknown(text(seen.fact("reason"))),
        _ => check.missing(
            &seen.summary,
            Repair::both("nc -vz KDC 88    # open TCP 88 from this host to the domain controllers"),
        ),
    }
}

/// The KDCs by UDP.
pub fn udp(seen: Option<&Outcome>) -> Check {
    let check = Check::of(
        "kdc-udp",
        "KDCs (UDP 88)",
        "Kerberos libraries on Linux try UDP first; a firewall that drops it makes every login wait.",
    );
    let Some(seen) = seen else {
        return check.unknown("no KDC answers by TCP, so none was asked by UDP");
    };
    match seen.status.as_str() {
        "answering" | "not-used" => check.ok(&seen.summary),
        "lost" => check.missing(
            format!("nothing came from {}", names(seen.fact("lost"))),
            Repair::both(
                "sudo sed -i '/^\\[libdefaults\\]/a\\    udp_preference_limit = 1' /etc/krb5.conf    # or open UDP 88",
            ),
        ),
        _ => check.unknown(&seen.summary),
    }
}

/// A domain controller by LDAP.
pub fn directory(seen: &Outcome) -> Check {
    let check = Check::of(
        "directory",
        "Domain controller (TCP 389)",
        "SPNs, accounts and trusts are read there.",
    );
    match seen.status.as_str() {
        "answered" => check.ok(&seen.summary),
        "not-readable" | NOT_OBSERVED => check.unknown(&seen.summary),
        _ => check.missing(
            &seen.summary,
            Repair::both(
                "nc -vz DC 389    # open TCP 389 and 3268 from this host to the domain controllers",
            ),
        ),
    }
}

/// The SQL Server's name.
pub fn server_name(seen: &Outcome) -> Check {
    let check = Check::of(
        "server-name",
        "The SQL Server's name",
        "Drivers build the SPN from what the name resolves to.",
    );
    match seen.status.as_str() {
        "resolved" => check.ok(&seen.summary),
        NOT_OBSERVED => check.unknown(text(seen.fact("reason"))),
        _ => check.missing(
            &seen.summary,
            Repair::both("sspi-doctor walk name-resolution"),
        ),
    }
}

/// The way out to the Browser service.
pub fn browser(seen: &Outcome) -> Check {
    let check = Check::of(
        "browser",
        "SQL Server Browser (UDP 1434)",
        "HOST\\INSTANCE is only found through it.",
    );
    match seen.status.as_str() {
        "listed" | "instance-not-listed" => check.ok(&seen.summary),
        // Whether it is off, or a firewall stands between, looks the same.
        _ => check.unknown(format!("{}: use HOST,PORT, or open UDP 1434", seen.summary)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::State;
    use super::*;

    fn outcome(status: &str, facts: Value) -> Outcome {
        Outcome {
            status: status.to_owned(),
            summary: status.to_owned(),
            facts: facts.as_object().cloned().unwrap_or_default(),
            evidence: Vec::new(),
            by_hand: crate::probe::ByHand::default(),
            elapsed_ms: 1,
        }
    }

    #[test]
    fn a_missing_realm_is_written_with_the_users_own() {
        let seen = outcome("no-default-realm", json!({"file": null, "faults": []}));
        let check = krb5_conf(&seen, Some("corp.example"));
        assert_eq!(check.state, State::Missing);
        assert!(
            check
                .repair
                .unwrap()
                .debian
                .contains("default_realm = CORP.EXAMPLE")
        );
        let faulty = outcome(
            "configured",
            json!({"file": "/etc/krb5.conf", "faults": ["/etc/krb5.conf:3: junk"]}),
        );
        assert_eq!(krb5_conf(&faulty, None).state, State::Missing);
    }

    #[test]
    fn lost_datagrams_are_missing_and_no_kdc_is_unknown() {
        let lost = outcome("lost", json!({"lost": ["dc1.corp.example"]}));
        assert!(udp(Some(&lost)).saw.contains("dc1.corp.example"));
        assert_eq!(udp(Some(&lost)).state, State::Missing);
        assert_eq!(udp(None).state, State::Unknown);
    }

    #[test]
    fn no_ticket_is_missing_and_a_cache_that_cannot_be_read_is_unknown() {
        assert_eq!(
            ticket(&outcome("no-cache", json!({})), None).state,
            State::Missing
        );
        assert_eq!(
            ticket(&outcome("unreadable", json!({})), None).state,
            State::Unknown
        );
        assert_eq!(
            ticket(&outcome("valid", json!({"cache": "KCM:0"})), None).state,
            State::Ok
        );
    }
}
