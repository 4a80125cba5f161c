//! When and where the SPNs of an account were changed last: its replication
//! metadata ([MS-ADA2] 2.444 msDS-ReplAttributeMetaData, [MS-ADTS]
//! 3.1.1.4.5.30), which a domain controller works out for one object at a time.

use jiff::Timestamp;
use tokio::time::Instant;

use crate::directory::time::rfc3339;
use crate::probe::ldap::search::Search;
use crate::probe::{Context, Evidence, OutcomeBuilder};

const ATTRIBUTE: &str = "msDS-ReplAttributeMetaData";

/// The last change of servicePrincipalName.
#[derive(Debug, PartialEq, Eq)]
struct Change {
    at: Timestamp,
    controller: Option<String>,
}

/// Tells of the last change, if the directory lets us see it; Active Directory
/// shows it to everyone who may read the object, Samba to nobody over LDAP.
pub(super) async fn tell(
    outcome: &mut OutcomeBuilder,
    context: &Context,
    domain: &str,
    account: &str,
    service_start: Option<&str>,
) -> Option<Evidence> {
    let directory = &context.session.directory;
    let connection = directory.controller(context, domain, None).await.ok()?;
    let started = Instant::now();
    let search = Search::object(account, &[ATTRIBUTE]);
    let found = directory.search(context, &connection, &search).await.ok()?;
    let values = found.entries.first()?.texts(ATTRIBUTE);
    let change = values.iter().find_map(|value| read(value));
    let saw = match &change {
        Some(change) => format!("SPNs last changed at {}", rfc3339(change.at)),
        None => "it does not tell when its SPNs were changed".to_owned(),
    };
    if let Some(change) = change {
        facts(outcome, &change, Timestamp::now(), service_start);
    }
    Some(Evidence {
        asked: format!(
            "domain controller {}: replication metadata of {account}",
            connection.server()
        ),
        saw,
        elapsed_ms: u64::try_from(started.elapsed().as_millis()).ok(),
        credential: Some(connection.credential()),
    })
}

fn facts(
    outcome: &mut OutcomeBuilder,
    change: &Change,
    now: Timestamp,
    service_start: Option<&str>,
) {
    let start: Option<Timestamp> = service_start.and_then(|text| text.parse().ok());
    outcome
        .fact("changed_at", rfc3339(change.at))
        .fact("changed_on", change.controller.clone())
        .fact(
            "changed_seconds_ago",
            now.as_second() - change.at.as_second(),
        )
        .fact(
            "changed_before_start_seconds",
            start.map(|start| start.as_second() - change.at.as_second()),
        );
}

/// Reads one value: an XML element DS_REPL_ATTR_META_DATA.
fn read(value: &str) -> Option<Change> {
    if !element(value, "pszAttributeName")?.eq_ignore_ascii_case("servicePrincipalName") {
        return None;
    }
    let at = element(value, "ftimeLastOriginatingChange")?.parse().ok()?;
    // `CN=NTDS Settings,CN=DC1,CN=Servers,…`
    let controller = element(value, "pszLastOriginatingDsaDN")
        .and_then(|name| name.split(',').nth(1)?.strip_prefix("CN="))
        .filter(|name| !name.is_empty())
        .map(str::to_owned);
    Some(Change { at, controller })
}

fn element<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let from = text.find(&open)? + open.len();
    let length = text[from..].find(&close)?;
    Some(text[from..from + length].trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::Outcome;
    use crate::probe::ldap::spn_consistency::declaration::DECLARATION;

    /// As a Windows Server 2022 domain controller gives it.
    const VALUE: &str = "<DS_REPL_ATTR_META_DATA>\n\
        \t<pszAttributeName>servicePrincipalName</pszAttributeName>\n\
        \t<dwVersion>7</dwVersion>\n\
        \t<ftimeLastOriginatingChange>2026-11-22T09:53:21Z</ftimeLastOriginatingChange>\n\
        \t<uuidLastOriginatingDsaInvocationID>1e2b8d3c-0000-0000-0000-000000000001</uuidLastOriginatingDsaInvocationID>\n\
        \t<usnOriginatingChange>20511</usnOriginatingChange>\n\
        \t<usnLocalChange>20511</usnLocalChange>\n\
        \t<pszLastOriginatingDsaDN>CN=NTDS Settings,CN=DC1,CN=Servers,CN=Default-First-Site-Name,CN=Sites,CN=Configuration,DC=corp,DC=example</pszLastOriginatingDsaDN>\n\
        </DS_REPL_ATTR_META_DATA>\n";

    #[test]
    fn the_last_change_is_read() {
        let change = read(VALUE).unwrap();
        assert_eq!(rfc3339(change.at), "2026-11-22T09:53:21Z");
        assert_eq!(change.controller.as_deref(), Some("DC1"));
        assert_eq!(read(&VALUE.replace("servicePrincipalName", "cn")), None);
        assert_eq!(read("<pszAttributeName>servicePrincipalName"), None);
    }

    #[test]
    fn it_is_compared_with_now_and_with_the_services_start() {
        let mut outcome = Outcome::of(&DECLARATION);
        let change = read(VALUE).unwrap();
        let now = "2026-11-22T10:03:21Z".parse().unwrap();
        facts(&mut outcome, &change, now, Some("2026-11-22T09:54:21Z"));
        let outcome = outcome.finish("agree");
        assert_eq!(outcome.fact("changed_seconds_ago"), 600);
        assert_eq!(outcome.fact("changed_before_start_seconds"), 60);
    }
}
