//! The proof that a flow makes sense: every name, status, step and cause that
//! it speaks of exists, and every walk through it ends.

mod action;
mod branch;
mod comparison;
mod conclusion;
mod doing;
mod expression;
mod field;
mod graph;
mod header;
pub mod kind;
mod null;
mod question;
mod scope;
mod ways;

use std::collections::BTreeMap;
use std::ops::Range;

use indexmap::IndexMap;

use super::diagnostic::Diagnostic;
use super::load::Draft;
use super::raw::{RawFlow, RawInput, RawKind};
use super::tree::Path;
use crate::probe::ProbeDeclaration;

use doing::Doing;
use graph::Graph;

/// The most steps that a flow may have. The largest shipped flow has thirty.
const STEP_LIMIT: usize = 500;

/// What a flow may speak of.
#[derive(Clone, Copy)]
pub struct Knowledge<'a> {
    /// The probes that exist.
    pub probes: &'a [&'static ProbeDeclaration],
    /// The causes that exist.
    pub causes: &'a KnownCauses,
    /// The flows that exist, by id.
    pub flows: &'a BTreeMap<String, FlowInterface>,
}

/// The causes of the catalogue, by id.
#[derive(Clone, Debug, Default)]
pub struct KnownCauses(pub BTreeMap<String, CauseParameters>);

/// The parameters of a cause.
#[derive(Clone, Debug, Default)]
pub struct CauseParameters {
    /// By name, whether each must be given.
    pub required: BTreeMap<String, bool>,
}

/// What another flow sees of a flow.
#[derive(Clone, Debug)]
pub struct FlowInterface {
    /// What must or may be given to it.
    pub inputs: IndexMap<String, InputInterface>,
    /// The names of what it hands back.
    pub outputs: Vec<String>,
    /// The flows that it walks itself.
    pub calls: Vec<String>,
}

/// An input as the calling flow sees it.
#[derive(Clone, Debug)]
pub struct InputInterface {
    /// The kind of the answer.
    pub kind: RawKind,
    /// Whether it must be given.
    pub required: bool,
    /// The answers of a choice.
    pub options: Vec<String>,
}

impl FlowInterface {
    /// What others see of this flow.
    pub fn of(flow: &RawFlow) -> Self {
        let input = |raw: &RawInput| InputInterface {
            kind: raw.kind,
            required: raw.default.is_none() && !raw.optional,
            options: raw.options.keys().cloned().collect(),
        };
        Self {
            inputs: flow
                .inputs
                .iter()
                .map(|(name, raw)| (name.clone(), input(raw)))
                .collect(),
            outputs: flow.outputs.keys().cloned().collect(),
            calls: flow
                .steps
                .values()
                .filter_map(|step| step.keys.flow.clone())
                .collect(),
        }
    }
}

/// Every fault in the sense of a flow.
pub fn check(draft: &Draft, knowledge: &Knowledge<'_>) -> Vec<Diagnostic> {
    let count = draft.raw.steps.len();
    if count > STEP_LIMIT {
        let span = draft.tree.key_span_of(&Path::top().key("steps"));
        return vec![
            Diagnostic::new(
                &draft.file,
                span,
                format!("there are {count} steps; a flow has at most {STEP_LIMIT}"),
            )
            .hint("split it into several flows that call each other with `flow:`"),
        ];
    }
    let ways = ways::of(&draft.raw);
    let start = draft.raw.steps.get_index_of(&draft.raw.start);
    let mut checker = Checker {
        draft,
        knowledge: *knowledge,
        doings: draft
            .raw
            .steps
            .values()
            .map(|step| Doing::of(step, knowledge))
            .collect(),
        graph: Graph::new(&ways, start),
        faults: Vec::new(),
    };
    checker.header();
    checker.inputs();
    checker.ways();
    for index in 0..draft.raw.steps.len() {
        checker.step(index);
    }
    checker.outputs();
    checker.faults
}

/// What is known while a flow is checked, and the faults so far.
struct Checker<'a> {
    draft: &'a Draft,
    knowledge: Knowledge<'a>,
    doings: Vec<Doing<'a>>,
    graph: Graph,
    faults: Vec<Diagnostic>,
}

impl<'a> Checker<'a> {
    fn raw(&self) -> &'a RawFlow {
        &self.draft.raw
    }

    /// The path of a step.
    fn step_path(&self, index: usize) -> Path {
        let id = self
            .raw()
            .steps
            .get_index(index)
            .map_or("", |(id, _)| id.as_str());
        Path::top().key("steps").key(id)
    }

    /// A fault at the value of a path.
    fn at(&self, path: &Path, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(&self.draft.file, self.draft.tree.span_of(path), message)
    }

    /// A fault at the last key of a path.
    fn at_key(&self, path: &Path, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(&self.draft.file, self.draft.tree.key_span_of(path), message)
    }

    /// A fault at a part of the text at a path; at the whole text where YAML's
    /// quoting or folding moved its characters.
    fn inside(
        &self,
        path: &Path,
        text: &str,
        range: Option<Range<usize>>,
        message: impl Into<String>,
    ) -> Diagnostic {
        let span = self.draft.tree.span_of(path);
        let part = range.and_then(|range| {
            let written = self.draft.file.text.get(span.clone())?;
            let start = span.start + written.find(text)?;
            Some(start + range.start..start + range.end)
        });
        Diagnostic::new(&self.draft.file, part.unwrap_or(span), message)
    }

    fn push(&mut self, fault: Diagnostic) {
        self.faults.push(fault);
    }
}
