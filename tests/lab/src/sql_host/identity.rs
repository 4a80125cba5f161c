//! As whom SQL Server runs: the account that it tells, and whose keys it has.

use crate::accounts::Account;
use crate::fault::{Fault, KeyFault};

/// As whom SQL Server runs.
#[derive(Debug)]
pub(crate) struct Identity {
    /// The service account as sys.dm_server_services tells it; on Linux none.
    pub(super) told_as: Option<String>,
    /// The principals whose keys are in its keytab.
    pub(super) principals: Vec<String>,
    /// Whether it runs on Linux.
    pub(super) is_linux: bool,
}

impl Identity {
    /// With these faults, under this account in the healthy lab.
    pub(super) fn with(faults: &[Fault], account: &Account) -> Self {
        let has = |fault| faults.contains(&Fault::Key(fault));
        let on_windows = |told_as: String, principal: &str| Self {
            told_as: Some(told_as),
            principals: vec![principal.to_owned()],
            is_linux: false,
        };
        if has(KeyFault::ComputerPasswordRotated) {
            return on_windows(r"NT SERVICE\MSSQLSERVER".to_owned(), "SQL1$");
        }
        if has(KeyFault::ServiceRunsAsLocalAccount) {
            // It has no key of the domain; any that does not fit will do.
            return on_windows(r"SQL1\sqlsvc".to_owned(), "svc_old");
        }
        let key_missing = has(KeyFault::KeytabKeyMissing);
        if key_missing || has(KeyFault::KeytabOldVersion) || has(KeyFault::SqlOnLinux) {
            return Self {
                told_as: None,
                principals: account
                    .spns
                    .iter()
                    .filter(|spn| !(key_missing && spn.ends_with(":1433")))
                    .map(|spn| (*spn).to_owned())
                    .collect(),
                is_linux: true,
            };
        }
        on_windows(
            format!("{}\\{}", account.domain.netbios, account.name),
            account.name,
        )
    }
}
