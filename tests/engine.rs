//! The engine walks a flow whose probes are played: branches, inner flows,
//! going back, asking again, skipping, cancelling.

#![expect(clippy::expect_used, reason = "a test fails by it, and says where")]

use std::sync::Arc;

use serde_json::{Map, Value, json};
use sspi_doctor::cause::Catalogue;
use sspi_doctor::engine::{
    Beginning, CannotBegin, Effect, Entry, Event, Phase, RunId, Session, Verdict,
};
use sspi_doctor::flow::diagnostic::{SourceFile, Style, human};
use sspi_doctor::flow::library::Library;
use sspi_doctor::probe::{Outcome, registry};

const OUTER: &str = r#"
schema: 1
id: outer
title: Outer
summary: A flow for the tests.
inputs:
  server: { ask: Which?, type: sql-target, example: "a,1" }
start: names
steps:
  names:
    title: Names of {{ server.host }}
    why: Because.
    flow: inner
    with: { server: "{{ server }}" }
    branch:
      - when: addresses
        goto: sure
      - else: true
        goto: done
  sure:
    title: Sure?
    why: Because.
    ask: { question: "Is {{ names.addresses }} right?", type: yes-no }
    branch:
      - when: answer is true
        goto: done
      - else: true
        tell: You are not sure.
        found: { cause: name-does-not-exist, with: { name: "{{ server.host }}" } }
        goto: done
  done: { title: Done, why: Because., finish: "It is over for {{ server }}." }
"#;

const INNER: &str = r#"
schema: 1
id: inner
title: Inner
summary: A flow for the tests.
inputs:
  server: { ask: Which?, type: sql-target, example: "a,1" }
outputs:
  addresses: { help: The addresses, value: forward.addresses }
start: forward
steps:
  forward:
    title: Look up
    why: Because.
    dns-forward: { name: "{{ server.host }}" }
    branch:
      - on: resolved
        when: addresses | length > 1
        tell: "Several: {{ addresses }}."
        rules-out: name-does-not-exist
        goto: done
      - on: resolved
        rules-out: name-does-not-exist
        goto: done
      - on: no-such-name
        found: { cause: name-does-not-exist, with: { name: "{{ server.host }}" } }
        goto: done
      - else: true
        unknown: { cause: name-does-not-exist, why: "{{ reason }}" }
        goto: done
  done: { title: Done, why: Because., finish: Looked. }
"#;

fn begin() -> (Session, Vec<Effect>) {
    begin_with(OUTER, INNER)
}

fn begin_with(outer: &str, inner: &str) -> (Session, Vec<Effect>) {
    let probes: Vec<_> = registry::declarations().collect();
    let files = vec![
        SourceFile::new("outer.yaml", outer),
        SourceFile::new("inner.yaml", inner),
    ];
    let causes = Catalogue::embedded().known();
    let (library, faults) = Library::of(Vec::new(), files, &probes, &causes);
    assert!(faults.is_empty(), "{}", human(&faults, Style::Plain));
    let mut inputs = Map::new();
    inputs.insert(
        "server".into(),
        json!({"typed": "sql1,1433", "host": "sql1", "port": 1433}),
    );
    Session::begin(
        Arc::new(library),
        Arc::new(Catalogue::embedded().clone()),
        Beginning {
            flow: "outer".into(),
            inputs,
            ..Beginning::default()
        },
    )
    .expect("the walk begins")
}

fn run_of(effects: &[Effect]) -> RunId {
    effects
        .iter()
        .find_map(|effect| match effect {
            Effect::Observe { run, .. } => Some(*run),
            _ => None,
        })
        .expect("a probe is asked for")
}

fn entries(effects: &[Effect]) -> Vec<&Entry> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Record(entry) => Some(entry.as_ref()),
            _ => None,
        })
        .collect()
}

