//! What `sql-session` takes and tells.

use std::time::Duration;

use crate::probe::declare::{fact, fault, good, optional, required, unknown};
use crate::probe::{Consent, FactKind, ProbeDeclaration};

/// A linked server.
const LINKED_SERVER: FactKind = FactKind::Record(&[
    fact("name", FactKind::Text, "the linked server's name"),
    fact("product", FactKind::Text, "the product"),
    fact("provider", FactKind::Text, "the OLE DB provider"),
    fact(
        "data_source",
        FactKind::HostName,
        "the server that it leads to",
    ),
    fact(
        "provider_string",
        FactKind::Text,
        "further options of the connection; `(holds a password)` when one is in it",
    ),
    fact(
        "logins",
        FactKind::List(&FactKind::Record(&[
            fact(
                "local_login",
                FactKind::AccountName,
                "the login it is for; null for all others",
            ),
            fact(
                "uses_self_credential",
                FactKind::Boolean,
                "whether the caller's own Windows login is passed on: the double hop",
            ),
            fact(
                "remote_login",
                FactKind::AccountName,
                "the SQL login that is used instead",
            ),
        ])),
        "how logins are mapped",
    ),
]);

/// `sql-session`.
pub(super) static DECLARATION: ProbeDeclaration = ProbeDeclaration {
    key: "sql-session",
    title: "SQL Server session",
    help: "Logs in to SQL Server and asks what only it knows: how it authenticated us, its service \
           account, ports, listeners, linked servers and clock. Each question stands on its own: what \
           the login may not read is null, and named in `unreadable`.",
    consent: Consent::AsksFirst(
        "It logs in, unless the walk has just done so as you. SQL Server writes a refused login (18456, 18452) into its error log, and a wrong \
         password counts towards a lockout.",
    ),
    deadline: Duration::from_secs(20),
    arguments: &[
        required(
            "host",
            FactKind::HostName,
            "the host, as a name or an address",
        ),
        required("port", FactKind::Port, "the TCP port"),
        optional(
            "login",
            FactKind::Text,
            "`integrated` (Kerberos, the default) or `sql` (the SQL login that was given at the start, or `user` and `password`)",
        ),
        optional(
            "user",
            FactKind::AccountName,
            "a SQL login that the flow asked for",
        ),
        optional(
            "password",
            FactKind::Secret,
            "its password, an answer of `type: secret`",
        ),
        optional(
            "spn_host",
            FactKind::HostName,
            "the host name for the SPN, when it is not the one that is connected to",
        ),
        optional(
            "trust_certificate",
            FactKind::Boolean,
            "whether a SQL login's password may be sent although the server's certificate cannot be verified; a Kerberos login sends no secret and never asks",
        ),
        optional(
            "linked_to",
            FactKind::List(&FactKind::HostName),
            "the names of the SQL Server that a linked server leads to, as they are typed: as whom would it sign us in there?",
        ),
    ],
    statuses: &[
        good("connected", "logged in"),
        fault("login-failed", "SQL Server refused the login"),
        fault(
            "kerberos-failed",
            "no Kerberos ticket for the server could be had, or it could not use it",
        ),
        unknown(
            "no-credential",
            "there is no Kerberos ticket, or no SQL login was given",
        ),
        fault(
            "routed",
            "the server sends the login elsewhere, as an availability group does",
        ),
        fault("tls-failed", "TLS cannot be set up with the server"),
        fault("refused", "nothing listens on the port"),
        fault("timed-out", "no answer in time"),
        fault(
            "unreachable",
            "the network says that there is no way to the host",
        ),
        fault(
            "not-sql-server",
            "something answers that does not speak the SQL Server protocol",
        ),
        unknown(
            "no-address",
            "the host's name has no address that could be tried",
        ),
    ],
    facts: &[
        fact(
            "auth_scheme",
            FactKind::Text,
            "how SQL Server authenticated us: `KERBEROS`, `NTLM` or `SQL`",
        ),
        fact(
            "net_transport",
            FactKind::Text,
            "`TCP`, `Named pipe` or `Shared memory`",
        ),
        fact(
            "encrypted",
            FactKind::Boolean,
            "whether the whole session is encrypted",
        ),
        fact(
            "local_address",
            FactKind::Address,
            "the server's address of this connection",
        ),
        fact(
            "local_port",
            FactKind::Port,
            "the server's port of this connection",
        ),
        fact("login", FactKind::AccountName, "as whom SQL Server sees us"),
        fact(
            "server_name",
            FactKind::HostName,
            "@@SERVERNAME: the name that the instance has for itself",
        ),
        fact(
            "machine_name",
            FactKind::HostName,
            "the computer, or the virtual network name of a cluster",
        ),
        fact(
            "physical_machine_name",
            FactKind::HostName,
            "the computer on which it runs at this moment",
        ),
        fact(
            "instance",
            FactKind::Text,
            "the instance; null for the default one",
        ),
        fact(
            "version",
            FactKind::Text,
            "the full version, such as 16.0.4135.4",
        ),
        fact(
            "clustered",
            FactKind::Boolean,
            "whether it is a failover cluster instance",
        ),
        fact(
            "always_on",
            FactKind::Boolean,
            "whether Always On availability groups are enabled",
        ),
        fact(
            "windows_only",
            FactKind::Boolean,
            "whether it accepts Windows logins only",
        ),
        fact("host_platform", FactKind::Text, "`Windows` or `Linux`"),
        fact(
            "service_account",
            FactKind::AccountName,
            "the account of the database engine, as Windows tells it, such as `CORP\\svc_sql` or `NT SERVICE\\MSSQLSERVER`",
        ),
        fact(
            "started_at",
            FactKind::Time,
            "when the database engine was started",
        ),
        fact(
            "services",
            FactKind::List(&FactKind::Record(&[
                fact("service", FactKind::Text, "the service's display name"),
                fact("account", FactKind::AccountName, "its account"),
                fact("started_at", FactKind::Time, "when it was started"),
                fact("state", FactKind::Text, "such as Running"),
            ])),
            "the services of the instance",
        ),
        fact(
            "listeners",
            FactKind::List(&FactKind::Record(&[
                fact(
                    "address",
                    FactKind::Address,
                    "the address on which it listens; `::` and `0.0.0.0` mean all",
                ),
                fact("port", FactKind::Port, "the port"),
                fact(
                    "type",
                    FactKind::Text,
                    "`TSQL`, `Service Broker` or `Database Mirroring`",
                ),
                fact("state", FactKind::Text, "`ONLINE` or `OFFLINE`"),
            ])),
            "the TCP listeners",
        ),
        fact(
            "ports",
            FactKind::List(&FactKind::Port),
            "the ports on which it takes queries, the dedicated admin connection apart",
        ),
        fact(
            "port_kind",
            FactKind::Text,
            "`static` or `dynamic` (chosen anew at each start)",
        ),
        fact(
            "extended_protection",
            FactKind::Text,
            "`off`, `allowed` or `required`",
        ),
        fact(
            "accepted_spns",
            FactKind::List(&FactKind::Spn),
            "SPNs that Extended Protection accepts beside its own",
        ),
        fact(
            "force_encryption",
            FactKind::Boolean,
            "whether it forces encryption",
        ),
        fact(
            "hidden",
            FactKind::Boolean,
            "whether the Browser does not list it",
        ),
        fact(
            "availability_group_listeners",
            FactKind::List(&FactKind::Record(&[
                fact("name", FactKind::HostName, "the listener's DNS name"),
                fact("port", FactKind::Port, "its port"),
                fact(
                    "addresses",
                    FactKind::List(&FactKind::Address),
                    "its addresses",
                ),
            ])),
            "the listeners of availability groups: each needs SPNs of its own",
        ),
        fact(
            "availability_group_replicas",
            FactKind::List(&FactKind::Record(&[
                fact(
                    "name",
                    FactKind::HostName,
                    "the replica as the group names it",
                ),
                fact(
                    "host",
                    FactKind::HostName,
                    "its host, with the full name where known",
                ),
                fact(
                    "instance",
                    FactKind::Text,
                    "its instance; null for the default one",
                ),
                fact("availability_group", FactKind::Text, "the group"),
            ])),
            "the replicas of availability groups: all must run under one account",
        ),
        fact(
            "linked_servers",
            FactKind::List(&LINKED_SERVER),
            "the linked servers",
        ),
        fact(
            "linked_server",
            LINKED_SERVER,
            "the linked server that leads to `linked_to`; null when none is visible, or when several do and map us differently",
        ),
        fact(
            "linked_self_mapped",
            FactKind::Boolean,
            "whether it passes our own Windows login on; null when our mapping is not visible",
        ),
        fact(
            "linked_mapping_words",
            FactKind::Text,
            "as whom it signs in, such as `the SQL login reader`; or why that is not known",
        ),
        fact(
            "authentications",
            FactKind::List(&FactKind::Record(&[
                fact("net_transport", FactKind::Text, "the transport"),
                fact("auth_scheme", FactKind::Text, "the scheme"),
                fact(
                    "connections",
                    FactKind::Integer,
                    "how many connections have it",
                ),
            ])),
            "how all present connections were authenticated: does anyone get Kerberos?",
        ),
        fact(
            "spn_registration",
            FactKind::List(&FactKind::Text),
            "what the error log says of registering the service principal names at the last start",
        ),
        fact(
            "spn_registration_failed",
            FactKind::Boolean,
            "whether one of those lines says that it failed",
        ),
        fact(
            "spn_registration_code",
            FactKind::Text,
            "the Windows code of that line: `0x2098` no right, `0x21c7` another account holds it, `0x200b` bad name",
        ),
        fact("server_time", FactKind::Time, "the server's clock"),
        fact(
            "clock_offset_seconds",
            FactKind::Seconds,
            "its clock minus this machine's: positive when the server is ahead",
        ),
        fact(
            "unreadable",
            FactKind::List(&FactKind::Record(&[
                fact("what", FactKind::Text, "the subject that could not be read"),
                fact("error", FactKind::Text, "SQL Server's words"),
            ])),
            "what the login may not read, or this version does not have",
        ),
        fact(
            "error_number",
            FactKind::Integer,
            "the number of the login error, such as 18456",
        ),
        fact(
            "error_state",
            FactKind::Integer,
            "the state of the login error",
        ),
        fact(
            "error_message",
            FactKind::Text,
            "the words of the login or Kerberos error",
        ),
    ],
};
