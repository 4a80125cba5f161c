//! Bringing a lab up, finding it again, and keeping what was provisioned.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::Signal;

use super::{Lab, VARIABLE};
use crate::cache::{self, Cache};
use crate::error::{LabError, Result};
use crate::fault::clock_ahead;
use crate::host::{self, Host};
use crate::supervisor::{self, Life, Supervisor};
use crate::topology::{CORP, Domain, HOSTS, PARTNER, Role, with_role};
use crate::{certificates, dns, forest, network, tools, trust};

/// Size of /dev/shm, in bytes, from which on labs live there.
const ENOUGH_MEMORY: u64 = 2 << 30;

impl Lab {
    /// Brings a lab up for as long as this value lives, or attaches to it when
    /// it is up already (then it stays up). It does not outlive this process.
    pub fn start(name: &str) -> Result<Self> {
        Self::up(name, Life::TiedToThisProcess)
    }

    /// Brings a lab up, or attaches to it when it is up already.
    pub fn up(name: &str, life: Life) -> Result<Self> {
        if !rustix::process::geteuid().is_root() {
            return Err(LabError::NotRoot);
        }
        tools::check()?;
        let dir = directory_of(name)?;
        let _lock = lock(&dir)?;
        if let Some(lab) = Self::find(name)? {
            return Ok(lab);
        }
        tools::tds_peer()?;
        let cache = Cache::open()?;
        if !cache.is_filled() {
            provision(&cache)?;
        }
        let mut lab = Self::boot(name, life)?;
        if let Err(error) = lab.start_services(&cache) {
            lab.owned = true;
            return Err(error);
        }
        drop(cache);
        let ready = lab.dir.join("ready");
        fs::write(&ready, "").map_err(LabError::file("write", &ready))?;
        lab.owned = life == Life::TiedToThisProcess;
        Ok(lab)
    }

    /// Attaches to a lab that is up.
    pub fn attach(name: &str) -> Result<Self> {
        if !rustix::process::geteuid().is_root() {
            return Err(LabError::NotRoot);
        }
        Self::find(name)?.ok_or_else(|| LabError::NotUp(name.to_owned()))
    }

    /// Takes a lab down, up or half up, and removes what it left.
    pub fn down(name: &str) -> Result<()> {
        if !rustix::process::geteuid().is_root() {
            return Err(LabError::NotRoot);
        }
        let dir = directory_of(name)?;
        let lock = lock(&dir)?;
        match Self::find(name)? {
            Some(lab) => lab.stop(),
            None => clear(&dir),
        }
        drop(lock);
        remove_lock(&dir);
        Ok(())
    }

    /// The names of the labs that are up.
    pub fn names() -> Vec<String> {
        let mut names: Vec<String> = state_roots()
            .iter()
            .filter_map(|root| fs::read_dir(root).ok())
            .flat_map(Iterator::flatten)
            .filter(|entry| entry.path().join("ready").is_file())
            .filter(|entry| Supervisor::find(&entry.path()).is_some())
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect();
        names.sort();
        names
    }

    fn find(name: &str) -> Result<Option<Self>> {
        let dir = directory_of(name)?;
        let Some(supervisor) = Supervisor::find(&dir) else {
            return Ok(None);
        };
        if !dir.join("ready").is_file() {
            return Ok(None);
        }
        let hosts: Vec<Host> = HOSTS
            .iter()
            .filter_map(|spec| Host::find(dir.join("hosts").join(spec.name), spec))
            .collect();
        let complete = hosts.len() == HOSTS.len();
        let lab = Self {
            name: name.to_owned(),
            dir,
            hosts,
            supervisor,
            owned: false,
        };
        Ok(complete.then_some(lab))
    }

