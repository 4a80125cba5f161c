//! TDS before a session: PRELOGIN, TLS, and the login as far as the server
//! describes itself, [MS-TDS].

mod batch;
pub mod certificate;
mod column;
mod connection;
mod declaration;
mod fault;
pub mod greeting;
pub mod identity;
mod login;
pub mod logins;
pub mod ntlm;
pub mod packet;
mod prelogin;
pub mod results;
mod tls;
pub mod token;
mod unique;
mod wire;

pub use certificate::Certificate;
pub use connection::{Connection, OpenFault, Reply, Server};
pub use fault::TdsFault;
pub use greeting::{Encryption, Greeting, Offer};
pub use login::SspiLogin;
pub use tls::TlsReport;
pub(crate) use tls::system_roots;
pub use token::{ServerMessage, Token};
pub use unique::Unique;

use super::Probe;

/// The probes of this family.
pub static PROBES: &[&dyn Probe] = &[&prelogin::SqlPrelogin, &identity::SqlIdentity];

#[cfg(test)]
mod tests;
