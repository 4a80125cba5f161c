//! Every branch of every shipped flow is walked: the real engine, over played
//! outcomes with every status and with facts of the declared kinds. Values that
//! conditions compare with are taken from the flows themselves.

#![expect(clippy::expect_used, reason = "a test fails by it, and says where")]

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value};
use sspi_doctor::cause::Catalogue;
use sspi_doctor::engine::{Beginning, Effect, Event, Phase, Session, StepKind};
use sspi_doctor::flow::library::Library;
use sspi_doctor::pasted::Told;
use sspi_doctor::probe::{NOT_OBSERVED, Outcome, ProbeRequest, registry};

#[path = "branches/dice.rs"]
mod dice;

use dice::{Dice, answered, inputs, value};

/// How many walks begin at each flow. The order is always the same.
const WALKS: u32 = 3000;

/// Steps whose branches need several rare values at once: live and scripted
/// tests walk each of them on purpose.
const WALKED_ELSEWHERE: &[(&str, &str)] = &[
    // tests/live/keys.rs, tests/account_and_keys.rs
    ("account-and-keys", "computer"),
    // tests/which_account.rs, tests/account_and_keys.rs
    ("account-and-keys", "ticket"),
    ("account-and-keys", "others"),
    ("account-and-keys", "other_key"),
    ("account-and-keys", "computer_key"),
    ("account-and-keys", "machine"),
    ("account-and-keys", "proven"),
    // tests/live, nearly all
    ("cannot-generate-sspi-context", "login"),
    // tests/pasted.rs, tests/live/spn_groups.rs and others
    ("cannot-generate-sspi-context", "trust"),
    ("cannot-generate-sspi-context", "told"),
    ("cannot-generate-sspi-context", "own"),
    // tests/live/delegation.rs, tests/live/spn_groups.rs
    ("cannot-generate-sspi-context", "settings"),
    ("cannot-generate-sspi-context", "which_back_end"),
    ("cannot-generate-sspi-context", "delegation"),
    ("linked-server-delegation", "second_login"),
    // tests/live/accounts.rs, tests/live/across.rs
    ("cannot-generate-sspi-context", "keys"),
    ("cannot-generate-sspi-context", "authorisation"),
    // tests/live/trust.rs
    ("domain-trust", "crossing"),
    // tests/live/across.rs, tests/live/trust.rs
    ("domain-trust", "other_side"),
    // tests/live/spn_forms.rs, spn_groups.rs, spn_holders.rs, tests/spn_scripted.rs
    ("spn-verification", "missing"),
    ("spn-verification", "node"),
];

/// How often a step is asked again for a branch that was not walked yet.
const RETRIES: u32 = 40;

#[test]
fn every_branch_is_walked() {
    let catalogue = Arc::new(Catalogue::embedded().clone());
    let library = Arc::new(Library::load(&[], &catalogue.known()).expect("the flows are sound"));
    let mut missing = branches(&library);
    missing.retain(|(flow, step, _)| !WALKED_ELSEWHERE.contains(&(flow.as_str(), step.as_str())));
    let all = missing.len();
    let mut dice = Dice::new();
    for _ in 0..WALKS {
        for flow in library.flows() {
            if !missing.iter().any(|(id, _, _)| *id == flow.id) {
                continue;
            }
            let beginning = Beginning {
                flow: flow.id.clone(),
                inputs: inputs(&flow.inputs, &mut dice),
                sql_login: dice.flip(),
                can_paste: dice.flip(),
                told: Told {
                    sources: (0..dice.below(2)).map(|_| "played".to_owned()).collect(),
                    ..Told::default()
                },
                allowed: registry::declarations()
                    .map(|one| one.key.to_owned())
                    .collect(),
                ..Beginning::default()
            };
            let (session, effects) =
                Session::begin(Arc::clone(&library), Arc::clone(&catalogue), beginning)
                    .expect("a walk begins");
            walk(session, effects, &mut dice, &mut missing);
        }
        if missing.is_empty() {
            return;
        }
    }
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

type Branch = (String, String, usize);

fn branches(library: &Library) -> BTreeSet<Branch> {
    library
        .flows()
        .flat_map(|flow| {
            flow.steps.values().flat_map(|step| {
                (1..=step.branches.len()).map(|branch| (flow.id.clone(), step.id.clone(), branch))
            })
        })
        .collect()
}

/// Walks to the end and crosses the branches off that were taken.
fn walk(mut session: Session, first: Vec<Effect>, dice: &mut Dice, missing: &mut BTreeSet<Branch>) {
    let mut effects = first;
    let mut tries = 0;
    for _ in 0..4000 {
        let event = match session.phase().clone() {
            Phase::Finished { .. } | Phase::Ready => break,
            Phase::Showing { .. } => Event::Continue,
            Phase::Consenting(_) => Event::Consented(true),
            Phase::Asking(question) => {
                if dice.one_in(4) {
                    Event::Skip
                } else {
                    let choices: Vec<String> = question
                        .choices
                        .iter()
                        .map(|choice| choice.value.clone())
                        .collect();
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
                let outcome = played(request.expect("a probe was asked for"), tries > 0, dice);
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
    assert!(session.verdict().is_some(), "a walk ends");
    for visit in session.visits() {
        if let Some(taken) = &visit.taken {
            missing.remove(&(
                visit.flow.clone(),
                visit.path.step().to_owned(),
                taken.branch,
            ));
        }
    }
}

/// Whether the shown step took a branch that was walked before, while others of
/// it were not.
fn may_walk_another(session: &Session, missing: &BTreeSet<Branch>) -> bool {
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
fn played(request: &ProbeRequest, searching: bool, dice: &mut Dice) -> Outcome {
    let declaration = registry::declaration(&request.probe).expect("the probe exists");
    let statuses: Vec<&str> = declaration
        .statuses
        .iter()
        .map(|status| status.name)
        .collect();
    // The healthy status comes first and leads on: it is played half the time,
    // unless another branch is searched for.
    let status = match dice.below(8) {
        0..=3 if !searching => statuses[0],
        7 if dice.one_in(3) => NOT_OBSERVED,
        _ => statuses[dice.below(statuses.len())],
    };
    let mut facts = Map::new();
    for fact in declaration.facts {
        facts.insert(fact.name.to_owned(), value(fact.name, fact.kind, dice));
    }
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
