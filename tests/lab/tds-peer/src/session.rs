//! One connection of a client, from PRELOGIN to its end.

mod batch;
mod integrated;
mod login;
mod query;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::login7::Login7;
use crate::packet::{DEFAULT_PACKET_SIZE, kind};
use crate::prelogin::{self, Prelogin, Protection};
use crate::scenario::{ConnectionBehaviour, Encryption, Instance};
use crate::server::{LiveInstance, Server};
use crate::transport::{Transport, TransportError};
use crate::wire::Malformed;

pub use login::Account;

/// How long the peer waits for a client's next step of the login.
const LOGIN_DEADLINE: Duration = Duration::from_secs(30);
/// How long a logged-in client may say nothing.
const IDLE_DEADLINE: Duration = Duration::from_secs(3600);

/// What a connection knows about itself.
pub struct Connection {
    server: Arc<Server>,
    live: Arc<LiveInstance>,
    number: u64,
    client: SocketAddr,
    local: SocketAddr,
    transport: Transport,
    encrypted_login: bool,
}

/// Serves a connection until it ends.
pub async fn serve(
    server: Arc<Server>,
    live: Arc<LiveInstance>,
    tcp: TcpStream,
    client: SocketAddr,
) {
    let number = server.next_connection();
    let spid = u16::try_from(50 + number % 1000).unwrap_or(50);
    let Ok(local) = tcp.local_addr() else { return };
    // As SQL Server does: an answer in two pieces is not held back for the first.
    if tcp.set_nodelay(true).is_err() {
        return;
    }
    let behaviour = live.instance.connection;
    server.log.event(
        "connection",
        json!({"connection": number, "instance": live.instance.name, "client": client.to_string(), "address": local.to_string()}),
    );
    match behaviour {
        ConnectionBehaviour::Close => return,
        ConnectionBehaviour::Silent => {
            // Held open until the client gives up or the peer ends.
            let mut byte = [0];
            while tcp.readable().await.is_ok() {
                match tcp.try_read(&mut byte) {
                    Ok(0) => break,
                    Err(error) if error.kind() != std::io::ErrorKind::WouldBlock => break,
                    _ => {}
                }
            }
            return;
        }
        _ => {}
    }
    let strict = match strict_client(&tcp).await {
        Ok(strict) => strict,
        Err(error) => {
            server.log.event(
                "end",
                json!({"connection": number, "why": error.to_string()}),
            );
            return;
        }
    };
    let transport = Transport::new(tcp, spid);
    let mut connection = Connection {
        server,
        live,
        number,
        client,
        local,
        transport,
        encrypted_login: false,
    };
    let why = match connection.run(strict).await {
        Ok(()) => "done".to_owned(),
        Err(error) => error.to_string(),
    };
    connection.transport.close().await;
    connection.log("end", json!({"why": why}));
}

/// True when the client begins with a TLS handshake, as TDS 8 does.
async fn strict_client(tcp: &TcpStream) -> Result<bool, TransportError> {
    let mut first = [0];
    let count = within("before its first byte", async {
        Ok(tcp.peek(&mut first).await?)
    })
    .await?;
    if count == 0 {
        return Err(TransportError::Closed);
    }
    Ok(first[0] == 0x16)
}

/// Waits for a step of the login.
async fn within<T>(
    what: &'static str,
    step: impl Future<Output = Result<T, TransportError>>,
) -> Result<T, TransportError> {
    timeout(LOGIN_DEADLINE, step)
        .await
        .unwrap_or(Err(TransportError::Deadline(what)))
}

impl Connection {
    fn instance(&self) -> &Instance {
        &self.live.instance
    }

    /// Writes an event of this connection.
    fn log(&self, name: &str, details: Value) {
        let mut line = json!({"connection": self.number, "instance": self.instance().name});
        if let (Value::Object(line), Value::Object(details)) = (&mut line, details) {
            line.extend(details);
        }
        self.server.log.event(name, line);
    }

    async fn run(&mut self, strict: bool) -> Result<(), TransportError> {
        let instance = &self.live.instance;
        let tds8 = instance.tds8 || instance.encryption == Encryption::Strict;
        if strict && !tds8 {
            return Err(Malformed::new(
                "PRELOGIN",
                "the client wants TDS 8, which this instance does not speak",
            )
            .into());
        }
        if !strict && instance.encryption == Encryption::Strict {
            return Err(Malformed::new("TLS handshake", "this instance speaks TDS 8 only").into());
        }
        if strict {
            let config = Arc::clone(&self.live.tls.strict);
            within(
                "in the TLS handshake",
                self.transport.start_tls(config, false),
            )
            .await?;
        }
        let Some(protection) = self.prelogin(strict).await? else {
            return Ok(());
        };
        if matches!(protection, Protection::LoginOnly | Protection::Full) && !strict {
            let config = Arc::clone(&self.live.tls.in_prelogin);
            within(
                "in the TLS handshake",
                self.transport.start_tls(config, true),
            )
            .await?;
        }
        self.encrypted_login = self.transport.is_encrypted();
        let message = within("before LOGIN7", self.transport.read()).await?;
        if message.kind != kind::LOGIN7 {
            return Err(Malformed::new(
                "LOGIN7",
                format!("a message of type {:#04x} came", message.kind),
            )
            .into());
        }
        let login = Login7::parse(&message.payload)?;
        if protection == Protection::LoginOnly && !strict {
            self.transport.drop_tls();
        }
        let size = usize::try_from(login.packet_size).unwrap_or(DEFAULT_PACKET_SIZE);
        let packet_size = if size == 0 {
            DEFAULT_PACKET_SIZE
        } else {
            size.clamp(512, 32_767)
        };
        if let Some(session) = self.log_in(&login, packet_size).await? {
            self.transport.packet_size = packet_size;
            self.serve_requests(session).await?;
        }
        Ok(())
    }

    /// Answers PRELOGIN; `None` when the connection ends with it.
    async fn prelogin(&mut self, strict: bool) -> Result<Option<Protection>, TransportError> {
        let message = within("before PRELOGIN", self.transport.read()).await?;
        if message.kind != kind::PRELOGIN {
            return Err(Malformed::new(
                "PRELOGIN",
                format!("a message of type {:#04x} came", message.kind),
            )
            .into());
        }
        let hello = Prelogin::parse(&message.payload)?;
        let instance = self.instance();
        let (answer, protection) = if strict {
            (hello.encryption, Protection::Full)
        } else {
            prelogin::negotiate(instance.encryption, hello.encryption)
        };
        let matches = hello
            .instance
            .as_deref()
            .is_none_or(|name| name.eq_ignore_ascii_case(&instance.name));
        self.log(
            "prelogin",
            json!({
                "client-encryption": hello.encryption, "server-encryption": answer, "strict": strict,
                "alpn": self.transport.alpn(), "asked-for-instance": hello.instance, "mars": hello.mars,
            }),
        );
        match instance.connection {
            ConnectionBehaviour::CloseAtPrelogin => return Ok(None),
            ConnectionBehaviour::Garbage => {
                self.transport
                    .write(0x04, b"HTTP/1.1 400 Bad Request\r\n\r\n")
                    .await?;
                return Ok(None);
            }
            _ => {}
        }
        let bytes = prelogin::answer(&hello, self.live.version_bytes(), answer, matches);
        self.transport.write(kind::TABULAR, &bytes).await?;
        Ok((protection != Protection::Refused).then_some(protection))
    }
}
