//! The TGS exchange: a ticket for a service, followed through referrals from
//! realm to realm, RFC 4120 3.3 and RFC 6806 8.

use std::fmt::Write as _;

use jiff::Timestamp;
use tokio::time::Instant;

use super::credential::Credential;
use super::encryption::{self, usage};
use super::error_code;
use super::initial::nonce;
use super::kdc::{self, Answered, Kdc, evidence};
use super::krb5_conf::{Krb5Conf, RequestedBy};
use super::message::{KdcAnswer, PrincipalName, ReplyPart};
pub use super::no_service_ticket::NoServiceTicket;
use super::request::{self, KdcRequestBody, option};
pub use super::service::Service;
use crate::probe::{Evidence, LiveSession};

/// How many realms a walk may lead through.
const MOST_REALMS: usize = 10;

/// How the service's realm was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundBy {
    /// The user's own realm was asked, and it may have referred to another.
    Referral,
    /// The caller or krb5.conf named the realm.
    Named,
    /// The user's realm did not know the service, so the realm was guessed from
    /// the host's name, as MIT krb5 does.
    Guess,
}

impl FoundBy {
    /// The word in the fact `found_by`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Referral => "referral",
            Self::Named => "named-realm",
            Self::Guess => "guessed-realm",
        }
    }
}

/// What the KDC that answered last said.
#[derive(Clone, Debug)]
pub struct LastAnswer {
    /// Who it is.
    pub kdc: Kdc,
    /// When it came, by this host's clock.
    pub received: Timestamp,
}

/// A walk from the user's realm to the service's.
#[derive(Debug)]
pub struct Walk<'a> {
    session: &'a LiveSession,
    conf: &'a Krb5Conf,
    service: &'a Service,
    deadline: Instant,
    /// The realms that were asked, in order.
    pub path: Vec<String>,
    /// How the service's realm was found.
    pub found_by: FoundBy,
    /// The realm for which no way through the trusts was found.
    pub no_path_to: Option<String>,
    /// The last answer.
    pub last: Option<LastAnswer>,
    /// What was seen.
    pub trail: Vec<Evidence>,
}

impl<'a> Walk<'a> {
    /// A walk that has not begun.
    pub fn new(
        session: &'a LiveSession,
        conf: &'a Krb5Conf,
        service: &'a Service,
        deadline: Instant,
    ) -> Self {
        Self {
            session,
            conf,
            service,
            deadline,
            path: Vec::new(),
            found_by: FoundBy::Referral,
            no_path_to: None,
            last: None,
            trail: Vec::new(),
        }
    }

    /// Goes from the realm of this ticket-granting ticket to the service. The
    /// realm to ask is the one that is given or written in the SPN, else the
    /// one that krb5.conf's `[domain_realm]` gives, else the user's own.
    pub async fn go(
        &mut self,
        tgt: &Credential,
        realm: Option<&str>,
    ) -> Result<Credential, NoServiceTicket> {
        let own = tgt.ticket.realm.clone();
        self.path.push(own.clone());
        // A domain's DNS name is taken for the realm that it is in capitals.
        let named = realm
            .map(str::to_uppercase)
            .or_else(|| self.service.realm.clone())
            .or_else(|| {
                self.conf
                    .realm_of_host(self.service.host())
                    .map(str::to_owned)
            });
        if let Some(named) = named.filter(|named| *named != own) {
            self.found_by = FoundBy::Named;
            let tgt = self.enter_realm(tgt.clone(), &named).await?;
            return self.ask_for_service(tgt).await;
        }
        let refused = match self.ask_for_service(tgt.clone()).await {
            Err(NoServiceTicket::Refused(error))
                if error.code == error_code::SERVICE_UNKNOWN && self.path.len() == 1 =>
            {
                error
            }
            other => return other,
        };
        let Some(guess) = self.guess(&own) else {
            return Err(NoServiceTicket::Refused(refused));
        };
        let last = self.last.clone();
        if let Ok(tgt) = self.enter_realm(tgt.clone(), &guess).await {
            self.found_by = FoundBy::Guess;
            return self.ask_for_service(tgt).await;
        }
        // The guess was ours: the refusal of the user's realm stands.
        self.path.truncate(1);
        self.last = last;
        Err(NoServiceTicket::Refused(refused))
    }

