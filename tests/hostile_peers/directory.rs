//! A directory that takes TLS and every password, tells its rootDSE, and does
//! harm with the next question.

use std::path::Path;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::behaviour::{Harm, Seen, do_harm, message_number};

/// Signs the certificates of the hosts.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    /// Its own certificate stands in `ca.pem`.
    pub fn new(files: &Path) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let issuer = CertifiedIssuer::self_signed(params, key).unwrap();
        std::fs::write(files.join("ca.pem"), issuer.pem()).unwrap();
        Self(issuer)
    }

    /// TLS as `dc.NAME.example`.
    pub fn acceptor(&self, name: &str) -> TlsAcceptor {
        let params = CertificateParams::new(vec![format!("dc.{name}.example")]).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// Serves one connection.
pub async fn polite(
    mut stream: TcpStream,
    acceptor: TlsAcceptor,
    name: &str,
    harm: Harm,
    seen: &Seen,
) {
    const EXTENDED_REQUEST: u8 = 0x77;
    let Some(request) = read(&mut stream).await else {
        return;
    };
    if operation(&request).first() != Some(&EXTENDED_REQUEST) {
        return converse(stream, request, name, harm, seen).await;
    }
    let done = result(message_number(&request), 0x78);
    if stream.write_all(&done).await.is_err() {
        return;
    }
    if let Ok(mut stream) = acceptor.accept(stream).await
        && let Some(request) = read(&mut stream).await
    {
        converse(stream, request, name, harm, seen).await;
    }
}

async fn converse(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    mut request: Vec<u8>,
    name: &str,
    harm: Harm,
    seen: &Seen,
) {
    const BIND: u8 = 0x60;
    const SEARCH: u8 = 0x63;
    loop {
        let number = message_number(&request);
        let asked = operation(&request);
        // The content of a search begins with its base; the rootDSE has none.
        let content = asked.get(1).map_or(2, |length| match length {
            0..=0x7f => 2,
            long => 2 + usize::from(long & 0x7f),
        });
        let answer = match asked.first() {
            Some(&BIND) => result(number, 0x61),
            Some(&SEARCH) if asked.get(content..content + 2) == Some(&[4, 0]) => {
                [message(number, &root(name)), result(number, 0x65)].concat()
            }
            _ => return do_harm(stream, harm, 389, &request, seen).await,
        };
        if stream.write_all(&answer).await.is_err() || stream.flush().await.is_err() {
            return;
        }
        match read(&mut stream).await {
            Some(next) => request = next,
            None => return,
        }
    }
}

async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<Vec<u8>> {
    let mut request = vec![0; 64 * 1024];
    let count = stream.read(&mut request).await.ok()?;
    request.truncate(count);
    (count > 0).then_some(request)
}

/// What follows the message's number.
fn operation(request: &[u8]) -> &[u8] {
    let at = request.windows(2).position(|pair| pair == [2, 1]);
    at.and_then(|at| request.get(at + 3..)).unwrap_or_default()
}

fn element(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    let content = parts.concat();
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [vec![tag, 0x84], length.to_vec(), content].concat()
}

fn text(value: &[u8]) -> Vec<u8> {
    element(4, &[value.to_vec()])
}

fn message(number: u8, operation: &[u8]) -> Vec<u8> {
    element(0x30, &[vec![2, 1, number], operation.to_vec()])
}

fn result(number: u8, tag: u8) -> Vec<u8> {
    let words = [vec![10, 1, 0], text(b""), text(b"")];
    message(number, &element(tag, &words))
}

fn entry(name: &str, attributes: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let attributes: Vec<Vec<u8>> = attributes
        .iter()
        .map(|(name, value)| {
            let values = element(0x31, &[text(value)]);
            element(0x30, &[text(name.as_bytes()), values])
        })
        .collect();
    element(0x64, &[text(name.as_bytes()), element(0x30, &attributes)])
}

fn root(name: &str) -> Vec<u8> {
    let domain = format!("DC={name},DC=example");
    let realm = format!("{name}.example").to_uppercase();
    let attributes = [
        ("defaultNamingContext", domain.clone()),
        ("rootDomainNamingContext", domain.clone()),
        (
            "configurationNamingContext",
            format!("CN=Configuration,{domain}"),
        ),
        ("dnsHostName", format!("dc.{name}.example")),
        ("ldapServiceName", format!("{name}.example:dc$@{realm}")),
        ("isGlobalCatalogReady", "TRUE".to_owned()),
        ("supportedSASLMechanisms", "GSSAPI".to_owned()),
    ];
    entry(
        "",
        &attributes.map(|(name, value)| (name, value.into_bytes())),
    )
}

/// Some entries that answer a search, of which there can be any number.
pub fn entries(number: u8) -> Vec<u8> {
    let value = vec![b'x'; 20_000];
    let one = entry(
        "CN=x,DC=example",
        &[("cn", value.clone()), ("description", value)],
    );
    vec![message(number, &one); 8].concat()
}
