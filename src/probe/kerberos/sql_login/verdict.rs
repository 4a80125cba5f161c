//! What SQL Server's answer to a Kerberos login means.

use super::super::der::DerFault;
use super::super::error_code;
use super::super::gss::Answer;
use super::super::message::KrbError;
use super::routing;
use crate::probe::tds::{Reply, ServerMessage, TdsFault};

/// Errors by which SQL Server says that it did not accept the ticket: 18452
/// "untrusted domain", 17806 and 17830 "SSPI handshake failed", 17828.
const TICKET_REFUSED: [i32; 4] = [18452, 17806, 17828, 17830];

/// The verdict on a login.
#[derive(Debug)]
pub struct Verdict {
    /// The probe's status.
    pub status: &'static str,
    /// For the outline.
    pub summary: String,
    /// What was seen, in words.
    pub words: String,
    /// Whether the server proved that it has the service's key.
    pub mutual: Option<bool>,
    /// How the ticket was refused.
    pub refused_by: Option<&'static str>,
    /// The server's KRB-ERROR.
    pub krb_error: Option<Box<KrbError>>,
    /// The server's error message.
    pub message: Option<ServerMessage>,
    /// The user as that message names it.
    pub login_name: Option<String>,
    /// The server to go to instead.
    pub routed_to: Option<String>,
}

/// Judges the server's token, if one came, and the rest of its answer.
pub fn judge(token: Option<Result<Answer, DerFault>>, rest: Result<Reply, TdsFault>) -> Verdict {
    let mut verdict = Verdict {
        status: "refused",
        summary: String::new(),
        words: String::new(),
        mutual: None,
        refused_by: None,
        krb_error: None,
        message: None,
        login_name: None,
        routed_to: None,
    };
    let mut seen: Vec<String> = Vec::new();
    match token {
        Some(Ok(Answer::Proved)) => {
            verdict.mutual = Some(true);
            seen.push(
                "it decrypted the ticket and proved that it has the service's key".to_owned(),
            );
        }
        Some(Ok(Answer::NotProved(why))) => {
            verdict.mutual = Some(false);
            seen.push(format!(
                "it did not prove that it has the service's key: {why}"
            ));
        }
        Some(Ok(Answer::Refused(error))) => {
            verdict.refused_by = Some("krb-error");
            verdict.summary = format!("ticket refused: {}", error_code::name(error.code));
            seen.push(format!(
                "it refused the ticket with a KRB-ERROR, code {}, {}",
                error.code,
                error_code::name(error.code)
            ));
            verdict.krb_error = Some(error);
        }
        Some(Err(fault)) => seen.push(format!("its token cannot be read: {fault}")),
        None => {}
    }
    match rest {
        Ok(reply) => verdict.reply(&reply, &mut seen),
        Err(TdsFault::TimedOut) => {
            verdict.status = "timed-out";
            "no answer to the login in time".clone_into(&mut verdict.summary);
            seen.push("it did not finish the login in time".to_owned());
        }
        Err(fault) => {
            verdict.refused_by = Some("closed");
            "the connection was closed".clone_into(&mut verdict.summary);
            seen.push(format!("it did not answer the login: {fault}"));
        }
    }
    verdict.words = seen.join("; ");
    verdict
}

impl Verdict {
    /// Whether SQL Server let the user in.
    pub fn is_accepted(&self) -> bool {
        self.status == "accepted" && self.routed_to.is_none()
    }

    /// Whether it looks as a login that is bound to no TLS channel looks, when
    /// Extended Protection is required: an error, and not a word of Kerberos.
    pub fn may_want_binding(&self) -> bool {
        self.status == "refused" && self.refused_by == Some("error-message")
    }

    fn reply(&mut self, reply: &Reply, seen: &mut Vec<String>) {
        self.routed_to = routing(reply);
        if let Some(to) = &self.routed_to {
            seen.push(format!("it refers to {to} instead"));
        }
        // The last error is the one that ends a login: 4060 comes before 18456.
        if let Some(message) = reply.errors().last() {
            seen.push(format!(
                "error {}, state {}: {}",
                message.number, message.state, message.message
            ));
            self.login_name = quoted(&message.message);
            self.message = Some(message.clone());
            if self.krb_error.is_none() {
                self.error(message.number);
            }
        } else if reply.is_logged_in() {
            self.status = "accepted";
            "accepted".clone_into(&mut self.summary);
            if self.mutual.is_none() {
                self.mutual = Some(false);
            }
            seen.push("the login is accepted".to_owned());
        } else if self.krb_error.is_none() {
            self.refused_by = Some("closed");
            "no answer to the login".clone_into(&mut self.summary);
            seen.push("it ended the login without a word".to_owned());
        }
    }