    /// The supervisor, the hosts and the network; no service yet.
    fn boot(name: &str, life: Life) -> Result<Self> {
        let dir = directory_of(name)?;
        clear(&dir);
        host::make_dir(&dir.join("hosts"))?;
        let supervisor = Supervisor::start(&dir, life)?;
        let init = supervisor.init;
        let mut lab = Self {
            name: name.to_owned(),
            dir,
            hosts: Vec::new(),
            supervisor,
            owned: true,
        };
        for spec in &HOSTS {
            let host = Host::start(init, &lab.dir, spec)?;
            lab.hosts.push(host);
        }
        for host in &mut lab.hosts {
            host.wait()?;
        }
        network::connect(init, &lab.hosts)?;
        dns::start(lab.host("dns1")?)?;
        Ok(lab)
    }

    /// The controllers from the cache, and a ticket for the user.
    fn start_services(&self, cache: &Cache) -> Result<()> {
        cache.note_in(&self.dir)?;
        host::copy_tree(&cache.dir.join("ca"), &self.dir.join("ca"))?;
        for host in &self.hosts {
            certificates::trust(&self.ca_file(), &host.dir.join("etc"))?;
        }
        self.start_controllers(cache)?;
        self.sign_in("alice")?;
        with_role(Role::SqlHost).try_for_each(|host| self.sql(host.name)?.start())
    }

    fn start_controllers(&self, cache: &Cache) -> Result<()> {
        for controller in self.controllers() {
            host::copy_tree(
                &cache.dir.join(controller.spec.name),
                &controller.dir.join("samba"),
            )?;
            forest::configure(controller)?;
            forest::start(controller)?;
        }
        self.controllers().try_for_each(forest::wait)
    }

    /// Stops both controllers and starts them again from the cached copies, so
    /// that both directories are exactly as they were provisioned.
    pub fn reset_directories(&self) -> Result<()> {
        let cache = Cache::of(&self.dir)?;
        // One that goes on would keep the ports of the next one.
        self.stop_second_controller()?;
        for controller in self.controllers() {
            forest::stop(controller);
            empty(&controller.dir.join("samba"))?;
        }
        self.start_controllers(&cache)
    }

    /// Starts the second controller of CORP, as it was when the lab was
    /// provisioned, and lets clients find it.
    pub(crate) fn start_second_controller(&self) -> Result<()> {
        let cache = Cache::of(&self.dir)?;
        let host = self.host("dc3")?;
        empty(&host.dir.join("samba"))?;
        host::copy_tree(&cache.dir.join(host.spec.name), &host.dir.join("samba"))?;
        forest::configure(host)?;
        forest::start(host)?;
        forest::wait(host)?;
        forest::second::announce(host, self.controller(&CORP)?)
    }

    /// Stops it; the records by which clients find it go with the next reset.
    pub(crate) fn stop_second_controller(&self) -> Result<()> {
        self.host("dc3").map(forest::stop)
    }

    /// Starts a domain's controller again with a clock eleven minutes ahead.
    pub(crate) fn set_controller_ahead(&self, domain: &Domain) -> Result<()> {
        self.restart_controller(domain, &clock_ahead()?)
    }

    /// Starts it again with the right time.
    pub(crate) fn set_controller_right(&self, domain: &Domain) -> Result<()> {
        self.restart_controller(domain, &[])
    }

    fn restart_controller(&self, domain: &Domain, environment: &[(String, String)]) -> Result<()> {
        let controller = self.controller(domain)?;
        forest::stop(controller);
        forest::start_in(controller, environment)?;
        forest::wait_in(controller, environment)
    }

    /// Leaves the lab up when this value goes.
    pub fn leave_up(&mut self) {
        self.owned = false;
    }

    /// Takes the lab down now.
    pub fn stop(mut self) {
        self.owned = true;
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        if !self.owned {
            return;
        }
        // Programs that were started with `Host::command` are not in the
        // lab's PID namespace.
        for host in &self.hosts {
            for pid in host.processes() {
                supervisor::kill(pid, Signal::KILL);
            }
        }
        self.supervisor.stop();
        clear(&self.dir);
        remove_lock(&self.dir);
    }
}

