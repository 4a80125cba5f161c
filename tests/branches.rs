//! Every branch of every shipped flow is walked: the real engine, over played
//! outcomes with every status and with facts of the declared kinds. Values that
//! conditions compare with are taken from the flows themselves. What no walk from
//! the start of a flow reached is walked from a state in its middle, made of
//! results with which the flow does go there.

#![expect(clippy::expect_used, reason = "a test fails by it, and says where")]

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value};
use sspi_doctor::cause::Catalogue;
use sspi_doctor::engine::{Beginning, Effect, Event, Phase, Session, StepKind};
use sspi_doctor::flow::library::Library;
use sspi_doctor::flow::{Branch, Flow, Step};
use sspi_doctor::pasted::Told;
use sspi_doctor::probe::{NOT_OBSERVED, Outcome, registry};

#[path = "branches/dice.rs"]
mod dice;
#[path = "branches/middle.rs"]
mod middle;
#[path = "branches/ways.rs"]
mod ways;
#[path = "branches/wishes.rs"]
mod wishes;

use dice::{Dice, answered, input};
use middle::Inner;
use wishes::Wishes;

/// How many walks begin at the start of each flow. The order is always the same.
const WALKS: u32 = 20;

/// How often a state is sought in which a branch that no walk took can be taken.
const STATES: u32 = 400;

/// How often a step is asked again for a branch that was not walked yet.
const RETRIES: u32 = 20;

#[test]
fn every_branch_is_walked() {
    let catalogue = Arc::new(Catalogue::embedded().clone());
    let library = Arc::new(Library::load(&[], &catalogue.known()).expect("the flows are sound"));
    let mut missing = branches(&library);
    let all = missing.len();
    let mut dice = Dice::new();
    from_the_start(&library, &catalogue, &mut dice, &mut missing);
    from_the_middle(&library, &catalogue, &mut dice, &mut missing);
    let list: Vec<String> = missing
        .iter()
        .map(|(flow, step, branch)| format!("{flow}: step {step}, branch {branch}"))
        .collect();
    assert!(
        list.is_empty(),
        "{} of {all} branches are never walked:\n{}",
        list.len(),
        list.join("\n")
    );
}

fn from_the_start(
    library: &Arc<Library>,
    catalogue: &Arc<Catalogue>,
    dice: &mut Dice,
    missing: &mut BTreeSet<Named>,
) {
    for flow in (0..WALKS).flat_map(|_| library.flows()) {
        let inputs = flow
            .inputs
            .iter()
            .map(|(name, asked)| (name.clone(), input(name, asked, dice)))
            .collect();
        let beginning = beginning(flow, inputs, dice.flip(), dice.flip(), dice.flip());
        let (session, effects) =
            Session::begin(Arc::clone(library), Arc::clone(catalogue), beginning)
                .expect("a walk begins");
        let session = walk(session, effects, None, dice, missing);
        assert!(session.verdict().is_some(), "a walk ends");
    }
}

fn from_the_middle(
    library: &Arc<Library>,
    catalogue: &Arc<Catalogue>,
    dice: &mut Dice,
    missing: &mut BTreeSet<Named>,
) {
    let mut inner = Inner::new(library);
    for _ in 0..STATES {
        for (id, step, branch) in missing.clone() {
            let flow = library.flow(&id).expect("the flow exists");
            let step = &flow.steps[&step];
            let branch = &step.branches[branch - 1];
            let Some(middle) = middle::before(&mut inner, &flow, step, branch, dice) else {
                continue;
            };
            let (session, effects) = Session::begin_at(
                Arc::clone(library),
                Arc::clone(catalogue),
                middle.beginning,
                &step.id,
                middle.results,
            )
            .expect("a walk begins");
            let wanted = Wanted {
                step,
                branch,
                wishes: middle.wishes,
            };
            walk(session, effects, Some(&wanted), dice, missing);
        }
    }
}

/// A branch that is to be taken at the first step of a walk.
struct Wanted<'a> {
    step: &'a Step,
    branch: &'a Branch,
    wishes: Wishes,
}

impl Wanted<'_> {
    fn is_at(&self, session: &Session) -> bool {
        session
            .current()
            .is_some_and(|visit| visit.path.0 == self.step.id)
    }

    /// An outcome with which the branch may be taken.
    fn outcome(&self, probe: &str, dice: &mut Dice) -> Outcome {
        let status = middle::status(self.step, self.branch, &self.wishes, dice);
        let facts = middle::facts(probe, &self.step.id, &self.wishes, dice);
        outcome(&status, facts)
    }
}

