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
use super::krb5_conf::Krb5Conf;
use super::service_ticket::{NoServiceTicket, Service, Walk};
use super::tickets::NoTicket;
use super::{encryption, error_code, facts, gss};
use crate::probe::by_hand::{posix, powershell};
use crate::probe::tcp::look_up;
use crate::probe::tds::{
    Connection, Encryption, Offer, OpenFault, Reply, Server, SspiLogin, TdsFault, Token,
};
use crate::probe::{
    Context, NOT_OBSERVED, Outcome, OutcomeBuilder, Probe, ProbeDeclaration, ProbeRequest,
};

mod bound;
mod declaration;
mod verdict;

use declaration::DECLARATION;
use verdict::{Verdict, judge};

/// What is kept of the deadline to tell what was seen.
const MARGIN: Duration = Duration::from_millis(200);
/// How long a refusal's second message is waited for: the server may send one
/// that explains the first.
const EXPLANATION: Duration = Duration::from_millis(500);

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
        let begun = gss::initiate(&ticket, None)
            .map_err(|fault| self.cannot(&format!("the ticket cannot be used here: {fault}")))?;
        let server = Server {
            host,
            addresses: &addresses,
            port,
            instance: None,
        };
        let mut connection = self
            .open(server)
            .await
            .map_err(|fault| self.not_opened(&fault, server))?;
        self.opened(&connection);
        let asked = format!(
            "SQL Server at {}: login with the ticket for {spn} (AP-REQ in LOGIN7)",
            connection.address()
        );
        let login = SspiLogin {
            server: host,
            token: &begun.token,
            read_only: false,
        };
        let started = Instant::now();
        let first = connection.login(&login, self.deadline).await;
        let received = Timestamp::now();
        let verdict = match first {
            Ok(reply) => self.read(&mut connection, &ticket, &begun, reply).await,
            Err(fault) => judge(None, Err(fault)),
        };
        let mut line = evidence(&asked, verdict.words.clone(), Some(started.elapsed()));
        line.credential = Some(self.origin.clone());
        self.outcome.evidence(line);
        self.conclude(&verdict, received);
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
        let conf = Krb5Conf::read(session.settings.krb5_conf.as_deref());
        let mut trail = Vec::new();
        let held = session
            .tickets
            .granting(session, &conf, self.deadline, &mut trail)
            .await;
        for line in trail {
            self.outcome.evidence(line);
        }
        let held = held.map_err(|fault| self.no_ticket(&fault))?;
        let principal = held.credential.principal();
        self.outcome.fact("principal", principal.as_str());
        self.origin.clone_from(&held.origin);
        if let Some(ticket) = session.tickets.take(&principal, spn, realm) {
            self.outcome.saw(
                "this session's tickets",
                format!("a ticket for {spn} that was got a moment ago"),
            );
            self.ticket(&ticket);
            return Ok(ticket);
        }
        let mut walk = Walk::new(session, &conf, service, self.deadline);
        let result = walk.go(&held.credential, realm).await;
        for mut line in walk.trail.drain(..) {
            line.credential = Some(held.origin.clone());
            self.outcome.evidence(line);
        }
        let ticket = Arc::new(result.map_err(|fault| self.no_service_ticket(&fault))?);
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

    /// Connects. A server without TLS hangs up on a client that wants all of
    /// the session encrypted ([MS-TDS] 2.2.6.5): it is asked again for less.
    async fn open(&self, server: Server<'_>) -> Result<Connection, OpenFault> {
        let settings = &self.context.session.settings;
        let connection = Connection::open(server, Offer::Session, settings, self.deadline).await?;
        if connection.greeting().encryption != Encryption::NotSupported {
            return Ok(connection);
        }
        drop(connection);
        Connection::open(server, Offer::LoginOnly, settings, self.deadline).await
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

    /// Reads the first answer and, where one must follow, the second.
    async fn read(
        &self,
        connection: &mut Connection,
        ticket: &Credential,
        begun: &gss::Initiated,
        first: Reply,
    ) -> Verdict {
        let answer = first.sspi().map(|token| begun.answer(ticket, token));
        let refused = matches!(answer, Some(Ok(gss::Answer::Refused(_))));
        if answer.is_none() || first.is_logged_in() || first.errors().next().is_some() {
            return judge(answer, Ok(first));
        }
        // The token comes in a message of its own; what the login came to is in
        // the next.
        let until = if refused {
            self.deadline.min(Instant::now() + EXPLANATION)
        } else {
            self.deadline
        };
        match connection.receive(until).await {
            Ok(second) => judge(answer, Ok(second)),
            Err(_) if refused => judge(answer, Ok(first)),
            Err(fault) => judge(answer, Err(fault)),
        }
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

/// The server that the answer refers to instead, as `host,port`.
fn routing(reply: &Reply) -> Option<String> {
    reply.tokens.iter().find_map(|token| match token {
        Token::Routing { host, port } => Some(format!("{host},{port}")),
        _ => None,
    })
}