/// Makes both forests, everything in them and the trust, in a lab of its own,
/// and keeps the result in the cache.
fn provision(cache: &Cache) -> Result<()> {
    let name = format!("provision-{}", std::process::id());
    let lab = Lab::boot(&name, Life::TiedToThisProcess)?;
    let authority = lab.dir.join("ca");
    certificates::authority(&authority)?;
    for host in with_role(Role::SqlHost) {
        certificates::sql_server(&authority, host)?;
    }
    std::thread::scope(|scope| {
        let works: Vec<_> = lab
            .controllers()
            .map(|controller| {
                let authority = &authority;
                scope.spawn(move || {
                    forest::provision(controller)?;
                    let tls = controller.dir.join("samba/private/tls");
                    certificates::controller(authority, &tls, controller.spec)?;
                    forest::start(controller)
                })
            })
            .collect();
        works.into_iter().try_for_each(|work| {
            work.join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    })?;
    lab.controllers().try_for_each(forest::wait)?;
    let (first, second) = (lab.controller(&CORP)?, lab.controller(&PARTNER)?);
    dns::provision(first, second)?;
    trust::create(first)?;
    let second = lab.host("dc3")?;
    forest::second::join(second, first)?;
    let tls = second.dir.join("samba/private/tls");
    certificates::controller(&authority, &tls, second.spec)?;
    lab.controllers().for_each(forest::stop);
    cache.fill(&lab.dir)
}

/// Where labs live: in memory if there is enough of it, since a lab copies and
/// removes a hundred megabytes, else on the disk. The first place is for new
/// labs; one that is up is found in each.
fn state_roots() -> Vec<PathBuf> {
    if let Some(named) = std::env::var_os(VARIABLE) {
        return vec![named.into()];
    }
    let memory = Path::new("/dev/shm");
    let is_large = rustix::fs::statvfs(memory)
        .is_ok_and(|size| size.f_blocks.saturating_mul(size.f_frsize) >= ENOUGH_MEMORY);
    let disk = PathBuf::from("/var/lib/sspi-lab");
    if is_large {
        vec![memory.join("sspi-lab"), disk]
    } else {
        vec![disk]
    }
}

fn directory_of(name: &str) -> Result<PathBuf> {
    let good = (1..=32).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if !good {
        return Err(LabError::BadName(name.to_owned()));
    }
    let places: Vec<PathBuf> = state_roots()
        .into_iter()
        .map(|root| root.join(name))
        .collect();
    let up = places
        .iter()
        .find(|place| Supervisor::find(place).is_some());
    up.or(places.first())
        .cloned()
        .ok_or_else(|| LabError::NotUp(name.to_owned()))
}

/// Empties a directory that is mounted and must stay itself.
fn empty(dir: &Path) -> Result<()> {
    for entry in fs::read_dir(dir)
        .map_err(LabError::file("read", dir))?
        .flatten()
    {
        let path = entry.path();
        let removed = if path.is_dir() {
            fs::remove_dir_all(&path)
        } else {
            fs::remove_file(&path)
        };
        removed.map_err(LabError::file("remove", &path))?;
    }
    Ok(())
}

fn lock(dir: &Path) -> Result<fs::File> {
    if let Some(root) = dir.parent() {
        host::make_dir(root)?;
    }
    cache::lock(&dir.with_extension("lock"))
}

fn remove_lock(dir: &Path) {
    let _ = fs::remove_file(dir.with_extension("lock"));
    // Only when this was the last lab.
    if let Some(root) = dir.parent() {
        let _ = fs::remove_dir(root);
    }
}

/// Removes what a lab that is not up has left.
fn clear(dir: &Path) {
    if let Some(mut supervisor) = Supervisor::find(dir) {
        supervisor.stop();
    }
    // Processes that have just been killed may still be writing.
    for _ in 0..50 {
        if fs::remove_dir_all(dir).is_ok() || !dir.exists() {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
