//! The accounts of both forests, as LDIF, and the Linux users of the hosts.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use crate::error::{LabError, Result};
use crate::topology::{CORP, Domain, HOSTS, PARTNER, Role};

/// Password of Administrator in both forests.
pub const ADMINISTRATOR_PASSWORD: &str = "Adm1n-Passw0rd";

/// A Linux user who exists on every host, with a home of its own.
#[derive(Debug)]
pub struct UnixUser {
    /// Log-in name, the same as in CORP.
    pub name: &'static str,
    /// User and group number.
    pub id: u32,
}

/// The people who work on the jump host.
pub const UNIX_USERS: &[UnixUser] = &[
    UnixUser {
        name: "alice",
        id: 5001,
    },
    UnixUser {
        name: "bob",
        id: 5002,
    },
];

impl UnixUser {
    /// The home directory on a host; the same path inside and outside.
    pub fn home(&self, host: &Path) -> PathBuf {
        host.join("home").join(self.name)
    }
}

/// Finds a Linux user.
pub fn unix_user(name: &str) -> Result<&'static UnixUser> {
    UNIX_USERS
        .iter()
        .find(|user| user.name == name)
        .ok_or_else(|| LabError::NoSuchUser {
            name: name.to_owned(),
            known: UNIX_USERS
                .iter()
                .map(|user| user.name)
                .collect::<Vec<_>>()
                .join(", "),
        })
}

/// AES128 and AES256, and nothing else ([MS-KILE] 2.2.7).
const AES_ONLY: u32 = 0x18;
/// RC4, AES128 and AES256: what a Windows computer writes for itself.
const COMPUTER_ENCRYPTION: u32 = 0x1c;
/// NORMAL_ACCOUNT ([MS-ADTS] 2.2.16).
const NORMAL_ACCOUNT: u32 = 0x200;
/// NORMAL_ACCOUNT with DONT_EXPIRE_PASSWORD, as service accounts have it.
const SERVICE_ACCOUNT: u32 = 0x1_0200;
/// WORKSTATION_TRUST_ACCOUNT.
const COMPUTER_ACCOUNT: u32 = 0x1000;

/// A user or service account of a forest.
#[derive(Debug)]
pub struct Account {
    /// sAMAccountName.
    pub name: &'static str,
    /// Where it lives.
    pub domain: &'static Domain,
    /// Its password.
    pub password: &'static str,
    /// Its servicePrincipalName values; none for a person.
    pub spns: &'static [&'static str],
    /// Its msDS-AllowedToDelegateTo values.
    pub delegates_to: &'static [&'static str],
}

impl Account {
    /// Distinguished name.
    pub fn dn(&self) -> String {
        format!("CN={},CN=Users,{}", self.name, self.domain.base)
    }

    /// The Kerberos name with its realm.
    pub fn principal(&self) -> String {
        format!("{}@{}", self.name, self.domain.realm)
    }
}

const fn account(
    name: &'static str,
    domain: &'static Domain,
    password: &'static str,
    spns: &'static [&'static str],
) -> Account {
    Account {
        name,
        domain,
        password,
        spns,
        delegates_to: &[],
    }
}

/// The SPNs of the default instance on sql1.
pub const SQL1_SPNS: [&str; 2] = [
    "MSSQLSvc/sql1.corp.example:1433",
    "MSSQLSvc/sql1.corp.example",
];
/// The SPNs of the default instance on sql2, the back end of the linked server.
pub const SQL2_SPNS: [&str; 2] = [
    "MSSQLSvc/sql2.corp.example:1433",
    "MSSQLSvc/sql2.corp.example",
];

/// Every user and service account that the lab adds.
pub static ACCOUNTS: [Account; 7] = [
    account("alice", &CORP, "Al1ce-Passw0rd", &[]),
    account("bob", &CORP, "B0b-Passw0rd", &[]),
    Account {
        name: "svc_sql",
        domain: &CORP,
        password: "Svc-Sql-Passw0rd",
        spns: &[
            SQL1_SPNS[0],
            SQL1_SPNS[1],
            "MSSQLSvc/sql1.corp.example:14331",
            "MSSQLSvc/sql1.corp.example:INST1",
        ],
        delegates_to: &SQL2_SPNS,
    },
    account("svc_sql2", &CORP, "Svc-Sql2-Passw0rd", &SQL2_SPNS),
    account("svc_old", &CORP, "Svc-Old-Passw0rd", &[]),
    account("pat", &PARTNER, "P4t-Passw0rd", &[]),
    account(
        "svc_psql",
        &PARTNER,
        "Svc-Psql-Passw0rd",
        &[
            "MSSQLSvc/sqlp.partner.example:1433",
            "MSSQLSvc/sqlp.partner.example",
        ],
    ),
];

