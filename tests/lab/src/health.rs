//! Whether a lab is as it was made, seen from the jump host with programs that
//! nobody here wrote: dig, kvno, ldapsearch.

use crate::accounts::{ACCOUNTS, Account};
use crate::error::{LabError, Result};
use crate::host::Host;
use crate::lab::Lab;
use crate::topology::{DOMAINS, HOSTS, Role};

/// Kerberos cache of the checks, on the client.
const CACHE: &str = "/run/health.krb5cc";

impl Lab {
    /// Checks that nothing of any fault is left; the error names everything
    /// that is.
    pub fn verify_healthy(&self) -> Result<()> {
        let mut found = Vec::new();
        let client = self.host("client")?;
        found.extend(
            self.faults()
                .iter()
                .map(|fault| format!("the fault {fault} is in the lab")),
        );
        names(client, &mut found);
        if client.environment_file().exists() {
            found.push("programs on the client get a changed environment".to_owned());
        }
        let mut klist = client.healthy_command_as("alice", "sh")?;
        klist.args([
            "-c",
            "klist -s && klist | grep -q 'principal: alice@CORP.EXAMPLE'",
        ]);
        if !crate::process::output(&mut klist, "")?.status.success() {
            found.push("alice has no valid ticket of her own on the client".to_owned());
        }
        match self.kinit("alice", CACHE.as_ref()) {
            Ok(()) => directories(client, &mut found),
            Err(error) => found.push(error.to_string()),
        }
        for host in self
            .hosts()
            .iter()
            .filter(|host| host.spec.role == Role::SqlHost)
        {
            let sql = self.sql(host.spec.name)?;
            if !sql.is_running() {
                found.push(format!("SQL Server on {} does not run", host.spec.name));
            }
            for statement in sql.unanswered() {
                found.push(format!("{} had no answer to: {statement}", host.spec.name));
            }
        }
        if found.is_empty() {
            Ok(())
        } else {
            Err(LabError::Unhealthy(found))
        }
    }
}

/// Every host's name leads to its address and back, and to nothing else.
fn names(client: &Host, found: &mut Vec<String>) {
    for host in &HOSTS {
        let (name, address) = (host.fqdn(), host.address.to_string());
        expect_lines(client, &["dig", "+short", &name, "A"], &[&address], found);
        let back = format!("{name}.");
        expect_lines(client, &["dig", "+short", "-x", &address], &[&back], found);
    }
}

/// Each SPN is held by its account alone, a ticket for it is given, and
/// delegation is as it was set up.
fn directories(client: &Host, found: &mut Vec<String>) {
    for account in &ACCOUNTS {
        for spn in account.spns {
            let filter = format!("(servicePrincipalName={spn})");
            let dn = format!("dn: {}", account.dn());
            expect_lines(client, &search(account, &filter, "1.1"), &[&dn], found);
            // Samba gives no referral for an SPN with a port.
            if account.domain == DOMAINS[0] || !spn.contains(':') {
                let kvno = ticket(client, spn);
                if let Err(error) = kvno {
                    found.push(error.to_string());
                }
            }
        }
        if !account.delegates_to.is_empty() {
            let filter = format!("(sAMAccountName={})", account.name);
            let dn = format!("dn: {}", account.dn());
            let values: Vec<String> = account
                .delegates_to
                .iter()
                .map(|spn| format!("msDS-AllowedToDelegateTo: {spn}"))
                .collect();
            let mut expected = vec![dn.as_str()];
            expected.extend(values.iter().map(String::as_str));
            let search = search(account, &filter, "msDS-AllowedToDelegateTo");
            expect_lines(client, &search, &expected, found);
        }
    }
}

fn ticket(client: &Host, spn: &str) -> Result<()> {
    // A cached ticket would hide what the KDC says now; the cache is fresh.
    client.run(&["kvno", "-c", CACHE, spn]).map(drop)
}

fn search(account: &Account, filter: &str, attribute: &str) -> Vec<String> {
    let url = format!(
        "ldap://{}.{}",
        account.domain.controller, account.domain.name
    );
    let cache = format!("KRB5CCNAME={CACHE}");
    let fixed = ["-Q", "-N", "-Y", "GSSAPI", "-LLL", "-o", "ldif-wrap=no"];
    let mut command = vec!["env".to_owned(), cache, "ldapsearch".to_owned()];
    command.extend(fixed.map(str::to_owned));
    command.extend(["-H", &url, "-b", account.domain.base, filter, attribute].map(str::to_owned));
    command
}

/// Runs a program and compares the lines that it prints, in any order;
/// comments (referrals) and empty lines do not count.
fn expect_lines<T: AsRef<str>>(
    client: &Host,
    command: &[T],
    expected: &[&str],
    found: &mut Vec<String>,
) {
    let command: Vec<&str> = command.iter().map(AsRef::as_ref).collect();
    let output = match client.run(&command) {
        Ok(output) => output,
        Err(error) => return found.push(error.to_string()),
    };
    let mut lines: Vec<&str> = output
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with(['#', ';']))
        .collect();
    lines.sort_unstable();
    let mut expected = expected.to_vec();
    expected.sort_unstable();
    if lines != expected {
        found.push(format!(
            "`{}` gives [{}] and not [{}]",
            command.join(" "),
            lines.join(", "),
            expected.join(", ")
        ));
    }
}
