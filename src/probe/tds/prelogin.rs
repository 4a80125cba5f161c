//! `sql-prelogin`: is it SQL Server, which one, and how does it encrypt?

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;

use super::declaration::PRELOGIN;
use super::{Connection, Encryption, Greeting, Offer, OpenFault, Server, TdsFault, TlsReport};
use crate::probe::by_hand::{posix, powershell};
use crate::probe::declare::exchange;
use crate::probe::tcp::look_up;
use crate::probe::{Context, Outcome, OutcomeBuilder, Probe, ProbeDeclaration, ProbeRequest};

/// See the declaration.
#[derive(Debug)]
pub(super) struct SqlPrelogin;

impl Probe for SqlPrelogin {
    fn declaration(&self) -> &'static ProbeDeclaration {
        &PRELOGIN
    }

    fn observe<'a>(
        &'a self,
        request: &'a ProbeRequest,
        context: &'a Context,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            match (request.text("host"), request.port("port")) {
                (Ok(host), Ok(port)) => {
                    let instance = request.optional_text("instance");
                    observe(host, port, instance, context).await
                }
                (Err(fault), _) | (_, Err(fault)) => {
                    Outcome::not_observed(&PRELOGIN, &fault.to_string())
                }
            }
        })
    }
}

async fn observe(host: &str, port: u16, instance: Option<&str>, context: &Context) -> Outcome {
    let mut outcome = Outcome::of(&PRELOGIN);
    outcome
        .by_hand_linux(format!("tsql -H {} -p {port} -U nobody", posix(host)))
        .by_hand_windows(format!(
            "sqlcmd -S {} -Q \"SELECT @@VERSION\"",
            powershell(&format!("tcp:{host},{port}"))
        ));
    let addresses = match look_up(host, context).await {
        Ok(addresses) => addresses,
        Err(why) => {
            outcome.summary("no address").reason(why);
            return outcome.finish("no-address");
        }
    };
    let started = Instant::now();
    let deadline = context.deadline - Duration::from_millis(100);
    let server = Server {
        host,
        addresses: &addresses,
        port,
        instance,
    };
    // The offer to encrypt the login only makes the server say whether it
    // insists on more.
    let opened = Connection::open(
        server,
        Offer::LoginOnly,
        &context.session.settings,
        deadline,
    )
    .await;
    let elapsed = started.elapsed();
    match opened {
        Ok(connection) => {
            let greeting = connection.greeting();
            let address = connection.address();
            outcome.evidence(exchange(
                format!("{address}: PRELOGIN"),
                words(greeting),
                elapsed,
            ));
            tell_greeting(&mut outcome, greeting, instance.is_some());
            if let Some(tls) = connection.tls() {
                tell_tls(&mut outcome, address, tls);
            }
            outcome
                .fact("address", address.ip().to_string())
                .summary(summary(greeting));
            outcome.finish("sql-server")
        }
        Err(failed) => tell_fault(outcome, &failed, server, elapsed),
    }
}

fn tell_fault(
    mut outcome: OutcomeBuilder,
    failed: &OpenFault,
    server: Server<'_>,
    elapsed: Duration,
) -> Outcome {
    let whom = failed.whom(server);
    if let Some(greeting) = &failed.greeting {
        outcome.evidence(exchange(
            format!("{whom}: PRELOGIN"),
            words(greeting),
            elapsed,
        ));
        tell_greeting(&mut outcome, greeting, server.instance.is_some());
    }
    if let (Some(address), Some(tls)) = (failed.address, &failed.tls) {
        tell_tls(&mut outcome, address, tls);
    }
    let fault = failed.fault.to_string();
    outcome
        .evidence(exchange(
            format!("{whom}: SQL Server's greeting"),
            fault.as_str(),
            elapsed,
        ))
        .fact(
            "address",
            failed.address.map(|address| address.ip().to_string()),
        )
        .summary(fault.as_str())
        .reason(fault);
    outcome.finish(match failed.fault {
        TdsFault::Closed => "closed",
        _ => failed.fault.status(),
    })
}

fn tell_greeting(outcome: &mut OutcomeBuilder, greeting: &Greeting, named: bool) {
    outcome
        .fact("version", greeting.version())
        .fact("major_version", greeting.major)
        .fact("product", greeting.product())
        .fact("encryption", greeting.encryption.to_string())
        .fact(
            "instance_matches",
            greeting.instance_matches.filter(|_| named),
        );
}

fn tell_tls(outcome: &mut OutcomeBuilder, address: SocketAddr, tls: &TlsReport) {
    outcome.fact("tls_version", tls.version);
    let Some(certificate) = &tls.certificate else {
        return;
    };
    outcome
        .saw(format!("{address}: TLS"), certificate.words())
        .fact("certificate", certificate.record())
        .fact("certificate_trusted", certificate.fault.is_none())
        .fact("certificate_fault", certificate.fault.as_deref())
        .fact("name_matches", certificate.name_matches);
}

fn words(greeting: &Greeting) -> String {
    let product = greeting.product().unwrap_or("SQL Server");
    let encryption = match greeting.encryption {
        Encryption::Off => "encrypts the login, and the session if the client wants it",
        Encryption::On => "encrypts the session",
        Encryption::Required => "insists on encrypting the session",
        Encryption::NotSupported => "has no encryption",
        Encryption::Strict => "insists on TDS 8 (Encrypt=Strict)",
    };
    format!("{product}, {}; it {encryption}", greeting.version())
}

fn summary(greeting: &Greeting) -> String {
    let product = greeting.product().unwrap_or("SQL Server");
    format!("{product} ({})", greeting.version())
}
