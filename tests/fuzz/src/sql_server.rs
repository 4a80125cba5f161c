//! What SQL Server and its Browser answer before anybody has logged in.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use futures_util::FutureExt as _;
use jiff::Timestamp;
use sspi_doctor::probe::browser::{self, ssrp};
use sspi_doctor::probe::tds::{
    Certificate, Reply, ServerMessage, Token, greeting, identity, ntlm, packet, results, token,
};

use super::screen;

const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 31));

/// The longest message before a login, and the packet with which it is seen.
const LONGEST_MESSAGE: usize = 1024 * 1024 + 65_536;

/// SVR_RESP of the Browser, as far as the outcome of its probe.
pub fn browser_reply(data: &[u8]) {
    let result = ssrp::parse(data);
    let mut wanted = "MSSQLSERVER".to_owned();
    if let Ok(instances) = &result {
        assert!(!instances.is_empty() && instances.len() <= data.len());
        wanted.clone_from(&instances[0].name);
    }
    let is_answer = result.is_ok();
    let seen = [ssrp::Seen {
        address: ADDRESS,
        replies: vec![ssrp::Reply {
            asked: "all instances".to_owned(),
            result: result.map_err(ssrp::SsrpFault::Malformed),
            elapsed: Duration::ZERO,
        }],
    }];
    let outcome = browser::tell(screen::outcome("sql-browser"), &wanted, &seen);
    let expected = if is_answer { "listed" } else { "malformed" };
    assert_eq!(outcome.status, expected);
    screen::assert_clean_value(&outcome);
}

/// The answer to PRELOGIN. The first byte says whether it came inside TDS 8.
pub fn prelogin(data: &[u8]) {
    let Some((first, message)) = data.split_first() else {
        return;
    };
    let strict = first & 1 == 1;
    match greeting::parse(message, strict) {
        Ok(greeting) => {
            assert_eq!(greeting.encryption == greeting::Encryption::Strict, strict);
            let mut outcome = screen::outcome("sql-prelogin");
            outcome
                .fact("version", greeting.version())
                .fact("encryption", greeting.encryption.to_string())
                .fact("product", greeting.product());
            screen::assert_clean_value(&outcome.finish("sql-server"));
        }
        Err(fault) => screen::assert_clean(&fault.to_string()),
    }
}

/// The answer to a login: packets, and the tokens in them. The bytes are read
/// as packets and, so that what is behind them is reached, as tokens.
pub fn tds_answer(data: &[u8]) {
    let mut stream = data;
    let received = packet::receive(&mut stream).now_or_never();
    assert!(received.is_some(), "bytes that are there are waited for");
    match received {
        Some(Ok(message)) => {
            assert!(message.len() <= LONGEST_MESSAGE.min(data.len()));
            tokens(&message);
        }
        Some(Err(fault)) => screen::assert_clean(&fault.to_string()),
        None => {}
    }
    tokens(data);
}

fn tokens(message: &[u8]) {
    let tokens = match token::parse(message) {
        Ok(tokens) => tokens,
        Err(fault) => {
            screen::assert_clean(&fault.to_string());
            return;
        }
    };
    assert!(tokens.len() <= message.len());
    for token in &tokens {
        match token {
            Token::Error(told) | Token::Info(told) => server_message(told, message.len()),
            Token::LoginAck { program, version } => {
                screen::assert_clean(program);
                screen::assert_clean(version);
            }
            Token::EnvironmentChange { new, .. } => screen::assert_clean(new),
            Token::Routing { host, .. } => screen::assert_clean(host),
            Token::Sspi(bytes) => {
                assert!(bytes.len() < message.len());
                ntlm_challenge(bytes);
            }
            Token::Done(_) | Token::Other(_) => {}
        }
    }
    let reply = Reply { tokens };
    let _ = (reply.sspi(), reply.is_logged_in(), reply.errors().count());
}

/// The answer to a batch of questions.
pub fn sql_results(data: &[u8]) {
    let results = results::parse(data);
    let size = |set: &results::ResultSet| {
        let texts = set.rows.iter().flatten().flatten();
        set.rows.len() + texts.map(String::len).sum::<usize>()
    };
    // A byte that is no character becomes one of three.
    let kept: usize = results.sets.iter().map(size).sum();
    assert!(kept <= 3 * data.len());
    for error in &results.errors {
        server_message(error, data.len());
    }
    if let Some(fault) = results.fault {
        screen::assert_clean(&fault.to_string());
    }
}

fn server_message(told: &ServerMessage, length: usize) {
    screen::assert_clean(&told.message);
    screen::assert_clean(&told.server);
    // A hidden character of two bytes is shown as `<U+202E>`.
    assert!(told.message.chars().count() <= length / 2 * "<U+202E>".len());
}

/// NTLM's CHALLENGE, as far as the outcome of its probe.
pub fn ntlm_challenge(data: &[u8]) {
    let Some(challenge) = ntlm::parse(data) else {
        return;
    };
    let mut outcome = screen::outcome("sql-identity");
    outcome.saw("a Windows login", identity::words(&challenge));
    let described = identity::describe(outcome, &challenge, Timestamp::UNIX_EPOCH);
    assert_eq!(described.status, "described");
    screen::assert_clean_value(&described);
}

/// A server's certificate, as far as the outcome of its probe.
pub fn certificate(data: &[u8]) {
    let fault = Some("nobody signed it".to_owned());
    let certificate = Certificate::read(data, fault, false);
    assert_eq!(certificate.sha256.len(), 64);
    assert!(certificate.names.len() <= data.len());
    let mut outcome = screen::outcome("sql-prelogin");
    outcome
        .saw("TLS", certificate.words())
        .fact("certificate", certificate.record())
        .fact("certificate_fault", certificate.fault.as_deref());
    screen::assert_clean_value(&outcome.finish("sql-server"));
}
