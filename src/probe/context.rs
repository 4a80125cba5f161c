//! What a probe may use while it looks.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::credential::Credentials;
use crate::secret::Vault;

/// Where to look things up, from the command line, the configuration or the
/// system. Empty means: as the system is set up.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Name servers to ask instead of resolv.conf's.
    pub name_servers: Vec<IpAddr>,
    /// Another resolv.conf than `/etc/resolv.conf`.
    pub resolv_conf: Option<PathBuf>,
    /// Another hosts file than `/etc/hosts`.
    pub hosts_file: Option<PathBuf>,
    /// Another krb5.conf than `KRB5_CONFIG` or `/etc/krb5.conf`.
    pub krb5_conf: Option<PathBuf>,
    /// The user's own domain in lower case, and those of its domain controllers
    /// that are asked by LDAP instead of those that DNS names.
    pub own_domain: Option<(String, Vec<String>)>,
    /// A file of PEM certificates to trust beside the system's.
    pub ca_file: Option<PathBuf>,
}

/// What one session shares among its probes: settings, credentials, and
/// connections that are opened once and used by all.
#[derive(Debug, Default)]
pub struct LiveSession {
    /// Where to look.
    pub settings: Settings,
    /// Who we are.
    pub credentials: Credentials,
    /// Name servers.
    pub resolvers: super::dns::Resolvers,
    /// Directory servers.
    pub directory: super::ldap::Connections,
    /// Kerberos tickets.
    pub tickets: super::kerberos::Tickets,
    /// Logins to SQL Server that came off.
    pub logins: super::tds::logins::Logins,
    /// The secrets that were typed.
    pub vault: Arc<Vault>,
}

impl LiveSession {
    /// Keeps the secrets of the session in this vault: those that are typed on
    /// the way, and the passwords that it began with.
    pub fn share(&mut self, vault: &Arc<Vault>) {
        for password in self.credentials.passwords() {
            vault.keep(password.clone());
        }
        self.vault = Arc::clone(vault);
    }
}

/// One run of one probe.
#[derive(Clone, Debug)]
pub struct Context {
    /// What the session shares.
    pub session: Arc<LiveSession>,
    /// When this run must have ended.
    pub deadline: Instant,
    /// Set when the user cancels.
    pub cancel: CancellationToken,
}

impl Context {
    /// The time that is left, zero when the deadline has passed.
    pub fn left(&self) -> std::time::Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }
}
