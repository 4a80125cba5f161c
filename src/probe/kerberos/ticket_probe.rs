//! `kerberos-ticket`: is there a ticket-granting ticket, whose, and for how long?

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::credential::Credential;
use super::credential_cache::{CacheFault, CacheName, CredentialCache};
use super::initial::InitialFault;
use super::krb5_conf::Krb5Conf;
use super::tickets::NoTicket;
use super::{encryption, error_code, facts, user};
use crate::probe::by_hand::{posix, powershell};
use crate::probe::credential::{KerberosCredential, UserPassword};
use crate::probe::{Context, Outcome, OutcomeBuilder, Probe, ProbeDeclaration, ProbeRequest};

mod declaration;

use declaration::DECLARATION;

/// The probe.
#[derive(Debug)]
pub struct KerberosTicket;

impl Probe for KerberosTicket {
    fn declaration(&self) -> &'static ProbeDeclaration {
        &DECLARATION
    }

    fn observe<'a>(
        &'a self,
        request: &'a ProbeRequest,
        context: &'a Context,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let conf = Krb5Conf::read(context.session.settings.krb5_conf.as_deref());
            let mut looking = Looking {
                outcome: Outcome::of(&DECLARATION),
                conf,
                expected: request.optional_text("user").map(str::to_owned),
            };
            looking.configuration();
            let status = match &context.session.credentials.kerberos {
                KerberosCredential::Password(user) => looking.password(context, user).await,
                KerberosCredential::Cache(path) => looking.cache(Some(path)).await,
                KerberosCredential::DefaultCache => looking.cache(None).await,
            };
            looking.outcome.finish(status)
        })
    }
}

struct Looking {
    outcome: OutcomeBuilder,
    conf: Krb5Conf,
    expected: Option<String>,
}

impl Looking {
    /// What krb5.conf says.
    fn configuration(&mut self) {
        let files: Vec<String> = self
            .conf
            .files
            .iter()
            .map(|file| file.display().to_string())
            .collect();
        self.outcome
            .fact("krb5_conf", (!files.is_empty()).then(|| files.join(", ")))
            .fact("krb5_conf_faults", self.conf.faults.clone())
            .fact("default_realm", self.conf.default_realm())
            .fact(
                "permitted_encryption_types",
                self.conf
                    .permitted_encryption_types()
                    .map(|kinds| kinds.into_iter().map(encryption::name).collect::<Vec<_>>()),
            );
        let saw = if files.is_empty() {
            "there is none: realms and KDCs are found by DNS alone".to_owned()
        } else {
            let realm = self.conf.default_realm().unwrap_or("none");
            let mut words = format!("default realm: {realm}");
            for fault in &self.conf.faults {
                words.push_str("; ");
                words.push_str(fault);
            }
            words
        };
        let asked = if files.is_empty() {
            "krb5.conf".to_owned()
        } else {
            files.join(", ")
        };
        self.outcome.saw(asked, saw);
    }

