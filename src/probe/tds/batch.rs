//! A batch of Transact-SQL, [MS-TDS] 2.2.6.7.

/// The message, with the header that every request has since TDS 7.2: no
/// transaction is open, and this is the only request ([MS-TDS] 2.2.5.3.2).
pub(super) fn message(sql: &str) -> Vec<u8> {
    const HEADER: u32 = 18;
    const TRANSACTION_DESCRIPTOR: u16 = 2;
    let mut message = Vec::with_capacity(22 + sql.len() * 2);
    message.extend_from_slice(&(HEADER + 4).to_le_bytes());
    message.extend_from_slice(&HEADER.to_le_bytes());
    message.extend_from_slice(&TRANSACTION_DESCRIPTOR.to_le_bytes());
    message.extend_from_slice(&0_u64.to_le_bytes());
    message.extend_from_slice(&1_u32.to_le_bytes());
    message.extend(sql.encode_utf16().flat_map(u16::to_le_bytes));
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_follows_the_header() {
        let bytes = message("GO");
        assert_eq!(bytes.len(), 26);
        assert_eq!(bytes[..10], [22, 0, 0, 0, 18, 0, 0, 0, 2, 0]);
        assert_eq!(bytes[18..], [1, 0, 0, 0, b'G', 0, b'O', 0]);
    }
}
