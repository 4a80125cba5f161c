//! The command line.

mod apply;
mod audit;
mod compare;
mod connect;
mod doctor;
mod explain;
mod failure;
mod home;
mod list;
mod manual;
mod note;
mod pasted;
mod replay;
mod resume;
mod run;
mod sessions;
mod shell;
mod targets;
mod wizard;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::engine::ArgValueCandidates;

use crate::exit::Exit;
use crate::printer;
use failure::Failure;

/// Finds out why a SQL Server login ends in "The target principal name is
/// incorrect. Cannot generate SSPI context", and walks you to the fix.
///
/// Start it without anything: it asks what it needs. Nothing on your servers or
/// in your directory is changed, unless you say so: fixes come as scripts for the
/// administrator, and `fix --apply` makes the changes that you agree to.
#[derive(Debug, Default, Parser)]
#[command(name = "sspi-doctor", version, max_term_width = 100)]
#[command(after_help = "\
First steps:
  sspi-doctor                     start the wizard
  sspi-doctor demo                try the wizard on a recorded case, nothing needed
  sspi-doctor walk cannot-generate-sspi-context --set server=sql1.corp.example,1433

Exit codes of `run`: 0 healthy, 1 a cause was found, 2 wrong usage or flow,
3 inconclusive, 128+n ended by signal n.")]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    connect: connect::ConnectOptions,
    #[command(flatten)]
    home: home::HomeOptions,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Walk through a flow in the wizard
    Walk(WalkOptions),
    /// Walk through a flow without a terminal and print the session document
    Run(RunOptions),
    /// Find every duplicate, malformed, orphaned and missing SPN of a domain or forest
    Audit(audit::AuditOptions),
    /// Show for which targets several places disagree (files of `run --targets`)
    Compare(compare::CompareOptions),
    /// Try the wizard on a recorded case; nothing is needed
    Demo(wizard::DemoOptions),
    /// Say what an error message, a report of another tool or a piece of advice means
    Explain(explain::ExplainOptions),
    /// Print the script that repairs what a session found, or make the changes (--apply)
    Fix(sessions::FixOptions),
    /// Check flow files and show every fault
    Check(CheckOptions),
    /// List the flows
    Flows(FlowOptions),
    /// List the causes that can be found
    Causes(ListOptions),
    /// List the probes with their statuses and facts (for authors of flows)
    Probes(ListOptions),
    /// Go on with a session that was cut off, such as by a lost connection
    Resume(resume::ResumeOptions),
    /// Show a session once more, step by step as it was seen; nothing is asked
    Replay(replay::ReplayOptions),
    /// List the sessions kept on this machine
    Sessions(ListOptions),
    /// Add a note to a session, such as what the administrator said
    Note(note::NoteOptions),
    /// Write a session as text, Markdown, HTML page or JSON
    Export(sessions::ExportOptions),
    /// Show what this host lacks for a diagnosis, and how to repair it
    Doctor(doctor::DoctorOptions),
    /// Show every setting, its value, and where that comes from
    Config(ListOptions),
    /// Print what a shell needs to complete this command line
    Completions(shell::CompletionOptions),
    /// Write the manual pages into a folder
    Man(manual::ManOptions),
    /// Print the JSON schema of flow files
    #[command(hide = true)]
    Schema,
}

#[derive(Debug, Args)]
struct FlowOptions {
    /// A folder of flow files of your own; may be given several times
    #[arg(long = "flow-dir", value_name = "FOLDER", value_hint = clap::ValueHint::DirPath)]
    flow_dirs: Vec<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    format: ListFormat,
}

#[derive(Debug, Args)]
struct WalkOptions {
    /// The flow; `sspi-doctor flows` lists them
    #[arg(default_value = MAIN_FLOW, add = ArgValueCandidates::new(shell::flows))]
    flow: String,
    /// An answer, such as `server=sql1.corp.example,1433`; may be given several times
    #[arg(long = "set", value_name = "NAME=VALUE", add = ArgValueCandidates::new(shell::inputs))]
    set: Vec<String>,
    /// A secret that a flow of your own asks for, read from this file descriptor
    #[arg(long = "secret-fd", value_name = "NAME=N")]
    secret_fds: Vec<String>,
    /// A folder of flow files of your own; may be given several times
    #[arg(long = "flow-dir", value_name = "FOLDER", value_hint = clap::ValueHint::DirPath)]
    flow_dirs: Vec<PathBuf>,
    /// Begin where the error message in this file says; `-` to paste it
    #[arg(long, value_name = "FILE")]
    error: Option<String>,
    /// What somebody else saw: the answer of setspn or klist, a report of SQLCheck or Kerberos
    /// Configuration Manager, or CAUSE=FILE for the answer to a card; may be given several times
    #[arg(long, value_name = "[CAUSE=]FILE")]
    pasted: Vec<String>,
}

