//! Kerberos requests as they are built, RFC 4120 5.4 and 5.5.

use jiff::{SignedDuration, Timestamp};

use super::der::{self, application_tag};
use super::encryption::{EncryptionFault, Key, usage};
use super::message::{EncryptedData, PrincipalName};

/// Options of a request to a KDC, RFC 4120 5.4.1 and RFC 6806 3; bit 0 is the
/// highest.
pub mod option {
    /// The ticket shall be forwardable.
    pub const FORWARDABLE: u32 = 1 << (31 - 1);
    /// The KDC may change names and refer to another realm.
    pub const CANONICALIZE: u32 = 1 << (31 - 15);
}

/// Pre-authentication data types, RFC 4120 7.5.2 and [MS-KILE] 2.2.3.
pub mod padata_type {
    /// The ticket-granting ticket of a TGS-REQ.
    pub const TGS_REQ: i32 = 1;
    /// PA-ENC-TIMESTAMP.
    pub const ENC_TIMESTAMP: i32 = 2;
    /// The salt alone, as old KDCs send it.
    pub const PW_SALT: i32 = 3;
    /// ETYPE-INFO2.
    pub const ETYPE_INFO2: i32 = 19;
    /// KERB-PA-PAC-REQUEST.
    pub const PAC_REQUEST: i32 = 128;
}

/// How long a ticket is asked for; the KDC shortens it to its own limit.
const LIFETIME: SignedDuration = SignedDuration::from_hours(10);

/// What a KDC is asked.
#[derive(Debug)]
pub struct KdcRequestBody<'a> {
    /// See [`option`].
    pub options: u32,
    /// The client, only in an AS-REQ.
    pub client: Option<&'a PrincipalName>,
    /// The realm that is asked.
    pub realm: &'a str,
    /// The service.
    pub service: &'a PrincipalName,
    /// A random number that the answer repeats.
    pub nonce: u32,
    /// Encryption types, the preferred one first.
    pub encryption_types: &'a [i32],
    /// This host's clock.
    pub now: Timestamp,
}

impl KdcRequestBody<'_> {
    /// KDC-REQ-BODY in DER.
    pub fn to_der(&self) -> Vec<u8> {
        let client = self
            .client
            .map(|client| der::field(1, &client.to_der()))
            .unwrap_or_default();
        let types: Vec<Vec<u8>> = self
            .encryption_types
            .iter()
            .map(|kind| der::integer(i64::from(*kind)))
            .collect();
        let types: Vec<&[u8]> = types.iter().map(Vec::as_slice).collect();
        let till = self.now.checked_add(LIFETIME).unwrap_or(self.now);
        der::sequence(&[
            &der::field(0, &der::flags(self.options)),
            &client,
            &der::field(2, &der::text(self.realm)),
            &der::field(3, &self.service.to_der()),
            &der::field(5, &der::time(till)),
            &der::field(7, &der::integer(i64::from(self.nonce))),
            &der::field(8, &der::sequence(&types)),
        ])
    }
}

/// PA-DATA.
fn padata(kind: i32, value: &[u8]) -> Vec<u8> {
    der::sequence(&[
        &der::field(1, &der::integer(i64::from(kind))),
        &der::field(2, &der::octets(value)),
    ])
}

/// KERB-PA-PAC-REQUEST, [MS-KILE] 2.2.3: with the groups of the user.
pub fn pac_request() -> Vec<u8> {
    const TRUE: [u8; 3] = [0x01, 0x01, 0xff];
    padata(
        padata_type::PAC_REQUEST,
        &der::sequence(&[&der::field(0, &TRUE)]),
    )
}

/// PA-ENC-TIMESTAMP, RFC 4120 5.2.7.2: proves that the client has the key.
pub fn encrypted_timestamp(key: &Key, now: Timestamp) -> Result<Vec<u8>, EncryptionFault> {
    let plain = der::sequence(&[
        &der::field(0, &der::time(now)),
        &der::field(1, &der::integer(microseconds(now))),
    ]);
    let encrypted = EncryptedData {
        kind: key.kind(),
        kvno: None,
        cipher: key.encrypt(usage::TIMESTAMP, &plain)?,
    };
    Ok(padata(padata_type::ENC_TIMESTAMP, &encrypted.to_der()))
}

/// The part of a second, in microseconds.
pub fn microseconds(time: Timestamp) -> i64 {
    i64::from(time.subsec_microsecond()).max(0)
}

