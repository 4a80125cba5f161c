//! The AS exchange: a ticket-granting ticket for a user and a password,
//! RFC 4120 3.1.

use jiff::Timestamp;
use tokio::time::Instant;

use super::credential::Credential;
use super::encryption::{self, EncryptionFault, Key, usage};
use super::error_code;
use super::kdc::{self, Answered, Kdc, RealmFault, evidence};
use super::krb5_conf::{Krb5Conf, RequestedBy};
use super::message::{
    EncryptionInfo, KdcAnswer, KdcReply, KrbError, PrincipalName, ReplyPart, encryption_info,
    name_type,
};
use super::request::{self, KdcRequestBody, option, padata_type};
use super::user::Principal;
use crate::probe::{Evidence, LiveSession};
use crate::secret::Secret;

/// How many realms an enterprise name may be referred through.
const MOST_REFERRALS: usize = 5;

/// A ticket-granting ticket, and who gave it.
#[derive(Clone, Debug)]
pub struct Initial {
    /// The ticket.
    pub credential: Credential,
    /// The KDC.
    pub kdc: Kdc,
}

/// A KDC's refusal.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// What it says.
    pub error: KrbError,
    /// Who says it.
    pub kdc: Kdc,
    /// When it came, by this host's clock.
    pub received: Timestamp,
    /// Whether the password had been shown to the KDC.
    pub password_shown: bool,
}

/// Why there is no ticket-granting ticket.
#[derive(Clone, Debug)]
pub enum InitialFault {
    /// No KDC answered.
    Realm(RealmFault),
    /// The KDC refused.
    Refused(Box<Refusal>),
    /// The KDC's answer cannot be used; the sentence says why.
    Unusable(String),
}

/// Asks for a ticket-granting ticket: first without a proof of the password, so
/// that the KDC says which salt it wants, then once with it. A password that
/// was refused is not sent again, to no KDC, in no other form.
pub async fn ask(
    session: &LiveSession,
    conf: &Krb5Conf,
    principal: &Principal,
    password: &Secret,
    deadline: Instant,
    trail: &mut Vec<Evidence>,
) -> Result<Initial, InitialFault> {
    let mut principal = principal.clone();
    for _ in 0..MOST_REFERRALS {
        let asking = Asking {
            session,
            conf,
            principal: &principal,
            service: PrincipalName::ticket_granting(&principal.realm),
            types: conf.requested_encryption_types(RequestedBy::As),
            deadline,
        };
        match asking.run(password, trail).await {
            // RFC 6806 6: the enterprise name belongs to another realm.
            Err(InitialFault::Refused(refusal))
                if refusal.error.code == error_code::WRONG_REALM
                    && principal.name.kind == name_type::ENTERPRISE
                    && refusal
                        .error
                        .client_realm
                        .as_ref()
                        .is_some_and(|realm| *realm != principal.realm) =>
            {
                principal.realm = refusal.error.client_realm.unwrap_or_default();
            }
            other => return other,
        }
    }
    Err(InitialFault::Unusable(
        "the KDCs refer the user's name from realm to realm without end".to_owned(),
    ))
}

struct Asking<'a> {
    session: &'a LiveSession,
    conf: &'a Krb5Conf,
    principal: &'a Principal,
    service: PrincipalName,
    types: Vec<i32>,
    deadline: Instant,
}

