//! `sql-login-kerberos`: does SQL Server accept the ticket, and the user?

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::time::Instant;

use super::credential::Credential;
use super::credential_cache::CacheFault;
use super::initial::InitialFault;
use super::kdc::{evidence, offset_seconds};
use super::service_ticket::{NoServiceTicket, Service};
use super::sql_login::{self, Verdict};
use super::tickets::NoTicket;
use super::{encryption, error_code, facts};
use crate::probe::by_hand::{posix, powershell};
use crate::probe::tcp::look_up;
use crate::probe::tds::logins::Login;
use crate::probe::tds::{Connection, Encryption, OpenFault, Server, TdsFault};
use crate::probe::{
    Context, NOT_OBSERVED, Outcome, OutcomeBuilder, Probe, ProbeDeclaration, ProbeRequest,
};

mod bound;
mod declaration;

use declaration::DECLARATION;

/// What is kept of the deadline to tell what was seen.
const MARGIN: Duration = Duration::from_millis(200);

/// The probe.
#[derive(Debug)]
pub struct SqlLoginKerberos;

impl Probe for SqlLoginKerberos {
    fn declaration(&self) -> &'static ProbeDeclaration {
        &DECLARATION
    }

    fn observe<'a>(
        &'a self,
        request: &'a ProbeRequest,
        context: &'a Context,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let mut attempt = Attempt {
                outcome: Outcome::of(&DECLARATION),
                context,
                deadline: context
                    .deadline
                    .checked_sub(MARGIN)
                    .unwrap_or(context.deadline),
                origin: String::new(),
            };
            let status = match attempt.run(request).await {
                Ok(status) | Err(status) => status,
            };
            attempt.outcome.finish(status)
        })
    }
}

/// A status with which an attempt ends early.
type Ended<T> = Result<T, &'static str>;

struct Attempt<'a> {
    outcome: OutcomeBuilder,
    context: &'a Context,
    deadline: Instant,
    origin: String,
}

