//! Faults that can be injected into a lab and undone. An undo brings back
//! exactly what was there before.

mod account;
mod client;
mod delegation;
mod key;
mod names;
mod spn;
mod sql_server;

use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::str::FromStr;

use crate::error::{LabError, Result};
use crate::lab::Lab;
use crate::topology::CORP;
use crate::trust;

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
    /// Neither forest has a trust.
    TrustMissing,
    /// svc_sql may not delegate.
    DelegationNotTrusted,
    /// SQL Server on sql1 has no login for alice: error 18456.
    LoginNotAuthorised,
    /// svc_sql cannot be used.
    ServiceAccountUnusable(Unusable),
    /// alice cannot be used.
    ClientAccountUnusable(Unusable),
    /// svc_sql is marked for DES.
    DesOnlyAccount,
    /// svc_sql is in Protected Users.
    ProtectedUser,
    /// svc_sql allows RC4 only, and the client AES only.
    NoCommonEncryptionType,
    /// The client's krb5.conf permits RC4 only.
    ClientEncryptionRestricted,
    /// svc_sql's password is set anew while SQL Server on sql1 goes on.
    PasswordChangedAfterStart,
    /// SQL Server on sql1 runs as its computer, whose password is set anew.
    ComputerPasswordRotated,
    /// SQL Server on sql1 runs on Linux with a keytab that is not right.
    KeytabStale(Keytab),
    /// SQL Server on sql1 runs under an account of that machine alone.
    ServiceRunsAsLocalAccount,
    /// alice is in more groups than a token takes.
    TokenTooLarge,
    /// No fault: SQL Server on sql1 runs on Linux, with a good keytab.
    SqlOnLinux,
    /// No fault: ordinary users may not read the state of accounts.
    LockedDown,
}

/// Why an account cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unusable {
    /// It is disabled.
    Disabled,
    /// It is locked out after wrong passwords.
    LockedOut,
    /// It has expired.
    Expired,
    /// Its password has expired.
    PasswordExpired,
}

/// What is wrong with a keytab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keytab {
    /// It was made before the password was set anew.
    OldVersion,
    /// It lacks the SPN that clients ask for.
    KeyMissing,
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
}

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
        Fault::TrustMissing,
        "trust-missing",
        "the trust is deleted on both sides",
    ),
    (
        Fault::DelegationNotTrusted,
        "delegation-not-trusted",
        "svc_sql may not delegate to sql2",
    ),
    (
        Fault::LoginNotAuthorised,
        "login-not-authorised",
        "sql1 answers alice with error 18456",
    ),
    (
        Fault::ServiceAccountUnusable(Unusable::Disabled),
        "service-account-unusable",
        "svc_sql is disabled",
    ),
    (
        Fault::ServiceAccountUnusable(Unusable::LockedOut),
        "service-account-unusable:locked-out",
        "svc_sql is locked out after wrong passwords",
    ),
    (
        Fault::ServiceAccountUnusable(Unusable::Expired),
        "service-account-unusable:expired",
        "svc_sql has expired",
    ),
    (
        Fault::ServiceAccountUnusable(Unusable::PasswordExpired),
        "service-account-unusable:password-expired",
        "svc_sql's password has expired",
    ),
    (
        Fault::ClientAccountUnusable(Unusable::Disabled),
        "client-account-unusable",
        "alice is disabled",
    ),
    (
        Fault::ClientAccountUnusable(Unusable::LockedOut),
        "client-account-unusable:locked-out",
        "alice is locked out after wrong passwords",
    ),
    (
        Fault::ClientAccountUnusable(Unusable::Expired),
        "client-account-unusable:expired",
        "alice's account has expired",
    ),
    (
        Fault::ClientAccountUnusable(Unusable::PasswordExpired),
        "client-account-unusable:password-expired",
        "alice's password has expired",
    ),
    (
        Fault::DesOnlyAccount,
        "des-only-account",
        "svc_sql is marked for DES",
    ),
    (
        Fault::ProtectedUser,
        "protected-user",
        "svc_sql is in Protected Users",
    ),
    (
        Fault::NoCommonEncryptionType,
        "no-common-encryption-type",
        "svc_sql allows RC4 only, the client AES only",
    ),
    (
        Fault::ClientEncryptionRestricted,
        "client-encryption-restricted",
        "the client's krb5.conf permits RC4 only",
    ),
    (
        Fault::PasswordChangedAfterStart,
        "password-changed-after-start",
        "svc_sql's password is set anew, SQL Server on sql1 is not restarted",
    ),
    (
        Fault::ComputerPasswordRotated,
        "computer-password-rotated",
        "sql1 runs as SQL1$, whose password is set anew",
    ),
    (
        Fault::KeytabStale(Keytab::OldVersion),
        "keytab-stale",
        "sql1 runs on Linux, with a keytab from before the last password",
    ),
    (
        Fault::KeytabStale(Keytab::KeyMissing),
        "keytab-stale:key-missing",
        "sql1 runs on Linux, with a keytab without the SPN with the port",
    ),
    (
        Fault::ServiceRunsAsLocalAccount,
        "service-runs-as-local-account",
        "sql1 runs under SQL1\\sqlsvc",
    ),
    (
        Fault::TokenTooLarge,
        "token-too-large",
        "alice is in 1100 groups",
    ),
    (
        Fault::SqlOnLinux,
        "sql-on-linux",
        "sql1 runs on Linux with a good keytab",
    ),
    (
        Fault::LockedDown,
        "locked-down",
        "ordinary users may not read the state of accounts",
    ),
];