impl Asking<'_> {
    async fn run(
        &self,
        password: &Secret,
        trail: &mut Vec<Evidence>,
    ) -> Result<Initial, InitialFault> {
        let (first, nonce) = self.send(None, trail).await?;
        let error = match &first.answer {
            // The account needs no pre-authentication.
            KdcAnswer::Reply(_) => return self.accept(first, nonce, password, &[], trail),
            KdcAnswer::Error(error) => error,
        };
        if error.code != error_code::PREAUTH_REQUIRED {
            trail.push(self.said(&first, false, error_code::in_words(error.code)));
            return Err(refused(&first, error, false));
        }
        let info = self.information(&error.method_data());
        trail.push(self.said(
            &first,
            false,
            format!(
                "it wants a proof of the password first, as is normal; it takes {}",
                info.iter()
                    .map(|info| encryption::name(info.kind))
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        ));
        let Some(chosen) = info.iter().find(|info| {
            self.types.contains(&info.kind) && encryption::SUPPORTED.contains(&info.kind)
        }) else {
            return Err(InitialFault::Unusable(
                "the KDC takes no encryption type that krb5.conf permits and this program knows"
                    .to_owned(),
            ));
        };
        let key = self.key(chosen, password).map_err(unusable)?;
        let (second, nonce) = self.send(Some(&key), trail).await?;
        match &second.answer {
            KdcAnswer::Reply(_) => self.accept(second, nonce, password, &info, trail),
            KdcAnswer::Error(error) => {
                trail.push(self.said(&second, true, error_code::in_words(error.code)));
                Err(refused(&second, error, true))
            }
        }
    }

    async fn send(
        &self,
        key: Option<&Key>,
        trail: &mut Vec<Evidence>,
    ) -> Result<(Answered, u32), InitialFault> {
        let now = Timestamp::now();
        let mut padata = vec![request::pac_request()];
        if let Some(key) = key {
            padata.insert(0, request::encrypted_timestamp(key, now).map_err(unusable)?);
        }
        let nonce = nonce().map_err(unusable)?;
        let canonicalize = if self.principal.name.kind == name_type::ENTERPRISE {
            option::CANONICALIZE
        } else {
            0
        };
        let message = request::as_request(
            &padata,
            &KdcRequestBody {
                options: option::FORWARDABLE | canonicalize,
                client: Some(&self.principal.name),
                realm: &self.principal.realm,
                service: &self.service,
                nonce,
                encryption_types: &self.types,
                now,
            },
        );
        let answered = kdc::ask(
            self.session,
            self.conf,
            &self.principal.realm,
            &self.what(key.is_some()),
            &message,
            self.deadline,
            trail,
        )
        .await
        .map_err(InitialFault::Realm)?;
        Ok((answered, nonce))
    }

    fn what(&self, with_proof: bool) -> String {
        format!(
            "AS-REQ for {}, {}",
            self.principal,
            if with_proof {
                "with a proof of the password"
            } else {
                "without a proof of the password"
            }
        )
    }

    fn said(&self, answered: &Answered, with_proof: bool, words: String) -> Evidence {
        evidence(
            &format!("{}: {}", answered.whom(), self.what(with_proof)),
            words,
            Some(answered.elapsed),
        )
    }

    /// The KDC's ETYPE-INFO2 in its order of preference. A KDC that sends none
    /// leaves the choice to the client, with the default salt.
    fn information(&self, padata: &[(i32, Vec<u8>)]) -> Vec<EncryptionInfo> {
        let salt = padata
            .iter()
            .find(|(kind, _)| *kind == padata_type::PW_SALT)
            .map(|(_, salt)| String::from_utf8_lossy(salt).into_owned());
        padata
            .iter()
            .find(|(kind, _)| *kind == padata_type::ETYPE_INFO2)
            .and_then(|(_, value)| encryption_info(value).ok())
            .filter(|info| !info.is_empty())
            .unwrap_or_else(|| {
                self.types
                    .iter()
                    .map(|kind| EncryptionInfo {
                        kind: *kind,
                        salt: salt.clone(),
                        parameters: None,
                    })
                    .collect()
            })
    }

    fn key(&self, info: &EncryptionInfo, password: &Secret) -> Result<Key, EncryptionFault> {
        // RFC 4120 4: realm and name parts, when the KDC tells no salt.
        let salt = info.salt.clone().unwrap_or_else(|| {
            format!(
                "{}{}",
                self.principal.realm,
                self.principal.name.parts.concat()
            )
        });
        Key::from_password(
            info.kind,
            password.expose(),
            salt.as_bytes(),
            info.parameters.as_deref(),
        )
    }

    fn accept(
        &self,
        answered: Answered,
        nonce: u32,
        password: &Secret,
        known: &[EncryptionInfo],
        trail: &mut Vec<Evidence>,
    ) -> Result<Initial, InitialFault> {
        let KdcAnswer::Reply(reply) = &answered.answer else {
            return Err(InitialFault::Unusable("there is no reply".to_owned()));
        };
        let opened = self.open(reply, password, known).and_then(|part| {
            // The number proves that this answers our request and no earlier one.
            if part.nonce == nonce {
                Ok(part)
            } else {
                Err("the answer is not for this request".to_owned())
            }
        });
        let part = opened.map_err(|words| {
            trail.push(self.said(&answered, !known.is_empty(), words.clone()));
            InitialFault::Unusable(words)
        })?;
        trail.push(self.said(
            &answered,
            !known.is_empty(),
            format!("a ticket-granting ticket until {}", part.end_time),
        ));
        Ok(Initial {
            credential: Credential::granted((**reply).clone(), part),
            kdc: answered.kdc,
        })
    }

    /// Decrypts a reply; the fault is a sentence.
    fn open(
        &self,
        reply: &KdcReply,
        password: &Secret,
        known: &[EncryptionInfo],
    ) -> Result<ReplyPart, String> {
        let kind = reply.encrypted.kind;
        let told = self.information(&reply.padata);
        let info = told
            .iter()
            .chain(known)
            .find(|info| info.kind == kind && info.salt.is_some())
            .cloned()
            .unwrap_or(EncryptionInfo {
                kind,
                salt: None,
                parameters: None,
            });
        let plain = self
            .key(&info, password)
            .and_then(|key| key.decrypt(usage::AS_REPLY, &reply.encrypted.cipher))
            .map_err(|fault| match fault {
                EncryptionFault::Integrity => {
                    "the KDC gave a ticket without asking for a proof of \
                    the password, and the password does not open it: it is wrong"
                        .to_owned()
                }
                other => format!("the reply cannot be read: {other}"),
            })?;
        ReplyPart::from_der(&plain).map_err(|fault| fault.to_string())
    }
}

fn refused(answered: &Answered, error: &KrbError, password_shown: bool) -> InitialFault {
    InitialFault::Refused(Box::new(Refusal {
        error: error.clone(),
        kdc: answered.kdc.clone(),
        received: answered.received,
        password_shown,
    }))
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it is handed to map_err, which gives the error away"
)]
fn unusable(fault: EncryptionFault) -> InitialFault {
    InitialFault::Unusable(format!("the request cannot be made: {fault}"))
}

/// A random number for a request; positive as a signed one, since some KDCs
/// read it so.
pub fn nonce() -> Result<u32, EncryptionFault> {
    let mut bytes = [0; 4];
    getrandom::fill(&mut bytes).map_err(|_| EncryptionFault::Random)?;
    Ok(u32::from_be_bytes(bytes) & 0x7fff_ffff)
}