impl Attempt<'_> {
    async fn run(&mut self, request: &ProbeRequest) -> Ended<&'static str> {
        let (host, port, spn) = match (
            request.text("host"),
            request.port("port"),
            request.text("spn"),
        ) {
            (Ok(host), Ok(port), Ok(spn)) => (host, port, spn),
            (Err(fault), _, _) | (_, Err(fault), _) | (_, _, Err(fault)) => {
                return Err(self.cannot(&fault.to_string()));
            }
        };
        self.outcome.fact("spn", spn);
        self.by_hand(host, port, spn);
        let Some(service) = Service::parse(spn) else {
            return Err(self.cannot(&format!(
                "`{spn}` is not a service principal name: it has the form MSSQLSvc/host:port"
            )));
        };
        let addresses = self.addresses(request, host).await?;
        let realm = request.optional_text("realm");
        let ticket = self.service_ticket(spn, &service, realm).await?;
        let server = Server {
            host,
            addresses: &addresses,
            port,
            instance: None,
        };
        let session = &self.context.session;
        let mut connection = sql_login::open(session, server, self.deadline)
            .await
            .map_err(|fault| self.not_opened(&fault, server))?;
        self.opened(&connection);
        let asked = format!(
            "SQL Server at {}: login with the ticket for {spn} (AP-REQ in LOGIN7)",
            connection.address()
        );
        let started = Instant::now();
        let presented = sql_login::present(&mut connection, host, &ticket, None, self.deadline);
        let verdict = presented
            .await
            .map_err(|fault| self.cannot(&format!("the ticket cannot be used here: {fault}")))?;
        let received = Timestamp::now();
        let mut line = evidence(&asked, verdict.words.clone(), Some(started.elapsed()));
        line.credential = Some(self.origin.clone());
        self.outcome.evidence(line);
        self.conclude(&verdict, received);
        if verdict.is_accepted() {
            let login = Login {
                host: host.to_owned(),
                port,
                principal: ticket.principal(),
            };
            self.context.session.logins.keep(login, connection);
        }
        if verdict.may_want_binding() {
            self.bound(server, spn, &ticket).await;
        }
        Ok(verdict.status)
    }

    fn cannot(&mut self, reason: &str) -> &'static str {
        self.outcome.reason(reason).summary("not observed");
        NOT_OBSERVED
    }

    fn by_hand(&mut self, host: &str, port: u16, spn: &str) {
        let query = "SELECT auth_scheme FROM sys.dm_exec_connections WHERE session_id = @@SPID";
        let target = format!("tcp:{host},{port}");
        self.outcome
            .by_hand_linux(format!("kvno {}", posix(spn)))
            .by_hand_linux(format!("sqlcmd -C -E -S {} -Q '{query}'", posix(&target)))
            .by_hand_windows(format!("klist get {}", powershell(spn)))
            .by_hand_windows(format!(
                "sqlcmd -C -E -S {} -Q '{query}'",
                powershell(&target)
            ));
    }

    /// The addresses to connect to.
    async fn addresses(&mut self, request: &ProbeRequest, host: &str) -> Ended<Vec<IpAddr>> {
        let given = request
            .texts("addresses")
            .map_err(|fault| self.cannot(&fault.to_string()))?;
        if given.is_empty() {
            return look_up(host, self.context).await.map_err(|why| {
                self.outcome
                    .saw(format!("the addresses of {host}"), why.clone())
                    .reason(why)
                    .summary("no address");
                "unreachable"
            });
        }
        given
            .iter()
            .map(|text| {
                text.trim()
                    .parse()
                    .map_err(|_| self.cannot(&format!("`{text}` is not an address")))
            })
            .collect()
    }

    /// A service ticket: the one that was got a moment ago, else a new one.
    async fn service_ticket(
        &mut self,
        spn: &str,
        service: &Service,
        realm: Option<&str>,
    ) -> Ended<Arc<Credential>> {
        let session = &self.context.session;
        let mut trail = Vec::new();
        let held = sql_login::granting(session, self.deadline, &mut trail).await;
        for line in trail.drain(..) {
            self.outcome.evidence(line);
        }
        let held = held.map_err(|fault| self.no_ticket(&fault))?;
        self.outcome.fact("principal", held.credential.principal());
        self.origin.clone_from(&held.origin);
        let got = sql_login::service_ticket(
            session,
            &held,
            spn,
            service,
            realm,
            self.deadline,
            &mut trail,
        );
        let got = got.await;
        for line in trail {
            self.outcome.evidence(line);
        }
        let ticket = got.map_err(|fault| self.no_service_ticket(&fault))?;
        self.ticket(&ticket);
        Ok(ticket)
    }

    fn ticket(&mut self, ticket: &Credential) {
        let clear = &ticket.ticket;
        self.outcome
            .fact("encryption_type", encryption::name(clear.kind))
            .fact("encryption_type_number", clear.kind)
            .fact("kvno", clear.kvno)
            .fact("ticket_realm", clear.realm.clone());
    }

    fn no_ticket(&mut self, fault: &NoTicket) -> &'static str {
        let words = fault.to_string();
        self.outcome
            .saw("your Kerberos ticket", words.clone())
            .reason(words)
            .summary("no ticket");
        match fault {
            NoTicket::Cache(CacheFault::Missing(_)) => "no-ticket",
            // Not readable is not absent.
            NoTicket::Initial(InitialFault::Unusable(_)) | NoTicket::Cache(_) => NOT_OBSERVED,
            _ => "no-ticket",
        }
    }

    fn no_service_ticket(&mut self, fault: &NoServiceTicket) -> &'static str {
        self.outcome.summary("no ticket for the service");
        match fault {
            NoServiceTicket::Refused(error) => {
                self.outcome
                    .fact("kdc_code", error.code)
                    .fact("kdc_code_name", error_code::name(error.code))
                    .reason(format!(
                        "the KDC gave no ticket for the SPN: {}",
                        error_code::in_words(error.code)
                    ));
                if error.code == error_code::TICKET_EXPIRED {
                    return "no-ticket";
                }
            }
            NoServiceTicket::Realm(fault) => {
                self.outcome.reason(fault.to_string());
            }
            NoServiceTicket::Circle(words) => {
                self.outcome.reason(words);
            }
            NoServiceTicket::Unreadable(_, words) | NoServiceTicket::Unusable(words) => {
                return self.cannot(words);
            }
        }
        "no-service-ticket"
    }

    fn not_opened(&mut self, failed: &OpenFault, server: Server<'_>) -> &'static str {
        let whom = format!("SQL Server at {}", failed.whom(server));
        let words = failed.fault.to_string();
        self.outcome
            .saw(format!("{whom}: PRELOGIN and TLS"), words.as_str())
            .fact(
                "address",
                failed.address.map(|address| address.ip().to_string()),
            )
            .fact(
                "server_version",
                failed
                    .greeting
                    .as_ref()
                    .map(super::super::tds::Greeting::version),
            )
            .summary(words.as_str())
            .reason(format!("{whom}: {words}"));
        match (&failed.fault, failed.address) {
            (TdsFault::Refused | TdsFault::Unreachable(_), _) | (TdsFault::TimedOut, None) => {
                "unreachable"
            }
            (TdsFault::TimedOut, Some(_)) => "timed-out",
            (TdsFault::Tls(_), _) => "tls-failed",
            _ => "not-sql-server",
        }
    }

    fn opened(&mut self, connection: &Connection) {
        let greeting = connection.greeting();
        let tls = match (greeting.encryption, connection.tls()) {
            (Encryption::Strict, _) => "strict",
            (_, Some(_)) => "all",
            (_, None) => "none",
        };
        self.outcome
            .fact("address", connection.address().ip().to_string())
            .fact("server_version", greeting.version())
            .fact("tls", tls)
            .saw(
                format!("SQL Server at {}: PRELOGIN and TLS", connection.address()),
                format!("version {}, encryption: {tls}", greeting.version()),
            );
    }

    fn conclude(&mut self, verdict: &Verdict, received: Timestamp) {
        if let Some(error) = &verdict.krb_error {
            self.outcome
                .fact("krb_code", error.code)
                .fact("krb_code_name", error_code::name(error.code))
                .fact("krb_code_meaning", error_code::meaning(error.code))
                .fact("server_time", facts::time(error.time))
                .fact("clock_offset_seconds", offset_seconds(error.time, received));
        }
        if let Some(message) = &verdict.message {
            self.outcome
                .fact("error_number", message.number)
                .fact("error_state", message.state)
                .fact("error_text", message.message.as_str())
                .fact("login_name", verdict.login_name.clone());
        }
        self.outcome
            .fact("refused_by", verdict.refused_by)
            .fact("mutual", verdict.mutual)
            .fact("routed_to", verdict.routed_to.clone())
            .summary(verdict.summary.clone());
        if verdict.status != "accepted" {
            let reason = match &verdict.krb_error {
                Some(error) => format!("SQL Server says: {}", error_code::in_words(error.code)),
                None => verdict.words.clone(),
            };
            self.outcome.reason(reason);
        }
    }
}
