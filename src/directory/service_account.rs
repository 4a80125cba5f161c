//! What an account text means, as services and people write it: which account
//! of the directory stands behind it on the network ("Configure Windows Service
//! Accounts and Permissions" of SQL Server).

use super::naming;
use super::sid::Sid;

/// An account text, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountText {
    /// An identity of one machine that acts as the computer on the network.
    Computer {
        /// What it is, in words.
        what: &'static str,
    },
    /// An identity without any on the network.
    NoNetworkIdentity {
        /// What it is, in words.
        what: &'static str,
    },
    /// A local account of one machine.
    Local {
        /// The name.
        name: String,
    },
    /// `DOMAIN\name`; the domain as NetBIOS or DNS name.
    InDomain {
        /// The domain as written.
        domain: String,
        /// The sAMAccountName.
        name: String,
    },
    /// `name@suffix`.
    PrincipalName(String),
    /// A bare name.
    Bare(String),
    /// A SID.
    Sid(Sid),
    /// A distinguished name.
    DistinguishedName(String),
}

/// Understands an account text. `host` is the server's name, when known: an
/// account of that name's machine is a local one.
pub fn understand(text: &str, host: Option<&str>) -> AccountText {
    let text = text.trim();
    if let Some(sid) = Sid::parse(text) {
        return AccountText::Sid(sid);
    }
    if naming::is_distinguished_name(text) {
        return AccountText::DistinguishedName(text.to_owned());
    }
    if let Some((domain, name)) = text.split_once('\\') {
        return with_domain(domain.trim(), name.trim(), host);
    }
    if let Some(known) = built_in(text) {
        return known;
    }
    if text.contains('@') {
        return AccountText::PrincipalName(text.to_owned());
    }
    AccountText::Bare(text.to_owned())
}

fn with_domain(domain: &str, name: &str, host: Option<&str>) -> AccountText {
    if domain.eq_ignore_ascii_case("NT SERVICE") {
        return AccountText::Computer {
            what: "a virtual service account, which acts as its computer on the network",
        };
    }
    // `NT AUTHORITY` in the languages in which it is seen most.
    let authority = ["NT AUTHORITY", "NT-AUTORITÄT", "AUTORITE NT", "NT-AUTORITÉ"]
        .iter()
        .any(|known| known.to_lowercase() == domain.to_lowercase());
    if authority && let Some(known) = built_in(name) {
        return known;
    }
    let short_host = host
        .filter(|host| host.parse::<std::net::IpAddr>().is_err())
        .and_then(|host| host.split('.').next());
    let local = domain == "."
        || domain.eq_ignore_ascii_case("BUILTIN")
        || short_host.is_some_and(|short| short.eq_ignore_ascii_case(domain));
    if local {
        return AccountText::Local {
            name: name.to_owned(),
        };
    }
    AccountText::InDomain {
        domain: domain.to_owned(),
        name: name.to_owned(),
    }
}

/// The accounts that every Windows has, with and without the space.
fn built_in(name: &str) -> Option<AccountText> {
    let name: String = name
        .chars()
        .filter(|character| !character.is_whitespace())
        .collect::<String>()
        .to_lowercase();
    Some(match name.as_str() {
        "localsystem" | "system" => AccountText::Computer {
            what: "the local system, which acts as its computer on the network",
        },
        "networkservice" | "netzwerkdienst" | "servicereseau" => AccountText::Computer {
            what: "the network service, which acts as its computer on the network",
        },
        "localservice" | "lokalerdienst" => AccountText::NoNetworkIdentity {
            what: "the local service, which is nobody on the network",
        },
        _ => return None,
    })
}

impl AccountText {
    /// What it means, as a sentence without its full stop.
    pub fn meaning(&self) -> String {
        match self {
            Self::Computer { what } | Self::NoNetworkIdentity { what } => format!("this is {what}"),
            Self::Local { name } => {
                format!("`{name}` is an account of one machine, which no domain knows")
            }
            Self::InDomain { domain, name } if name.ends_with('$') => {
                format!("the computer or managed service account `{name}` of {domain}")
            }
            Self::InDomain { domain, name } => format!("the account `{name}` of {domain}"),
            Self::PrincipalName(name) => format!("the account with the user principal name {name}"),
            Self::Bare(name) => format!("the account `{name}` of the domain that is searched"),
            Self::Sid(sid) => match sid.well_known_name() {
                Some(known) => format!("the well-known identity {known}"),
                None => format!("the account with the SID {sid}"),
            },
            Self::DistinguishedName(name) => format!("the object {name}"),
        }
    }
}

/// The sAMAccountName of a host's computer account: the first label, at most
/// fifteen characters, in capitals, with `$` ([MS-ADTS] 3.1.1.3.1.5.2).
pub fn computer_account_name(host: &str) -> String {
    let label = host.split('.').next().unwrap_or(host);
    let short: String = label.chars().take(15).collect();
    format!("{}$", short.to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn is_computer(text: &str) -> bool {
        matches!(understand(text, None), AccountText::Computer { .. })
    }

    #[test]
    fn identities_that_act_as_the_computer() {
        for text in [
            "LocalSystem",
            "NT AUTHORITY\\SYSTEM",
            "NT AUTHORITY\\NETWORK SERVICE",
            "NT AUTHORITY\\NetworkService",
            "NT Service\\MSSQLSERVER",
            "NT SERVICE\\MSSQL$SALES",
            "NT-AUTORITÄT\\Netzwerkdienst",
        ] {
            assert!(is_computer(text), "{text}");
        }
        assert!(matches!(
            understand("NT AUTHORITY\\LOCAL SERVICE", None),
            AccountText::NoNetworkIdentity { .. }
        ));
    }

    #[test]
    fn accounts_of_one_machine() {
        let local = |text| {
            matches!(
                understand(text, Some("sql1.corp.example")),
                AccountText::Local { .. }
            )
        };
        assert!(local(".\\svc"));
        assert!(local("SQL1\\svc"));
        assert!(!local("CORP\\svc"));
    }

    #[test]
    fn accounts_of_a_domain() {
        assert_eq!(
            understand("CORP\\svc_sql", Some("sql1.corp.example")),
            AccountText::InDomain {
                domain: "CORP".to_owned(),
                name: "svc_sql".to_owned()
            }
        );
        assert_eq!(
            understand("svc@corp.example", None),
            AccountText::PrincipalName("svc@corp.example".to_owned())
        );
        assert!(matches!(
            understand("S-1-5-21-1-2-3-4", None),
            AccountText::Sid(_)
        ));
        assert!(matches!(
            understand("CN=svc,DC=corp,DC=example", None),
            AccountText::DistinguishedName(_)
        ));
        assert_eq!(
            understand(" svc ", None),
            AccountText::Bare("svc".to_owned())
        );
    }

    #[test]
    fn a_long_host_name_is_cut_to_its_netbios_name() {
        assert_eq!(
            computer_account_name("verylongservername1.corp.example"),
            "VERYLONGSERVERN$"
        );
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "\\PC{0,40}", host in proptest::option::of("\\PC{0,20}")) {
            let _ = understand(&text, host.as_deref()).meaning();
            let _ = computer_account_name(&text);
        }
    }
}
