//! Service tickets to sign in with, each got once and used for every connection
//! to the same server.
//!
//! Other than the tickets that probes look at ([`super::tickets`]), these are
//! kept until they end, as a Kerberos library keeps them in its cache, or until
//! the user has another ticket-granting ticket, or the server refuses one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::credential::Credential;
use super::credential_cache::CacheFault;
use super::error_code;
use super::initial::InitialFault;
use super::krb5_conf::Krb5Conf;
use super::service_ticket::{NoServiceTicket, Service, Walk};
use super::tickets::{Held, NoTicket};
use crate::hostile::clean_line;
use crate::probe::LiveSession;

/// A ticket that ends sooner is not worth a connection.
const REMAINDER: SignedDuration = SignedDuration::from_secs(60);

/// The tickets of a session, by principal, SPN and realm. The inner lock is held
/// while a KDC is asked.
#[derive(Debug, Default)]
pub struct SharedTickets {
    slots: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Option<Shared>>>>>,
}

#[derive(Debug)]
struct Shared {
    /// The ticket-granting ticket with which it was got: a new one may hold other
    /// groups.
    granting: Vec<u8>,
    ticket: Arc<Credential>,
}

impl Shared {
    fn is_for(&self, held: &Held) -> bool {
        self.granting == held.credential.ticket.bytes
            && self.ticket.ends > Timestamp::now() + REMAINDER
    }
}

/// Why there is no ticket to sign in with. The texts are sentences or parts of
/// them, and clean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInFault {
    /// The user has no ticket-granting ticket.
    NoTicket(String),
    /// It may be there, but cannot be used.
    Unusable(String),
    /// The user's ended.
    Expired(String),
    /// The user was given without a realm.
    NoRealm(String),
    /// A KDC refused, with this code.
    Refused(i32),
    /// No KDC answered.
    Silent(String),
    /// It was granted or referred to in a way that leads nowhere.
    Service(String),
}

impl SharedTickets {
    /// A ticket for one of the services (`class/host` with the realm when it is
    /// known), tried in this order. The fault is that of the first.
    pub async fn get(
        &self,
        session: &LiveSession,
        services: &[(String, Option<String>)],
        deadline: Instant,
    ) -> Result<Arc<Credential>, SignInFault> {
        let conf = Krb5Conf::read(session.settings.krb5_conf.as_deref());
        let mut trail = Vec::new();
        let granting = session
            .tickets
            .granting(session, &conf, deadline, &mut trail);
        let held = tokio::time::timeout_at(deadline, granting)
            .await
            .map_err(|_| SignInFault::Silent("no time was left".to_owned()))?
            .map_err(no_ticket)?;
        let mut first = None;
        for (spn, realm) in services {
            let got = self
                .one(session, &conf, &held, spn, realm.as_deref(), deadline)
                .await;
            let fault = match got {
                Ok(ticket) => return Ok(ticket),
                Err(fault) => fault,
            };
            // Who is silent is so for every name.
            let is_silent = matches!(fault, SignInFault::Silent(_));
            first.get_or_insert(fault);
            if is_silent {
                break;
            }
        }
        Err(first.unwrap_or_else(|| SignInFault::Service("the server has no name".to_owned())))
    }

    async fn one(
        &self,
        session: &LiveSession,
        conf: &Krb5Conf,
        held: &Held,
        spn: &str,
        realm: Option<&str>,
        deadline: Instant,
    ) -> Result<Arc<Credential>, SignInFault> {
        let service = Service::parse(spn)
            .ok_or_else(|| SignInFault::Service(format!("`{}` is no name", clean_line(spn))))?;
        let slot = self.slot(&held.credential.principal(), spn, realm);
        let mut slot = tokio::time::timeout_at(deadline, slot.lock_owned())
            .await
            .map_err(|_| SignInFault::Silent("no time was left".to_owned()))?;
        if let Some(shared) = slot.as_ref().filter(|shared| shared.is_for(held)) {
            return Ok(Arc::clone(&shared.ticket));
        }
        let mut walk = Walk::new(session, conf, &service, deadline);
        let ticket = Arc::new(walk.go(&held.credential, realm).await.map_err(no_service)?);
        *slot = Some(Shared {
            granting: held.credential.ticket.bytes.clone(),
            ticket: Arc::clone(&ticket),
        });
        Ok(ticket)
    }

