//! Sessions that were kept: list them, write them, make their fix scripts.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use clap_complete::engine::ArgValueCandidates;

use super::apply;
use super::connect::ConnectOptions;
use super::failure::Failure;
use super::{Format, ListFormat, ListOptions, System, run};
use crate::exit::Exit;
use crate::fix;
use crate::printer;
use crate::transcript::{self, SessionDocument, sessions};

#[derive(Debug, Args)]
pub(super) struct FixOptions {
    /// A journal's path, or the beginning of its name in `sspi-doctor sessions`; the latest if absent
    #[arg(add = ArgValueCandidates::new(super::shell::sessions))]
    pub(super) session: Option<String>,
    /// The system on which the administrator runs the script
    #[arg(long = "for", value_enum, default_value_t = System::Windows)]
    pub(super) system: System,
    /// Only the repair of this cause; may be given several times
    #[arg(long, value_name = "ID", conflicts_with = "undo")]
    pub(super) cause: Vec<String>,
    /// Show the changes of accounts that --apply would make today; change nothing
    #[arg(long, conflicts_with = "apply")]
    pub(super) plan: bool,
    /// Change the accounts in the directory, each change after your yes to it
    #[arg(long, conflicts_with = "undo")]
    pub(super) apply: bool,
    /// Take back what --apply has changed; with --plan show only
    #[arg(long)]
    pub(super) undo: bool,
    /// Without a terminal: the changes that you agree to, as --plan names them
    #[arg(
        long,
        value_name = "NUMBER:CODE,…",
        value_delimiter = ',',
        conflicts_with = "plan"
    )]
    pub(super) yes_to: Vec<String>,
    /// Write to this domain controller instead of the one that the session used
    #[arg(long, value_name = "HOST")]
    pub(super) controller: Option<String>,
    /// A folder of flow files of your own, for the walk after the changes
    #[arg(long = "flow-dir", value_name = "FOLDER")]
    pub(super) flow_dirs: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct ExportOptions {
    /// A journal's path, or the beginning of its name in `sspi-doctor sessions`; the latest if absent
    #[arg(add = ArgValueCandidates::new(super::shell::sessions))]
    session: Option<String>,
    /// The form: text for e-mail, Markdown for tickets, HTML for browsers, JSON for programs
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Replace the names of users, hosts, domains and accounts, SIDs and addresses by pseudonyms
    #[arg(long)]
    privacy: bool,
    /// Write to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn list(options: &ListOptions) -> Result<Exit, Failure> {
    let folder = run::folder();
    let kept = sessions::list(&folder).map_err(|fault| Failure::unfinished(fault.to_string()))?;
    match options.format {
        ListFormat::Json => {
            let value = serde_json::to_value(&kept).unwrap_or_default();
            printer::result(&super::list::pretty(&value));
        }
        ListFormat::Text if kept.is_empty() => {
            printer::progress(&format!("no session is kept in {}", folder.display()));
        }
        ListFormat::Text => {
            let mut text = String::new();
            for session in &kept {
                let _ = writeln!(
                    text,
                    "{}\n    {} {}  {}",
                    session.name,
                    session.flow,
                    session.target,
                    session.words()
                );
            }
            printer::result(text.trim_end());
        }
    }
    Ok(Exit::Healthy)
}

pub(super) fn export(options: &ExportOptions) -> Result<Exit, Failure> {
    let mut document = read(options.session.as_deref())?;
    if options.privacy {
        document = transcript::privacy::without_names(&document).ok_or_else(|| {
            Failure::unfinished(
                "the names in this session could not be replaced, so nothing is written",
            )
        })?;
    }
    let text = run::render(&document, options.format);
    match &options.output {
        None => printer::result(&text),
        Some(file) => {
            transcript::export::write(file, &text)
                .map_err(|fault| Failure::unfinished(fault.to_string()))?;
            printer::progress(&format!("written: {}", file.display()));
        }
    }
    Ok(Exit::Healthy)
}

pub(super) fn fix(options: &FixOptions, connect: &ConnectOptions) -> Result<Exit, Failure> {
    let path = find(options.session.as_deref())?;
    let mut document = run::document(&path)?;
    let changes = options.plan || options.apply || options.undo;
    if !(options.yes_to.is_empty() || options.apply || options.undo) {
        return Err(Failure::usage(
            "`--yes-to` stands with `--apply` or `--undo`",
        ));
    }
    if options.undo {
        return apply::apply(options, connect, &document, &path);
    }
    if document.findings.is_empty() {
        printer::progress("this session found no cause, so there is nothing to repair");
        return Ok(Exit::Healthy);
    }
    for cause in &options.cause {
        if !document
            .findings
            .iter()
            .any(|one| one.finding.cause == *cause)
        {
            let found: Vec<&str> = document
                .findings
                .iter()
                .map(|one| one.finding.cause.as_str())
                .collect();
            return Err(Failure::usage(format!(
                "`--cause {}`: this session did not find it",
                crate::hostile::clean_line(cause)
            ))
            .hint(format!("it found: {}", found.join(", "))));
        }
    }
    if changes {
        return apply::apply(options, connect, &document, &path);
    }
    if !options.cause.is_empty() {
        document
            .findings
            .retain(|one| options.cause.contains(&one.finding.cause));
    }
    printer::result(&document.script(match options.system {
        System::Windows => fix::System::Windows,
        System::Linux => fix::System::Linux,
    }));
    Ok(Exit::Healthy)
}

/// The session with this path or name; the latest without one.
fn read(session: Option<&str>) -> Result<SessionDocument, Failure> {
    run::document(&find(session)?)
}

pub(super) fn find(session: Option<&str>) -> Result<PathBuf, Failure> {
    let asked = session.unwrap_or("last");
    if Path::new(asked).is_file() {
        return Ok(asked.into());
    }
    sessions::find(asked, &run::folder()).map_err(|fault| {
        Failure::usage(fault.to_string())
            .hint("`run … --journal FILE` writes one in a place of yours")
    })
}
