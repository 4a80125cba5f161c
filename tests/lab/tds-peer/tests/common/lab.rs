//! A peer that accepts Kerberos tickets which the test makes itself.

use tds_peer::kerberos::der::{context, element, nested, tag};
use tds_peer::kerberos::gss::mechanism;
use tds_peer::packet::{Message, kind};
use tds_peer::scenario::{Encryption, Instance, KerberosAcceptor, Scenario, WindowsLogin};

use super::raw::{RawClient, V7_4, first_error, login7, only_token};
use super::ticket::{REALM, SPN, Wish, ap_req, error_code, keytab, unframed};
use super::{Peer, instance, scenario};

/// A peer with a keytab for [`Wish::default`], and its files.
pub struct Lab {
    pub peer: Peer,
    // Kept until the peer has ended.
    _directory: tempfile::TempDir,
}

impl Lab {
    pub async fn start(change: impl FnOnce(&mut Instance, &mut KerberosAcceptor)) -> Self {
        Self::start_scenario(change, |_| {}).await
    }

    pub async fn start_scenario(
        change: impl FnOnce(&mut Instance, &mut KerberosAcceptor),
        more: impl FnOnce(&mut Scenario),
    ) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("keytab");
        std::fs::write(&path, keytab(&format!("{SPN}@{REALM}"), 3, 18, &[1; 32]))
            .expect("a keytab");
        let mut kerberos = KerberosAcceptor::with_keytab(&path);
        let mut instance = instance(Encryption::LoginOnly);
        instance.windows_logins = vec![WindowsLogin::new(r"CORP\alice")];
        change(&mut instance, &mut kerberos);
        instance.kerberos = Some(kerberos);
        let mut scenario = scenario(instance);
        more(&mut scenario);
        Self {
            peer: Peer::start(scenario).await,
            _directory: directory,
        }
    }

    pub async fn send(&self, token: &[u8]) -> RawClient {
        let mut client = RawClient::with_prelogin(self.peer.address()).await;
        client
            .send(kind::LOGIN7, &login7(V7_4, "", "", token))
            .await;
        client
    }

    /// The code of the KRB-ERROR with which a ticket is refused.
    pub async fn refusal(&self, wish: &Wish) -> u32 {
        let mut client = self.send(&framed(&ap_req(wish))).await;
        let token = only_token(&client.receive().await.expect("a token"));
        let (id, message) = unframed(&token);
        assert_eq!(id, [3, 0]);
        let code = error_code(message);
        let logged = self.peer.wait_for("login", 1).await;
        assert_eq!(logged.last().expect("an event")["error-code"], code);
        code
    }
}

pub fn framed(ap_req: &[u8]) -> Vec<u8> {
    framed_as(mechanism::KERBEROS, ap_req)
}

pub fn framed_as(oid: &[u8], ap_req: &[u8]) -> Vec<u8> {
    element(
        tag::application(0),
        &[&element(tag::OID, oid)[..], &[1, 0], ap_req].concat(),
    )
}

pub fn spnego(mechanisms: &[&[u8]], token: Option<&[u8]>) -> Vec<u8> {
    let list: Vec<Vec<u8>> = mechanisms
        .iter()
        .map(|oid| element(tag::OID, oid))
        .collect();
    let mut parts = vec![context(0, &nested(tag::SEQUENCE, &list))];
    parts.extend(token.map(|token| context(2, &element(tag::OCTET_STRING, token))));
    let init = context(0, &nested(tag::SEQUENCE, &parts));
    element(
        tag::application(0),
        &[element(tag::OID, mechanism::SPNEGO), init].concat(),
    )
}

pub fn is_accepted(message: &Message) -> bool {
    message.payload.contains(&0xAD) && first_error(message).is_none() && message.payload[0] == 0xE3
}
