//! Logins by a security token: Kerberos or NTLM, bare or inside SPNEGO.

use std::time::Duration;

use jiff::SignedDuration;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::login::{Account, untrusted_domain};
use super::{Connection, within};
use crate::kerberos::accept::{Accepted, Policy, Refused, accept, etype_name};
use crate::kerberos::bindings;
use crate::kerberos::gss::{Offer, ap_rep_token, error_token, mechanism};
use crate::kerberos::message::ApReq;
use crate::kerberos::spnego::{NegTokenInit, State, response, response_token};
use crate::login7::Login7;
use crate::ntlm;
use crate::packet::kind;
use crate::scenario::KerberosRefusal;
use crate::token::Text;
use crate::transport::TransportError;
use crate::wire::Malformed;

/// How long a refused client may take to close the connection itself.
const FAREWELL: Duration = Duration::from_secs(2);

/// The mechanism to name in SPNEGO answers, or no SPNEGO at all.
type Wrapping = Option<Vec<u8>>;

impl Connection {
    /// Finds out who the client is; `None` when it was refused and answered.
    pub(super) async fn authenticate(
        &mut self,
        login: &Login7,
    ) -> Result<Option<Account>, TransportError> {
        let (offer, wrapping) = match Offer::parse(&login.sspi)? {
            Offer::Spnego(init) => self.unwrap_spnego(login, init).await?,
            bare => (bare, None),
        };
        match offer {
            Offer::Kerberos(message) => self.kerberos(login, &message, wrapping).await,
            Offer::Ntlm(message) => self.ntlm(login, &message, wrapping).await,
            Offer::Spnego(_) => {
                Err(Malformed::new("security token", "SPNEGO inside SPNEGO").into())
            }
        }
    }

    /// The token inside SPNEGO; when the client sent none, a mechanism is
    /// chosen and the token asked for.
    async fn unwrap_spnego(
        &mut self,
        login: &Login7,
        init: NegTokenInit,
    ) -> Result<(Offer, Wrapping), TransportError> {
        let first = init.mechanisms.first().cloned().unwrap_or_default();
        if let Some(token) = init.token {
            return Ok((Offer::parse(&token)?, Some(first)));
        }
        let known = [
            mechanism::KERBEROS,
            mechanism::MICROSOFT_KERBEROS,
            mechanism::NTLM,
        ];
        let chosen = init
            .mechanisms
            .into_iter()
            .find(|offered| known.contains(&offered.as_slice()));
        let chosen = chosen
            .ok_or_else(|| Malformed::new("NegTokenInit", "no mechanism that is known here"))?;
        let token = self
            .ask(login, &response(State::Incomplete, &chosen, None))
            .await?;
        Ok((Offer::parse(&response_token(&token)?)?, Some(chosen)))
    }

    /// Sends a security token in a message of its own.
    async fn send_token(&mut self, login: &Login7, token: &[u8]) -> Result<(), TransportError> {
        let mut tokens = self.tokens(login);
        tokens.sspi(token);
        self.transport
            .write(kind::TABULAR, &tokens.into_bytes())
            .await
    }

    /// Sends a security token and waits for the client's next one.
    async fn ask(&mut self, login: &Login7, token: &[u8]) -> Result<Vec<u8>, TransportError> {
        self.send_token(login, token).await?;
        let message = within("before its next security token", self.transport.read()).await?;
        match message.kind {
            // Some drivers send it with the packet type of LOGIN7.
            kind::SSPI | kind::LOGIN7 => Ok(message.payload),
            other => Err(Malformed::new(
                "security token",
                format!("a message of type {other:#04x} came"),
            )
            .into()),
        }
    }

    async fn kerberos(
        &mut self,
        login: &Login7,
        message: &[u8],
        wrapping: Wrapping,
    ) -> Result<Option<Account>, TransportError> {
        let request = ApReq::parse(message)?;
        let mut details = json!({
            "spnego": wrapping.is_some(),
            "ticket-server": format!("{}@{}", request.ticket.server, request.ticket.realm),
            "ticket-kvno": request.ticket.encrypted.kvno,
            "ticket-etype": request.ticket.encrypted.etype,
            "ticket-etype-name": etype_name(request.ticket.encrypted.etype),
        });
        let live = std::sync::Arc::clone(&self.live);
        let (Some(acceptor), Some(keytab)) = (&live.instance.kerberos, &live.keytab) else {
            extend(
                &mut details,
                json!({"why": "the scenario has no Kerberos acceptor"}),
            );
            self.log_refusal("KERBEROS", details);
            self.refuse(login, &[untrusted_domain()]).await?;
            return Ok(None);
        };
        let policy = Policy {
            keytab,
            personality: acceptor.personality,
            skew: SignedDuration::from_secs(acceptor.skew_seconds),
            now: self.server.now(),
        };
        match accept(&request, &policy) {
            Ok(accepted) if acceptor.channel_binding_required && !self.is_bound(&accepted) => {
                extend(&mut details, bad_bindings());
                self.log_refusal("KERBEROS", details);
                self.refuse(login, &[untrusted_domain()]).await?;
                Ok(None)
            }
            Ok(accepted) => {
                extend(&mut details, accepted_details(&accepted));
                self.send_acceptance(login, &accepted, wrapping).await?;
                Ok(Some(Account {
                    name: self.windows_account(&accepted.client),
                    scheme: "KERBEROS",
                    principal: Some(accepted.client),
                    delegated: accepted.delegated.is_some(),
                    details,
                }))
            }
            Err(refused) => {
                extend(
                    &mut details,
                    json!({"error-code": refused.code, "why": refused.why}),
                );
                self.log_refusal("KERBEROS", details);
                self.send_refusal(login, &refused, acceptor.refusal, wrapping)
                    .await?;
                Ok(None)
            }
        }
    }

