//! Makes `docs/causes.md` of what the tests have seen, or checks it.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use proof::{catalogue, report};

const DOCUMENT: &str = "docs/causes.md";
const USAGE: &str = "\
usage: cargo run -p proof -- clear|check|write
  clear  forgets what the tests of earlier runs have seen
  check  fails when a cause is not proven, or when docs/causes.md is not what the tests have seen
  write  makes docs/causes.md of what the tests have seen";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["clear"] => proof::clear().map_err(|fault| vec![fault.to_string()]),
        ["check"] => check(),
        ["write"] => write(),
        _ => Err(vec![USAGE.to_owned()]),
    };
    let Err(faults) = done else {
        return ExitCode::SUCCESS;
    };
    for fault in faults {
        let _ = writeln!(io::stderr(), "{fault}");
    }
    ExitCode::FAILURE
}

/// The report, or what keeps it from being made.
fn make() -> Result<report::Report, Vec<String>> {
    let path = repository().join("flows/causes.yaml");
    let told = |fault: String| vec![format!("{}: {fault}", path.display())];
    let text = fs::read_to_string(&path).map_err(|fault| told(fault.to_string()))?;
    let groups = catalogue::read(&text).map_err(|fault| told(fault.to_string()))?;
    let rows = proof::rows().map_err(|fault| vec![fault.to_string()])?;
    Ok(report::report(&groups, &rows))
}

fn check() -> Result<(), Vec<String>> {
    let report = make()?;
    let mut faults = report.missing;
    let committed = fs::read_to_string(repository().join(DOCUMENT)).unwrap_or_default();
    if committed != report.text {
        faults.push(format!(
            "{DOCUMENT} is not what the tests have seen; after all tests: cargo run -p proof -- write"
        ));
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults)
    }
}

/// Writes the document; it fails all the same when something is missing.
fn write() -> Result<(), Vec<String>> {
    let report = make()?;
    let path = repository().join(DOCUMENT);
    fs::write(&path, &report.text)
        .map_err(|fault| vec![format!("cannot write {}: {fault}", path.display())])?;
    if report.missing.is_empty() {
        Ok(())
    } else {
        Err(report.missing)
    }
}

fn repository() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here)
}
