//! Codes in a message: SSPI status codes, SQL Server's errors with their
//! states, the KDC's errors, and what SPN registration says.

use super::{Code, Stage};

/// A code of the table, found in a text.
pub(super) struct Known {
    /// As it is shown.
    pub(super) code: Code,
    pub(super) stage: Stage,
    pub(super) explanation: &'static str,
    /// Whether it says more than the words around it.
    decisive: bool,
}

/// A line of the table: number in hexadecimal, stage, meaning, and whether it
/// decides about the stage.
type Row = (u32, Stage, &'static str, bool);

/// SSPI status codes ("SSPI Status Codes", winerror.h) and those of Active
/// Directory when an SPN is written.
const STATUS: &[Row] = &[
    (
        0x8009_0322,
        Stage::ServerOpensTicket,
        "SEC_E_WRONG_PRINCIPAL: the server could not open the ticket",
        true,
    ),
    (
        0x8009_0303,
        Stage::ServiceTicket,
        "SEC_E_TARGET_UNKNOWN: the KDC does not find the SPN",
        true,
    ),
    (
        0x8009_0311,
        Stage::OwnTicket,
        "SEC_E_NO_AUTHENTICATING_AUTHORITY: no domain controller could be reached",
        true,
    ),
    (
        0x8009_0304,
        Stage::OwnTicket,
        "SEC_E_INTERNAL_ERROR: the Local Security Authority could not be contacted",
        true,
    ),
    (
        0x8009_030C,
        Stage::ServerOpensTicket,
        "SEC_E_LOGON_DENIED: the server refused the logon, mostly an NTLM one",
        true,
    ),
    (
        0x8009_030E,
        Stage::OwnTicket,
        "SEC_E_NO_CREDENTIALS: there is nothing to sign in with",
        true,
    ),
    (
        0x8009_0308,
        Stage::ServerOpensTicket,
        "SEC_E_INVALID_TOKEN: the token is damaged or too large",
        true,
    ),
    (
        0x8009_0324,
        Stage::OwnTicket,
        "SEC_E_TIME_SKEW: the clocks differ by too much",
        true,
    ),
    (
        0x8009_0341,
        Stage::ServiceTicket,
        "SEC_E_KDC_UNABLE_TO_REFER: the way to the server's domain is not known",
        true,
    ),
    (
        0x8009_0342,
        Stage::ServiceTicket,
        "SEC_E_KDC_UNKNOWN_ETYPE: no common encryption type",
        true,
    ),
    (
        0x8009_0345,
        Stage::SecondHop,
        "SEC_E_DELEGATION_REQUIRED: the identity may not be handed on",
        true,
    ),
    (
        0x8009_0346,
        Stage::ServerOpensTicket,
        "SEC_E_BAD_BINDINGS: the server demands Extended Protection, which the driver lacks",
        true,
    ),
    (
        0x8009_0350,
        Stage::OwnTicket,
        "SEC_E_DOWNGRADE_DETECTED: most often no domain controller could be reached",
        true,
    ),
    (
        0x8009_0357,
        Stage::SecondHop,
        "SEC_E_CROSSREALM_DELEGATION_FAILURE: this delegation does not cross domains",
        true,
    ),
    (
        0xC000_018B,
        Stage::ServiceTicket,
        "STATUS_NO_TRUST_SAM_ACCOUNT: the KDC does not find the SPN",
        true,
    ),
    (
        0x2098,
        Stage::Registration,
        "ERROR_DS_INSUFF_ACCESS_RIGHTS: the service account may not write its own SPN",
        false,
    ),
    (
        0x21C7,
        Stage::Registration,
        "ERROR_DS_SPN_VALUE_NOT_UNIQUE_IN_FOREST: another account holds the SPN",
        false,
    ),
    (
        0x200B,
        Stage::Registration,
        "ERROR_DS_NO_ATTRIBUTE_OR_VALUE: there was no such SPN to remove",
        false,
    ),
    (
        0x54B,
        Stage::Registration,
        "ERROR_NO_SUCH_DOMAIN: no domain controller could be reached",
        false,
    ),
    (
        0x6FD,
        Stage::Registration,
        "ERROR_TRUSTED_DOMAIN_FAILURE: the computer has lost its place in the domain",
        false,
    ),
];

/// SQL Server's errors.
const ERRORS: &[(u32, Stage, &str)] = &[
    (18456, Stage::Authorisation, "login failed"),
    (
        18452,
        Stage::ServerOpensTicket,
        "SQL Server could not find out who you are",
    ),
    (17806, Stage::ServerOpensTicket, "SSPI handshake failed"),
    (17807, Stage::ServerOpensTicket, "SSPI handshake failed"),
    (
        17836,
        Stage::Network,
        "the packet is not one of a SQL client",
    ),
    (
        17828,
        Stage::Network,
        "the first packet is not one of a SQL client",
    ),
    (4060, Stage::Authorisation, "the database cannot be opened"),
    (26, Stage::Network, "the instance could not be located"),
];

/// The states of 18456 that matter here ("MSSQLSERVER_18456").
const STATES: &[(u32, &str)] = &[
    (2, "there is no such login"),
    (5, "there is no such login"),
    (
        6,
        "a Windows name was given with a password, as if it were a SQL login",
    ),
    (7, "the login is disabled, and the password is wrong"),
    (8, "the password is wrong"),
    (
        11,
        "Windows knows the user, but no login in SQL Server lets this user in",
    ),
    (12, "the login exists, but may not connect to the server"),
    (38, "the database is not there or may not be used"),
    (40, "the default database is not there or may not be used"),
    (46, "the database is not there or may not be used"),
    (58, "SQL Server takes Windows logins only"),
];

/// Every known code of a text in lower case, each once, in the order of the
/// tables.
pub(super) fn all(lower: &str) -> Vec<Known> {
    let numbers = numbers(lower);
    let mut known: Vec<Known> = Vec::new();
    for (value, stage, meaning, decisive) in STATUS {
        if numbers.contains(&Number::Status(*value)) {
            known.push(Known {
                code: Code {
                    code: format!("0x{value:X}"),
                    meaning: (*meaning).to_owned(),
                },
                stage: *stage,
                explanation: meaning,
                decisive: *decisive,
            });
        }
    }
    for (value, stage, meaning) in ERRORS {
        if !numbers.contains(&Number::Error(*value)) {
            continue;
        }
        let state = (*value == 18456).then(|| state(lower)).flatten();
        let row = STATES.iter().find(|(known, _)| Some(*known) == state);
        known.push(Known {
            code: Code {
                code: match state {
                    Some(state) => format!("{value} state {state}"),
                    None => value.to_string(),
                },
                meaning: row.map_or(*meaning, |(_, words)| *words).to_owned(),
            },
            stage: *stage,
            explanation: row.map_or(*meaning, |(_, words)| *words),
            decisive: false,
        });
    }
    known
}

/// The code that says more than the words around it.
pub(super) fn decisive(codes: &[Known]) -> Option<&Known> {
    codes.iter().find(|known| known.decisive)
}

/// A number in a text, by how it stands there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Number {
    /// Hexadecimal, or a negative number of 32 bits.
    Status(u32),
    /// After `error`, `msg`, or in brackets.
    Error(u32),
}