    fn error(&mut self, number: i32) {
        let names_nobody = self
            .login_name
            .as_deref()
            .is_some_and(|name| name.is_empty() || name == "(null)");
        let refused = TICKET_REFUSED.contains(&number) || (number == 18456 && names_nobody);
        if refused && self.mutual != Some(true) {
            self.refused_by = Some("error-message");
            self.summary = format!("ticket refused: error {number}");
        } else {
            self.status = "not-authorised";
            self.summary = match &self.login_name {
                Some(name) => format!("{name} is not let in: error {number}"),
                None => format!("not let in: error {number}"),
            };
        }
    }
}

/// The name between the first quotes of a message that says whose login failed.
fn quoted(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("user '")?;
    // A name may hold an apostrophe: the last quote ends it.
    let (name, _) = rest.rsplit_once('\'')?;
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::tds::Token;

    fn error(number: i32, message: &str) -> Token {
        Token::Error(ServerMessage {
            number,
            state: 1,
            class: 14,
            message: message.to_owned(),
            server: "SQL1".to_owned(),
        })
    }

    fn reply(tokens: Vec<Token>) -> Reply {
        Reply { tokens }
    }

    fn krb_error(code: i32) -> Answer {
        Answer::Refused(Box::new(KrbError {
            time: jiff::Timestamp::UNIX_EPOCH,
            code,
            client_realm: None,
            text: None,
            data: None,
        }))
    }

    #[test]
    fn a_refused_ticket_is_not_taken_for_a_refused_user() {
        let untrusted = "Login failed. The login is from an untrusted domain.";
        let verdict = judge(None, Ok(reply(vec![error(18452, untrusted)])));
        assert_eq!(
            (verdict.status, verdict.refused_by),
            ("refused", Some("error-message"))
        );
        let verdict = judge(
            Some(Ok(krb_error(41))),
            Ok(reply(vec![error(18452, untrusted)])),
        );
        assert_eq!(
            (verdict.status, verdict.refused_by),
            ("refused", Some("krb-error"))
        );
        let verdict = judge(None, Err(TdsFault::Closed));
        assert_eq!(
            (verdict.status, verdict.refused_by),
            ("refused", Some("closed"))
        );
        let verdict = judge(
            None,
            Ok(reply(vec![error(18456, "Login failed for user ''.")])),
        );
        assert_eq!(verdict.status, "refused");
    }

    #[test]
    fn a_user_who_is_not_let_in_is_named() {
        let failed = error(18456, r"Login failed for user 'CORP\o'brien'.");
        let proved = Some(Ok(Answer::Proved));
        let verdict = judge(
            proved,
            Ok(reply(vec![
                error(4060, "Cannot open database \"x\"."),
                failed,
            ])),
        );
        assert_eq!(verdict.status, "not-authorised");
        assert_eq!(verdict.login_name.as_deref(), Some(r"CORP\o'brien"));
        assert_eq!(verdict.mutual, Some(true));
    }

    #[test]
    fn an_accepted_login_says_whether_the_server_proved_itself() {
        let accepted = || {
            Ok(reply(vec![Token::LoginAck {
                program: "Microsoft SQL Server".to_owned(),
                version: "16.0.1000".to_owned(),
            }]))
        };
        let verdict = judge(Some(Ok(Answer::Proved)), accepted());
        assert_eq!((verdict.status, verdict.mutual), ("accepted", Some(true)));
        let verdict = judge(None, accepted());
        assert_eq!((verdict.status, verdict.mutual), ("accepted", Some(false)));
    }

    #[test]
    fn silence_is_no_refusal() {
        let verdict = judge(Some(Ok(Answer::Proved)), Err(TdsFault::TimedOut));
        assert_eq!(verdict.status, "timed-out");
    }
}
