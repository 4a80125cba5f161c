use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::test_server::{Conduct, serve};
use super::{LookupFault, PROBES, Resolvers};
use crate::probe::{Context, LiveSession, Outcome, ProbeRequest, Settings};

const ZONE: &str = "
    sql1.corp.example 600 A 10.0.4.7
    sql1.corp.example 300 AAAA fd00::7
    sql1.emea.corp.example 600 A 10.0.5.7
    sales.corp.example 60 CNAME db.corp.example
    db.corp.example 60 CNAME sql1.corp.example
    mail.corp.example 600 CNAME nowhere.corp.example
    7.4.0.10.in-addr.arpa 600 PTR sql1.corp.example
    8.4.0.10.in-addr.arpa 600 PTR old.corp.example
    9.4.0.10.in-addr.arpa 600 PTR sql1.corp.example
    9.4.0.10.in-addr.arpa 600 PTR cluster.corp.example
    _ldap._tcp.dc._msdcs.corp.example 600 SRV 0 100 389 DC1.corp.example
    _ldap._tcp.dc._msdcs.corp.example 600 SRV 0 200 389 dc2.corp.example
    _ldap._tcp.pdc._msdcs.corp.example 600 SRV 0 100 389 dc1.corp.example
    _kerberos._tcp.corp.example 600 SRV 0 100 88 dc1.corp.example
    _gc._tcp.corp.example 600 SRV 0 100 3268 dc1.corp.example
    _ldap._tcp.dc._msdcs.emea.corp.example 600 SRV 0 100 389 dc3.emea.corp.example
    dc1.corp.example 600 A 10.0.0.2
    dc3.emea.corp.example 600 A 10.0.0.3
";
const STALE: &str = "
    sql1.corp.example 600 A 10.0.9.9
    7.4.0.10.in-addr.arpa 600 PTR stale.corp.example
";

struct Bench {
    session: Arc<LiveSession>,
    _conf: tempfile::NamedTempFile,
}

impl Bench {
    async fn new(conducts: Vec<Conduct>) -> Self {
        let mut conf = tempfile::NamedTempFile::new().unwrap();
        for index in 0..conducts.len() {
            writeln!(conf, "nameserver 127.0.0.{}", index + 2).unwrap();
        }
        writeln!(conf, "search corp.example emea.corp.example").unwrap();
        let port = serve(conducts).await;
        Self::with(conf, port)
    }

    fn with(conf: tempfile::NamedTempFile, port: u16) -> Self {
        let session = LiveSession {
            settings: Settings {
                resolv_conf: Some(conf.path().to_owned()),
                hosts_file: Some("/nonexistent".into()),
                ..Settings::default()
            },
            resolvers: Resolvers::on_port(port),
            ..LiveSession::default()
        };
        Self {
            session: Arc::new(session),
            _conf: conf,
        }
    }

    async fn run(&self, request: ProbeRequest) -> Outcome {
        let probe = PROBES
            .iter()
            .find(|probe| probe.declaration().key == request.probe)
            .unwrap();
        let context = Context {
            session: Arc::clone(&self.session),
            deadline: Instant::now() + Duration::from_secs(8),
            cancel: CancellationToken::new(),
        };
        probe.observe(&request, &context).await
    }
}

fn forward(name: &str) -> ProbeRequest {
    ProbeRequest::new("dns-forward").with("name", name)
}

#[tokio::test]
async fn a_full_name_has_its_addresses_and_no_alias() {
    let bench = Bench::new(vec![Conduct::Serves(ZONE)]).await;
    let outcome = bench.run(forward("SQL1.corp.example")).await;
    assert_eq!(outcome.status, "resolved");
    assert_eq!(*outcome.fact("addresses"), json!(["10.0.4.7", "fd00::7"]));
    assert_eq!(*outcome.fact("fqdn"), json!("sql1.corp.example"));
    assert_eq!(*outcome.fact("canonical_name"), json!("sql1.corp.example"));
    assert_eq!(*outcome.fact("is_alias"), json!(false));
    assert_eq!(*outcome.fact("ttl"), json!(300));
    assert_eq!(*outcome.fact("agree"), json!(null), "one cannot agree");
}

