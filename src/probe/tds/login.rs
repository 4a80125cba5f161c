//! LOGIN7, [MS-TDS] 2.2.6.4.

/// What a login without a password says: the authentication stands in the
/// SSPI token.
#[derive(Clone, Copy, Debug)]
pub struct SspiLogin<'a> {
    /// The server's name as it was typed.
    pub server: &'a str,
    /// The first token of the security package.
    pub token: &'a [u8],
    /// Whether the login is for reading only: an availability group may then
    /// answer with a routing to a secondary.
    pub read_only: bool,
}

/// The length of the fixed part.
const FIXED: usize = 94;
/// How we are named in the server's lists and logs.
const PROGRAM: &str = "sspi-doctor";
/// TDS 7.4, and TDS 8.
const TDS_7_4: u32 = 0x7400_0004;
const TDS_8_0: u32 = 0x0800_0000;
/// Before it is agreed on otherwise.
const PACKET_SIZE: u32 = 4096;
/// OptionFlags1: USE and database messages, language messages.
const OPTION_1: u8 = 0xE0;
/// OptionFlags2: the login comes from ODBC, and by integrated security.
const OPTION_2: u8 = 0x83;
/// TypeFlags: read only intent.
const READ_ONLY: u8 = 0x20;
/// English, United States: the language of the messages that we quote.
const LANGUAGE: u32 = 0x0409;

/// The message.
pub(super) fn message(login: &SspiLogin<'_>, strict: bool) -> Vec<u8> {
    let computer = computer_name();
    let mut data: Vec<u8> = Vec::new();
    let mut pointers: Vec<u8> = Vec::new();
    let mut point = |bytes: &[u8], length: usize| {
        let offset = u16::try_from(FIXED + data.len()).unwrap_or(u16::MAX);
        pointers.extend_from_slice(&offset.to_le_bytes());
        pointers.extend_from_slice(&u16::try_from(length).unwrap_or(u16::MAX).to_le_bytes());
        data.extend_from_slice(bytes);
    };
    let text = |words: &str| -> (Vec<u8>, usize) {
        let units: Vec<u16> = words.encode_utf16().take(128).collect();
        let bytes = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        (bytes, units.len())
    };
    // HostName, UserName, Password, AppName, ServerName, Extension,
    // CltIntName, Language, Database.
    for words in [
        &computer,
        "",
        "",
        PROGRAM,
        login.server,
        "",
        PROGRAM,
        "",
        "",
    ] {
        let (bytes, length) = text(words);
        point(&bytes, length);
    }
    let mut rest: Vec<u8> = Vec::new();
    // ClientID: no network card is told.
    rest.extend_from_slice(&[0; 6]);
    let offset = u16::try_from(FIXED + data.len()).unwrap_or(u16::MAX);
    rest.extend_from_slice(&offset.to_le_bytes());
    // A token of 65535 bytes or more has its length at the end instead.
    let length = u16::try_from(login.token.len()).unwrap_or(u16::MAX);
    rest.extend_from_slice(&length.to_le_bytes());
    data.extend_from_slice(login.token);
    // AtchDBFile and ChangePassword: empty.
    for _ in 0..2 {
        let offset = u16::try_from(FIXED + data.len()).unwrap_or(0);
        rest.extend_from_slice(&offset.to_le_bytes());
        rest.extend_from_slice(&[0, 0]);
    }
    let long = if length == u16::MAX {
        u32::try_from(login.token.len()).unwrap_or(u32::MAX)
    } else {
        0
    };
    rest.extend_from_slice(&long.to_le_bytes());

    let version = if strict { TDS_8_0 } else { TDS_7_4 };
    let type_flags = if login.read_only { READ_ONLY } else { 0 };
    let total = u32::try_from(FIXED + data.len()).unwrap_or(u32::MAX);
    let mut message = Vec::with_capacity(FIXED + data.len());
    for number in [total, version, PACKET_SIZE, 0, std::process::id(), 0] {
        message.extend_from_slice(&number.to_le_bytes());
    }
    message.extend_from_slice(&[OPTION_1, OPTION_2, type_flags, 0]);
    message.extend_from_slice(&0_i32.to_le_bytes());
    message.extend_from_slice(&LANGUAGE.to_le_bytes());
    message.extend_from_slice(&pointers);
    message.extend_from_slice(&rest);
    debug_assert_eq!(message.len(), FIXED, "the fixed part of LOGIN7");
    message.extend_from_slice(&data);
    message
}

/// This machine's name, which the server shows beside the session.
fn computer_name() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname")
        .map(|name| name.trim().to_owned())
        .unwrap_or_default()
}
