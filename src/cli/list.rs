//! What there is: flows, causes, probes; and whether flow files are sound.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::json;

use super::failure::Failure;
use super::home;
use super::{CheckOptions, FlowOptions, ListFormat, ListOptions};
use crate::cause::Catalogue;
use crate::exit::Exit;
use crate::flow::diagnostic::{self, Style};
use crate::flow::library::Library;
use crate::printer;
use crate::probe::{Consent, FactDeclaration, FactKind, ProbeDeclaration, Tone, registry};
use crate::tui::reload::Reload;

/// The flows of the program, of the standard folders, and of those that were
/// named. A fault in a standard folder is told, and the rest is walked: a flow
/// that a colleague is writing must not stop a diagnosis. A fault in what was
/// named ends the program.
pub(super) fn library(folders: &[PathBuf]) -> Result<Library, Failure> {
    loaded(folders).map(|(library, _)| library)
}

/// The same, with the faults that were told.
pub(super) fn loaded(
    folders: &[PathBuf],
) -> Result<(Library, Vec<diagnostic::Diagnostic>), Failure> {
    let (library, faults) = own_library(folders);
    let (named, others): (Vec<_>, Vec<_>) = faults
        .into_iter()
        .partition(|fault| home::is_in(fault, folders));
    if !named.is_empty() {
        return Err(Failure::usage(format!(
            "the flows cannot be used\n\n{}",
            diagnostic::human(&named, Style::Plain)
        ))
        .hint("`sspi-doctor check FILE` shows the faults of one file"));
    }
    if !others.is_empty() {
        printer::progress(&format!(
            "{}warning: the flows above are left out; the others work\n",
            diagnostic::human(&others, Style::Plain)
        ));
        tracing::warn!(faults = others.len(), "flows left out");
    }
    Ok((library, others))
}

/// What can be walked of these, and every fault.
pub(super) fn own_library(folders: &[PathBuf]) -> (Library, Vec<diagnostic::Diagnostic>) {
    let mut places = home::config().flow_places();
    places.extend(folders.iter().cloned());
    Library::to_walk(&places, || Catalogue::embedded().known())
}

/// Watches the flows of the standard folders and of those that were named, which
/// were loaded with these faults.
pub(super) fn watched(folders: Vec<PathBuf>, faults: &[diagnostic::Diagnostic]) -> Option<Reload> {
    let mut places = home::config().flow_places();
    places.extend(folders.iter().cloned());
    Reload::of(places, faults, Box::new(move || own_library(&folders)))
}

pub(super) fn check(options: &CheckOptions) -> Exit {
    let faults = Library::load(&options.files, &Catalogue::embedded().known())
        .err()
        .unwrap_or_default();
    match options.format {
        ListFormat::Json => printer::result(&pretty(&diagnostic::json(&faults))),
        ListFormat::Text if faults.is_empty() => {
            printer::result("no fault found");
        }
        ListFormat::Text => {
            printer::result(&diagnostic::human(&faults, Style::Plain));
        }
    }
    if faults.is_empty() {
        Exit::Healthy
    } else {
        Exit::Usage
    }
}

pub(super) fn flows(options: &FlowOptions) -> Result<Exit, Failure> {
    let library = library(&options.flow_dirs)?;
    match options.format {
        ListFormat::Json => {
            let flows: Vec<_> = library
                .flows()
                .map(|flow| {
                    let inputs: Vec<_> = flow
                        .inputs
                        .iter()
                        .map(|(name, input)| {
                            json!({
                                "name": name,
                                "ask": input.ask.source,
                                "example": input.example,
                                "default": input.default,
                                "optional": input.optional,
                            })
                        })
                        .collect();
                    json!({
                        "id": flow.id, "title": flow.title, "summary": flow.summary,
                        "inputs": inputs,
                        "file": library.file(&flow.id),
                        "shipped": library.is_shipped(&flow.id),
                        "instead_of": library.replaced(&flow.id),
                    })
                })
                .collect();
            printer::result(&pretty(&json!(flows)));
        }
        ListFormat::Text => {
            let mut text = String::new();
            for flow in library.flows() {
                let _ = writeln!(
                    text,
                    "{}\n  {}\n  {}",
                    flow.id,
                    flow.title,
                    flow.summary.trim()
                );
                if let Some(file) = library
                    .file(&flow.id)
                    .filter(|_| !library.is_shipped(&flow.id))
                {
                    let _ = writeln!(text, "  from {file}");
                }
                for other in library.replaced(&flow.id) {
                    let _ = writeln!(text, "  instead of {other}, which is not walked");
                }
                for (name, input) in &flow.inputs {
                    let need = if input.optional || input.default.is_some() {
                        " (optional)"
                    } else {
                        ""
                    };
                    let _ = writeln!(text, "    --set {name}=…{need}  {}", input.ask.source);
                }
                text.push('\n');
            }
            printer::result(text.trim_end());
        }
    }
    Ok(Exit::Healthy)
}

pub(super) fn causes(options: &ListOptions) -> Exit {
    let catalogue = Catalogue::embedded();
    match options.format {
        ListFormat::Json => {
            let causes: Vec<_> = catalogue
                .causes()
                .map(|cause| {
                    json!({
                        "id": cause.id, "group": cause.group, "title": cause.title,
                        "severity": cause.severity, "proof": cause.proof,
                        "parameters": cause.parameters.iter().map(|(name, parameter)| {
                            json!({"name": name, "required": parameter.required, "help": parameter.help})
                        }).collect::<Vec<_>>(),
                    })
                })
                .collect();
            printer::result(&pretty(&json!(causes)));
        }
        ListFormat::Text => {
            let mut text = String::new();
            let mut group = "";
            for cause in catalogue.causes() {
                if cause.group != group {
                    group = &cause.group;
                    let _ = writeln!(text, "\n{group}");
                }
                let _ = writeln!(
                    text,
                    "  {:<34} {} ({})",
                    cause.id,
                    cause.title,
                    cause.severity.words()
                );
            }
            printer::result(text.trim());
        }
    }
    Exit::Healthy
}

