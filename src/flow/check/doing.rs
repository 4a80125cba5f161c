//! What a step does, as the checker sees it.

use super::{FlowInterface, Knowledge};
use crate::flow::check::kind::Kind;
use crate::flow::raw::{RawAsk, RawStep};
use crate::probe::{FactKind, NOT_OBSERVED, ProbeDeclaration};

/// What a step does.
#[derive(Clone, Copy)]
pub enum Doing<'a> {
    /// It runs a probe.
    Probe(&'static ProbeDeclaration),
    /// It asks.
    Ask(&'a RawAsk),
    /// It tells.
    Tell,
    /// It walks another flow; none when that flow is not known.
    Flow(Option<&'a FlowInterface>),
    /// It ends the flow.
    Finish,
    /// It has no action.
    Nothing,
}

impl<'a> Doing<'a> {
    /// What this step does.
    pub fn of(step: &'a RawStep, knowledge: &Knowledge<'a>) -> Self {
        if let Some((key, _)) = step.probes.first() {
            return knowledge
                .probes
                .iter()
                .find(|declaration| declaration.key == key)
                .map_or(Self::Nothing, |declaration| Self::Probe(declaration));
        }
        let keys = &step.keys;
        if let Some(ask) = &keys.ask {
            Self::Ask(ask)
        } else if keys.tell.is_some() {
            Self::Tell
        } else if let Some(flow) = &keys.flow {
            Self::Flow(knowledge.flows.get(flow))
        } else if keys.finish.is_some() {
            Self::Finish
        } else {
            Self::Nothing
        }
    }

    /// Every status that the step can have; none when that is not known.
    pub fn statuses(self) -> Vec<&'static str> {
        match self {
            Self::Probe(declaration) => declaration
                .statuses
                .iter()
                .map(|status| status.name)
                .chain([NOT_OBSERVED])
                .collect(),
            Self::Ask(_) => vec!["answered", "not-answered"],
            Self::Tell => vec!["told"],
            Self::Flow(_) => vec!["healthy", "cause-found", "inconclusive"],
            Self::Finish | Self::Nothing => Vec::new(),
        }
    }

    /// What an expression can say of the step: status, reason and facts.
    pub fn results(self, id: &str) -> Vec<(String, Kind)> {
        let mut results = vec![
            (
                "status".to_owned(),
                Kind::Word(
                    self.statuses().into_iter().map(str::to_owned).collect(),
                    format!("the status of `{id}`"),
                ),
            ),
            ("reason".to_owned(), Kind::Fact(FactKind::Text)),
        ];
        match self {
            Self::Probe(declaration) => {
                results.extend(
                    declaration
                        .facts
                        .iter()
                        .map(|fact| (fact.name.to_owned(), Kind::Fact(fact.kind))),
                );
            }
            Self::Ask(ask) => results.push((
                "answer".to_owned(),
                Kind::of_answer(
                    ask.kind,
                    ask.options.keys(),
                    &format!("the answer to `{id}`"),
                ),
            )),
            Self::Flow(Some(interface)) => results.extend(
                interface
                    .outputs
                    .iter()
                    .map(|name| (name.clone(), Kind::Fact(FactKind::Any))),
            ),
            _ => {}
        }
        results
    }

    /// Whether any fact may be named, because what the step does is not known
    /// and was reported already.
    pub fn is_unknown(self) -> bool {
        matches!(self, Self::Flow(None) | Self::Nothing)
    }
}