    /// The realm that MIT krb5 tries when the user's own does not know a host:
    /// the host's domain in capitals.
    fn guess(&self, own: &str) -> Option<String> {
        let (_, domain) = self.service.host().split_once('.')?;
        let realm = domain.trim_end_matches('.').to_uppercase();
        (realm.contains('.') && realm != own && realm.parse::<std::net::IpAddr>().is_err())
            .then_some(realm)
    }

    /// Asks for ticket-granting tickets until the realm is reached.
    pub(super) async fn enter_realm(
        &mut self,
        mut tgt: Credential,
        realm: &str,
    ) -> Result<Credential, NoServiceTicket> {
        let wanted = PrincipalName::ticket_granting(realm);
        while served_realm(&tgt) != realm {
            let here = served_realm(&tgt).to_owned();
            let answered = self.exchange(&tgt, &here, &wanted).await;
            let next = match answered {
                Ok(credential) => credential,
                Err(fault) => {
                    if matches!(&fault, NoServiceTicket::Refused(_)) {
                        self.no_path_to = Some(realm.to_owned());
                    }
                    return Err(fault);
                }
            };
            self.step(&here, &next)?;
            tgt = next;
        }
        Ok(tgt)
    }

    /// Asks for the service, and follows referrals.
    async fn ask_for_service(
        &mut self,
        mut tgt: Credential,
    ) -> Result<Credential, NoServiceTicket> {
        loop {
            let here = served_realm(&tgt).to_owned();
            let granted = self.exchange(&tgt, &here, &self.service.name).await?;
            let is_referral = granted.ticket.service.granted_realm().is_some()
                && self.service.name.granted_realm().is_none();
            if !is_referral {
                return Ok(granted);
            }
            self.step(&here, &granted)?;
            tgt = granted;
        }
    }

    /// Enters the next realm of the path.
    fn step(&mut self, here: &str, next: &Credential) -> Result<(), NoServiceTicket> {
        let to = served_realm(next).to_owned();
        if next.ticket.service.granted_realm().is_none() {
            return Err(NoServiceTicket::Circle(format!(
                "the KDC of {here} answered with a ticket for {} and not for another realm",
                next.ticket.service
            )));
        }
        if self.path.contains(&to) {
            return Err(NoServiceTicket::Circle(format!(
                "the KDC of {here} refers to {to}, which was asked before: the realms refer in a \
                 circle"
            )));
        }
        if self.path.len() >= MOST_REALMS {
            return Err(NoServiceTicket::Circle(format!(
                "after {MOST_REALMS} realms the KDC of {here} still refers to another, {to}"
            )));
        }
        self.path.push(to);
        Ok(())
    }

    /// One TGS exchange.
    async fn exchange(
        &mut self,
        tgt: &Credential,
        realm: &str,
        wanted: &PrincipalName,
    ) -> Result<Credential, NoServiceTicket> {
        let unusable = |fault: encryption::EncryptionFault| {
            NoServiceTicket::Unusable(format!("the ticket cannot be used here: {fault}"))
        };
        let forwardable = if tgt.flags.has("forwardable") {
            option::FORWARDABLE
        } else {
            0
        };
        let nonce = nonce().map_err(unusable)?;
        let message = request::tgs_request(
            tgt.presented(),
            &KdcRequestBody {
                options: option::CANONICALIZE | forwardable,
                client: None,
                realm,
                service: wanted,
                nonce,
                encryption_types: &self.conf.requested_encryption_types(RequestedBy::Tgs),
                now: Timestamp::now(),
            },
        )
        .map_err(unusable)?;
        let what = format!("TGS-REQ in {realm} for {wanted}");
        let answered = kdc::ask(
            self.session,
            self.conf,
            realm,
            &what,
            &message,
            self.deadline,
            &mut self.trail,
        )
        .await
        .map_err(|fault| {
            self.trail.push(evidence(
                &format!("{realm}: {what}"),
                fault.to_string(),
                None,
            ));
            NoServiceTicket::Realm(fault)
        })?;
        self.last = Some(LastAnswer {
            kdc: answered.kdc.clone(),
            received: answered.received,
        });
        let result = read(&answered, tgt, nonce);
        let words = match (&result, wanted.granted_realm()) {
            (Err(NoServiceTicket::Refused(error)), Some(to))
                if error.code == error_code::SERVICE_UNKNOWN =>
            {
                format!(
                    "code 7, {}: {realm} knows no way to {to}: no trust leads there",
                    error_code::name(error.code)
                )
            }
            _ => in_words(&result),
        };
        let asked = format!("{}: {what}", answered.whom());
        self.trail
            .push(evidence(&asked, words, Some(answered.elapsed)));
        result
    }
}

