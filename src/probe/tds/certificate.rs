//! A server's certificate as facts, RFC 5280.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::{Value, json};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate, X509Name};
use x509_parser::time::ASN1Time;

/// What a certificate says, and what this machine says of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificate {
    /// The subject's common name, else the whole subject.
    pub subject: String,
    /// DNS names and addresses.
    pub names: Vec<String>,
    /// The issuer's common name, else the whole issuer.
    pub issuer: String,
    /// RFC 3339.
    pub not_before: Option<String>,
    /// RFC 3339.
    pub not_after: Option<String>,
    /// Whether it is its own issuer.
    pub self_signed: bool,
    /// In hexadecimal.
    pub sha256: String,
    /// Why it is not trusted, its name apart; none when it is.
    pub fault: Option<String>,
    /// Whether it is for the name that was typed.
    pub name_matches: bool,
}

impl Certificate {
    /// Reads DER; what cannot be read stays empty.
    pub fn read(der: &[u8], fault: Option<String>, name_matches: bool) -> Self {
        let mut certificate = Self {
            sha256: fingerprint(der),
            fault,
            name_matches,
            ..Self::default()
        };
        let Ok((_, parsed)) = X509Certificate::from_der(der) else {
            return certificate;
        };
        certificate.subject = common_name(parsed.subject());
        certificate.issuer = common_name(parsed.issuer());
        certificate.self_signed = parsed.subject() == parsed.issuer();
        certificate.not_before = time(parsed.validity().not_before);
        certificate.not_after = time(parsed.validity().not_after);
        if let Ok(Some(names)) = parsed.subject_alternative_name() {
            certificate.names = names.value.general_names.iter().filter_map(name).collect();
        }
        if certificate.self_signed && certificate.fault.is_some() {
            certificate.fault = Some(
                "it is signed by itself, as the one that SQL Server makes when it has no other"
                    .to_owned(),
            );
        }
        certificate
    }

    /// The record of the fact `certificate`.
    pub fn record(&self) -> Value {
        json!({
            "subject": self.subject,
            "names": self.names,
            "issuer": self.issuer,
            "not_before": self.not_before,
            "not_after": self.not_after,
            "self_signed": self.self_signed,
            "sha256": self.sha256,
        })
    }

    /// In words, for the evidence.
    pub fn words(&self) -> String {
        let names = if self.names.is_empty() {
            "no names".to_owned()
        } else {
            self.names.join(", ")
        };
        let until = self.not_after.as_deref().unwrap_or("an unknown time");
        let trust = self.fault.as_ref().map_or_else(
            || "trusted".to_owned(),
            |fault| format!("not trusted: {fault}"),
        );
        format!(
            "certificate of {} for {names}, by {}, until {until}; {trust}",
            self.subject, self.issuer
        )
    }
}

fn common_name(name: &X509Name<'_>) -> String {
    name.iter_common_name()
        .last()
        .and_then(|common| common.as_str().ok())
        .map_or_else(|| name.to_string(), str::to_owned)
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
        GeneralName::IPAddress(bytes) => match bytes.len() {
            4 => <[u8; 4]>::try_from(*bytes)
                .ok()
                .map(|bytes| std::net::Ipv4Addr::from(bytes).to_string()),
            16 => <[u8; 16]>::try_from(*bytes)
                .ok()
                .map(|bytes| std::net::Ipv6Addr::from(bytes).to_string()),
            _ => None,
        },
        _ => None,
    }
}

fn time(time: ASN1Time) -> Option<String> {
    Timestamp::from_second(time.timestamp())
        .ok()
        .map(|time| time.to_string())
}

/// SHA-256, from the cryptography that TLS brings.
fn fingerprint(der: &[u8]) -> String {
    use rustls::crypto::aws_lc_rs::cipher_suite::TLS13_AES_128_GCM_SHA256;
    let Some(suite) = TLS13_AES_128_GCM_SHA256.tls13() else {
        return String::new();
    };
    let digest = suite.common.hash_provider.hash(der);
    digest
        .as_ref()
        .iter()
        .fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}
