//! From a file's text to a flow.

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
}

/// Reads one flow and proves it. On a fault nothing is loaded, and every fault
/// that can be told is told, in the order of the file.
pub fn load(name: &str, text: &str, knowledge: &Knowledge<'_>) -> Result<Flow, Vec<Diagnostic>> {
    let draft = read(name, text, knowledge)?;
    finish(draft, knowledge)
}

/// The form of a flow file.
pub fn read(name: &str, text: &str, knowledge: &Knowledge<'_>) -> Result<Draft, Vec<Diagnostic>> {
    let file = SourceFile::new(name, text);
    let (tree, mut faults) = tree::parse(&file);
    let Some(tree) = tree else {
        return Err(faults);
    };
    faults.extend(structure::check(
        &file,
        &tree,
        &schema::of(knowledge.probes),
    ));
    if faults.is_empty() {
        match serde_yaml::from_str::<RawFlow>(text) {
            Ok(raw) => return Ok(Draft { file, tree, raw }),
            Err(error) => {
                let at = error
                    .location()
                    .map_or(0, |place| file.offset(place.line(), place.column()));
                faults.push(
                    Diagnostic::new(&file, at..at, error.to_string())
                        .hint("compare with flows/flow.schema.json"),
                );
            }
        }
    }
    diagnostic::sort(&mut faults);
    Err(faults)
}

/// Proves a draft, and makes the flow of it.
pub fn finish(draft: Draft, knowledge: &Knowledge<'_>) -> Result<Flow, Vec<Diagnostic>> {
    let mut faults = check::check(&draft, knowledge);
    if faults.is_empty() {
        return Ok(compile::flow(draft.raw));
    }
    diagnostic::sort(&mut faults);
    Err(faults)
}

#[cfg(test)]
mod tests;
