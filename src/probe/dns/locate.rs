//! `dns-locate`: where a domain says its servers are, [MS-ADTS] 6.3.2.3.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::future::{BoxFuture, join_all};
use futures_util::stream;
use hickory_resolver::proto::rr::RecordType;
use serde_json::{Value, json};

use super::declaration::LOCATE;
use super::lookup::plain_name;
use super::query::QueryResult;
use super::system::ResolvConf;
use super::{LookupFault, Service};
use crate::probe::by_hand::{posix, powershell};
use crate::probe::declare::exchange;
use crate::probe::{Context, Outcome, OutcomeBuilder, Probe, ProbeDeclaration, ProbeRequest};

/// How many names are looked up at once: a name server can name thousands.
const MOST_AT_ONCE: usize = 32;

/// See the declaration.
#[derive(Debug)]
pub(super) struct DnsLocate;

impl Probe for DnsLocate {
    fn declaration(&self) -> &'static ProbeDeclaration {
        &LOCATE
    }

    fn observe<'a>(
        &'a self,
        request: &'a ProbeRequest,
        context: &'a Context,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let domain = match request.text("domain") {
                Ok(domain) => plain_name(domain),
                Err(fault) => return Outcome::not_observed(&LOCATE, &fault.to_string()),
            };
            let forest = request.optional_text("forest").map(plain_name);
            let outcome = Outcome::of(&LOCATE);
            let looked = Box::pin(look(&domain, forest, context));
            let deadline = context.deadline - Duration::from_millis(100);
            match tokio::time::timeout_at(deadline, looked).await {
                Ok(seen) => seen.tell(outcome, &domain),
                Err(_) => tell_silence(outcome, &domain, "no name server answered in time"),
            }
        })
    }
}

/// One SRV question.
struct Asked {
    name: String,
    result: Result<Vec<Service>, LookupFault>,
    elapsed: Duration,
}

impl Asked {
    fn services(&self) -> &[Service] {
        self.result.as_deref().unwrap_or_default()
    }
}

/// All that was seen.
struct Seen {
    controllers: Asked,
    kdcs: Asked,
    primary: Asked,
    /// One for each domain at which global catalogs can be recorded.
    catalogs: Vec<(String, Asked)>,
    /// Whether the domain's name exists at all.
    domain_exists: bool,
    addresses: BTreeMap<String, Vec<IpAddr>>,
}

async fn look(domain: &str, forest: Option<String>, context: &Context) -> Seen {
    let resolvers = &context.session.resolvers;
    let settings = &context.session.settings;
    let conf = ResolvConf::read(settings);
    let service = |name: String| async move {
        resolvers.forget(&name);
        let started = Instant::now();
        let result = resolvers.services(settings, &name).await;
        Asked {
            name,
            result,
            elapsed: started.elapsed(),
        }
    };
    let roots = forest.map_or_else(|| with_parents(domain), |forest| vec![forest]);
    let catalogs = join_all(roots.into_iter().map(|root| async move {
        let asked = service(format!("_gc._tcp.{root}")).await;
        (root, asked)
    }));
    let (controllers, kdcs, primary, catalogs, authority) = tokio::join!(
        service(format!("_ldap._tcp.dc._msdcs.{domain}")),
        service(format!("_kerberos._tcp.{domain}")),
        service(format!("_ldap._tcp.pdc._msdcs.{domain}")),
        catalogs,
        resolvers.first_answer(&conf, domain, RecordType::SOA),
    );
    let hosts: BTreeSet<&str> = [&controllers, &kdcs, &primary]
        .into_iter()
        .chain(catalogs.iter().map(|(_, asked)| asked))
        .flat_map(Asked::services)
        .map(|service| service.host.as_str())
        .collect();
    let looking = hosts.into_iter().map(|host| async move {
        resolvers.forget(host);
        // The name is full: a dot keeps search suffixes off it.
        let found = resolvers.addresses(settings, &format!("{host}.")).await;
        (host.to_owned(), found.unwrap_or_default())
    });
    let looking: Vec<_> = looking.collect();
    let addresses = stream::iter(looking)
        .buffer_unordered(MOST_AT_ONCE)
        .collect()
        .await;
    Seen {
        controllers,
        kdcs,
        primary,
        catalogs,
        domain_exists: authority.is_ok_and(|answer| answer.result != QueryResult::NoSuchName),
        addresses,
    }
}

