//! An audit of a large forest stays small. A test binary of its own, so that
//! the process's memory is the audit's.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use sspi_doctor::directory::spn::audit::{AuditedAccount, SpnAudit};

const ACCOUNTS: usize = 100_000;
const LIMIT_KIB: usize = 48 * 1024;

/// The most memory that this process ever had, in KiB.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn a_hundred_thousand_accounts_fit() {
    let before = peak();
    let mut audit = SpnAudit::default();
    for number in 0..ACCOUNTS {
        let (name, host, spns);
        if number % 4 == 3 {
            name = format!("sv{number:06}");
            host = None;
            let server = format!("MSSQLSvc/pc{:06}.corp.example", number - 1);
            spns = vec![format!("{server}:1433"), server];
        } else {
            let full = format!("pc{number:06}.corp.example");
            name = format!("PC{number:06}$");
            spns = ["HOST", "RestrictedKrbHost"]
                .iter()
                .flat_map(|class| [format!("{class}/PC{number:06}"), format!("{class}/{full}")])
                .collect();
            host = Some(full);
        }
        let identity = format!("CN={name},CN=Users,DC=corp,DC=example");
        let account = AuditedAccount {
            name: &format!("CORP\\{name}"),
            sam_account_name: &name,
            dns_host_name: host.as_deref(),
            disabled: false,
            spns: &spns,
        };
        assert!(audit.take(&identity, &account).is_empty());
    }
    assert!(audit.repeated().is_empty());
    assert!(audit.strays().is_empty());
    assert_eq!(audit.servers().count(), ACCOUNTS / 4);
    assert!(audit.servers().all(|server| server.missing().is_empty()));
    let used = peak() - before;
    assert!(used < LIMIT_KIB, "{used} KiB");
}
