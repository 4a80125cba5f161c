//! Tickets and AP-REQs as a KDC and a client would make them, with the codec
//! of picky-krb, which the peer does not use for messages.

use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use picky_asn1::bit_string::BitString;
use picky_asn1::date::GeneralizedTime;
use picky_asn1::restricted_string::Ia5String;
use picky_asn1::wrapper::{
    Asn1SequenceOf, BitStringAsn1, ExplicitContextTag0, ExplicitContextTag1, ExplicitContextTag2,
    ExplicitContextTag3, ExplicitContextTag4, ExplicitContextTag5, ExplicitContextTag7,
    GeneralStringAsn1, IntegerAsn1, OctetStringAsn1, Optional,
};
use picky_krb::data_types::{
    Authenticator, AuthenticatorInner, Checksum, EncApRepPart, EncTicketPart, EncTicketPartInner,
    EncryptedData, EncryptionKey, PrincipalName, Ticket, TicketInner, TransitedEncoding,
};
use picky_krb::messages::{ApRep, ApReq, ApReqInner, KrbCred, KrbCredInner, KrbError};
use tds_peer::kerberos::crypto::{decrypt, encrypt, usage};

pub const SPN: &str = "MSSQLSvc/sql1.corp.example:1433";
pub const REALM: &str = "CORP.EXAMPLE";
const SESSION_KEY: [u8; 32] = [7; 32];
const SESSION_ETYPE: i32 = 18;

/// What a ticket says and how it was made.
#[derive(Clone)]
pub struct Wish {
    pub spn: &'static str,
    pub etype: i32,
    pub key: Vec<u8>,
    pub kvno: u8,
    pub client: &'static str,
    pub client_realm: &'static str,
    pub authenticator_client: &'static str,
    /// Seconds from now.
    pub starts: i64,
    pub ends: i64,
    pub client_clock: i64,
    pub delegate: bool,
    pub mutual: bool,
    /// The channel that the login is bound to.
    pub bindings: [u8; 16],
}

impl Default for Wish {
    fn default() -> Self {
        Self {
            spn: SPN,
            etype: 18,
            key: vec![1; 32],
            kvno: 3,
            client: "alice",
            client_realm: REALM,
            authenticator_client: "alice",
            starts: -60,
            ends: 3600,
            client_clock: 0,
            delegate: false,
            mutual: true,
            bindings: [0; 16],
        }
    }
}

fn text(value: &str) -> GeneralStringAsn1 {
    GeneralStringAsn1::from(Ia5String::from_string(value.to_owned()).expect("ASCII"))
}

fn number(value: u32) -> IntegerAsn1 {
    IntegerAsn1::from_bytes_be_unsigned(value.to_be_bytes().to_vec())
}

fn name(value: &str) -> PrincipalName {
    PrincipalName {
        name_type: ExplicitContextTag0::from(number(1)),
        name_string: ExplicitContextTag1::from(Asn1SequenceOf::from(
            value.split('/').map(text).collect::<Vec<_>>(),
        )),
    }
}

fn time(seconds_from_now: i64) -> picky_krb::data_types::KerberosTime {
    let moment = Timestamp::now() + SignedDuration::from_secs(seconds_from_now);
    let time = Offset::UTC.to_datetime(moment);
    let part = |value: i8| u8::try_from(value).expect("a part of a time");
    let year = u16::try_from(time.year()).expect("a year");
    let date = GeneralizedTime::new(
        year,
        part(time.month()),
        part(time.day()),
        part(time.hour()),
        part(time.minute()),
        part(time.second()),
    );
    date.expect("a time").into()
}

fn flags(bits: u32) -> BitStringAsn1 {
    BitStringAsn1::from(BitString::with_bytes(bits.to_be_bytes().to_vec()))
}

fn encrypted(
    etype: i32,
    kvno: Option<u8>,
    key: &[u8],
    key_usage: i32,
    clear: &[u8],
) -> EncryptedData {
    EncryptedData {
        etype: ExplicitContextTag0::from(number(etype.unsigned_abs())),
        kvno: Optional::from(kvno.map(|kvno| ExplicitContextTag1::from(number(u32::from(kvno))))),
        cipher: ExplicitContextTag2::from(OctetStringAsn1::from(
            encrypt(etype, key, key_usage, clear).expect("encrypted"),
        )),
    }
}

fn ticket(wish: &Wish, service: &str) -> Ticket {
    let part = EncTicketPart::from(EncTicketPartInner {
        flags: ExplicitContextTag0::from(flags(0x4000_0000)),
        key: ExplicitContextTag1::from(EncryptionKey {
            key_type: ExplicitContextTag0::from(number(SESSION_ETYPE.unsigned_abs())),
            key_value: ExplicitContextTag1::from(OctetStringAsn1::from(SESSION_KEY.to_vec())),
        }),
        crealm: ExplicitContextTag2::from(text(wish.client_realm)),
        cname: ExplicitContextTag3::from(name(wish.client)),
        transited: ExplicitContextTag4::from(TransitedEncoding {
            tr_type: ExplicitContextTag0::from(number(1)),
            contents: ExplicitContextTag1::from(OctetStringAsn1::from(vec![])),
        }),
        auth_time: ExplicitContextTag5::from(time(wish.starts)),
        starttime: Optional::from(None),
        endtime: ExplicitContextTag7::from(time(wish.ends)),
        renew_till: Optional::from(None),
        caddr: Optional::from(None),
        authorization_data: Optional::from(None),
    });
    let clear = picky_asn1_der::to_vec(&part).expect("DER");
    Ticket::from(TicketInner {
        tkt_vno: ExplicitContextTag0::from(number(5)),
        realm: ExplicitContextTag1::from(text(REALM)),
        sname: ExplicitContextTag2::from(name(service)),
        enc_part: ExplicitContextTag3::from(encrypted(
            wish.etype,
            Some(wish.kvno),
            &wish.key,
            usage::TICKET,
            &clear,
        )),
    })
}

