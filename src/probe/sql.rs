//! SQL Server sessions, and what they tell.

mod connect;
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
mod session;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use connect::{Login, LoginFault, Target};
use declaration::DECLARATION;
use reading::{CLOCK, LINKED, Rows, SUBJECTS};
use session::Told;

use super::by_hand::{posix, powershell};
use super::credential::UserPassword;
use super::declare::{exchange, milliseconds};
use super::tcp::look_up;
use super::tds::{Certificate, Connection, Encryption, Offer, Server};
use super::{Context, Evidence, Outcome, OutcomeBuilder, Probe, ProbeDeclaration, ProbeRequest};

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
            let login = request.optional_text("login").unwrap_or("integrated");
            let held = login::held(request, &context.session);
            let mut outcome = Outcome::of(&DECLARATION);
            tell_by_hand(&mut outcome, host, port, login, held.as_ref());
            let (login, credential) = match login::choose(login, held, &context.session) {
                Ok(chosen) => chosen,
                Err(login::Refusal::Argument(why)) => return outcome.not_observed(&why),
                Err(login::Refusal::Status(status, why)) => {
                    outcome.summary(why.as_str()).reason(why);
                    return outcome.finish(status);
                }
            };
            let plan = Plan {
                host,
                port,
                spn_host: request.optional_text("spn_host").unwrap_or(host),
                login,
                credential,
                trust_certificate: request.flag("trust_certificate"),
                linked_to,
            };
            observe(outcome, plan, context).await
        })
    }
}

/// What is to be done.
struct Plan<'a> {
    host: &'a str,
    port: u16,
    spn_host: &'a str,
    login: Login,
    /// As whom, for the evidence.
    credential: String,
    trust_certificate: bool,
    /// The back end whose linked server is looked for.
    linked_to: Vec<String>,
}

fn tell_by_hand(
    outcome: &mut OutcomeBuilder,
    host: &str,
    port: u16,
    login: &str,
    held: Option<&UserPassword>,
) {
    let query = "SELECT auth_scheme FROM sys.dm_exec_connections WHERE session_id = @@SPID";
    let server = format!("tcp:{host},{port}");
    match held.filter(|_| login == "sql") {
        Some(held) => {
            let (linux, windows) = (posix(&held.user), powershell(&held.user));
            outcome
                .by_hand_linux(format!(
                    "sqlcmd -S {} -U {linux} -Q {}",
                    posix(&server),
                    posix(query)
                ))
                .by_hand_windows(format!(
                    "sqlcmd -S {} -U {windows} -Q {}",
                    powershell(&server),
                    powershell(query)
                ));
        }
        None => {
            outcome
                .by_hand_linux(format!(
                    "sqlcmd -S {} -E -Q {}",
                    posix(&server),
                    posix(query)
                ))
                .by_hand_linux(format!(
                    "kvno {}",
                    posix(&format!("MSSQLSvc/{host}:{port}"))
                ))
                .by_hand_windows(format!(
                    "sqlcmd -S {} -E -Q {}",
                    powershell(&server),
                    powershell(query)
                ));
        }
    }
}

async fn observe(mut outcome: OutcomeBuilder, plan: Plan<'_>, context: &Context) -> Outcome {
    let addresses = match look_up(plan.host, context).await {
        Ok(addresses) => addresses,
        Err(why) => {
            outcome.summary("no address").reason(why);
            return outcome.finish("no-address");
        }
    };
    let settings = &context.session.settings;
    let deadline = context.deadline - Duration::from_millis(200);
    let server = Server {
        host: plan.host,
        addresses: &addresses,
        port: plan.port,
        instance: None,
    };
    // The greeting first: it says how the server encrypts, and what is wrong
    // before any login is.
    let started = Instant::now();
    let opened = Connection::open(server, Offer::LoginOnly, settings, deadline).await;
    let greeted = match opened {
        Ok(connection) => connection,
        Err(failed) => {
            let words = failed.fault.to_string();
            outcome
                .evidence(exchange(
                    format!("{},{}: SQL Server's greeting", plan.host, plan.port),
                    words.as_str(),
                    started.elapsed(),
                ))
                .summary(words.as_str())
                .reason(words);
            return outcome.finish(failed.fault.status());
        }
    };
    let address = greeted.address();
    let encryption = greeted.greeting().encryption;
    let certificate = greeted.tls().and_then(|tls| tls.certificate.as_ref());
    let is_password = matches!(plan.login, Login::Sql { .. });
    let check = is_password && !plan.trust_certificate;
    if check && let Some(why) = password_in_danger(encryption, certificate) {
        outcome.summary("the password was not sent").reason(why);
        return outcome.finish("tls-failed");
    }
    drop(greeted);
    let target = Target {
        host: plan.host.to_owned(),
        spn_host: plan.spn_host.to_owned(),
        address,
        login: plan.login,
        encryption,
        check_certificate: check,
        authorities: settings.ca_file.clone(),
    };
    let started = Instant::now();
    let asked = if is_password {
        format!("{address}: login")
    } else {
        format!(
            "{address}: login with MSSQLSvc/{}:{}",
            plan.spn_host, plan.port
        )
    };
    let evidence = |saw: String, elapsed: Duration| Evidence {
        asked: asked.clone(),
        saw,
        elapsed_ms: Some(milliseconds(elapsed)),
        credential: Some(plan.credential.clone()),
    };
    match session::hold(target, deadline).await {
        Ok(told) => {
            outcome.evidence(evidence("logged in".to_owned(), told.login));
            tell(outcome, address, &told, &plan.linked_to)
        }
        Err(fault) => {
            let (status, words) = explain(&mut outcome, &fault);
            outcome
                .evidence(evidence(words.clone(), started.elapsed()))
                .summary(words.as_str())
                .reason(words);
            outcome.finish(status)
        }
    }
}

