//! A second domain controller of CORP that does not replicate: it was joined when
//! the lab was provisioned, and knows what was there at that moment.

use std::time::Duration;

use crate::accounts::ADMINISTRATOR_PASSWORD;
use crate::directory::{self, Rules};
use crate::error::Result;
use crate::host::Host;
use crate::supervisor::wait_for;
use crate::topology::CORP;

/// The zone of the records by which clients find controllers.
const LOCATOR_ZONE: &str = "_msdcs.corp.example";

/// Joins it to the domain, while the first controller runs.
pub(crate) fn join(host: &Host, first: &Host) -> Result<()> {
    let conf = host.dir.join("etc/samba/smb.conf");
    let _ = std::fs::remove_file(conf);
    let credentials = format!("-UAdministrator%{ADMINISTRATOR_PASSWORD}");
    host.run(&[
        "samba-tool",
        "domain",
        "join",
        CORP.name,
        "DC",
        &credentials,
        &format!("--server={}", first.spec.fqdn()),
        "--dns-backend=SAMBA_INTERNAL",
        &format!("--option=netbios name={}", host.spec.name.to_uppercase()),
        "--option=interfaces=lo eth0",
        "--option=bind interfaces only=yes",
        "--option=vfs objects=",
        "--option=ldb:nosync=true",
    ])?;
    super::configure(host)?;
    // The service that would add it is left out of smb.conf.
    let ldif = format!(
        "dn: CN={},OU=Domain Controllers,{}\nchangetype: modify\nadd: servicePrincipalName\n\
         servicePrincipalName: ldap/{}\n\n",
        host.spec.name.to_uppercase(),
        CORP.base,
        host.spec.fqdn()
    );
    directory::modify(first, Rules::Kept, &ldif)?;
    // The first controller would fetch from this one some minutes after its own
    // start: NTDSDSA_OPT_IS_GC and NTDSDSA_OPT_DISABLE_INBOUND_REPL
    // ([MS-ADTS] 6.1.1.2.2.1.2.1.1).
    let ldif = format!(
        "dn: CN=NTDS Settings,CN={},CN=Servers,CN=Default-First-Site-Name,CN=Sites,\
         CN=Configuration,{}\nchangetype: modify\nreplace: options\noptions: 3\n\n",
        first.spec.name.to_uppercase(),
        CORP.base,
    );
    directory::modify(first, Rules::Kept, &ldif)
}

/// Lets clients find it, after the first controller.
pub(crate) fn announce(host: &Host, first: &Host) -> Result<()> {
    let credentials = format!("-UAdministrator%{ADMINISTRATOR_PASSWORD}");
    let data = format!("{} 389 10 100", host.spec.fqdn());
    first.run(&[
        "samba-tool",
        "dns",
        "add",
        "127.0.0.1",
        LOCATOR_ZONE,
        "_ldap._tcp.dc",
        "SRV",
        &data,
        &credentials,
    ])?;
    let (server, name) = (
        format!("@{}", first.spec.address),
        format!("_ldap._tcp.dc.{LOCATOR_ZONE}"),
    );
    let answers = || {
        let dig = ["dig", "+short", "+time=1", &server, &name, "SRV"];
        let answer = first.run(&dig).ok()?;
        answer.contains(&host.spec.fqdn()).then_some(())
    };
    let log = first.dir.join("log/log.samba");
    wait_for(
        Duration::from_secs(10),
        "the record of the second controller",
        &log,
        answers,
    )
}
