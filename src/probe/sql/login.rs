//! Which credential a session is logged in with.

use super::connect::Login;
use crate::probe::by_hand::posix;
use crate::probe::credential::{KerberosCredential, UserPassword};
use crate::probe::{LiveSession, ProbeRequest};

/// Why no login can be tried.
pub(super) enum Refusal {
    /// The argument `login` is neither word.
    Argument(String),
    /// The status, and why in words.
    Status(&'static str, String),
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

/// The login and whose it is in words.
pub(super) fn choose(
    login: &str,
    held: Option<UserPassword>,
    session: &LiveSession,
) -> Result<(Login, String), Refusal> {
    match login {
        "sql" => match held {
            Some(held) => {
                let words = format!("SQL login {}", held.user);
                let UserPassword { user, password } = held;
                Ok((Login::Sql { user, password }, words))
            }
            None => Err(Refusal::Status(
                "no-credential",
                "no SQL login was given at the start".to_owned(),
            )),
        },
        "integrated" if !cfg!(feature = "gssapi") => Err(Refusal::Status(
            "not-supported",
            "this build has no Kerberos library: use the one with the gssapi feature, or a SQL \
             login"
                .to_owned(),
        )),
        "integrated" => integrated(session),
        other => Err(Refusal::Argument(format!(
            "`login` is `integrated` or `sql`, not `{other}`"
        ))),
    }
}

/// libkrb5 uses the process's own cache, and can be given no other.
fn integrated(session: &LiveSession) -> Result<(Login, String), Refusal> {
    let own = std::env::var("KRB5CCNAME").ok();
    let file = |name: &str| name.strip_prefix("FILE:").unwrap_or(name).to_owned();
    match &session.credentials.kerberos {
        KerberosCredential::DefaultCache => Ok((
            Login::Integrated,
            own.map_or_else(
                || "the default Kerberos cache".to_owned(),
                |cache| format!("the Kerberos cache {cache}"),
            ),
        )),
        KerberosCredential::Cache(path) => {
            let wanted = file(&path.to_string_lossy());
            if own.as_deref().map(file) == Some(wanted.clone()) {
                Ok((Login::Integrated, format!("the Kerberos cache {wanted}")))
            } else {
                Err(Refusal::Status(
                    "no-credential",
                    format!(
                        "the Kerberos library of this login only uses the cache in KRB5CCNAME: \
                         start the program with KRB5CCNAME={}",
                        posix(&wanted)
                    ),
                ))
            }
        }
        KerberosCredential::Password(user) => Err(Refusal::Status(
            "no-credential",
            format!(
                "the Kerberos library of this login needs a ticket in a cache: run kinit {} first",
                posix(&user.user)
            ),
        )),
    }
}
