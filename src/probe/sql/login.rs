//! Which credential a session is logged in with.

use crate::probe::credential::UserPassword;
use crate::probe::{LiveSession, ProbeRequest};

/// How to log in.
pub(super) enum Login {
    /// With the user's Kerberos ticket.
    Ticket,
    /// With a SQL login.
    Password(UserPassword),
}

/// Why no login can be tried.
pub(super) enum Refusal {
    /// The argument `login` is neither word.
    Argument(String),
    /// There is no SQL login.
    NoCredential,
}

/// The SQL login that the flow asked for, else the one of the whole session.
pub(super) fn held(request: &ProbeRequest, session: &LiveSession) -> Option<UserPassword> {
    let password = request
        .arguments
        .get("password")
        .and_then(|handle| session.vault.find(handle));
    match (request.optional_text("user"), password) {
        (Some(user), Some(password)) => Some(UserPassword {
            user: user.to_owned(),
            password,
        }),
        _ => session.credentials.sql_login.clone(),
    }
}

/// The login that a word of the flow means.
pub(super) fn choose(word: &str, held: Option<UserPassword>) -> Result<Login, Refusal> {
    match word {
        "sql" => held.map(Login::Password).ok_or(Refusal::NoCredential),
        "integrated" => Ok(Login::Ticket),
        other => Err(Refusal::Argument(format!(
            "`login` is `integrated` or `sql`, not `{other}`"
        ))),
    }
}
