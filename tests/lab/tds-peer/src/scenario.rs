//! The scenario file: what the peer plays, where, and for whom.
//!
//! YAML with kebab-case keys; a key that is not known is an error. The same
//! types serialise, so that other tests can write scenarios from Rust. An
//! example with every part stands in `scenarios/example.yaml`.
//!
//! ```yaml
//! host-name: SQL1
//! instances:
//!   - name: MSSQLSERVER
//!     listen: [127.0.0.1]
//!     port: 1433
//!     encryption: login-only
//!     sql-logins:
//!       - { name: probe, password: Secret1 }
//!     queries:
//!       - sql: SELECT auth_scheme FROM sys.dm_exec_connections WHERE session_id = @@SPID
//!         columns: [{ name: auth_scheme, type: nvarchar(40) }]
//!         rows: [["{auth_scheme}"]]
//! ```

mod check;
mod login;
mod query;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use login::{
    KerberosAcceptor, KerberosRefusal, NtlmAcceptor, Password, Personality, Refusal, SqlLogin,
    WindowsLogin,
};
pub use query::{Query, ServerError};

/// Why a scenario cannot be played.
#[derive(Debug, Error)]
pub enum ScenarioError {
    /// The file cannot be read.
    #[error("cannot read the scenario {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is not YAML, or has a wrong key or value.
    #[error("{path}: {source}")]
    Parse {
        /// The file.
        path: PathBuf,
        /// Where and what, from the YAML reader.
        source: serde_yaml::Error,
    },
    /// The parts do not fit together.
    #[error("the scenario cannot be played:\n  - {}", .0.join("\n  - "))]
    Faults(Vec<String>),
}

/// A whole scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Scenario {
    /// NetBIOS name of the machine, as in error messages and SQL Browser
    /// answers.
    pub host_name: String,
    /// Seconds by which the server's clock is ahead of this machine's.
    #[serde(default)]
    pub clock_offset_seconds: i64,
    /// When the service started; without it, when the peer started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_time: Option<jiff::Timestamp>,
    /// Lets the peer listen on 0.0.0.0 and ::. Only for a machine or a network
    /// namespace that nobody else can reach.
    #[serde(default, skip_serializing_if = "is_false")]
    pub allow_wildcard_addresses: bool,
    /// The instances, at least one.
    pub instances: Vec<Instance>,
    /// SQL Browser; without it there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub browser: Option<Browser>,
    /// Answers that all instances know, after their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub queries: Vec<Query>,
}

/// One SQL Server instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Instance {
    /// Its name; the default instance is MSSQLSERVER.
    pub name: String,
    /// Addresses to listen on; none makes an instance that is not reachable by
    /// TCP, for example because it is stopped.
    #[serde(default)]
    pub listen: Vec<IpAddr>,
    /// TCP port; 0 lets the system choose, see the ready file.
    #[serde(default)]
    pub port: u16,
    /// Product version, four numbers.
    #[serde(default = "default_version")]
    pub version: String,
    /// What it does about encryption.
    #[serde(default)]
    pub encryption: Encryption,
    /// Lets clients of TDS 8 in as well, as SQL Server 2022 does. Always so
    /// when `encryption` is `strict`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub tds8: bool,
    /// Its certificate; without it one is generated for `localhost`.
    #[serde(default)]
    pub certificate: CertificateSource,
    /// How a connection is treated.
    #[serde(default)]
    pub connection: ConnectionBehaviour,
    /// How SQL Browser describes it.
    #[serde(default)]
    pub announce: Announcement,
    /// Kerberos logins; without it every Kerberos token is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kerberos: Option<KerberosAcceptor>,
    /// What NTLM tells; without it every NTLM token is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ntlm: Option<NtlmAcceptor>,
    /// NetBIOS domain names of realms, for `DOMAIN\user`; for a realm that is
    /// not listed it is the first label of the realm.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub realms: BTreeMap<String, String>,
    /// Logins by name and password.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sql_logins: Vec<SqlLogin>,
    /// Logins of Windows accounts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub windows_logins: Vec<WindowsLogin>,
    /// Databases that can be opened; any other is refused with 4060.
    #[serde(default = "default_databases")]
    pub databases: Vec<String>,
    /// Answers to queries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub queries: Vec<Query>,
}

/// Encryption as set on the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encryption {
    /// The server has no TLS at all; SQL Server itself is never so.
    NotSupported,
    /// Force Encryption is off: the login is encrypted, the rest on request.
    #[default]
    LoginOnly,
    /// Force Encryption is on.
    Required,
    /// Force Strict Encryption: TDS 8 only.
    Strict,
}

/// What happens to a new TCP connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConnectionBehaviour {
    /// It is served.
    #[default]
    Answer,
    /// It is accepted, and then nothing ever comes.
    Silent,
    /// It is accepted and closed at once.
    Close,
    /// It is closed where PRELOGIN would be answered.
    CloseAtPrelogin,
    /// PRELOGIN is answered with bytes that are not TDS.
    Garbage,
}

