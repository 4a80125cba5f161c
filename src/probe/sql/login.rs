//! Which credential a session is logged in with.

use super::connect::Login;
use crate::probe::LiveSession;
use crate::probe::by_hand::posix;
use crate::probe::credential::KerberosCredential;

/// Why no login can be tried.
pub(super) enum Refusal {
    /// The argument `login` is neither word.
    Argument(String),
    /// The status, and why in words.
    Status(&'static str, String),
}

/// The login and whose it is in words.
pub(super) fn choose(login: &str, session: &LiveSession) -> Result<(Login, String), Refusal> {
    match login {
        "sql" => match &session.credentials.sql_login {
            Some(held) => Ok((
                Login::Sql {
                    user: held.user.clone(),
                    password: held.password.clone(),
                },
                format!("SQL login {}", held.user),
            )),
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
