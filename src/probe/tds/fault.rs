//! How a conversation in TDS fails.

use std::io;

use crate::probe::tcp::ConnectFault;

/// Why there is no answer in TDS, each a sentence's part for the evidence.
#[derive(Debug, thiserror::Error)]
pub enum TdsFault {
    /// Nothing listens on the port.
    #[error("connection refused: nothing listens on the port, or a firewall rejects it")]
    Refused,
    /// No way to the host.
    #[error("unreachable: {0}")]
    Unreachable(io::Error),
    /// Silence until the deadline.
    #[error("no answer in time")]
    TimedOut,
    /// Accepted, then closed or reset without a word.
    #[error("the server closed the connection without an answer")]
    Closed,
    /// Something else listens there.
    #[error("the answer is not that of a SQL Server: {0}")]
    NotSqlServer(String),
    /// It began as TDS.
    #[error("the server sent {0}")]
    Malformed(&'static str),
    /// TLS could not be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Io(io::Error),
}

impl TdsFault {
    /// The status that every probe over TDS has for it.
    pub fn status(&self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Unreachable(_) => "unreachable",
            Self::TimedOut => "timed-out",
            Self::Closed | Self::NotSqlServer(_) | Self::Malformed(_) | Self::Io(_) => {
                "not-sql-server"
            }
            Self::Tls(_) => "tls-failed",
        }
    }
}

impl TdsFault {
    /// A handshake that broke without a word of TLS.
    pub(super) fn from_handshake(error: &io::Error) -> Self {
        match Self::from(io::Error::from(error.kind())) {
            Self::TimedOut => Self::TimedOut,
            Self::Closed => Self::Tls(
                "the server closed the connection during the handshake; old servers do so when \
                 they only have TLS 1.0 or 1.1"
                    .to_owned(),
            ),
            _ => Self::Tls(error.to_string()),
        }
    }
}

impl From<io::Error> for TdsFault {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionAborted => Self::Closed,
            io::ErrorKind::TimedOut => Self::TimedOut,
            _ => Self::Io(error),
        }
    }
}

impl From<ConnectFault> for TdsFault {
    fn from(fault: ConnectFault) -> Self {
        match fault {
            ConnectFault::Refused => Self::Refused,
            ConnectFault::Reset => Self::Closed,
            ConnectFault::TimedOut => Self::TimedOut,
            ConnectFault::Unreachable(error) => Self::Unreachable(error),
        }
    }
}
