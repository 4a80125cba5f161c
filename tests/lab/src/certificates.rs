//! A certification authority of the lab's own, and a certificate with subject
//! alternative names for each domain controller: Samba's own has none, so that
//! no client takes it.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::error::{LabError, Result};
use crate::host::make_dir;
use crate::process::{bounded, run};
use crate::topology::HostSpec;

/// Ten years: a cached lab must still start.
const DAYS: &str = "3650";

/// Makes `ca.pem` and `ca.key` in a directory.
pub(crate) fn authority(dir: &Path) -> Result<()> {
    make_dir(dir)?;
    let mut command = bounded("openssl");
    command
        .current_dir(dir)
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes"]);
    command.args(["-keyout", "ca.key", "-out", "ca.pem", "-days", DAYS]);
    command.args(["-subj", "/O=Lab/CN=Lab Root CA"]);
    command.args(["-addext", "keyUsage=critical,keyCertSign,cRLSign"]);
    run("this machine", &mut command).map(drop)
}

/// Makes the files that Samba looks for in its `private/tls`.
pub(crate) fn controller(authority: &Path, tls: &Path, host: &HostSpec) -> Result<()> {
    make_dir(tls)?;
    let authority_file = authority.join("ca.pem");
    let copy = tls.join("ca.pem");
    fs::copy(&authority_file, &copy).map_err(LabError::file("copy to", &copy))?;
    issue(authority, host, &tls.join("cert.pem"), &tls.join("key.pem"))?;
    // Without a file of its own Samba makes these anew at every start, which
    // can take a minute.
    let mut parameters = bounded("openssl");
    parameters
        .current_dir(tls)
        .args(["genpkey", "-genparam", "-algorithm", "DH"]);
    // The group of RFC 7919 appendix A.1.
    parameters.args(["-pkeyopt", "group:ffdhe2048", "-out", "dh.pem"]);
    run("this machine", &mut parameters).map(drop)
}

/// Makes the certificate of SQL Server on a host, beside the authority's.
pub(crate) fn sql_server(authority: &Path, host: &HostSpec) -> Result<()> {
    let file = |ending| authority.join(host.name).with_extension(ending);
    issue(authority, host, &file("pem"), &file("key"))
}

/// Makes a certificate of SQL Server on a host that has expired, as `FILE.pem`
/// and `FILE.key`: made two years ago for a month.
pub(crate) fn expired(authority: &Path, host: &HostSpec, file: &Path) -> Result<()> {
    let mut command = bounded("faketime");
    command.args(["-f", "-2y", "openssl"]);
    let (certificate, key) = (file.with_extension("pem"), file.with_extension("key"));
    fill(command, authority, host, &certificate, &key, "30")
}

/// A certificate for a host's name and its domain's.
fn issue(authority: &Path, host: &HostSpec, certificate: &Path, key: &Path) -> Result<()> {
    fill(bounded("openssl"), authority, host, certificate, key, DAYS)
}

fn fill(
    mut command: Command,
    authority: &Path,
    host: &HostSpec,
    certificate: &Path,
    key: &Path,
    days: &str,
) -> Result<()> {
    command.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes"]);
    command.arg("-CA").arg(authority.join("ca.pem"));
    command.arg("-CAkey").arg(authority.join("ca.key"));
    command
        .arg("-keyout")
        .arg(key)
        .arg("-out")
        .arg(certificate)
        .args(["-days", days]);
    command.args(["-subj", &format!("/CN={}", host.fqdn())]);
    command.args(["-addext", "basicConstraints=critical,CA:FALSE"]);
    command.args([
        "-addext",
        "keyUsage=critical,digitalSignature,keyEncipherment",
    ]);
    command.args(["-addext", "extendedKeyUsage=serverAuth,clientAuth"]);
    let names = format!(
        "subjectAltName=DNS:{},DNS:{}",
        host.fqdn(),
        host.domain.name
    );
    command.args(["-addext", &names]);
    run("this machine", &mut command).map(drop)
}

/// Adds the authority to the ones that a host trusts.
pub(crate) fn trust(authority: &Path, etc: &Path) -> Result<()> {
    let bundle = etc.join("ssl/certs/ca-certificates.crt");
    let parent = etc.join("ssl/certs");
    fs::create_dir_all(&parent).map_err(LabError::file("make the directory", &parent))?;
    let mut text = fs::read_to_string(&bundle).unwrap_or_default();
    text.push_str(&fs::read_to_string(authority).map_err(LabError::file("read", authority))?);
    fs::write(&bundle, text).map_err(LabError::file("write", &bundle))?;
    // A link of that name would lead outside the lab; the lab's file is its own.
    let lone = etc.join("ssl/certs/lab-root-ca.pem");
    fs::copy(authority, &lone).map_err(LabError::file("write", &lone))?;
    Ok(())
}
