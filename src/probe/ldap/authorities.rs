//! Whom we trust to say which directory server we speak to.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::fault::{self, DirectoryFault};
use crate::probe::Settings;
use crate::probe::tds::system_roots;

/// The system's authorities and those of the settings. Reads files.
pub(super) fn tls_config(settings: &Settings) -> Result<Arc<rustls::ClientConfig>, DirectoryFault> {
    let mut roots = rustls::RootCertStore::clone(&system_roots());
    if let Some(file) = &settings.ca_file {
        let unreadable = |what: String| DirectoryFault::Tls {
            server: "the directory".to_owned(),
            what: format!("{} cannot be read: {what}", file.display()),
        };
        let certificates = CertificateDer::pem_file_iter(file)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| unreadable(error.to_string()))?;
        if certificates.is_empty() {
            return Err(unreadable("there is no certificate in it".to_owned()));
        }
        roots.add_parsable_certificates(certificates);
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| DirectoryFault::Tls {
            server: "the directory".to_owned(),
            what: fault::tls_words(&error),
        })?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}
