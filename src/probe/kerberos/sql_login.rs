//! A login to SQL Server with a Kerberos ticket, step by step: for the probe that
//! tries it, and for the one that asks SQL Server afterwards.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::credential::Credential;
use super::encryption::EncryptionFault;
use super::gss;
use super::krb5_conf::Krb5Conf;
use super::service_ticket::{NoServiceTicket, Service, Walk};
use super::tickets::{Held, NoTicket};
use crate::probe::tds::{
    Connection, Encryption, Offer, OpenFault, Reply, Server, SspiLogin, Token,
};
use crate::probe::{Evidence, LiveSession};

mod verdict;

pub(crate) use verdict::Verdict;
use verdict::judge;

/// How long a refusal's second message is waited for: the server may send one
/// that explains the first.
const EXPLANATION: Duration = Duration::from_millis(500);

/// The user's ticket-granting ticket; what was asked for it is added to `trail`.
pub(crate) async fn granting(
    session: &LiveSession,
    deadline: Instant,
    trail: &mut Vec<Evidence>,
) -> Result<Held, NoTicket> {
    let conf = Krb5Conf::read(session.settings.krb5_conf.as_deref());
    session
        .tickets
        .granting(session, &conf, deadline, trail)
        .await
}

/// A ticket for an SPN: the one that was got a moment ago, else a new one. What
/// was asked is added to `trail`.
pub(crate) async fn service_ticket(
    session: &LiveSession,
    held: &Held,
    spn: &str,
    service: &Service,
    realm: Option<&str>,
    deadline: Instant,
    trail: &mut Vec<Evidence>,
) -> Result<Arc<Credential>, NoServiceTicket> {
    let principal = held.credential.principal();
    if let Some(ticket) = session.tickets.take(&principal, spn, realm) {
        trail.push(Evidence {
            asked: "this session's tickets".to_owned(),
            saw: format!("a ticket for {spn} that was got a moment ago"),
            elapsed_ms: None,
            credential: None,
        });
        return Ok(ticket);
    }
    let conf = Krb5Conf::read(session.settings.krb5_conf.as_deref());
    let mut walk = Walk::new(session, &conf, service, deadline);
    let result = walk.go(&held.credential, realm).await;
    trail.extend(walk.trail.drain(..).map(|line| Evidence {
        credential: Some(held.origin.clone()),
        ..line
    }));
    result.map(Arc::new)
}

/// Connects. A server without TLS hangs up on a client that wants all of the
/// session encrypted ([MS-TDS] 2.2.6.5): it is asked again for less.
pub(crate) async fn open(
    session: &LiveSession,
    server: Server<'_>,
    deadline: Instant,
) -> Result<Connection, OpenFault> {
    let settings = &session.settings;
    let connection = Connection::open(server, Offer::Session, settings, deadline).await?;
    if connection.greeting().encryption != Encryption::NotSupported {
        return Ok(connection);
    }
    drop(connection);
    Connection::open(server, Offer::LoginOnly, settings, deadline).await
}

/// Shows the ticket to the server and judges what it answers. `binding` is that of
/// the TLS channel, if the login is to be bound to it.
pub(crate) async fn present(
    connection: &mut Connection,
    host: &str,
    ticket: &Credential,
    binding: Option<[u8; 16]>,
    deadline: Instant,
) -> Result<Verdict, EncryptionFault> {
    let begun = gss::initiate(ticket, binding)?;
    let login = SspiLogin {
        server: host,
        token: &begun.token,
        read_only: false,
    };
    Ok(match connection.login(&login, deadline).await {
        Ok(reply) => read(connection, ticket, &begun, reply, deadline).await,
        Err(fault) => judge(None, Err(fault)),
    })
}

/// Reads the first answer and, where one must follow, the second.
async fn read(
    connection: &mut Connection,
    ticket: &Credential,
    begun: &gss::Initiated,
    first: Reply,
    deadline: Instant,
) -> Verdict {
    let answer = first.sspi().map(|token| begun.answer(ticket, token));
    let refused = matches!(answer, Some(Ok(gss::Answer::Refused(_))));
    if answer.is_none() || first.is_logged_in() || first.errors().next().is_some() {
        return judge(answer, Ok(first));
    }
    // The token comes in a message of its own; what the login came to is in
    // the next.
    let until = if refused {
        deadline.min(Instant::now() + EXPLANATION)
    } else {
        deadline
    };
    match connection.receive(until).await {
        Ok(second) => judge(answer, Ok(second)),
        Err(_) if refused => judge(answer, Ok(first)),
        Err(fault) => judge(answer, Err(fault)),
    }
}

/// The server that the answer refers to instead, as `host,port`.
fn routing(reply: &Reply) -> Option<String> {
    reply.tokens.iter().find_map(|token| match token {
        Token::Routing { host, port } => Some(format!("{host},{port}")),
        _ => None,
    })
}
