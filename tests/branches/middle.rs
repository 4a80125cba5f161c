//! States in the middle of a flow: the steps on a way to some step have come to
//! results with which the flow goes this way.

use std::collections::HashMap;

use serde_json::{Map, Value, json};
use sspi_doctor::engine::Beginning;
use sspi_doctor::flow::library::Library;
use sspi_doctor::flow::{Action, Branch, Flow, Step};
use sspi_doctor::probe::{NOT_OBSERVED, registry};

use super::beginning;
use super::dice::{Dice, input, value};
use super::ways::{Way, leading, way};
use super::wishes::{Wishes, evaluate, holds};

/// How often a step's result is made for one that leads the wanted way.
const TRIES: usize = 40;

/// How many ways are looked at for one that the wishes allow.
const WAYS: usize = 200;

/// How many walks through each inner flow are kept, to choose from.
const INNER: usize = 100;

/// What inner flows handed back, in walks by chance.
pub struct Inner<'a> {
    library: &'a Library,
    handed: HashMap<String, Vec<Map<String, Value>>>,
}

impl<'a> Inner<'a> {
    pub fn new(library: &'a Library) -> Self {
        Self {
            library,
            handed: HashMap::new(),
        }
    }

    /// A value that a flow hands back: of a new walk, or of an earlier one.
    fn output(&mut self, flow: &Flow, name: &str, dice: &mut Dice) -> Value {
        let kept = self.handed.get(&flow.id).map_or(0, Vec::len);
        if kept < INNER {
            let outputs = self.walked(flow, dice);
            let handed = self.handed.entry(flow.id.clone()).or_default();
            handed.push(outputs);
        }
        let handed = &self.handed[&flow.id];
        handed[dice.below(handed.len())][name].clone()
    }

    /// What a flow hands back after some walk through it.
    fn walked(&mut self, flow: &Flow, dice: &mut Dice) -> Map<String, Value> {
        let mut scope: Map<String, Value> = flow
            .inputs
            .iter()
            .map(|(name, asked)| (name.clone(), input(name, asked, dice)))
            .collect();
        let mut at = flow.start.as_str();
        while let Some(step) = flow.steps.get(at).filter(|step| !step.branches.is_empty()) {
            let branch = &step.branches[dice.below(step.branches.len())];
            let result = self.result(step, branch, &Wishes::default(), dice);
            scope.insert(step.id.clone(), result);
            at = branch.goto.as_str();
        }
        flow.outputs
            .iter()
            .map(|(name, output)| (name.clone(), evaluate(&output.value.source, &scope)))
            .collect()
    }

    /// What a step comes to when it is to take a branch, by chance.
    fn result(&mut self, step: &Step, branch: &Branch, wishes: &Wishes, dice: &mut Dice) -> Value {
        let mut result = Map::new();
        match &step.action {
            Action::Probe { probe, .. } => result = facts(probe, &step.id, wishes, dice),
            Action::Ask(asked) => {
                let value = wishes.draw(&step.id, "answer", dice, |dice| {
                    input("answer", asked, dice)
                });
                result.insert("answer".to_owned(), value);
            }
            Action::Flow { flow, .. } => {
                let flow = self.library.flow(flow).expect("the flow exists");
                for name in flow.outputs.keys() {
                    let value =
                        wishes.draw(&step.id, name, dice, |dice| self.output(&flow, name, dice));
                    result.insert(name.clone(), value);
                }
            }
            Action::Tell(_) | Action::Finish(_) => {}
        }
        let status = status(step, branch, wishes, dice);
        if status == "not-answered" {
            result.insert("answer".to_owned(), Value::Null);
        }
        result.insert("status".to_owned(), Value::from(status));
        result.insert("reason".to_owned(), Value::Null);
        Value::Object(result)
    }
}

/// A state before a step.
pub struct Middle {
    pub beginning: Beginning,
    /// What the steps before came to, by id.
    pub results: Map<String, Value>,
    /// What the wanted branch asks for.
    pub wishes: Wishes,
}

