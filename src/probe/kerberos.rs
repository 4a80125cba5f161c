//! Kerberos: the ticket cache, AS-REQ, TGS-REQ, and the AP-REQ inside a TDS login, RFC 4120.

use super::Probe;

/// The probes of this family.
pub static PROBES: &[&dyn Probe] = &[];

/// The session's tickets that were got in this session.
#[derive(Debug, Default)]
pub struct Tickets {}
