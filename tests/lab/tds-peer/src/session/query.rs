//! The requests of a logged-in client and their answers.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use tokio::time::{sleep, timeout};

use super::{Account, Connection, IDLE_DEADLINE};
use crate::batch;
use crate::builtin::{Builtin, recognise};
use crate::catalog::{Asker, Values, error_text, find, put_rows};
use crate::login7::{Login7, TdsVersion};
use crate::packet::kind;
use crate::request::Request;
use crate::scenario::Query;
use crate::server::sql_time;
use crate::token::{Text, Tokens, done};
use crate::transport::TransportError;

/// The most prepared statements that one session keeps.
const PREPARED_LIMIT: usize = 100;

/// A logged-in client.
pub(super) struct Session {
    account: Account,
    pub(super) version: TdsVersion,
    client_host: String,
    program: String,
    database: String,
    connect_time: Timestamp,
    prepared: BTreeMap<i32, String>,
}

impl Session {
    pub(super) fn new(account: Account, login: &Login7, database: String) -> Self {
        Self {
            account,
            version: login.version,
            client_host: login.host.clone(),
            program: login.application.clone(),
            database,
            connect_time: Timestamp::now(),
            prepared: BTreeMap::new(),
        }
    }
}

/// How a statement's end is told: as a batch's, or as a procedure's.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Frame {
    Batch,
    Procedure { handle: Option<i32> },
}

struct Filler<'a> {
    connection: &'a Connection,
    session: &'a Session,
}

impl Values for Filler<'_> {
    fn value(&self, placeholder: &str) -> String {
        let (connection, session) = (self.connection, self.session);
        let server = &connection.server;
        match placeholder {
            "login" => session.account.name.clone(),
            "auth_scheme" => session.account.scheme.to_owned(),
            "principal" => session.account.principal.clone().unwrap_or_default(),
            "delegated" => u8::from(session.account.delegated).to_string(),
            "spid" => connection.transport.spid.to_string(),
            "now" => sql_time(server.now()),
            "start_time" => sql_time(server.start_time()),
            "connect_time" => sql_time(server.shifted(session.connect_time)),
            "address" => connection.local.ip().to_string(),
            "port" => connection.local.port().to_string(),
            "client_address" => connection.client.ip().to_string(),
            "client_host" => session.client_host.clone(),
            "program" => session.program.clone(),
            "net_transport" => "TCP".to_owned(),
            "encrypt" => if connection.transport.is_encrypted() {
                "TRUE"
            } else {
                "FALSE"
            }
            .to_owned(),
            "tds_version" => session.version.name().to_owned(),
            "host_name" => server.scenario.host_name.clone(),
            "instance" => connection.instance().name.clone(),
            "server_name" => connection.live.server_name.clone(),
            "database" => session.database.clone(),
            "version" => connection.instance().version.clone(),
            "version_text" => format!(
                "sspi-doctor test peer (not Microsoft SQL Server) playing version {}",
                connection.instance().version
            ),
            // The scenario's check knows all placeholders.
            _ => String::new(),
        }
    }
}

impl Connection {
    /// Answers requests until the client goes.
    pub(super) async fn serve_requests(
        &mut self,
        mut session: Session,
    ) -> Result<(), TransportError> {
        loop {
            let message = match timeout(IDLE_DEADLINE, self.transport.read()).await {
                Err(_) => return Err(TransportError::Deadline("between two requests")),
                Ok(Err(TransportError::Closed)) => return Ok(()),
                Ok(message) => message?,
            };
            let request = Request::parse(&message, session.version)?;
            let mut tokens = Tokens::new(session.version, &self.live.server_name);
            match request {
                Request::Nothing => continue,
                Request::Attention => {
                    tokens.done(done::ATTENTION, 0);
                }
                Request::Batch(sql) => {
                    if let Some(parts) = batch::parts(&sql) {
                        self.batch(&mut session, tokens, parts).await?;
                        continue;
                    }
                    self.statement(&mut session, &mut tokens, &sql, Frame::Batch)
                        .await?;
                }
                Request::Statement { sql, wants_handle } => {
                    let handle = wants_handle.then(|| session.prepare(&sql));
                    self.statement(&mut session, &mut tokens, &sql, Frame::Procedure { handle })
                        .await?;
                }
                Request::Execute(handle) => {
                    let sql = session.prepared.get(&handle).cloned().unwrap_or_default();
                    self.statement(
                        &mut session,
                        &mut tokens,
                        &sql,
                        Frame::Procedure { handle: None },
                    )
                    .await?;
                }
                Request::Prepare(sql) => {
                    let handle = session.prepare(&sql);
                    tokens
                        .return_status(0)
                        .return_int(0, "", handle)
                        .done_proc(done::FINAL, 0);
                }
                Request::Unprepare => {
                    tokens.return_status(0).done_proc(done::FINAL, 0);
                }
                Request::Procedure(name) => {
                    let sql = format!("EXEC {name}");
                    self.statement(
                        &mut session,
                        &mut tokens,
                        &sql,
                        Frame::Procedure { handle: None },
                    )
                    .await?;
                }
                Request::Transaction(number) => transaction(&mut tokens, number),
            }
            self.transport
                .write(kind::TABULAR, &tokens.into_bytes())
                .await?;
        }
    }

    async fn statement(
        &mut self,
        session: &mut Session,
        tokens: &mut Tokens,
        sql: &str,
        frame: Frame,
    ) -> Result<(), TransportError> {
        if let Some((rows, error)) = self.answer(session, tokens, sql).await? {
            finish(tokens, frame, rows, error.as_ref());
        }
        Ok(())
    }

