//! Provisioned directories, kept so that a later start takes seconds.
//!
//! The key is a hash of everything that provisioning depends on, so a change
//! of an account, of smb.conf or of this code provisions anew by itself.

use std::fs;
use std::path::{Path, PathBuf};

use rustix::fs::FlockOperation;

use crate::error::{LabError, Result};
use crate::host::copy_tree;
use crate::process::{bounded, run};
use crate::topology::{DOMAINS, Role, with_role};
use crate::{accounts, forest};

/// The environment variable that names another directory than
/// `target/lab-cache`.
pub const VARIABLE: &str = "SSPI_LAB_CACHE";

/// How many recipes are kept.
const KEPT: usize = 3;

/// The file in a lab's directory that names its cache.
const NOTE: &str = "provisioned";

/// The code that provisions: a change of it is a change of the recipe.
const SOURCES: &[&str] = &[
    include_str!("accounts.rs"),
    include_str!("certificates.rs"),
    include_str!("dns.rs"),
    include_str!("forest.rs"),
    include_str!("topology.rs"),
    include_str!("trust.rs"),
];

/// The provisioned directories of one recipe.
#[derive(Debug)]
pub(crate) struct Cache {
    /// Where they are, or will be.
    pub(crate) dir: PathBuf,
    _lock: fs::File,
}

impl Cache {
    /// Opens the cache of the current recipe, alone: others wait.
    pub(crate) fn open() -> Result<Self> {
        let root = std::env::var_os(VARIABLE).map_or_else(
            || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/lab-cache"),
            PathBuf::from,
        );
        fs::create_dir_all(&root).map_err(LabError::file("make the directory", &root))?;
        let root = root.canonicalize().map_err(LabError::file("find", &root))?;
        let lock = lock(&root.join("lock"))?;
        Ok(Self {
            dir: root.join(key()?),
            _lock: lock,
        })
    }

    /// The cache from which a lab that is up was started, even if the recipe
    /// has changed since.
    pub(crate) fn of(lab: &Path) -> Result<Self> {
        let note = lab.join(NOTE);
        let dir = fs::read_to_string(&note).map_err(LabError::file("read", &note))?;
        let dir = PathBuf::from(dir);
        let lock = lock(&dir.with_file_name("lock"))?;
        Ok(Self { dir, _lock: lock })
    }

    /// Notes in a lab from which cache it is started.
    pub(crate) fn note_in(&self, lab: &Path) -> Result<()> {
        let note = lab.join(NOTE);
        fs::write(&note, self.dir.as_os_str().as_encoded_bytes())
            .map_err(LabError::file("write", &note))
    }

    /// Whether this recipe has been provisioned.
    pub(crate) fn is_filled(&self) -> bool {
        self.dir.is_dir()
    }

    /// Keeps the directories of the controllers and the authority of a lab
    /// that has just been provisioned and stopped.
    pub(crate) fn fill(&self, lab: &Path) -> Result<()> {
        let new = self.dir.with_extension("new");
        let _ = fs::remove_dir_all(&new);
        fs::create_dir_all(&new).map_err(LabError::file("make the directory", &new))?;
        for host in with_role(Role::DomainController).chain(with_role(Role::SecondController)) {
            copy_tree(
                &lab.join("hosts").join(host.name).join("samba"),
                &new.join(host.name),
            )?;
        }
        copy_tree(&lab.join("ca"), &new.join("ca"))?;
        fs::rename(&new, &self.dir).map_err(LabError::file("write", &self.dir))?;
        self.forget_old();
        Ok(())
    }

    /// Removes the directories of former recipes, but for the last few: a lab
    /// that is up may still need its own.
    fn forget_old(&self) {
        let Some(Ok(entries)) = self.dir.parent().map(fs::read_dir) else {
            return;
        };
        let mut old: Vec<_> = entries
            .flatten()
            .filter(|entry| entry.path().is_dir())
            .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
            .collect();
        old.sort();
        let surplus = old.len().saturating_sub(KEPT);
        for (_, dir) in old.drain(..surplus) {
            // What stays is removed the next time.
            let _ = fs::remove_dir_all(dir);
        }
    }
}

/// Opens a file and waits until nobody else holds its lock.
pub(crate) fn lock(path: &Path) -> Result<fs::File> {
    let file = fs::File::create(path).map_err(LabError::file("write", path))?;
    rustix::fs::flock(&file, FlockOperation::LockExclusive)
        .map_err(|error| LabError::file("lock", path)(error.into()))?;
    Ok(file)
}

/// The hash of the recipe, in hexadecimal.
fn key() -> Result<String> {
    let mut recipe: Vec<String> = SOURCES.iter().map(ToString::to_string).collect();
    recipe.push(run("this machine", bounded("samba").arg("--version"))?);
    recipe.extend(DOMAINS.iter().map(|domain| accounts::ldif(domain)));
    recipe.extend(with_role(Role::DomainController).map(forest::smb_conf));
    recipe.push(include_str!("forest/second.rs").to_owned());
    Ok(format!("{:016x}", fnv1a(recipe.join("\0").as_bytes())))
}

/// FNV-1a, 64 bits: the same on every machine and every Rust version.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::fnv1a;

    #[test]
    fn fnv1a_has_the_published_values() {
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }
}
