//! Messages of each driver, as people see and paste them.

use super::Stage::{
    AnyKerberos, Authorisation, Network, OwnTicket, Registration, SecondHop, ServerOpensTicket,
    ServiceTicket, Tls,
};
use super::*;

/// Message, driver, stage, server, user.
type Row = (
    &'static str,
    Option<&'static str>,
    Stage,
    Option<&'static str>,
    Option<&'static str>,
);

const MESSAGES: &[Row] = &[
    (
        "TITLE: Connect to Server\n------------------------------\n\nCannot connect to SQL1\\SALES.\n\nADDITIONAL INFORMATION:\n\nThe target principal name is incorrect.  Cannot generate SSPI context. (.Net SqlClient Data Provider)",
        Some("SqlClient (.NET)"),
        ServerOpensTicket,
        Some("SQL1\\SALES"),
        None,
    ),
    (
        "Microsoft.Data.SqlClient.SqlException (0x80131904): Cannot authenticate using Kerberos. Ensure Kerberos has been initialized on the client with 'kinit' and a Service Principal Name has been registered for the SQL Server to allow Kerberos authentication.",
        Some("Microsoft.Data.SqlClient"),
        AnyKerberos,
        None,
        None,
    ),
    (
        "System.Data.SqlClient.SqlException (0x80131904): A network-related or instance-specific error occurred while establishing a connection to SQL Server. The server was not found or was not accessible. Verify that the instance name is correct and that SQL Server is configured to allow remote connections. (provider: SQL Network Interfaces, error: 26 - Error Locating Server/Instance Specified)",
        Some("System.Data.SqlClient"),
        Network,
        None,
        None,
    ),
    (
        "[Microsoft][ODBC Driver 18 for SQL Server]SSPI Provider: Server MSSQLSvc/sql1.corp.example:1433@CORP.EXAMPLE not found in Kerberos database (851968)",
        Some("Microsoft ODBC Driver 18 for SQL Server"),
        ServiceTicket,
        Some("sql1.corp.example,1433"),
        None,
    ),
    (
        "Sqlcmd: Error: Microsoft ODBC Driver 17 for SQL Server : SSPI Provider: No Kerberos credentials available (default cache: FILE:/tmp/krb5cc_1000).\nSqlcmd: Error: Microsoft ODBC Driver 17 for SQL Server : Cannot generate SSPI context.",
        Some("Microsoft ODBC Driver 17 for SQL Server"),
        OwnTicket,
        None,
        None,
    ),
    (
        "('08001', '[08001] [Microsoft][ODBC Driver 18 for SQL Server]SSL Provider: [error:0A000086:SSL routines::certificate verify failed:self-signed certificate] (-1) (SQLDriverConnect)')",
        Some("Microsoft ODBC Driver 18 for SQL Server"),
        Tls,
        None,
        None,
    ),
    (
        "[Microsoft][SQL Server Native Client 11.0]SQL Server Network Interfaces: The target principal name is incorrect. (-2146893022)\nCannot generate SSPI context",
        Some("SQL Server Native Client"),
        ServerOpensTicket,
        None,
        None,
    ),
    (
        "com.microsoft.sqlserver.jdbc.SQLServerException: Integrated authentication failed. ClientConnectionId:6f2a…\nCaused by: javax.security.auth.login.LoginException: Unable to obtain Principal Name for authentication",
        Some("Microsoft JDBC Driver"),
        OwnTicket,
        None,
        None,
    ),
    (
        "com.microsoft.sqlserver.jdbc.SQLServerException: Integrated authentication failed.\nCaused by: GSSException: No valid credentials provided (Mechanism level: Server not found in Kerberos database (7) - LOOKING_UP_SERVER)\nurl=jdbc:sqlserver://sql1.corp.example:1444;integratedSecurity=true",
        Some("Microsoft JDBC Driver"),
        ServiceTicket,
        Some("sql1.corp.example,1444"),
        None,
    ),
    (
        "The TCP/IP connection to the host sql1.corp.example, port 1433 has failed. Error: \"Connection refused\".",
        None,
        Network,
        Some("sql1.corp.example,1433"),
        None,
    ),
    (
        "Error: GSSAPI Error: Unspecified GSS failure.  Minor code may provide more information (Message stream modified)",
        Some("tiberius"),
        ServerOpensTicket,
        None,
        None,
    ),
    (
        "Token error: 'Login failed for user 'CORP\\alice'.' on server SQL1 executing  on line 1 (code: 18456, state: 1, class: 14)",
        Some("tiberius"),
        Authorisation,
        Some("SQL1"),
        Some("CORP\\alice"),
    ),
    (
        "Msg 20002 (severity 9): Adaptive Server connection failed\nDB-Lib error message 20002, severity 9",
        Some("FreeTDS (DB-Library)"),
        AnyKerberos,
        None,
        None,
    ),
    (
        "Login failed for user 'NT AUTHORITY\\ANONYMOUS LOGON'. (Microsoft SQL Server, Error: 18456)",
        None,
        SecondHop,
        None,
        Some("NT AUTHORITY\\ANONYMOUS LOGON"),
    ),
    (
        "OLE DB provider \"MSOLEDBSQL\" for linked server \"SQL2\" returned message. Msg 18456, Level 14, State 1\nLogin failed for user 'CORP\\SQL1$'.",
        Some("Microsoft OLE DB Driver"),
        SecondHop,
        None,
        Some("CORP\\SQL1$"),
    ),
    (
        "Login failed for user '(null)'. Reason: Not associated with a trusted SQL Server connection.",
        None,
        SecondHop,
        None,
        Some("(null)"),
    ),
    (
        "Login failed for user 'sa'. (Microsoft SQL Server, Error: 18456)",
        None,
        Authorisation,
        None,
        Some("sa"),
    ),
    (
        "2026-11-22 09:00:00.12 Logon       Error: 18456, Severity: 14, State: 11.\n2026-11-22 09:00:00.12 Logon       Login failed for user 'CORP\\alice'. Reason: Token-based server access validation failed with an infrastructure error. [CLIENT: 10.0.4.9]",
        Some("SQL Server, error log"),
        Authorisation,
        None,
        Some("CORP\\alice"),
    ),
    (
        "2026-11-22 09:00:00.12 Logon       Error: 17806, Severity: 20, State: 14.\nSSPI handshake failed with error code 0x8009030c, state 14 while establishing a connection with integrated security; the connection has been closed. Reason: AcceptSecurityContext failed. The Windows error code indicates the cause of failure. The logon attempt failed   [CLIENT: 10.0.4.9]",
        Some("SQL Server, error log"),
        ServerOpensTicket,
        None,
        None,
    ),
    (
        "SSPI handshake failed with error code 0x80090311, state 14 while establishing a connection with integrated security; the connection was closed. [CLIENT: 10.0.4.9]",
        Some("SQL Server, error log"),
        ServerOpensTicket,
        None,
        None,
    ),
    (
        "Error: 17836, Severity: 20, State: 17. Length specified in network packet payload did not match number of bytes read; the connection has been closed. Please contact the vendor of the client library. [CLIENT: 10.0.4.9]",
        Some("SQL Server, error log"),
        Network,
        None,
        None,
    ),
    (
        "Login failed. The login is from an untrusted domain and cannot be used with Integrated authentication. (Microsoft SQL Server, Error: 18452)",
        None,
        ServerOpensTicket,
        None,
        None,
    ),
    (
        "The SQL Server Network Interface library could not register the Service Principal Name (SPN) [ MSSQLSvc/sql1.corp.example:1433 ] for the SQL Server service. Windows return code: 0x21c7, state: 15. Failure to register a SPN might cause integrated authentication to use NTLM instead of Kerberos.",
        Some("SQL Server, error log"),
        Registration,
        Some("sql1.corp.example,1433"),
        None,
    ),
    (
        "The Kerberos client received a KRB_AP_ERR_MODIFIED error from the server svc_sql. The target name used was MSSQLSvc/sql1.corp.example:1433. This indicates that the target server failed to decrypt the ticket provided by the client.",
        Some("Windows, System event log"),
        ServerOpensTicket,
        Some("sql1.corp.example,1433"),
        None,
    ),
    (
        "There are multiple accounts with name MSSQLSvc/sql1.corp.example:1433 of type DS_SERVICE_PRINCIPAL_NAME.",
        Some("a domain controller, System event log"),
        ServiceTicket,
        Some("sql1.corp.example,1433"),
        None,
    ),
    (
        "kinit: Client's credentials have been revoked while getting initial credentials",
        Some("kinit of MIT Kerberos"),
        OwnTicket,
        None,
        None,
    ),
    (
        "mssql: login error: Cannot generate SSPI context",
        Some("go-mssqldb"),
        AnyKerberos,
        None,
        None,
    ),
    ("Fehler 0x80090324", None, OwnTicket, None, None),
    (
        "Cannot generate SSPI context. Server=tcp:sql1.corp.example,1433;Integrated Security=SSPI",
        None,
        AnyKerberos,
        Some("tcp:sql1.corp.example,1433"),
        None,
    ),
];

