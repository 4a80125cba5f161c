//! The session's connections, one and one bind for each directory server.

/// The session's connections.
#[derive(Debug, Default)]
pub struct Connections {}
