//! The SQL hosts, where the TDS peer plays SQL Server.

/// The name of the daemon in the host's log.
pub(crate) const DAEMON: &str = "sql";
