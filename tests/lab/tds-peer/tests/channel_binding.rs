//! Extended Protection on the wire: a login that is not bound to its channel.

#![expect(clippy::expect_used, reason = "a test ends by panicking")]

mod common;

use std::sync::Arc;

use common::lab::{Lab, framed, is_accepted};
use common::raw::{RawClient, V7_4, first_error, login7, only_token};
use common::ticket::{Wish, ap_req};
use tds_peer::kerberos::bindings::end_point;
use tds_peer::packet::kind;
use tds_peer::scenario::{Encryption, GeneratedCertificate};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// A client under TLS around everything (TDS 8), and the server's certificate.
async fn connected(lab: &Lab, certificate: CertificateDer<'static>) -> RawClient {
    let mut roots = RootCertStore::empty();
    roots.add(certificate).expect("a trusted certificate");
    let mut config = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"tds/8.0".to_vec()];
    let tcp = TcpStream::connect(lab.peer.address())
        .await
        .expect("a connection");
    let name = ServerName::try_from("localhost").expect("a name");
    let stream = TlsConnector::from(Arc::new(config))
        .connect(name, tcp)
        .await
        .expect("TLS");
    let mut client = RawClient::over(stream);
    client.prelogin().await;
    client
}

#[tokio::test]
async fn a_login_must_be_bound_to_its_own_channel() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let file = directory.path().join("certificate.pem");
    let write_to = file.clone();
    let lab = Lab::start(|instance, kerberos| {
        instance.encryption = Encryption::Strict;
        instance.tds8 = true;
        instance.certificate.generate = Some(GeneratedCertificate {
            write_to: Some(write_to),
            ..GeneratedCertificate::default()
        });
        kerberos.channel_binding_required = true;
    })
    .await;
    let certificate = CertificateDer::from_pem_file(&file).expect("the certificate");
    let bound = end_point(&certificate);
    let other = end_point(b"the certificate of another server");
    for (bindings, accepted) in [([0; 16], false), (other, false), (bound, true)] {
        let wish = Wish {
            bindings,
            ..Wish::default()
        };
        let mut client = connected(&lab, certificate.clone()).await;
        let login = login7(V7_4, "", "", &framed(&ap_req(&wish)));
        client.send(kind::LOGIN7, &login).await;
        let first = client.receive().await.expect("an answer");
        if accepted {
            only_token(&first);
            assert!(is_accepted(
                &client.receive().await.expect("the acceptance")
            ));
        } else {
            // No security token: error 18452 alone.
            assert_eq!(first_error(&first).map(|(number, ..)| number), Some(18452));
        }
    }
    let logins = lab.peer.wait_for("login", 3).await;
    assert_eq!(logins[0]["sspi-error"], "0x80090346");
    assert_eq!(logins[1]["sspi-error"], "0x80090346");
    assert_eq!(logins[2]["result"], "accepted");
}

#[tokio::test]
async fn a_login_in_the_clear_is_bound_to_nothing() {
    let lab = Lab::start(|_, kerberos| kerberos.channel_binding_required = true).await;
    let mut client = lab.send(&framed(&ap_req(&Wish::default()))).await;
    let answer = client.receive().await.expect("an answer");
    assert_eq!(first_error(&answer).map(|(number, ..)| number), Some(18452));
}
