//! Kerberos logins on the wire that are accepted, with tickets made by the
//! test itself.

mod common;

use common::lab::{Lab, framed, framed_as, is_accepted, spnego};
use common::raw::only_token;
use common::ticket::{Wish, ap_req, keytab, proves_itself, unframed};
use tds_peer::kerberos::gss::mechanism;
use tds_peer::kerberos::spnego::{State, response, response_token};
use tds_peer::packet::kind;

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
