//! SQL Server Browser: SSRP over UDP 1434, [MC-SQLR].

pub mod ssrp;

use std::time::Duration;

use futures_util::future::BoxFuture;

use ssrp::{DEFAULT_INSTANCE, Instance, PORT, Rank, Reply, Seen, ask_all};

use super::by_hand::{posix, powershell};
use super::declare::{exchange, fact, fault, good, optional, required, unknown};
use super::tcp::look_up;
use super::{
    Consent, Context, FactKind, Outcome, OutcomeBuilder, Probe, ProbeDeclaration, ProbeRequest,
};

/// The probes of this family.
pub static PROBES: &[&dyn Probe] = &[&SqlBrowser];

static DECLARATION: ProbeDeclaration = ProbeDeclaration {
    key: "sql-browser",
    title: "SQL Server Browser",
    help: "Asks the SQL Server Browser service (UDP 1434) which instances the host has and on which \
           TCP ports. Clients do the same for HOST\\INSTANCE.",
    consent: Consent::Silent,
    deadline: Duration::from_secs(5),
    arguments: &[
        required(
            "host",
            FactKind::HostName,
            "the host, as a name or an address",
        ),
        optional(
            "instance",
            FactKind::Text,
            "the instance to look for; without it the default instance, MSSQLSERVER",
        ),
    ],
    statuses: &[
        good(
            "listed",
            "the Browser answered, and the instance is among those it lists",
        ),
        fault(
            "instance-not-listed",
            "the Browser answered, but does not list the instance",
        ),
        unknown(
            "silent",
            "no answer: the Browser is stopped, UDP 1434 is blocked, or the instance is hidden",
        ),
        fault(
            "unreachable",
            "the host answered that nothing listens on UDP 1434: the Browser is stopped",
        ),
        fault(
            "malformed",
            "something answered that is not a Browser's answer",
        ),
        unknown(
            "no-address",
            "the host's name has no address that could be asked",
        ),
    ],
    facts: &[
        fact(
            "instance",
            FactKind::Text,
            "the instance that was looked for, in upper case",
        ),
        fact(
            "port",
            FactKind::Port,
            "its TCP port; null when it is not listed or TCP is off",
        ),
        fact(
            "tcp_enabled",
            FactKind::Boolean,
            "whether it listens on TCP",
        ),
        fact(
            "server_name",
            FactKind::HostName,
            "the host's NetBIOS name, as the Browser tells it",
        ),
        fact(
            "version",
            FactKind::Text,
            "its version, as the Browser tells it: service packs and updates are not in it",
        ),
        fact(
            "clustered",
            FactKind::Boolean,
            "whether it is a failover cluster instance",
        ),
        fact(
            "named_pipe",
            FactKind::Text,
            "its named pipe; null when named pipes are off",
        ),
        fact(
            "instances",
            FactKind::List(&FactKind::Record(&[
                fact("server_name", FactKind::HostName, "the host's NetBIOS name"),
                fact("name", FactKind::Text, "the instance, in upper case"),
                fact("version", FactKind::Text, "its version"),
                fact(
                    "clustered",
                    FactKind::Boolean,
                    "whether it is a failover cluster instance",
                ),
                fact(
                    "tcp_enabled",
                    FactKind::Boolean,
                    "whether it listens on TCP",
                ),
                fact("tcp_port", FactKind::Port, "its TCP port"),
                fact("named_pipe", FactKind::Text, "its named pipe"),
            ])),
            "all instances that the Browser lists",
        ),
        fact("address", FactKind::Address, "the address that answered"),
    ],
};

/// See the declaration.
#[derive(Debug)]
struct SqlBrowser;

impl Probe for SqlBrowser {
    fn declaration(&self) -> &'static ProbeDeclaration {
        &DECLARATION
    }

    fn observe<'a>(
        &'a self,
        request: &'a ProbeRequest,
        context: &'a Context,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            match request.text("host") {
                Ok(host) => observe(host, request.optional_text("instance"), context).await,
                Err(fault) => Outcome::not_observed(&DECLARATION, &fault.to_string()),
            }
        })
    }
}

async fn observe(host: &str, instance: Option<&str>, context: &Context) -> Outcome {
    let mut outcome = Outcome::of(&DECLARATION);
    let wanted = instance.map_or_else(|| DEFAULT_INSTANCE.to_owned(), str::to_uppercase);
    outcome
        .fact("instance", wanted.as_str())
        .by_hand_linux(format!(
            "printf '\\003' | nc -u -w 2 {} {PORT} | strings",
            posix(host)
        ))
        .by_hand_windows(format!("portqry -n {} -e {PORT} -p udp", powershell(host)));
    let addresses = match look_up(host, context).await {
        Ok(addresses) => addresses,
        Err(why) => {
            outcome.summary("no address").reason(why);
            return outcome.finish("no-address");
        }
    };
    let deadline = context.deadline - Duration::from_millis(100);
    let seen = ask_all(&addresses, PORT, &wanted, deadline).await;
    tell(outcome, &wanted, &seen)
}

/// What the addresses of a host say of the wanted instance.
pub fn tell(mut outcome: OutcomeBuilder, wanted: &str, seen: &[Seen]) -> Outcome {
    for one in seen {
        for reply in &one.replies {
            let asked = format!("{}, UDP {PORT}: {}", one.address, reply.asked);
            outcome.evidence(exchange(asked, reply.words(), reply.elapsed));
        }
    }
    let Some(best) = seen.iter().min_by_key(|one| one.rank()) else {
        outcome
            .summary("no address")
            .reason("the host has no address");
        return outcome.finish("no-address");
    };
    let instances = best.instances();
    if best.rank() == Rank::Answered {
        outcome.fact("address", best.address.to_string()).fact(
            "instances",
            instances.iter().map(Instance::record).collect::<Vec<_>>(),
        );
        let Some(found) = instances.iter().find(|one| one.name == wanted) else {
            let names: Vec<&str> = instances.iter().map(|one| one.name.as_str()).collect();
            outcome
                .summary(format!("lists {}", names.join(", ")))
                .reason(format!(
                    "the Browser does not list {wanted}, but {}",
                    names.join(", ")
                ));
            return outcome.finish("instance-not-listed");
        };
        outcome
            .fact("port", found.tcp_port)
            .fact("tcp_enabled", found.tcp_enabled)
            .fact("server_name", found.server_name.as_str())
            .fact("version", found.version.as_deref())
            .fact("clustered", found.clustered)
            .fact("named_pipe", found.named_pipe.as_deref())
            .summary(found.tcp_port.map_or_else(
                || format!("{wanted}: TCP is off"),
                |port| format!("{wanted} on port {port}"),
            ));
        return outcome.finish("listed");
    }
    let reply = best.replies.first();
    outcome.summary(reply.map_or_else(String::new, Reply::words));
    outcome.finish(match best.rank() {
        Rank::Answered | Rank::Malformed => "malformed",
        Rank::Unreachable => "unreachable",
        Rank::Silent => "silent",
    })
}

#[cfg(test)]
mod tests;