    /// Writes the answer's rows; gives back their number and the error that ends
    /// them. Nothing when the client cancelled it.
    pub(super) async fn answer(
        &mut self,
        session: &mut Session,
        tokens: &mut Tokens,
        sql: &str,
    ) -> Result<Option<(u64, Option<Text>)>, TransportError> {
        let answer = self.find_answer(session, sql);
        let delay = answer.as_ref().map_or(0, |query| query.delay_ms);
        if delay > 0 && self.cancelled_within(Duration::from_millis(delay)).await? {
            self.log("attention", json!({"sql": sql}));
            tokens.done(done::ATTENTION, 0);
            return Ok(None);
        }
        Ok(Some(match answer {
            Some(query) => {
                self.log(
                    "query",
                    json!({"login": session.account.name, "sql": sql, "answered": true}),
                );
                let filler = Filler {
                    connection: self,
                    session,
                };
                match put_rows(tokens, &query, &filler, session.version) {
                    Ok(rows) => (rows, error_text(&query, &filler)),
                    Err(fault) => (0, Some(self.fault(sql, &fault))),
                }
            }
            None => match recognise(sql) {
                Some(Builtin::Use(database)) => {
                    (0, self.change_database(session, tokens, &database))
                }
                Some(Builtin::Nothing) => (0, None),
                Some(Builtin::Answer(query)) => {
                    let filler = Filler {
                        connection: self,
                        session,
                    };
                    match put_rows(tokens, &query, &filler, session.version) {
                        Ok(rows) => (rows, None),
                        Err(fault) => (0, Some(self.fault(sql, &fault))),
                    }
                }
                None => {
                    self.server.unknown_query(&self.instance().name, sql);
                    self.log(
                        "query",
                        json!({"login": session.account.name, "sql": sql, "answered": false}),
                    );
                    let message =
                        format!("tds-peer: the scenario has no answer to this query: {sql}");
                    (
                        0,
                        Some(Text {
                            number: 50000,
                            state: 1,
                            class: 16,
                            message,
                        }),
                    )
                }
            },
        }))
    }

    fn find_answer(&self, session: &Session, sql: &str) -> Option<Query> {
        let asker = Asker {
            login: &session.account.name,
            delegated: session.account.delegated,
        };
        let queries = self
            .instance()
            .queries
            .iter()
            .chain(&self.server.scenario.queries);
        find(queries, sql, asker).cloned()
    }

    /// An answer that cannot be sent is a fault of the scenario, as loud as
    /// an answer that is missing.
    fn fault(&self, sql: &str, fault: &str) -> Text {
        self.server
            .unknown_query(&self.instance().name, &format!("{sql} ({fault})"));
        Text {
            number: 50000,
            state: 2,
            class: 16,
            message: format!("tds-peer: {fault}"),
        }
    }

    fn change_database(
        &self,
        session: &mut Session,
        tokens: &mut Tokens,
        wanted: &str,
    ) -> Option<Text> {
        let known = self
            .instance()
            .databases
            .iter()
            .find(|name| name.eq_ignore_ascii_case(wanted));
        let Some(database) = known.cloned() else {
            let message = format!(
                "Database '{wanted}' does not exist. Make sure that the name is entered correctly."
            );
            return Some(Text {
                number: 911,
                state: 1,
                class: 16,
                message,
            });
        };
        tokens
            .environment_text(1, &database, &session.database)
            .text(&Text {
                number: 5701,
                state: 1,
                class: 0,
                message: format!("Changed database context to '{database}'."),
            });
        session.database = database;
        None
    }

    /// Waits, and says whether an attention came meanwhile.
    async fn cancelled_within(&mut self, delay: Duration) -> Result<bool, TransportError> {
        tokio::select! {
            () = sleep(delay) => Ok(false),
            message = self.transport.read() => Ok(message?.kind == kind::ATTENTION),
        }
    }
}

impl Session {
    fn prepare(&mut self, sql: &str) -> i32 {
        if self.prepared.len() >= PREPARED_LIMIT {
            self.prepared.clear();
        }
        let handle = self
            .prepared
            .last_key_value()
            .map_or(1, |(last, _)| last.wrapping_add(1));
        self.prepared.insert(handle, sql.to_owned());
        handle
    }
}

fn finish(tokens: &mut Tokens, frame: Frame, rows: u64, error: Option<&Text>) {
    if let Some(error) = error {
        tokens.text(error);
    }
    let failed = if error.is_some() {
        done::ERROR
    } else {
        done::FINAL
    };
    match frame {
        Frame::Batch => {
            tokens.done(failed | done::COUNT, rows);
        }
        Frame::Procedure { handle } => {
            tokens.done_in_proc(failed | done::COUNT | done::MORE, rows);
            tokens.return_status(error.map_or(0, |error| i32::try_from(error.number).unwrap_or(1)));
            if let Some(handle) = handle {
                tokens.return_int(0, "", handle);
            }
            tokens.done_proc(failed, 0);
        }
    }
}

/// Begin, commit and roll back do nothing but are answered ([MS-TDS] 2.2.6.9).
fn transaction(tokens: &mut Tokens, number: u16) {
    let descriptor = 1u64.to_le_bytes();
    match number {
        5 => tokens.environment_bytes(8, &descriptor, &[]),
        7 => tokens.environment_bytes(9, &[], &descriptor),
        8 => tokens.environment_bytes(10, &[], &descriptor),
        _ => tokens,
    };
    tokens.done(done::FINAL, 0);
}