    /// A server did not take this ticket: the next who signs in gets a new one.
    pub async fn forget(&self, ticket: &Arc<Credential>) {
        let slots: Vec<_> = lock(&self.slots).values().cloned().collect();
        for slot in slots {
            slot.lock()
                .await
                .take_if(|shared| Arc::ptr_eq(&shared.ticket, ticket));
        }
    }

    fn slot(
        &self,
        principal: &str,
        spn: &str,
        realm: Option<&str>,
    ) -> Arc<tokio::sync::Mutex<Option<Shared>>> {
        let key = format!("{principal} {spn} {}", realm.unwrap_or_default());
        Arc::clone(lock(&self.slots).entry(key).or_default())
    }
}

fn no_ticket(fault: NoTicket) -> SignInFault {
    let words = fault.to_string();
    let words = clean_line(words.strip_suffix(": run `kinit`").unwrap_or(&words));
    match fault {
        NoTicket::Cache(CacheFault::Missing(_)) | NoTicket::Empty(_) => {
            SignInFault::NoTicket(words)
        }
        NoTicket::NotValid(_) => SignInFault::Expired(words),
        NoTicket::NoRealm(_) => SignInFault::NoRealm(words),
        NoTicket::Initial(InitialFault::Refused(refusal)) => {
            SignInFault::Refused(refusal.error.code)
        }
        NoTicket::Initial(InitialFault::Realm(_)) => SignInFault::Silent(words),
        NoTicket::Cache(_) | NoTicket::Initial(InitialFault::Unusable(_)) => {
            SignInFault::Unusable(words)
        }
    }
}

fn no_service(fault: NoServiceTicket) -> SignInFault {
    match fault {
        NoServiceTicket::Realm(fault) => SignInFault::Silent(clean_line(&fault.to_string())),
        NoServiceTicket::Refused(error) if error.code == error_code::TICKET_EXPIRED => {
            SignInFault::Expired(error_code::in_words(error.code))
        }
        NoServiceTicket::Refused(error) => SignInFault::Refused(error.code),
        NoServiceTicket::Circle(words)
        | NoServiceTicket::Unreadable(_, words)
        | NoServiceTicket::Unusable(words) => SignInFault::Service(clean_line(&words)),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::super::gss::tests::ticket_for;
    use super::super::message::PrincipalName;
    use super::*;

    fn held() -> Held {
        let mut credential = ticket_for(PrincipalName::ticket_granting("CORP.EXAMPLE"));
        credential.ends = Timestamp::now() + SignedDuration::from_hours(1);
        Held {
            credential: Arc::new(credential),
            origin: String::new(),
        }
    }

    /// A session whose KDCs nobody can find, so that only what is kept is given.
    fn lonely() -> (LiveSession, Krb5Conf) {
        let text = "[libdefaults]\ndns_lookup_kdc = false\n";
        let conf = Krb5Conf::from_text(std::path::Path::new("krb5.conf"), text);
        (LiveSession::default(), conf)
    }

    #[tokio::test]
    async fn a_ticket_is_kept_until_it_is_refused_or_the_user_has_another() {
        const SPN: &str = "ldap/dc1.corp.example";
        let (session, conf) = lonely();
        let tickets = SharedTickets::default();
        let held = held();
        let ask = async |held: &Held| {
            let deadline = Instant::now() + std::time::Duration::from_secs(5);
            tickets
                .one(&session, &conf, held, SPN, None, deadline)
                .await
        };
        let keep = async |ends| {
            let mut ticket = ticket_for(PrincipalName::service(SPN));
            ticket.ends = ends;
            let ticket = Arc::new(ticket);
            let slot = tickets.slot(&held.credential.principal(), SPN, None);
            *slot.lock().await = Some(Shared {
                granting: held.credential.ticket.bytes.clone(),
                ticket: Arc::clone(&ticket),
            });
            ticket
        };
        assert!(matches!(ask(&held).await, Err(SignInFault::Silent(_))));
        let ticket = keep(Timestamp::MAX).await;
        assert!(ask(&held).await.is_ok_and(|got| Arc::ptr_eq(&got, &ticket)));
        let mut another = (*held.credential).clone();
        another.ticket.bytes.push(0);
        let another = Held {
            credential: Arc::new(another),
            origin: String::new(),
        };
        assert!(ask(&another).await.is_err());
        tickets.forget(&ticket).await;
        assert!(ask(&held).await.is_err());
        keep(Timestamp::now() + SignedDuration::from_secs(30)).await;
        assert!(ask(&held).await.is_err());
    }
}
