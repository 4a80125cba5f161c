//! Service principal names: `class/host[:port or :instance][/service name]`.
//!
//! Grammar: [MS-KILE] 3.1.5.11 and "Name Formats for Unique SPNs"; the suffix
//! of `MSSQLSvc` is a port or an instance name ("Register a Service Principal
//! Name for Kerberos Connections").

pub mod audit;
pub mod driver;
pub mod required;

use std::fmt;

use crate::hostile::is_hidden;

/// The service class of the SQL Server database engine.
pub const SQL_SERVER_CLASS: &str = "MSSQLSvc";

/// An SPN that follows the grammar. Equality does not look at case, as Windows
/// does not.
#[derive(Clone, Debug)]
pub struct Spn {
    class: String,
    host: String,
    suffix: Option<Suffix>,
    service_name: Option<String>,
}

/// What follows the host after a colon.
#[derive(Clone, Debug)]
pub enum Suffix {
    /// A TCP port.
    Port(u16),
    /// The name of an instance.
    Instance(String),
}

/// Why a text is not an SPN that a driver can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// There is no `/` after the class.
    #[error("there is no `/` between the service class and the host")]
    NoSlash,
    /// The class is empty.
    #[error("the service class before the `/` is empty")]
    NoClass,
    /// The host is empty.
    #[error("the host after the `/` is empty")]
    NoHost,
    /// A backslash: `MSSQLSvc/host\instance` or `MSSQLSvc\host`.
    #[error("there is a backslash in it; an instance is written after a colon, `host:INSTANCE`")]
    Backslash,
    /// `MSSQLSvc/host/instance`.
    #[error("the instance stands after a second `/`; it must stand after a colon, `host:INSTANCE`")]
    InstanceAfterSlash,
    /// `MSSQLSvc/host:1433:INSTANCE`.
    #[error(
        "there are two colons; port and instance are two SPNs, `host:1433` and `host:INSTANCE`"
    )]
    TwoColons,
    /// `MSSQLSvc/host:` without anything behind.
    #[error("nothing follows the colon")]
    EmptySuffix,
    /// A number that is no port.
    #[error("the number after the colon is not a port from 1 to 65535")]
    PortOutOfRange,
    /// White space, a control character, or one that nobody sees.
    #[error("there is a space, a control character or one that cannot be seen in it")]
    Space,
    /// `MSSQLSvc/host:1433@REALM`.
    #[error("there is an `@` in it; the realm does not belong into servicePrincipalName")]
    Realm,
    /// A comma, as in `host,1433`.
    #[error("there is a comma in it; the port stands after a colon, `host:1433`")]
    Comma,
    /// More than one thing after the second `/`.
    #[error("there are more than two `/` in it")]
    TooManySlashes,
}

impl Spn {
    /// Reads an SPN as it stands in servicePrincipalName.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        if text.chars().any(|c| c.is_whitespace() || is_hidden(c)) {
            return Err(Malformed::Space);
        }
        if text.contains('\\') {
            return Err(Malformed::Backslash);
        }
        let (class, rest) = text.split_once('/').ok_or(Malformed::NoSlash)?;
        if class.is_empty() {
            return Err(Malformed::NoClass);
        }
        let (host_part, service_name) = match rest.split_once('/') {
            Some((host_part, name)) => (host_part, Some(name)),
            None => (rest, None),
        };
        let sql = class.eq_ignore_ascii_case(SQL_SERVER_CLASS);
        if service_name.is_some() && sql {
            return Err(Malformed::InstanceAfterSlash);
        }
        if service_name.is_some_and(|name| name.contains('/')) {
            return Err(Malformed::TooManySlashes);
        }
        if host_part.contains('@') {
            return Err(Malformed::Realm);
        }
        if host_part.contains(',') {
            return Err(Malformed::Comma);
        }
        let (host, suffix) = split_host(host_part)?;
        if host.is_empty() {
            return Err(Malformed::NoHost);
        }
        Ok(Self {
            class: class.to_owned(),
            host: host.to_owned(),
            suffix,
            service_name: service_name
                .filter(|name| !name.is_empty())
                .map(str::to_owned),
        })
    }

    /// `MSSQLSvc/host`.
    pub fn sql(host: &str) -> Self {
        Self {
            class: SQL_SERVER_CLASS.to_owned(),
            host: host.trim_end_matches('.').to_owned(),
            suffix: None,
            service_name: None,
        }
    }

    /// `MSSQLSvc/host:port`.
    pub fn sql_port(host: &str, port: u16) -> Self {
        Self {
            suffix: Some(Suffix::Port(port)),
            ..Self::sql(host)
        }
    }

    /// `MSSQLSvc/host:INSTANCE`.
    pub fn sql_instance(host: &str, instance: &str) -> Self {
        Self {
            suffix: Some(Suffix::Instance(instance.to_owned())),
            ..Self::sql(host)
        }
    }

    /// The service class, such as `MSSQLSvc`.
    pub fn class(&self) -> &str {
        &self.class
    }

    /// The host without its suffix.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, if the suffix is one.
    pub fn port(&self) -> Option<u16> {
        match self.suffix {
            Some(Suffix::Port(port)) => Some(port),
            _ => None,
        }
    }

    /// The instance, if the suffix is one.
    pub fn instance(&self) -> Option<&str> {
        match &self.suffix {
            Some(Suffix::Instance(instance)) => Some(instance),
            _ => None,
        }
    }

    /// The service name, which names a domain in `ldap/dc1/corp.example`.
    pub fn service_name(&self) -> Option<&str> {
        self.service_name.as_deref()
    }

    /// Whether it is of the SQL Server database engine.
    pub fn is_sql_server(&self) -> bool {
        self.class.eq_ignore_ascii_case(SQL_SERVER_CLASS)
    }
}

