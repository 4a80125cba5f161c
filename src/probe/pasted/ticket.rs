//! `pasted-ticket`: which tickets somebody's machine has, as its `klist` says.

use std::time::Duration;

use futures_util::future::BoxFuture;

use super::{TOLD_ARGUMENT, source, told};
use crate::directory::spn::same;
use crate::probe::declare::{fact, fault, good, required, unknown};
use crate::probe::{Consent, Context, FactKind, Outcome, Probe, ProbeDeclaration, ProbeRequest};

static DECLARATION: ProbeDeclaration = ProbeDeclaration {
    key: "pasted-ticket",
    title: "The tickets of another machine, as told",
    help: "Reads from a pasted answer of klist (Windows, MIT) whether that machine has a ticket for \
           the SPN, with which key, and from which KDC. Asks nobody.",
    consent: Consent::Silent,
    deadline: Duration::from_secs(1),
    arguments: &[required("spn", FactKind::Spn, "the SPN"), TOLD_ARGUMENT],
    statuses: &[
        good("cached", "there is a ticket for the SPN"),
        fault("refused", "the KDC refused the ticket; `reason` says why"),
        fault("no-ticket", "the user has no ticket at all there"),
        fault(
            "none-for-it",
            "the user is signed in, and no ticket for the SPN is there",
        ),
        unknown("not-told", "no answer of klist was told"),
    ],
    facts: &[
        fact("principal", FactKind::AccountName, "whose tickets they are"),
        fact(
            "encryption_type",
            FactKind::Text,
            "the encryption type of the ticket, as it stands there",
        ),
        fact(
            "ends",
            FactKind::Text,
            "when the ticket ends, in the time of that machine",
        ),
        fact("kdc", FactKind::HostName, "the KDC that gave it"),
        fact(
            "other_spns",
            FactKind::List(&FactKind::Spn),
            "other SQL Server SPNs with a ticket there",
        ),
        fact(
            "weak",
            FactKind::Boolean,
            "whether the ticket is RC4 or DES",
        ),
        fact("source", FactKind::Text, "which text says so"),
    ],
};

/// The probe `pasted-ticket`.
pub(super) struct PastedTicket;

impl Probe for PastedTicket {
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

pub(super) fn observe(request: &ProbeRequest) -> Outcome {
    let mut outcome = Outcome::of(&DECLARATION);
    let spn = match request.text("spn") {
        Ok(spn) => spn,
        Err(fault) => return outcome.not_observed(&fault.to_string()),
    };
    outcome
        .by_hand_windows(format!("klist get {spn}"))
        .by_hand_windows("klist")
        .by_hand_linux("klist -e");
    let told = told(request);
    let Some(cache) = told.caches.last() else {
        outcome.summary("no klist was told");
        return outcome.finish("not-told");
    };
    let is_sql = |service: &str| service.to_ascii_lowercase().starts_with("mssqlsvc/");
    let others: Vec<String> = cache
        .tickets
        .iter()
        .filter(|ticket| is_sql(&ticket.service) && !same(&ticket.service, spn))
        .map(|ticket| ticket.service.clone())
        .collect();
    outcome
        .fact("principal", cache.principal.clone())
        .fact("other_spns", others)
        .fact("source", cache.source.clone());
    if let Some(ticket) = cache
        .tickets
        .iter()
        .find(|ticket| same(&ticket.service, spn))
    {
        let kind = ticket.encryption_type.clone().unwrap_or_default();
        let lower = kind.to_ascii_lowercase();
        let weak = lower.contains("rc4") || lower.contains("arcfour") || lower.contains("des-");
        outcome
            .saw(source(&cache.source), format!("a ticket for {spn}, {kind}"))
            .summary("told: a ticket is there")
            .fact("encryption_type", ticket.encryption_type.clone())
            .fact("ends", ticket.ends.clone())
            .fact("kdc", ticket.kdc.clone())
            .fact("weak", ticket.encryption_type.as_ref().map(|_| weak));
        return outcome.finish("cached");
    }
    if let Some(failure) = &cache.failure {
        outcome
            .saw(source(&cache.source), failure.clone())
            .summary("told: no ticket")
            .reason(failure.clone());
        let signed_in = failure.contains("0x");
        return outcome.finish(if signed_in { "refused" } else { "no-ticket" });
    }
    let signed_in = cache
        .tickets
        .iter()
        .any(|ticket| ticket.service.to_ascii_lowercase().starts_with("krbtgt/"));
    outcome
        .saw(
            source(&cache.source),
            format!("{} tickets, none for {spn}", cache.tickets.len()),
        )
        .summary("told: no ticket for it");
    outcome.finish(if signed_in {
        "none-for-it"
    } else {
        "no-ticket"
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pasted::recognise;

    fn status(text: &str) -> String {
        let told = recognise(text, "a", &[], jiff::Timestamp::UNIX_EPOCH).told;
        observe(
            &ProbeRequest::new("pasted-ticket")
                .with("spn", "MSSQLSvc/sql1.corp.example:1433")
                .with("told", serde_json::to_value(told).unwrap()),
        )
        .status
    }

    #[test]
    fn each_state_of_a_cache() {
        let head = "Current LogonId is 0:0x1\nCached Tickets: (1)\n";
        let tgt = "#0> Client: a @ B\n Server: krbtgt/B @ B\n";
        let own = "#1> Client: a @ B\n Server: MSSQLSvc/SQL1.corp.example:1433 @ B\n KerbTicket Encryption Type: RSADSI RC4-HMAC(NT)\n";
        assert_eq!(status(""), "not-told");
        assert_eq!(status(head), "no-ticket");
        assert_eq!(status(&format!("{head}{tgt}")), "none-for-it");
        assert_eq!(status(&format!("{head}{tgt}{own}")), "cached");
        assert_eq!(status("klist failed with 0xc000018b/-1: x"), "refused");
        assert_eq!(
            status("klist: No credentials cache found (filename: /tmp/x)"),
            "no-ticket"
        );
    }
}
