//! The clock: against the KDCs, and as the system keeps it.

use super::{Check, Repair};
use crate::probe::Outcome;

/// Whether the system says that its clock is kept right; none: it cannot tell.
pub type Synchronised = Option<bool>;

/// As far as Kerberos accepts, and what is a reason to look, in seconds.
const SKEW: i64 = 300;
const DRIFT: i64 = 60;

/// The clock: against the KDCs when they answer, else as the system says.
pub fn clock(kdcs: Option<&Outcome>, synchronised: Synchronised) -> Check {
    let check = Check::of(
        "clock",
        "Clock",
        "Kerberos refuses a clock that is more than five minutes off.",
    );
    let repair = || Repair {
        debian: "sudo apt install chrony && sudo systemctl enable --now chrony".to_owned(),
        rhel: "sudo dnf install chrony && sudo systemctl enable --now chronyd".to_owned(),
    };
    let offset = kdcs.and_then(|seen| {
        let seconds = seen.fact("largest_offset_seconds");
        seconds.as_i64().or_else(|| {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "seconds between two clocks"
            )]
            seconds.as_f64().map(|seconds| seconds.round() as i64)
        })
    });
    let kept = match synchronised {
        Some(true) => ", and it is kept right (NTP)",
        Some(false) => ", and nothing keeps it right (NTP)",
        None => "",
    };
    match (offset, synchronised) {
        (Some(offset), _) if offset.abs() > SKEW => check.missing(
            format!("{} s away from the KDC's{kept}", offset.abs()),
            repair(),
        ),
        (Some(offset), Some(false)) => check.missing(
            format!("{} s away from the KDC's{kept}", offset.abs()),
            repair(),
        ),
        (Some(offset), _) if offset.abs() > DRIFT => check.missing(
            format!(
                "{} s away from the KDC's: Kerberos still works{kept}",
                offset.abs()
            ),
            repair(),
        ),
        (Some(offset), _) => check.ok(format!("{} s away from the KDC's{kept}", offset.abs())),
        (None, Some(true)) => check.ok("it is kept right (NTP)"),
        (None, Some(false)) => check.missing("nothing keeps it right (NTP)", repair()),
        (None, None) => {
            check.unknown("no KDC answers, and the system does not say whether NTP keeps it right")
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::State;
    use super::*;

    fn outcome(status: &str, facts: &serde_json::Value) -> Outcome {
        Outcome {
            status: status.to_owned(),
            summary: status.to_owned(),
            facts: facts.as_object().cloned().unwrap_or_default(),
            evidence: Vec::new(),
            by_hand: crate::probe::ByHand::default(),
            elapsed_ms: 1,
        }
    }

    #[test]
    fn a_clock_counts_against_the_kdc_before_what_the_system_says() {
        let kdc = |seconds: i64| outcome("answering", &json!({"largest_offset_seconds": seconds}));
        let state = |seconds: Option<i64>, kept| clock(seconds.map(kdc).as_ref(), kept).state;
        assert_eq!(state(Some(-2), None), State::Ok);
        assert_eq!(state(Some(-2), Some(false)), State::Missing);
        assert_eq!(state(Some(-400), Some(true)), State::Missing);
        assert_eq!(state(Some(90), Some(true)), State::Missing);
        assert_eq!(state(None, Some(true)), State::Ok);
        assert_eq!(state(None, None), State::Unknown);
    }
}
