//! Every fault with its name and what it does.

use super::{
    Clock, Fault, Pointer, Ticket, WrongAccount, account, client, delegation, key, names, network,
    settings, spn_state, sql_server, trust,
};

/// Every fault with its name and what it does.
const FAULTS: &[(Fault, &str, &str)] = &[
    (
        Fault::SpnMissing,
        "spn-missing",
        "no account holds an SPN of sql1's default instance",
    ),
    (
        Fault::SpnDuplicate,
        "spn-duplicate",
        "svc_sql and svc_old both hold sql1's SPNs",
    ),
    (
        Fault::SpnOnWrongAccount(WrongAccount::Service),
        "spn-on-wrong-account",
        "svc_old holds sql1's SPNs",
    ),
    (
        Fault::SpnOnWrongAccount(WrongAccount::Computer),
        "spn-on-wrong-account:computer",
        "the computer account SQL1$ holds sql1's SPNs",
    ),
    (
        Fault::ReverseLookupMismatch(Pointer::Missing),
        "reverse-lookup-mismatch",
        "sql1's address has no pointer record",
    ),
    (
        Fault::ReverseLookupMismatch(Pointer::Wrong),
        "reverse-lookup-mismatch:wrong",
        "sql1's pointer record names sql2",
    ),
    (
        Fault::ReverseLookupMismatch(Pointer::Several),
        "reverse-lookup-mismatch:several",
        "sql1's address has two pointer records",
    ),
    (
        Fault::NamePointsElsewhere,
        "name-points-elsewhere",
        "sql1's address record is sql2's",
    ),
    (
        Fault::NoTicket(Ticket::NoCache),
        "no-ticket",
        "alice has no Kerberos cache",
    ),
    (
        Fault::NoTicket(Ticket::Expired),
        "no-ticket:expired",
        "alice's ticket has expired",
    ),
    (
        Fault::NoTicket(Ticket::OtherUser),
        "no-ticket:other-user",
        "alice's cache is bob's",
    ),
    (
        Fault::ClockSkew(Clock::Client),
        "clock-skew",
        "programs on the client are 11 minutes ahead",
    ),
    (
        Fault::ClockSkew(Clock::SqlServer),
        "clock-skew:sql-server",
        "SQL Server on sql1 is 11 minutes ahead",
    ),
    (
        Fault::ClockSkew(Clock::DomainController),
        "clock-skew:domain-controller",
        "dc1 is 11 minutes ahead",
    ),
    (
        Fault::FirstHopNtlm,
        "first-hop-ntlm",
        "sql1 says that alice's connection is NTLM",
    ),
    (
        Fault::GroupScope,
        "group-scope",
        "sqlp has a login for a domain-local group of CORP, and none for alice",
    ),
    (
        Fault::LoginNotAuthorised,
        "login-not-authorised",
        "sql1 answers alice with error 18456",
    ),
];

/// Those of this file and of the files of single subjects.
pub(super) fn table() -> impl Iterator<Item = (Fault, &'static str, &'static str)> {
    let trust = trust::TABLE
        .iter()
        .map(|(fault, name, what)| (Fault::Trust(*fault), *name, *what));
    let delegation = delegation::TABLE
        .iter()
        .map(|(fault, name, what)| (Fault::Delegation(*fault), *name, *what));
    let linked = sql_server::TABLE
        .iter()
        .map(|(fault, name, what)| (Fault::LinkedLogin(*fault), *name, *what));
    let account = account::TABLE
        .iter()
        .map(|(fault, name, what)| (Fault::Account(*fault), *name, *what));
    let key = key::TABLE
        .iter()
        .map(|(fault, name, what)| (Fault::Key(*fault), *name, *what));
    let spn = spn_state::TABLE
        .iter()
        .map(|(state, name, what)| (Fault::Spn(*state), *name, *what));
    let names = names::TABLE
        .iter()
        .map(|(fault, name, what)| (Fault::Names(*fault), *name, *what));
    let network = network::TABLE
        .iter()
        .map(|(fault, name, what)| (Fault::Network(*fault), *name, *what));
    let configuration = client::TABLE
        .iter()
        .map(|(fault, name, what)| (Fault::Configuration(*fault), *name, *what));
    let settings = settings::TABLE
        .iter()
        .map(|(fault, name, what)| (Fault::Settings(*fault), *name, *what));
    FAULTS
        .iter()
        .copied()
        .chain(account)
        .chain(key)
        .chain(trust)
        .chain(delegation)
        .chain(linked)
        .chain(spn)
        .chain(names)
        .chain(network)
        .chain(configuration)
        .chain(settings)
}
