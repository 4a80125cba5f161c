//! What a fix does, one operation at a time, independent of any tool.

use serde::{Deserialize, Serialize};

/// An account in the directory, as probes tell it
/// ([`crate::probe::declaration::ACCOUNT`]).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// `DOMAIN\name`.
    pub name: String,
    /// sAMAccountName, computers and managed service accounts with their `$`.
    pub sam_account_name: String,
    /// DNS name of the domain.
    pub domain: String,
    /// NetBIOS name of the domain.
    #[serde(default)]
    pub netbios_domain: Option<String>,
    /// The object's distinguished name.
    #[serde(default)]
    pub distinguished_name: Option<String>,
    /// objectSid.
    #[serde(default)]
    pub sid: Option<String>,
    /// `user`, `computer`, `managed-service-account` or
    /// `group-managed-service-account`.
    pub class: String,
}

/// One operation of a fix. In `flows/causes.yaml` an operation is a mapping
/// with one of these keys, in kebab-case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Operation {
    /// Takes an SPN away from an account.
    RemoveSpn {
        /// The SPN.
        spn: String,
        /// Who holds it wrongly.
        account: Account,
    },
    /// Gives an SPN to an account, after a forest-wide check for duplicates.
    AddSpn {
        /// The SPN.
        spn: String,
        /// Who must hold it.
        account: Account,
    },
    /// Makes the reverse record of an address name exactly this host.
    SetReverseRecord {
        /// The address.
        address: String,
        /// The fully qualified name that it must name.
        name: String,
        /// Names that it names now and must not.
        #[serde(default)]
        remove: Vec<String>,
        /// A server of the reverse zone, such as a domain controller.
        #[serde(default)]
        server: Option<String>,
    },
    /// Makes a host name lead to exactly these addresses.
    SetAddressRecord {
        /// The fully qualified name.
        name: String,
        /// The addresses that it must have.
        addresses: Vec<String>,
        /// Addresses that it has now and must not.
        #[serde(default)]
        remove: Vec<String>,
        /// A server of the zone.
        #[serde(default)]
        server: Option<String>,
    },
    /// Lets an account delegate to these SPNs (constrained delegation).
    AllowDelegation {
        /// The middle account.
        account: Account,
        /// The back end's SPNs.
        spns: Vec<String>,
    },
    /// Creates a forest trust; needs an administrator of both forests.
    CreateForestTrust {
        /// The forest of the user.
        user_forest: String,
        /// The forest of the server.
        server_forest: String,
    },
    /// Creates a login in SQL Server; T-SQL.
    CreateLogin {
        /// The server, as `host,port`.
        server: String,
        /// `DOMAIN\name`.
        login: String,
    },
    /// A command that the user runs on this machine.
    ClientCommand {
        /// What it does.
        what: String,
        /// On Linux.
        linux: String,
        /// On Windows.
        #[serde(default)]
        windows: Option<String>,
    },
    /// Something that no script does: who must do what.
    Advice {
        /// The sentence.
        text: String,
    },
}
