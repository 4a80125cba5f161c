//! Service tickets to sign in with, each got once and used for every connection
//! to the same server.
//!
//! Other than the tickets that probes look at ([`super::tickets`]), these may come
//! from the user's cache, and they are kept until they end, as a Kerberos library
//! keeps them, or until the user has another ticket-granting ticket, or a server
//! refuses one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use tokio::time::Instant;

use super::credential::Credential;
use super::credential_cache::CacheFault;
use super::error_code;
use super::initial::InitialFault;
use super::kdc;
use super::krb5_conf::Krb5Conf;
use super::message::PrincipalName;
use super::service_ticket::{NoServiceTicket, Service, Walk};
use super::tickets::{Held, NoTicket, REMAINDER};
use crate::hostile::clean_line;
use crate::probe::LiveSession;

/// The tickets of a session, by principal, service and realm, those for the KDCs
/// of other realms among them. The inner lock is held while a KDC is asked.
#[derive(Debug, Default)]
pub struct SharedTickets {
    slots: Mutex<HashMap<String, Slot>>,
    /// Tickets that a server refused, byte for byte: those in the user's cache
    /// are not tried again.
    refused: Mutex<Vec<Vec<u8>>>,
}

type Slot = Arc<tokio::sync::Mutex<Option<Shared>>>;

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
    /// Gets what a sign-in in this realm will need, whichever server it is to. If
    /// nothing comes of it, that is told to who asks for a ticket.
    pub async fn foresee(&self, session: &LiveSession, realm: &str, deadline: Instant) {
        let conf = Krb5Conf::read(session.settings.krb5_conf.as_deref());
        let mut trail = Vec::new();
        let granting = session
            .tickets
            .granting(session, &conf, deadline, &mut trail);
        if let Ok(Ok(held)) = tokio::time::timeout_at(deadline, granting).await {
            let _ = self
                .granting_in(session, &conf, &held, realm, deadline)
                .await;
        }
    }

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
        let slot = self.slot(held, spn, realm);
        self.kept(
            &slot,
            held,
            (&service.name, realm),
            deadline,
            Box::pin(async {
                let granting = match realm {
                    Some(realm) => {
                        self.granting_in(session, conf, held, realm, deadline)
                            .await?
                    }
                    None => Arc::clone(&held.credential),
                };
                let mut walk = Walk::new(session, conf, &service, deadline);
                walk.go(&granting, realm).await.map_err(no_service)
            }),
        )
        .await
    }

    /// A ticket for the KDCs of a realm, the user's own or another.
    async fn granting_in(
        &self,
        session: &LiveSession,
        conf: &Krb5Conf,
        held: &Held,
        realm: &str,
        deadline: Instant,
    ) -> Result<Arc<Credential>, SignInFault> {
        let service = Service {
            name: PrincipalName::ticket_granting(realm),
            realm: None,
        };
        if held.credential.ticket.service.granted_realm() == Some(realm) {
            return Ok(Arc::clone(&held.credential));
        }
        let slot = self.slot(held, "krbtgt", Some(realm));
        self.kept(
            &slot,
            held,
            (&service.name, None),
            deadline,
            Box::pin(async {
                let mut walk = Walk::new(session, conf, &service, deadline);
                walk.path.push(held.credential.ticket.realm.clone());
                // Its KDCs are looked up meanwhile, and the first is connected to.
                let located = async {
                    if let Ok(located) = kdc::locate(session, conf, realm, deadline).await
                        && let Some(first) = located.kdcs.first()
                    {
                        kdc::foresee(session, first, deadline).await;
                    }
                };
                let entered = walk.enter_realm((*held.credential).clone(), realm);
                tokio::join!(entered, located).0.map_err(no_service)
            }),
        )
        .await
    }

    /// What is in the slot, else in the user's cache, else what comes of getting it.
    async fn kept(
        &self,
        slot: &Slot,
        held: &Held,
        (service, realm): (&PrincipalName, Option<&str>),
        deadline: Instant,
        getting: impl Future<Output = Result<Credential, SignInFault>>,
    ) -> Result<Arc<Credential>, SignInFault> {
        let mut slot = tokio::time::timeout_at(deadline, slot.lock())
            .await
            .map_err(|_| SignInFault::Silent("no time was left".to_owned()))?;
        if let Some(shared) = slot.as_ref().filter(|shared| shared.is_for(held)) {
            return Ok(Arc::clone(&shared.ticket));
        }
        let ticket = Arc::new(match self.other(held, service, realm) {
            Some(other) => other,
            None => getting.await?,
        });
        *slot = Some(Shared {
            granting: held.credential.ticket.bytes.clone(),
            ticket: Arc::clone(&ticket),
        });
        Ok(ticket)
    }

    /// One of the user's other tickets, unless a server refused it.
    fn other(
        &self,
        held: &Held,
        service: &PrincipalName,
        realm: Option<&str>,
    ) -> Option<Credential> {
        let other = held.other(service, realm)?;
        let is_refused = lock(&self.refused).contains(&other.ticket.bytes);
        (!is_refused).then(|| other.clone())
    }

    /// A server did not take this ticket: the next who signs in gets a new one.
    pub async fn forget(&self, ticket: &Arc<Credential>) {
        lock(&self.refused).push(ticket.ticket.bytes.clone());
        let slots: Vec<_> = lock(&self.slots).values().cloned().collect();
        for slot in slots {
            slot.lock()
                .await
                .take_if(|shared| Arc::ptr_eq(&shared.ticket, ticket));
        }
    }

    fn slot(&self, held: &Held, service: &str, realm: Option<&str>) -> Slot {
        let principal = held.credential.principal();
        let key = format!("{principal} {service} {}", realm.unwrap_or_default());
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
    use super::*;
    use jiff::SignedDuration;

    fn held() -> Held {
        let mut credential = ticket_for(PrincipalName::ticket_granting("CORP.EXAMPLE"));
        credential.ends = Timestamp::now() + SignedDuration::from_hours(1);
        Held {
            credential: Arc::new(credential),
            origin: String::new(),
            others: Arc::default(),
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
            let slot = tickets.slot(&held, SPN, None);
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
            ..held.clone()
        };
        assert!(ask(&another).await.is_err());
        tickets.forget(&ticket).await;
        assert!(ask(&held).await.is_err());
        keep(Timestamp::now() + SignedDuration::from_secs(30)).await;
        assert!(ask(&held).await.is_err());
    }

    #[tokio::test]
    async fn a_ticket_in_the_user_s_cache_is_used_until_a_server_refuses_it() {
        const SPN: &str = "ldap/dc1.corp.example";
        let (session, conf) = lonely();
        let tickets = SharedTickets::default();
        let other = |realm: &str, ends| {
            let mut other = ticket_for(PrincipalName::service(SPN));
            other.ticket.realm = realm.to_owned();
            other.ends = ends;
            other
        };
        let with = |others: Vec<Credential>| Held {
            others: others.into(),
            ..held()
        };
        let ask = async |held: &Held| {
            let deadline = Instant::now() + std::time::Duration::from_secs(5);
            let realm = Some("CORP.EXAMPLE");
            tickets
                .one(&session, &conf, held, SPN, realm, deadline)
                .await
        };
        let now = Timestamp::now();
        let useless = with(vec![
            other("PARTNER.EXAMPLE", Timestamp::MAX),
            other("CORP.EXAMPLE", now),
        ]);
        assert!(ask(&useless).await.is_err());
        let held = with(vec![other("CORP.EXAMPLE", Timestamp::MAX)]);
        let ticket = ask(&held).await.unwrap();
        tickets.forget(&ticket).await;
        assert!(ask(&held).await.is_err());
    }
}
