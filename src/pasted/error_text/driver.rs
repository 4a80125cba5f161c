//! Which program or driver wrote a message.

/// A word in lower case and who writes it.
const NAMES: &[(&str, &str)] = &[
    ("com.microsoft.sqlserver.jdbc", "Microsoft JDBC Driver"),
    (
        "integrated authentication failed. clientconnectionid",
        "Microsoft JDBC Driver",
    ),
    ("net.sourceforge.jtds", "jTDS"),
    ("microsoft.data.sqlclient", "Microsoft.Data.SqlClient"),
    ("system.data.sqlclient", "System.Data.SqlClient"),
    (".net sqlclient data provider", "SqlClient (.NET)"),
    (
        "ensure kerberos has been initialized on the client",
        "Microsoft.Data.SqlClient on Linux",
    ),
    (
        "[odbc sql server driver]",
        "the old ODBC driver \"SQL Server\" of Windows",
    ),
    ("sql server native client", "SQL Server Native Client"),
    ("ole db driver", "Microsoft OLE DB Driver"),
    ("msoledbsql", "Microsoft OLE DB Driver"),
    ("sqlncli", "SQL Server Native Client"),
    ("[freetds]", "FreeTDS"),
    ("db-lib error message", "FreeTDS (DB-Library)"),
    ("adaptive server connection failed", "FreeTDS"),
    ("adaptive server is unavailable", "FreeTDS"),
    ("pymssql", "FreeTDS (pymssql)"),
    ("tiberius", "tiberius"),
    ("token error: '", "tiberius"),
    ("gssapi error:", "tiberius"),
    ("mssql: login error", "go-mssqldb"),
    ("go-mssqldb", "go-mssqldb"),
    ("tedious", "tedious (Node.js)"),
    (
        "microsoft-windows-security-kerberos",
        "Windows, System event log",
    ),
    (
        "the kerberos client received a",
        "Windows, System event log",
    ),
    (
        "ds_service_principal_name",
        "a domain controller, System event log",
    ),
    ("klist failed with", "Windows klist"),
    ("kvno: ", "kvno of MIT Kerberos"),
    ("kinit: ", "kinit of MIT Kerberos"),
    (
        "the sql server network interface library",
        "SQL Server, error log",
    ),
    ("sspi handshake failed", "SQL Server, error log"),
    (
        "length specified in network packet payload",
        "SQL Server, error log",
    ),
    (", severity: 14, state:", "SQL Server, error log"),
    ("[client: ", "SQL Server, error log"),
    ("(provider: ", "SqlClient (.NET)"),
    ("cannot connect to ", "SQL Server Management Studio"),
];

/// The driver in words; `flat` is the text on one line, `lower` the same in
/// lower case.
pub(super) fn name(flat: &str, lower: &str) -> Option<String> {
    // `[Microsoft][ODBC Driver 18 for SQL Server]`, `Microsoft ODBC Driver 18 for SQL Server :`
    if let Some(at) = lower.find("odbc driver ") {
        let end = lower[at..]
            .find(" for sql server")
            .map(|length| at + length + " for sql server".len());
        if let Some(name) = end
            .and_then(|end| flat.get(at..end))
            .filter(|name| name.len() < 40)
        {
            return Some(format!("Microsoft {name}"));
        }
    }
    NAMES
        .iter()
        .find(|(words, _)| lower.contains(words))
        .map(|(_, name)| (*name).to_owned())
}
