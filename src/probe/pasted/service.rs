//! `pasted-service`: under which account SQL Server runs, as somebody told.

use std::time::Duration;

use futures_util::future::BoxFuture;

use super::{TOLD_ARGUMENT, source, told};
use crate::pasted::Told;
use crate::pasted::told::Service;
use crate::probe::declare::{fact, good, optional, unknown};
use crate::probe::{Consent, Context, FactKind, Outcome, Probe, ProbeDeclaration, ProbeRequest};

static DECLARATION: ProbeDeclaration = ProbeDeclaration {
    key: "pasted-service",
    title: "The service account, as told",
    help: "Reads from a pasted answer (Get-CimInstance Win32_Service, sc qc, systemctl show) or a \
           SQLCheck report under which account the instance runs and since when. Asks nobody.",
    consent: Consent::Silent,
    deadline: Duration::from_secs(1),
    arguments: &[
        optional("host", FactKind::HostName, "the server's name"),
        optional(
            "instance",
            FactKind::Text,
            "the named instance; null for the default one",
        ),
        TOLD_ARGUMENT,
    ],
    statuses: &[
        good("told", "it was told"),
        unknown("not-told", "nothing that was told is about this instance"),
    ],
    facts: &[
        fact(
            "service_account",
            FactKind::AccountName,
            "the account, as it stands there",
        ),
        fact(
            "started",
            FactKind::Text,
            "when the service was started, as it stands there",
        ),
        fact("platform", FactKind::Text, "`Windows` or `Linux`"),
        fact("source", FactKind::Text, "which text says so"),
    ],
};

/// The probe `pasted-service`.
pub(super) struct PastedService;

impl Probe for PastedService {
    fn declaration(&self) -> &'static ProbeDeclaration {
        &DECLARATION
    }

    fn observe<'a>(
        &'a self,
        request: &'a ProbeRequest,
        _context: &'a Context,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move { observe(request) })
    }
}

/// The service of this host and instance. A text that names no host is about
/// the host that it was asked for; two accounts for one instance are none.
pub(super) fn of<'a>(
    told: &'a Told,
    host: Option<&str>,
    instance: Option<&str>,
) -> Option<&'a Service> {
    let short = |name: &str| name.split('.').next().unwrap_or_default().to_lowercase();
    let mut matching = told.services.iter().filter(|service| {
        let here = match (&service.host, host) {
            (Some(one), Some(other)) => short(one) == short(other),
            _ => true,
        };
        here && service.instance.as_deref().map(str::to_uppercase)
            == instance.map(str::to_uppercase)
    });
    let first = matching.next()?;
    let contradicted = matching.any(|other| other.account != first.account);
    (!contradicted).then_some(first)
}

pub(super) fn observe(request: &ProbeRequest) -> Outcome {
    let mut outcome = Outcome::of(&DECLARATION);
    let told = told(request);
    let (host, instance) = (
        request.optional_text("host"),
        request.optional_text("instance"),
    );
    outcome.by_hand_windows(
        "Get-CimInstance Win32_Service -Filter \"Name LIKE 'MSSQL%'\" | Select-Object Name, StartName, State",
    );
    let Some(service) = of(&told, host, instance) else {
        outcome.summary("nothing was told about it");
        return outcome.finish("not-told");
    };
    let words = service
        .account
        .clone()
        .unwrap_or_else(|| "no account".to_owned());
    outcome
        .saw(
            source(&service.source),
            format!("the service runs under {words}"),
        )
        .summary(format!("told: {words}"))
        .fact("service_account", service.account.clone())
        .fact("started", service.started.clone())
        .fact("platform", service.platform.clone())
        .fact("source", service.source.clone());
    outcome.finish("told")
}
