//! Which SPN each client driver asks for. That differs from driver to driver
//! on one machine, which is why one program gets in and another does not.

use super::Spn;
use super::required::named;

/// What the client knows of the server.
#[derive(Clone, Debug, Default)]
pub struct ClientView<'a> {
    /// The host as it was typed.
    pub typed: &'a str,
    /// The name at the end of the CNAME chain, with the search suffix; the
    /// typed one when it could not be resolved.
    pub canonical: Option<&'a str>,
    /// The name that the address leads back to.
    pub reverse: Option<&'a str>,
    /// The port that was typed.
    pub typed_port: Option<u16>,
    /// The port that is used in the end, resolved by the Browser service when
    /// an instance was typed.
    pub port: Option<u16>,
    /// The instance that was typed.
    pub instance: Option<&'a str>,
    /// The DNS domain of the client's realm, for drivers that add it to short
    /// names.
    pub domain: Option<&'a str>,
}

impl ClientView<'_> {
    fn typed(&self) -> &str {
        self.typed.trim_end_matches('.')
    }

    fn canonical(&self) -> &str {
        self.canonical
            .filter(|name| !name.is_empty())
            .unwrap_or(self.typed)
            .trim_end_matches('.')
    }

    /// Forward, then back: as Windows and MIT Kerberos with `rdns` do.
    fn reversed(&self) -> &str {
        self.reverse
            .filter(|name| !name.is_empty())
            .map_or_else(|| self.canonical(), |name| name.trim_end_matches('.'))
    }

    fn with_domain(&self) -> String {
        let typed = self.typed();
        match self.domain {
            Some(domain) if !typed.contains('.') && !domain.is_empty() => {
                format!("{typed}.{}", domain.trim_matches('.'))
            }
            _ => typed.to_owned(),
        }
    }

    fn port(&self) -> u16 {
        self.port.or(self.typed_port).unwrap_or(1433)
    }
}

/// A driver and its rule.
pub struct Driver {
    /// A stable id.
    pub id: &'static str,
    /// Its name, with the programs that use it.
    pub name: &'static str,
    /// How it forms the name, in words.
    pub rule: &'static str,
    /// The SPNs that it asks for, in the order in which it tries them.
    pub spns: fn(&ClientView<'_>) -> Vec<Spn>,
}

/// The drivers whose rule is known.
pub static DRIVERS: &[Driver] = &[
    Driver {
        id: "windows",
        name: "Windows ODBC, OLE DB, SqlClient (SSMS, Excel, .NET Framework)",
        rule: "the name is looked up and its address looked up back; always with the port",
        spns: |view| vec![Spn::sql_port(view.reversed(), view.port())],
    },
    Driver {
        id: "odbc-linux",
        name: "Microsoft ODBC driver 17 and 18 on Linux and macOS (sqlcmd -E, pyodbc)",
        rule: "the Kerberos library makes the name canonical (with `rdns`, by looking the address up \
               back); always with the port",
        spns: |view| vec![Spn::sql_port(view.reversed(), view.port())],
    },
    Driver {
        id: "sqlclient-managed",
        name: "Microsoft.Data.SqlClient on Linux (.NET)",
        rule: "the canonical name; a typed port or else the instance name, the default instance first \
               without a port; releases since 2026 ask for the resolved port of a named instance",
        spns: sqlclient_managed,
    },
    Driver {
        id: "jdbc",
        name: "Microsoft JDBC driver (Java)",
        rule: "the name as it is typed, when a realm is found for it; always with the port",
        spns: |view| vec![Spn::sql_port(view.typed(), view.port())],
    },
    Driver {
        id: "freetds",
        name: "FreeTDS (tsql, PHP, pymssql)",
        rule: "the name as it is typed, the domain added when it has no dot; always with the port",
        spns: |view| vec![Spn::sql_port(&view.with_domain(), view.port())],
    },
    Driver {
        id: "go-mssqldb",
        name: "go-mssqldb (go-sqlcmd, Grafana, Terraform)",
        rule: "the name as it is typed; the instance name wins over the port",
        spns: |view| {
            vec![match named(view.instance) {
                Some(instance) => Spn::sql_instance(view.typed(), instance),
                None => Spn::sql_port(view.typed(), view.port()),
            }]
        },
    },
    Driver {
        id: "tiberius",
        name: "tiberius (Rust)",
        rule: "the name as it is typed; always with the port",
        spns: |view| vec![Spn::sql_port(view.typed(), view.port())],
    },
];

fn sqlclient_managed(view: &ClientView<'_>) -> Vec<Spn> {
    let host = view.canonical();
    if let Some(port) = view.typed_port {
        return vec![Spn::sql_port(host, port)];
    }
    match (named(view.instance), view.port) {
        (Some(instance), Some(port)) => {
            vec![Spn::sql_instance(host, instance), Spn::sql_port(host, port)]
        }
        (Some(instance), None) => vec![Spn::sql_instance(host, instance)],
        (None, _) => vec![Spn::sql(host), Spn::sql_port(host, view.port())],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(id: &str, view: &ClientView<'_>) -> Vec<String> {
        let driver = DRIVERS.iter().find(|driver| driver.id == id).unwrap();
        (driver.spns)(view).iter().map(Spn::to_string).collect()
    }

    #[test]
    fn an_alias_divides_the_drivers() {
        let view = ClientView {
            typed: "sales-db",
            canonical: Some("sql1.corp.example."),
            reverse: Some("sql1.corp.example."),
            domain: Some("corp.example"),
            ..ClientView::default()
        };
        assert_eq!(asked("windows", &view), ["MSSQLSvc/sql1.corp.example:1433"]);
        assert_eq!(asked("jdbc", &view), ["MSSQLSvc/sales-db:1433"]);
        assert_eq!(
            asked("freetds", &view),
            ["MSSQLSvc/sales-db.corp.example:1433"]
        );
        assert_eq!(
            asked("sqlclient-managed", &view),
            [
                "MSSQLSvc/sql1.corp.example",
                "MSSQLSvc/sql1.corp.example:1433"
            ]
        );
    }

    #[test]
    fn a_named_instance_divides_them_again() {
        let view = ClientView {
            typed: "sql1.corp.example",
            instance: Some("SALES"),
            port: Some(50123),
            ..ClientView::default()
        };
        assert_eq!(
            asked("odbc-linux", &view),
            ["MSSQLSvc/sql1.corp.example:50123"]
        );
        assert_eq!(
            asked("go-mssqldb", &view),
            ["MSSQLSvc/sql1.corp.example:SALES"]
        );
        assert_eq!(
            asked("sqlclient-managed", &view)[0],
            "MSSQLSvc/sql1.corp.example:SALES"
        );
    }

    #[test]
    fn a_wrong_reverse_record_leads_windows_astray() {
        let view = ClientView {
            typed: "sql1.corp.example",
            canonical: Some("sql1.corp.example"),
            reverse: Some("old-sql.corp.example"),
            typed_port: Some(1433),
            ..ClientView::default()
        };
        assert_eq!(
            asked("windows", &view),
            ["MSSQLSvc/old-sql.corp.example:1433"]
        );
        assert_eq!(
            asked("tiberius", &view),
            ["MSSQLSvc/sql1.corp.example:1433"]
        );
    }
}
