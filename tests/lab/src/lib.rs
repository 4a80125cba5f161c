//! Real Active Directory forests, SQL hosts and a jump host on one machine, in
//! network namespaces of their own, with faults that can be injected and
//! undone.
//!
//! [`Lab::start`] brings a lab up for a test; `lab up` brings one up for a
//! person. Nothing outside the lab is changed: namespaces are unnamed and held
//! by processes of a PID namespace, files are private mounts, and everything
//! is gone when the supervisor ends.

pub mod accounts;
pub mod cache;
mod certificates;
pub mod crowd;
pub mod directory;
pub mod dns;
pub mod error;
pub mod exclusive;
pub mod fault;
mod forest;
mod health;
pub mod host;
pub mod lab;
mod network;
pub mod outage;
mod process;
mod slow_link;
pub mod sql_host;
mod ssh;
pub mod supervisor;
pub mod tools;
pub mod topology;
mod trust;

pub use error::{LabError, Result};
pub use exclusive::{Exclusive, exclusive};
pub use fault::Fault;
pub use host::Host;
pub use lab::Lab;
pub use sql_host::SqlHost;
pub use supervisor::Life;
