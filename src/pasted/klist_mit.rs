//! The answers of MIT Kerberos' `klist`, `klist -e` and `klist -kte`
//! (`klist(1)`).

use super::card::{CardAnswer, Says};
use super::text::value;
use super::told::{Cache, CachedTicket, Told};

/// Reads an answer; none when it is no answer of this `klist`.
pub(super) fn read(text: &str, from: &str) -> Option<Told> {
    keytab(text, from).or_else(|| cache(text, from))
}

fn cache(text: &str, from: &str) -> Option<Told> {
    let mut cache = Cache {
        source: from.to_owned(),
        ..Cache::default()
    };
    let mut known = false;
    let mut in_table = false;
    for line in text.lines() {
        let trimmed = line.trim();
        if value(trimmed, "Ticket cache").is_some() {
            known = true;
        } else if let Some(principal) = value(trimmed, "Default principal") {
            cache.principal = Some(principal.to_owned());
            known = true;
        } else if trimmed.starts_with("klist: No credentials cache")
            || trimmed.starts_with("klist: Credentials cache")
            || trimmed.starts_with("kinit: ")
            || trimmed.starts_with("kvno: ")
        {
            cache.failure = Some(trimmed.to_owned());
            known = true;
        } else if trimmed.starts_with("Valid starting") {
            in_table = true;
            known = true;
        } else if let Some(kinds) = value(trimmed, "Etype (skey, tkt)") {
            if let Some(ticket) = cache.tickets.last_mut() {
                let kind = kinds.rsplit(',').next().unwrap_or(kinds).trim();
                ticket.encryption_type = Some(kind.to_owned());
            }
        } else if in_table && !line.starts_with(char::is_whitespace) {
            // `11/22/26 09:00:00  11/22/26 19:00:00  MSSQLSvc/…@REALM`
            let words: Vec<&str> = trimmed.split_whitespace().collect();
            let Some(principal) = words.last().filter(|word| word.contains('@')) else {
                continue;
            };
            let (service, realm) = principal.rsplit_once('@').unwrap_or((principal, ""));
            cache.tickets.push(CachedTicket {
                service: service.to_owned(),
                realm: realm.to_owned(),
                ends: words.get(2..4).map(|end| end.join(" ")),
                ..CachedTicket::default()
            });
        }
    }
    if !known {
        return None;
    }
    let mut told = Told::default();
    told.sources.push(format!("klist ({from})"));
    told.caches.push(cache);
    Some(told)
}

/// `klist -kte`: the keys of a keytab.
fn keytab(text: &str, from: &str) -> Option<Told> {
    text.lines()
        .find_map(|line| value(line, "Keytab name"))
        .map(str::to_owned)?;
    let mut versions: Vec<u32> = Vec::new();
    let mut names: Vec<String> = Vec::new();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        let Some(version) = words.next().and_then(|word| word.parse::<u32>().ok()) else {
            continue;
        };
        let Some(name) = words.find(|word| word.contains('@')) else {
            continue;
        };
        let name = name.rsplit_once('@').map_or(name, |(name, _)| name);
        if name.to_ascii_lowercase().starts_with("mssqlsvc/") {
            if !versions.contains(&version) {
                versions.push(version);
            }
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
    }
    let words = if names.is_empty() {
        "The keytab has no key for any MSSQLSvc SPN.".to_owned()
    } else {
        let versions: Vec<String> = versions.iter().map(u32::to_string).collect();
        format!(
            "The keytab has keys of version {} for {}.",
            versions.join(", "),
            names.join(", ")
        )
    };
    let mut told = Told::default();
    told.sources.push(format!("klist -kte ({from})"));
    told.answers.push(CardAnswer {
        cause: "keytab-stale".to_owned(),
        says: if names.is_empty() {
            Says::Confirms
        } else {
            Says::Unclear
        },
        words,
        values: serde_json::Map::new(),
        numbers: versions,
        source: from.to_owned(),
    });
    Some(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cache_with_encryption_types() {
        let text = "Ticket cache: FILE:/tmp/krb5cc_1000\nDefault principal: alice@CORP.EXAMPLE\n\n\
            Valid starting     Expires            Service principal\n\
            11/22/26 09:00:00  11/22/26 19:00:00  krbtgt/CORP.EXAMPLE@CORP.EXAMPLE\n\
            \x20       renew until 11/23/26 09:00:00\n\
            \x20       Etype (skey, tkt): aes256-cts-hmac-sha1-96, aes256-cts-hmac-sha1-96\n\
            11/22/26 09:01:00  11/22/26 19:00:00  MSSQLSvc/sql1.corp.example:1433@CORP.EXAMPLE\n\
            \x20       Etype (skey, tkt): aes256-cts-hmac-sha1-96, DEPRECATED:arcfour-hmac\n";
        let told = read(text, "a").unwrap();
        let cache = &told.caches[0];
        assert_eq!(cache.tickets.len(), 2);
        assert_eq!(cache.tickets[1].service, "MSSQLSvc/sql1.corp.example:1433");
        assert_eq!(
            cache.tickets[1].encryption_type.as_deref(),
            Some("DEPRECATED:arcfour-hmac")
        );
        assert_eq!(cache.tickets[0].ends.as_deref(), Some("11/22/26 19:00:00"));
    }

    #[test]
    fn no_cache_and_a_keytab() {
        let told = read(
            "klist: No credentials cache found (filename: /tmp/krb5cc_0)",
            "a",
        )
        .unwrap();
        assert!(told.caches[0].failure.is_some());
        let text = "Keytab name: FILE:/var/opt/mssql/secrets/mssql.keytab\nKVNO Timestamp         Principal\n---- ----------------- -----\n\
            \x20  2 11/22/26 09:00:00 MSSQLSvc/sql1.corp.example:1433@CORP.EXAMPLE (aes256-cts-hmac-sha1-96)\n";
        let told = read(text, "a").unwrap();
        assert_eq!(told.answers[0].numbers, [2]);
    }
}