#[derive(Debug, Args)]
struct RunOptions {
    #[command(flatten)]
    walk: WalkOptions,
    /// How to print the session document
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Walk over a recorded world instead of the network; `demo --list` names them
    #[arg(long, value_name = "NAME", add = ArgValueCandidates::new(shell::worlds))]
    world: Option<String>,
    /// Keep the journal in this file instead of the sessions folder
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
    /// Do not show progress on standard error
    #[arg(long)]
    quiet: bool,
    /// Walk for each SQL Server in this file, one a line (`-`: standard input),
    /// and print one line of JSON each; the exit code is the worst of all
    #[arg(long, value_name = "FILE", conflicts_with_all = ["journal", "format"])]
    targets: Option<PathBuf>,
    /// How many targets are under way at once
    #[arg(long, value_name = "N", default_value_t = 32, requires = "targets")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1000))]
    at_once: u16,
}

#[derive(Debug, Args)]
struct CheckOptions {
    /// Flow files or folders
    #[arg(required = true, value_hint = clap::ValueHint::AnyPath)]
    files: Vec<PathBuf>,
    /// How to print what is wrong
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    format: ListFormat,
}

#[derive(Debug, Args)]
struct ListOptions {
    /// How to print
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    format: ListFormat,
}

/// The forms of a session document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Plain text for e-mail and chat
    Text,
    /// For tickets
    Markdown,
    /// One page for a browser, to read and to print
    Html,
    /// For programs
    Json,
}

/// The forms of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ListFormat {
    /// For people
    Text,
    /// For programs
    Json,
}

/// Where a fix script runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum System {
    /// PowerShell with setspn
    Windows,
    /// sh with ldapmodify and samba-tool
    Linux,
}

/// The flow that most people need.
const MAIN_FLOW: &str = "cannot-generate-sspi-context";

/// Runs the program; what its caller is told.
pub fn main() -> Exit {
    if shell::answered() {
        return Exit::Healthy;
    }
    crate::secret::keep_memory_private();
    // To describe the whole command line takes longer than the rest of a start.
    let cli = match std::env::args_os().len() {
        0 | 1 => Cli::default(),
        _ => Cli::parse(),
    };
    home::handle_panics();
    let exit = match dispatch(cli) {
        Ok(exit) => exit,
        Err(failure) => {
            printer::error(&failure.message, failure.hint.as_deref());
            tracing::error!(message = %failure.message);
            failure.exit
        }
    };
    tracing::info!(exit = exit.code(), "ends");
    exit
}

fn dispatch(cli: Cli) -> Result<Exit, Failure> {
    let mut connect = cli.connect;
    let faults = home::settle(&cli.home, &mut connect);
    match &cli.command {
        Some(Command::Config(options)) => return Ok(home::show(options, &faults)),
        Some(Command::Completions(options)) => return shell::write(options),
        Some(Command::Man(options)) => return manual::write(options),
        Some(Command::Doctor(options)) => return doctor::doctor(options, &connect, faults.len()),
        _ if faults.is_empty() => {}
        _ => return Err(home::faulty(&faults)),
    }
    match cli.command {
        None => wizard::start(&connect),
        Some(Command::Walk(options)) => wizard::walk(&options, &connect),
        Some(Command::Demo(options)) => wizard::demo(&options),
        Some(Command::Run(options)) if options.targets.is_some() => {
            targets::run(&options, &connect)
        }
        Some(Command::Run(options)) => run::run(&options, &connect),
        Some(Command::Audit(options)) => audit::audit(&options, &connect),
        Some(Command::Compare(options)) => compare::compare(&options),
        Some(Command::Explain(options)) => explain::explain(&options),
        Some(Command::Fix(options)) => sessions::fix(&options, &connect),
        Some(Command::Export(options)) => sessions::export(&options),
        Some(Command::Resume(options)) => resume::resume(&options, &connect),
        Some(Command::Replay(options)) => replay::replay(&options),
        Some(Command::Note(options)) => note::note(&options),
        Some(Command::Sessions(options)) => sessions::list(&options),
        Some(Command::Check(options)) => Ok(list::check(&options)),
        Some(Command::Flows(options)) => list::flows(&options),
        Some(Command::Causes(options)) => Ok(list::causes(&options)),
        Some(Command::Probes(options)) => Ok(list::probes(&options)),
        Some(Command::Schema) => Ok(list::schema()),
        // These came before.
        Some(
            Command::Config(_) | Command::Completions(_) | Command::Man(_) | Command::Doctor(_),
        ) => Ok(Exit::Healthy),
    }
}
