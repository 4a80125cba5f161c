//! Services that go away and come back, for tests in the middle of something.

use crate::error::Result;
use crate::lab::Lab;
use crate::topology::CORP;
use crate::{dns, forest};

/// A service of CORP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// The name server that all hosts ask.
    Names,
    /// The domain controller: its LDAP, its KDC and its zones.
    Controller,
    /// SQL Server on sql1.
    SqlServer,
}

/// A service that is away. It comes back at the latest when this is dropped.
#[derive(Debug)]
pub struct Outage<'a> {
    lab: &'a Lab,
    service: Service,
    over: bool,
}

impl Lab {
    /// Ends a service at once, as a crash does.
    pub fn take_away(&self, service: Service) -> Result<Outage<'_>> {
        match service {
            Service::Names => dns::stop(self.host("dns1")?),
            Service::Controller => forest::stop(self.controller(&CORP)?),
            Service::SqlServer => self.sql("sql1")?.stop(),
        }
        Ok(Outage {
            lab: self,
            service,
            over: false,
        })
    }
}

impl Outage<'_> {
    /// Brings the service back and waits until it answers.
    pub fn end(mut self) -> Result<()> {
        self.over = true;
        self.bring_back()
    }

    fn bring_back(&self) -> Result<()> {
        match self.service {
            Service::Names => dns::start(self.lab.host("dns1")?),
            Service::Controller => {
                let controller = self.lab.controller(&CORP)?;
                forest::start(controller)?;
                forest::wait(controller)
            }
            Service::SqlServer => self.lab.sql("sql1")?.restart(),
        }
    }
}

impl Drop for Outage<'_> {
    fn drop(&mut self) {
        if !self.over {
            // A test that failed: the next one needs the lab whole, and would
            // say what is missing.
            let _ = self.bring_back();
        }
    }
}
