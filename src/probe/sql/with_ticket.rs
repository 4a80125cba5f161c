//! A session with the user's Kerberos ticket: over the connection of a login that
//! has just come off, else over one of its own. TDS and Kerberos are spoken by this
//! program itself, so that any ticket cache will do.

use std::time::Duration;

use tokio::time::Instant;

use super::batch;
use super::told::{Asked, Refusal, Told};
use crate::probe::declare::{exchange, milliseconds};
use crate::probe::kerberos::sql_login::{self, Verdict};
use crate::probe::kerberos::{NoTicket, Service};
use crate::probe::tds::logins::Login;
use crate::probe::tds::{Connection, Server};
use crate::probe::{Evidence, LiveSession};

/// Logs in, unless a login is there, and asks everything. `spn_host` is the host
/// in the SPN.
pub(super) async fn hold(
    server: Server<'_>,
    spn_host: &str,
    session: &LiveSession,
    deadline: Instant,
) -> Result<Told, Refusal> {
    let mut trail = Vec::new();
    let held = match sql_login::granting(session, deadline, &mut trail).await {
        Ok(held) => held,
        Err(fault) => return Err(no_ticket(&fault, trail)),
    };
    let login = Login {
        host: server.host.to_owned(),
        port: server.port,
        principal: held.credential.principal(),
    };
    if let Some(mut connection) = session.logins.take(&login) {
        trail.push(Evidence {
            asked: format!("this session's connection to {}", connection.address()),
            saw: "logged in a moment ago".to_owned(),
            elapsed_ms: None,
            credential: Some(held.origin.clone()),
        });
        let told = ask(&mut connection, trail, deadline).await;
        // One that was closed meanwhile says nothing at all.
        if told.answers.iter().any(Option::is_some) {
            keep(session, login, connection, &told);
            return Ok(told);
        }
        trail = told.login;
    }
    let spn = format!("MSSQLSvc/{spn_host}:{}", server.port);
    let Some(service) = Service::parse(&spn) else {
        return Err(Refusal::new(
            "kerberos-failed",
            format!("`{spn}` is not a service principal name"),
        ));
    };
    let got = sql_login::service_ticket(session, &held, &spn, &service, None, deadline, &mut trail);
    let ticket = match got.await {
        Ok(ticket) => ticket,
        Err(fault) => {
            return Err(Refusal {
                evidence: trail,
                ..Refusal::new("kerberos-failed", format!("no ticket for {spn}: {fault}"))
            });
        }
    };
    let started = Instant::now();
    let mut connection = match sql_login::open(session, server, deadline).await {
        Ok(connection) => connection,
        Err(failed) => {
            let words = failed.fault.to_string();
            trail.push(exchange(
                format!("{}: SQL Server's greeting", failed.whom(server)),
                words.as_str(),
                started.elapsed(),
            ));
            return Err(Refusal {
                evidence: trail,
                ..Refusal::new(failed.fault.status(), words)
            });
        }
    };
    let started = Instant::now();
    let presented = sql_login::present(&mut connection, server.host, &ticket, None, deadline);
    let verdict = match presented.await {
        Ok(verdict) => verdict,
        Err(fault) => {
            return Err(Refusal {
                evidence: trail,
                ..Refusal::new(
                    "kerberos-failed",
                    format!("the ticket cannot be used here: {fault}"),
                )
            });
        }
    };
    trail.push(Evidence {
        asked: format!("{}: login with {spn}", connection.address()),
        saw: verdict.words.clone(),
        elapsed_ms: Some(milliseconds(started.elapsed())),
        credential: Some(held.origin.clone()),
    });
    if !verdict.is_accepted() {
        return Err(refused(verdict, trail));
    }
    let told = ask(&mut connection, trail, deadline).await;
    keep(session, login, connection, &told);
    Ok(told)
}

/// The connection serves further questions, unless an answer is still under way.
fn keep(session: &LiveSession, login: Login, connection: Connection, told: &Told) {
    if told.broken.is_none() {
        session.logins.keep(login, connection);
    }
}

async fn ask(connection: &mut Connection, login: Vec<Evidence>, deadline: Instant) -> Told {
    // Leaves time to tell what was seen.
    let deadline = deadline - Duration::from_millis(100);
    let asked = Asked::now();
    let results = connection.ask(&batch::text(), deadline).await;
    let elapsed = asked.elapsed();
    let broken = results.fault.map(|fault| fault.to_string()).or_else(|| {
        let error = results.errors.last()?;
        Some(format!("error {}: {}", error.number, error.message))
    });
    Told {
        address: connection.address(),
        login,
        answers: batch::answers(results.sets, broken.is_none()),
        at: asked.middle(results.first_packet.unwrap_or(elapsed)),
        elapsed,
        broken,
    }
}

fn no_ticket(fault: &NoTicket, evidence: Vec<Evidence>) -> Refusal {
    Refusal {
        evidence,
        ..Refusal::new("no-credential", fault.to_string())
    }
}

fn refused(verdict: Verdict, evidence: Vec<Evidence>) -> Refusal {
    let error = verdict
        .message
        .map(|error| (i64::from(error.number), error.state, error.message));
    let (status, words) = match (&verdict.routed_to, &error, verdict.status) {
        (Some(other), _, _) => ("routed", format!("the server sends us to {other}")),
        (None, _, "timed-out") => ("timed-out", "no answer in time".to_owned()),
        (None, Some((number, state, message)), _) => (
            "login-failed",
            format!("error {number}, state {state}: {message}"),
        ),
        (None, None, _) => ("kerberos-failed", verdict.words),
    };
    Refusal {
        status,
        words,
        error,
        evidence,
    }
}
