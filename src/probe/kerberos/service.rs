//! The service that a ticket is asked for.

use super::message::PrincipalName;

/// A service by its SPN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// The name in its parts.
    pub name: PrincipalName,
    /// The realm that was written after an `@`.
    pub realm: Option<String>,
}

impl Service {
    /// Takes an SPN apart; nothing in it is changed. None for one that has
    /// not two or three parts.
    pub fn parse(spn: &str) -> Option<Self> {
        let (name, realm) = match spn.rsplit_once('@') {
            Some((name, realm)) if !realm.is_empty() => (name, Some(realm.to_owned())),
            Some(_) => return None,
            None => (spn, None),
        };
        let name = PrincipalName::service(name);
        let parts = name.parts.len();
        ((2..=3).contains(&parts) && name.parts.iter().all(|part| !part.is_empty()))
            .then_some(Self { name, realm })
    }

    /// The host in `class/host:port`.
    pub fn host(&self) -> &str {
        let host = self.name.parts.get(1).map_or("", String::as_str);
        host.split_once(':').map_or(host, |(host, _)| host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spns_are_taken_apart_without_change() {
        let service = Service::parse("MSSQLSvc/SQL1.corp.example:1433").unwrap();
        assert_eq!(service.name.parts, ["MSSQLSvc", "SQL1.corp.example:1433"]);
        assert_eq!(service.host(), "SQL1.corp.example");
        let service = Service::parse("MSSQLSvc/a.b:INST@OTHER.EXAMPLE").unwrap();
        assert_eq!(service.realm.as_deref(), Some("OTHER.EXAMPLE"));
        for nonsense in ["", "sql1", "MSSQLSvc/", "/x", "a/b/c/d", "a/b@"] {
            assert_eq!(Service::parse(nonsense), None, "{nonsense}");
        }
    }
}
