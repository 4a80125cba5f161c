//! The tickets of a session: each is got once and used by every probe.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::credential::Credential;
use super::credential_cache::{CacheFault, CacheName, CredentialCache};
use super::error_code;
use super::initial::{self, Initial, InitialFault, Refusal};
use super::kdc::{self, Kdc};
use super::krb5_conf::Krb5Conf;
use super::message::PrincipalName;
use super::shared_tickets::SharedTickets;
use super::user::{NoRealm, Principal};
use crate::probe::credential::{KerberosCredential, UserPassword};
use crate::probe::{Evidence, LiveSession};

/// How long a service ticket may lie before it is asked anew: long enough for
/// the probe that comes next, too short to outlive a repair.
const FRESH: Duration = Duration::from_secs(60);
/// A ticket that ends sooner is not worth a connection.
pub(super) const REMAINDER: SignedDuration = SignedDuration::from_secs(60);

/// Tickets that were got in this session.
#[derive(Debug, Default)]
pub struct Tickets {
    /// What became of the password; held while it is being asked, so that it
    /// is shown to a KDC once.
    password: tokio::sync::Mutex<Option<Asked>>,
    /// The KDC of each realm that answered last.
    answering: Mutex<HashMap<String, Kdc>>,
    /// Service tickets by principal, realm and SPN.
    services: Mutex<HashMap<String, (Instant, Arc<Credential>)>>,
    /// Connections to KDCs that wait for the next question.
    pub(super) spare: kdc::Spare,
    /// Those to sign in with.
    pub(in crate::probe) shared: SharedTickets,
}

/// What became of a password.
#[derive(Clone, Debug)]
enum Asked {
    Granted(Arc<Initial>),
    /// Refused after it was shown: never asked again in this session.
    Refused(Box<Refusal>),
}

/// A ticket-granting ticket and where it is from.
#[derive(Clone, Debug)]
pub struct Held {
    /// The ticket.
    pub credential: Arc<Credential>,
    /// As whom and from where, for evidence.
    pub origin: String,
    /// The user's other tickets in the same cache.
    pub others: Arc<[Credential]>,
}

impl Held {
    /// A ticket of the user for this service that some program got before and
    /// that is still good for a while.
    pub fn other(&self, service: &PrincipalName, realm: Option<&str>) -> Option<&Credential> {
        let soon = Timestamp::now() + REMAINDER;
        self.others.iter().find(|other| {
            other.service.parts == service.parts
                && realm.is_none_or(|realm| other.ticket.realm == realm)
                && other.ends > soon
                && other.principal() == self.credential.principal()
                && other.session_key.check().is_ok()
        })
    }
}

/// Why there is no ticket-granting ticket.
#[derive(Clone, Debug)]
pub enum NoTicket {
    /// The cache cannot be read.
    Cache(CacheFault),
    /// The cache holds none.
    Empty(CacheName),
    /// It is not valid now: when it starts and ends.
    NotValid(String),
    /// The user's realm is not known.
    NoRealm(NoRealm),
    /// The KDC did not give one.
    Initial(InitialFault),
}

impl std::fmt::Display for NoTicket {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Cache(fault) => fault.fmt(formatter),
            Self::Empty(name) => write!(
                formatter,
                "the cache {name} holds no ticket-granting ticket: run `kinit`"
            ),
            Self::NoRealm(fault) => fault.fmt(formatter),
            Self::Initial(InitialFault::Realm(fault)) => fault.fmt(formatter),
            Self::NotValid(words) | Self::Initial(InitialFault::Unusable(words)) => {
                formatter.write_str(words)
            }
            Self::Initial(InitialFault::Refused(refusal)) => write!(
                formatter,
                "the KDC {} refused the user: {}",
                refusal.kdc,
                error_code::in_words(refusal.error.code)
            ),
        }
    }
}

impl Tickets {
    /// A ticket-granting ticket that is valid now: from the cache, which is
    /// read each time because someone may have run kinit, or with the password.
    pub async fn granting(
        &self,
        session: &LiveSession,
        conf: &Krb5Conf,
        deadline: Instant,
        trail: &mut Vec<Evidence>,
    ) -> Result<Held, NoTicket> {
        let chosen = match &session.credentials.kerberos {
            KerberosCredential::Password(user) => {
                let initial = self
                    .with_password(session, conf, user, deadline, trail)
                    .await?;
                let credential = Arc::new(initial.credential.clone());
                return Ok(Held {
                    origin: format!("{}, with the password", credential.principal()),
                    credential,
                    others: Arc::default(),
                });
            }
            KerberosCredential::Cache(path) => Some(path.as_path()),
            KerberosCredential::DefaultCache => None,
        };
        let name = CacheName::of_session(chosen, conf);
        let cache = CredentialCache::load(&name, conf)
            .await
            .map_err(NoTicket::Cache)?;
        let credential = cache
            .ticket_granting_ticket()
            .cloned()
            .ok_or_else(|| NoTicket::Empty(name.clone()))?;
        let now = Timestamp::now();
        if credential.ends <= now {
            return Err(NoTicket::NotValid(format!(
                "the ticket of {} in {name} ended at {}: run `kinit`",
                credential.principal(),
                credential.ends
            )));
        }
        Ok(Held {
            origin: format!("{}, ticket from {name}", credential.principal()),
            credential: Arc::new(credential),
            others: cache.credentials.into(),
        })
    }

