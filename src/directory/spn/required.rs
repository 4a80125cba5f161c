//! Which SPNs an instance needs, as its server sees it ("Register a Service
//! Principal Name for Kerberos Connections").

use super::Spn;

/// How much an SPN matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Kerberos logins fail without it.
    Required,
    /// Some drivers, or the short name, ask for it.
    Recommended,
}

impl Need {
    /// One word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Recommended => "recommended",
        }
    }
}

/// An SPN, how much it matters and why.
#[derive(Clone, Debug)]
pub struct NeededSpn {
    /// The SPN.
    pub spn: Spn,
    /// How much it matters.
    pub need: Need,
    /// Why, as part of a sentence.
    pub why: &'static str,
}

/// The SPNs that an instance needs. `fqdn` is the server's own DNS name (for a
/// cluster or a listener, the virtual name), `port` its TCP port, `instance`
/// its name unless it is the default instance.
pub fn needed(fqdn: &str, port: Option<u16>, instance: Option<&str>) -> Vec<NeededSpn> {
    let fqdn = fqdn.trim_end_matches('.');
    let short = fqdn.split('.').next().unwrap_or(fqdn);
    let instance = named(instance);
    let mut list = Vec::new();
    let mut add = |spn, need, why| {
        list.push(NeededSpn { spn, need, why });
    };
    if let Some(port) = port {
        add(
            Spn::sql_port(fqdn, port),
            Need::Required,
            "clients that connect over TCP ask for the port",
        );
    }
    match instance {
        None => add(
            Spn::sql(fqdn),
            Need::Required,
            "the default instance over named pipes or shared memory, and some drivers without a port",
        ),
        Some(name) => add(
            Spn::sql_instance(fqdn, name),
            Need::Required,
            "a named instance over named pipes, and drivers that ask for the instance name",
        ),
    }
    if short != fqdn {
        if let Some(port) = port {
            add(
                Spn::sql_port(short, port),
                Need::Recommended,
                "drivers that take the short name as it is typed",
            );
        }
        let spn = match instance {
            None => Spn::sql(short),
            Some(name) => Spn::sql_instance(short, name),
        };
        add(
            spn,
            Need::Recommended,
            "the same with the short name, for drivers that take it as it is typed",
        );
    }
    list
}

/// The instance name, or nothing for the default instance, which is also
/// called `MSSQLSERVER`.
pub fn named(instance: Option<&str>) -> Option<&str> {
    instance.filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("MSSQLSERVER"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spns(needed: &[NeededSpn], need: Need) -> Vec<String> {
        needed
            .iter()
            .filter(|needed| needed.need == need)
            .map(|needed| needed.spn.to_string())
            .collect()
    }

    #[test]
    fn a_default_instance_needs_port_and_bare_form() {
        let list = needed("sql1.corp.example.", Some(1433), Some("MSSQLSERVER"));
        assert_eq!(
            spns(&list, Need::Required),
            [
                "MSSQLSvc/sql1.corp.example:1433",
                "MSSQLSvc/sql1.corp.example"
            ]
        );
        assert_eq!(
            spns(&list, Need::Recommended),
            ["MSSQLSvc/sql1:1433", "MSSQLSvc/sql1"]
        );
    }

    #[test]
    fn a_named_instance_needs_its_name_not_the_bare_form() {
        let list = needed("sql1.corp.example", Some(50123), Some("SALES"));
        assert_eq!(
            spns(&list, Need::Required),
            [
                "MSSQLSvc/sql1.corp.example:50123",
                "MSSQLSvc/sql1.corp.example:SALES"
            ]
        );
    }

    #[test]
    fn a_name_without_a_domain_has_no_short_form() {
        assert_eq!(
            spns(&needed("sql1", None, None), Need::Recommended),
            [""; 0]
        );
    }
}