impl Fault {
    /// Every fault.
    pub fn all() -> impl Iterator<Item = Self> {
        FAULTS.iter().map(|(fault, _, _)| *fault)
    }

    /// What it does, in a few words.
    pub fn description(self) -> &'static str {
        self.entry().2
    }

    fn entry(self) -> (Self, &'static str, &'static str) {
        FAULTS
            .iter()
            .find(|(fault, _, _)| *fault == self)
            .copied()
            .unwrap_or((self, "unnamed", "not in the table of faults"))
    }

    /// Whether it lives in the directories of the domain controllers, DNS
    /// records included, and so ends when they are reset.
    fn is_in_directories(self) -> bool {
        !matches!(
            self,
            Self::NoTicket(_)
                | Self::ClockSkew(_)
                | Self::LoginNotAuthorised
                | Self::ClientEncryptionRestricted
                | Self::KeytabStale(Keytab::KeyMissing)
                | Self::ServiceRunsAsLocalAccount
                | Self::SqlOnLinux
        )
    }

    /// Whether only the directories as they were provisioned undo it: keys have
    /// versions that never go back, and a trust has secrets.
    fn ends_with_reset(self) -> bool {
        matches!(
            self,
            Self::TrustMissing
                | Self::ServiceAccountUnusable(_)
                | Self::ClientAccountUnusable(_)
                | Self::DesOnlyAccount
                | Self::ProtectedUser
                | Self::NoCommonEncryptionType
                | Self::PasswordChangedAfterStart
                | Self::ComputerPasswordRotated
                | Self::KeytabStale(Keytab::OldVersion)
                | Self::TokenTooLarge
                | Self::LockedDown
        )
    }

    /// Whether SQL Server on sql1 has to read its keys anew after the undo.
    fn concerns_keys_of_sql1(self) -> bool {
        matches!(
            self,
            Self::PasswordChangedAfterStart
                | Self::ComputerPasswordRotated
                | Self::KeytabStale(_)
                | Self::ServiceRunsAsLocalAccount
                | Self::SqlOnLinux
        )
    }

    fn inject(self, lab: &Lab) -> Result<()> {
        match self {
            Self::SpnMissing => spn::take_away(lab),
            Self::SpnDuplicate => spn::duplicate(lab),
            Self::SpnOnWrongAccount(account) => spn::move_to(lab, account),
            Self::ReverseLookupMismatch(pointer) => names::break_pointer(lab, pointer),
            Self::NamePointsElsewhere => names::point_elsewhere(lab),
            Self::NoTicket(ticket) => client::spoil_ticket(lab, ticket),
            Self::ClockSkew(Clock::Client) => client::set_clock_ahead(lab),
            Self::ClockSkew(Clock::SqlServer) | Self::LoginNotAuthorised => {
                sql_server::restart(lab)
            }
            Self::TrustMissing => trust::delete(lab.controller(&CORP)?),
            Self::DelegationNotTrusted => delegation::clear(lab),
            Self::ServiceAccountUnusable(unusable) => account::spoil(lab, "svc_sql", unusable),
            Self::ClientAccountUnusable(unusable) => account::spoil(lab, "alice", unusable),
            Self::DesOnlyAccount => account::allow_des_only(lab, "svc_sql"),
            Self::ProtectedUser => account::protect(lab, "svc_sql"),
            Self::NoCommonEncryptionType => key::allow_rc4_only(lab),
            Self::ClientEncryptionRestricted => key::permit_on_client(lab, "rc4-hmac"),
            Self::PasswordChangedAfterStart => key::change_password(lab),
            Self::ComputerPasswordRotated => key::rotate_computer_password(lab),
            Self::KeytabStale(Keytab::OldVersion) => {
                sql_server::restart(lab)?;
                key::change_password(lab)
            }
            Self::KeytabStale(Keytab::KeyMissing)
            | Self::ServiceRunsAsLocalAccount
            | Self::SqlOnLinux => sql_server::restart(lab),
            Self::TokenTooLarge => account::put_into_many_groups(lab, "alice"),
            Self::LockedDown => account::hide_states(lab),
        }
    }

    fn undo(self, lab: &Lab) -> Result<()> {
        match self {
            Self::SpnMissing => spn::give_back(lab),
            Self::SpnDuplicate => spn::undo_duplicate(lab),
            Self::SpnOnWrongAccount(account) => spn::move_back(lab, account),
            Self::ReverseLookupMismatch(pointer) => names::mend_pointer(lab, pointer),
            Self::NamePointsElsewhere => names::point_back(lab),
            Self::NoTicket(_) => lab.sign_in("alice"),
            Self::ClockSkew(Clock::Client) => client::set_clock_right(lab),
            Self::ClockSkew(Clock::SqlServer) | Self::LoginNotAuthorised => {
                sql_server::restart(lab)
            }
            Self::DelegationNotTrusted => delegation::give_back(lab),
            Self::KeytabStale(Keytab::KeyMissing)
            | Self::ServiceRunsAsLocalAccount
            | Self::SqlOnLinux => sql_server::restart(lab),
            Self::ClientEncryptionRestricted => key::permit_all_on_client(lab),
            reset => {
                lab.reset_directories()?;
                if reset == Self::NoCommonEncryptionType {
                    key::permit_all_on_client(lab)?;
                }
                if reset.concerns_keys_of_sql1() {
                    sql_server::restart(lab)?;
                }
                Ok(())
            }
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
        FAULTS
            .iter()
            .find(|(_, name, _)| *name == text)
            .map(|(fault, _, _)| *fault)
            .ok_or_else(|| LabError::NoSuchFault {
                name: text.to_owned(),
            })
    }
}