    /// The ticket-granting ticket for the session's password, asked once.
    pub async fn with_password(
        &self,
        session: &LiveSession,
        conf: &Krb5Conf,
        user: &UserPassword,
        deadline: Instant,
        trail: &mut Vec<Evidence>,
    ) -> Result<Arc<Initial>, NoTicket> {
        let mut asked = self.password.lock().await;
        match &*asked {
            Some(Asked::Granted(initial)) if initial.credential.ends > Timestamp::now() => {
                return Ok(Arc::clone(initial));
            }
            Some(Asked::Refused(refusal)) => {
                trail.push(kdc::evidence(
                    "nobody: the KDC refused this password before",
                    "it is not tried a second time, so that the account is not locked out",
                    None,
                ));
                return Err(NoTicket::Initial(InitialFault::Refused(refusal.clone())));
            }
            _ => {}
        }
        let principal = Principal::parse(&user.user, conf, |realm| async move {
            kdc::locate(session, conf, &realm, deadline).await.is_ok()
        })
        .await
        .map_err(NoTicket::NoRealm)?;
        // If this future is dropped while the KDC looks at the password, the
        // password counts as not asked: a retry is then the user's own choice.
        match initial::ask(session, conf, &principal, &user.password, deadline, trail).await {
            Ok(initial) => {
                let initial = Arc::new(initial);
                *asked = Some(Asked::Granted(Arc::clone(&initial)));
                Ok(initial)
            }
            Err(InitialFault::Refused(refusal)) => {
                // A clock that differs says nothing of the password.
                if refusal.password_shown && refusal.error.code != error_code::SKEW {
                    *asked = Some(Asked::Refused(refusal.clone()));
                }
                Err(NoTicket::Initial(InitialFault::Refused(refusal)))
            }
            Err(fault) => Err(NoTicket::Initial(fault)),
        }
    }

    /// Why the KDC refuses the session's password, in words; nothing when it takes
    /// it or says nothing of it in time. Who is about to show the password to
    /// another server asks here first: each refusal counts towards a lockout.
    pub async fn refuse(&self, session: &LiveSession, deadline: Instant) -> Option<String> {
        let KerberosCredential::Password(user) = &session.credentials.kerberos else {
            return None;
        };
        let conf = Krb5Conf::read(session.settings.krb5_conf.as_deref());
        let mut trail = Vec::new();
        let asked = self.with_password(session, &conf, user, deadline, &mut trail);
        // Only one that was shown is remembered as refused.
        let _ = tokio::time::timeout_at(deadline, asked).await.ok()?;
        let known = tokio::time::timeout_at(deadline, self.password.lock()).await;
        match known.ok()?.as_ref()? {
            Asked::Refused(refusal) => Some(format!(
                "the KDC {} refused this password ({}), so it is not shown to another server",
                refusal.kdc,
                error_code::in_words(refusal.error.code)
            )),
            Asked::Granted(_) => None,
        }
    }

    /// Keeps a service ticket for the probe that comes next.
    pub fn keep(&self, spn: &str, realm: Option<&str>, ticket: &Arc<Credential>) {
        let key = key(&ticket.principal(), spn, realm);
        let mut services = lock(&self.services);
        services.retain(|_, (since, _)| since.elapsed() < FRESH);
        services.insert(key, (Instant::now(), Arc::clone(ticket)));
    }

    /// Takes a service ticket that was got a moment ago. It is handed out once:
    /// who comes again, after a repair perhaps, gets a new one.
    pub fn take(&self, principal: &str, spn: &str, realm: Option<&str>) -> Option<Arc<Credential>> {
        let (since, ticket) = lock(&self.services).remove(&key(principal, spn, realm))?;
        (since.elapsed() < FRESH).then_some(ticket)
    }

    /// Puts the KDC that answered last in this realm first, so that a silent
    /// one is waited for only once.
    pub fn prefer(&self, realm: &str, kdcs: &mut [Kdc]) {
        if let Some(kdc) = lock(&self.answering).get(realm)
            && let Some(at) = kdcs.iter().position(|other| other == kdc)
        {
            kdcs[..=at].rotate_right(1);
        }
    }

    /// Notes that a KDC answered.
    pub fn remember(&self, realm: &str, kdc: &Kdc) {
        lock(&self.answering).insert(realm.to_owned(), kdc.clone());
    }
}

fn key(principal: &str, spn: &str, realm: Option<&str>) -> String {
    format!("{principal} {spn} {}", realm.unwrap_or_default())
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kdc_that_answered_is_asked_first_and_the_others_keep_their_order() {
        let kdc = |host: &str| Kdc {
            host: host.to_owned(),
            port: 88,
        };
        let tickets = Tickets::default();
        let mut kdcs = [kdc("a"), kdc("b"), kdc("c")];
        tickets.prefer("R", &mut kdcs);
        assert_eq!(kdcs[0], kdc("a"));
        tickets.remember("R", &kdc("c"));
        tickets.prefer("R", &mut kdcs);
        assert_eq!(kdcs, [kdc("c"), kdc("a"), kdc("b")]);
    }
}