#[tokio::test]
async fn the_chain_of_aliases_is_shown() {
    let bench = Bench::new(vec![Conduct::Serves(ZONE)]).await;
    let outcome = bench.run(forward("sales.corp.example")).await;
    assert_eq!(outcome.status, "resolved");
    assert_eq!(
        *outcome.fact("cname_chain"),
        json!(["sales.corp.example", "db.corp.example", "sql1.corp.example"])
    );
    assert_eq!(*outcome.fact("canonical_name"), json!("sql1.corp.example"));
    assert_eq!(*outcome.fact("is_alias"), json!(true));
}

#[tokio::test]
async fn name_servers_that_disagree_and_one_that_refuses() {
    let bench = Bench::new(vec![
        Conduct::Serves(ZONE),
        Conduct::Serves(STALE),
        Conduct::Refuses,
    ])
    .await;
    let outcome = bench.run(forward("sql1.corp.example")).await;
    assert_eq!(outcome.status, "resolved");
    assert_eq!(*outcome.fact("agree"), json!(false));
    assert_eq!(*outcome.fact("silent_servers"), json!(["127.0.0.4"]));
    assert_eq!(outcome.fact("answers")[1]["addresses"], json!(["10.0.9.9"]));
    assert_eq!(outcome.fact("answers")[2]["result"], json!("refused"));
    assert_eq!(
        outcome.evidence.len(),
        3,
        "one line of evidence for each name server"
    );
}

#[tokio::test]
async fn a_short_name_can_be_ambiguous() {
    let bench = Bench::new(vec![Conduct::Serves(ZONE)]).await;
    let outcome = bench.run(forward("sql1")).await;
    assert_eq!(outcome.status, "resolved");
    assert_eq!(
        *outcome.fact("matching_names"),
        json!(["sql1.corp.example", "sql1.emea.corp.example"])
    );
    assert_eq!(*outcome.fact("fqdn"), json!("sql1.corp.example"));
    assert_eq!(*outcome.fact("addresses"), json!(["10.0.4.7", "fd00::7"]));
}

#[tokio::test]
async fn absence_comes_in_three_kinds() {
    let bench = Bench::new(vec![Conduct::Serves(ZONE)]).await;
    let missing = bench.run(forward("sql9.corp.example")).await;
    assert_eq!(missing.status, "no-such-name");
    let dangling = bench.run(forward("mail.corp.example")).await;
    assert_eq!(dangling.status, "no-address");
    assert_eq!(
        *dangling.fact("cname_chain"),
        json!(["mail.corp.example", "nowhere.corp.example"])
    );
    let empty = bench.run(forward("emea.corp.example")).await;
    assert_eq!(empty.status, "no-address");
    let bench = Bench::new(vec![Conduct::Refuses]).await;
    let refused = bench.run(forward("sql1.corp.example")).await;
    assert_eq!(refused.status, "no-answer");
    assert_eq!(
        bench.run(forward("10.0.4.7")).await.status,
        "is-address",
        "nobody is asked for an address"
    );
}

#[tokio::test]
async fn a_silent_name_server_costs_seconds_but_not_the_answer() {
    let bench = Bench::new(vec![Conduct::IsSilent, Conduct::Serves(ZONE)]).await;
    let started = std::time::Instant::now();
    let settings = &bench.session.settings;
    let found = bench
        .session
        .resolvers
        .addresses(settings, "sql1.corp.example")
        .await
        .unwrap();
    assert_eq!(found.len(), 2);
    assert!(
        started.elapsed() < Duration::from_millis(1400),
        "the second server is not waited for behind the first"
    );
    let outcome = bench.run(forward("sql1.corp.example")).await;
    assert_eq!(outcome.status, "resolved");
    assert_eq!(*outcome.fact("silent_servers"), json!(["127.0.0.2"]));
}

