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

/// svc_sql gets another password; SQL Server goes on with the old key.
pub(super) fn change_password(lab: &Lab) -> Result<()> {
    set_password(lab, &accounts::find("svc_sql")?.dn())
}

/// SQL Server starts as SQL1$, which holds the SPNs, and then SQL1$ gets
/// another password.
pub(super) fn rotate_computer_password(lab: &Lab) -> Result<()> {
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
pub(super) fn allow_rc4_only(lab: &Lab) -> Result<()> {
    let service = accounts::find("svc_sql")?;
    let attribute = "msDS-SupportedEncryptionTypes";
    account::set(lab, service, Rules::Kept, attribute, RC4_ONLY)?;
    permit_on_client(lab, "aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96")
}

/// Restricts the client's krb5.conf to these encryption types.
pub(super) fn permit_on_client(lab: &Lab, types: &str) -> Result<()> {
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
pub(super) fn permit_all_on_client(lab: &Lab) -> Result<()> {
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
