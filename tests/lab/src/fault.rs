//! Faults that can be injected into a lab and undone. An undo brings back
//! exactly what was there before.

mod account;
mod client;
mod delegation;
mod group;
mod key;
mod names;
mod network;
mod record;
pub(crate) mod settings;
mod spn;
pub(crate) mod spn_scenario;
pub mod spn_state;
mod sql_server;
mod table;
mod trust;

pub use account::{AccountFault, Unusable};
pub use delegation::{BackEndSpn, Delegation};
pub use group::GROUP;
pub use key::KeyFault;
pub use sql_server::LinkedLogin;
pub use trust::{FORMER_SID, Trust};

pub use client::Configuration;
pub(crate) use client::clock_ahead;
pub use names::{DISJOINT_NAME, Names};
pub use network::{Network, TUNNEL_PORT};
pub use settings::Settings;

use std::fmt;
use std::str::FromStr;

use crate::error::{LabError, Result};
use crate::lab::Lab;
use crate::topology::CORP;
use table::table;

/// A fault, named after the cause that a diagnosis must find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// No account holds an SPN of the default instance on sql1.
    SpnMissing,
    /// svc_sql and svc_old both hold the SPNs of sql1's default instance.
    SpnDuplicate,
    /// One account holds them, and not the one that SQL Server runs under.
    SpnOnWrongAccount(WrongAccount),
    /// The pointer record of sql1's address.
    ReverseLookupMismatch(Pointer),
    /// sql1's name leads to sql2.
    NamePointsElsewhere,
    /// alice has no ticket of her own on the client.
    NoTicket(Ticket),
    /// A clock is eleven minutes ahead.
    ClockSkew(Clock),
    /// The trust between the two forests.
    Trust(Trust),
    /// The way from the first server to the second.
    Delegation(Delegation),
    /// How sql1's linked server signs in.
    LinkedLogin(LinkedLogin),
    /// sql1 says that alice's own connection is NTLM.
    FirstHopNtlm,
    /// Something else about sql1's SPNs.
    Spn(spn_state::SpnState),
    /// SQL Server on sql1 has no login for alice: error 18456.
    LoginNotAuthorised,
    /// The login on sqlp is made for a group that does not reach it.
    GroupScope,
    /// The state of an account.
    Account(AccountFault),
    /// Keys and encryption types, and as whom sql1's SQL Server runs.
    Key(KeyFault),
    /// The names of sql1.
    Names(Names),
    /// The way from the client to the servers.
    Network(Network),
    /// The client's krb5.conf.
    Configuration(Configuration),
    /// How SQL Server on sql1 is set up.
    Settings(Settings),
}

/// Who holds the SPN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrongAccount {
    /// Another service account, svc_old.
    Service,
    /// The computer account SQL1$.
    Computer,
}

/// What is wrong with a pointer record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pointer {
    /// There is none.
    Missing,
    /// It names another host.
    Wrong,
    /// There is a second one, with another name.
    Several,
}

/// What is wrong with alice's Kerberos cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ticket {
    /// There is no cache.
    NoCache,
    /// The ticket has expired.
    Expired,
    /// It is bob's.
    OtherUser,
}

/// Whose clock is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// Every program that is started on the client.
    Client,
    /// SQL Server on sql1.
    SqlServer,
    /// The domain controller dc1.
    DomainController,
}

impl Fault {
    /// Every fault.
    pub fn all() -> impl Iterator<Item = Self> {
        table().map(|(fault, _, _)| fault)
    }