impl Lab {
    /// The faults that are in the lab now, in the order in which they came.
    pub fn faults(&self) -> Vec<Fault> {
        let text = fs::read_to_string(self.faults_file()).unwrap_or_default();
        text.lines().filter_map(|line| line.parse().ok()).collect()
    }

    fn faults_file(&self) -> PathBuf {
        self.dir().join("faults")
    }

    fn set_faults(&self, faults: &[Fault]) -> Result<()> {
        let text: Vec<String> = faults.iter().map(ToString::to_string).collect();
        let path = self.faults_file();
        fs::write(&path, text.join("\n")).map_err(LabError::file("write", &path))
    }

    /// Injects a fault; one that is there already is left alone.
    pub fn inject(&self, fault: Fault) -> Result<()> {
        let mut faults = self.faults();
        if faults.contains(&fault) {
            return Ok(());
        }
        // Written down first, so that what fails half way is restored too.
        faults.push(fault);
        self.set_faults(&faults)?;
        fault.inject(self)
    }

    /// Undoes a fault; the others stay.
    pub fn undo(&self, fault: Fault) -> Result<()> {
        let mut faults = self.faults();
        let Some(position) = faults.iter().position(|other| *other == fault) else {
            return Ok(());
        };
        faults.remove(position);
        self.set_faults(&faults)?;
        fault.undo(self)?;
        if fault.ends_with_reset() {
            // The reset has taken the other ones away as well.
            faults
                .iter()
                .filter(|other| other.is_in_directories())
                .try_for_each(|other| other.inject(self))?;
        }
        Ok(())
    }

    /// Undoes every fault, and gives alice a new cache without service tickets:
    /// the baseline between two tests.
    pub fn restore(&self) -> Result<()> {
        let faults = self.faults();
        self.set_faults(&[])?;
        let (directory, other): (Vec<Fault>, Vec<Fault>) = faults
            .into_iter()
            .partition(|fault| fault.is_in_directories());
        let reset = directory.iter().any(|fault| fault.ends_with_reset())
            || directory
                .iter()
                .rev()
                .try_for_each(|fault| fault.undo(self))
                .is_err();
        if reset {
            self.reset_directories()?;
        }
        other.iter().rev().try_for_each(|fault| fault.undo(self))?;
        if directory.contains(&Fault::NoCommonEncryptionType) {
            key::permit_all_on_client(self)?;
        }
        if directory.iter().any(|fault| fault.concerns_keys_of_sql1()) {
            sql_server::restart(self)?;
        }
        self.sign_in("alice")
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
