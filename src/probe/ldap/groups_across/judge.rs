//! Which SIDs of a token stay behind on the way into another forest.

use crate::directory::group;
use crate::directory::naming;
use crate::directory::sid::Sid;
use crate::probe::ldap::entry::Entry;
use crate::probe::ldap::forest::Forest;

/// What the trust takes out of a token ([MS-PAC] 4.1.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SidFilter {
    /// Everything but SIDs of the one trusted domain.
    Quarantine,
    /// SIDs of domains that the trusted forest does not have.
    Forest,
    /// Nothing of what is asked here: the trust is treated as external.
    None,
}

impl SidFilter {
    /// From the argument; a forest trust's default when absent.
    pub(super) fn of(word: Option<&str>) -> Self {
        match word {
            Some("quarantine") => Self::Quarantine,
            Some("none") => Self::None,
            _ => Self::Forest,
        }
    }
}

/// By what is judged.
pub(super) struct Rule<'a> {
    /// The trust's filter.
    pub(super) filter: SidFilter,
    /// The domain that the trust names.
    pub(super) trusted_domain: &'a str,
}

/// What stays behind.
#[derive(Debug, Default)]
pub(super) struct Stays<'a> {
    /// Groups that count in their own domain only.
    pub(super) domain_local: Vec<&'a Entry>,
    /// SIDs that the trust takes out, each with what it is.
    pub(super) filtered: Vec<(Sid, String)>,
}

/// Goes through the user and the groups of the token.
pub(super) fn judge<'a>(entries: &'a [Entry], forest: &Forest, rule: &Rule<'_>) -> Stays<'a> {
    let mut stays = Stays::default();
    for entry in entries {
        let scope = entry.bits("groupType").and_then(group::scope);
        if scope == Some("domain-local") {
            stays.domain_local.push(entry);
            continue;
        }
        let name = forest.account_name(entry);
        let home = naming::domain_of(&entry.distinguished_name);
        let of_trusted = home.is_some_and(|home| naming::same_name(&home, rule.trusted_domain));
        if rule.filter == SidFilter::Quarantine
            && !of_trusted
            && let Some(sid) = entry.sid("objectSid")
        {
            stays.filtered.push((sid, name.clone()));
        }
        if rule.filter != SidFilter::None {
            let former = entry.sids("sIDHistory");
            let what = format!("a former SID of {name}");
            let each = former.into_iter().map(|sid| (sid, what.clone()));
            stays.filtered.extend(each);
        }
    }
    stays
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::ldap::forest::Domain;

    fn sid(text: &str) -> Vec<u8> {
        Sid::parse(text).unwrap().to_bytes()
    }

    fn entry(name: &str, domain: &str, group_type: &str, former: Option<&str>) -> Entry {
        let own = sid("S-1-5-21-1-2-3-1104");
        let former = former.map(sid);
        let mut attributes: Vec<(&str, Vec<&[u8]>)> = vec![
            ("sAMAccountName", vec![name.as_bytes()]),
            ("objectSid", vec![&own]),
            ("groupType", vec![group_type.as_bytes()]),
        ];
        if let Some(former) = &former {
            attributes.push(("sIDHistory", vec![former]));
        }
        let attributes: Vec<(&str, &[&[u8]])> = attributes
            .iter()
            .map(|(name, values)| (*name, values.as_slice()))
            .collect();
        Entry::of(&format!("CN={name},{domain}"), &attributes)
    }

    fn forest() -> Forest {
        Forest {
            name: "corp.example".to_owned(),
            domains: vec![Domain {
                name: "corp.example".to_owned(),
                netbios_name: Some("CORP".to_owned()),
                distinguished_name: CORP.to_owned(),
                parent: None,
            }],
        }
    }

    const CORP: &str = "DC=corp,DC=example";
    const CHILD: &str = "DC=sales,DC=corp,DC=example";
    const GLOBAL: &str = "-2147483646";
    const LOCAL: &str = "-2147483644";
    const UNIVERSAL: &str = "-2147483640";

    fn filtered(entries: &[Entry], filter: SidFilter) -> Vec<String> {
        let rule = Rule {
            filter,
            trusted_domain: "corp.example",
        };
        let stays = judge(entries, &forest(), &rule);
        stays.filtered.into_iter().map(|(_, what)| what).collect()
    }

    #[test]
    fn domain_local_groups_stay_whatever_the_trust_does() {
        let entries = [
            entry("Sales", CORP, GLOBAL, None),
            entry("Readers", CORP, LOCAL, Some("S-1-5-21-9-9-9-1105")),
        ];
        for filter in [SidFilter::None, SidFilter::Forest, SidFilter::Quarantine] {
            let rule = Rule {
                filter,
                trusted_domain: "corp.example",
            };
            let stays = judge(&entries, &forest(), &rule);
            assert_eq!(stays.domain_local.len(), 1);
            assert_eq!(
                forest().account_name(stays.domain_local[0]),
                r"CORP\Readers"
            );
            assert!(stays.filtered.is_empty(), "{:?}", stays.filtered);
        }
    }

    #[test]
    fn a_quarantine_takes_out_all_but_the_trusted_domain() {
        let entries = [
            entry("Sales", CORP, GLOBAL, None),
            entry("Everywhere", CHILD, UNIVERSAL, None),
        ];
        assert_eq!(
            filtered(&entries, SidFilter::Quarantine),
            [r"sales.corp.example\Everywhere"]
        );
        assert!(filtered(&entries, SidFilter::Forest).is_empty());
    }

    #[test]
    fn former_sids_are_taken_out_by_every_filter() {
        let entries = [entry("alice", CORP, "0", Some("S-1-5-21-9-9-9-1105"))];
        for filter in [SidFilter::Forest, SidFilter::Quarantine] {
            assert_eq!(filtered(&entries, filter), [r"a former SID of CORP\alice"]);
        }
        assert!(filtered(&entries, SidFilter::None).is_empty());
    }
}
