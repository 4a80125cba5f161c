//! TDS packets, [MS-TDS] 2.2.3.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::fault::TdsFault;

/// A client's PRELOGIN, and every packet of a TLS handshake inside TDS 7.
pub(super) const PRELOGIN: u8 = 0x12;
/// A batch of Transact-SQL.
pub(super) const SQL_BATCH: u8 = 0x01;
/// LOGIN7.
pub(super) const LOGIN7: u8 = 0x10;
/// An SSPI token from the client.
pub(super) const SSPI: u8 = 0x11;
/// Whatever a server answers.
pub(super) const RESPONSE: u8 = 0x04;

/// The header's length, and with it the largest packet before a login has
/// agreed on another size, [MS-TDS] 2.2.3.1.
pub(super) const HEADER: usize = 8;
pub(super) const LARGEST: usize = 4096;

/// The status bit of a message's last packet, [MS-TDS] 2.2.3.1.2.
const LAST: u8 = 0x01;
/// No answer before a session is nearly as long.
const LONGEST_MESSAGE: usize = 1024 * 1024;

/// Sends one message in as many packets as it takes.
pub(super) async fn send(
    stream: &mut (impl AsyncWrite + Unpin + ?Sized),
    kind: u8,
    message: &[u8],
) -> io::Result<()> {
    let chunks: Vec<&[u8]> = if message.is_empty() {
        vec![message]
    } else {
        message.chunks(LARGEST - HEADER).collect()
    };
    let last = chunks.len() - 1;
    let mut packets = Vec::with_capacity(message.len() + chunks.len() * HEADER);
    let mut number = 1_u8;
    for (index, chunk) in chunks.into_iter().enumerate() {
        let status = if index == last { LAST } else { 0 };
        packets.extend_from_slice(&header(kind, status, chunk.len(), number));
        packets.extend_from_slice(chunk);
        number = number.wrapping_add(1);
    }
    stream.write_all(&packets).await?;
    stream.flush().await
}

/// A packet's header for a chunk of up to [`LARGEST`] less the header.
pub(super) fn header(kind: u8, status: u8, length: usize, number: u8) -> [u8; HEADER] {
    let [high, low] = u16::try_from(length + HEADER)
        .unwrap_or(u16::MAX)
        .to_be_bytes();
    [kind, status, high, low, 0, 0, number, 0]
}

/// Receives one whole answer of the server, before a session.
pub async fn receive(stream: &mut (impl AsyncRead + Unpin + ?Sized)) -> Result<Vec<u8>, TdsFault> {
    let mut message = Vec::new();
    while !receive_packet(&mut message, LONGEST_MESSAGE, stream).await? {}
    Ok(message)
}

/// Adds the next packet to a message of up to so many bytes; gives back whether it
/// was the last. Dropping the future leaves the packets that have come.
pub(super) async fn receive_packet(
    message: &mut Vec<u8>,
    longest: usize,
    stream: &mut (impl AsyncRead + Unpin + ?Sized),
) -> Result<bool, TdsFault> {
    if message.len() > longest {
        return Err(TdsFault::Malformed("a longer answer than any has"));
    }
    let mut header = [0; HEADER];
    read(stream, &mut header, message.is_empty()).await?;
    let [kind, status, high, low, ..] = header;
    let length = usize::from(u16::from_be_bytes([high, low]));
    if kind != RESPONSE || length < HEADER {
        return Err(TdsFault::NotSqlServer(first_words(&header)));
    }
    let mut body = vec![0; length - HEADER];
    read(stream, &mut body, false).await?;
    message.extend_from_slice(&body);
    Ok(status & LAST != 0)
}

/// Fills the buffer; a server that hangs up without a word has closed, one
/// that does so in the middle is malformed.
async fn read(
    stream: &mut (impl AsyncRead + Unpin + ?Sized),
    buffer: &mut [u8],
    is_first: bool,
) -> Result<(), TdsFault> {
    let mut filled = 0;
    while filled < buffer.len() {
        let count = stream.read(&mut buffer[filled..]).await?;
        if count == 0 {
            return Err(match (is_first, filled) {
                (true, 0) => TdsFault::Closed,
                (true, _) => TdsFault::NotSqlServer(first_words(&buffer[..filled])),
                (false, _) => TdsFault::Malformed("an answer that is cut off"),
            });
        }
        filled += count;
    }
    Ok(())
}

/// How something that is not TDS begins, as text where it is text.
fn first_words(bytes: &[u8]) -> String {
    let is_text = |byte: &u8| byte.is_ascii_graphic() || *byte == b' ';
    let text: Vec<u8> = bytes.iter().copied().take_while(is_text).collect();
    if text.len() > 3 {
        format!("it begins with \"{}\"", String::from_utf8_lossy(&text))
    } else {
        let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("it begins with the bytes {}", hex.join(" "))
    }
}