impl Seen {
    fn tell(self, mut outcome: OutcomeBuilder, domain: &str) -> Outcome {
        let catalogs = self
            .catalogs
            .iter()
            .find(|(_, asked)| !asked.services().is_empty());
        let all = [&self.controllers, &self.kdcs, &self.primary]
            .into_iter()
            .chain(self.catalogs.iter().map(|(_, asked)| asked));
        for asked in all {
            let saw = match &asked.result {
                Ok(services) => self.words(services),
                Err(fault) => fault.to_string(),
            };
            outcome.evidence(exchange(
                format!("SRV of {}", asked.name),
                saw,
                asked.elapsed,
            ));
            let name = posix(&asked.name);
            outcome.by_hand_linux(format!("dig +short {name} SRV"));
            let name = powershell(&asked.name);
            outcome.by_hand_windows(format!("Resolve-DnsName -Name {name} -Type SRV"));
        }
        outcome.by_hand_windows(format!(
            "nltest {}",
            powershell(&format!("/dsgetdc:{domain}"))
        ));
        let without_address: Vec<&String> = self
            .addresses
            .iter()
            .filter(|(_, addresses)| addresses.is_empty())
            .map(|(host, _)| host)
            .collect();
        let controllers = self.controllers.services();
        outcome
            .fact("domain", domain)
            .fact("domain_controllers", self.records(controllers))
            .fact("kdcs", self.records(self.kdcs.services()))
            .fact(
                "primary_domain_controller",
                self.records(self.primary.services()).into_iter().next(),
            )
            .fact(
                "global_catalogs",
                catalogs.map_or_else(Vec::new, |(_, asked)| self.records(asked.services())),
            )
            .fact("forest", catalogs.map(|(root, _)| root.as_str()))
            .fact("without_address", json!(without_address));
        match &self.controllers.result {
            Ok(_) => {
                let hosts: Vec<&str> = controllers.iter().map(|one| one.host.as_str()).collect();
                outcome.summary(hosts.join(", "));
                outcome.finish("found")
            }
            Err(fault @ (LookupFault::NoAnswer { .. } | LookupFault::NoNameServer(_))) => {
                tell_silence(outcome, domain, &fault.to_string())
            }
            Err(_) if self.domain_exists => {
                outcome.summary("no domain controllers").reason(format!(
                    "`{domain}` exists in DNS, but records no domain controllers: it is no Active \
                     Directory domain, or these name servers do not know its records"
                ));
                outcome.finish("no-domain-controllers")
            }
            Err(_) => {
                outcome.summary("no such domain").reason(format!(
                    "the name servers do not know `{domain}`: they are not those of Active \
                     Directory, or lack a conditional forwarder for it"
                ));
                outcome.finish("no-such-domain")
            }
        }
    }

    fn words(&self, services: &[Service]) -> String {
        let one = |service: &Service| {
            let addresses = self.addresses_of(service);
            let addresses = if addresses.is_empty() {
                "no address".to_owned()
            } else {
                addresses.join(", ")
            };
            format!("{}:{} ({addresses})", service.host, service.port)
        };
        services.iter().map(one).collect::<Vec<_>>().join("; ")
    }

    fn addresses_of(&self, service: &Service) -> Vec<String> {
        self.addresses
            .get(&service.host)
            .into_iter()
            .flatten()
            .map(IpAddr::to_string)
            .collect()
    }

    fn records(&self, services: &[Service]) -> Vec<Value> {
        services
            .iter()
            .map(|service| {
                json!({
                    "host": service.host,
                    "port": service.port,
                    "addresses": self.addresses_of(service),
                    "priority": service.priority,
                    "weight": service.weight,
                })
            })
            .collect()
    }
}

fn tell_silence(mut outcome: OutcomeBuilder, domain: &str, why: &str) -> Outcome {
    outcome
        .fact("domain", domain)
        .summary("no answer")
        .reason(why);
    outcome.finish("no-answer")
}

/// The domain and its parents, as long as they have two parts.
fn with_parents(domain: &str) -> Vec<String> {
    let mut domains = vec![domain.to_owned()];
    let mut rest = domain;
    while let Some((_, parent)) = rest.split_once('.') {
        if !parent.contains('.') {
            break;
        }
        domains.push(parent.to_owned());
        rest = parent;
    }
    domains
}