fn outcome(status: &'static str, addresses: &[&str]) -> Box<Outcome> {
    let declaration = registry::declaration("dns-forward").expect("dns-forward is there");
    let mut builder = Outcome::of(declaration);
    builder
        .fact("addresses", json!(addresses))
        .saw("10.0.0.1: A sql1", "an answer");
    Box::new(builder.finish(status))
}

#[test]
fn a_walk_goes_through_the_inner_flow_to_its_verdict() {
    let (mut session, effects) = begin();
    let run = run_of(&effects);
    assert_eq!(
        session.visits().len(),
        2,
        "the outer step and the inner one"
    );
    let effects = session.apply(Event::Observed {
        run,
        outcome: outcome("resolved", &["10.0.0.4", "10.0.0.5"]),
    });
    assert!(matches!(session.phase(), Phase::Showing { .. }));
    let taken = session.current().unwrap().taken.clone().unwrap();
    assert_eq!(taken.condition, "on resolved, when addresses | length > 1");
    assert_eq!(taken.means, ["Several: 10.0.0.4, 10.0.0.5."]);
    assert_eq!(taken.saw["addresses"], json!(["10.0.0.4", "10.0.0.5"]));
    assert!(
        entries(&effects)
            .iter()
            .any(|entry| matches!(entry, Entry::RuledOut { .. }))
    );

    session.apply(Event::Continue);
    let Phase::Asking(question) = session.phase().clone() else {
        panic!("a question is next")
    };
    assert_eq!(question.ask, "Is 10.0.0.4, 10.0.0.5 right?");
    let effects = session.apply(Event::Answered(Value::Bool(true)));
    assert_eq!(session.verdict(), Some(Verdict::Healthy));
    let last = entries(&effects).last().copied().cloned();
    assert_eq!(
        last,
        Some(Entry::Finished {
            verdict: Verdict::Healthy,
            words: "It is over for sql1,1433.".into()
        })
    );
}

#[test]
fn a_fault_in_the_inner_flow_is_a_finding_with_evidence() {
    let (mut session, effects) = begin();
    let run = run_of(&effects);
    session.apply(Event::Observed {
        run,
        outcome: outcome("no-such-name", &[]),
    });
    session.apply(Event::Continue);
    assert_eq!(session.verdict(), Some(Verdict::CauseFound));
    let finding = &session.findings()[0];
    assert_eq!(finding.cause, "name-does-not-exist");
    assert_eq!(finding.step.0, "names/forward");
    assert_eq!(finding.evidence, ["10.0.0.1: A sql1: an answer"]);
    assert!(finding.meaning.contains("sql1"), "{}", finding.meaning);
}

#[test]
fn going_back_takes_the_answer_back_with_all_that_followed() {
    let (mut session, effects) = begin();
    let run = run_of(&effects);
    session.apply(Event::Observed {
        run,
        outcome: outcome("resolved", &["10.0.0.4"]),
    });
    session.apply(Event::Continue);
    session.apply(Event::Answered(Value::Bool(false)));
    assert_eq!(session.findings().len(), 1);
    session.apply(Event::Continue);
    assert_eq!(session.verdict(), Some(Verdict::CauseFound));

    session.apply(Event::Back);
    assert!(
        matches!(session.phase(), Phase::Showing { .. }),
        "the conclusion is shown again"
    );
    let effects = session.apply(Event::Back);
    let Phase::Asking(question) = session.phase().clone() else {
        panic!("the question again")
    };
    assert_eq!(
        question.default,
        Some(Value::Bool(false)),
        "the answer given before is proposed"
    );
    assert!(session.findings().is_empty());
    assert!(
        entries(&effects)
            .iter()
            .any(|entry| matches!(entry, Entry::WentBack { .. }))
    );
    session.apply(Event::Answered(Value::Bool(true)));
    assert_eq!(session.verdict(), Some(Verdict::Healthy));
}

