//! Ticket caches: which one this session has, and what is in it.
//!
//! Caches that are files, those of the KCM daemon and those that the kernel
//! keeps (KEYRING) are read.

use std::path::{Path, PathBuf};

use super::credential::Credential;
use super::krb5_conf::Krb5Conf;
use super::message::PrincipalName;

mod file;
mod kcm;
mod keyring;
mod marshalled;

/// The largest cache that is read.
const LARGEST: u64 = 16 * 1024 * 1024;

/// A cache by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheName {
    /// `FILE`, `DIR`, `KCM`, `KEYRING`, …
    pub kind: String,
    /// What stands after the colon.
    pub rest: String,
    /// Who chose it: `option`, `KRB5CCNAME`, `krb5.conf` or `default`.
    pub chosen_by: &'static str,
}

impl std::fmt::Display for CacheName {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}:{}", self.kind, self.rest)
    }
}

impl CacheName {
    fn parse(name: &str, chosen_by: &'static str) -> Self {
        // One letter before the colon would be a drive on Windows.
        let (kind, rest) = match name.split_once(':') {
            Some((kind, rest)) if kind.len() > 1 && !kind.contains('/') => (kind, rest),
            _ => ("FILE", name),
        };
        Self {
            kind: kind.to_owned(),
            rest: rest.to_owned(),
            chosen_by,
        }
    }

    /// The cache that the user named, else `KRB5CCNAME`, else krb5.conf's
    /// `default_ccache_name`, else `FILE:/tmp/krb5cc_UID`.
    pub fn of_session(chosen: Option<&Path>, conf: &Krb5Conf) -> Self {
        if let Some(chosen) = chosen {
            return Self::parse(&chosen.to_string_lossy(), "option");
        }
        if let Some(name) = std::env::var_os("KRB5CCNAME").filter(|name| !name.is_empty()) {
            return Self::parse(&name.to_string_lossy(), "KRB5CCNAME");
        }
        let user = rustix::process::getuid().as_raw();
        if let Some(name) = conf.default_cache_name() {
            return Self::parse(&expand(name, user), "krb5.conf");
        }
        Self::parse(&format!("FILE:/tmp/krb5cc_{user}"), "default")
    }

    /// The file, for the kinds that are files.
    fn path(&self) -> Result<PathBuf, CacheFault> {
        match self.kind.as_str() {
            "FILE" | "WRFILE" => Ok(PathBuf::from(&self.rest)),
            "DIR" => match self.rest.strip_prefix(':') {
                Some(file) => Ok(PathBuf::from(file)),
                None => primary(Path::new(&self.rest)),
            },
            _ => Err(CacheFault::NotReadHere(self.clone())),
        }
    }
}

/// The file that `primary` in a DIR cache names.
fn primary(folder: &Path) -> Result<PathBuf, CacheFault> {
    let name = match std::fs::read_to_string(folder.join("primary")) {
        Ok(name) => name.trim().to_owned(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => "tkt".to_owned(),
        Err(error) => return Err(CacheFault::io(&folder.join("primary"), &error)),
    };
    if name.starts_with("tkt") && !name.contains('/') {
        Ok(folder.join(name))
    } else {
        Err(CacheFault::Damaged(
            folder.join("primary"),
            "it does not name a cache of its folder".to_owned(),
        ))
    }
}

/// MIT krb5's parameter expansion, as far as cache names use it.
fn expand(name: &str, user: u32) -> String {
    name.replace("%{uid}", &user.to_string())
        .replace("%{USERID}", &user.to_string())
        .replace("%{euid}", &rustix::process::geteuid().as_raw().to_string())
        .replace("%{TEMP}", "/tmp")
        .replace("%{null}", "")
}

/// Why a cache was not read.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CacheFault {
    /// There is none.
    #[error("no ticket cache {0} was found: run `kinit`")]
    Missing(String),
    /// The system does not let us.
    #[error("{0} cannot be read: {1}")]
    Denied(PathBuf, String),
    /// It is not a cache, or a broken one.
    #[error("{0} is damaged: {1}")]
    Damaged(PathBuf, String),
    /// The daemon or the kernel, which keeps it, does not give it.
    #[error("the cache {0} cannot be read: {1}")]
    NotGiven(CacheName, String),
    /// Of a kind that other systems have, such as MEMORY or API.
    #[error(
        "the cache {0} is of a kind that is not read here: run `export \
         KRB5CCNAME=FILE:$HOME/krb5cc` and `kinit`, then start again"
    )]
    NotReadHere(CacheName),
}

impl CacheFault {
    fn io(path: &Path, error: &std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::NotFound => Self::Missing(path.display().to_string()),
            _ => Self::Denied(path.to_owned(), error.to_string()),
        }
    }
}

/// A cache's content.
#[derive(Debug)]
pub struct CredentialCache {
    /// Whether it belongs to the user who runs this program.
    pub owner_matches: bool,
    /// The default principal.
    pub principal: PrincipalName,
    /// Its realm.
    pub realm: String,
    /// The tickets, without the library's own notes.
    pub credentials: Vec<Credential>,
}

