//! TDS packets and messages ([MS-TDS] 2.2.3).
//!
//! A message is split into packets with an eight-byte header each; the last
//! one carries the end-of-message bit.

use crate::wire::{Malformed, length_u16};

/// Length of a packet header.
pub const HEADER: usize = 8;
/// The packet size before the login has agreed on another.
pub const DEFAULT_PACKET_SIZE: usize = 4096;
/// The longest message that the peer reads; a longer one ends the connection.
pub const MESSAGE_LIMIT: usize = 1 << 20;

/// Packet types ([MS-TDS] 2.2.3.1.1).
pub mod kind {
    /// SQL batch.
    pub const SQL_BATCH: u8 = 0x01;
    /// Remote procedure call.
    pub const RPC: u8 = 0x03;
    /// What the server answers.
    pub const TABULAR: u8 = 0x04;
    /// Attention: cancel what runs.
    pub const ATTENTION: u8 = 0x06;
    /// Transaction manager request.
    pub const TRANSACTION: u8 = 0x0E;
    /// LOGIN7.
    pub const LOGIN7: u8 = 0x10;
    /// A security token of the client.
    pub const SSPI: u8 = 0x11;
    /// PRELOGIN, and TLS records before TDS 8.
    pub const PRELOGIN: u8 = 0x12;
}

const END_OF_MESSAGE: u8 = 0x01;
const IGNORE: u8 = 0x02;

/// A whole message of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The packet type, see [`kind`].
    pub kind: u8,
    /// What its packets carried, without their headers.
    pub payload: Vec<u8>,
}

/// Puts messages together from the bytes that arrive.
#[derive(Debug, Default)]
pub struct Framer {
    /// Bytes received and not consumed yet.
    pub received: Vec<u8>,
    partial: Option<Message>,
}

impl Framer {
    /// The next whole message, or `None` until more bytes have arrived.
    ///
    /// A message that its sender marked as to be ignored is skipped.
    pub fn next_message(&mut self) -> Result<Option<Message>, Malformed> {
        while let Some((packet_kind, status, payload)) = self.next_packet()? {
            let message = self.partial.get_or_insert_with(|| Message {
                kind: packet_kind,
                payload: Vec::new(),
            });
            if message.kind != packet_kind {
                return Err(Malformed::new(
                    "message",
                    format!(
                        "a packet of type {packet_kind:#04x} inside a message of type {:#04x}",
                        message.kind
                    ),
                ));
            }
            if message.payload.len() + payload.len() > MESSAGE_LIMIT {
                return Err(Malformed::new(
                    "message",
                    format!("longer than {MESSAGE_LIMIT} bytes"),
                ));
            }
            message.payload.extend(payload);
            if status & END_OF_MESSAGE != 0 {
                let whole = self.partial.take();
                if status & IGNORE == 0 {
                    return Ok(whole);
                }
            }
        }
        Ok(None)
    }

    fn next_packet(&mut self) -> Result<Option<(u8, u8, Vec<u8>)>, Malformed> {
        let Some(header) = self.received.first_chunk::<HEADER>() else {
            return Ok(None);
        };
        let (packet_kind, status) = (header[0], header[1]);
        let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
        if length < HEADER {
            return Err(Malformed::new("packet header", format!("length {length}")));
        }
        if !matches!(packet_kind, 0x01..=0x08 | 0x0E..=0x12) {
            return Err(Malformed::new(
                "packet header",
                format!("packet type {packet_kind:#04x}"),
            ));
        }
        if self.received.len() < length {
            return Ok(None);
        }
        let payload = self.received.drain(..length).skip(HEADER).collect();
        Ok(Some((packet_kind, status, payload)))
    }
}

/// Splits a message into packets of at most `packet_size` bytes.
pub fn split(packet_kind: u8, payload: &[u8], packet_size: usize, spid: u16) -> Vec<u8> {
    let room = packet_size.max(HEADER + 1) - HEADER;
    let count = payload.len().div_ceil(room).max(1);
    let mut out = Vec::with_capacity(payload.len() + count * HEADER);
    for number in 0..count {
        let start = number * room;
        let part = &payload[start..payload.len().min(start + room)];
        let status = if number + 1 == count {
            END_OF_MESSAGE
        } else {
            0
        };
        out.extend([packet_kind, status]);
        out.extend(length_u16(part.len() + HEADER).to_be_bytes());
        out.extend(spid.to_be_bytes());
        out.push(u8::try_from((number + 1) % 256).unwrap_or(0));
        out.push(0);
        out.extend(part);
    }
    out
}

/// Takes the end of the message back from the last of these packets.
pub fn more_follows(packets: &mut [u8]) {
    let mut at = 0;
    while let Some([_, _, high, low, ..]) = packets.get(at..) {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        packets[at + 1] &= !END_OF_MESSAGE;
        at += length.max(HEADER);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_split_into_packets_comes_back_whole() {
        let payload: Vec<u8> = (0..=255).cycle().take(1000).collect();
        let bytes = split(kind::SQL_BATCH, &payload, 512, 51);
        assert_eq!(bytes.len(), 1000 + 2 * HEADER);
        assert_eq!(&bytes[..8], [1, 0, 2, 0, 0, 51, 1, 0]);
        let mut framer = Framer::default();
        for byte in &bytes[..bytes.len() - 1] {
            framer.received.push(*byte);
            assert_eq!(framer.next_message(), Ok(None));
        }
        framer.received.push(bytes[bytes.len() - 1]);
        let message = framer
            .next_message()
            .expect("well formed")
            .expect("complete");
        assert_eq!((message.kind, message.payload), (kind::SQL_BATCH, payload));
    }

    #[test]
    fn an_empty_message_is_one_packet() {
        let bytes = split(kind::ATTENTION, &[], 4096, 0);
        assert_eq!(bytes, [6, 1, 0, 8, 0, 0, 1, 0]);
    }

    #[test]
    fn an_ignored_message_is_skipped() {
        let mut framer = Framer::default();
        framer.received.extend([1, 3, 0, 9, 0, 0, 1, 0, b'x']);
        framer.received.extend([6, 1, 0, 8, 0, 0, 1, 0]);
        let message = framer
            .next_message()
            .expect("well formed")
            .expect("the attention");
        assert_eq!(message.kind, kind::ATTENTION);
    }

    #[test]
    fn bad_headers_are_refused() {
        for bad in [[1, 1, 0, 7, 0, 0, 1, 0], *b"GET / HT"] {
            let mut framer = Framer::default();
            framer.received.extend(bad);
            assert!(framer.next_message().is_err());
        }
    }

    #[test]
    fn an_endless_message_is_refused() {
        let mut framer = Framer::default();
        let packet = {
            let mut packet = vec![1, 0, 0x80, 0, 0, 0, 1, 0];
            packet.resize(0x8000, b'x');
            packet
        };
        let refused = (0..64).any(|_| {
            framer.received.extend(&packet);
            framer.next_message().is_err()
        });
        assert!(refused);
    }
}
