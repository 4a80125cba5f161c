//! Single changes, each made and unmade by one command.

use crate::fix::{Account, AccountSetting};

/// One change that can be made, and unmade, by one command.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Adds a DNS record.
    AddRecord(Record),
    /// Removes a DNS record.
    RemoveRecord(Record),
    /// Creates a trust between two forests.
    CreateTrust {
        /// The forest of the user.
        user_forest: String,
        /// The forest of the server.
        server_forest: String,
    },
    /// Takes an SPN away.
    RemoveSpn {
        /// The SPN.
        spn: String,
        /// Who holds it.
        account: Account,
        /// What else this script takes from the account.
        others: Vec<String>,
    },
    /// Gives an SPN to an account.
    AddSpn {
        /// The SPN.
        spn: String,
        /// Who gets it.
        account: Account,
        /// From whom this script takes it away before.
        removed_from: Vec<Account>,
    },
    /// Gives an account its usual logon name.
    ResetPrincipalName {
        /// The account.
        account: Account,
        /// The SPN that its logon name is.
        spn: String,
    },
    /// Adds an SPN to an account's delegation list.
    AddDelegation {
        /// The SPN of the back end.
        spn: String,
        /// The middle account.
        account: Account,
    },
    /// Makes a resource-based delegation entry name exactly these.
    SetEntry {
        /// The back end's account.
        account: Account,
        /// The middle account, which comes into it.
        delegate: Account,
        /// The SIDs that the entry then names.
        sids: Vec<String>,
    },
    /// Takes the mark `sensitive and cannot be delegated` away.
    ClearSensitive {
        /// The user.
        account: Account,
    },
    /// Changes a setting of an account.
    SetAccount {
        /// The account.
        account: Account,
        /// What it is to be.
        to: AccountSetting,
    },
    /// Creates a SQL Server login.
    CreateLogin {
        /// `host,port`.
        server: String,
        /// `DOMAIN\name`.
        login: String,
    },
}

/// A DNS record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The owner name, fully qualified, without a trailing dot.
    pub owner: String,
    /// `A`, `AAAA` or `PTR`.
    pub kind: &'static str,
    /// The address or the name.
    pub data: String,
    /// A domain whose controllers carry the zone.
    pub domain: String,
    /// A server of the zone by name, when one is known.
    pub server: Option<String>,
}

impl Change {
    /// What it does, in words.
    pub fn words(&self) -> String {
        match self {
            Self::AddRecord(record) => {
                format!(
                    "add the record {} {} {}",
                    record.owner, record.kind, record.data
                )
            }
            Self::RemoveRecord(record) => {
                format!(
                    "remove the record {} {} {}",
                    record.owner, record.kind, record.data
                )
            }
            Self::CreateTrust {
                user_forest,
                server_forest,
            } => format!("create a forest trust: {server_forest} trusts {user_forest}"),
            Self::RemoveSpn { spn, account, .. } => format!("remove {spn} from {}", account.name),
            Self::AddSpn { spn, account, .. } => format!("add {spn} to {}", account.name),
            Self::ResetPrincipalName { account, spn } => match account.usual_principal_name() {
                Some(name) => format!(
                    "set the logon name of {} to {name} (it is {spn})",
                    account.name
                ),
                None => format!("clear the logon name of {} (it is {spn})", account.name),
            },
            Self::AddDelegation { spn, account } => {
                format!("let {} delegate to {spn}", account.name)
            }
            Self::SetEntry {
                account, delegate, ..
            } => format!(
                "let {} act for users towards {}",
                delegate.name, account.name
            ),
            Self::ClearSensitive { account } => {
                format!(
                    "take the mark `sensitive and cannot be delegated` from {}",
                    account.name
                )
            }
            Self::SetAccount { account, to } => to.words(&account.name),
            Self::CreateLogin { server, login } => {
                format!("create the login {login} in SQL Server {server}")
            }
        }
    }

    /// Who can make it, in words.
    pub fn who(&self) -> &'static str {
        match self {
            Self::AddRecord(_) | Self::RemoveRecord(_) => "an administrator of the DNS zone",
            Self::CreateTrust { .. } => "an enterprise administrator of both forests",
            Self::CreateLogin { .. } => "the database administrator",
            _ => "a domain administrator",
        }
    }

    /// The account that it changes, when it changes one.
    pub fn account(&self) -> Option<&Account> {
        match self {
            Self::RemoveSpn { account, .. }
            | Self::AddSpn { account, .. }
            | Self::ResetPrincipalName { account, .. }
            | Self::SetAccount { account, .. }
            | Self::AddDelegation { account, .. }
            | Self::SetEntry { account, .. }
            | Self::ClearSensitive { account } => Some(account),
            Self::AddRecord(_)
            | Self::RemoveRecord(_)
            | Self::CreateTrust { .. }
            | Self::CreateLogin { .. } => None,
        }
    }

    /// When it is made: smaller first.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::AddRecord(_) => 0,
            Self::RemoveRecord(_) => 1,
            Self::CreateTrust { .. } => 2,
            Self::SetAccount { .. } | Self::ResetPrincipalName { .. } => 3,
            Self::RemoveSpn { .. } => 4,
            Self::AddSpn { .. } => 5,
            Self::AddDelegation { .. } => 6,
            Self::SetEntry { .. } => 7,
            Self::ClearSensitive { .. } => 8,
            Self::CreateLogin { .. } => 9,
        }
    }
}
