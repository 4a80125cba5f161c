//! From a file's text to a flow.

mod repair;

use serde_json::Value;

pub use repair::{Meant, Repair};

use super::check::{self, Knowledge};
use super::compile;
use super::diagnostic::{self, Diagnostic, SourceFile};
use super::model::Flow;
use super::raw::RawFlow;
use super::tree::{self, Node};
use super::{schema, structure};

/// A file that has the form of a flow; whether it makes sense is not known yet.
#[derive(Debug)]
pub struct Draft {
    /// The file.
    pub file: SourceFile,
    /// Where everything stands.
    pub tree: Node,
    /// What stands there.
    pub raw: RawFlow,
    /// Faults of the form, when what was meant could still be made out. A draft
    /// with faults is checked further, but never becomes a flow.
    pub faults: Vec<Diagnostic>,
}

/// Reads one flow and proves it. On a fault nothing is loaded, and every fault
/// that can be told is told, in the order of the file.
pub fn load(name: &str, text: &str, knowledge: &Knowledge<'_>) -> Result<Flow, Vec<Diagnostic>> {
    let schema = schema::of(knowledge.probes);
    let draft = read(SourceFile::new(name, text), &schema)?;
    finish(draft, knowledge)
}

/// The form of a flow file. There is no draft when the file is not even nearly
/// a flow.
pub fn read(file: SourceFile, schema: &Value) -> Result<Draft, Vec<Diagnostic>> {
    let (tree, mut faults) = tree::parse(&file);
    let Some(mut tree) = tree else {
        diagnostic::sort(&mut faults);
        return Err(faults);
    };
    let structure = structure::check(&file, &tree, schema);
    let form: Vec<_> = faults.iter().map(Diagnostic::span).collect();
    faults.extend(
        structure
            .faults
            .into_iter()
            .filter(|fault| !form.contains(&fault.span())),
    );
    let raw = if faults.is_empty() {
        serde_yaml::from_str::<RawFlow>(&file.text).map_err(|error| Some(of_serde(&file, &error)))
    } else {
        repair::apply(&mut tree, &structure.repairs);
        serde_yaml::from_value::<RawFlow>(repair::value(&tree)).map_err(|_| None)
    };
    match raw {
        Ok(raw) => Ok(Draft {
            file,
            tree,
            raw,
            faults,
        }),
        Err(fault) => {
            faults.extend(fault);
            diagnostic::sort(&mut faults);
            Err(faults)
        }
    }
}

/// Proves a draft, and makes the flow of it.
pub fn finish(mut draft: Draft, knowledge: &Knowledge<'_>) -> Result<Flow, Vec<Diagnostic>> {
    let mut faults = std::mem::take(&mut draft.faults);
    let form: Vec<_> = faults.iter().map(Diagnostic::span).collect();
    // What is wrong in form may look wrong in sense, too.
    faults.extend(
        check::check(&draft, knowledge)
            .into_iter()
            .filter(|fault| !form.contains(&fault.span())),
    );
    if faults.is_empty() {
        return Ok(compile::flow(draft.raw));
    }
    diagnostic::sort(&mut faults);
    Err(faults)
}

/// A flow that the program carries. Its tests have checked it, so that it is not
/// checked again; none if it could not be read.
pub(super) fn carried(text: &str) -> Option<Flow> {
    serde_yaml::from_str::<RawFlow>(text)
        .ok()
        .map(compile::flow)
}

/// What the structure check should have found; serde has the last word.
fn of_serde(file: &SourceFile, error: &serde_yaml::Error) -> Diagnostic {
    let at = error
        .location()
        .map_or(0, |place| file.offset(place.line(), place.column()));
    Diagnostic::new(file, at..at, error.to_string()).hint("compare with flows/flow.schema.json")
}