/// Splits `host:suffix`; an address in brackets keeps its colons.
fn split_host(text: &str) -> Result<(&str, Option<Suffix>), Malformed> {
    let (host, suffix) = if text.starts_with('[') {
        match text.find(']') {
            Some(end) => {
                let (host, rest) = text.split_at(end + 1);
                (host, rest.strip_prefix(':'))
            }
            None => (text, None),
        }
    } else {
        match text.split_once(':') {
            Some((host, suffix)) => (host, Some(suffix)),
            None => (text, None),
        }
    };
    let Some(suffix) = suffix else {
        return Ok((host, None));
    };
    if suffix.is_empty() {
        return Err(Malformed::EmptySuffix);
    }
    if suffix.contains(':') {
        return Err(Malformed::TwoColons);
    }
    if suffix.bytes().all(|byte| byte.is_ascii_digit()) {
        return match suffix.parse::<u16>() {
            Ok(port) if port != 0 => Ok((host, Some(Suffix::Port(port)))),
            _ => Err(Malformed::PortOutOfRange),
        };
    }
    Ok((host, Some(Suffix::Instance(suffix.to_owned()))))
}

/// Whether two SPN texts are the same to Windows.
pub fn same(one: &str, two: &str) -> bool {
    one.to_lowercase() == two.to_lowercase()
}

impl fmt::Display for Spn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.class, self.host)?;
        match &self.suffix {
            Some(Suffix::Port(port)) => write!(formatter, ":{port}")?,
            Some(Suffix::Instance(instance)) => write!(formatter, ":{instance}")?,
            None => {}
        }
        match &self.service_name {
            Some(name) => write!(formatter, "/{name}"),
            None => Ok(()),
        }
    }
}

impl PartialEq for Spn {
    fn eq(&self, other: &Self) -> bool {
        same(&self.to_string(), &other.to_string())
    }
}

impl Eq for Spn {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_three_sql_forms() {
        let port = Spn::parse("MSSQLSvc/sql1.corp.example:1433").unwrap();
        assert_eq!(
            (port.host(), port.port()),
            ("sql1.corp.example", Some(1433))
        );
        let instance = Spn::parse("MSSQLSvc/sql1:SALES").unwrap();
        assert_eq!(instance.instance(), Some("SALES"));
        assert_eq!(Spn::parse("MSSQLSvc/sql1").unwrap().port(), None);
    }

    #[test]
    fn a_service_name_is_fine_in_other_classes() {
        let spn = Spn::parse("ldap/dc1.corp.example/corp.example").unwrap();
        assert_eq!(spn.service_name(), Some("corp.example"));
    }

    #[test]
    fn what_people_type_wrong() {
        for (text, fault) in [
            ("MSSQLSvc/sql1\\SALES", Malformed::Backslash),
            ("MSSQLSvc\\sql1", Malformed::Backslash),
            ("MSSQLSvc/sql1/SALES", Malformed::InstanceAfterSlash),
            ("MSSQLSvc/sql1:1433:SALES", Malformed::TwoColons),
            ("MSSQLSvc/sql1:", Malformed::EmptySuffix),
            ("MSSQLSvc/sql1:0", Malformed::PortOutOfRange),
            ("MSSQLSvc/sql1:65536", Malformed::PortOutOfRange),
            ("MSSQLSvc/:1433", Malformed::NoHost),
            ("/sql1", Malformed::NoClass),
            ("sql1", Malformed::NoSlash),
            ("MSSQLSvc/sql1 :1433", Malformed::Space),
            ("MSSQLSvc/sql1\u{200b}:1433", Malformed::Space),
            ("MSSQLSvc/sql1,1433", Malformed::Comma),
            ("MSSQLSvc/sql1:1433@CORP.EXAMPLE", Malformed::Realm),
        ] {
            assert_eq!(Spn::parse(text).unwrap_err(), fault, "{text}");
        }
    }

    #[test]
    fn case_does_not_matter() {
        assert_eq!(
            Spn::parse("mssqlsvc/SQL1:sales").unwrap(),
            Spn::parse("MSSQLSvc/sql1:SALES").unwrap()
        );
        assert_ne!(Spn::sql("sql1"), Spn::sql_port("sql1", 1433));
    }

    proptest! {
        #[test]
        fn what_parses_prints_as_it_was(text in "\\PC{0,40}") {
            if let Ok(spn) = Spn::parse(&text) {
                let again = Spn::parse(&spn.to_string());
                prop_assert_eq!(again.unwrap(), spn);
            }
        }
    }
}