#[test]
fn asking_again_runs_the_probe_anew_and_the_late_answer_of_a_cancelled_run_is_ignored() {
    let (mut session, effects) = begin();
    let first = run_of(&effects);
    session.apply(Event::Observed {
        run: first,
        outcome: outcome("resolved", &["10.0.0.4"]),
    });
    let effects = session.apply(Event::Retry);
    let second = run_of(&effects);
    assert!(
        effects
            .iter()
            .any(|effect| matches!(effect, Effect::Observe { fresh: true, .. }))
    );
    let effects = session.apply(Event::Cancel);
    assert!(
        effects
            .iter()
            .any(|effect| matches!(effect, Effect::CancelRun(run) if *run == second))
    );
    assert_eq!(
        session.current().unwrap().status.as_deref(),
        Some("not-observed")
    );
    let effects = session.apply(Event::Observed {
        run: second,
        outcome: outcome("resolved", &["1.2.3.4"]),
    });
    assert!(effects.is_empty());
    assert_eq!(session.unknown().len(), 1);
    session.apply(Event::Continue);
    assert_eq!(session.verdict(), Some(Verdict::Inconclusive));
}

#[test]
fn what_is_known_ahead_is_told() {
    let (session, _) = begin();
    let ahead: Vec<String> = session
        .ahead()
        .into_iter()
        .map(|step| step.path.0)
        .collect();
    assert_eq!(ahead, ["sure"]);
    assert!(
        session.foreseeable(&|_| None).is_empty(),
        "the only probe is under way"
    );
}

#[test]
fn what_is_known_already_is_used_for_the_steps_ahead() {
    // The inner flow has one more probe, and behind it two that hang together.
    let inner = INNER.replacen(
        "goto: done\n      - on: resolved",
        "goto: second\n      - on: resolved",
        1,
    );
    let inner = inner.replace(
        "  done: {",
        "  second:\n    title: Second\n    why: Because.\n    hosts-file: { name: \"{{ server.host }}\" }\n    goto: done\n  done: {",
    );
    let outer = OUTER.replacen("goto: sure", "goto: backward", 1).replace(
        "  sure:\n",
        "  backward:\n    title: Backward\n    why: Because.\n    dns-reverse: { addresses: \"{{ names.addresses }}\" }\n    goto: there\n  \
         there:\n    title: There\n    why: Because.\n    dns-forward: { name: \"{{ backward.first_name }}\" }\n    goto: sure\n  \
         sure:\n",
    );
    let (mut session, effects) = begin_with(&outer, &inner);
    session.apply(Event::Observed {
        run: run_of(&effects),
        outcome: outcome("resolved", &["10.0.0.4", "10.0.0.5"]),
    });
    session.apply(Event::Continue);
    let asked = |requests: Vec<sspi_doctor::probe::ProbeRequest>| -> Vec<String> {
        requests.into_iter().map(|request| request.probe).collect()
    };
    assert_eq!(asked(session.foreseeable(&|_| None)), ["dns-reverse"]);
    let backward = |request: &sspi_doctor::probe::ProbeRequest| {
        (request.probe == "dns-reverse").then(|| {
            let declaration = registry::declaration("dns-reverse")?;
            let mut builder = Outcome::of(declaration);
            builder.fact("first_name", "sql1.corp.example");
            Some(builder.finish("matches").result())
        })?
    };
    let requests = session.foreseeable(&backward);
    assert_eq!(
        requests[0].arguments.get("name"),
        Some(&json!("sql1.corp.example"))
    );
    assert_eq!(asked(requests), ["dns-forward"]);
}

#[test]
fn a_walk_without_its_inputs_does_not_begin() {
    let fault = Session::begin(
        Arc::new(Library::default()),
        Arc::new(Catalogue::embedded().clone()),
        Beginning {
            flow: "outer".into(),
            ..Beginning::default()
        },
    )
    .unwrap_err();
    assert_eq!(fault, CannotBegin::NoSuchFlow("outer".into()));
}