fn kdc_request(application: u8, message_type: i64, padata: &[Vec<u8>], body: &[u8]) -> Vec<u8> {
    let padata: Vec<&[u8]> = padata.iter().map(Vec::as_slice).collect();
    // RFC 4120 5.4.1: "not empty".
    let padata = if padata.is_empty() {
        Vec::new()
    } else {
        der::field(3, &der::sequence(&padata))
    };
    let request = der::sequence(&[
        &der::field(1, &der::integer(5)),
        &der::field(2, &der::integer(message_type)),
        &padata,
        &der::field(4, body),
    ]);
    der::element(application_tag(application), &[&request])
}

/// AS-REQ.
pub fn as_request(padata: &[Vec<u8>], body: &KdcRequestBody<'_>) -> Vec<u8> {
    kdc_request(10, 10, padata, &body.to_der())
}

/// Who presents a ticket, and the ticket.
#[derive(Clone, Copy, Debug)]
pub struct Presented<'a> {
    /// The client's realm.
    pub client_realm: &'a str,
    /// The client.
    pub client: &'a PrincipalName,
    /// The ticket, byte for byte.
    pub ticket: &'a [u8],
    /// The ticket's session key.
    pub session_key: &'a Key,
}

/// TGS-REQ, RFC 4120 5.4.1 with 7.2.3.1: the body, and the ticket-granting
/// ticket with an authenticator that holds a keyed checksum of the body.
pub fn tgs_request(
    presented: Presented<'_>,
    body: &KdcRequestBody<'_>,
) -> Result<Vec<u8>, EncryptionFault> {
    let encoded = body.to_der();
    let checksum = presented
        .session_key
        .checksum(usage::TGS_CHECKSUM, &encoded)?;
    let ap_request = ap_request(
        presented,
        &Authenticator {
            checksum: Some((checksum.0, &checksum.1)),
            subkey: None,
            sequence_number: None,
            now: body.now,
            usage: usage::TGS_AUTHENTICATOR,
            mutual: false,
        },
    )?;
    let padata = [padata(padata_type::TGS_REQ, &ap_request)];
    Ok(kdc_request(12, 12, &padata, &encoded))
}

/// What an AP-REQ proves.
#[derive(Debug)]
pub struct Authenticator<'a> {
    /// Type and value of the checksum.
    pub checksum: Option<(i32, &'a [u8])>,
    /// A key for what follows.
    pub subkey: Option<&'a Key>,
    /// The first sequence number of what follows.
    pub sequence_number: Option<u32>,
    /// This host's clock.
    pub now: Timestamp,
    /// The key usage, which differs for a KDC and for a service.
    pub usage: i32,
    /// Whether the service shall prove itself in return.
    pub mutual: bool,
}

/// AP-REQ, RFC 4120 5.5.1.
pub fn ap_request(
    presented: Presented<'_>,
    authenticator: &Authenticator<'_>,
) -> Result<Vec<u8>, EncryptionFault> {
    const MUTUAL_REQUIRED: u32 = 1 << (31 - 2);
    let checksum = authenticator
        .checksum
        .map(|(kind, value)| {
            der::field(
                3,
                &der::sequence(&[
                    &der::field(0, &der::integer(i64::from(kind))),
                    &der::field(1, &der::octets(value)),
                ]),
            )
        })
        .unwrap_or_default();
    let subkey = authenticator
        .subkey
        .map(|key| {
            der::field(
                6,
                &der::sequence(&[
                    &der::field(0, &der::integer(i64::from(key.kind()))),
                    &der::field(1, &der::octets(key.expose())),
                ]),
            )
        })
        .unwrap_or_default();
    let sequence_number = authenticator
        .sequence_number
        .map(|number| der::field(7, &der::integer(i64::from(number))))
        .unwrap_or_default();
    let plain = zeroize::Zeroizing::new(der::element(
        application_tag(2),
        &[&der::sequence(&[
            &der::field(0, &der::integer(5)),
            &der::field(1, &der::text(presented.client_realm)),
            &der::field(2, &presented.client.to_der()),
            &checksum,
            &der::field(4, &der::integer(microseconds(authenticator.now))),
            &der::field(5, &der::time(authenticator.now)),
            &subkey,
            &sequence_number,
        ])],
    ));
    let encrypted = EncryptedData {
        kind: presented.session_key.kind(),
        kvno: None,
        cipher: presented.session_key.encrypt(authenticator.usage, &plain)?,
    };
    let options = if authenticator.mutual {
        MUTUAL_REQUIRED
    } else {
        0
    };
    Ok(der::element(
        application_tag(14),
        &[&der::sequence(&[
            &der::field(0, &der::integer(5)),
            &der::field(1, &der::integer(14)),
            &der::field(2, &der::flags(options)),
            &der::field(3, presented.ticket),
            &der::field(4, &encrypted.to_der()),
        ])],
    ))
}
