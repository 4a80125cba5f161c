//! Kerberos values as facts.

use jiff::{Timestamp, Unit};
use serde_json::Value;

use super::error_code;
use super::kdc::offset_seconds;
use super::message::KrbError;
use crate::probe::OutcomeBuilder;

/// A time in UTC, to the second.
pub fn time(time: Timestamp) -> Value {
    Value::from(time.round(Unit::Second).unwrap_or(time).to_string())
}

/// A time that may be absent.
pub fn optional_time(moment: Option<Timestamp>) -> Value {
    moment.map_or(Value::Null, time)
}

/// The facts `kdc_code`, `kdc_code_name`, `kdc_text`, `kdc_time` and
/// `clock_offset_seconds` of a KDC's refusal that came at `received`.
pub fn kdc_error(outcome: &mut OutcomeBuilder, error: &KrbError, received: Timestamp) {
    outcome
        .fact("kdc_code", error.code)
        .fact("kdc_code_name", error_code::name(error.code))
        .fact("kdc_text", error.text.clone())
        .fact("kdc_time", time(error.time))
        .fact("clock_offset_seconds", offset_seconds(error.time, received));
}
