//! A session on a thread of its own: libkrb5 blocks, and a silent KDC must not
//! hold anything but this thread, which is abandoned then.

use std::thread;
use std::time::{Duration, Instant as Clock};

use futures_util::TryStreamExt as _;
use jiff::{SignedDuration, Timestamp};
use tiberius::Row;
use tiberius::error::Error;
use tokio::sync::oneshot;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::connect::{LoginFault, Session, Target, log_in};
use super::reading::{Rows, SUBJECTS};

/// No answer has nearly as many rows.
const MOST_ROWS: usize = 5000;

/// What SQL Server said to one question.
#[derive(Debug)]
pub(super) struct Answer {
    /// The rows, or SQL Server's words.
    pub(super) result: Result<Rows, String>,
    /// Our clock in the middle of the exchange.
    pub(super) at: Timestamp,
    /// How long it took.
    pub(super) elapsed: Duration,
}

/// A session that came off.
#[derive(Debug)]
pub(super) struct Told {
    /// How long the login took.
    pub(super) login: Duration,
    /// One for each of [`SUBJECTS`]; fewer when time ran out.
    pub(super) answers: Vec<Answer>,
}

/// Logs in and asks everything. Dropping the future ends the thread at its
/// next wait; inside libkrb5 it goes on until that returns, with nobody to
/// wait for it.
pub(super) async fn hold(target: Target, deadline: Instant) -> Result<Told, LoginFault> {
    let (sender, receiver) = oneshot::channel();
    let abandoned = CancellationToken::new();
    let _abandon = abandoned.clone().drop_guard();
    let spawned = thread::Builder::new()
        .name("sql-session".to_owned())
        .spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            let result = match runtime {
                Ok(runtime) => runtime.block_on(async {
                    tokio::select! {
                        () = abandoned.cancelled() => Err(LoginFault::TimedOut),
                        result = converse(&target, deadline) => result,
                    }
                }),
                Err(error) => Err(LoginFault::Broken(error.to_string())),
            };
            let _ = sender.send(result);
        });
    if let Err(error) = spawned {
        return Err(LoginFault::Broken(format!(
            "no thread could be started: {error}"
        )));
    }
    match tokio::time::timeout_at(deadline, receiver).await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(LoginFault::Broken("the session's thread ended".to_owned())),
        Err(_) => Err(LoginFault::TimedOut),
    }
}

async fn converse(target: &Target, deadline: Instant) -> Result<Told, LoginFault> {
    let started = Clock::now();
    // Leaves time to tell what was seen.
    let deadline = deadline - Duration::from_millis(100);
    let mut session = log_in(target, deadline).await?;
    let login = started.elapsed();
    let mut answers = Vec::new();
    for subject in &SUBJECTS {
        let asked = Clock::now();
        let before = Timestamp::now();
        let question = ask(&mut session, subject.sql);
        let Ok(result) = tokio::time::timeout_at(deadline, question).await else {
            break;
        };
        let elapsed = asked.elapsed();
        let half = SignedDuration::try_from(elapsed / 2).unwrap_or_default();
        let broken = matches!(result, Err(Error::Io { .. }));
        answers.push(Answer {
            result: result.map_err(|error| words(&error)),
            at: before.checked_add(half).unwrap_or(before),
            elapsed,
        });
        if broken {
            break;
        }
    }
    let _ = tokio::time::timeout(Duration::from_millis(50), session.close()).await;
    Ok(Told { login, answers })
}

async fn ask(session: &mut Session, sql: &str) -> Result<Rows, Error> {
    let mut stream = session.simple_query(sql).await?;
    let mut rows = Vec::new();
    while let Some(item) = stream.try_next().await? {
        let Some(row) = item.into_row().filter(|row| row.result_index() == 0) else {
            continue;
        };
        if rows.len() >= MOST_ROWS {
            return Err(Error::Protocol(
                format!("the answer has more than {MOST_ROWS} rows, which are not read").into(),
            ));
        }
        rows.push(texts(&row));
    }
    Ok(rows)
}

/// Every value of a row that is a text.
fn texts(row: &Row) -> Vec<Option<String>> {
    (0..row.len())
        .map(|column| {
            row.try_get::<&str, _>(column)
                .ok()
                .flatten()
                .map(str::to_owned)
        })
        .collect()
}

/// SQL Server's words, with their number.
fn words(error: &Error) -> String {
    match error {
        Error::Server(refusal) => format!("error {}: {}", refusal.code(), refusal.message()),
        other => other.to_string(),
    }
}
