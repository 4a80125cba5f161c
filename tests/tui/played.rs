//! Flows and probe outcomes for the tests.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::{BoxFuture, join, ready};
use serde_json::{Map, Value, json};
use sspi_doctor::cause::Catalogue;
use sspi_doctor::flow::check::{CauseParameters, KnownCauses};
use sspi_doctor::flow::diagnostic::SourceFile;
use sspi_doctor::flow::library::Library;
use sspi_doctor::probe::attempt::attempt;
use sspi_doctor::probe::{ByHand, Evidence, NOT_OBSERVED, Outcome, ProbeRequest, Runner, registry};
use tokio_util::sync::CancellationToken;

const OUTER: &str = r#"
schema: 1
id: login
title: Cannot generate SSPI context
summary: Walks from the name of the server over the port to the login itself.
inputs:
  server:
    ask: Which SQL Server fails? Write it as your program does.
    type: sql-target
    example: "sql1.corp.example,1433"
    help: A host name, HOST\INSTANCE, or HOST,PORT.
  scope:
    ask: What fails?
    type: choice
    options:
      login: The login itself fails
      linked: The login works, but a query through a linked server fails
    default: login
  account:
    ask: Which account does SQL Server run under?
    type: text
    optional: true
start: names
steps:
  names:
    title: The name of the server
    why: Kerberos builds the SPN from the name, so the name must lead to the right server.
    flow: names
    with: { server: "{{ server }}" }
    goto: port
  port:
    title: Connect to the port
    why: If the port cannot be reached, no login can work.
    tcp-connect: { host: "{{ server.host }}", port: 1433 }
    branch:
      - on: connected
        tell: The port is open.
        rules-out: port-closed
        goto: sure
      - on: [refused, filtered]
        tell: Nothing listens there.
        goto: sure
      - else: true
        unknown: { cause: port-closed, why: "The port was not seen: {{ reason }}" }
        goto: sure
  sure:
    title: A question on the way
    why: Only you can know this.
    ask: { question: "Did it ever work?", type: yes-no, help: "From any machine, by any user." }
    goto: where
  where:
    title: Another question
    why: The clue may be there.
    ask: { question: "Since when does it fail?", type: text, optional: true, example: "Monday" }
    goto: identity
  identity:
    title: Ask the server who it is
    why: The server knows its own name best.
    sql-identity: { host: "{{ server.host }}", port: 1433 }
    branch:
      - else: true
        goto: done
  done: { title: Done, why: Because., finish: "The walk is over." }
"#;

const INNER: &str = r#"
schema: 1
id: names
title: Does the name lead to the right server?
summary: Kerberos builds the SPN from the name, so forward and reverse lookups must agree.
inputs:
  server: { ask: Which SQL Server fails?, type: sql-target, example: "a,1" }
start: forward
steps:
  forward:
    title: Resolve the name at each name server
    why: Every later step uses this name, and the SPN is built from it.
    dns-forward: { name: "{{ server.host }}" }
    branch:
      - on: resolved
        when: addresses | length > 0
        tell: "The name has {{ addresses | length }} address."
        goto: reverse
      - on: no-such-name
        tell: No name server knows the name.
        found: { cause: name-does-not-exist, with: { name: "{{ server.host }}" } }
        goto: done
      - else: true
        goto: done
  reverse:
    title: Look the address up
    why: Some drivers build the SPN from the reverse record.
    dns-reverse: { addresses: "{{ forward.addresses }}" }
    branch:
      - else: true
        goto: done
  done: { title: Done, why: Because., finish: Looked. }
"#;

const DEPENDS: &str = r#"
schema: 1
id: depends
title: Which probe depends on which answer?
summary: One probe before the question, one that does not use the answer, one that does.
inputs:
  server: { ask: Which SQL Server fails?, type: sql-target, example: "a,1" }
start: before
steps:
  before:
    title: Before the question
    why: It is not asked again.
    dns-forward: { name: "{{ server.host }}" }
    goto: which
  which:
    title: Which host?
    why: Some of what follows depends on it.
    ask: { question: Which host?, type: host }
    goto: same
  same:
    title: The same whatever was answered
    why: It is not asked again.
    tcp-connect: { host: "{{ server.host }}", port: 1433 }
    goto: other
  other:
    title: What depends on the answer
    why: It is asked for each answer.
    tcp-connect: { host: "{{ which.answer }}", port: 1433 }
    goto: done
  done: { title: Done, why: Because., finish: The walk is over. }
"#;

/// The flows of the tests.
pub fn library() -> Arc<Library> {
    let probes: Vec<_> = registry::declarations().collect();
    let causes = Catalogue::embedded()
        .causes()
        .map(|cause| {
            let required = cause
                .parameters
                .iter()
                .map(|(name, one)| (name.clone(), one.required))
                .collect();
            (cause.id.clone(), CauseParameters { required })
        })
        .collect::<BTreeMap<_, _>>();
    let files = [
        ("login.yaml", OUTER),
        ("names.yaml", INNER),
        ("depends.yaml", DEPENDS),
    ]
    .map(|(name, text)| SourceFile::new(name, text));
    let (library, faults) = Library::of(files.into(), Vec::new(), &probes, &KnownCauses(causes));
    assert!(faults.is_empty(), "{faults:#?}");
    Arc::new(library)
}

/// Answers by probe; a probe without one is silent until it is cancelled.
#[derive(Default)]
pub struct Played {
    outcomes: BTreeMap<&'static str, Outcome>,
    panics: Option<&'static str>,
    /// Never answers, and does not listen when it is cancelled either.
    deaf: Option<&'static str>,
    /// Asks two servers, one of which is silent.
    asks_two: Option<&'static str>,
    /// How often one was asked.
    pub asked: Arc<AtomicUsize>,
    /// What was asked, in order.
    pub requests: Arc<Mutex<Vec<String>>>,
}

