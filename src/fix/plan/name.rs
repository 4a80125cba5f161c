//! Names as they stand in DNS zones.

use std::net::IpAddr;

/// A host name as it stands in a zone.
pub(super) fn host(name: &str) -> String {
    name.trim().trim_end_matches('.').to_lowercase()
}

/// Whether a text can be nothing but a host or domain name to the tools that
/// get it: letters, digits, `-`, `_` and dots, not an option.
pub(in crate::fix) fn is_host(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    (1..=253).contains(&name.len())
        && !name.starts_with(['-', '.'])
        && name
            .chars()
            .all(|letter| letter.is_alphanumeric() || "-_.".contains(letter))
}

/// What follows the first label.
pub(super) fn domain_of(name: &str) -> String {
    host(name)
        .split_once('.')
        .map_or_else(String::new, |(_, domain)| domain.to_owned())
}

/// A server that can be used with Kerberos: by name, not by address.
pub(super) fn server_name(server: &str) -> Option<String> {
    let name = host(server);
    (is_host(&name) && name.parse::<IpAddr>().is_err()).then_some(name)
}

/// The owner name of an address's reverse record (RFC 1035 3.5, RFC 3596 2.5).
pub(super) fn reverse_name(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        IpAddr::V6(address) => {
            let mut name = String::with_capacity(72);
            for byte in address.octets().iter().rev() {
                use std::fmt::Write as _;
                let _ = write!(name, "{:x}.{:x}.", byte & 15, byte >> 4);
            }
            name + "ip6.arpa"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reverse_names() {
        assert_eq!(
            reverse_name("10.88.0.31".parse().unwrap()),
            "31.0.88.10.in-addr.arpa"
        );
        assert_eq!(
            reverse_name("fd00::1".parse().unwrap()),
            "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa"
        );
    }

    #[test]
    fn a_server_by_address_is_not_used() {
        assert_eq!(server_name("10.0.0.2"), None);
        assert_eq!(
            server_name("DC1.corp.example."),
            Some("dc1.corp.example".to_owned())
        );
        assert_eq!(server_name("--option=x"), None);
        assert!(is_host("_ldap._tcp.b\u{fc}ro.example.") && !is_host("a;b") && !is_host("."));
    }
}
