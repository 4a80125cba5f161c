//! What a field of a document names, and what names nobody.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::probe::declaration::FactKind;
use crate::probe::registry;

/// What a value is by the name of its field.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Domain,
    NetBios,
    Host,
    Account,
    Instance,
    Site,
    Certificate,
}

/// Containers that every directory has, and accounts that every system has.
const EVERYWHERE: &[&str] = &[
    "users",
    "computers",
    "system",
    "builtin",
    "configuration",
    "schema",
    "sites",
    "services",
    "partitions",
    "servers",
    "managed service accounts",
    "domain controllers",
    "ntds settings",
    "default-first-site-name",
    "foreignsecurityprincipals",
    "program data",
    "password settings container",
    "localsystem",
    "networkservice",
    "network service",
    "localservice",
    "local service",
    "nobody",
    "anonymous",
    "anonymous logon",
    "local",
    "localhost",
    "mssqlserver",
    "krbtgt",
    "protected users",
    "sqlserveragent",
    "user",
    "host",
    "account",
    "domain",
    "name",
    "server",
];

/// Fields with words of flows and of this program; `names/hosts` is a step.
pub(super) const WORDS_OF_FLOWS: &[&str] = &[
    "id",
    "step",
    "flow",
    "kind",
    "probe",
    "status",
    "goto",
    "cause",
    "condition",
    "station",
    "state",
    "causes",
    "session",
];

/// Fields whose kind their declaration does not say.
const BY_NAME: &[(&str, Kind)] = &[
    ("instance", Kind::Instance),
    ("instance_name", Kind::Instance),
    ("site", Kind::Site),
    ("issuer", Kind::Certificate),
    ("subject", Kind::Certificate),
    ("machine_name", Kind::Host),
    ("physical_machine_name", Kind::Host),
    ("netbios_computer", Kind::Host),
    ("server_name", Kind::Host),
    ("data_source", Kind::Host),
    ("linked_server", Kind::Host),
    ("linked_to", Kind::Host),
    ("host", Kind::Host),
    ("hosts", Kind::Host),
    ("netbios_domain", Kind::NetBios),
    ("netbios_name", Kind::NetBios),
    ("flat_name", Kind::NetBios),
    ("local_user", Kind::Account),
    ("login", Kind::Account),
    ("sql_login", Kind::Account),
    ("user", Kind::Account),
    ("sam_account_name", Kind::Account),
];

/// The kinds that probes declare for fields of this name.
pub(super) static DECLARED: LazyLock<HashMap<&'static str, Kind>> = LazyLock::new(|| {
    let mut kinds = HashMap::new();
    for declaration in registry::declarations() {
        for fact in declaration.facts {
            declared(fact.name, &fact.kind, &mut kinds);
        }
        for argument in declaration.arguments {
            declared(argument.name, &argument.kind, &mut kinds);
        }
    }
    // What is said here is more exact.
    kinds.extend(BY_NAME.iter().copied());
    kinds
});

fn declared(name: &'static str, kind: &FactKind, kinds: &mut HashMap<&'static str, Kind>) {
    let is_domain = ["domain", "realm", "forest", "partner", "suffix"]
        .iter()
        .any(|word| name.contains(word));
    match kind {
        FactKind::HostName if is_domain => {
            kinds.insert(name, Kind::Domain);
        }
        FactKind::HostName => {
            kinds.insert(name, Kind::Host);
        }
        FactKind::AccountName => {
            kinds.insert(name, Kind::Account);
        }
        FactKind::List(inner) => declared(name, inner, kinds),
        FactKind::Record(fields) => {
            for field in *fields {
                declared(field.name, &field.kind, kinds);
            }
        }
        _ => {}
    }
}

/// Whether every directory or every system has this name.
pub(super) fn is_everywhere(name: &str) -> bool {
    EVERYWHERE.contains(&name.to_lowercase().as_str())
}
