//! A sealed LDAP connection: the SASL bind GSS-SPNEGO on a plain port, then every
//! byte encrypted with the session's key.
//!
//! GSS-SPNEGO needs one exchange and GSSAPI (RFC 4752) three, because the layer
//! follows from what the context was made for and is not chosen afterwards
//! ([MS-ADTS] 5.1.1.1, 5.1.2.1). Every domain controller has both.
//!
//! The bind and the layer are done here and not by the LDAP library, because a
//! domain controller may put several answers into one sealed buffer and may
//! have sent the next one already; every answer must come through whatever way
//! TCP cuts the stream. The library speaks plain LDAP to one end of a socket
//! pair; this module is at the other.

mod frames;
mod message;
mod refusal;
mod spnego;

use std::sync::Arc;

use tokio::net::TcpStream;

use super::exchange::{Answer, exchange};
use super::fault::{self, DirectoryFault};
use super::pump::{self, Ended};
use crate::probe::kerberos::credential::Credential;
use crate::probe::kerberos::gss::wrap::{Side, Wrapping};
use crate::probe::kerberos::gss::{self, Disagreed};
use frames::Sealed;
use message::BIND_RESPONSE;
pub(super) use refusal::no_ticket;

/// How much of a request is sealed at once.
const CHUNK: usize = 16 * 1024;

/// Signs in over `stream` and gives the plain end for the LDAP library, with
/// the place where it will stand why the connection was ended.
///
/// Two messages are enough, since the context is not DCE-style; and Kerberos
/// being the only mechanism, no mechListMIC is due (RFC 4178 5).
pub(super) async fn sign_in(
    mut stream: TcpStream,
    ticket: &Arc<Credential>,
    server: &str,
) -> Result<(std::os::unix::net::UnixStream, Ended), DirectoryFault> {
    let unusable = |words: &dyn std::fmt::Display| {
        DirectoryFault::NoCredential(format!(
            "the Kerberos ticket for {server} cannot be used here: {words}"
        ))
    };
    let begun = gss::initiate(ticket, None).map_err(|fault| unusable(&fault))?;
    let question = message::bind_request(&spnego::offer(&begun.token));
    let response = exchange(&mut stream, &question, BIND_RESPONSE)
        .await
        .map_err(|fault| broken(server, &fault.words("the bind")))?;
    let refused = |response: &Answer| DirectoryFault::SignInRefused {
        server: server.to_owned(),
        what: fault::bind_refusal(response.code, &response.text),
    };
    let mut token = Vec::new();
    if !response.credentials.is_empty() {
        let answer = spnego::answer(&response.credentials)
            .map_err(|_| broken(server, "its answer to the bind is not SPNEGO"))?;
        if answer.rejected {
            return Err(refused(&response));
        }
        token = answer.token;
    }
    let agreed = if token.is_empty() {
        None
    } else {
        // A refusal of Kerberos itself, such as a clock that is off, is in the token.
        match begun.agree(ticket, &token) {
            Ok(agreed) => Some(agreed),
            Err(Disagreed::Refused(error)) => return Err(refusal::refused(server, error.code)),
            Err(Disagreed::NotProved(why)) => return Err(broken(server, why)),
            Err(Disagreed::Damaged(_)) => {
                return Err(broken(server, "its answer to the bind is not Kerberos"));
            }
        }
    };
    if response.code != 0 {
        return Err(refused(&response));
    }
    // Without the server's own proof, anybody could have said yes.
    let Some(agreed) = agreed else {
        return Err(broken(
            server,
            "it ended the sign-in before it had proved who it is",
        ));
    };
    let wrapping = Wrapping::new(Side::Initiator, agreed).map_err(|fault| unusable(&fault))?;
    pump::carry(stream, Sealed::new(wrapping), CHUNK)
        .map_err(|error| broken(server, &fault::io_words(&error)))
}

fn broken(server: &str, what: &str) -> DirectoryFault {
    DirectoryFault::Broken {
        server: server.to_owned(),
        what: what.to_owned(),
    }
}