/// Why a password must not be sent, if so.
fn password_in_danger(encryption: Encryption, certificate: Option<&Certificate>) -> Option<String> {
    let advice = "The password was not sent. Add the certificate's authority (--ca-file), or let \
                  the step trust the certificate";
    if encryption == Encryption::NotSupported {
        return Some("the server has no TLS, so the password would travel in clear".to_owned());
    }
    let certificate = certificate?;
    if let Some(fault) = &certificate.fault {
        return Some(format!(
            "the server's certificate is not trusted: {fault}. {advice}"
        ));
    }
    (!certificate.name_matches).then(|| {
        format!(
            "the server's certificate is for {}. {advice}",
            certificate.names.join(", ")
        )
    })
}

/// The status of a login that did not come off, and why in words.
fn explain(outcome: &mut OutcomeBuilder, fault: &LoginFault) -> (&'static str, String) {
    let (status, words) = match fault {
        LoginFault::Refused {
            number,
            state,
            message,
        } => {
            outcome
                .fact("error_number", *number)
                .fact("error_state", *state);
            let words = format!("error {number}, state {state}: {message}");
            outcome.fact("error_message", message.as_str());
            return ("login-failed", words);
        }
        LoginFault::NoTicket(words) => {
            ("no-credential", format!("{words}: get a ticket with kinit"))
        }
        LoginFault::Kerberos(words) => ("kerberos-failed", words.clone()),
        LoginFault::Tls(words) => ("tls-failed", words.clone()),
        LoginFault::Routed(other) => ("routed", format!("the server sends us to {other}")),
        LoginFault::TimedOut => ("timed-out", "no answer in time".to_owned()),
        LoginFault::Broken(words) => ("not-sql-server", words.clone()),
    };
    outcome.fact("error_message", words.as_str());
    (status, words)
}

/// Turns all answers into facts.
fn tell(
    mut outcome: OutcomeBuilder,
    address: SocketAddr,
    told: &Told,
    linked_to: &[String],
) -> Outcome {
    let mut unreadable: Vec<Value> = Vec::new();
    for (index, subject) in SUBJECTS.iter().enumerate() {
        let Some(answer) = told.answers.get(index) else {
            unreadable.push(json!({"what": subject.name, "error": "no answer in time"}));
            continue;
        };
        let saw = match &answer.result {
            Ok(rows) => {
                (subject.read)(rows, &mut outcome);
                if subject.name == CLOCK {
                    reading::clock(rows, answer.at, &mut outcome);
                }
                words(rows)
            }
            Err(error) => {
                unreadable.push(json!({"what": subject.name, "error": error}));
                error.clone()
            }
        };
        outcome.evidence(exchange(
            format!("{address}: {}", subject.name),
            saw,
            answer.elapsed,
        ));
    }
    let connection = |column: usize| {
        let rows = told.answers.first()?.result.as_ref().ok()?;
        rows.first()?.get(column)?.clone()
    };
    let scheme = connection(0);
    if !linked_to.is_empty() {
        let answer = SUBJECTS
            .iter()
            .position(|subject| subject.name == LINKED)
            .and_then(|index| told.answers.get(index));
        let rows = match answer.map(|answer| &answer.result) {
            Some(Ok(rows)) => Ok(rows),
            Some(Err(error)) => Err(error.as_str()),
            None => Err("no answer in time"),
        };
        let login = connection(4);
        linked_mapping::tell(rows, login.as_deref(), linked_to, &mut outcome);
    }
    outcome
        .fact("unreadable", unreadable)
        .summary(scheme.map_or_else(
            || "logged in".to_owned(),
            |scheme| format!("logged in by {scheme}"),
        ));
    outcome.finish("connected")
}

/// The first rows of an answer, for the evidence.
fn words(rows: &Rows) -> String {
    /// As many as a person reads.
    const MOST: usize = 12;
    if rows.is_empty() {
        return "nothing".to_owned();
    }
    let mut lines: Vec<String> = rows
        .iter()
        .take(MOST)
        .map(|row| {
            let cells: Vec<&str> = row
                .iter()
                .map(|cell| cell.as_deref().unwrap_or("-"))
                .collect();
            cells.join(" | ")
        })
        .collect();
    if rows.len() > MOST {
        lines.push(format!("and {} more", rows.len() - MOST));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests;
