//! The options that say where to look and as whom, the same for every way to
//! walk.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::net::IpAddr;
use std::path::PathBuf;

use clap::Args;
use clap_complete::engine::ArgValueCandidates;
use zeroize::Zeroizing;

use super::failure::Failure;
use crate::config::{Config, Origin, Value};
use crate::probe::context::{LiveSession, Settings};
use crate::probe::credential::{Credentials, KerberosCredential, UserPassword};
use crate::probe::kerberos::Krb5Conf;
use crate::probe::{Consent, registry};
use crate::secret::Secret;

/// Where to look and as whom.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Where to look, and as whom")]
pub(super) struct ConnectOptions {
    /// Sign in to the domain as this user (`alice@CORP.EXAMPLE`) with a
    /// password that is asked for; without it your Kerberos ticket is used
    #[arg(long, global = true, value_name = "USER")]
    user: Option<String>,
    /// Read the password from this file descriptor instead of asking
    #[arg(long, global = true, value_name = "N", requires = "user")]
    password_fd: Option<u32>,
    /// Use this Kerberos ticket cache
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "user")]
    ccache: Option<PathBuf>,
    /// A SQL login, which unlocks facts that only SQL Server knows; its
    /// password is asked for
    #[arg(long, global = true, value_name = "LOGIN")]
    sql_user: Option<String>,
    /// Read the SQL login's password from this file descriptor
    #[arg(long, global = true, value_name = "N", requires = "sql_user")]
    sql_password_fd: Option<u32>,
    /// Ask this name server instead of those of the system; may be given several times
    #[arg(long = "name-server", global = true, value_name = "ADDRESS")]
    name_servers: Vec<IpAddr>,
    /// Your own domain, such as corp.example
    #[arg(long, global = true, value_name = "DOMAIN")]
    domain: Option<String>,
    /// Ask this domain controller of your own domain by LDAP instead of those
    /// that DNS names; may be given several times
    #[arg(long = "domain-controller", global = true, value_name = "HOST")]
    domain_controllers: Vec<String>,
    /// Trust the certificates in this PEM file too
    #[arg(long, global = true, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// Let this probe run without asking although it can leave a line in a
    /// server's log; `all` for every one of them
    #[arg(long = "allow", global = true, value_name = "PROBE", add = ArgValueCandidates::new(super::shell::asking))]
    allow: Vec<String>,
}

impl ConnectOptions {
    /// Takes from the configuration what was not given, and tells it what was.
    pub(super) fn settle(&mut self, config: &mut Config) {
        let texts = |items: &[String]| Value::List(items.to_vec());
        match &self.domain {
            Some(domain) => {
                config.set("domain", Value::Text(domain.clone()), Origin::CommandLine);
            }
            None => self.domain = config.domain().map(str::to_owned),
        }
        if self.domain_controllers.is_empty() {
            self.domain_controllers = config.domain_controllers().to_vec();
        } else {
            let given = texts(&self.domain_controllers);
            config.set("domain-controllers", given, Origin::CommandLine);
        }
        if self.name_servers.is_empty() {
            self.name_servers = config.name_servers();
        } else {
            let given: Vec<String> = self.name_servers.iter().map(IpAddr::to_string).collect();
            config.set("name-servers", texts(&given), Origin::CommandLine);
        }
        match &self.ca_file {
            Some(file) => {
                let file = file.display().to_string();
                config.set("ca-file", Value::Text(file), Origin::CommandLine);
            }
            None => self.ca_file = config.ca_file(),
        }
    }

    /// Your own domain in lower case, with those of its controllers that were
    /// named.
    fn own_domain(&self) -> Result<Option<(String, Vec<String>)>, Failure> {
        let conf = Krb5Conf::read(None);
        let domain = self.domain.as_deref().or_else(|| conf.default_realm());
        match domain {
            Some(domain) => {
                let domain = domain.trim_end_matches('.').to_lowercase();
                Ok(Some((domain, self.domain_controllers.clone())))
            }
            None if self.domain_controllers.is_empty() => Ok(None),
            None => Err(
                Failure::usage("domain controllers were named, but not of which domain")
                    .hint("add --domain corp.example, or `domain` to the configuration"),
            ),
        }
    }