    /// What it does, in a few words.
    pub fn description(self) -> &'static str {
        self.entry().2
    }

    fn entry(self) -> (Self, &'static str, &'static str) {
        table().find(|(fault, _, _)| *fault == self).unwrap_or((
            self,
            "unnamed",
            "not in the table of faults",
        ))
    }

    /// Whether it lives in the directories of the domain controllers, DNS
    /// records included, and so ends when they are reset.
    fn is_in_directories(self) -> bool {
        match self {
            Self::Key(fault) => fault.is_in_directories(),
            Self::Names(fault) => fault.is_in_directories(),
            Self::Network(fault) => fault.is_in_directories(),
            Self::NoTicket(_)
            | Self::ClockSkew(_)
            | Self::LoginNotAuthorised
            | Self::LinkedLogin(_)
            | Self::FirstHopNtlm
            | Self::Configuration(_)
            | Self::Settings(_) => false,
            _ => true,
        }
    }

    /// Whether only the provisioned directories undo it.
    fn needs_reset(self) -> bool {
        match self {
            Self::Trust(_)
            | Self::Account(_)
            | Self::Spn(_)
            | Self::GroupScope
            | Self::Names(Names::Disjoint) => true,
            Self::Key(fault) => fault.is_in_directories(),
            _ => false,
        }
    }

    /// What is left to undo when the directories are as they were.
    fn after_reset(self, lab: &Lab) -> Result<()> {
        match self {
            Self::Key(fault) => key::after_reset(lab, fault),
            Self::Spn(state) => state.after_reset(lab),
            Self::GroupScope | Self::Trust(Trust::FormerSid) => group::restart(lab),
            Self::Names(Names::Disjoint) => sql_server::restart(lab),
            _ => Ok(()),
        }
    }

    fn inject(self, lab: &Lab) -> Result<()> {
        match self {
            Self::Spn(state) => state.inject(lab),
            Self::GroupScope => group::inject(lab),
            Self::SpnMissing => spn::take_away(lab),
            Self::SpnDuplicate => spn::duplicate(lab),
            Self::SpnOnWrongAccount(account) => spn::move_to(lab, account),
            Self::ReverseLookupMismatch(pointer) => names::break_pointer(lab, pointer),
            Self::NamePointsElsewhere => names::point_elsewhere(lab),
            Self::NoTicket(ticket) => client::spoil_ticket(lab, ticket),
            Self::ClockSkew(Clock::Client) => client::set_clock_ahead(lab),
            Self::ClockSkew(Clock::SqlServer)
            | Self::LoginNotAuthorised
            | Self::LinkedLogin(_)
            | Self::FirstHopNtlm => sql_server::restart(lab),
            Self::Trust(fault) => trust::inject(lab, fault),
            Self::Delegation(fault) => delegation::inject(lab, fault),
            Self::Account(fault) => account::inject(lab, fault),
            Self::Key(fault) => key::inject(lab, fault),
            Self::ClockSkew(Clock::DomainController) => lab.set_controller_ahead(&CORP),
            Self::Names(fault) => names::inject(lab, fault),
            Self::Network(fault) => network::inject(lab, fault),
            Self::Configuration(fault) => client::misconfigure(lab, fault),
            Self::Settings(fault) => {
                settings::prepare(lab, fault)?;
                sql_server::restart(lab)
            }
        }
    }

    fn undo(self, lab: &Lab) -> Result<()> {
        match self {
            Self::Spn(_) | Self::GroupScope => {
                lab.reset_directories()?;
                self.after_reset(lab)
            }
            Self::SpnMissing => spn::give_back(lab),
            Self::SpnDuplicate => spn::undo_duplicate(lab),
            Self::SpnOnWrongAccount(account) => spn::move_back(lab, account),
            Self::ReverseLookupMismatch(pointer) => names::mend_pointer(lab, pointer),
            Self::NamePointsElsewhere => names::point_back(lab),
            Self::NoTicket(_) => lab.sign_in("alice"),
            Self::ClockSkew(Clock::Client) => client::set_clock_right(lab),
            Self::ClockSkew(Clock::SqlServer)
            | Self::LoginNotAuthorised
            | Self::LinkedLogin(_)
            | Self::FirstHopNtlm
            | Self::Settings(_) => sql_server::restart(lab),
            // A trust that is made anew has other secrets; the one that was
            // provisioned comes back from the cache.
            Self::Trust(_) | Self::Account(_) => lab.reset_directories(),
            Self::Delegation(_) => delegation::undo(lab),
            Self::Key(fault) => {
                if fault.is_in_directories() {
                    lab.reset_directories()?;
                }
                key::after_reset(lab, fault)
            }
            Self::ClockSkew(Clock::DomainController) => lab.set_controller_right(&CORP),
            Self::Names(fault) => names::undo(lab, fault),
            Self::Network(fault) => network::undo(lab, fault),
            Self::Configuration(_) => client::configure(lab),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.entry().1)
    }
}

impl FromStr for Fault {
    type Err = LabError;

    fn from_str(text: &str) -> Result<Self> {
        table()
            .find(|(_, name, _)| *name == text)
            .map(|(fault, _, _)| fault)
            .ok_or_else(|| LabError::NoSuchFault {
                name: text.to_owned(),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_found_by_its_own_name() {
        for fault in Fault::all() {
            assert_eq!(fault.to_string().parse::<Fault>().unwrap(), fault);
        }
    }

    #[test]
    fn an_unknown_fault_is_named_in_the_error() {
        let error = "spn-mising".parse::<Fault>().unwrap_err().to_string();
        assert!(
            error.contains("spn-mising") && error.contains("lab fault list"),
            "{error}"
        );
    }
}
