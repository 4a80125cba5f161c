//! An error message as a person sees it: which driver spoke, at which stage the
//! login stopped, and whom it names.
//!
//! A login goes through stages: the name and the network, TLS, the user's own
//! ticket (AS), the ticket for the server (TGS), the server that opens it (AP),
//! the login in SQL Server (authorisation), and perhaps the second hop. What is
//! wrong can only lie at the stage where it stopped or before it.

mod code;
mod driver;
mod pick;
mod sign;

use serde::Serialize;

use crate::sql_target::SqlTarget;

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ErrorText {
    /// The program or driver that wrote it, in words.
    pub driver: Option<String>,
    /// Where the login stopped.
    pub stage: Stage,
    /// What that means, in a sentence or two.
    pub explanation: String,
    /// Codes in it, each with its meaning.
    pub codes: Vec<Code>,
    /// The SQL Server that it names, as programs write it.
    pub server: Option<String>,
    /// The user that it names.
    pub user: Option<String>,
    /// The SPN that it names.
    pub spn: Option<String>,
    /// The address that the server saw, from a line of its log.
    pub client: Option<String>,
}

/// A code of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Code {
    /// As it is usually written, such as `0x80090322` or `18456 state 5`.
    pub code: String,
    /// What it means.
    pub meaning: String,
}

/// Where a login stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// The name, the port, the network.
    Network,
    /// The encrypted connection.
    Tls,
    /// The user's own sign-in to the domain.
    OwnTicket,
    /// The ticket for the server.
    ServiceTicket,
    /// The server opens the ticket.
    ServerOpensTicket,
    /// The login in SQL Server.
    Authorisation,
    /// The hop from the first SQL Server to a second one.
    SecondHop,
    /// SQL Server registers its own SPN.
    Registration,
    /// It is an SSPI error, and the message does not say of which stage.
    AnyKerberos,
}

impl Stage {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Network => "the name and the network",
            Self::Tls => "the encrypted connection (TLS)",
            Self::OwnTicket => "your own ticket (AS)",
            Self::ServiceTicket => "the ticket for the SQL Server (TGS)",
            Self::ServerOpensTicket => "SQL Server opens the ticket (AP)",
            Self::Authorisation => "the login in SQL Server (authorisation)",
            Self::SecondHop => "the second hop (delegation)",
            Self::Registration => "SQL Server registers its SPN",
            Self::AnyKerberos => "any stage of Kerberos",
        }
    }

    /// The flow to begin with.
    pub fn flow(self) -> &'static str {
        match self {
            Self::Network | Self::Tls => "server-reachability",
            Self::OwnTicket => "sign-in",
            Self::ServiceTicket | Self::Registration => "spn-verification",
            Self::ServerOpensTicket | Self::Authorisation => "login-with-ticket",
            Self::SecondHop | Self::AnyKerberos => MAIN_FLOW,
        }
    }
}

/// The flow for what could be anywhere.
const MAIN_FLOW: &str = "cannot-generate-sspi-context";

impl ErrorText {
    /// The flow to begin with.
    pub fn flow(&self) -> &'static str {
        self.stage.flow()
    }

    /// The answers to the flow's inputs that the message gives, as they would
    /// be typed. A flow takes those that it has.
    pub fn inputs(&self) -> Vec<(&'static str, String)> {
        let mut inputs = Vec::new();
        if let Some(server) = &self.server {
            inputs.push(("server", server.clone()));
        }
        if self.stage == Stage::SecondHop {
            inputs.push(("scope", "linked-server".to_owned()));
        }
        inputs
    }
}

/// Reads a message; none when nothing in it is known.
pub fn read(text: &str) -> Option<ErrorText> {
    let text = super::text::clean(text);
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let lower = flat.to_ascii_lowercase();
    let sign = sign::first(&lower);
    let codes = code::all(&lower);
    let (stage, explanation) = match (sign, code::decisive(&codes)) {
        // A code says more than words that stand in every message. What SQL
        // Server's log says is about SQL Server, not about the user's machine.
        (Some(sign), Some(code)) if sign.general && lower.contains("handshake failed") => (
            sign.stage,
            format!("SQL Server refused the logon. {}.", code.explanation),
        ),
        (Some(sign), Some(code)) if sign.general => (code.stage, format!("{}.", code.explanation)),
        (Some(sign), _) => (sign.stage, sign.explanation.to_owned()),
        (None, Some(code)) => (code.stage, format!("{}.", code.explanation)),
        (None, None) => {
            let code = codes.first()?;
            (code.stage, format!("{}.", code.explanation))
        }
    };
    let user = pick::user(&flat, &lower);
    let (stage, explanation) = of_user(stage, explanation, user.as_deref());
    let spn = pick::spn(&flat);
    let server = pick::server(&flat, &lower, spn.as_deref())
        .filter(|server| server.parse::<SqlTarget>().is_ok());
    Some(ErrorText {
        driver: driver::name(&flat, &lower),
        stage,
        explanation,
        codes: codes.into_iter().map(|known| known.code).collect(),
        server,
        user,
        spn,
        client: pick::client(&flat, &lower),
    })
}

/// 18456 belongs to three stages, which only the user's name keeps apart.
fn of_user(stage: Stage, explanation: String, user: Option<&str>) -> (Stage, String) {
    let Some(user) = user.filter(|_| stage == Stage::Authorisation) else {
        return (stage, explanation);
    };
    let lower = user.to_lowercase();
    if lower.ends_with("anonymous logon") || lower == "(null)" || lower == "\\" {
        return (
            Stage::SecondHop,
            "The user's name did not come through: the first SQL Server may not hand it on, or the \
             first hop was NTLM."
                .to_owned(),
        );
    }
    if lower.ends_with('$') {
        return (
            Stage::SecondHop,
            "A computer account knocks at the door. A linked server, a job or a web application \
             passes on its own identity instead of the user's."
                .to_owned(),
        );
    }
    if !lower.contains('\\') && !lower.contains('@') && !lower.is_empty() {
        return (
            stage,
            "This is a SQL login with a password, so neither Kerberos nor an SPN has a part in it. \
             Its password, its database or the login mode is wrong."
                .to_owned(),
        );
    }
    (stage, explanation)
}

#[cfg(test)]
mod tests;
