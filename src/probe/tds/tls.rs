//! TLS to a server that we diagnose: its certificate is judged and reported,
//! and the conversation goes on whatever the judgement is. Nothing secret is
//! ever sent over it.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    AlertDescription, CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore,
    SignatureScheme,
};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::certificate::Certificate;
use super::fault::TdsFault;
use super::unique::{self, Unique};
use super::wire::Wire;
use crate::probe::Settings;

/// The protocol name of TDS 8, [MS-TDS] 3.2.5.2.
const ALPN: &[u8] = b"tds/8.0";

/// What TLS came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsReport {
    /// Such as `TLS 1.2`; none when the handshake failed.
    pub version: Option<&'static str>,
    /// The server's certificate, and what is to be said of it.
    pub certificate: Option<Certificate>,
    /// What a login is bound to the channel with; TLS 1.2 alone has it.
    pub unique: Option<Unique>,
}

/// Judges the certificate, keeps the judgement and lets it pass.
#[derive(Debug)]
struct Recorder {
    roots: Arc<RootCertStore>,
    provider: Arc<CryptoProvider>,
    seen: Mutex<Option<Certificate>>,
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let parsed = ParsedCertificate::try_from(end_entity);
        let chain = parsed.as_ref().map_err(Clone::clone).and_then(|parsed| {
            verify_server_cert_signed_by_trust_anchor(
                parsed,
                &self.roots,
                intermediates,
                now,
                self.provider.signature_verification_algorithms.all,
            )
        });
        let name = parsed
            .as_ref()
            .map_err(Clone::clone)
            .and_then(|parsed| verify_server_name(parsed, server_name));
        let certificate = Certificate::read(
            end_entity,
            chain.err().map(|error| words(&error)),
            name.is_ok(),
        );
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(certificate);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        self.only_if_trusted(verify_tls12_signature(
            message,
            certificate,
            signed,
            algorithms,
        ))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        self.only_if_trusted(verify_tls13_signature(
            message,
            certificate,
            signed,
            algorithms,
        ))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

impl Recorder {
    /// An untrusted certificate proves nothing, so that its signature need not
    /// hold either: old servers make themselves certificates with short keys
    /// or in old forms, and shall be reported and not be unreachable.
    fn only_if_trusted(
        &self,
        result: Result<HandshakeSignatureValid, Error>,
    ) -> Result<HandshakeSignatureValid, Error> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let trusted = seen.as_ref().is_some_and(|seen| seen.fault.is_none());
        if trusted {
            result
        } else {
            result.or(Ok(HandshakeSignatureValid::assertion()))
        }
    }
}

/// A handshake with what was seen of the certificate, whether it came off or not.
pub(super) async fn handshake<S: Wire>(
    stream: S,
    host: &str,
    address: IpAddr,
    settings: &Settings,
    strict: bool,
) -> (Result<TlsStream<S>, TdsFault>, TlsReport) {
    let provider = Arc::new(unique::provider());
    let roots = trusted_roots(settings.ca_file.clone()).await;
    let recorder = Arc::new(Recorder {
        roots,
        provider: Arc::clone(&provider),
        seen: Mutex::default(),
    });
    // SQL Server does not do TLS 1.3 inside TDS 7, [MS-TDS] 1.7.
    let versions: &[&rustls::SupportedProtocolVersion] = if strict {
        &[&rustls::version::TLS13, &rustls::version::TLS12]
    } else {
        &[&rustls::version::TLS12]
    };
    let mut report = TlsReport {
        version: None,
        certificate: None,
        unique: None,
    };
    let builder =
        match ClientConfig::builder_with_provider(provider).with_protocol_versions(versions) {
            Ok(builder) => builder,
            Err(error) => return (Err(TdsFault::Tls(error.to_string())), report),
        };
    let mut config = builder
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&recorder) as Arc<dyn ServerCertVerifier>)
        .with_no_client_auth();
    if strict {
        config.alpn_protocols = vec![ALPN.to_vec()];
    }
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    let name = ServerName::try_from(literal.to_owned()).unwrap_or_else(|_| address.into());
    // The configuration is new each time, so that no handshake is a shortened
    // one, in which the server's Finished message comes first.
    let connected = TlsConnector::from(Arc::new(config)).connect(name, stream);
    let (result, noted) = unique::noted(connected).await;
    report.certificate = recorder
        .seen
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    match result {
        Ok(stream) => {
            report.unique = noted;
            report.version = stream.get_ref().1.protocol_version().map(|version| {
                if version == rustls::ProtocolVersion::TLSv1_3 {
                    "TLS 1.3"
                } else {
                    "TLS 1.2"
                }
            });
            (Ok(stream), report)
        }
        Err(error) => {
            let fault = error
                .get_ref()
                .and_then(|inner| inner.downcast_ref::<Error>())
                .map_or_else(
                    || TdsFault::from_handshake(&error),
                    |error| TdsFault::Tls(words(error)),
                );
            (Err(fault), report)
        }
    }
}

/// The system's certificate authorities, and those of the settings' file.
async fn trusted_roots(ca_file: Option<PathBuf>) -> Arc<RootCertStore> {
    let load = move || {
        let system = system_roots();
        let Some(file) = ca_file else {
            return system;
        };
        let mut roots = RootCertStore::clone(&system);
        if let Ok(certificates) = CertificateDer::pem_file_iter(file) {
            roots.add_parsable_certificates(certificates.flatten());
        }
        Arc::new(roots)
    };
    tokio::task::spawn_blocking(load)
        .await
        .unwrap_or_else(|_| Arc::new(RootCertStore::empty()))
}

/// The system's certificate authorities, read once; reading them blocks.
pub(crate) fn system_roots() -> Arc<RootCertStore> {
    static SYSTEM: OnceLock<Arc<RootCertStore>> = OnceLock::new();
    let system = SYSTEM.get_or_init(|| {
        let mut roots = RootCertStore::empty();
        // Single certificates that cannot be read leave the others usable.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Arc::new(roots)
    });
    Arc::clone(system)
}

/// A fault of TLS in words for people.
fn words(error: &Error) -> String {
    match error {
        Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            "this machine does not know the issuer".to_owned()
        }
        Error::InvalidCertificate(
            CertificateError::Expired | CertificateError::ExpiredContext { .. },
        ) => "it has expired".to_owned(),
        Error::InvalidCertificate(
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. },
        ) => "it is not valid yet".to_owned(),
        Error::InvalidCertificate(CertificateError::InvalidPurpose) => {
            "it is not meant for servers".to_owned()
        }
        Error::InvalidCertificate(CertificateError::Revoked) => "it has been revoked".to_owned(),
        // RFC 5246 7.2.2: this is how a server says it that has TLS 1.0 or 1.1 alone.
        Error::AlertReceived(AlertDescription::ProtocolVersion) => {
            "the server is too old: it has TLS 1.0 or 1.1 alone, and this program speaks TLS 1.2 and 1.3"
                .to_owned()
        }
        Error::AlertReceived(alert) => {
            format!("the server refused with the TLS alert {}", u8::from(*alert))
        }
        Error::PeerIncompatible(_) => "the server has no TLS version or cipher in common with \
                                       this program, which speaks TLS 1.2 and 1.3"
            .to_owned(),
        other => other.to_string(),
    }
}
