//! `ldap-root`: finds a domain controller and reads its rootDSE, which needs no
//! sign-in.

mod declaration;

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::by_hand;
use super::connection::{Connection, milliseconds};
use super::connections::{Access, Wanted};
use super::fault::{DirectoryFault, FaultKind};
use super::reach::{self, Role};
use super::root_dse::{RootDse, level_words};
use super::search::Search;
use crate::directory::time;
use crate::probe::{
    Context, Evidence, Outcome, OutcomeBuilder, Probe, ProbeDeclaration, ProbeRequest,
};

/// The probe `ldap-root`.
pub struct LdapRoot;

impl Probe for LdapRoot {
    fn declaration(&self) -> &'static ProbeDeclaration {
        &declaration::DECLARATION
    }

    fn observe<'a>(
        &'a self,
        request: &'a ProbeRequest,
        context: &'a Context,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(observe(request, context))
    }
}

async fn observe(request: &ProbeRequest, context: &Context) -> Outcome {
    let outcome = Outcome::of(&declaration::DECLARATION);
    let domain = request.optional_text("domain");
    let server = request.optional_text("server");
    let Some(name) = domain.or(server) else {
        return outcome.not_observed("the probe `ldap-root` needs a `domain` or a `server`");
    };
    let mut outcome = outcome;
    let session = &context.session;
    if server.is_none()
        && let Ok(hosts) =
            reach::candidates(session, Role::DomainController, name, context.deadline).await
    {
        let service_name = Role::DomainController.service_name(name);
        outcome.saw(format!("DNS: SRV {service_name}"), hosts.join(", "));
        outcome.fact("domain_controllers", hosts);
    }
    let wanted = Wanted {
        role: Role::DomainController,
        name,
        server,
    };
    let started = tokio::time::Instant::now();
    let read = match read(context, wanted).await {
        Err(fault) if fault.is_broken() => read(context, wanted).await,
        other => other,
    };
    let (connection, root) = match read {
        Ok(read) => read,
        Err(fault) => {
            by_hand(&mut outcome, name, server, server.unwrap_or(name));
            return failed(outcome, &fault);
        }
    };
    by_hand(&mut outcome, name, server, connection.host());
    let silent: Vec<&str> = connection
        .silent
        .iter()
        .map(|(host, _)| host.as_str())
        .collect();
    outcome.fact("silent_controllers", silent);
    for (host, what) in &connection.silent {
        outcome.saw(format!("{host}: TCP port 389"), what.clone());
    }
    tell(&mut outcome, &connection, &root, milliseconds(started));
    outcome.finish("answered")
}

/// Reads the rootDSE now.
async fn read(
    context: &Context,
    wanted: Wanted<'_>,
) -> Result<(Arc<Connection>, RootDse), DirectoryFault> {
    let directory = &context.session.directory;
    let connection = directory.get(context, wanted, Access::Anonymous).await?;
    let root = connection.read_root(context.deadline).await?;
    Ok((connection, root))
}

fn failed(mut outcome: OutcomeBuilder, fault: &DirectoryFault) -> Outcome {
    outcome.reason(fault.to_string());
    let status = match (fault, fault.kind()) {
        (DirectoryFault::TimedOut(_), _) => "timed-out",
        (_, FaultKind::NoServer) => "no-domain-controller",
        (_, FaultKind::Unreachable) => "unreachable",
        (_, FaultKind::NotReadable) => "not-readable",
    };
    outcome.summary(status.replace('-', " "));
    outcome.saw("the domain controllers", fault.to_string());
    outcome.finish(status)
}

fn by_hand(outcome: &mut OutcomeBuilder, name: &str, server: Option<&str>, host: &str) {
    if server.is_none() {
        let service_name = Role::DomainController.service_name(name);
        outcome.by_hand_linux(format!("dig +short SRV {}", by_hand::sh(&service_name)));
        outcome.by_hand_windows(format!("nltest /dsgetdc:{}", by_hand::cmd(name)));
    }
    let search = Search::object("", &["*"]);
    outcome.by_hand_linux(by_hand::ldapsearch(&by_hand::sh(host), false, &search));
    outcome.by_hand_windows(format!(
        "Get-ADRootDSE -Server {}",
        by_hand::powershell(host)
    ));
}

fn tell(outcome: &mut OutcomeBuilder, connection: &Connection, root: &RootDse, elapsed_ms: u64) {
    let [domain_level, forest_level, controller_level] = root.levels;
    let offset = root.clock_offset.map(|offset| {
        // Hundredths are more than a clock that tells seconds can promise.
        (offset.as_secs_f64() * 100.0).round() / 100.0
    });
    outcome
        .fact("directory", connection.server())
        .fact(
            "address",
            connection.address().map(|address| address.to_string()),
        )
        .fact("dns_host_name", root.dns_host_name.clone())
        .fact("domain", root.domain())
        .fact("forest", root.forest())
        .fact("realm", root.realm())
        .fact(
            "default_naming_context",
            root.default_naming_context.clone(),
        )
        .fact("root_naming_context", root.root_naming_context.clone())
        .fact(
            "configuration_naming_context",
            root.configuration_naming_context.clone(),
        )
        .fact("current_time", root.current_time.map(time::rfc3339))
        .fact("clock_offset_seconds", offset)
        .fact("domain_level", domain_level.map(level_words))
        .fact("forest_level", forest_level.map(level_words))
        .fact("controller_level", controller_level.map(level_words))
        .fact("controller_level_number", controller_level)
        .fact("global_catalog", root.global_catalog)
        .fact("synchronized", root.synchronized)
        .fact("site", root.site())
        .fact("vendor", root.vendor.clone())
        .fact("sasl_mechanisms", root.sasl_mechanisms.clone());
    let name = root.dns_host_name.as_deref().unwrap_or(connection.host());
    outcome.summary(name.to_owned());
    let mut saw = format!(
        "{name}, domain {}, forest {}",
        root.domain().unwrap_or_default(),
        root.forest().unwrap_or_default()
    );
    if let Some(offset) = offset {
        let words = if offset.abs() < 1.0 {
            "its clock agrees with ours".to_owned()
        } else if offset > 0.0 {
            format!("its clock is {offset:.0} s ahead of ours")
        } else {
            format!("its clock is {:.0} s behind ours", -offset)
        };
        saw = format!("{saw}; {words}");
    }
    outcome.evidence(Evidence {
        asked: format!("{}: its rootDSE", connection.server()),
        saw,
        elapsed_ms: Some(elapsed_ms),
        credential: Some(connection.credential()),
    });
}