/// A state from which a branch of a step can be taken, by chance.
pub fn before(
    inner: &mut Inner<'_>,
    flow: &Flow,
    step: &Step,
    branch: &Branch,
    dice: &mut Dice,
) -> Option<Middle> {
    let leads = leading(flow, &step.id);
    let (way, wishes) = (0..WAYS)
        .filter_map(|_| {
            way(flow, &step.id, &leads, dice)
                .map(|way| wishes(inner.library, way, (step, branch), dice))
        })
        .find(|(way, wishes)| agree(way, wishes))?;
    let mut inputs = Map::new();
    for (name, asked) in &flow.inputs {
        let value = wishes.draw(name, "", dice, |dice| input(name, asked, dice));
        inputs.insert(name.clone(), value);
    }
    let mut scope = inputs.clone();
    let chance = |name: &str, dice: &mut Dice| {
        wishes.draw("given", name, dice, |dice| json!(dice.flip())) == json!(true)
    };
    let (sql_login, pasted, can_paste) = (
        chance("sql_login", dice),
        chance("pasted", dice),
        chance("can_paste", dice),
    );
    let beginning = beginning(flow, inputs, sql_login, pasted, can_paste);
    scope.insert(
        "given".to_owned(),
        json!({ "sql_login": sql_login, "pasted": pasted, "can_paste": pasted || can_paste }),
    );
    let mut results = Map::new();
    for (step, branch) in way {
        let result = (0..TRIES)
            .map(|_| inner.result(step, branch, &wishes, dice))
            .find(|result| {
                taken(step, result, &scope).is_some_and(|taken| std::ptr::eq(taken, branch))
            })?;
        scope.insert(step.id.clone(), result.clone());
        results.insert(step.id.clone(), result);
    }
    Some(Middle {
        beginning,
        results,
        wishes,
    })
}

/// What the branches of a way and the last one ask for.
fn wishes<'a>(
    library: &Library,
    way: Way<'a>,
    last: (&Step, &Branch),
    dice: &mut Dice,
) -> (Way<'a>, Wishes) {
    let mut wishes = Wishes::default();
    for (step, branch) in way.iter().copied().chain([last]) {
        wishes.add(step, &own(library, step), branch, dice);
    }
    (way, wishes)
}

/// Whether the wishes allow the way: the statuses that its branches need, and
/// the steps of which a condition asks whether they are defined.
fn agree(way: &Way<'_>, wishes: &Wishes) -> bool {
    let walked = way.iter().map(|(step, _)| (step.id.clone(), json!({})));
    let fits = |step: &Step, status: &String| {
        wishes.fit(&step.id, "status", &Value::from(status.as_str()))
    };
    wishes.agree(&walked.collect())
        && way.iter().all(|(step, branch)| {
            branch.on.is_empty() || branch.on.iter().any(|status| fits(step, status))
        })
}

/// The names of what a step itself comes to.
fn own(library: &Library, step: &Step) -> Vec<String> {
    let mut names = vec!["status".to_owned(), "reason".to_owned()];
    match &step.action {
        Action::Probe { probe, .. } => {
            let declaration = registry::declaration(probe).expect("the probe exists");
            names.extend(declaration.facts.iter().map(|fact| fact.name.to_owned()));
        }
        Action::Ask(_) => names.push("answer".to_owned()),
        Action::Flow { flow, .. } => {
            let flow = library.flow(flow).expect("the flow exists");
            names.extend(flow.outputs.keys().cloned());
        }
        Action::Tell(_) | Action::Finish(_) => {}
    }
    names
}

/// A status with which the step can take the branch.
pub fn status(step: &Step, branch: &Branch, wishes: &Wishes, dice: &mut Dice) -> String {
    let all: Vec<String> = match &step.action {
        _ if !branch.on.is_empty() => branch.on.clone(),
        Action::Probe { probe, .. } => {
            let declaration = registry::declaration(probe).expect("the probe exists");
            let names = declaration.statuses.iter().map(|status| status.name);
            names.chain([NOT_OBSERVED]).map(str::to_owned).collect()
        }
        Action::Ask(_) => vec!["answered".to_owned(), "not-answered".to_owned()],
        Action::Flow { .. } => ["healthy", "cause-found", "inconclusive"]
            .map(str::to_owned)
            .into(),
        Action::Tell(_) | Action::Finish(_) => vec!["told".to_owned()],
    };
    let drawn = wishes.draw(&step.id, "status", dice, |dice| {
        Value::from(all[dice.below(all.len())].as_str())
    });
    drawn.as_str().unwrap_or_default().to_owned()
}

/// Facts of a probe, of the declared kinds.
pub fn facts(probe: &str, step: &str, wishes: &Wishes, dice: &mut Dice) -> Map<String, Value> {
    let declaration = registry::declaration(probe).expect("the probe exists");
    declaration
        .facts
        .iter()
        .map(|fact| {
            let drawn = wishes.draw(step, fact.name, dice, |dice| {
                value(fact.name, fact.kind, dice)
            });
            (fact.name.to_owned(), drawn)
        })
        .collect()
}

/// The branch that a step takes with a result.
fn taken<'a>(step: &'a Step, result: &Value, scope: &Map<String, Value>) -> Option<&'a Branch> {
    let mut seen = scope.clone();
    seen.extend(result.as_object().cloned().unwrap_or_default());
    let status = result["status"].as_str().unwrap_or_default();
    step.branches.iter().find(|branch| {
        (branch.on.is_empty() || branch.on.iter().any(|name| name == status))
            && branch
                .when
                .as_ref()
                .is_none_or(|when| holds(&when.source, &seen))
    })
}
