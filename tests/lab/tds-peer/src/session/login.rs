//! From LOGIN7 to the login's acceptance or refusal.

use serde_json::{Value, json};

use super::Connection;
use super::query::Session;
use crate::login7::Login7;
use crate::packet::kind;
use crate::scenario::{Refusal, WindowsLogin};
use crate::token::{COLLATION, Text, Tokens, done};
use crate::transport::TransportError;

/// Who the client turned out to be, before it is asked whether it may log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// A SQL login's name, or `DOMAIN\user`.
    pub name: String,
    /// `SQL`, `KERBEROS` or `NTLM`.
    pub scheme: &'static str,
    /// The client's Kerberos principal.
    pub principal: Option<String>,
    /// True when the client delegated its credential.
    pub delegated: bool,
    /// More for the log.
    pub details: Value,
}

/// "Login failed for user", whose true state only the server's log shows.
fn login_failed(user: &str, visible_state: u8) -> Text {
    Text {
        number: 18456,
        state: visible_state,
        class: 14,
        message: format!("Login failed for user '{user}'."),
    }
}

/// The refusal of a login that cannot be authenticated by its token.
pub(super) fn untrusted_domain() -> Text {
    Text {
        number: 18452,
        state: 1,
        class: 14,
        message: "Login failed. The login is from an untrusted domain and cannot be used with Integrated \
                  authentication."
            .into(),
    }
}

enum Verdict {
    In { database: String },
    Refused { state: u8, texts: Vec<Text> },
}

impl Connection {
    /// Decides about a login and answers it; a session when it is accepted.
    pub(super) async fn log_in(
        &mut self,
        login: &Login7,
        packet_size: usize,
    ) -> Result<Option<Session>, TransportError> {
        let (account, verdict) = if login.integrated || !login.sspi.is_empty() {
            let Some(account) = self.authenticate(login).await? else {
                return Ok(None);
            };
            let verdict = self.windows_login(&account, login);
            (account, verdict)
        } else {
            let account = Account {
                name: login.user.clone(),
                scheme: "SQL",
                principal: None,
                delegated: false,
                details: Value::Null,
            };
            (account, self.sql_login(login))
        };
        let (result, state) = match &verdict {
            Verdict::In { .. } => ("accepted", 0),
            Verdict::Refused { state, .. } => ("refused", *state),
        };
        self.log_login(login, &account, result, state);
        match verdict {
            Verdict::Refused { texts, .. } => {
                self.refuse(login, &texts).await?;
                Ok(None)
            }
            Verdict::In { database } => {
                self.accept(login, &database, packet_size).await?;
                Ok(Some(Session::new(account, login, database)))
            }
        }
    }

    fn log_login(&self, login: &Login7, account: &Account, result: &str, state: u8) {
        let mut details = json!({
            "result": result, "state": state, "scheme": account.scheme, "login": account.name,
            "tds-version": login.version.name(), "encrypted": self.encrypted_login,
            "server-name": login.server, "database": login.database, "program": login.application,
            "library": login.library, "client-host": login.host, "packet-size": login.packet_size,
            "features": login.features,
        });
        if let (Value::Object(details), Value::Object(more)) = (&mut details, &account.details) {
            details.extend(more.clone());
        }
        self.log("login", details);
    }

    fn sql_login(&self, login: &Login7) -> Verdict {
        let known = self
            .instance()
            .sql_logins
            .iter()
            .find(|known| known.name.eq_ignore_ascii_case(&login.user));
        match known {
            None => refused(
                &login.user,
                &Refusal {
                    state: 5,
                    visible_state: 1,
                },
            ),
            Some(known) if !known.password.is(&login.password) => refused(
                &login.user,
                &Refusal {
                    state: 8,
                    visible_state: 1,
                },
            ),
            Some(known) => match &known.refuse {
                Some(refusal) => refused(&login.user, refusal),
                None => self.open_database(login, &login.user, &known.default_database),
            },
        }
    }

    fn windows_login(&self, account: &Account, login: &Login7) -> Verdict {
        let entries: &[WindowsLogin] = &self.instance().windows_logins;
        match entries.iter().find(|entry| entry.covers(&account.name)) {
            None => refused(
                &account.name,
                &Refusal {
                    state: 11,
                    visible_state: 1,
                },
            ),
            Some(entry) => match &entry.refuse {
                Some(refusal) => refused(&account.name, refusal),
                None => self.open_database(login, &account.name, &entry.default_database),
            },
        }
    }

    fn open_database(&self, login: &Login7, user: &str, default: &str) -> Verdict {
        let wanted = if login.database.is_empty() {
            default
        } else {
            &login.database
        };
        match self
            .instance()
            .databases
            .iter()
            .find(|name| name.eq_ignore_ascii_case(wanted))
        {
            Some(database) => Verdict::In {
                database: database.clone(),
            },
            None => Verdict::Refused {
                state: 38,
                texts: vec![
                    Text {
                        number: 4060,
                        state: 1,
                        class: 11,
                        message: format!(
                            "Cannot open database \"{wanted}\" requested by the login. The login failed."
                        ),
                    },
                    login_failed(user, 1),
                ],
            },
        }
    }

    /// The server name as it stands in errors.
    pub(super) fn tokens(&self, login: &Login7) -> Tokens {
        Tokens::new(login.version, &self.live.server_name)
    }

    /// Sends errors as the whole answer to a login.
    pub(super) async fn refuse(
        &mut self,
        login: &Login7,
        texts: &[Text],
    ) -> Result<(), TransportError> {
        let mut tokens = self.tokens(login);
        for text in texts {
            tokens.text(text);
        }
        tokens.done(done::ERROR, 0);
        self.transport
            .write(kind::TABULAR, &tokens.into_bytes())
            .await
    }

    /// Sends the acceptance: a message of its own, never behind a security
    /// token in the same message, which drivers do not survive.
    async fn accept(
        &mut self,
        login: &Login7,
        database: &str,
        packet_size: usize,
    ) -> Result<(), TransportError> {
        let mut tokens = self.tokens(login);
        let information = |number, message: String| Text {
            number,
            state: 1,
            class: 0,
            message,
        };
        tokens
            .environment_text(1, database, "master")
            .text(&information(
                5701,
                format!("Changed database context to '{database}'."),
            ))
            .environment_bytes(7, &COLLATION, &[])
            .environment_text(2, "us_english", "")
            .text(&information(
                5703,
                "Changed language setting to us_english.".into(),
            ))
            .loginack(self.live.product_version())
            .environment_text(4, &packet_size.to_string(), &packet_size.to_string());
        if login.features.contains(&0x0A) {
            tokens.feature_ack_utf8();
        }
        tokens.done(done::FINAL, 0);
        self.transport
            .write(kind::TABULAR, &tokens.into_bytes())
            .await
    }
}

fn refused(user: &str, refusal: &Refusal) -> Verdict {
    Verdict::Refused {
        state: refusal.state,
        texts: vec![login_failed(user, refusal.visible_state)],
    }
}