    /// The user with a realm, if one is known.
    fn full_user(&self, user: &str) -> String {
        match &self.domain {
            Some(domain) if !user.contains(['@', '\\']) => {
                format!("{user}@{}", domain.to_uppercase())
            }
            _ => user.to_owned(),
        }
    }

    /// The probes that may run without asking.
    pub(super) fn allowed(&self) -> Result<BTreeSet<String>, Failure> {
        let asking: Vec<&str> = registry::declarations()
            .filter(|declared| declared.consent != Consent::Silent)
            .map(|declared| declared.key)
            .collect();
        let mut allowed = BTreeSet::new();
        for name in &self.allow {
            if name == "all" {
                allowed.extend(asking.iter().map(|key| (*key).to_owned()));
            } else if asking.contains(&name.as_str()) {
                allowed.insert(name.clone());
            } else {
                return Err(Failure::usage(format!(
                    "`--allow {name}`: no probe of this name asks first"
                ))
                .hint(format!("those that do: {}", asking.join(", "))));
            }
        }
        Ok(allowed)
    }

    /// The session that live probes share. Passwords are prompted for here.
    pub(super) fn session(&self) -> Result<LiveSession, Failure> {
        let kerberos = match (&self.user, &self.ccache) {
            (Some(user), _) => KerberosCredential::Password(UserPassword {
                user: self.full_user(user),
                password: password(&format!("Password of {user}: "), self.password_fd)?,
            }),
            (None, Some(cache)) => KerberosCredential::Cache(cache.clone()),
            (None, None) => KerberosCredential::DefaultCache,
        };
        let sql_login = match &self.sql_user {
            Some(user) => Some(UserPassword {
                user: user.clone(),
                password: password(
                    &format!("Password of the SQL login {user}: "),
                    self.sql_password_fd,
                )?,
            }),
            None => None,
        };
        Ok(LiveSession {
            settings: Settings {
                name_servers: self.name_servers.clone(),
                ca_file: self.ca_file.clone(),
                own_domain: self.own_domain()?,
                ..Settings::default()
            },
            credentials: Credentials {
                kerberos,
                sql_login,
            },
            ..LiveSession::default()
        })
    }
}

/// A password from a file descriptor or from the terminal.
pub(super) fn password(prompt: &str, descriptor: Option<u32>) -> Result<Secret, Failure> {
    let Some(descriptor) = descriptor else {
        return rpassword::prompt_password(prompt)
            .map(Secret::new)
            .map_err(|fault| {
                Failure::usage(format!("the password could not be asked for: {fault}")).hint(
                    "without a terminal, give it on a file descriptor: --password-fd 3 3<FILE",
                )
            });
    };
    secret_from(descriptor)
}

/// A secret from a file descriptor, without the end of its line.
pub(super) fn secret_from(descriptor: u32) -> Result<Secret, Failure> {
    let mut text = Zeroizing::new(String::new());
    opened(descriptor)
        .and_then(|file| file.take(4096).read_to_string(&mut text))
        .map_err(|fault| {
            Failure::usage(format!(
                "no password on file descriptor {descriptor}: {fault}"
            ))
            .hint("open it in the shell: --password-fd 3 3<FILE")
        })?;
    Ok(Secret::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}

/// The file behind a descriptor that the shell opened. To open it anew by its
/// path would ask for permissions that the user need not have (`su`, `sudo -u`),
/// so the kernel is asked for a copy of the descriptor itself.
fn opened(descriptor: u32) -> std::io::Result<std::fs::File> {
    use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};

    let copied = i32::try_from(descriptor)
        .map_err(|_| rustix::io::Errno::BADF)
        .and_then(|number| {
            let process = pidfd_open(getpid(), PidfdFlags::empty())?;
            pidfd_getfd(process, number, PidfdGetfdFlags::empty())
        });
    match copied {
        Ok(file) => Ok(std::fs::File::from(file)),
        // A kernel before 5.6.
        Err(rustix::io::Errno::NOSYS) => std::fs::File::open(format!("/proc/self/fd/{descriptor}")),
        Err(fault) => Err(fault.into()),
    }
}
