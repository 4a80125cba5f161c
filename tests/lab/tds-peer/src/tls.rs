//! The server's certificate and TLS configurations.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{CertificateParams, DnType, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, SupportedProtocolVersion, version};
use thiserror::Error;

use crate::kerberos::bindings::{self, Bindings};
use crate::scenario::{CertificateSource, GeneratedCertificate};

/// Why there is no TLS configuration.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A PEM file cannot be read.
    #[error(
        "cannot read the PEM file {path}: {why}; give a file with the server's certificate or its key"
    )]
    Pem {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The certificate cannot be generated.
    #[error("cannot generate the certificate: {0}")]
    Generate(#[from] rcgen::Error),
    /// A generated certificate cannot be written for the clients.
    #[error("cannot write the generated certificate to {path}: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The certificate and the key do not belong together, or such.
    #[error("TLS cannot be set up with this certificate: {0}")]
    Rustls(#[from] rustls::Error),
}

/// The two TLS configurations of an instance.
#[derive(Debug, Clone)]
pub struct TlsConfigs {
    /// For TLS inside PRELOGIN: TLS 1.2 only, because a TLS 1.3 server goes on
    /// sending after its handshake, when the packets around the records have
    /// already ended.
    pub in_prelogin: Arc<ServerConfig>,
    /// For TDS 8: TLS 1.2 and 1.3 with the ALPN protocol `tds/8.0`.
    pub strict: Arc<ServerConfig>,
    /// What a client binds its login to on a channel of TLS 1.3.
    pub bindings: Bindings,
}

impl TlsConfigs {
    /// Reads or generates the certificate and sets up TLS with it.
    pub fn new(source: &CertificateSource) -> Result<Self, TlsError> {
        let (chain, key) = match (&source.files, &source.generate) {
            (Some(files), _) => (read_chain(&files.certificate)?, read_key(&files.key)?),
            (None, Some(wanted)) => generate(wanted)?,
            (None, None) => generate(&GeneratedCertificate::default())?,
        };
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let build = |versions: &[&'static SupportedProtocolVersion]| {
            ServerConfig::builder_with_provider(Arc::clone(&provider))
                .with_protocol_versions(versions)?
                .with_no_client_auth()
                .with_single_cert(chain.clone(), key.clone_key())
        };
        let in_prelogin = build(&[&version::TLS12])?;
        let mut strict = build(&[&version::TLS13, &version::TLS12])?;
        strict.alpn_protocols = vec![b"tds/8.0".to_vec()];
        Ok(Self {
            bindings: chain
                .first()
                .map(|certificate| bindings::end_point(certificate))
                .unwrap_or_default(),
            in_prelogin: Arc::new(in_prelogin),
            strict: Arc::new(strict),
        })
    }
}

type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn read_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let pem = |why: rustls::pki_types::pem::Error| TlsError::Pem {
        path: path.to_owned(),
        why: why.to_string(),
    };
    let chain: Vec<_> = CertificateDer::pem_file_iter(path)
        .map_err(pem)?
        .collect::<Result<_, _>>()
        .map_err(pem)?;
    if chain.is_empty() {
        return Err(TlsError::Pem {
            path: path.to_owned(),
            why: "it holds no certificate".into(),
        });
    }
    Ok(chain)
}

fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_file(path).map_err(|why| TlsError::Pem {
        path: path.to_owned(),
        why: why.to_string(),
    })
}

fn generate(wanted: &GeneratedCertificate) -> Result<Identity, TlsError> {
    let names = if wanted.names.is_empty() {
        vec!["localhost".to_owned()]
    } else {
        wanted.names.clone()
    };
    let mut params = CertificateParams::new(names.clone())?;
    let common_name = wanted
        .common_name
        .clone()
        .unwrap_or_else(|| names[0].clone());
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    let midnight = |date: jiff::civil::Date| {
        let part = |number: i8| u8::try_from(number).unwrap_or(1);
        rcgen::date_time_ymd(i32::from(date.year()), part(date.month()), part(date.day()))
    };
    if let Some(from) = wanted.valid_from {
        params.not_before = midnight(from);
    }
    if let Some(to) = wanted.valid_to {
        params.not_after = midnight(to);
    }
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;
    if let Some(path) = &wanted.write_to {
        std::fs::write(path, certificate.pem()).map_err(|source| TlsError::Write {
            path: path.clone(),
            source,
        })?;
    }
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    Ok((vec![certificate.der().clone()], key))
}
