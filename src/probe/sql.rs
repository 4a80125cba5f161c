//! SQL Server sessions, and what they tell.

mod batch;
mod by_hand;
mod declaration;
mod linked;
mod linked_mapping;
mod login;
mod measured;
mod queries;
mod reading;
mod registration;
mod registry;
mod replicas;
mod tell;
mod told;
mod with_password;
mod with_ticket;

use std::time::Duration;

use futures_util::future::BoxFuture;

use declaration::DECLARATION;
use login::Login;
use told::{Refusal, Told};

use super::tcp::look_up;
use super::tds::Server;
use super::{Context, Outcome, Probe, ProbeDeclaration, ProbeRequest};

/// The probes of this family.
pub static PROBES: &[&dyn Probe] = &[&SqlSession];

/// See the declaration.
#[derive(Debug)]
struct SqlSession;

impl Probe for SqlSession {
    fn declaration(&self) -> &'static ProbeDeclaration {
        &DECLARATION
    }

    fn observe<'a>(
        &'a self,
        request: &'a ProbeRequest,
        context: &'a Context,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let (host, port) = match (request.text("host"), request.port("port")) {
                (Ok(host), Ok(port)) => (host, port),
                (Err(fault), _) | (_, Err(fault)) => {
                    return Outcome::not_observed(&DECLARATION, &fault.to_string());
                }
            };
            let linked_to = match request.texts("linked_to") {
                Ok(names) => names,
                Err(fault) => return Outcome::not_observed(&DECLARATION, &fault.to_string()),
            };
            let mut outcome = Outcome::of(&DECLARATION);
            let held = login::held(request, &context.session);
            let word = request.optional_text("login").unwrap_or("integrated");
            by_hand::tell(&mut outcome, host, port, word, held.as_ref());
            let login = match login::choose(word, held) {
                Ok(login) => login,
                Err(login::Refusal::Argument(why)) => return outcome.not_observed(&why),
                Err(login::Refusal::NoCredential) => {
                    let why = "no SQL login was given at the start";
                    outcome.summary(why).reason(why);
                    return outcome.finish("no-credential");
                }
            };
            let addresses = match look_up(host, context).await {
                Ok(addresses) => addresses,
                Err(why) => {
                    outcome.summary("no address").reason(why);
                    return outcome.finish("no-address");
                }
            };
            let server = Server {
                host,
                addresses: &addresses,
                port,
                instance: None,
            };
            match hold(server, request, login, context).await {
                Ok(told) => tell::told(outcome, told, &linked_to),
                Err(refusal) => tell::refused(outcome, refusal),
            }
        })
    }
}

async fn hold(
    server: Server<'_>,
    request: &ProbeRequest,
    login: Login,
    context: &Context,
) -> Result<Told, Refusal> {
    let session = &context.session;
    let deadline = context.deadline - Duration::from_millis(200);
    match login {
        Login::Ticket => {
            let spn_host = request.optional_text("spn_host").unwrap_or(server.host);
            with_ticket::hold(server, spn_host, session, deadline).await
        }
        Login::Password(login) => {
            let target = with_password::Target {
                server,
                login,
                trust_certificate: request.flag("trust_certificate"),
            };
            with_password::hold(target, &session.settings, deadline).await
        }
    }
}

#[cfg(test)]
mod tests;
