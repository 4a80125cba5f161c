//! Sessions that were kept: list them, write them, make their fix scripts.

use std::fmt::Write as _;
use std::path::PathBuf;

use super::failure::Failure;
use super::{ExportOptions, FixOptions, ListFormat, ListOptions, System, run};
use crate::exit::Exit;
use crate::fix;
use crate::printer;
use crate::transcript::{document, sessions};

pub(super) fn list(options: &ListOptions) -> Result<Exit, Failure> {
    let kept = sessions::list(&run::folder())
        .map_err(|fault| Failure::unfinished(fault.to_string()))?;
    match options.format {
        ListFormat::Json => {
            let value = serde_json::to_value(&kept).unwrap_or_default();
            printer::result(&super::list::pretty(&value));
        }
        ListFormat::Text if kept.is_empty() => {
            printer::progress(&format!("no session is kept in {}", run::folder().display()));
        }
        ListFormat::Text => {
            let mut text = String::new();
            for session in &kept {
                let _ = writeln!(
                    text,
                    "{}\n    {}  {}  {}",
                    session.name, session.flow, session.target, session.words()
                );
            }
            printer::result(text.trim_end());
        }
    }
    Ok(Exit::Healthy)
}

pub(super) fn export(options: &ExportOptions) -> Result<Exit, Failure> {
    let document = read(options.session.as_deref())?;
    let text = run::render(&document, options.format);
    match &options.output {
        None => printer::result(&text),
        Some(file) => {
            crate::transcript::export::write(file, &text)
                .map_err(|fault| Failure::unfinished(fault.to_string()))?;
            printer::progress(&format!("written: {}", file.display()));
        }
    }
    Ok(Exit::Healthy)
}

pub(super) fn fix(options: &FixOptions) -> Result<Exit, Failure> {
    let document = read(options.session.as_deref())?;
    if document.findings.is_empty() {
        printer::progress("this session found no cause, so there is nothing to repair");
        return Ok(Exit::Healthy);
    }
    let system = match options.system {
        System::Windows => fix::System::Windows,
        System::Linux => fix::System::Linux,
    };
    printer::result(&document.script(system));
    Ok(Exit::Healthy)
}

/// The session with this path or name; the latest without one.
fn read(session: Option<&str>) -> Result<document::SessionDocument, Failure> {
    let path = find(session)?;
    document::read(&path).map_err(|fault| Failure::usage(fault.to_string()))
}

fn find(session: Option<&str>) -> Result<PathBuf, Failure> {
    if let Some(name) = session {
        let path = PathBuf::from(name);
        if path.is_file() {
            return Ok(path);
        }
    }
    let kept = sessions::list(&run::folder())
        .map_err(|fault| Failure::unfinished(fault.to_string()))?;
    let found = match session {
        None => kept.first(),
        Some(name) => kept.iter().find(|one| one.name.starts_with(name)),
    };
    found.map(|one| one.path.clone()).ok_or_else(|| {
        Failure::usage(match session {
            Some(name) => format!("no session `{name}` is kept, and no file of this name is here"),
            None => "no session is kept yet".to_owned(),
        })
        .hint("`sspi-doctor sessions` lists them; `sspi-doctor run … --journal FILE` writes one")
    })
}
