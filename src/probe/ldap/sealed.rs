//! A sealed LDAP connection: the SASL GSSAPI bind of RFC 4752 on a plain port,
//! then every byte encrypted with the session's key.
//!
//! The bind and the layer are done here and not by the LDAP library, because a
//! domain controller may put several answers into one sealed buffer and may
//! have sent the next one already; every answer must come through whatever way
//! TCP cuts the stream. The library speaks plain LDAP to one end of a socket
//! pair; this module is at the other.

mod context;
mod frames;
mod message;

use libgssapi::context::SecurityContext as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub(super) use context::{Initiator, Login, context_fault};

use super::fault::{self, DirectoryFault};
use super::pump::{self, Ended};
use frames::{LARGEST_BUFFER, Sealed};
use message::BindResponse;

/// The security layer with confidentiality (RFC 4752 3.3).
const CONFIDENTIALITY: u8 = 4;
/// LDAP result: the bind goes on.
const SASL_BIND_IN_PROGRESS: u32 = 14;
/// How much of a request is sealed at once, unless the server takes less.
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
    let mut response = exchange(&mut stream, 1, &token, server).await?;
    let mut number = 1;
    while response.result_code == SASL_BIND_IN_PROGRESS && !context.is_complete() {
        number += 1;
        let answer = context
            .step(Some(&response.credentials), None)
            .map_err(|error| context_fault(server, error))?;
        let answer = answer.as_deref().unwrap_or_default().to_vec();
        response = exchange(&mut stream, number, &answer, server).await?;
    }
    let refused = |response: &BindResponse| DirectoryFault::SignInRefused {
        server: server.to_owned(),
        what: fault::bind_refusal(response.result_code, &response.text),
    };
    if response.result_code == 0 {
        return Err(broken(
            server,
            "it ended the sign-in before it had proved who it is",
        ));
    }
    if response.result_code != SASL_BIND_IN_PROGRESS {
        return Err(refused(&response));
    }
    let offer = context
        .unwrap(&response.credentials)
        .map_err(|error| context_fault(server, error))?;
    let Some([layers, size @ ..]) = offer.first_chunk::<4>().copied() else {
        return Err(broken(server, "its offer of a security layer is cut"));
    };
    if layers & CONFIDENTIALITY == 0 {
        return Err(broken(server, "it offers no encryption"));
    }
    let largest = u32::from_be_bytes([0, size[0], size[1], size[2]]);
    let [_, a, b, c] = LARGEST_BUFFER.to_be_bytes();
    let choice = context
        .wrap(false, &[CONFIDENTIALITY, a, b, c])
        .map_err(|error| context_fault(server, error))?;
    let response = exchange(&mut stream, number + 1, &choice, server).await?;
    if response.result_code != 0 {
        return Err(refused(&response));
    }
    // A sealed buffer is longer than what is in it; 256 bytes cover every
    // encryption type's header and trailer.
    let chunk = usize::try_from(largest)
        .unwrap_or(CHUNK)
        .saturating_sub(256)
        .clamp(512, CHUNK);
    pump::carry(stream, Sealed::new(context), chunk)
        .map_err(|error| broken(server, &fault::io_words(&error)))
}

fn broken(server: &str, what: &str) -> DirectoryFault {
    DirectoryFault::Broken {
        server: server.to_owned(),
        what: what.to_owned(),
    }
}

/// One step of the bind.
async fn exchange(
    stream: &mut TcpStream,
    number: u8,
    token: &[u8],
    server: &str,
) -> Result<BindResponse, DirectoryFault> {
    let io_fault = |error: std::io::Error| broken(server, &fault::io_words(&error));
    stream
        .write_all(&message::bind_request(number, token))
        .await
        .map_err(io_fault)?;
    let mut received = Vec::new();
    loop {
        match message::parse_bind_response(&received) {
            Ok(Some(response)) => return Ok(response),
            Ok(None) => {}
            Err(()) => return Err(broken(server, "its answer to the bind is not LDAP")),
        }
        let count = stream.read_buf(&mut received).await.map_err(io_fault)?;
        if count == 0 {
            return Err(broken(server, "it closed the connection during the bind"));
        }
    }
}
