//! Whom a message names: server, user, SPN, client.
//!
//! `flat` is the text on one line and `lower` the same in lower case (ASCII
//! only, so that places in one are places in the other).

use crate::directory::spn::Spn;

/// The longest name that is taken.
const LONGEST: usize = 260;

/// What stands behind these words, up to a character of the list.
const SERVER: &[(&str, &[char])] = &[
    ("cannot connect to ", &[' ', '"', '\'']),
    ("jdbc:sqlserver://", &[';', ' ', '"', '\'']),
    ("sqlserver://", &['?', '/', ' ', '"']),
    ("data source=", &[';', '"', '\'']),
    ("server name: ", &[' ', '"']),
    ("server=", &[';', '"', '\'']),
    ("connection to the host ", &[' ', ',']),
    ("addr=", &[';']),
    (" -s ", &[' ']),
    (" on server ", &[' ', '"', '\'']),
];

/// The SQL Server, as programs write it.
pub(super) fn server(flat: &str, lower: &str, spn: Option<&str>) -> Option<String> {
    for (words, ends) in SERVER {
        for (at, _) in lower.match_indices(words).take(8) {
            let rest = &flat[at + words.len()..];
            let end = rest.find(*ends).unwrap_or(rest.len()).min(LONGEST);
            let Some(name) = rest.get(..end) else {
                continue;
            };
            let mut name = name
                .trim()
                .trim_matches(['\'', '"', '(', ')'])
                .trim_end_matches(['.', ':'])
                .to_owned();
            if *words == "connection to the host " {
                name.push_str(&port_behind(rest));
            }
            if words.contains("sqlserver://") {
                // A colon before the port, and perhaps a user before the host.
                name = name
                    .rsplit('@')
                    .next()
                    .unwrap_or_default()
                    .replacen(':', ",", 1);
            }
            let known = name.len() > 1
                && !["the", "a", "this", "sql", "server"].contains(&name.to_lowercase().as_str());
            if known && name.parse::<crate::sql_target::SqlTarget>().is_ok() {
                return Some(name);
            }
        }
    }
    // The SPN names it too, at least as the driver made it up.
    let spn = Spn::parse(spn?).ok().filter(Spn::is_sql_server)?;
    Some(match (spn.port(), spn.instance()) {
        (Some(port), _) => format!("{},{port}", spn.host()),
        (None, Some(instance)) => format!("{}\\{instance}", spn.host()),
        (None, None) => spn.host().to_owned(),
    })
}

/// `, port 1433` behind the host of JDBC's message.
fn port_behind(rest: &str) -> String {
    let lower = rest.to_ascii_lowercase();
    lower
        .get(..LONGEST.min(lower.len()))
        .and_then(|start| start.split_once(", port "))
        .map(|(_, behind)| {
            behind
                .chars()
                .take_while(char::is_ascii_digit)
                .collect::<String>()
        })
        .filter(|port| !port.is_empty())
        .map(|port| format!(",{port}"))
        .unwrap_or_default()
}

/// The user of `Login failed for user 'CORP\alice'`, or of MIT's texts.
pub(super) fn user(flat: &str, lower: &str) -> Option<String> {
    for (words, end) in [
        ("login failed for user '", '\''),
        ("login failed for user \"", '"'),
        ("client '", '\''),
    ] {
        if let Some(at) = lower.find(words) {
            let rest = &flat[at + words.len()..];
            let length = rest.find(end).filter(|length| *length <= LONGEST)?;
            let name = rest[..length].trim();
            return (!name.is_empty()).then(|| name.to_owned());
        }
    }
    None
}

/// The first SPN of SQL Server, without the realm.
pub(super) fn spn(flat: &str) -> Option<String> {
    flat.split(|letter: char| letter.is_whitespace() || "\"'`<>()[]{};,".contains(letter))
        .map(|word| {
            let word = word.split('@').next().unwrap_or(word);
            word.trim_end_matches(['.', ':', '!', '?'])
        })
        .filter(|word| word.len() <= LONGEST)
        .find(|word| {
            word.get(..9)
                .is_some_and(|class| class.eq_ignore_ascii_case("MSSQLSvc/"))
                && Spn::parse(word).is_ok()
        })
        .map(str::to_owned)
}

/// The address in `[CLIENT: 10.0.0.1]`.
pub(super) fn client(flat: &str, lower: &str) -> Option<String> {
    let at = lower.find("[client: ")? + "[client: ".len();
    let rest = flat.get(at..)?;
    let address = rest.get(..rest.find(']')?)?.trim();
    address
        .parse::<std::net::IpAddr>()
        .ok()
        .map(|address| address.to_string())
}
