//! Faults of keys: what the directory has, what SQL Server has, and which
//! encryption types the client permits.

use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use crate::accounts::{self, computer_dn, unicode_password};
use crate::directory::Rules;
use crate::error::{LabError, Result};
use crate::fault::{WrongAccount, account, spn, sql_server};
use crate::lab::Lab;
use crate::topology::CORP;

/// The bit of RC4 in msDS-SupportedEncryptionTypes ([MS-KILE] 2.2.7).
const RC4_ONLY: &str = "4";
/// A password that no keytab of the lab was made with.
const NEW_PASSWORD: &str = "An0ther-Passw0rd";

/// A fault of keys and encryption types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyFault {
    /// svc_sql allows RC4 only, and the client AES only.
    NoCommonEncryptionType,
    /// The client's krb5.conf permits RC4 only.
    ClientEncryptionRestricted,
    /// svc_sql's password is set anew while SQL Server on sql1 goes on.
    PasswordChangedAfterStart,
    /// SQL Server on sql1 runs as its computer, whose password is set anew.
    ComputerPasswordRotated,
    /// SQL Server on sql1 runs on Linux, with a keytab from before the last
    /// password.
    KeytabOldVersion,
    /// SQL Server on sql1 runs on Linux, with a keytab without the SPN that
    /// clients ask for.
    KeytabKeyMissing,
    /// SQL Server on sql1 runs under an account of that machine alone.
    ServiceRunsAsLocalAccount,
    /// No fault: SQL Server on sql1 runs on Linux, with a good keytab.
    SqlOnLinux,
}

/// Every one with its name and what it does.
pub(super) const TABLE: &[(KeyFault, &str, &str)] = &[
    (
        KeyFault::NoCommonEncryptionType,
        "no-common-encryption-type",
        "svc_sql allows RC4 only, the client AES only",
    ),
    (
        KeyFault::ClientEncryptionRestricted,
        "client-encryption-restricted",
        "the client's krb5.conf permits RC4 only",
    ),
    (
        KeyFault::PasswordChangedAfterStart,
        "password-changed-after-start",
        "svc_sql's password is set anew, SQL Server on sql1 is not restarted",
    ),
    (
        KeyFault::ComputerPasswordRotated,
        "computer-password-rotated",
        "sql1 runs as SQL1$, whose password is set anew",
    ),
    (
        KeyFault::KeytabOldVersion,
        "keytab-stale",
        "sql1 runs on Linux, with a keytab from before the last password",
    ),
    (
        KeyFault::KeytabKeyMissing,
        "keytab-stale:key-missing",
        "sql1 runs on Linux, with a keytab without the SPN with the port",
    ),
    (
        KeyFault::ServiceRunsAsLocalAccount,
        "service-runs-as-local-account",
        r"sql1 runs under SQL1\sqlsvc",
    ),
    (
        KeyFault::SqlOnLinux,
        "sql-on-linux",
        "sql1 runs on Linux with a good keytab",
    ),
];

impl KeyFault {
    /// Whether it is in the directories; keys have versions that never go back,
    /// so that only a reset undoes it.
    pub(super) fn is_in_directories(self) -> bool {
        matches!(
            self,
            Self::NoCommonEncryptionType
                | Self::PasswordChangedAfterStart
                | Self::ComputerPasswordRotated
                | Self::KeytabOldVersion
        )
    }
}

/// Puts it in.
pub(super) fn inject(lab: &Lab, fault: KeyFault) -> Result<()> {
    match fault {
        KeyFault::NoCommonEncryptionType => allow_rc4_only(lab),
        KeyFault::ClientEncryptionRestricted => permit_on_client(lab, "rc4-hmac"),
        KeyFault::PasswordChangedAfterStart => change_password(lab),
        KeyFault::ComputerPasswordRotated => rotate_computer_password(lab),
        KeyFault::KeytabOldVersion => {
            sql_server::restart(lab)?;
            change_password(lab)
        }
        KeyFault::KeytabKeyMissing | KeyFault::ServiceRunsAsLocalAccount | KeyFault::SqlOnLinux => {
            sql_server::restart(lab)
        }
    }
}

/// What is left to undo when the directories are as they were.
pub(super) fn after_reset(lab: &Lab, fault: KeyFault) -> Result<()> {
    match fault {
        KeyFault::NoCommonEncryptionType | KeyFault::ClientEncryptionRestricted => {
            permit_all_on_client(lab)
        }
        _ => sql_server::restart(lab),
    }
}

/// svc_sql gets another password; SQL Server goes on with the old key.
fn change_password(lab: &Lab) -> Result<()> {
    set_password(lab, &accounts::find("svc_sql")?.dn())
}

/// SQL Server starts as SQL1$, which holds the SPNs, and then SQL1$ gets
/// another password.
fn rotate_computer_password(lab: &Lab) -> Result<()> {
    spn::move_to(lab, WrongAccount::Computer)?;
    sql_server::restart(lab)?;
    set_password(lab, &computer_dn("sql1", &CORP))
}

fn set_password(lab: &Lab, dn: &str) -> Result<()> {
    // Times of service starts are compared by the second.
    thread::sleep(Duration::from_millis(1100));
    let ldif = format!(
        "dn: {dn}\nchangetype: modify\nreplace: unicodePwd\nunicodePwd:: {}\n\n",
        unicode_password(NEW_PASSWORD)
    );
    lab.ldbmodify(CORP.controller, Rules::Kept, &ldif)
}

/// svc_sql allows RC4 only, and the client what modern systems permit.
fn allow_rc4_only(lab: &Lab) -> Result<()> {
    let service = accounts::find("svc_sql")?;
    let attribute = "msDS-SupportedEncryptionTypes";
    account::set(lab, service, Rules::Kept, attribute, RC4_ONLY)?;
    permit_on_client(lab, "aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96")
}

/// Restricts the client's krb5.conf to these encryption types.
fn permit_on_client(lab: &Lab, types: &str) -> Result<()> {
    let (file, kept) = krb5_conf(lab);
    let healthy = fs::read_to_string(&file).map_err(LabError::file("read", &file))?;
    fs::write(&kept, &healthy).map_err(LabError::file("write", &kept))?;
    let section = "[libdefaults]\n";
    let restricted = healthy.replacen(
        section,
        &format!("{section}    permitted_enctypes = {types}\n"),
        1,
    );
    fs::write(&file, restricted).map_err(LabError::file("write", &file))
}

/// Brings the client's krb5.conf back.
fn permit_all_on_client(lab: &Lab) -> Result<()> {
    let (file, kept) = krb5_conf(lab);
    if !kept.is_file() {
        return Ok(());
    }
    let healthy = fs::read_to_string(&kept).map_err(LabError::file("read", &kept))?;
    fs::write(&file, healthy).map_err(LabError::file("write", &file))?;
    fs::remove_file(&kept).map_err(LabError::file("remove", &kept))
}

/// The client's krb5.conf, and where the healthy one is kept meanwhile.
fn krb5_conf(lab: &Lab) -> (PathBuf, PathBuf) {
    let client = lab.dir().join("hosts/client");
    (
        client.join("etc/krb5.conf"),
        client.join("krb5.conf.before-permitted-types"),
    )
}
