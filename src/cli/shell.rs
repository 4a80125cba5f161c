//! `completions`: what a shell needs to complete our command line. The values
//! come from the program itself, so that own flows and kept sessions are there.

use std::path::PathBuf;

use clap::{Args, CommandFactory as _, ValueEnum};
use clap_complete::engine::CompletionCandidate;
use clap_complete::env::{Bash, CompleteEnv, EnvCompleter, Fish, Zsh};

use super::failure::Failure;
use super::{Cli, home};
use crate::cause::Catalogue;
use crate::config::Config;
use crate::exit::Exit;
use crate::flow::library::Library;
use crate::printer;
use crate::probe::recorded::world::SHIPPED;
use crate::probe::{Consent, registry};

/// The variable by which the shell's script asks us.
const VARIABLE: &str = "SSPI_DOCTOR_COMPLETE";
/// As many sessions as are offered, the latest first.
const SESSIONS: usize = 30;

/// A shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Shell {
    /// GNU bash
    Bash,
    /// The Z shell
    Zsh,
    /// fish
    Fish,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Once, for your own account:
  bash  sspi-doctor completions bash > ~/.local/share/bash-completion/completions/sspi-doctor
  zsh   sspi-doctor completions zsh > ~/.zfunc/_sspi-doctor       (a folder of your fpath)
  fish  sspi-doctor completions fish > ~/.config/fish/completions/sspi-doctor.fish")]
pub(super) struct CompletionOptions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the script for a shell.
pub(super) fn write(options: &CompletionOptions) -> Result<Exit, Failure> {
    let shell: &dyn EnvCompleter = match options.shell {
        Shell::Bash => &Bash,
        Shell::Zsh => &Zsh,
        Shell::Fish => &Fish,
    };
    let mut script = Vec::new();
    shell
        .write_registration(
            VARIABLE,
            "sspi_doctor",
            "sspi-doctor",
            "sspi-doctor",
            &mut script,
        )
        .map_err(|fault| Failure::unfinished(format!("cannot make the script: {fault}")))?;
    printer::result(&String::from_utf8_lossy(&script));
    Ok(Exit::Healthy)
}

/// Answers the shell, when it is the shell that asks.
pub(super) fn answered() -> bool {
    if std::env::var_os(VARIABLE).is_none() {
        return false;
    }
    let here = std::env::current_dir().ok();
    CompleteEnv::with_factory(Cli::command)
        .var(VARIABLE)
        .try_complete(std::env::args_os(), here.as_deref())
        .unwrap_or(false)
}

/// The configuration as far as it is sound: nobody reads faults here.
fn config() -> Config {
    Config::read(home::places(), None).0
}

fn library() -> Library {
    Library::to_walk(&config().flow_places(), || Catalogue::embedded().known()).0
}

fn candidate(value: &str, help: &str) -> CompletionCandidate {
    CompletionCandidate::new(value).help(Some(help.to_owned().into()))
}

/// The flows.
pub(super) fn flows() -> Vec<CompletionCandidate> {
    library()
        .list()
        .map(|flow| candidate(&flow.id, &flow.title))
        .collect()
}

/// The names that `--set` takes, with the sign that follows.
pub(super) fn inputs() -> Vec<CompletionCandidate> {
    let library = library();
    let mut names: Vec<(String, String)> = library
        .flows()
        .flat_map(|flow| &flow.inputs)
        .map(|(name, input)| (format!("{name}="), input.ask.source.clone()))
        .collect();
    names.sort();
    names.dedup_by(|one, other| one.0 == other.0);
    names
        .iter()
        .map(|(name, ask)| candidate(name, ask))
        .collect()
}

/// The recorded worlds.
pub(super) fn worlds() -> Vec<CompletionCandidate> {
    SHIPPED
        .iter()
        .map(|world| candidate(world.name, world.title))
        .collect()
}

/// The probes that ask first.
pub(super) fn asking() -> Vec<CompletionCandidate> {
    registry::declarations()
        .filter(|declared| declared.consent != Consent::Silent)
        .map(|declared| candidate(declared.key, declared.title))
        .chain([candidate("all", "every one of them")])
        .collect()
}

/// The latest sessions, by their files' names alone.
pub(super) fn sessions() -> Vec<CompletionCandidate> {
    let folder = config().state_folder().join("sessions");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "jsonl")
        })
        .collect();
    files.sort();
    let latest = files.iter().rev().take(SESSIONS);
    [candidate("last", "the latest session")]
        .into_iter()
        .chain(
            latest.filter_map(|path| Some(CompletionCandidate::new(path.file_stem()?.to_owned()))),
        )
        .collect()
}
