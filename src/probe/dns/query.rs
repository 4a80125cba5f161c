//! One question to one name server.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, Record, RecordType};

/// How long one try may take; there is one more after it.
const TRY: Duration = Duration::from_millis(1500);

/// What one name server said.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The name server.
    pub server: IpAddr,
    /// What it came to.
    pub result: QueryResult,
    /// The records, aliases on the way included; empty unless found.
    pub records: Vec<Record>,
    /// How long it took.
    pub elapsed: Duration,
}

impl Answer {
    /// No answer in the time that there was.
    pub(super) fn silence(server: IpAddr, elapsed: Duration) -> Self {
        Self {
            server,
            result: QueryResult::Silent,
            records: Vec::new(),
            elapsed,
        }
    }

    /// The smallest time for which a record may be kept, in seconds.
    pub fn ttl(&self) -> Option<u32> {
        self.records.iter().map(|record| record.ttl).min()
    }
}

/// What a question came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueryResult {
    /// There are records of the type.
    Found,
    /// NXDOMAIN: the name does not exist.
    NoSuchName,
    /// The name exists, without records of the type.
    NoRecords,
    /// The server does not serve us.
    Refused,
    /// The server cannot, with its reason.
    Failed(String),
    /// Nothing came back.
    Silent,
}

impl QueryResult {
    /// Whether the server said something of the name.
    pub fn is_definite(&self) -> bool {
        matches!(self, Self::Found | Self::NoSuchName | Self::NoRecords)
    }

    /// In words, for the evidence.
    pub fn words(&self) -> String {
        match self {
            Self::Found => "found".to_owned(),
            Self::NoSuchName => "the name does not exist (NXDOMAIN)".to_owned(),
            Self::NoRecords => "no such record".to_owned(),
            Self::Refused => "the name server refuses to answer us (REFUSED)".to_owned(),
            Self::Failed(why) => format!("the name server failed: {why}"),
            Self::Silent => "no answer".to_owned(),
        }
    }
}

/// Asks `server` for the records of a full name, over UDP, and over TCP when
/// the answer is too long for that.
pub(super) async fn ask(server: IpAddr, port: u16, name: &str, kind: RecordType) -> Answer {
    let started = Instant::now();
    let (result, records) = match exchange(server, port, name, kind).await {
        Ok(records) if records.iter().any(|record| record.record_type() == kind) => {
            (QueryResult::Found, records)
        }
        // Only aliases: the name at their end has no such record.
        Ok(records) => (QueryResult::NoRecords, records),
        Err(error) => (classify(&error), Vec::new()),
    };
    Answer {
        server,
        result,
        records,
        elapsed: started.elapsed(),
    }
}

async fn exchange(
    server: IpAddr,
    port: u16,
    name: &str,
    kind: RecordType,
) -> Result<Vec<Record>, NetError> {
    let mut name = Name::from_utf8(name)?;
    name.set_fqdn(true);
    let lookup = resolver(server, port)?.lookup(name, kind).await?;
    Ok(lookup.answers().to_vec())
}

/// A resolver with one server, no cache and no hosts file: it is asked and
/// nothing else.
fn resolver(server: IpAddr, port: u16) -> Result<TokioResolver, NetError> {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()]
        .map(|mut connection| {
            connection.port = port;
            connection
        })
        .to_vec();
    let servers = vec![NameServerConfig::new(server, true, connections)];
    let mut builder = TokioResolver::builder_with_config(
        ResolverConfig::from_parts(None, Vec::new(), servers),
        TokioRuntimeProvider::default(),
    );
    let options = builder.options_mut();
    options.timeout = TRY;
    // Retries, not tries.
    options.attempts = 1;
    options.cache_size = 0;
    options.use_hosts_file = ResolveHosts::Never;
    options.num_concurrent_reqs = 1;
    builder.build()
}

fn classify(error: &NetError) -> QueryResult {
    match error {
        NetError::Dns(DnsError::NoRecordsFound(none)) => match none.response_code {
            ResponseCode::NXDomain => QueryResult::NoSuchName,
            ResponseCode::NoError => QueryResult::NoRecords,
            ResponseCode::Refused => QueryResult::Refused,
            code => QueryResult::Failed(code.to_string()),
        },
        NetError::Dns(DnsError::ResponseCode(ResponseCode::Refused)) => QueryResult::Refused,
        NetError::Dns(DnsError::ResponseCode(code)) => QueryResult::Failed(code.to_string()),
        NetError::Timeout | NetError::NoConnections => QueryResult::Silent,
        other => QueryResult::Failed(other.to_string()),
    }
}
