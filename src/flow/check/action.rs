//! What a step does: exactly one thing, with what it needs.

use serde_json::Value;

use super::doing::Doing;
use super::kind::{self, Kind};
use super::scope::View;
use super::{Checker, FlowInterface, InputInterface};
use crate::flow::compile;
use crate::flow::expr;
use crate::flow::raw::{RawKind, RawStep};
use crate::flow::suggest;
use crate::flow::tree::Path;
use crate::probe::{FactKind, ProbeDeclaration};

impl Checker<'_> {
    /// Everything about one step.
    pub(super) fn step(&mut self, index: usize) {
        let Some((id, step)) = self.raw().steps.get_index(index) else {
            return;
        };
        let path = self.step_path(index);
        let before = View::Before(index);
        self.only_one_action(&path, id, step);
        self.template(&path.key("title"), &step.keys.title, before);
        if let Some(why) = &step.keys.why {
            self.template(&path.key("why"), why, before);
        }
        match self.doings[index] {
            Doing::Probe(declaration) => self.probe(&path, step, declaration, before),
            Doing::Ask(ask) => self.ask(&path.key("ask"), ask, before),
            Doing::Tell => {
                if let Some(text) = &step.keys.tell {
                    self.template(&path.key("tell"), text, before);
                }
            }
            Doing::Flow(interface) => self.call(&path, step, interface, before),
            Doing::Finish => {
                if let Some(text) = &step.keys.finish {
                    self.template(&path.key("finish"), text, before);
                }
            }
            Doing::Nothing => {}
        }
        self.own_keys(index, &path, id, step);
        self.branches(index);
    }

    fn only_one_action(&mut self, path: &Path, id: &str, step: &RawStep) {
        let keys = &step.keys;
        let actions: Vec<&str> = step
            .probes
            .keys()
            .map(String::as_str)
            .chain(keys.ask.is_some().then_some("ask"))
            .chain(keys.tell.is_some().then_some("tell"))
            .chain(keys.flow.is_some().then_some("flow"))
            .chain(keys.finish.is_some().then_some("finish"))
            .collect();
        let fault = match actions.as_slice() {
            [] => {
                let probes: Vec<&str> = self
                    .knowledge
                    .probes
                    .iter()
                    .map(|probe| probe.key)
                    .collect();
                self.at_key(path, format!("the step `{id}` does nothing"))
                    .note(format!("probes: {}", suggest::list(&probes)))
                    .hint("give it exactly one of `ask`, `tell`, `flow`, `finish` or a probe")
            }
            [_] => return,
            [.., last] => self
                .at_key(
                    &path.key(last),
                    format!(
                        "the step `{id}` does more than one thing: {}",
                        suggest::list(&actions)
                    ),
                )
                .hint("make a step of each"),
        };
        self.push(fault);
    }

    /// Keys that belong to some actions only.
    fn own_keys(&mut self, index: usize, path: &Path, id: &str, step: &RawStep) {
        let keys = &step.keys;
        let doing = self.doings[index];
        let finishes = matches!(doing, Doing::Finish);
        if keys.why.is_none() && !finishes {
            let fault = self
                .at_key(path, format!("the step `{id}` has no `why`"))
                .hint("say in plain words why the step matters");
            self.push(fault);
        }
        if let Some(deadline) = &keys.deadline {
            if !matches!(doing, Doing::Probe(_)) {
                let fault = self
                    .at_key(&path.key("deadline"), "only a probe has a deadline")
                    .hint("remove it");
                self.push(fault);
            } else if compile::duration(deadline).is_none() {
                let fault = self
                    .at(
                        &path.key("deadline"),
                        format!("`{deadline}` is no length of time"),
                    )
                    .hint("write a whole number with its unit: `500ms`, `5s`, `2m`");
                self.push(fault);
            }
        }
        if !keys.with.is_empty() && !matches!(doing, Doing::Flow(_)) {
            let fault = self
                .at_key(&path.key("with"), "only a step with `flow` has `with`")
                .hint("the arguments of a probe stand under the probe's key");
            self.push(fault);
        }
    }

    fn probe(
        &mut self,
        path: &Path,
        step: &RawStep,
        declaration: &'static ProbeDeclaration,
        view: View,
    ) {
        let Some((key, arguments)) = step.probes.first() else {
            return;
        };
        // Unknown and missing arguments were found by the structure check.
        for (name, value) in arguments {
            let place = path.key(key).key(name);
            self.argument(&place, value, view);
            let Some(argument) = declaration
                .arguments
                .iter()
                .find(|argument| argument.name == name)
            else {
                continue;
            };
            if let Some((given, kind)) = self.kind_of_value(value, view) {
                self.given(&place, name, &given, &kind, argument.kind);
            }
        }
    }

    /// A value of one kind where another is taken.
    fn given(&mut self, place: &Path, name: &str, given: &str, kind: &Kind, wanted: FactKind) {
        if kind.fits(wanted) {
            return;
        }
        let hint = match kind {
            Kind::Fact(FactKind::Record(fields)) => {
                let same = fields.iter().any(|field| field.kind == wanted);
                let fitting: Vec<String> = fields
                    .iter()
                    .filter(|field| Kind::Fact(field.kind).fits(wanted))
                    .filter(|field| !same || field.kind == wanted)
                    .map(|field| format!("{given}.{}", field.name))
                    .collect();
                let fitting: Vec<&str> = fitting.iter().map(String::as_str).collect();
                format!("give one of its fields: {}", suggest::list(&fitting))
            }
            Kind::Fact(FactKind::List(_)) => {
                format!("give one of its items, such as `{given} | first`")
            }
            _ => match wanted {
                FactKind::List(_) => format!("give a list: `[{given}]`"),
                _ => "give a value of that kind".to_owned(),
            },
        };
        let fault = self
            .at(
                place,
                format!(
                    "`{name}` takes {}, and `{given}` is {}",
                    kind::words(wanted),
                    kind.words()
                ),
            )
            .hint(hint);
        self.push(fault);
    }

    fn call(&mut self, path: &Path, step: &RawStep, interface: Option<&FlowInterface>, view: View) {
        let id = step.keys.flow.as_deref().unwrap_or_default();
        for (name, value) in &step.keys.with {
            self.argument(&path.key("with").key(name), value, view);
        }
        if id == self.raw().id {
            let fault = self
                .at(&path.key("flow"), "the flow walks itself")
                .hint("a walk only goes forward: put what is shared into a flow of its own");
            self.push(fault);
            return;
        }
        let Some(interface) = interface else {
            let known = self.knowledge.flows;
            let fault = self
                .at(&path.key("flow"), format!("there is no flow `{id}`"))
                .hint(suggest::hint(
                    id,
                    known
                        .keys()
                        .map(String::as_str)
                        .filter(|known| *known != self.raw().id),
                ));
            self.push(fault);
            return;
        };
        for (name, value) in &step.keys.with {
            let place = path.key("with").key(name);
            if let Some(input) = interface.inputs.get(name) {
                self.input_value(&place, name, value, input, view);
            } else {
                let fault = self
                    .at_key(&place, format!("the flow `{id}` has no input `{name}`"))
                    .hint(suggest::hint(
                        name,
                        interface.inputs.keys().map(String::as_str),
                    ));
                self.push(fault);
            }
        }
        for (name, input) in &interface.inputs {
            if input.required && !step.keys.with.contains_key(name) {
                let fault = self
                    .at(
                        &path.key("flow"),
                        format!("the flow `{id}` needs the input `{name}`"),
                    )
                    .hint(format!("add `with: {{ {name}: … }}` to this step"));
                self.push(fault);
            }
        }
    }

    fn input_value(
        &mut self,
        place: &Path,
        name: &str,
        value: &Value,
        input: &InputInterface,
        view: View,
    ) {
        let wanted = match Kind::of_answer(input.kind, std::iter::empty(), "") {
            Kind::Fact(kind) => kind,
            _ => FactKind::Text,
        };
        if let Some((given, kind)) = self.kind_of_value(value, view) {
            self.given(place, name, &given, &kind, wanted);
            if let (RawKind::Choice, Kind::Word(words, what)) = (input.kind, &kind)
                && let Some(stranger) = words.iter().find(|word| !input.options.contains(word))
            {
                let fault = self
                    .at(
                        place,
                        format!("{what} can be `{stranger}`, which is no answer to `{name}`"),
                    )
                    .hint(suggest::hint(
                        stranger,
                        input.options.iter().map(String::as_str),
                    ));
                self.push(fault);
            }
        } else if input.kind == RawKind::SqlTarget && !is_one_expression(value) {
            let fault = self
                .at(
                    place,
                    format!("`{name}` takes a SQL target, and this is text"),
                )
                .hint(
                    "hand on an answer of `type: sql-target` as a whole, such as \"{{ server }}\"",
                );
            self.push(fault);
        } else if !value.as_str().is_some_and(|text| text.contains("{{")) {
            self.answer(place, input.kind, &input.options, value);
        }
    }
}

fn is_one_expression(value: &Value) -> bool {
    value
        .as_str()
        .is_some_and(|text| expr::single_expression(text).is_some())
}