impl Played {
    /// A name that does not exist, on a server that listens.
    pub fn no_such_name() -> Self {
        let mut played = Self::default();
        let mut evidence = vec![
            exchange(
                "10.0.0.2: A sql1.corp.example",
                "no such name (NXDOMAIN)",
                3,
            ),
            exchange(
                "10.0.0.3: A sql1.corp.example",
                "no such name (NXDOMAIN)",
                5,
            ),
            exchange(
                "10.0.0.2: AAAA sql1.corp.example",
                "no such name (NXDOMAIN)",
                4,
            ),
            exchange(
                "10.0.0.3: AAAA sql1.corp.example",
                "no such name (NXDOMAIN)",
                4,
            ),
        ];
        for number in 4..20 {
            evidence.push(exchange(
                &format!("10.0.0.{number}: A sql1.corp.example"),
                "refused to answer this client,\nalthough it knows the zone",
                1,
            ));
        }
        played.answer(
            "dns-forward",
            "no-such-name",
            "no such name",
            &json!({}),
            evidence,
        );
        played.connected()
    }

    /// Everything as it should be.
    pub fn healthy() -> Self {
        let mut played = Self::default();
        played.answer(
            "dns-forward",
            "resolved",
            "10.0.4.7",
            &json!({ "addresses": ["10.0.4.7"] }),
            vec![exchange(
                "10.0.0.2: A sql1.corp.example",
                "10.0.4.7, for 3600 s",
                3,
            )],
        );
        played.answer("dns-reverse", "agrees", "sql1", &json!({}), Vec::new());
        played.connected()
    }

    fn connected(mut self) -> Self {
        self.answer(
            "tcp-connect",
            "connected",
            "port open",
            &json!({}),
            vec![exchange("10.0.4.7 port 1433", "connected", 2)],
        );
        self.answer("sql-identity", "identified", "sql1", &json!({}), Vec::new());
        self
    }

    /// A probe that panics.
    pub fn panicking(mut self, probe: &'static str) -> Self {
        self.outcomes.remove(probe);
        self.panics = Some(probe);
        self
    }

    /// A probe that hangs and cannot be cancelled.
    pub fn deaf(mut self, probe: &'static str) -> Self {
        self.outcomes.remove(probe);
        self.deaf = Some(probe);
        self
    }

    /// A probe that asks two servers, one of which is silent until it is
    /// cancelled.
    pub fn asking_two(mut self, probe: &'static str) -> Self {
        self.outcomes.remove(probe);
        self.asks_two = Some(probe);
        self
    }

    /// Takes the answer of a probe away.
    pub fn silent(mut self, probe: &'static str) -> Self {
        self.outcomes.remove(probe);
        self
    }

    fn answer(
        &mut self,
        probe: &'static str,
        status: &str,
        summary: &str,
        facts: &Value,
        evidence: Vec<Evidence>,
    ) {
        let mut all = Map::new();
        for declared in registry::declaration(probe).unwrap().facts {
            all.insert(
                declared.name.to_owned(),
                facts.get(declared.name).cloned().unwrap_or(Value::Null),
            );
        }
        all.insert("reason".to_owned(), Value::Null);
        let by_hand = ByHand {
            linux: vec!["dig +noall +answer sql1.corp.example A".to_owned()],
            windows: vec!["Resolve-DnsName sql1.corp.example -Type A".to_owned()],
        };
        let outcome = Outcome {
            status: status.to_owned(),
            summary: summary.to_owned(),
            facts: all,
            evidence,
            by_hand,
            elapsed_ms: 12,
        };
        self.outcomes.insert(probe, outcome);
    }
}

fn exchange(asked: &str, saw: &str, elapsed_ms: u64) -> Evidence {
    Evidence {
        asked: asked.to_owned(),
        saw: saw.to_owned(),
        elapsed_ms: Some(elapsed_ms),
        credential: None,
    }
}

impl Runner for Played {
    fn run(
        &self,
        request: ProbeRequest,
        _deadline: Option<Duration>,
        cancel: CancellationToken,
    ) -> BoxFuture<'static, Outcome> {
        let outcome = self.outcomes.get(request.probe.as_str()).cloned();
        let asked = Arc::clone(&self.asked);
        self.requests.lock().unwrap().push(request.key());
        let panics = self.panics == Some(request.probe.as_str());
        let deaf = self.deaf == Some(request.probe.as_str());
        let asks_two = self.asks_two == Some(request.probe.as_str());
        Box::pin(async move {
            assert!(!panics, "a probe that panics");
            asked.fetch_add(1, Ordering::SeqCst);
            if deaf {
                std::future::pending::<()>().await;
            }
            if let Some(outcome) = outcome {
                return outcome;
            }
            if asks_two {
                let answering = attempt("10.0.4.7", ready(()), |()| true);
                let silent = attempt("10.0.4.8", cancel.cancelled(), |()| false);
                join(answering, silent).await;
            }
            cancel.cancelled().await;
            let mut facts = Map::new();
            facts.insert("reason".to_owned(), Value::from("you cancelled it"));
            Outcome {
                status: NOT_OBSERVED.to_owned(),
                summary: String::new(),
                facts,
                evidence: Vec::new(),
                by_hand: ByHand::default(),
                elapsed_ms: 0,
            }
        })
    }

    fn source(&self) -> String {
        "live".to_owned()
    }
}