/// Finds an account by its name.
pub fn find(name: &str) -> Result<&'static Account> {
    ACCOUNTS
        .iter()
        .find(|account| account.name == name)
        .ok_or_else(|| LabError::NoSuchUser {
            name: name.to_owned(),
            known: ACCOUNTS
                .iter()
                .map(|account| account.name)
                .collect::<Vec<_>>()
                .join(", "),
        })
}

/// Distinguished name of a host's computer account.
pub fn computer_dn(host: &str, domain: &Domain) -> String {
    format!("CN={},CN=Computers,{}", host.to_uppercase(), domain.base)
}

/// LDIF that adds every account of a domain, for `ldbadd`.
pub fn ldif(domain: &Domain) -> String {
    let mut text = String::new();
    for account in ACCOUNTS.iter().filter(|account| account.domain == domain) {
        let service = account.name.starts_with("svc_");
        let _ = write!(
            text,
            "dn: {}\nobjectClass: user\nsAMAccountName: {1}\nuserPrincipalName: {1}@{2}\n\
             displayName: {1}\nuserAccountControl: {3}\nunicodePwd:: {4}\n",
            account.dn(),
            account.name,
            domain.name,
            if service {
                SERVICE_ACCOUNT
            } else {
                NORMAL_ACCOUNT
            },
            unicode_password(account.password),
        );
        if service {
            let _ = writeln!(text, "msDS-SupportedEncryptionTypes: {AES_ONLY}");
        }
        for spn in account.spns {
            let _ = writeln!(text, "servicePrincipalName: {spn}");
        }
        for spn in account.delegates_to {
            let _ = writeln!(text, "msDS-AllowedToDelegateTo: {spn}");
        }
        text.push('\n');
    }
    let members = HOSTS
        .iter()
        .filter(|host| host.domain == domain && matches!(host.role, Role::SqlHost | Role::Client));
    for host in members {
        let _ = write!(
            text,
            "dn: {dn}\nobjectClass: computer\nsAMAccountName: {upper}$\ndNSHostName: {fqdn}\n\
             userAccountControl: {COMPUTER_ACCOUNT}\nunicodePwd:: {password}\n\
             msDS-SupportedEncryptionTypes: {COMPUTER_ENCRYPTION}\n\
             operatingSystem: Windows Server 2022 Standard\n\
             servicePrincipalName: HOST/{upper}\nservicePrincipalName: HOST/{fqdn}\n\
             servicePrincipalName: RestrictedKrbHost/{upper}\n\
             servicePrincipalName: RestrictedKrbHost/{fqdn}\n\n",
            dn = computer_dn(host.name, domain),
            upper = host.name.to_uppercase(),
            fqdn = host.fqdn(),
            password = unicode_password(&format!("{}-Computer-Passw0rd", host.name)),
        );
    }
    text
}

/// LDIF that lets no password of the domain expire, so that an old cache still
/// starts, and lets one be changed at once.
pub fn password_policy(domain: &Domain) -> String {
    format!(
        "dn: {}\nchangetype: modify\nreplace: maxPwdAge\nmaxPwdAge: -9223372036854775808\n-\n\
         replace: minPwdAge\nminPwdAge: 0\n",
        domain.base
    )
}

/// The value of unicodePwd: the password in quotes, in UTF-16LE
/// ([MS-ADTS] 3.1.1.3.1.5), in base64 for LDIF.
pub fn unicode_password(password: &str) -> String {
    let bytes: Vec<u8> = format!("\"{password}\"")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    base64(&bytes)
}

/// The base64 of RFC 4648 4, as LDIF has it.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk
            .iter()
            .fold(0_u32, |word, byte| word << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for position in 0..4 {
            let digit = (word >> (18 - 6 * position) & 0x3f) as usize;
            text.push(if position <= chunk.len() {
                char::from(ALPHABET[digit])
            } else {
                '='
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_pads_as_rfc_4648() {
        let pairs = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ];
        for (plain, encoded) in pairs {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
    }
}
