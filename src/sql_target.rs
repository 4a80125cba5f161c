//! What people type to name a SQL Server, parsed once and here only.
//!
//! The grammar is that of the `Server` value of a connection string:
//! `[protocol:]host[\INSTANCE][,port]`, and the pipe forms of `np:`.

mod host;

pub use host::parse as parse_host;

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::hostile;

/// A SQL Server as it was typed, taken apart.
///
/// ```
/// use sspi_doctor::sql_target::SqlTarget;
/// let target: SqlTarget = r"tcp:SQL1.Corp.Example.\Sales,1444".parse().unwrap();
/// assert_eq!(target.host, "sql1.corp.example");
/// assert_eq!(target.instance.as_deref(), Some("SALES"));
/// assert_eq!(target.port, Some(1444));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlTarget {
    /// What was typed, without white space around it.
    pub typed: String,
    /// The host in lower case, without a trailing dot; an address in its usual
    /// form, without brackets. `localhost` for `.` and `(local)`.
    pub host: String,
    /// The port, when one was typed.
    pub port: Option<u16>,
    /// The named instance in upper case; none for the default instance.
    pub instance: Option<String>,
    /// The protocol that was asked for.
    pub protocol: Protocol,
}

/// The protocol prefix of a connection string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// No prefix: the driver chooses, and from another machine it is TCP.
    Default,
    /// `tcp:`
    Tcp,
    /// `np:`, or a pipe's path.
    NamedPipes,
    /// `lpc:`
    SharedMemory,
    /// `admin:`, the dedicated administrator connection.
    Admin,
}

/// Why something typed is no SQL Server; each text says what to type instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SqlTargetFault {
    /// Nothing, or only a prefix.
    #[error("no server is named: type it as sql1.corp.example,1433 or sql1.corp.example\\INSTANCE")]
    Empty,
    /// `host:1433`.
    #[error("SQL clients want a comma before the port: type {suggestion}")]
    Colon {
        /// What was meant.
        suggestion: String,
    },
    /// A whole connection string.
    #[error("this is a connection string: type only the value of Server, such as {suggestion}")]
    ConnectionString {
        /// What was meant, or an example.
        suggestion: String,
    },
    /// A service principal name.
    #[error(
        "this is a service principal name: type the server as clients name it, such as {suggestion}"
    )]
    Spn {
        /// What was meant.
        suggestion: String,
    },
    /// `(localdb)\…`.
    #[error(
        "LocalDB is only reached on its own machine and never uses Kerberos: name a SQL Server"
    )]
    LocalDb,
    /// Not a number, 0, or too large.
    #[error(
        "`{port}` is no TCP port: type a number from 1 to 65535 after the comma, such as {host},1433"
    )]
    Port {
        /// What stood after the comma.
        port: String,
        /// The host before it.
        host: String,
    },
    /// `host,1433\INSTANCE`.
    #[error("the port comes last: type {suggestion}")]
    PortFirst {
        /// What was meant.
        suggestion: String,
    },
    /// Not a possible instance name.
    #[error(
        "`{instance}` is no instance name: 1 to 16 letters, digits, `_`, `$` or `#`, such as {host}\\SALES"
    )]
    Instance {
        /// What stood after the backslash.
        instance: String,
        /// The host before it.
        host: String,
    },
    /// Not a possible host.
    #[error("`{host}` is no host name or IP address: {why}")]
    Host {
        /// What stood there.
        host: String,
        /// What is wrong with it.
        why: &'static str,
    },
}

impl SqlTarget {
    /// Whether an IP address was typed: no service principal name exists for
    /// it unless someone made one.
    pub fn is_address(&self) -> bool {
        self.host.parse::<IpAddr>().is_ok()
    }

    /// Whether it names this machine: a tunnel, or SQL Server on it.
    pub fn is_local(&self) -> bool {
        self.host == "localhost"
            || self.host.ends_with(".localhost")
            || self
                .host
                .parse::<IpAddr>()
                .is_ok_and(|address| address.is_loopback())
    }

    /// Whether it is a name without a domain, which search suffixes complete.
    pub fn is_short_name(&self) -> bool {
        !self.host.contains('.') && !self.is_address() && !self.is_local()
    }
}

impl FromStr for SqlTarget {
    type Err = SqlTargetFault;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let cleaned = hostile::clean_line(text);
        let typed = unquoted(cleaned.trim());
        let (protocol, rest) = split_protocol(typed);
        if let Some(pipe) = rest.strip_prefix(r"\\") {
            let (host, instance) = pipe_parts(pipe)?;
            return Ok(Self {
                typed: typed.to_owned(),
                host,
                port: None,
                instance,
                protocol: Protocol::NamedPipes,
            });
        }
        reject_other_forms(rest)?;
        let (server, port) = match rest.rsplit_once(',') {
            Some((server, port)) => (server.trim(), Some(port.trim())),
            None => (rest, None),
        };
        let (host, instance) = match server.split_once('\\') {
            Some((host, instance)) => (host.trim(), Some(instance.trim())),
            None => (server, None),
        };
        if let Some((port, instance)) = port.and_then(|port| port.split_once('\\')) {
            return Err(SqlTargetFault::PortFirst {
                suggestion: format!(r"{host}\{},{}", instance.trim(), port.trim()),
            });
        }
        let host = host::parse(host)?;
        let port = port.map(|port| parse_port(port, &host)).transpose()?;
        let instance = match instance {
            Some(instance) => parse_instance(instance, &host)?,
            None => None,
        };
        Ok(Self {
            typed: typed.to_owned(),
            host,
            port,
            instance,
            protocol,
        })
    }
}

