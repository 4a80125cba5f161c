//! `audit`: what is wrong with the SPNs of a whole forest.

mod rows;
mod token;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::connect::ConnectOptions;
use super::failure::Failure;
use super::run;
use crate::directory::spn::audit::{Counted, Problem};
use crate::driver::audit::{Audit, AuditFault, AuditPlan, AuditState, Watcher};
use crate::exit::Exit;
use crate::printer;
use crate::probe::runner::Live;
use crate::probe::{LiveSession, ProbeRequest, Runner as _};
use rows::Rows;

#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
pub(super) struct AuditOptions {
    /// This domain alone, or with --forest its forest; without it the forest of
    /// your ticket
    #[arg(long, value_name = "DOMAIN")]
    domain: Option<String>,
    /// Every domain of the forest, from a global catalog
    #[arg(long)]
    forest: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t = AuditFormat::Table)]
    format: AuditFormat,
    /// Ask DNS for hosts that the directory does not know
    #[arg(long)]
    dns: bool,
    /// Ask the SQL Server Browsers for instances and ports
    #[arg(long)]
    browser: bool,
    /// Go on where an audit was stopped: the file that it named
    #[arg(long, value_name = "FILE", conflicts_with_all = ["domain", "forest", "dns", "browser"])]
    resume: Option<PathBuf>,
    /// Do not show progress on standard error
    #[arg(long)]
    quiet: bool,
}

/// The forms of an audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum AuditFormat {
    /// Columns for people
    Table,
    /// For spreadsheets, RFC 4180
    Csv,
    /// One JSON object a line
    Jsonl,
}

/// How often progress is told where nobody watches, and where somebody does.
const SELDOM: Duration = Duration::from_secs(5);
const OFTEN: Duration = Duration::from_millis(250);

pub(super) fn audit(options: &AuditOptions, connect: &ConnectOptions) -> Result<Exit, Failure> {
    let earlier = options.resume.as_deref().map(token::read).transpose()?;
    let session = Arc::new(connect.session()?);
    let runtime = run::runtime()?;
    let exit = runtime.block_on(run_audit(options, session, earlier));
    runtime.shutdown_background();
    exit
}

async fn run_audit(
    options: &AuditOptions,
    session: Arc<LiveSession>,
    earlier: Option<AuditState>,
) -> Result<Exit, Failure> {
    let cancel = CancellationToken::new();
    let stop = cancel.clone();
    let signal = tokio::spawn(async move {
        let number = run::interrupted().await;
        stop.cancel();
        number
    });
    let plan = match &earlier {
        Some(state) => state.plan.clone(),
        None => plan(options, &session).await?,
    };
    let mut audit = Audit::begin(session, cancel.clone(), plan, earlier)
        .await
        .map_err(|fault| Failure::unfinished(fault.to_string()))?;
    let mut report = Report::new(options);
    report.line(&format!("asking the {}", audit.source()));
    report.rows.head();
    report.from = audit.share();
    let ended = audit.run(&mut report).await;
    report.clear();
    report.summary(&audit.state, audit.counted());
    match ended {
        Ok(()) => {
            // Nothing is left to go on with.
            options.resume.as_deref().map(token::forget);
            Ok(if audit.state.told.is_empty() {
                Exit::Healthy
            } else {
                Exit::CauseFound
            })
        }
        Err(fault) => {
            let path = token::write(&audit.state)?;
            let hint = format!("go on with: sspi-doctor audit --resume {}", path.display());
            if matches!(fault, AuditFault::Stopped) {
                report.always(&format!("stopped; {hint}"));
                return Ok(Exit::Signal(signal.await.unwrap_or(2)));
            }
            Err(Failure::unfinished(fault.to_string()).hint(hint))
        }
    }
}

async fn plan(options: &AuditOptions, session: &Arc<LiveSession>) -> Result<AuditPlan, Failure> {
    let (domain, forest) = match &options.domain {
        Some(domain) => (domain.to_lowercase(), options.forest),
        None => (own_domain(session).await?, true),
    };
    Ok(AuditPlan {
        domain,
        forest,
        ask_dns: options.dns,
        ask_browsers: options.browser,
    })
}

/// The domain of the ticket, or of the user who was named.
async fn own_domain(session: &Arc<LiveSession>) -> Result<String, Failure> {
    let request = ProbeRequest::new("kerberos-ticket");
    let outcome = Live::on(Arc::clone(session))
        .run(request, None, CancellationToken::new())
        .await;
    outcome
        .facts
        .get("realm")
        .and_then(Value::as_str)
        .map(str::to_lowercase)
        .ok_or_else(|| {
            let why = outcome.facts.get("reason").and_then(Value::as_str);
            Failure::unfinished(format!(
                "your domain is not known: {}",
                why.unwrap_or("there is no Kerberos ticket")
            ))
            .hint(
                "get a ticket with `kinit`, or name a user with --user, or a domain with --domain",
            )
        })
}

/// Prints what is found, and how far it is.
struct Report {
    rows: Rows,
    quiet: bool,
    watched: bool,
    started: Instant,
    /// Where this run began, 0 to 1.
    from: f64,
    told: Option<Instant>,
    passing: bool,
}

impl Report {
    fn new(options: &AuditOptions) -> Self {
        Self {
            rows: Rows::new(options.format),
            quiet: options.quiet,
            watched: printer::progress_is_terminal(),
            started: Instant::now(),
            from: 0.0,
            told: None,
            passing: false,
        }
    }

    fn line(&mut self, text: &str) {
        if !self.quiet {
            self.always(text);
        }
    }

    fn always(&mut self, text: &str) {
        self.clear();
        printer::progress(text);
    }

    fn clear(&mut self) {
        if std::mem::take(&mut self.passing) {
            printer::passing("");
        }
    }

    fn summary(&mut self, state: &AuditState, counted: Counted) {
        let told: Vec<String> = state
            .told
            .iter()
            .map(|(kind, count)| format!("{count} {kind}"))
            .collect();
        let told = if told.is_empty() {
            "nothing is wrong".to_owned()
        } else {
            told.join(", ")
        };
        self.line(&format!(
            "{} accounts, {} SPNs in {:.1} s: {told}",
            counted.accounts,
            counted.spns,
            self.started.elapsed().as_secs_f64()
        ));
    }
}

impl Watcher for Report {
    fn problem(&mut self, problem: Problem) {
        self.clear();
        self.rows.row(&problem);
    }

    fn progress(&mut self, counted: Counted, share: f64) {
        let pause = if self.watched { OFTEN } else { SELDOM };
        if self.quiet || self.told.is_some_and(|told| told.elapsed() < pause) {
            return;
        }
        self.told = Some(Instant::now());
        let gone = self.started.elapsed().as_secs_f64();
        let left = if share > self.from && gone > 1.0 {
            let left = gone / (share - self.from) * (1.0 - share);
            format!(", about {left:.0} s left")
        } else {
            String::new()
        };
        let text = format!(
            "{} accounts, {} SPNs, {:.0} %{left}",
            counted.accounts,
            counted.spns,
            share.min(1.0) * 100.0
        );
        if self.watched {
            self.passing = true;
            printer::passing(&text);
        } else {
            printer::progress(&text);
        }
    }

    fn stage(&mut self, what: &str) {
        self.line(what);
    }
}
