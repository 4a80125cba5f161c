//! What a word looks like: an address, a SID, an SPN, a distinguished name, or a
//! name with dots.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Characters around a word in a sentence or in a command.
const AROUND: &[char] = &[
    '(', ')', '[', ']', '{', '}', '<', '>', '"', '\'', '`', ',', ';', '=', '|', '&', '*', '!', '?',
    '“', '”',
];

/// What names a thing of this program, or of a system, although it has a dot.
const LAST_LABELS: &[&str] = &[
    "conf",
    "exe",
    "msc",
    "ps1",
    "sh",
    "txt",
    "log",
    "jsonl",
    "json",
    "md",
    "html",
    "keytab",
    "dll",
    "yaml",
    "ldif",
    "arpa",
    "sqlclient",
    "net",
    "status",
];

/// Classes of SPNs whose host may stand without its domain.
const CLASSES: &[&str] = &[
    "MSSQLSvc",
    "HOST",
    "cifs",
    "ldap",
    "http",
    "gc",
    "krbtgt",
    "RestrictedKrbHost",
    "TERMSRV",
    "WSMAN",
    "dns",
    "rpc",
    "kadmin",
    "E3514235-4B06-11D1-AB04-00C04FC2DCD2",
];

/// Names with dots that begin so are no host names.
const FIRST_LABELS: &[&str] = &[
    "sys",
    "system",
    "microsoft",
    "mssql",
    "forward",
    "names",
    "given",
];

/// The words of a text.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| letter.is_whitespace() || AROUND.contains(&letter))
        .map(|word| word.trim_end_matches(['.', ':']))
        .filter(|word| !word.is_empty())
}

/// An IPv4 address, with or without a port behind it.
pub(super) fn ipv4(word: &str) -> Option<Ipv4Addr> {
    let word = word.rsplit('@').next().unwrap_or(word);
    let word = word.split([':', '/']).next().unwrap_or(word);
    word.parse().ok()
}

/// An IPv6 address, with or without brackets and a port.
pub(super) fn ipv6(word: &str) -> Option<Ipv6Addr> {
    if word.matches(':').count() < 2 {
        return None;
    }
    word.split('%').next().unwrap_or(word).parse().ok()
}

/// A GUID, `8-4-4-4-12` hexadecimal digits.
pub(super) fn is_guid(word: &str) -> bool {
    let parts: Vec<&str> = word.split('-').collect();
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12])
        && parts
            .iter()
            .all(|part| part.chars().all(|digit| digit.is_ascii_hexdigit()))
}

/// The digest of a certificate or a key: 40 or 64 hexadecimal digits.
pub(super) fn is_digest(word: &str) -> bool {
    let digits = word.chars().filter(|letter| *letter != ':').count();
    matches!(digits, 40 | 64)
        && word
            .chars()
            .all(|letter| letter.is_ascii_hexdigit() || letter == ':')
}

/// `DOMAIN\name`: both parts. Paths of a registry or a disk are none.
pub(super) fn down_level(word: &str) -> Option<(&str, &str)> {
    let (domain, name) = word.split_once('\\')?;
    let whole = !domain.is_empty() && !name.is_empty() && !name.contains('\\');
    let escape = name.get(..2).is_some_and(|code| {
        code.chars().all(|digit| digit.is_ascii_hexdigit())
            && ["5c", "2a", "28", "29", "00"].contains(&code.to_lowercase().as_str())
    });
    let built_in = ["AUTHORITY", "SERVICE", "BUILTIN", "."]
        .iter()
        .any(|known| domain.eq_ignore_ascii_case(known));
    let hexadecimal = domain.len() == 2 && name.len() == 2;
    (whole && !escape && !built_in && !hexadecimal && !domain.ends_with(':'))
        .then_some((domain, name))
}

/// `class/host[:port or instance][/domain]`: the host, what follows it, and the
/// domain.
pub(super) fn spn(word: &str) -> Option<(&str, Option<&str>, Option<&str>)> {
    let (class, rest) = word.split_once('/')?;
    let is_class = class.len() >= 3
        && class
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
        && class.starts_with(|letter: char| letter.is_ascii_alphabetic());
    if !is_class || rest.starts_with('/') {
        return None;
    }
    let (host, domain) = match rest.split_once('/') {
        Some((host, domain)) => (host, Some(domain)),
        None => (rest, None),
    };
    let (host, after) = match host.split_once(':') {
        Some((host, after)) => (host, Some(after)),
        None => (host, None),
    };
    // `and/or` is none.
    let is_known = CLASSES
        .iter()
        .any(|known| known.eq_ignore_ascii_case(class));
    let is_host = is_labels(host) && (is_known || host.contains('.') || after.is_some());
    is_host.then_some((host, after, domain))
}