/// What was typed in the form that SQL clients take.
impl fmt::Display for SqlTarget {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.protocol.prefix())?;
        formatter.write_str(&self.host)?;
        if let Some(instance) = &self.instance {
            write!(formatter, "\\{instance}")?;
        }
        if let Some(port) = self.port {
            write!(formatter, ",{port}")?;
        }
        Ok(())
    }
}

impl Protocol {
    fn prefix(self) -> &'static str {
        match self {
            Self::Default => "",
            Self::Tcp => "tcp:",
            Self::NamedPipes => "np:",
            Self::SharedMemory => "lpc:",
            Self::Admin => "admin:",
        }
    }
}

/// The record that flows see.
impl Serialize for SqlTarget {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Record<'a> {
            typed: &'a str,
            host: &'a str,
            port: Option<u16>,
            instance: Option<&'a str>,
            protocol: Protocol,
            is_address: bool,
            is_local: bool,
            is_short_name: bool,
        }
        Record {
            typed: &self.typed,
            host: &self.host,
            port: self.port,
            instance: self.instance.as_deref(),
            protocol: self.protocol,
            is_address: self.is_address(),
            is_local: self.is_local(),
            is_short_name: self.is_short_name(),
        }
        .serialize(serializer)
    }
}

/// Without a pair of quotes around it, as it stands in scripts.
fn unquoted(text: &str) -> &str {
    ['"', '\'']
        .iter()
        .find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote))
        .map_or(text, str::trim)
}

fn split_protocol(text: &str) -> (Protocol, &str) {
    for protocol in [
        Protocol::Tcp,
        Protocol::NamedPipes,
        Protocol::SharedMemory,
        Protocol::Admin,
    ] {
        let prefix = protocol.prefix();
        if let Some(start) = text.get(..prefix.len())
            && start.eq_ignore_ascii_case(prefix)
        {
            return (protocol, text[prefix.len()..].trim());
        }
    }
    (Protocol::Default, text)
}

/// `host\pipe\sql\query` and `host\pipe\MSSQL$INSTANCE\sql\query`.
fn pipe_parts(path: &str) -> Result<(String, Option<String>), SqlTargetFault> {
    let mut parts = path.split('\\');
    let host = host::parse(parts.next().unwrap_or_default())?;
    let instance = parts
        .find_map(|part| {
            part.get(..6)
                .filter(|start| start.eq_ignore_ascii_case("MSSQL$"))
                .map(|_| &part[6..])
        })
        .map(|instance| parse_instance(instance, &host))
        .transpose()?
        .flatten();
    Ok((host, instance))
}

/// Things that people paste and that are something else.
fn reject_other_forms(text: &str) -> Result<(), SqlTargetFault> {
    let lower = text.to_ascii_lowercase();
    if lower.starts_with("(localdb)") {
        return Err(SqlTargetFault::LocalDb);
    }
    if let Some((class, rest)) = text.split_once('/')
        && class.eq_ignore_ascii_case("mssqlsvc")
    {
        return Err(SqlTargetFault::Spn {
            suggestion: rest.replacen(':', ",", 1),
        });
    }
    if text.contains([';', '=']) || lower.contains("://") {
        let value = text
            .split(';')
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, _)| {
                [
                    "server",
                    "data source",
                    "address",
                    "addr",
                    "network address",
                ]
                .iter()
                .any(|name| key.trim().eq_ignore_ascii_case(name))
            })
            .map_or("sql1.corp.example,1433", |(_, value)| value.trim());
        return Err(SqlTargetFault::ConnectionString {
            suggestion: value.to_owned(),
        });
    }
    Ok(())
}

fn parse_port(port: &str, host: &str) -> Result<u16, SqlTargetFault> {
    port.parse()
        .ok()
        .filter(|number| *number != 0 && port.bytes().all(|byte| byte.is_ascii_digit()))
        .ok_or_else(|| SqlTargetFault::Port {
            port: port.to_owned(),
            host: host.to_owned(),
        })
}

/// The rules of "Instance configuration" in SQL Server's setup.
fn parse_instance(instance: &str, host: &str) -> Result<Option<String>, SqlTargetFault> {
    let upper = instance.to_uppercase();
    if upper == "MSSQLSERVER" || upper == "DEFAULT" {
        return Ok(None);
    }
    let fits = (1..=16).contains(&upper.chars().count())
        && upper
            .chars()
            .all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '$' | '#'));
    if fits {
        Ok(Some(upper))
    } else {
        Err(SqlTargetFault::Instance {
            instance: instance.to_owned(),
            host: host.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests;
