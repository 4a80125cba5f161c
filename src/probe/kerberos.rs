//! Kerberos: the ticket cache, AS-REQ, TGS-REQ, and the AP-REQ inside a TDS
//! login, RFC 4120. Everything is asked over the wire by this program itself,
//! so that every answer of a KDC is seen as it came, with its code.

mod configuration_probe;
pub mod credential;
pub mod credential_cache;
pub mod der;
pub mod encryption;
pub mod error_code;
pub mod facts;
pub mod gss;
mod initial;
mod kdc;
mod kdc_probe;
mod krb5_conf;
mod login_probe;
pub mod message;
mod no_service_ticket;
mod principal_name;
mod rc4_hmac;
mod request;
mod service;
mod service_ticket;
mod service_ticket_probe;
mod shared_tickets;
pub(crate) mod sql_login;
mod ticket_probe;
mod tickets;
mod trusted_realm_probe;
mod udp_probe;
mod user;

use super::Probe;

pub use krb5_conf::Krb5Conf;
pub(crate) use service::Service;
pub use shared_tickets::SignInFault;
pub(crate) use tickets::NoTicket;
pub use tickets::Tickets;

/// The probes of this family.
pub static PROBES: &[&dyn Probe] = &[
    &ticket_probe::KerberosTicket,
    &configuration_probe::KerberosConfiguration,
    &udp_probe::KerberosUdp,
    &kdc_probe::KerberosKdc,
    &service_ticket_probe::KerberosServiceTicket,
    &trusted_realm_probe::KerberosTrustedRealm,
    &login_probe::SqlLoginKerberos,
];