fn numbers(lower: &str) -> Vec<Number> {
    const MOST: usize = 200;
    let mut found = Vec::new();
    let mut before: [&str; 2] = ["", ""];
    let words = lower
        .split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '-'))
        .filter(|word| !word.is_empty());
    for word in words {
        if let Some(value) = word
            .strip_prefix("0x")
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
        {
            found.push(Number::Status(value));
        } else if let Some(value) = word.parse::<i32>().ok().filter(|value| *value < -1000) {
            found.push(Number::Status(value.cast_unsigned()));
        } else if let Ok(value) = word.parse::<u32>() {
            let named = ["error", "msg", "code", "number", "fehler"];
            // Five digits are nothing else in such a text.
            if value >= 17_000 || before.iter().any(|word| named.contains(word)) {
                found.push(Number::Error(value));
            }
        }
        before = [before[1], word];
        if found.len() >= MOST {
            break;
        }
    }
    found
}

/// `State: 11`, `State 11`, `state 11`.
fn state(lower: &str) -> Option<u32> {
    lower.match_indices("state").find_map(|(at, word)| {
        let rest = lower[at + word.len()..].trim_start_matches([':', ' ', '=']);
        let digits: &str = &rest[..rest.bytes().take_while(u8::is_ascii_digit).count()];
        digits.parse().ok().filter(|state| *state < 256)
    })
}
