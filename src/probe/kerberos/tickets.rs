//! The tickets of a session: each is got once and used by every probe.

/// Tickets that were got in this session.
#[derive(Debug, Default)]
pub struct Tickets {}
