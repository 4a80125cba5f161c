//! Kerberos logins on the wire that are refused, each with its code.

mod common;

use common::lab::{Lab, framed, is_accepted};
use common::raw::{RawClient, V7_4, first_error, login7, only_token};
use common::ticket::{Wish, ap_req, unframed};
use common::{Peer, instance, scenario};
use tds_peer::packet::kind;
use tds_peer::scenario::{Encryption, KerberosRefusal, Personality, Refusal, WindowsLogin};

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
async fn an_authenticated_client_may_still_have_no_login() {
    let lab = Lab::start(|instance, _| {
        instance
            .realms
            .insert("corp.example".into(), "CONTOSO".into());
        instance.windows_logins.push(WindowsLogin {
            refuse: Some(Refusal {
                state: 12,
                visible_state: 1,
            }),
            ..WindowsLogin::new(r"PARTNER\*")
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