pub(super) fn probes(options: &ListOptions) -> Exit {
    match options.format {
        ListFormat::Json => {
            let probes: Vec<_> = registry::declarations().map(probe_json).collect();
            printer::result(&pretty(&json!(probes)));
        }
        ListFormat::Text => {
            let mut text = String::new();
            for declaration in registry::declarations() {
                probe_text(declaration, &mut text);
            }
            printer::result(text.trim_end());
        }
    }
    Exit::Healthy
}

fn probe_text(declaration: &ProbeDeclaration, text: &mut String) {
    let _ = writeln!(
        text,
        "{}\n  {}. {}",
        declaration.key, declaration.title, declaration.help
    );
    if let Consent::AsksFirst(leaves) = declaration.consent {
        let _ = writeln!(text, "  Asks first: {leaves}");
    }
    let _ = writeln!(text, "  takes");
    for argument in declaration.arguments {
        let need = if argument.required { "" } else { " (optional)" };
        let _ = writeln!(
            text,
            "    {}: {}{need}  {}",
            argument.name,
            kind(argument.kind),
            argument.help
        );
    }
    let _ = writeln!(text, "  answers");
    for status in declaration.statuses {
        let tone = match status.tone {
            Tone::Good => "[ok]",
            Tone::Fault => "[!!]",
            Tone::Unknown => "[??]",
        };
        let _ = writeln!(text, "    {tone} {}  {}", status.name, status.help);
    }
    let _ = writeln!(
        text,
        "    [??] not-observed  it did not look; `reason` says why"
    );
    let _ = writeln!(text, "  tells");
    facts(declaration.facts, 4, text);
    text.push('\n');
}

fn facts(declared: &[FactDeclaration], indent: usize, text: &mut String) {
    for fact in declared {
        let _ = writeln!(
            text,
            "{:indent$}{}: {}  {}",
            "",
            fact.name,
            kind(fact.kind),
            fact.help
        );
        if let FactKind::Record(fields) = inner(fact.kind)
            && fields.len() != account_fields()
        {
            facts(fields, indent + 2, text);
        }
    }
}

fn account_fields() -> usize {
    match crate::probe::declaration::ACCOUNT {
        FactKind::Record(fields) => fields.len(),
        _ => 0,
    }
}

fn inner(kind: FactKind) -> FactKind {
    match kind {
        FactKind::List(item) => inner(*item),
        other => other,
    }
}

/// A kind in the words of the reference.
fn kind(kind: FactKind) -> String {
    match kind {
        FactKind::Text => "text".to_owned(),
        FactKind::HostName => "host name".to_owned(),
        FactKind::Address => "address".to_owned(),
        FactKind::AccountName => "account name".to_owned(),
        FactKind::DistinguishedName => "distinguished name".to_owned(),
        FactKind::Spn => "SPN".to_owned(),
        FactKind::Sid => "SID".to_owned(),
        FactKind::Port => "port".to_owned(),
        FactKind::Integer => "number".to_owned(),
        FactKind::Boolean => "yes or no".to_owned(),
        FactKind::Time => "time".to_owned(),
        FactKind::Seconds => "seconds".to_owned(),
        FactKind::List(item) => format!("list of {}", self::kind(*item)),
        FactKind::Record(fields) if fields.len() == account_fields() => "account".to_owned(),
        FactKind::Record(_) => "record".to_owned(),
        FactKind::Any => "anything".to_owned(),
        FactKind::Secret => "secret".to_owned(),
    }
}

fn probe_json(declaration: &ProbeDeclaration) -> serde_json::Value {
    json!({
        "key": declaration.key,
        "title": declaration.title,
        "help": declaration.help,
        "asks_first": match declaration.consent {
            Consent::Silent => None,
            Consent::AsksFirst(leaves) => Some(leaves),
        },
        "deadline_seconds": declaration.deadline.as_secs(),
        "arguments": declaration.arguments.iter().map(|argument| json!({
            "name": argument.name, "kind": kind(argument.kind),
            "required": argument.required, "help": argument.help,
        })).collect::<Vec<_>>(),
        "statuses": declaration.statuses.iter().map(|status| json!({
            "name": status.name, "help": status.help,
            "tone": match status.tone {
                Tone::Good => "good",
                Tone::Fault => "fault",
                Tone::Unknown => "unknown",
            },
        })).collect::<Vec<_>>(),
        "facts": facts_json(declaration.facts),
    })
}

fn facts_json(declared: &[FactDeclaration]) -> Vec<serde_json::Value> {
    declared
        .iter()
        .map(|fact| match inner(fact.kind) {
            FactKind::Record(fields) => json!({
                "name": fact.name, "kind": kind(fact.kind), "help": fact.help,
                "fields": facts_json(fields),
            }),
            _ => json!({"name": fact.name, "kind": kind(fact.kind), "help": fact.help}),
        })
        .collect()
}

pub(super) fn schema() -> Exit {
    printer::result(&crate::flow::schema::generate());
    Exit::Healthy
}

/// JSON for programs and curious people.
pub(super) fn pretty(value: &serde_json::Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}
