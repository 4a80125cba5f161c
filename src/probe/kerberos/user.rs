//! The user's name as it was typed, and the Kerberos principal that it means.

use super::krb5_conf::Krb5Conf;
use super::message::{PrincipalName, name_type};

/// A principal to get a ticket for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// Its name.
    pub name: PrincipalName,
    /// The realm to ask.
    pub realm: String,
}

impl std::fmt::Display for Principal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}@{}", self.name, self.realm)
    }
}

/// The name was given without a realm, and none is configured; the sentence
/// says what to do.
#[derive(Clone, Debug, thiserror::Error)]
#[error(
    "`{0}` does not say in which realm, and krb5.conf has no default_realm: type the user as \
     `name@DOMAIN`"
)]
pub struct NoRealm(pub String);

impl Principal {
    /// Reads `name`, `name@REALM`, `name@upn-suffix` or `DOMAIN\name`.
    ///
    /// `known_realm` tells whether DNS knows KDCs for a name: a suffix that is
    /// no realm makes the name a userPrincipalName, which is asked as an
    /// enterprise name (RFC 6806 5) in the default realm.
    pub async fn parse<F: Future<Output = bool>>(
        typed: &str,
        conf: &Krb5Conf,
        known_realm: impl FnOnce(String) -> F,
    ) -> Result<Self, NoRealm> {
        let typed = typed.trim();
        let plain = |name: &str, realm: String| Self {
            name: PrincipalName {
                kind: name_type::PRINCIPAL,
                parts: vec![name.to_owned()],
            },
            realm,
        };
        let default_realm = conf.default_realm().map(str::to_owned);
        if let Some((domain, name)) = typed.split_once('\\') {
            let realm = realm_of_domain(domain, conf).ok_or_else(|| NoRealm(typed.to_owned()))?;
            return Ok(plain(name, realm));
        }
        let Some((name, suffix)) = typed.rsplit_once('@') else {
            let realm = default_realm.ok_or_else(|| NoRealm(typed.to_owned()))?;
            return Ok(plain(typed, realm));
        };
        let realm = suffix.to_uppercase();
        let Some(default_realm) = default_realm else {
            return Ok(plain(name, realm));
        };
        if default_realm.eq_ignore_ascii_case(suffix)
            || !conf.kdcs(&realm).is_empty()
            || known_realm(realm.clone()).await
        {
            return Ok(plain(name, realm));
        }
        Ok(Self {
            name: PrincipalName {
                kind: name_type::ENTERPRISE,
                parts: vec![typed.to_owned()],
            },
            realm: default_realm,
        })
    }
}

/// The realm of `DOMAIN` in `DOMAIN\name`: a DNS name is one in capitals. A
/// NetBIOS name is mostly the first label of the realm: of the default realm or
/// one of krb5.conf's; else it is taken for the default realm's.
fn realm_of_domain(domain: &str, conf: &Krb5Conf) -> Option<String> {
    if domain.contains('.') {
        return Some(domain.to_uppercase());
    }
    let is_it = |realm: &&str| {
        realm
            .split('.')
            .next()
            .is_some_and(|label| label.eq_ignore_ascii_case(domain))
    };
    conf.default_realm()
        .into_iter()
        .chain(conf.realms())
        .find(is_it)
        .or_else(|| conf.default_realm())
        .map(str::to_owned)
}

/// Whether a principal is the user that someone named: the realm, or the
/// NetBIOS name of it, counts only when it was given.
pub fn is_user(principal: &str, expected: &str) -> bool {
    let (name, realm) = principal.rsplit_once('@').unwrap_or((principal, ""));
    let (expected, domain) = match expected.split_once('\\') {
        Some((domain, expected)) => (expected, Some(domain)),
        None => match expected.rsplit_once('@') {
            Some((expected, domain)) => (expected, Some(domain)),
            None => (expected, None),
        },
    };
    let domain_matches = domain.is_none_or(|domain| {
        realm.eq_ignore_ascii_case(domain)
            || realm
                .split('.')
                .next()
                .is_some_and(|label| !domain.contains('.') && label.eq_ignore_ascii_case(domain))
    });
    name.eq_ignore_ascii_case(expected) && domain_matches
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    async fn parsed(typed: &str, conf: &str, known: bool) -> Option<(i32, String)> {
        let conf = Krb5Conf::from_text(Path::new("krb5.conf"), conf);
        Principal::parse(typed, &conf, |_| async move { known })
            .await
            .ok()
            .map(|principal| (principal.name.kind, principal.to_string()))
    }

    #[tokio::test]
    async fn every_form_that_people_type_is_understood() {
        let conf = "[libdefaults]\ndefault_realm = CORP.EXAMPLE\n\
                    [realms]\nSALES.EXAMPLE = {\nkdc = dc\n}\n";
        let cases = [
            ("alice", 1, "alice@CORP.EXAMPLE"),
            ("alice@corp.example", 1, "alice@CORP.EXAMPLE"),
            (r"CORP\alice", 1, "alice@CORP.EXAMPLE"),
            (r"sales\sam", 1, "sam@SALES.EXAMPLE"),
            (r"NETBIOS\alice", 1, "alice@CORP.EXAMPLE"),
            (r"partner.example\pat", 1, "pat@PARTNER.EXAMPLE"),
            ("alice@mail.example", 10, "alice@mail.example@CORP.EXAMPLE"),
        ];
        for (typed, kind, expected) in cases {
            assert_eq!(
                parsed(typed, conf, false).await,
                Some((kind, expected.to_owned())),
                "{typed}"
            );
        }
        assert_eq!(
            parsed("pat@partner.example", conf, true).await,
            Some((1, "pat@PARTNER.EXAMPLE".to_owned()))
        );
        assert_eq!(parsed("alice", "", false).await, None);
        assert_eq!(
            parsed("alice@corp.example", "", false).await,
            Some((1, "alice@CORP.EXAMPLE".to_owned()))
        );
    }

    #[test]
    fn the_expected_user_is_recognised_in_every_form() {
        for same in ["alice", "ALICE", r"corp\alice", "Alice@corp.example"] {
            assert!(is_user("alice@CORP.EXAMPLE", same), "{same}");
        }
        for other in ["bob", r"partner\alice", "alice@partner.example"] {
            assert!(!is_user("alice@CORP.EXAMPLE", other), "{other}");
        }
    }
}