/// The realm whose KDC takes this ticket-granting ticket.
fn served_realm(tgt: &Credential) -> &str {
    tgt.ticket
        .service
        .granted_realm()
        .unwrap_or(&tgt.ticket.realm)
}

/// Reads the answer to a TGS-REQ.
fn read(answered: &Answered, tgt: &Credential, nonce: u32) -> Result<Credential, NoServiceTicket> {
    let reply = match &answered.answer {
        KdcAnswer::Error(error) => return Err(NoServiceTicket::Refused(error.clone())),
        KdcAnswer::Reply(reply) => reply,
    };
    let part = tgt
        .session_key
        .decrypt(usage::TGS_REPLY, &reply.encrypted.cipher)
        .map_err(|fault| fault.to_string())
        .and_then(|plain| ReplyPart::from_der(&plain).map_err(|fault| fault.to_string()))
        .and_then(|part| {
            if part.nonce == nonce {
                Ok(part)
            } else {
                Err("the answer is not for this request".to_owned())
            }
        });
    match part {
        Ok(part) => Ok(Credential::granted((**reply).clone(), part)),
        Err(words) => Err(NoServiceTicket::Unreadable(reply.clone(), words)),
    }
}

fn in_words(result: &Result<Credential, NoServiceTicket>) -> String {
    match result {
        Ok(granted) => {
            let ticket = &granted.ticket;
            let made = format!(
                "encrypted with {}{}",
                encryption::name(ticket.kind),
                ticket
                    .kvno
                    .map(|kvno| format!(", key version {kvno}"))
                    .unwrap_or_default()
            );
            match ticket.service.granted_realm() {
                Some(realm) => format!("a ticket for the KDCs of {realm}, {made}"),
                None => format!("a ticket for {}, {made}", ticket.service),
            }
        }
        Err(NoServiceTicket::Refused(error)) => {
            let mut words = error_code::in_words(error.code);
            if let Some(text) = error.text.as_deref().filter(|text| !text.is_empty()) {
                let _ = write!(words, " (it adds: {text})");
            }
            if let Some(status) = error.nt_status() {
                let _ = write!(words, " (Windows status 0x{status:08X})");
            }
            words
        }
        Err(NoServiceTicket::Unreadable(_, words)) => {
            format!("a ticket came, but its reply cannot be read: {words}")
        }
        Err(NoServiceTicket::Unusable(words) | NoServiceTicket::Circle(words)) => words.clone(),
        Err(NoServiceTicket::Realm(fault)) => fault.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::gss::tests::ticket_for;
    use super::*;

    #[test]
    fn realms_that_refer_in_a_circle_or_without_end_are_left() {
        let session = LiveSession::default();
        let conf = Krb5Conf::default();
        let service = Service::parse("MSSQLSvc/sql1.corp.example").unwrap();
        let mut walk = Walk::new(&session, &conf, &service, Instant::now());
        walk.path.push("A".to_owned());
        let to = |realm: &str| ticket_for(PrincipalName::ticket_granting(realm));
        assert!(walk.step("A", &to("B")).is_ok());
        assert!(matches!(
            walk.step("B", &to("A")),
            Err(NoServiceTicket::Circle(_))
        ));
        assert!(matches!(
            walk.step("B", &ticket_for(PrincipalName::service("HTTP/x"))),
            Err(NoServiceTicket::Circle(_))
        ));
        for number in walk.path.len()..MOST_REALMS {
            assert!(walk.step("B", &to(&format!("R{number}"))).is_ok());
        }
        assert!(walk.step("B", &to("ONE.MORE")).is_err());
    }
}
