//! A flow that is walked to its end over played answers.

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::{Map, Value};
use sspi_doctor::cause::Catalogue;
use sspi_doctor::engine::{Beginning, Effect, Event, Session};
use sspi_doctor::flow::library::Library;
use sspi_doctor::probe::{Outcome, ProbeRequest, registry};

/// What a probe answers, with facts that it declares.
pub fn outcome(probe: &str, status: &'static str, facts: &Value) -> Outcome {
    let declaration = registry::declaration(probe).expect("a known probe");
    let mut outcome = Outcome::of(declaration);
    for (name, value) in facts.as_object().into_iter().flatten() {
        let declared = declaration.facts.iter().find(|fact| fact.name == name);
        let name = declared.expect("a declared fact").name;
        outcome.fact(name, value.clone());
    }
    outcome.finish(status)
}

/// Walks a flow in which every probe may run. Nobody answers its questions.
pub fn walk(
    flow: &str,
    inputs: Map<String, Value>,
    sql_login: bool,
    mut answer: impl FnMut(&ProbeRequest) -> Outcome,
) -> Session {
    let catalogue = Arc::new(Catalogue::embedded().clone());
    let library = Library::shipped(&catalogue.known()).expect("the flows are sound");
    let beginning = Beginning {
        flow: flow.to_owned(),
        inputs,
        sql_login,
        allowed: registry::declarations()
            .map(|declared| declared.key.to_owned())
            .collect(),
        ..Beginning::default()
    };
    let (mut session, effects) =
        Session::begin(Arc::new(library), catalogue, beginning).expect("the walk begins");
    let mut waiting: VecDeque<Effect> = effects.into();
    while let Some(effect) = waiting.pop_front() {
        let event = match effect {
            Effect::Observe { run, request, .. } => Event::Observed {
                run,
                outcome: Box::new(answer(&request)),
            },
            Effect::Show => Event::Continue,
            Effect::Ask(_) => Event::Skip,
            _ => continue,
        };
        waiting.extend(session.apply(event));
    }
    assert!(session.verdict().is_some(), "the walk does not end");
    session
}
