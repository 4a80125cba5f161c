//! Kerberos logins on the wire, with tickets made by the test itself.

mod common;

use common::raw::{RawClient, V7_4, first_error, login7, only_token};
use common::ticket::{REALM, SPN, Wish, ap_req, error_code, keytab, proves_itself, unframed};
use common::{Peer, instance, scenario};
use tds_peer::kerberos::der::{context, element, nested, tag};
use tds_peer::kerberos::gss::mechanism;
use tds_peer::kerberos::spnego::{State, response, response_token};
use tds_peer::packet::{Message, kind};
use tds_peer::scenario::{
    Encryption, Instance, KerberosAcceptor, KerberosRefusal, Personality, Refusal, Scenario,
    WindowsLogin,
};

struct Lab {
    peer: Peer,
    // Kept until the peer has ended.
    _directory: tempfile::TempDir,
}

impl Lab {
    async fn start(change: impl FnOnce(&mut Instance, &mut KerberosAcceptor)) -> Self {
        Self::start_scenario(change, |_| {}).await
    }

    async fn start_scenario(
        change: impl FnOnce(&mut Instance, &mut KerberosAcceptor),
        more: impl FnOnce(&mut Scenario),
    ) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("keytab");
        std::fs::write(&path, keytab(&format!("{SPN}@{REALM}"), 3, 18, &[1; 32]))
            .expect("a keytab");
        let mut kerberos = KerberosAcceptor::with_keytab(&path);
        let mut instance = instance(Encryption::LoginOnly);
        instance.windows_logins = vec![WindowsLogin {
            name: r"CORP\alice".into(),
            default_database: "master".into(),
            refuse: None,
        }];
        change(&mut instance, &mut kerberos);
        instance.kerberos = Some(kerberos);
        let mut scenario = scenario(instance);
        more(&mut scenario);
        Self {
            peer: Peer::start(scenario).await,
            _directory: directory,
        }
    }

    async fn send(&self, token: &[u8]) -> RawClient {
        let mut client = RawClient::with_prelogin(self.peer.address()).await;
        client
            .send(kind::LOGIN7, &login7(V7_4, "", "", token))
            .await;
        client
    }

    /// The code of the KRB-ERROR with which a ticket is refused.
    async fn refusal(&self, wish: &Wish) -> u32 {
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

fn framed(ap_req: &[u8]) -> Vec<u8> {
    framed_as(mechanism::KERBEROS, ap_req)
}

fn framed_as(oid: &[u8], ap_req: &[u8]) -> Vec<u8> {
    element(
        tag::application(0),
        &[&element(tag::OID, oid)[..], &[1, 0], ap_req].concat(),
    )
}

fn spnego(mechanisms: &[&[u8]], token: Option<&[u8]>) -> Vec<u8> {
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

fn is_accepted(message: &Message) -> bool {
    message.payload.contains(&0xAD) && first_error(message).is_none() && message.payload[0] == 0xE3
}

#[tokio::test]
async fn the_proof_of_the_server_and_the_acceptance_are_two_messages() {
    let lab = Lab::start(|_, _| {}).await;
    let mut client = lab.send(&framed(&ap_req(&Wish::default()))).await;
    let token = only_token(&client.receive().await.expect("the AP-REP"));
    let (id, message) = unframed(&token);
    assert_eq!(id, [2, 0]);
    assert!(proves_itself(message));
    assert!(is_accepted(
        &client.receive().await.expect("the acceptance")
    ));
    let login = &lab.peer.events("login")[0];
    assert_eq!(login["principal"], "alice@CORP.EXAMPLE");
    assert_eq!(login["login"], r"CORP\alice");
    assert_eq!(login["scheme"], "KERBEROS");
    assert_eq!(
        (&login["ticket-kvno"], &login["ticket-etype"]),
        (&3.into(), &18.into())
    );
    assert_eq!(login["delegated-credential"], false);
}

#[tokio::test]
async fn spnego_is_answered_in_spnego() {
    let lab = Lab::start(|_, _| {}).await;
    for oid in [mechanism::KERBEROS, mechanism::MICROSOFT_KERBEROS] {
        let request = framed_as(oid, &ap_req(&Wish::default()));
        let mut client = lab
            .send(&spnego(&[oid, mechanism::NTLM], Some(&request)))
            .await;
        let token = only_token(&client.receive().await.expect("the AP-REP"));
        let inner = response_token(&token).expect("a NegTokenResp");
        assert_eq!(token, response(State::Completed, oid, Some(&inner)));
        assert!(proves_itself(unframed(&inner).1));
        assert!(is_accepted(
            &client.receive().await.expect("the acceptance")
        ));
    }
}

#[tokio::test]
async fn spnego_without_a_token_is_asked_for_one() {
    let lab = Lab::start(|_, _| {}).await;
    let mut client = lab.send(&spnego(&[mechanism::KERBEROS], None)).await;
    let token = only_token(&client.receive().await.expect("a question"));
    assert_eq!(
        token,
        response(State::Incomplete, mechanism::KERBEROS, None)
    );
    let request = framed(&ap_req(&Wish::default()));
    let answer = response(State::Incomplete, mechanism::KERBEROS, Some(&request));
    client.send(kind::SSPI, &answer).await;
    only_token(&client.receive().await.expect("the AP-REP"));
    assert!(is_accepted(
        &client.receive().await.expect("the acceptance")
    ));
}

#[tokio::test]
async fn without_mutual_authentication_the_acceptance_comes_alone() {
    let lab = Lab::start(|_, _| {}).await;
    let wish = Wish {
        mutual: false,
        ..Wish::default()
    };
    let mut client = lab.send(&framed(&ap_req(&wish))).await;
    assert!(is_accepted(
        &client.receive().await.expect("the acceptance")
    ));
}

#[tokio::test]
async fn windows_takes_any_service_name_and_refuses_other_keys_as_modified() {
    let lab = Lab::start(|_, _| {}).await;
    let other_name = Wish {
        spn: "MSSQLSvc/alias.corp.example",
        kvno: 9,
        ..Wish::default()
    };
    let mut client = lab.send(&framed(&ap_req(&other_name))).await;
    only_token(&client.receive().await.expect("the AP-REP"));
    assert!(is_accepted(
        &client.receive().await.expect("the acceptance")
    ));
    for wish in [
        Wish {
            key: vec![2; 32],
            ..Wish::default()
        },
        Wish {
            etype: 23,
            key: vec![1; 16],
            ..Wish::default()
        },
    ] {
        assert_eq!(lab.refusal(&wish).await, 41);
    }
}

#[tokio::test]
async fn linux_wants_principal_version_and_key() {
    let lab = Lab::start(|_, kerberos| kerberos.personality = Personality::Linux).await;
    let cases = [
        (
            Wish {
                key: vec![2; 32],
                ..Wish::default()
            },
            31,
        ),
        (
            Wish {
                kvno: 4,
                ..Wish::default()
            },
            44,
        ),
        (
            Wish {
                etype: 17,
                key: vec![1; 16],
                ..Wish::default()
            },
            44,
        ),
        (
            Wish {
                spn: "MSSQLSvc/sql1.corp.example",
                ..Wish::default()
            },
            45,
        ),
    ];
    for (wish, code) in cases {
        assert_eq!(lab.refusal(&wish).await, code);
    }
}

#[tokio::test]
async fn clocks_and_lifetimes_are_checked() {
    let lab = Lab::start(|_, _| {}).await;
    let cases = [
        (
            Wish {
                client_clock: 330,
                ..Wish::default()
            },
            37,
        ),
        (
            Wish {
                client_clock: -330,
                ..Wish::default()
            },
            37,
        ),
        (
            Wish {
                ends: -330,
                ..Wish::default()
            },
            32,
        ),
        (
            Wish {
                starts: 330,
                ..Wish::default()
            },
            33,
        ),
        (
            Wish {
                authenticator_client: "mallory",
                ..Wish::default()
            },
            36,
        ),
    ];
    for (wish, code) in cases {
        assert_eq!(lab.refusal(&wish).await, code);
    }
    for wish in [
        Wish {
            client_clock: 270,
            ..Wish::default()
        },
        Wish {
            ends: -270,
            ..Wish::default()
        },
    ] {
        let mut client = lab.send(&framed(&ap_req(&wish))).await;
        only_token(&client.receive().await.expect("within the tolerance"));
    }
    let late = Lab::start_scenario(|_, _| {}, |scenario| scenario.clock_offset_seconds = 600).await;
    assert_eq!(late.refusal(&Wish::default()).await, 37);
}

#[tokio::test]
async fn rc4_tickets_are_read() {
    let lab = Lab::start(|_, kerberos| {
        std::fs::write(
            &kerberos.keytab,
            keytab("svc_sql@CORP.EXAMPLE", 3, 23, &[9; 16]),
        )
        .expect("a keytab");
    })
    .await;
    let wish = Wish {
        etype: 23,
        key: vec![9; 16],
        ..Wish::default()
    };
    let mut client = lab.send(&framed(&ap_req(&wish))).await;
    only_token(&client.receive().await.expect("the AP-REP"));
    assert!(is_accepted(
        &client.receive().await.expect("the acceptance")
    ));
    assert_eq!(lab.peer.events("login")[0]["ticket-etype-name"], "rc4-hmac");
}

#[tokio::test]
async fn a_delegated_credential_is_noted() {
    let lab = Lab::start(|_, _| {}).await;
    let wish = Wish {
        delegate: true,
        ..Wish::default()
    };
    let mut client = lab.send(&framed(&ap_req(&wish))).await;
    only_token(&client.receive().await.expect("the AP-REP"));
    client.receive().await.expect("the acceptance");
    let login = &lab.peer.events("login")[0];
    assert_eq!(login["delegated-credential"], true);
    assert_eq!(
        login["delegated-tickets"][0],
        "krbtgt/CORP.EXAMPLE@CORP.EXAMPLE"
    );
}

#[tokio::test]
async fn an_authenticated_client_may_still_have_no_login() {
    let lab = Lab::start(|instance, _| {
        instance
            .realms
            .insert("corp.example".into(), "CONTOSO".into());
        instance.windows_logins.push(WindowsLogin {
            name: r"PARTNER\*".into(),
            default_database: "master".into(),
            refuse: Some(Refusal {
                state: 12,
                visible_state: 1,
            }),
        });
    })
    .await;
    let partner = Wish {
        client: "bob",
        authenticator_client: "bob",
        client_realm: "PARTNER.EXAMPLE",
        ..Wish::default()
    };
    for (wish, name, state) in [
        (Wish::default(), r"CONTOSO\alice", 11),
        (partner, r"PARTNER\bob", 12),
    ] {
        let mut client = lab.send(&framed(&ap_req(&wish))).await;
        only_token(&client.receive().await.expect("the AP-REP"));
        let error = first_error(&client.receive().await.expect("the refusal"));
        assert_eq!(
            error,
            Some((18456, 1, format!("Login failed for user '{name}'.")))
        );
        let logged = lab.peer.events("login");
        assert_eq!(logged.last().expect("an event")["state"], state);
    }
}

#[tokio::test]
async fn a_refusal_has_the_form_that_the_scenario_wants() {
    use KerberosRefusal::{Close, MessageOnly, TokenAndMessage, TokenOnly};
    for form in [TokenAndMessage, TokenOnly, MessageOnly, Close] {
        let lab = Lab::start(|_, kerberos| kerberos.refusal = form).await;
        let wish = Wish {
            key: vec![2; 32],
            ..Wish::default()
        };
        let mut client = lab.send(&framed(&ap_req(&wish))).await;
        if matches!(form, TokenAndMessage | TokenOnly) {
            assert_eq!(
                unframed(&only_token(&client.receive().await.expect("a token"))).0,
                [3, 0]
            );
        }
        if matches!(form, TokenAndMessage | MessageOnly) {
            let error = first_error(&client.receive().await.expect("an error"));
            assert_eq!(error.map(|(number, ..)| number), Some(18452));
        }
        assert!(
            client.receive().await.is_none(),
            "the connection is closed after {form:?}"
        );
    }
}

#[tokio::test]
async fn without_an_acceptor_every_token_is_refused() {
    let peer = Peer::start(scenario(instance(Encryption::LoginOnly))).await;
    let mut client = RawClient::with_prelogin(peer.address()).await;
    client
        .send(
            kind::LOGIN7,
            &login7(V7_4, "", "", &framed(&ap_req(&Wish::default()))),
        )
        .await;
    let error = first_error(&client.receive().await.expect("an error"));
    assert_eq!(error.map(|(number, ..)| number), Some(18452));
}
