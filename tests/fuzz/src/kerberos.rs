//! Messages of KDCs, and the files that a Kerberos client has.

use std::path::Path;

use jiff::Timestamp;
use sspi_doctor::probe::kerberos::credential_cache::CredentialCache;
use sspi_doctor::probe::kerberos::der::Reader;
use sspi_doctor::probe::kerberos::encryption::{AES128, AES256, Key, RC4};
use sspi_doctor::probe::kerberos::gss::wrap::{Agreed, Side, Wrapping};
use sspi_doctor::probe::kerberos::message::{
    ApReplyPart, KdcAnswer, KrbError, PrincipalName, ReplyPart, Ticket, ap_reply, encryption_info,
};
use sspi_doctor::probe::kerberos::{Krb5Conf, facts};

use super::screen;

/// AS-REP, TGS-REP and KRB-ERROR, and what else a KDC or a server sends: each
/// reader sees all bytes, since none is sure of what comes.
pub fn kdc_answer(data: &[u8]) {
    match KdcAnswer::from_der(data) {
        Ok(KdcAnswer::Error(error)) => refusal(&error),
        Ok(KdcAnswer::Reply(reply)) => {
            assert!(data.len() > reply.ticket.bytes.len());
            same_name(&reply.client);
            ticket(&reply.ticket);
            assert!(reply.padata.len() <= data.len() / 4);
            let mut outcome = screen::outcome("kerberos-ticket");
            outcome.saw(
                format!("{}@{}", reply.client, reply.client_realm),
                format!("{} {}", reply.ticket.realm, reply.ticket.service),
            );
            screen::assert_clean_value(&outcome.not_observed(&reply.client_realm));
        }
        Err(fault) => screen::assert_clean(&fault.to_string()),
    }
    if let Ok(read) = Ticket::from_der(data) {
        ticket(&read);
    }
    if let Ok(part) = ReplyPart::from_der(data) {
        assert!(part.flags.names().count() <= 32);
    }
    if let Ok(infos) = encryption_info(data) {
        assert!(infos.len() <= data.len() / 4);
    }
    if let Ok(encrypted) = ap_reply(data) {
        assert!(encrypted.cipher.len() < data.len());
    }
    let _ = ApReplyPart::from_der(data);
}

/// A KRB-ERROR becomes facts.
fn refusal(error: &KrbError) {
    let _ = (error.method_data(), error.nt_status());
    let mut outcome = screen::outcome("kerberos-service-ticket");
    facts::kdc_error(&mut outcome, error, Timestamp::UNIX_EPOCH);
    screen::assert_clean_value(&outcome.finish("unknown-spn"));
}

/// A ticket is kept byte for byte, so that it can be sent on.
fn ticket(ticket: &Ticket) {
    same_name(&ticket.service);
    let again = Ticket::from_der(&ticket.bytes);
    assert!(again.is_ok_and(|again| {
        again.bytes == ticket.bytes && again.service == ticket.service && again.kvno == ticket.kvno
    }));
}

/// A name that was read is written so that it is read again.
fn same_name(name: &PrincipalName) {
    let written = name.to_der();
    let read = PrincipalName::read(&mut Reader::new(&written));
    assert_eq!(read.as_ref(), Ok(name));
}

/// A ticket cache that is a file.
pub fn ticket_cache(data: &[u8]) {
    let cache = match CredentialCache::from_bytes(data) {
        Ok(cache) => cache,
        Err(fault) => return screen::assert_clean(fault),
    };
    // An entry without a ticket has more than thirty bytes.
    assert!(cache.credentials.len() <= data.len() / 30);
    let mut outcome = screen::outcome("kerberos-ticket");
    for credential in &cache.credentials {
        same_name(&credential.client);
        same_name(&credential.service);
        ticket(&credential.ticket);
        outcome.saw(
            credential.principal(),
            format!("{} until {}", credential.service, credential.ends),
        );
    }
    outcome.saw(cache.principal.to_string(), cache.realm.as_str());
    screen::assert_clean_value(&outcome.not_observed("the cache is only read"));
    if let Some(granting) = cache.ticket_granting_ticket() {
        assert_eq!(granting.service.granted_realm(), Some(cache.realm.as_str()));
    }
    assert!(cache.service_tickets().count() <= cache.credentials.len());
}

/// What both sides of a sign-in agreed on, one for each kind of key. The corpus
/// is of the first of the acceptor's tokens.
fn agreed() -> [Agreed; 3] {
    let with = |kind, length, own: Option<u8>| Agreed {
        subkey: Key::new(kind, &vec![1; length]),
        acceptor_subkey: own.map(|byte| Key::new(kind, &vec![byte; length])),
        initiator_number: 7,
        acceptor_number: 9,
    };
    [
        with(AES256, 32, Some(2)),
        with(AES128, 16, None),
        with(RC4, 16, None),
    ]
}

/// Wrap tokens, RFC 4121 and RFC 4757: as they come, and what is inside one that
/// the server really made.
pub fn wrap_token(data: &[u8]) {
    for agreed in agreed() {
        let side = |side| Wrapping::new(side, agreed.clone()).unwrap();
        let (mut ours, mut theirs) = (side(Side::Initiator), side(Side::Acceptor));
        match ours.open(data) {
            Ok(plain) => {
                assert!(plain.len() + 16 < data.len());
                assert!(ours.open(data).is_err(), "the same token twice");
            }
            Err(fault) => {
                screen::assert_clean(&fault.to_string());
                // What is refused counts for nothing: the next one is taken.
                let token = theirs.seal(data).unwrap();
                assert_eq!(*ours.open(&token).unwrap(), data);
            }
        }
        let key = agreed.acceptor_subkey.as_ref().unwrap_or(&agreed.subkey);
        if let Some((header, content)) = data.split_first_chunk::<16>()
            && key.kind() != RC4
        {
            // 22 is the usage of the acceptor's encrypted tokens.
            let body = key.encrypt(22, content).unwrap();
            let token = [&header[..], &body].concat();
            if let Ok(plain) = side(Side::Initiator).open(&token) {
                assert!(content.starts_with(&plain));
            }
        }
    }
}

/// krb5.conf. Lines that include other files are left out: what is in those is
/// not what is tried here.
pub fn krb5_conf(data: &[u8]) {
    let text: String = String::from_utf8_lossy(data)
        .lines()
        .filter(|line| !line.trim_start().starts_with("include"))
        .fold(String::new(), |text, line| text + line + "\n");
    let conf = Krb5Conf::from_text(Path::new("krb5.conf"), &text);
    // A line can be wrong in form and in sense, and the end of the file once.
    assert!(conf.faults.len() <= 2 * text.lines().count() + 1);
    let realm = conf.default_realm().unwrap_or("CORP.EXAMPLE");
    assert!(conf.kdcs(realm).len() <= text.lines().count());
    let _ = (conf.looks_up_kdcs(), conf.default_cache_name());
    let _ = (conf.kcm_socket(), conf.realm_of_host("sql1.corp.example"));
    if let Some(types) = conf.permitted_encryption_types() {
        let mut once = types.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), types.len(), "a type is listed twice");
    }
    let mut outcome = screen::outcome("kerberos-configuration");
    outcome
        .fact("default_realm", conf.default_realm())
        .fact("faults", conf.faults.clone());
    screen::assert_clean_value(&outcome.finish("configured"));
}