    /// Reads a cache.
    async fn cache(&mut self, chosen: Option<&std::path::Path>) -> &'static str {
        let name = CacheName::of_session(chosen, &self.conf);
        self.outcome
            .fact("credential", "cache")
            .fact("cache", name.to_string())
            .fact("cache_type", name.kind.clone())
            .fact("cache_chosen_by", name.chosen_by)
            .by_hand_linux(format!("klist -e -f -c {}", posix(&name.to_string())))
            .by_hand_windows("klist tgt")
            .by_hand_windows("klist");
        let asked = format!("the ticket cache {name} (chosen by: {})", name.chosen_by);
        let cache = match CredentialCache::load(&name, &self.conf).await {
            Ok(cache) => cache,
            Err(fault) => {
                self.outcome
                    .saw(asked, fault.to_string())
                    .reason(fault.to_string());
                let (status, summary) = match fault {
                    CacheFault::Missing(_) => ("no-cache", "no ticket cache".to_owned()),
                    CacheFault::NotReadHere(name) | CacheFault::NotGiven(name, _) => (
                        "unreadable",
                        format!("cache in {}, not readable", name.kind),
                    ),
                    CacheFault::Denied(..) => ("unreadable", "cache not readable".to_owned()),
                    CacheFault::Damaged(..) => ("unreadable", "cache damaged".to_owned()),
                };
                self.outcome.summary(summary);
                self.how_to_get_one();
                return status;
            }
        };
        let principal = format!("{}@{}", cache.principal, cache.realm);
        self.principal(&principal, &cache.realm);
        let services: Vec<Value> = cache.service_tickets().map(service_ticket).collect();
        self.outcome
            .fact("cache_owner_matches", cache.owner_matches)
            .fact("cached_service_tickets", services);
        let count = cache.service_tickets().count();
        let Some(ticket) = cache.ticket_granting_ticket() else {
            let words = format!(
                "it belongs to {principal}, but holds no ticket-granting ticket of {}",
                cache.realm
            );
            self.outcome
                .saw(asked, &words)
                .reason(format!("{words}: run `kinit`"))
                .summary("no ticket-granting ticket");
            self.how_to_get_one();
            return "no-tgt";
        };
        let status = self.ticket(ticket);
        let mut words = format!(
            "a ticket-granting ticket of {principal}, from {} to {}, {}; {count} service tickets",
            ticket.starts,
            ticket.ends,
            encryption::name(ticket.ticket.kind),
        );
        if !cache.owner_matches {
            words.push_str("; the file belongs to another user of this host");
        }
        self.outcome.saw(asked, words);
        if status != "valid" {
            self.how_to_get_one();
        }
        status
    }

    /// Asks the KDC with the password.
    async fn password(&mut self, context: &Context, typed: &UserPassword) -> &'static str {
        self.outcome
            .fact("credential", "password")
            .by_hand_linux(format!("kinit {}", posix(&typed.user)))
            .by_hand_windows(format!(
                "runas /netonly /user:{} cmd",
                powershell(&typed.user)
            ));
        let session = &context.session;
        let mut trail = Vec::new();
        let result = session
            .tickets
            .with_password(session, &self.conf, typed, context.deadline, &mut trail)
            .await;
        for mut evidence in trail {
            evidence.credential = Some(format!("{}, typed password", typed.user));
            self.outcome.evidence(evidence);
        }
        let fault = match result {
            Ok(initial) => {
                let credential = &initial.credential;
                self.principal(&credential.principal(), &credential.client_realm);
                self.outcome.fact("kdc", initial.kdc.host.clone());
                return self.ticket(credential);
            }
            Err(fault) => fault,
        };
        self.outcome.reason(fault.to_string());
        match fault {
            NoTicket::NoRealm(_) => {
                self.outcome.summary("the realm is not known");
                "no-realm"
            }
            NoTicket::Initial(InitialFault::Refused(refusal)) => {
                let code = refusal.error.code;
                facts::kdc_error(&mut self.outcome, &refusal.error, refusal.received);
                self.outcome.fact("kdc", refusal.kdc.host.clone());
                if code == error_code::SKEW {
                    self.outcome.summary("the clocks differ");
                    return "clock-skew";
                }
                self.outcome
                    .summary(format!("KDC: {}", error_code::name(code)));
                "client-refused"
            }
            NoTicket::Initial(InitialFault::Realm(_)) => {
                self.outcome.summary("no KDC answers");
                "kdc-unreachable"
            }
            _ => {
                self.outcome.summary("not observed");
                crate::probe::NOT_OBSERVED
            }
        }
    }

    /// Whose ticket it is.
    fn principal(&mut self, principal: &str, realm: &str) {
        let name = principal.strip_suffix(realm).unwrap_or(principal);
        self.outcome
            .fact("principal", principal)
            .fact("user", name.trim_end_matches('@'))
            .fact("realm", realm)
            .fact(
                "realm_is_default",
                self.conf.default_realm().map(|default| default == realm),
            )
            .fact(
                "expected_principal_matches",
                self.expected
                    .as_deref()
                    .map(|expected| user::is_user(principal, expected)),
            );
    }

    /// The facts of the ticket itself, and whether it is valid now.
    fn ticket(&mut self, ticket: &Credential) -> &'static str {
        let now = Timestamp::now();
        let left = ticket.ends.as_second() - now.as_second();
        self.outcome
            .fact("starts", facts::time(ticket.starts))
            .fact("ends", facts::time(ticket.ends))
            .fact("renew_until", facts::optional_time(ticket.renew_until))
            .fact("seconds_left", left)
            .fact("forwardable", ticket.flags.has("forwardable"))
            .fact("renewable", ticket.flags.has("renewable"))
            .fact("encryption_type", encryption::name(ticket.ticket.kind))
            .fact(
                "session_encryption_type",
                encryption::name(ticket.session_key.kind()),
            );
        let principal = ticket.principal();
        if left <= 0 {
            self.outcome
                .summary(format!("{principal}: expired"))
                .reason(format!("the ticket ended at {}: run `kinit`", ticket.ends));
            return "expired";
        }
        // The KDC's clock may be a little ahead: Kerberos allows 300 s.
        if ticket.starts.as_second() > now.as_second() + 300 {
            self.outcome
                .summary(format!("{principal}: not valid yet"))
                .reason(format!(
                    "the ticket starts at {}, but this host's clock says {now}",
                    ticket.starts
                ));
            return "not-yet-valid";
        }
        self.outcome.summary(format!(
            "{principal}, {} h {:02} min left",
            left / 3600,
            left % 3600 / 60
        ));
        "valid"
    }

    fn how_to_get_one(&mut self) {
        let realm = self.conf.default_realm().unwrap_or("REALM");
        let user = self
            .expected
            .clone()
            .unwrap_or_else(|| format!("USER@{realm}"));
        self.outcome
            .by_hand_linux(format!("kinit {}", posix(&user)));
    }
}

fn service_ticket(credential: &Credential) -> Value {
    json!({
        "spn": credential.service.to_string(),
        "realm": credential.ticket.realm,
        "ends": facts::time(credential.ends),
        "encryption_type": encryption::name(credential.ticket.kind),
        "kvno": credential.ticket.kvno,
    })
}
