//! The Kerberos side of a bind, through the system's library.
//!
//! The library blocks while it asks the KDC, for half a minute when that is
//! silent, and cannot be stopped. So the first step has a thread of its own,
//! which is left to itself when nobody waits for it any longer.

use libgssapi::context::{ClientCtx, CtxFlags};
use libgssapi::credential::{Cred, CredUsage};
use libgssapi::error::Error;
use libgssapi::name::Name;
use libgssapi::oid::{GSS_MECH_KRB5, GSS_NT_KRB5_PRINCIPAL, OidSet};
use tokio::sync::oneshot;

use crate::hostile::clean_line;
use crate::probe::ldap::fault::DirectoryFault;
use crate::secret::Secret;

/// As whom to sign in.
#[derive(Clone)]
pub(crate) enum Login {
    /// The ticket in the default cache.
    Cache,
    /// A principal, `name@REALM`, with its password.
    Password {
        /// The principal.
        principal: String,
        /// The password.
        password: Secret,
    },
}

/// A context whose first token is ready.
pub(crate) struct Initiator {
    /// The context.
    pub(super) context: ClientCtx,
    /// What the server gets first.
    pub(super) first_token: Vec<u8>,
    /// The principal as whom.
    pub(crate) principal: String,
}

impl Initiator {
    /// Prepares a context for one of `services` (Kerberos principals such as
    /// `ldap/dc1.corp.example@CORP.EXAMPLE`, tried in order).
    pub(crate) async fn prepare(
        login: Login,
        services: Vec<String>,
        server: &str,
    ) -> Result<Self, DirectoryFault> {
        let (sender, receiver) = oneshot::channel();
        std::thread::Builder::new()
            .name("gssapi".to_owned())
            .spawn(move || {
                // Nobody waits any longer when this fails.
                let _ = sender.send(initiate(&login, &services));
            })
            .map_err(|error| {
                DirectoryFault::NoCredential(format!("no thread for Kerberos: {error}"))
            })?;
        match receiver.await {
            Ok(Ok(initiator)) => Ok(initiator),
            Ok(Err(error)) => Err(context_fault(server, error)),
            Err(_) => Err(DirectoryFault::NoCredential(
                "the Kerberos library ended without an answer".to_owned(),
            )),
        }
    }
}

fn initiate(login: &Login, services: &[String]) -> Result<Initiator, Error> {
    let mut mechanisms = OidSet::new();
    mechanisms.add(GSS_MECH_KRB5)?;
    let credential = match login {
        Login::Cache => Cred::acquire(None, None, CredUsage::Initiate, Some(&mechanisms))?,
        Login::Password {
            principal,
            password,
        } => {
            let name = Name::new(principal.as_bytes(), Some(GSS_NT_KRB5_PRINCIPAL))?;
            Cred::acquire_with_password(
                Some(&name),
                password.expose(),
                None,
                CredUsage::Initiate,
                Some(&mechanisms),
            )?
        }
    };
    let principal = credential
        .name()
        .and_then(|name| name.display_name())
        .map(|name| clean_line(&String::from_utf8_lossy(&name)))
        .unwrap_or_default();
    let flags = CtxFlags::GSS_C_MUTUAL_FLAG
        | CtxFlags::GSS_C_REPLAY_FLAG
        | CtxFlags::GSS_C_SEQUENCE_FLAG
        | CtxFlags::GSS_C_INTEG_FLAG
        | CtxFlags::GSS_C_CONF_FLAG;
    let mut first_fault = None;
    for service in services {
        let target = Name::new(service.as_bytes(), Some(GSS_NT_KRB5_PRINCIPAL))?;
        let mut context =
            ClientCtx::new(Some(credential.clone()), target, flags, Some(GSS_MECH_KRB5));
        match context.step(None, None) {
            Ok(token) => {
                return Ok(Initiator {
                    context,
                    first_token: token.as_deref().unwrap_or_default().to_vec(),
                    principal,
                });
            }
            Err(error) => {
                first_fault.get_or_insert(error);
            }
        }
    }
    Err(first_fault.unwrap_or(Error {
        major: libgssapi::error::MajorFlags::empty(),
        minor: 0,
    }))
}

/// The offset of MIT's error table of Kerberos codes.
const KERBEROS_ERRORS: i32 = -1_765_328_384;

/// A fault of the Kerberos library in words with the remedy. The library knows
/// the KDC's code, which says more than its text.
pub(crate) fn context_fault(server: &str, error: Error) -> DirectoryFault {
    let code = error.minor.cast_signed().wrapping_sub(KERBEROS_ERRORS);
    let text = clean_line(&error.to_string());
    // "Unspecified GSS failure. Minor code may provide more information (…)":
    // only what is in the brackets says anything.
    let text = text
        .rsplit_once(" (")
        .map_or(text.as_str(), |(_, minor)| minor.trim_end_matches(')'));
    let refused = |what: &str| DirectoryFault::SignInRefused {
        server: server.to_owned(),
        what: format!("{what} ({text})"),
    };
    match code {
        6 => refused("the KDC does not know the user"),
        7 => refused("the KDC does not know this server as an LDAP server"),
        18 => refused("the KDC says that the account is disabled, expired or locked out"),
        23 => refused("the password has expired"),
        24 => refused("the password is wrong"),
        37 => refused("the clocks differ by more than five minutes"),
        32 => DirectoryFault::NoCredential(format!(
            "the Kerberos ticket has expired; get a new one with `kinit` ({text})"
        )),
        // No cache, an empty one, no ticket in it.
        141 | 195 | 193 => DirectoryFault::NoCredential(format!(
            "there is no Kerberos ticket; get one with `kinit`, or give a user and a password ({text})"
        )),
        40 => DirectoryFault::Unreachable(format!(
            "what the KDC sent is not Kerberos, so there is no ticket for the directory ({text})"
        )),
        154 | 156 => DirectoryFault::Unreachable(format!("no KDC answers ({text})")),
        _ if error.major.bits() >> 16 == 7 => DirectoryFault::NoCredential(format!(
            "there is no usable Kerberos ticket; get one with `kinit`, or give a user and a password ({text})"
        )),
        _ => DirectoryFault::NoCredential(format!(
            "Kerberos did not let us sign in to {server} ({text})"
        )),
    }
}
