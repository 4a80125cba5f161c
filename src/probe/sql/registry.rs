//! The network settings of an instance, from its registry.

use super::reading::{Rows, flag, text};
use crate::probe::OutcomeBuilder;

/// Reads rows of key, value name and data.
pub(super) fn read(rows: &Rows, outcome: &mut OutcomeBuilder) {
    let value = |name: &str, key_end: &str| {
        rows.iter()
            .filter(|row| {
                let key = text(row, 0).unwrap_or_default().to_ascii_lowercase();
                key.ends_with(&key_end.to_ascii_lowercase())
            })
            .find(|row| text(row, 1).is_some_and(|held| held.eq_ignore_ascii_case(name)))
            .and_then(|row| text(row, 2))
            .map(|data| data.trim_matches(['\0', ' ']).to_owned())
    };
    // On Linux the view is empty: nothing can be said then.
    let port = value("TcpPort", r"\IPAll").filter(|port| !port.is_empty());
    // `0` asks for a dynamic port, another number is the one it got.
    let dynamic = value("TcpDynamicPorts", r"\IPAll").filter(|port| !port.is_empty());
    let kind = match (port, dynamic) {
        (Some(_), _) => Some("static"),
        (None, Some(_)) => Some("dynamic"),
        (None, None) => None,
    };
    let protection = value("ExtendedProtection", "").and_then(|level| match level.as_str() {
        "0" => Some("off"),
        "1" => Some("allowed"),
        "2" => Some("required"),
        _ => None,
    });
    let spns = value("AcceptedSPNs", "").map(|spns| {
        spns.split([';', '\0'])
            .map(str::trim)
            .filter(|spn| !spn.is_empty())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    });
    outcome
        .fact("port_kind", kind)
        .fact("extended_protection", protection)
        .fact("accepted_spns", spns)
        .fact("force_encryption", flag(value("ForceEncryption", "")))
        .fact("hidden", flag(value("HideInstance", "")));
}