impl CredentialCache {
    /// Reads a cache, wherever it is kept.
    pub async fn load(name: &CacheName, conf: &Krb5Conf) -> Result<Self, CacheFault> {
        let name = name.clone();
        let socket = PathBuf::from(conf.kcm_socket().unwrap_or(kcm::SOCKET));
        let asked = name.clone();
        // The daemon's socket blocks: it has a thread of its own, which ends by
        // its own time limits when nobody waits for it any more.
        let read = tokio::task::spawn_blocking(move || match name.kind.as_str() {
            "KCM" => Self::read_from_daemon(&name, &socket),
            "KEYRING" => Self::read_from_kernel(&name),
            _ => Self::read(&name),
        });
        let broken = |_| CacheFault::NotGiven(asked, "the reading was broken off".to_owned());
        read.await.map_err(broken)?
    }

    fn read_from_daemon(name: &CacheName, socket: &Path) -> Result<Self, CacheFault> {
        match kcm::read(socket, &name.rest) {
            Ok(content) => Ok(Self::own(content)),
            Err(kcm::KcmFault::NoCache) => Err(CacheFault::Missing(name.to_string())),
            Err(kcm::KcmFault::Failed(words)) => Err(CacheFault::NotGiven(name.clone(), words)),
        }
    }

    fn read_from_kernel(name: &CacheName) -> Result<Self, CacheFault> {
        match keyring::read(&name.rest) {
            Ok(content) => Ok(Self::own(content)),
            Err(keyring::KeyringFault::NoCache) => Err(CacheFault::Missing(name.to_string())),
            Err(keyring::KeyringFault::Failed(words)) => {
                Err(CacheFault::NotGiven(name.clone(), words))
            }
        }
    }

    /// Reads the bytes of a cache that is a file, versions 3 and 4 of the format;
    /// the fault is words.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, &'static str> {
        file::parse(bytes).map(Self::own)
    }

    /// The daemon and the kernel give nobody but the owner anything.
    fn own(content: file::Content) -> Self {
        Self {
            owner_matches: true,
            principal: content.principal,
            realm: content.realm,
            credentials: content.credentials,
        }
    }

    /// Reads a cache that is a file.
    fn read(name: &CacheName) -> Result<Self, CacheFault> {
        use std::os::unix::fs::MetadataExt as _;

        let path = name.path()?;
        let metadata = std::fs::metadata(&path).map_err(|error| CacheFault::io(&path, &error))?;
        let damaged = |words: &str| CacheFault::Damaged(path.clone(), words.to_owned());
        if !metadata.is_file() {
            return Err(damaged("it is not a file"));
        }
        if metadata.len() > LARGEST {
            return Err(damaged("it is larger than 16 MiB"));
        }
        if metadata.len() == 0 {
            return Err(CacheFault::Missing(format!("{name} (the file is empty)")));
        }
        let bytes = zeroize::Zeroizing::new(
            std::fs::read(&path).map_err(|error| CacheFault::io(&path, &error))?,
        );
        Ok(Self {
            owner_matches: metadata.uid() == rustix::process::geteuid().as_raw(),
            ..Self::from_bytes(&bytes).map_err(damaged)?
        })
    }

    /// The ticket-granting ticket of the principal's own realm that ends last.
    pub fn ticket_granting_ticket(&self) -> Option<&Credential> {
        self.credentials
            .iter()
            .filter(|credential| {
                credential.ticket.realm == self.realm
                    && credential.service.granted_realm() == Some(&self.realm)
            })
            .max_by_key(|credential| credential.ends)
    }

    /// The tickets for services other than KDCs.
    pub fn service_tickets(&self) -> impl Iterator<Item = &Credential> {
        self.credentials
            .iter()
            .filter(|credential| credential.service.granted_realm().is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart() {
        let name = CacheName::parse("API:1000", "KRB5CCNAME");
        assert_eq!((name.kind.as_str(), name.rest.as_str()), ("API", "1000"));
        assert!(matches!(name.path(), Err(CacheFault::NotReadHere(_))));
        let name = CacheName::parse("/tmp/a:b", "option");
        assert_eq!(name.to_string(), "FILE:/tmp/a:b");
        assert_eq!(expand("FILE:/run/user/%{uid}/cc", 7), "FILE:/run/user/7/cc");
    }

    #[test]
    fn a_folder_leads_to_its_primary_cache() {
        let folder = tempfile::tempdir().unwrap();
        let name = CacheName::parse(&format!("DIR:{}", folder.path().display()), "option");
        assert_eq!(name.path().unwrap(), folder.path().join("tkt"));
        std::fs::write(folder.path().join("primary"), "tktAbc\n").unwrap();
        assert_eq!(name.path().unwrap(), folder.path().join("tktAbc"));
        std::fs::write(folder.path().join("primary"), "../../etc/passwd\n").unwrap();
        assert!(matches!(name.path(), Err(CacheFault::Damaged(..))));
    }

    #[test]
    fn absent_empty_and_foreign_files_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cc");
        let name = CacheName::parse(&path.to_string_lossy(), "option");
        assert!(matches!(
            CredentialCache::read(&name),
            Err(CacheFault::Missing(_))
        ));
        std::fs::write(&path, "").unwrap();
        assert!(matches!(
            CredentialCache::read(&name),
            Err(CacheFault::Missing(_))
        ));
        std::fs::write(&path, "hello world").unwrap();
        assert!(matches!(
            CredentialCache::read(&name),
            Err(CacheFault::Damaged(..))
        ));
    }
}
