//! SQL Browser: the SQL Server Resolution Protocol ([MC-SQLR] 2.2).

use std::fmt;

use crate::scenario::Scenario;
use crate::server::Endpoint;
use crate::wire::length_u16;

const SVR_RESP: u8 = 0x05;
/// The longest answer about one instance ([MC-SQLR] 2.2.5).
const ONE_INSTANCE_LIMIT: usize = 1024;

/// A client's question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// CLNT_BCAST_EX or CLNT_UCAST_EX: all instances.
    All,
    /// CLNT_UCAST_INST: one instance.
    Instance(String),
    /// CLNT_UCAST_DAC: the administrator port of one instance.
    AdministratorPort(String),
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Instance(name) => write!(f, "instance {name}"),
            Self::AdministratorPort(name) => write!(f, "administrator port of {name}"),
        }
    }
}

impl Request {
    /// Reads a datagram. Names end at a NUL, which some clients leave out.
    pub fn parse(datagram: &[u8]) -> Option<Self> {
        match datagram {
            [0x02] | [0x03, ..] => Some(Self::All),
            [0x04, name @ ..] => text(name).map(Self::Instance),
            [0x0F, 0x01, name @ ..] => text(name).map(Self::AdministratorPort),
            _ => None,
        }
    }
}

fn text(bytes: &[u8]) -> Option<String> {
    let name = bytes.split(|byte| *byte == 0).next()?;
    (!name.is_empty() && name.len() <= 255).then(|| String::from_utf8_lossy(name).into_owned())
}

/// What SQL Browser knows.
#[derive(Debug, Clone)]
pub struct Answers {
    instances: Vec<Known>,
}

#[derive(Debug, Clone)]
struct Known {
    name: String,
    description: String,
    dac_port: Option<u16>,
}

impl Answers {
    /// The instances of a scenario that are not hidden, with the ports on
    /// which they really listen.
    pub fn new(scenario: &Scenario, endpoints: &[Endpoint]) -> Self {
        let instances = scenario
            .instances
            .iter()
            .filter(|instance| !instance.announce.hidden)
            .map(|instance| {
                let announce = &instance.announce;
                let bound = endpoints
                    .iter()
                    .find(|endpoint| endpoint.name == instance.name);
                let port = announce
                    .port
                    .or_else(|| bound.map(|endpoint| endpoint.address.port()))
                    .unwrap_or(instance.port);
                let tcp = announce.tcp.then(|| format!(";tcp;{port}"));
                let pipe = announce
                    .named_pipe
                    .as_ref()
                    .map(|pipe| format!(";np;{pipe}"));
                let description = format!(
                    "ServerName;{};InstanceName;{};IsClustered;{};Version;{}{}{};;",
                    scenario.host_name,
                    instance.name,
                    if announce.clustered { "Yes" } else { "No" },
                    instance.version,
                    tcp.unwrap_or_default(),
                    pipe.unwrap_or_default(),
                );
                Known {
                    name: instance.name.clone(),
                    description,
                    dac_port: announce.dac_port,
                }
            })
            .collect();
        Self { instances }
    }

    /// The answer, or `None` where SQL Browser stays silent: for an instance
    /// that it does not know, or without an administrator port.
    pub fn answer(&self, request: &Request) -> Option<Vec<u8>> {
        let known = |name: &str| {
            self.instances
                .iter()
                .find(|known| known.name.eq_ignore_ascii_case(name))
        };
        match request {
            Request::All => {
                let text: String = self
                    .instances
                    .iter()
                    .map(|known| known.description.as_str())
                    .collect();
                (!text.is_empty()).then(|| response(text.as_bytes(), usize::from(u16::MAX)))
            }
            Request::Instance(name) => Some(response(
                known(name)?.description.as_bytes(),
                ONE_INSTANCE_LIMIT,
            )),
            Request::AdministratorPort(name) => {
                let port = known(name)?.dac_port?;
                let mut out = vec![SVR_RESP, 6, 0, 1];
                out.extend(port.to_le_bytes());
                Some(out)
            }
        }
    }
}

fn response(text: &[u8], limit: usize) -> Vec<u8> {
    let text = &text[..text.len().min(limit)];
    let mut out = vec![SVR_RESP];
    out.extend(length_u16(text.len()).to_le_bytes());
    out.extend(text);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Instance;

    fn answers() -> Answers {
        let mut default = Instance::named("MSSQLSERVER");
        default.port = 1433;
        default.announce.dac_port = Some(1434);
        let mut hidden = Instance::named("SECRET");
        hidden.announce.hidden = true;
        let mut pipes = Instance::named("PIPES");
        pipes.announce.tcp = false;
        pipes.announce.named_pipe = Some(r"\\SQL1\pipe\MSSQL$PIPES\sql\query".into());
        let mut stale = Instance::named("STALE");
        stale.announce.port = Some(50_000);
        let mut scenario = Scenario::new("SQL1");
        scenario.instances = vec![default, hidden, pipes, stale];
        let bound = |name: &str, port| Endpoint {
            name: name.into(),
            address: ([127, 0, 0, 1], port).into(),
        };
        Answers::new(&scenario, &[bound("STALE", 49_999)])
    }

    fn ask(datagram: &[u8]) -> Option<String> {
        let bytes = answers().answer(&Request::parse(datagram)?)?;
        assert_eq!(bytes[0], SVR_RESP);
        assert_eq!(
            usize::from(u16::from_le_bytes([bytes[1], bytes[2]])),
            bytes.len() - 3
        );
        String::from_utf8(bytes[3..].to_vec()).ok()
    }

    #[test]
    fn one_instance_is_found_whatever_the_case_and_the_nul() {
        let expected = "ServerName;SQL1;InstanceName;MSSQLSERVER;IsClustered;No;Version;16.0.4165.4;tcp;1433;;";
        assert_eq!(ask(b"\x04mssqlserver\0").as_deref(), Some(expected));
        assert_eq!(ask(b"\x04MSSQLSERVER").as_deref(), Some(expected));
    }

    #[test]
    fn unknown_and_hidden_instances_get_no_answer() {
        assert_eq!(ask(b"\x04NOPE\0"), None);
        assert_eq!(ask(b"\x04SECRET\0"), None);
        assert_eq!(ask(b"\x04"), None);
        assert_eq!(ask(b"\x07"), None);
    }

    #[test]
    fn all_instances_come_in_one_answer() {
        let all = ask(b"\x03").expect("an answer");
        assert_eq!(all.matches("ServerName;").count(), 3);
        assert!(!all.contains("SECRET"));
        assert!(all.contains(
            r"PIPES;IsClustered;No;Version;16.0.4165.4;np;\\SQL1\pipe\MSSQL$PIPES\sql\query;;"
        ));
        assert!(all.contains(";tcp;50000;;"));
        assert_eq!(ask(b"\x02").as_deref(), Some(all.as_str()));
    }

    #[test]
    fn the_administrator_port_is_told() {
        let request = Request::parse(b"\x0F\x01MSSQLSERVER\0").expect("well formed");
        assert_eq!(
            answers().answer(&request),
            Some(vec![5, 6, 0, 1, 0x9A, 0x05])
        );
        let request = Request::parse(b"\x0F\x01STALE\0").expect("well formed");
        assert_eq!(answers().answer(&request), None);
    }
}
