//! Distinguished names and the DNS domains, realms and NetBIOS names that go
//! with them.

/// The DNS name of the domain that a distinguished name lies in: its `DC=`
/// parts at the end ([MS-ADTS] 3.1.1.1.5).
pub fn domain_of(distinguished_name: &str) -> Option<String> {
    let mut labels = Vec::new();
    for part in split_names(distinguished_name).into_iter().rev() {
        let (kind, value) = part.split_once('=')?;
        if !kind.trim().eq_ignore_ascii_case("DC") {
            break;
        }
        labels.push(value.trim().to_lowercase());
    }
    labels.reverse();
    (!labels.is_empty()).then(|| labels.join("."))
}

/// The distinguished name of a domain, `DC=corp,DC=example`.
pub fn distinguished_name_of(domain: &str) -> String {
    domain
        .trim_matches('.')
        .split('.')
        .map(|label| format!("DC={}", escape_value(label)))
        .collect::<Vec<_>>()
        .join(",")
}

/// A value as it may stand in a distinguished name (RFC 4514 2.4).
pub fn escape_value(value: &str) -> String {
    let mut escaped = String::new();
    let last = value.chars().count().saturating_sub(1);
    for (index, character) in value.chars().enumerate() {
        let edge_space = character == ' ' && (index == 0 || index == last);
        let sharp = character == '#' && index == 0;
        if character == '\0' {
            escaped.push_str("\\00");
            continue;
        }
        if edge_space
            || sharp
            || matches!(character, '"' | '+' | ',' | ';' | '<' | '>' | '\\' | '=')
        {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// The parts of a distinguished name, split at commas that are not escaped.
fn split_names(distinguished_name: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut escaped = false;
    for (position, character) in distinguished_name.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ',' => {
                parts.push(&distinguished_name[start..position]);
                start = position + 1;
            }
            _ => {}
        }
    }
    parts.push(&distinguished_name[start..]);
    parts
}

/// Whether a text is a distinguished name rather than another kind of name.
pub fn is_distinguished_name(text: &str) -> bool {
    let parts = split_names(text);
    parts.len() > 1 && parts.iter().all(|part| part.contains('='))
}

/// The Kerberos realm of a domain: its name in capitals.
pub fn realm_of(domain: &str) -> String {
    domain.trim_matches('.').to_uppercase()
}

/// Whether `name` is `suffix` or lies below it.
pub fn is_within(name: &str, suffix: &str) -> bool {
    let name = name.trim_matches('.').to_lowercase();
    let suffix = suffix.trim_matches('.').to_lowercase();
    !suffix.is_empty()
        && name
            .strip_suffix(&suffix)
            .is_some_and(|front| front.is_empty() || front.ends_with('.'))
}

/// Two DNS names are the same without their trailing dot and case.
pub fn same_name(one: &str, two: &str) -> bool {
    one.trim_end_matches('.')
        .eq_ignore_ascii_case(two.trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_domain_of_a_name() {
        assert_eq!(
            domain_of("CN=svc\\,sql,OU=DC=x,DC=Corp,DC=Example").as_deref(),
            Some("corp.example")
        );
        assert_eq!(domain_of("CN=x"), None);
        assert_eq!(domain_of(""), None);
        assert_eq!(distinguished_name_of("corp.example."), "DC=corp,DC=example");
    }

    #[test]
    fn what_a_distinguished_name_looks_like() {
        assert!(is_distinguished_name("CN=x,DC=corp,DC=example"));
        assert!(!is_distinguished_name("CORP\\alice"));
        assert!(!is_distinguished_name("alice@corp.example"));
    }

    #[test]
    fn a_suffix_covers_whole_labels_only() {
        assert!(is_within("sql1.corp.example.", "CORP.example"));
        assert!(is_within("corp.example", "corp.example"));
        assert!(!is_within("sql1.mycorp.example", "corp.example"));
        assert!(!is_within("sql1", ""));
    }

    proptest! {
        #[test]
        fn an_escaped_value_stays_one_part(value in "[ -~]{1,30}") {
            let name = format!("CN={},DC=corp,DC=example", escape_value(&value));
            prop_assert_eq!(split_names(&name).len(), 3);
            let domain = domain_of(&name);
            prop_assert_eq!(domain.as_deref(), Some("corp.example"));
        }
    }
}