/// Where the certificate comes from: `files` or `generate`, not both.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CertificateSource {
    /// PEM files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<CertificateFiles>,
    /// A self-signed certificate made at start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generate: Option<GeneratedCertificate>,
}

/// A certificate in PEM files; relative paths start at the scenario file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CertificateFiles {
    /// The certificate, followed by the intermediate ones.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// What a generated certificate says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct GeneratedCertificate {
    /// DNS names and IP addresses.
    #[serde(default)]
    pub names: Vec<String>,
    /// Common name; without it the first of `names`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub common_name: Option<String>,
    /// First day of its validity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Date>,
    /// Last day of its validity (it ends as that day begins, UTC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Date>,
    /// Writes the certificate (not the key) to this PEM file for clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub write_to: Option<PathBuf>,
}

/// How SQL Browser describes an instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Announcement {
    /// Hide Instance: SQL Browser never speaks of it.
    pub hidden: bool,
    /// False leaves TCP out, as when the protocol is disabled.
    pub tcp: bool,
    /// A failover cluster instance.
    #[serde(skip_serializing_if = "is_false")]
    pub clustered: bool,
    /// Another port than the one listened on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// Name of a named pipe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub named_pipe: Option<String>,
    /// Port of the dedicated administrator connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dac_port: Option<u16>,
}

impl Default for Announcement {
    fn default() -> Self {
        Self {
            hidden: false,
            tcp: true,
            clustered: false,
            port: None,
            named_pipe: None,
            dac_port: None,
        }
    }
}

/// SQL Browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Browser {
    /// Addresses to listen on.
    pub listen: Vec<IpAddr>,
    /// UDP port; 0 lets the system choose.
    #[serde(default = "default_browser_port")]
    pub port: u16,
    /// It takes requests and never answers, as behind a firewall.
    #[serde(default, skip_serializing_if = "is_false")]
    pub silent: bool,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_false(value: &bool) -> bool {
    !value
}

fn default_version() -> String {
    "16.0.4165.4".into()
}

fn default_databases() -> Vec<String> {
    ["master", "tempdb", "model", "msdb"]
        .map(String::from)
        .into()
}

fn default_browser_port() -> u16 {
    1434
}

impl Instance {
    /// An instance with the given name that listens nowhere and lets nobody in.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            listen: Vec::new(),
            port: 0,
            version: default_version(),
            encryption: Encryption::default(),
            tds8: false,
            certificate: CertificateSource::default(),
            connection: ConnectionBehaviour::default(),
            announce: Announcement::default(),
            kerberos: None,
            ntlm: None,
            realms: BTreeMap::new(),
            sql_logins: Vec::new(),
            windows_logins: Vec::new(),
            databases: default_databases(),
            queries: Vec::new(),
        }
    }

    /// The four numbers of the product version.
    pub fn version_numbers(&self) -> Option<[u16; 4]> {
        let numbers: Vec<u16> = self
            .version
            .split('.')
            .map(str::parse)
            .collect::<Result<_, _>>()
            .ok()?;
        numbers.try_into().ok()
    }
}

impl Scenario {
    /// A scenario on a machine with this NetBIOS name, without an instance.
    pub fn new(host_name: &str) -> Self {
        Self {
            host_name: host_name.to_owned(),
            clock_offset_seconds: 0,
            start_time: None,
            allow_wildcard_addresses: false,
            instances: Vec::new(),
            browser: None,
            queries: Vec::new(),
        }
    }

    /// Reads and checks a scenario file; relative paths in it start at its
    /// directory.
    pub fn load(path: &Path) -> Result<Self, ScenarioError> {
        let text = std::fs::read_to_string(path).map_err(|source| ScenarioError::Read {
            path: path.to_owned(),
            source,
        })?;
        let mut scenario: Self =
            serde_yaml::from_str(&text).map_err(|source| ScenarioError::Parse {
                path: path.to_owned(),
                source,
            })?;
        if let Some(directory) = path.parent() {
            scenario.resolve_paths(directory);
        }
        scenario.check()?;
        Ok(scenario)
    }

    /// The scenario as the text of a scenario file.
    pub fn to_yaml(&self) -> Result<String, serde_yaml::Error> {
        serde_yaml::to_string(self)
    }

    fn resolve_paths(&mut self, directory: &Path) {
        for instance in &mut self.instances {
            if let Some(files) = &mut instance.certificate.files {
                files.certificate = directory.join(&files.certificate);
                files.key = directory.join(&files.key);
            }
            if let Some(generate) = &mut instance.certificate.generate
                && let Some(path) = &mut generate.write_to
            {
                *path = directory.join(&*path);
            }
            if let Some(kerberos) = &mut instance.kerberos {
                kerberos.keytab = directory.join(&kerberos.keytab);
            }
        }
    }
}
