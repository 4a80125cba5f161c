//! `run --targets`: many walks at once, one line of JSON each.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use rustix::process::{Resource, getrlimit, setrlimit};

use super::connect::ConnectOptions;
use super::failure::Failure;
use super::{RunOptions, list, run};
use crate::cause::Catalogue;
use crate::driver::Shared;
use crate::exit::Exit;
use crate::headless::fleet::{Fleet, NOT_WALKED, TargetResult};
use crate::printer;

pub(super) fn run(options: &RunOptions, connect: &ConnectOptions) -> Result<Exit, Failure> {
    let library = Arc::new(list::library(&options.walk.flow_dirs)?);
    let (beginning, runner) = run::prepare(options, connect, &library)?;
    let Some(input) = Fleet::input_of(&library, &beginning.flow) else {
        return Err(Failure::usage(format!(
            "the flow `{}` asks for no SQL Server, so it takes no list of them",
            beginning.flow
        ))
        .hint("`sspi-doctor flows` lists the flows"));
    };
    if beginning.inputs.contains_key(&input) {
        return Err(Failure::usage(format!(
            "`--set {input}=…` and `--targets` both name the SQL Server; leave one out"
        )));
    }
    let list = open(options.targets.as_deref().unwrap_or(Path::new("-")))?;
    allow_many_connections();
    let fleet = Fleet {
        library,
        catalogue: Arc::new(Catalogue::embedded().clone()),
        beginning,
        input,
        runner: Arc::new(Shared::new(runner)),
        folder: run::folder(),
        at_once: usize::from(options.at_once),
        from: host_name(),
    };
    let mut summary = Summary::new(options.quiet);
    let runtime = run::runtime()?;
    let ended = runtime.block_on(async {
        tokio::select! {
            ended = fleet.walk(list, |result| summary.take(&result)) => {
                ended.map(|()| None).map_err(|fault| {
                    Failure::unfinished(format!("the list cannot be read: {fault}"))
                })
            }
            number = run::interrupted() => Ok(Some(number)),
        }
    });
    // A reader that still waits for its pipe must not hold the program.
    runtime.shutdown_background();
    let signal = ended?;
    summary.print(signal.is_some());
    Ok(signal.map_or_else(|| summary.exit(), Exit::Signal))
}

fn open(path: &Path) -> Result<Box<dyn Read + Send>, Failure> {
    if path == Path::new("-") {
        return Ok(Box::new(std::io::stdin()));
    }
    let file = File::open(path).map_err(|fault| {
        Failure::usage(format!("cannot read the list {}: {fault}", path.display()))
            .hint("one SQL Server a line, as clients name it, or `-` for standard input")
    })?;
    Ok(Box::new(file))
}

/// Many walks need more connections than the usual limit of 1024 files; the
/// system allows more to those who ask.
fn allow_many_connections() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // Without it, fewer walks at once are possible, and probes say so.
    let _ = setrlimit(Resource::Nofile, limit);
}

fn host_name() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname")
        .map(|name| crate::hostile::clean_line(name.trim()))
        .unwrap_or_default()
}

/// What all walks together came to.
struct Summary {
    quiet: bool,
    started: Instant,
    verdicts: BTreeMap<String, u64>,
    causes: BTreeMap<String, (String, u64)>,
}

impl Summary {
    fn new(quiet: bool) -> Self {
        Self {
            quiet,
            started: Instant::now(),
            verdicts: BTreeMap::new(),
            causes: BTreeMap::new(),
        }
    }

    fn take(&mut self, result: &TargetResult) {
        if let Ok(line) = serde_json::to_string(result) {
            printer::result(&line);
        }
        *self.verdicts.entry(result.verdict.clone()).or_default() += 1;
        for cause in &result.causes {
            let count = self
                .causes
                .entry(cause.cause.clone())
                .or_insert_with(|| (cause.title.clone(), 0));
            count.1 += 1;
        }
        if result.verdict == NOT_WALKED {
            let why = result.error.as_deref().unwrap_or_default();
            printer::error(&format!("line {}: {why}", result.line), None);
        } else if !self.quiet {
            printer::progress(&words(result));
        }
        if let Some(fault) = result.error.as_deref().filter(|_| result.journal.is_some()) {
            printer::error(
                &format!("{}: its journal is not complete: {fault}", result.target),
                None,
            );
        }
    }

    fn count(&self, verdict: &str) -> u64 {
        self.verdicts.get(verdict).copied().unwrap_or_default()
    }

    fn print(&self, stopped: bool) {
        if self.quiet && !stopped {
            return;
        }
        let total: u64 = self.verdicts.values().sum();
        let stopped = if stopped { "stopped; " } else { "" };
        printer::progress(&format!(
            "{stopped}{total} targets in {:.1} s: {} healthy, {} with a cause, {} inconclusive, {} not walked",
            self.started.elapsed().as_secs_f64(),
            self.count("healthy"),
            self.count("cause-found"),
            self.count("inconclusive"),
            self.count(NOT_WALKED),
        ));
        for (cause, (title, count)) in &self.causes {
            printer::progress(&format!("{count:>7}  {cause}: {title}"));
        }
    }

    /// The worst of all: a line that names no target, a cause, what could not
    /// be told, nothing.
    fn exit(&self) -> Exit {
        [
            (NOT_WALKED, Exit::Usage),
            ("cause-found", Exit::CauseFound),
            ("inconclusive", Exit::Inconclusive),
        ]
        .into_iter()
        .find(|(verdict, _)| self.count(verdict) > 0)
        .map_or(Exit::Healthy, |(_, exit)| exit)
    }
}

fn words(result: &TargetResult) -> String {
    let seconds = std::time::Duration::from_millis(result.elapsed_ms).as_secs_f64();
    let (mark, what) = match result.verdict.as_str() {
        "healthy" => ("[ok]", "healthy".to_owned()),
        "cause-found" => {
            let titles: Vec<&str> = result
                .causes
                .iter()
                .map(|cause| cause.title.as_str())
                .collect();
            ("[!!]", titles.join("; "))
        }
        _ => (
            "[??]",
            format!("{} causes could not be told", result.unknown.len()),
        ),
    };
    format!("{mark} {}: {what} ({seconds:.1} s)", result.target)
}