#[tokio::test]
async fn no_name_server_is_told() {
    let bench = Bench::with(tempfile::NamedTempFile::new().unwrap(), 53);
    let outcome = bench.run(forward("sql1.corp.example")).await;
    assert_eq!(outcome.status, "no-name-server");
    let settings = &bench.session.settings;
    let fault = bench.session.resolvers.addresses(settings, "sql1").await;
    assert!(matches!(fault, Err(LookupFault::NoNameServer(_))));
}

#[tokio::test]
async fn reverse_lookups_are_compared_with_the_expected_name() {
    let bench = Bench::new(vec![Conduct::Serves(ZONE)]).await;
    let reverse = |addresses: &[&str]| {
        ProbeRequest::new("dns-reverse")
            .with("addresses", addresses.to_vec())
            .with("name", "SQL1.corp.example.")
    };
    let matches = bench.run(reverse(&["10.0.4.7"])).await;
    assert_eq!(matches.status, "matches");
    assert_eq!(*matches.fact("first_name"), json!("sql1.corp.example"));
    let differs = bench.run(reverse(&["10.0.4.7", "10.0.4.8"])).await;
    assert_eq!(differs.status, "differs");
    assert_eq!(
        *differs.fact("differing"),
        json!([{"address": "10.0.4.8", "names": ["old.corp.example"]}])
    );
    let several = bench.run(reverse(&["10.0.4.9"])).await;
    assert_eq!(several.status, "several");
    let missing = bench.run(reverse(&["10.0.4.7", "fd00::7"])).await;
    assert_eq!(missing.status, "missing");
    assert_eq!(*missing.fact("missing"), json!(["fd00::7"]));
    let bench = Bench::new(vec![Conduct::Refuses]).await;
    assert_eq!(bench.run(reverse(&["10.0.4.7"])).await.status, "no-answer");
}

#[tokio::test]
async fn reverse_records_that_differ_between_name_servers() {
    let bench = Bench::new(vec![Conduct::Serves(ZONE), Conduct::Serves(STALE)]).await;
    let request = ProbeRequest::new("dns-reverse").with("addresses", vec!["10.0.4.7"]);
    let outcome = bench.run(request).await;
    assert_eq!(*outcome.fact("agree"), json!(false));
    assert_eq!(outcome.status, "several");
}

#[tokio::test]
async fn a_domain_is_located() {
    let bench = Bench::new(vec![Conduct::Serves(ZONE)]).await;
    let locate = |domain: &str| ProbeRequest::new("dns-locate").with("domain", domain);
    let outcome = bench.run(locate("CORP.example.")).await;
    assert_eq!(outcome.status, "found");
    assert_eq!(
        *outcome.fact("domain_controllers"),
        json!([
            {"host": "dc2.corp.example", "port": 389, "addresses": [], "priority": 0, "weight": 200},
            {"host": "dc1.corp.example", "port": 389, "addresses": ["10.0.0.2"], "priority": 0, "weight": 100},
        ]),
        "the heavier first"
    );
    assert_eq!(
        *outcome.fact("without_address"),
        json!(["dc2.corp.example"])
    );
    assert_eq!(outcome.fact("kdcs")[0]["port"], json!(88));
    assert_eq!(
        outcome.fact("primary_domain_controller")["host"],
        json!("dc1.corp.example")
    );

    let child = bench.run(locate("emea.corp.example")).await;
    assert_eq!(child.status, "found");
    assert_eq!(*child.fact("kdcs"), json!([]));
    assert_eq!(*child.fact("forest"), json!("corp.example"));
    assert_eq!(child.fact("global_catalogs")[0]["port"], json!(3268));

    let other = bench.run(locate("sql1.corp.example")).await;
    assert_eq!(other.status, "no-domain-controllers");
    assert_eq!(
        bench.run(locate("other.test")).await.status,
        "no-such-domain"
    );
    let bench = Bench::new(vec![Conduct::Refuses]).await;
    assert_eq!(bench.run(locate("corp.example")).await.status, "no-answer");
}