    /// Whether the client bound its login to the TLS channel that carried it.
    fn is_bound(&self, accepted: &Accepted) -> bool {
        let bindings = match &self.transport.unique {
            Some(finished) => bindings::unique(finished),
            None => self.live.tls.bindings,
        };
        self.encrypted_login && accepted.bindings == bindings
    }

    /// Sends the AP-REP. A client that does not want one gets no token at all,
    /// for it takes the first message as the answer to its login.
    async fn send_acceptance(
        &mut self,
        login: &Login7,
        accepted: &Accepted,
        wrapping: Wrapping,
    ) -> Result<(), TransportError> {
        let Some(reply) = accepted.reply.as_deref().map(ap_rep_token) else {
            return Ok(());
        };
        let token = match wrapping {
            Some(mechanism) => response(State::Completed, &mechanism, Some(&reply)),
            None => reply,
        };
        self.send_token(login, &token).await
    }

    async fn send_refusal(
        &mut self,
        login: &Login7,
        refused: &Refused,
        form: KerberosRefusal,
        wrapping: Wrapping,
    ) -> Result<(), TransportError> {
        if matches!(
            form,
            KerberosRefusal::TokenAndMessage | KerberosRefusal::TokenOnly
        ) {
            let token = error_token(&refused.error);
            let token = match wrapping {
                Some(mechanism) => response(State::Rejected, &mechanism, Some(&token)),
                None => token,
            };
            self.send_token(login, &token).await?;
        }
        match form {
            KerberosRefusal::TokenAndMessage | KerberosRefusal::MessageOnly => {
                self.refuse(login, &[untrusted_domain()]).await
            }
            KerberosRefusal::TokenOnly => {
                // Closing first could reset the connection before the client
                // has read the token.
                let farewell = timeout(FAREWELL, self.transport.read()).await;
                drop(farewell);
                Ok(())
            }
            KerberosRefusal::Close => Ok(()),
        }
    }

    /// `DOMAIN\user` for a principal, as SQL Server names Windows logins.
    fn windows_account(&self, principal: &str) -> String {
        let (user, realm) = principal.rsplit_once('@').unwrap_or((principal, ""));
        let listed = self
            .instance()
            .realms
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(realm));
        let domain = match listed {
            Some((_, domain)) => domain.clone(),
            None => realm.split('.').next().unwrap_or_default().to_uppercase(),
        };
        format!("{domain}\\{user}")
    }

    async fn ntlm(
        &mut self,
        login: &Login7,
        message: &[u8],
        wrapping: Wrapping,
    ) -> Result<Option<Account>, TransportError> {
        let flags = ntlm::negotiate_flags(message)?;
        let Some(server) = self.instance().ntlm.clone() else {
            self.log_refusal("NTLM", json!({"why": "the scenario has no NTLM"}));
            self.refuse(login, &[untrusted_domain()]).await?;
            return Ok(None);
        };
        let challenge = ntlm::challenge(&server, flags, self.server.now(), rand::random());
        self.log("ntlm-challenge", json!({"spnego": wrapping.is_some()}));
        let answer = match &wrapping {
            Some(_) => {
                let token = response(State::Incomplete, mechanism::NTLM, Some(&challenge));
                response_token(&self.ask(login, &token).await?)?
            }
            None => self.ask(login, &challenge).await?,
        };
        let claim = ntlm::claim(&answer)?;
        let name = if claim.user.is_empty() {
            "NT AUTHORITY\\ANONYMOUS LOGON".to_owned()
        } else {
            format!("{}\\{}", claim.domain, claim.user)
        };
        let details = json!({"spnego": wrapping.is_some(), "workstation": claim.workstation});
        if !server.accept {
            let mut details = details;
            extend(&mut details, json!({"login": name}));
            self.log_refusal("NTLM", details);
            let text: Text = untrusted_domain();
            self.refuse(login, &[text]).await?;
            return Ok(None);
        }
        if wrapping.is_some() {
            self.send_token(login, &response(State::Completed, mechanism::NTLM, None))
                .await?;
        }
        Ok(Some(Account {
            name,
            scheme: "NTLM",
            principal: None,
            delegated: false,
            details,
        }))
    }

    /// Logs a login that ended at its security token.
    fn log_refusal(&self, scheme: &str, details: Value) {
        let mut event =
            json!({"result": "refused", "scheme": scheme, "encrypted": self.encrypted_login});
        extend(&mut event, details);
        self.log("login", event);
    }
}

/// What SQL Server's own log says of a login without the right bindings: error
/// 17806 with SEC_E_BAD_BINDINGS. The client only sees error 18452.
fn bad_bindings() -> Value {
    json!({
        "sspi-error": "0x80090346",
        "why": "SSPI handshake failed with error code 0x80090346, state 46: the channel bindings from this \
                client are missing or do not match the TLS channel",
    })
}

fn accepted_details(accepted: &Accepted) -> Value {
    json!({
        "principal": accepted.client, "key-version": accepted.key_version,
        "session-etype": accepted.session_etype, "ticket-flags": format!("{:#010x}", accepted.ticket_flags),
        "mutual": accepted.reply.is_some(), "delegated-credential": accepted.delegated.is_some(),
        "delegated-tickets": accepted.delegated,
    })
}

fn extend(target: &mut Value, more: Value) {
    if let (Value::Object(target), Value::Object(more)) = (target, more) {
        target.extend(more);
    }
}