#[test]
fn messages_of_every_driver() {
    for (text, driver, stage, server, user) in MESSAGES {
        let read = read(text).unwrap_or_else(|| panic!("not read: {text}"));
        assert_eq!(read.driver.as_deref(), *driver, "driver of: {text}");
        assert_eq!(read.stage, *stage, "stage of: {text}");
        assert_eq!(read.server.as_deref(), *server, "server of: {text}");
        assert_eq!(read.user.as_deref(), *user, "user of: {text}");
        assert!(
            read.explanation.len() > 20 && read.explanation.ends_with('.'),
            "{text}"
        );
    }
}

#[test]
fn codes_and_states_are_told() {
    let read = read(MESSAGES[17].0).unwrap();
    assert_eq!(read.codes[0].code, "18456 state 11");
    assert_eq!(read.client.as_deref(), Some("10.0.4.9"));
    let read = super::read(MESSAGES[22].0).unwrap();
    assert_eq!(read.codes[0].code, "0x21C7");
    let read = super::read(MESSAGES[6].0).unwrap();
    assert_eq!(read.codes[0].code, "0x80090322");
}

#[test]
fn what_is_no_such_error_is_not_guessed() {
    for text in [
        "",
        "Hello",
        "ORA-12154: TNS:could not resolve",
        "1433",
        "0x80070005",
    ] {
        assert!(read(text).is_none(), "{text}");
    }
}

#[test]
fn a_server_that_cannot_be_one_is_not_taken() {
    let read = read("Cannot connect to $(rm -rf /). Cannot generate SSPI context").unwrap();
    assert_eq!(read.server, None);
}
