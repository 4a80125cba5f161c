//! The host part of a target.

use std::net::{IpAddr, Ipv6Addr};

use super::SqlTargetFault;

/// A host by itself: its name in lower case without the trailing dot, or an
/// address without brackets; `localhost` for `.` and `(local)`. The error says
/// what to type instead.
pub fn parse(host: &str) -> Result<String, SqlTargetFault> {
    if host.is_empty() {
        return Err(SqlTargetFault::Empty);
    }
    if host == "." || host.eq_ignore_ascii_case("(local)") {
        return Ok("localhost".to_owned());
    }
    if let Some(address) = address(host) {
        return Ok(address.to_string());
    }
    if let Some((name, port)) = host.rsplit_once(':')
        && !port.is_empty()
        && port.bytes().all(|byte| byte.is_ascii_digit())
        && (!name.contains(':') || name.ends_with(']'))
    {
        let name = name.trim_start_matches('[').trim_end_matches(']');
        return Err(SqlTargetFault::Colon {
            suggestion: format!("{name},{port}"),
        });
    }
    let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    match name_fault(&name) {
        None => Ok(name),
        Some(why) => Err(SqlTargetFault::Host {
            host: host.to_owned(),
            why,
        }),
    }
}

/// IPv4, IPv6, or IPv6 in brackets.
fn address(host: &str) -> Option<IpAddr> {
    let inner = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    match inner {
        Some(inner) => inner.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
        None => host.parse().ok(),
    }
}

/// What is wrong with a host name, RFC 1123 2.1, with the underscore that
/// Windows allows.
fn name_fault(name: &str) -> Option<&'static str> {
    if name.len() > 253 {
        return Some("a name has at most 253 characters");
    }
    for label in name.split('.') {
        if label.is_empty() {
            return Some("two dots follow each other, or it begins with one");
        }
        if label.len() > 63 {
            return Some("the part between two dots has at most 63 characters");
        }
        if label.contains(' ') {
            return Some("it has a space in it");
        }
        if !label.is_ascii() {
            return Some("type an international name in its xn-- form");
        }
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if !label.bytes().all(allowed) {
            return Some("only letters, digits, hyphens and dots can stand in a name");
        }
        if label.starts_with('-') || label.ends_with('-') {
            return Some("a hyphen cannot stand at the beginning or end of a part");
        }
    }
    let all_digits = |label: &str| label.bytes().all(|byte| byte.is_ascii_digit());
    if name.rsplit('.').next().is_some_and(all_digits) && name.contains('.') {
        return Some("it looks like an IP address, but is not a valid one");
    }
    None
}