/// Labels of letters, digits, `-` and `_`, joined by dots.
pub(super) fn is_labels(text: &str) -> bool {
    !text.is_empty()
        && text.split('.').all(|label| {
            !label.is_empty()
                && label
                    .chars()
                    .all(|letter| letter.is_alphanumeric() || letter == '-' || letter == '_')
        })
}

/// A name with dots that may be a host's or a domain's.
pub(super) fn is_dns_name(word: &str) -> bool {
    if !is_labels(word) || !word.contains('.') {
        return false;
    }
    let last = word.rsplit('.').next().unwrap_or_default().to_lowercase();
    let first = word.split('.').next().unwrap_or_default().to_lowercase();
    last.len() >= 2
        && last.chars().all(char::is_alphabetic)
        && !LAST_LABELS.contains(&last.as_str())
        && !FIRST_LABELS.contains(&first.as_str())
}

/// The parts of a distinguished name: attribute and value.
pub(super) fn distinguished_name(text: &str) -> Vec<(String, String)> {
    let mut parts = Vec::new();
    let mut current = String::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => current.extend(letters.next()),
            ',' => parts.push(std::mem::take(&mut current)),
            other => current.push(other),
        }
    }
    parts.push(current);
    parts
        .into_iter()
        .map_while(|part| {
            let (attribute, value) = part.split_once('=')?;
            let attribute = attribute.trim().to_uppercase();
            ["CN", "OU", "DC", "O", "L", "C", "ST"]
                .contains(&attribute.as_str())
                .then(|| (attribute, value.trim().to_owned()))
        })
        .collect()
}

/// The distinguished names in a sentence.
pub(super) fn distinguished_names(text: &str) -> Vec<Vec<(String, String)>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..]
        .find("CN=")
        .into_iter()
        .chain(text[from..].find("OU="))
        .chain(text[from..].find("DC="))
        .min()
    {
        let start = from + at;
        let rest = &text[start..];
        // It ends where a word follows that is no part of it.
        let end = rest
            .find(['\'', '"', ';', '\n', '(', ')', '|'])
            .unwrap_or(rest.len());
        let end = rest[..end].find("DC=").map_or(end, |dc| {
            rest[dc..end].find(' ').map_or(end, |space| dc + space)
        });
        let parts = distinguished_name(rest[..end].trim_end_matches([':', ',']));
        from = start + end.max(3);
        if parts.len() > 1 {
            found.push(parts);
        }
        while !text.is_char_boundary(from) {
            from += 1;
        }
    }
    found
}

/// A path of a file that is not the same on every machine.
pub(super) fn own_path(word: &str) -> Option<&str> {
    let path = word
        .strip_prefix("FILE:")
        .or_else(|| word.strip_prefix("DIR:"))
        .unwrap_or(word);
    let deep = path.starts_with('/') && !path.starts_with("//") && path[1..].contains('/');
    let disk = path.len() > 3
        && path.as_bytes()[0].is_ascii_alphabetic()
        && path.as_bytes()[1] == b':'
        && path.as_bytes()[2] == b'\\';
    let everywhere = [
        "/etc/krb5",
        "/etc/hosts",
        "/etc/nsswitch",
        "/etc/resolv",
        "/dev/",
        "/usr/",
        "/proc/",
    ]
    .iter()
    .any(|known| path.starts_with(known));
    ((deep || disk) && !everywhere).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_known_by_their_form() {
        assert_eq!(
            spn("MSSQLSvc/sql1.corp.example:1433"),
            Some(("sql1.corp.example", Some("1433"), None))
        );
        assert_eq!(spn("ldap://dc1"), None);
        assert_eq!(down_level(r"CORP\svc_sql"), Some(("CORP", "svc_sql")));
        assert_eq!(down_level(r"HKLM\Software\Microsoft"), None);
        assert_eq!(down_level(r"SERVICE\MSSQLSERVER"), None);
        assert_eq!(down_level(r"sql1\5c*"), None);
        assert!(is_dns_name("sql1.corp.example") && !is_dns_name("krb5.conf"));
        assert!(!is_dns_name("sys.dm_exec_connections") && !is_dns_name("16.0.4165"));
        assert_eq!(
            own_path("FILE:/run/user/1000/krb5cc"),
            Some("/run/user/1000/krb5cc")
        );
        assert_eq!(own_path("/etc/krb5.conf"), None);
        assert_eq!(
            distinguished_names("the object CN=Smith\\, John,CN=Users,DC=corp,DC=example: no SPN")
                [0],
            [
                ("CN", "Smith, John"),
                ("CN", "Users"),
                ("DC", "corp"),
                ("DC", "example")
            ]
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
        );
        assert!(is_guid("6bb5b1a5-0c1b-4a52-9ab7-1f2a3b4c5d6e"));
    }
}
