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

mod context;
mod frames;
mod message;
mod spnego;

use libgssapi::context::{CtxFlags, SecurityContext as _};
use tokio::net::TcpStream;

pub(super) use context::{Initiator, Login, context_fault};

use super::exchange::{Answer, exchange};
use super::fault::{self, DirectoryFault};
use super::pump::{self, Ended};
use frames::Sealed;
use message::BIND_RESPONSE;

/// How much of a request is sealed at once.
const CHUNK: usize = 16 * 1024;

/// Signs in over `stream` and gives the plain end for the LDAP library, with
/// the place where it will stand why the connection was ended.
pub(super) async fn sign_in(
    mut stream: TcpStream,
    mut initiator: Initiator,
    server: &str,
) -> Result<(std::os::unix::net::UnixStream, Ended), DirectoryFault> {
    let token = std::mem::take(&mut initiator.first_token);
    let mut context = initiator.context;
    let question = message::bind_request(&spnego::offer(&token));
    let response = exchange(&mut stream, &question, BIND_RESPONSE)
        .await
        .map_err(|fault| broken(server, &fault.words("the bind")))?;
    let refused = |response: &Answer| DirectoryFault::SignInRefused {
        server: server.to_owned(),
        what: fault::bind_refusal(response.code, &response.text),
    };
    if !response.credentials.is_empty() && !context.is_complete() {
        let answer = spnego::answer(&response.credentials)
            .map_err(|_| broken(server, "its answer to the bind is not SPNEGO"))?;
        if answer.rejected {
            return Err(refused(&response));
        }
        // A refusal of Kerberos itself, such as a clock that is off, is in the token.
        context
            .step(Some(&answer.token), None)
            .map_err(|error| context_fault(server, error))?;
    }
    if response.code != 0 {
        return Err(refused(&response));
    }
    // Without the server's own proof, anybody could have said yes.
    if !context.is_complete() {
        return Err(broken(
            server,
            "it ended the sign-in before it had proved who it is",
        ));
    }
    let sealed = CtxFlags::GSS_C_CONF_FLAG | CtxFlags::GSS_C_MUTUAL_FLAG;
    if !context.flags().is_ok_and(|flags| flags.contains(sealed)) {
        return Err(broken(server, "it offers no encryption"));
    }
    pump::carry(stream, Sealed::new(context), CHUNK)
        .map_err(|error| broken(server, &fault::io_words(&error)))
}

fn broken(server: &str, what: &str) -> DirectoryFault {
    DirectoryFault::Broken {
        server: server.to_owned(),
        what: what.to_owned(),
    }
}