/// The contents of the checksum in which the client says what it wants.
fn wishes(wish: &Wish) -> Vec<u8> {
    let bits = u32::from(wish.delegate) | (u32::from(wish.mutual) << 1);
    let mut out = [
        &16u32.to_le_bytes()[..],
        &wish.bindings,
        &bits.to_le_bytes(),
    ]
    .concat();
    if wish.delegate {
        let credential = KrbCred::from(KrbCredInner {
            pvno: ExplicitContextTag0::from(number(5)),
            msg_type: ExplicitContextTag1::from(number(22)),
            tickets: ExplicitContextTag2::from(Asn1SequenceOf::from(vec![ticket(
                wish,
                "krbtgt/CORP.EXAMPLE",
            )])),
            enc_part: ExplicitContextTag3::from(encrypted(
                SESSION_ETYPE,
                None,
                &SESSION_KEY,
                usage::KRB_CRED,
                b"not read",
            )),
        });
        let bytes = picky_asn1_der::to_vec(&credential).expect("DER");
        out.extend([1, 0]);
        out.extend(u16::try_from(bytes.len()).expect("short").to_le_bytes());
        out.extend(bytes);
    }
    out
}

/// An AP-REQ without framing.
pub fn ap_req(wish: &Wish) -> Vec<u8> {
    let authenticator = Authenticator::from(AuthenticatorInner {
        authenticator_vno: ExplicitContextTag0::from(number(5)),
        crealm: ExplicitContextTag1::from(text(wish.client_realm)),
        cname: ExplicitContextTag2::from(name(wish.authenticator_client)),
        cksum: Optional::from(Some(ExplicitContextTag3::from(Checksum {
            cksumtype: ExplicitContextTag0::from(number(0x8003)),
            checksum: ExplicitContextTag1::from(OctetStringAsn1::from(wishes(wish))),
        }))),
        cusec: ExplicitContextTag4::from(number(654_321)),
        ctime: ExplicitContextTag5::from(time(wish.client_clock)),
        subkey: Optional::from(None),
        seq_number: Optional::from(Some(ExplicitContextTag7::from(number(42)))),
        authorization_data: Optional::from(None),
    });
    let clear = picky_asn1_der::to_vec(&authenticator).expect("DER");
    let request = ApReq::from(ApReqInner {
        pvno: ExplicitContextTag0::from(number(5)),
        msg_type: ExplicitContextTag1::from(number(14)),
        ap_options: ExplicitContextTag2::from(flags(if wish.mutual { 1 << 29 } else { 0 })),
        ticket: ExplicitContextTag3::from(ticket(wish, wish.spn)),
        authenticator: ExplicitContextTag4::from(encrypted(
            SESSION_ETYPE,
            None,
            &SESSION_KEY,
            usage::AP_REQ_AUTHENTICATOR,
            &clear,
        )),
    });
    picky_asn1_der::to_vec(&request).expect("DER")
}

/// What follows the framing of a raw Kerberos token: its id and its message.
pub fn unframed(token: &[u8]) -> ([u8; 2], &[u8]) {
    let skip = if token[1] < 0x80 {
        2
    } else {
        2 + usize::from(token[1] & 0x7F)
    };
    let oid_end = skip + 2 + usize::from(token[skip + 1]);
    ([token[oid_end], token[oid_end + 1]], &token[oid_end + 2..])
}

/// Reads an AP-REP as the client does; the microseconds are the client's own.
pub fn proves_itself(message: &[u8]) -> bool {
    let reply: ApRep = picky_asn1_der::from_bytes(message).expect("an AP-REP");
    let cipher = reply.0.enc_part.0.cipher.0.0;
    let clear =
        decrypt(SESSION_ETYPE, &SESSION_KEY, usage::AP_REP, &cipher).expect("the session key fits");
    let part: EncApRepPart = picky_asn1_der::from_bytes(&clear).expect("an EncAPRepPart");
    part.0.cusec.0 == number(654_321)
}

/// Code, service and the server's year of a KRB-ERROR.
pub fn error_code(message: &[u8]) -> u32 {
    let error: KrbError = picky_asn1_der::from_bytes(message).expect("a KRB-ERROR");
    assert_eq!(error.0.realm.0.to_string(), REALM);
    error.0.error_code.0
}

/// A keytab file with one key.
pub fn keytab(principal: &str, kvno: u8, etype: u8, key: &[u8]) -> Vec<u8> {
    let (service, realm) = principal.split_once('@').expect("a realm");
    let names: Vec<&str> = service.split('/').collect();
    let short = |number: usize| u16::try_from(number).expect("short").to_be_bytes();
    let mut entry = short(names.len()).to_vec();
    for part in std::iter::once(realm).chain(names) {
        entry.extend(short(part.len()));
        entry.extend(part.as_bytes());
    }
    entry.extend([0, 0, 0, 1, 0, 0, 0, 0, kvno, 0, etype]);
    entry.extend(short(key.len()));
    entry.extend(key);
    let mut out = vec![5, 2];
    out.extend(u32::try_from(entry.len()).expect("short").to_be_bytes());
    out.extend(entry);
    out
}
