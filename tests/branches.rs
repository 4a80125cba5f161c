//! Every branch of every shipped flow is walked: the real engine, over played
//! outcomes with every status and with facts of the declared kinds. Values that
//! conditions compare with are taken from the flows themselves.

#![expect(clippy::expect_used, reason = "a test fails by it, and says where")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value, json};
use sspi_doctor::cause::Catalogue;
use sspi_doctor::engine::{Beginning, Effect, Event, Phase, Session, StepKind, answer};
use sspi_doctor::flow::library::{Library, SHIPPED};
use sspi_doctor::flow::{Input, InputKind};
use sspi_doctor::pasted::Told;
use sspi_doctor::probe::{FactKind, NOT_OBSERVED, Outcome, ProbeRequest, registry};

/// How many walks begin at each flow. The order is always the same.
const WALKS: u32 = 3000;

/// Steps whose branches need several rare values at once: live and scripted
/// tests walk each of them on purpose.
const WALKED_ELSEWHERE: &[(&str, &str)] = &[
    // tests/live/keys.rs, tests/account_and_keys.rs
    ("account-and-keys", "computer"),
    // tests/live, nearly all
    ("cannot-generate-sspi-context", "login"),
    // tests/live/delegation.rs
    ("cannot-generate-sspi-context", "which_back_end"),
    ("cannot-generate-sspi-context", "delegation"),
    ("linked-server-delegation", "second_login"),
    // tests/live/accounts.rs
    ("cannot-generate-sspi-context", "keys"),
    ("cannot-generate-sspi-context", "authorisation"),
    // tests/live/trust.rs
    ("domain-trust", "crossing"),
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

fn value(name: &str, kind: FactKind, dice: &mut Dice) -> Value {
    if dice.one_in(5) {
        return Value::Null;
    }
    if let Some(compared) = dice.compared(name, kind) {
        return compared;
    }
    match kind {
        FactKind::Boolean => json!(dice.flip()),
        FactKind::Integer | FactKind::Seconds => json!(dice.number()),
        FactKind::Port => json!(1400 + dice.below(200)),
        FactKind::Time => {
            json!(["2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z"][dice.below(2)])
        }
        FactKind::HostName => {
            json!(
                [
                    "sql1.corp.example",
                    "sql2.corp.example",
                    "corp.example",
                    "partner.example"
                ][dice.below(4)]
            )
        }
        FactKind::Address => json!(["10.0.0.1", "10.0.0.2"][dice.below(2)]),
        FactKind::List(item) => {
            let items: Vec<Value> = (0..dice.below(3))
                .map(|_| value(name, *item, dice))
                .collect();
            json!(items)
        }
        FactKind::Record(fields) => {
            let fields: Map<String, Value> = fields
                .iter()
                .map(|field| (field.name.to_owned(), value(field.name, field.kind, dice)))
                .collect();
            Value::Object(fields)
        }
        _ => json!(dice.word()),
    }
}

fn inputs(inputs: &indexmap::IndexMap<String, Input>, dice: &mut Dice) -> Map<String, Value> {
    let mut given = Map::new();
    for (name, input) in inputs {
        if (input.optional || input.default.is_some()) && dice.flip() {
            continue;
        }
        let choices: Vec<String> = input
            .choices
            .iter()
            .map(|choice| choice.value.clone())
            .collect();
        let value = if input.kind == InputKind::Text {
            match value(name, FactKind::Text, dice) {
                Value::Null => json!(dice.word()),
                text => text,
            }
        } else {
            answered(input.kind, &choices, dice)
        };
        given.insert(name.clone(), value);
    }
    given
}

fn answered(kind: InputKind, choices: &[String], dice: &mut Dice) -> Value {
    const SERVERS: &[&str] = &[
        "sql1.corp.example,1433",
        "sql1.corp.example",
        r"sql1\INST1",
        r"sql1\INST1,14331",
        "sql2.corp.example",
        "10.0.0.1,1433",
        "localhost",
        "localhost,15433",
    ];
    match kind {
        InputKind::SqlTarget => {
            let typed = SERVERS[dice.below(SERVERS.len())];
            answer::parse(kind, &[], false, typed).expect("a SQL target")
        }
        InputKind::Host => json!(["sql1.corp.example", "corp.example"][dice.below(2)]),
        InputKind::Port => json!(1433),
        InputKind::YesNo => json!(dice.flip()),
        InputKind::Choice => json!(choices[dice.below(choices.len())]),
        InputKind::Text | InputKind::Secret => json!(dice.word()),
    }
}

/// Dice that always fall in the same order, and the words and numbers that the
/// flows' own conditions name.
struct Dice {
    state: u64,
    words: Vec<String>,
    numbers: Vec<i64>,
    /// What conditions compare a name with.
    compared: BTreeMap<String, Vec<String>>,
}

impl Dice {
    fn new() -> Self {
        let mut words: BTreeSet<String> = BTreeSet::new();
        let mut numbers: BTreeSet<i64> = [-1000, -1, 0, 1, 2, 1000].into();
        for (_, text) in SHIPPED {
            for line in text
                .lines()
                .filter(|line| line.contains("when:") || line.contains("value:"))
            {
                for word in line.split('\'').skip(1).step_by(2) {
                    words.insert(word.to_owned());
                }
                for number in line.split(|c: char| !c.is_ascii_digit()) {
                    if let Ok(number) = number.parse::<i64>() {
                        numbers.extend([number, number + 1]);
                    }
                }
            }
        }
        words.insert(r"CORP\svc_sql".to_owned());
        Self {
            state: 0x9E37_79B9_7F4A_7C15,
            words: words.into_iter().collect(),
            numbers: numbers.into_iter().collect(),
            compared: compared(),
        }
    }

    /// Often, a value that some condition compares this name with.
    fn compared(&mut self, name: &str, kind: FactKind) -> Option<Value> {
        let count = self.compared.get(name)?.len();
        if self.one_in(3) {
            return None;
        }
        let index = self.below(count);
        let literal = self.compared.get(name)?.get(index)?;
        match kind {
            FactKind::Integer | FactKind::Seconds => literal.parse::<i64>().ok().map(Value::from),
            FactKind::Text => Some(Value::from(literal.as_str())),
            _ => None,
        }
    }

    /// A number from 0 to `limit`, without it (xorshift64*).
    fn below(&mut self, limit: usize) -> usize {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        let high = self.state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(high).unwrap_or(0) % limit.max(1)
    }

    fn flip(&mut self) -> bool {
        self.below(2) == 0
    }

    fn one_in(&mut self, sides: usize) -> bool {
        self.below(sides) == 0
    }

    fn number(&mut self) -> i64 {
        let index = self.below(self.numbers.len());
        self.numbers[index]
    }

    fn word(&mut self) -> String {
        let index = self.below(self.words.len());
        self.words[index].clone()
    }
}

/// The literals that the flows' conditions compare each name with: `name ==
/// 'x'`, `name in ['x', 'y']`, `name > 5`.
fn compared() -> BTreeMap<String, Vec<String>> {
    let mut compared: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (_, text) in SHIPPED {
        let words: Vec<&str> = text.split_whitespace().collect();
        for (index, window) in words.windows(2).enumerate() {
            let [left, operator] = window else { continue };
            if !["==", "!=", "in", "<", ">", "<=", ">="].contains(operator) {
                continue;
            }
            let name = left.rsplit(['.', '(']).next().unwrap_or_default();
            for word in words.iter().skip(index + 2) {
                let literal = word.trim_matches(|c: char| "[](),\"'}".contains(c));
                let quoted = word.contains('\'');
                if !quoted && literal.parse::<i64>().is_err() {
                    break;
                }
                compared
                    .entry(name.to_owned())
                    .or_default()
                    .push(literal.to_owned());
                if !word.ends_with(',') {
                    break;
                }
            }
        }
    }
    compared
}