/// What a walk of a flow begins with: whatever it wants to do is allowed.
fn beginning(
    flow: &Flow,
    inputs: Map<String, Value>,
    sql_login: bool,
    pasted: bool,
    can_paste: bool,
) -> Beginning {
    Beginning {
        flow: flow.id.clone(),
        inputs,
        sql_login,
        can_paste,
        told: Told {
            sources: pasted.then(|| "played".to_owned()).into_iter().collect(),
            ..Told::default()
        },
        allowed: registry::declarations()
            .map(|one| one.key.to_owned())
            .collect(),
        ..Beginning::default()
    }
}

/// A flow, a step of it and a branch of that, counted from one.
type Named = (String, String, usize);

fn branches(library: &Library) -> BTreeSet<Named> {
    library
        .flows()
        .flat_map(|flow| {
            flow.steps.values().flat_map(|step| {
                (1..=step.branches.len()).map(|branch| (flow.id.clone(), step.id.clone(), branch))
            })
        })
        .collect()
}

/// Walks to the end, or until the branch that is wanted can be taken no more, and
/// crosses the branches off that were taken.
fn walk(
    mut session: Session,
    first: Vec<Effect>,
    wanted: Option<&Wanted<'_>>,
    dice: &mut Dice,
    missing: &mut BTreeSet<Named>,
) -> Session {
    let mut effects = first;
    let mut tries = 0;
    for _ in 0..4000 {
        let began = session.visits().first();
        if wanted.is_some() && began.is_some_and(|visit| visit.taken.is_some()) {
            break;
        }
        let event = match session.phase().clone() {
            Phase::Finished { .. } | Phase::Ready => break,
            Phase::Showing { .. } => Event::Continue,
            Phase::Consenting(_) => Event::Consented(true),
            Phase::Asking(question) => {
                let choices: Vec<String> = question
                    .choices
                    .iter()
                    .map(|choice| choice.value.clone())
                    .collect();
                if dice.one_in(4) {
                    Event::Skip
                } else if question.optional && dice.one_in(3) {
                    Event::Answered(Value::Null)
                } else {
                    Event::Answered(answered(question.kind, &choices, dice))
                }
            }
            Phase::Probing { run } => {
                let request = effects.iter().find_map(|effect| match effect {
                    Effect::Observe {
                        run: started,
                        request,
                        ..
                    } if *started == run => Some(request),
                    _ => None,
                });
                let probe = &request.expect("a probe was asked for").probe;
                let outcome = match wanted.filter(|wanted| wanted.is_at(&session)) {
                    Some(wanted) => wanted.outcome(probe, dice),
                    None => played(probe, tries > 0, dice),
                };
                Event::Observed {
                    run,
                    outcome: Box::new(outcome),
                }
            }
        };
        let observed = matches!(event, Event::Observed { .. });
        effects = session.apply(event);
        if observed && tries < RETRIES && may_walk_another(&session, missing) {
            tries += 1;
            effects = session.apply(Event::Retry);
        } else if observed {
            tries = 0;
        }
    }
    for visit in session.visits() {
        if let Some(taken) = &visit.taken {
            missing.remove(&(
                visit.flow.clone(),
                visit.path.step().to_owned(),
                taken.branch,
            ));
        }
    }
    session
}

/// Whether the shown step took a branch that was walked before, while others of
/// it were not.
fn may_walk_another(session: &Session, missing: &BTreeSet<Named>) -> bool {
    let Some(visit) = session.current() else {
        return false;
    };
    let Some(taken) = visit
        .taken
        .as_ref()
        .filter(|_| visit.kind == StepKind::Probe)
    else {
        return false;
    };
    let mut wanted = missing
        .iter()
        .filter(|(flow, step, _)| *flow == visit.flow && step == visit.path.step())
        .map(|(_, _, branch)| *branch)
        .peekable();
    wanted.peek().is_some() && !wanted.any(|branch| branch == taken.branch)
}

/// An outcome of the probe with any of its statuses.
fn played(probe: &str, searching: bool, dice: &mut Dice) -> Outcome {
    let declaration = registry::declaration(probe).expect("the probe exists");
    // The healthy status comes first and leads on: it is played half the time,
    // unless another branch is searched for.
    let status = match dice.below(8) {
        0..=3 if !searching => declaration.statuses[0].name,
        7 if dice.one_in(3) => NOT_OBSERVED,
        _ => declaration.statuses[dice.below(declaration.statuses.len())].name,
    };
    outcome(status, middle::facts(probe, "", &Wishes::default(), dice))
}

fn outcome(status: &str, mut facts: Map<String, Value>) -> Outcome {
    facts.insert("reason".to_owned(), Value::Null);
    Outcome {
        status: status.to_owned(),
        summary: String::new(),
        facts,
        evidence: Vec::new(),
        by_hand: sspi_doctor::probe::ByHand::default(),
        elapsed_ms: 0,
    }
}
