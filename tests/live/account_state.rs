//! Accounts that cannot be used: the service's and the user's.

use lab::fault::{AccountFault, Fault, Unusable};
use lab::lab::Lab;

use crate::walk::{
    MAIN, SQL1, Walked, inject, keep_a_ticket_for, lab, put_right, repair, walk, walk_with,
    walk_with_secret,
};

const KNOWN: [(&str, &str); 2] = [("server", SQL1), ("service_account", r"CORP\svc_sql")];

/// A walk that signs in with a password instead of the ticket cache.
fn walk_with_password(lab: &Lab, user: &str, password: &str) -> Walked {
    let options = ["--user", user, "--password-fd", "3"];
    walk_with_secret(lab, MAIN, &[("server", SQL1)], &options, password)
}

#[test]
fn service_account_unusable() {
    for (unusable, state) in [
        (Unusable::Disabled, "disabled"),
        (Unusable::LockedOut, "locked out"),
        (Unusable::Expired, "expired"),
    ] {
        let lab = lab();
        inject(
            &lab,
            Fault::Account(AccountFault::ServiceUnusable(unusable)),
        );
        // Whoever holds the SPN is looked at, also when nobody names the account.
        walk(&lab, MAIN, &[("server", SQL1)]).found(&["service-account-unusable"]);
        let walked = walk(&lab, MAIN, &KNOWN);
        walked.found(&["service-account-unusable"]);
        assert_eq!(
            walked.document["findings"][0]["values"]["states"],
            serde_json::json!([state])
        );
        repair(&lab, &walked);
        walk(&lab, MAIN, &KNOWN).healthy();
    }
}

#[test]
fn service_account_with_an_expired_password() {
    let lab = lab();
    inject(
        &lab,
        Fault::Account(AccountFault::ServiceUnusable(Unusable::PasswordExpired)),
    );
    walk(&lab, MAIN, &KNOWN).found(&["service-account-unusable"]);
    put_right(&lab);
    walk(&lab, MAIN, &KNOWN).healthy();
}

#[test]
fn client_account_unusable() {
    for (unusable, code) in [
        (Unusable::Disabled, 18),
        (Unusable::LockedOut, 18),
        (Unusable::Expired, 18),
        (Unusable::PasswordExpired, 23),
    ] {
        let lab = lab();
        inject(&lab, Fault::Account(AccountFault::ClientUnusable(unusable)));
        let walked = walk_with_password(&lab, "alice@CORP.EXAMPLE", "Al1ce-Passw0rd");
        walked.found(&["client-account-unusable"]);
        assert_eq!(walked.document["findings"][0]["values"]["code"], code);
    }
}

#[test]
fn client_that_is_unknown_or_has_another_password() {
    let lab = lab();
    for (user, code) in [("nobody@CORP.EXAMPLE", 6), ("bob@CORP.EXAMPLE", 24)] {
        let walked = walk_with_password(&lab, user, "not the password");
        walked.found(&["client-account-unusable"]);
        assert_eq!(walked.document["findings"][0]["values"]["code"], code);
    }
}

#[test]
fn client_who_still_has_a_ticket() {
    for unusable in [
        Unusable::Disabled,
        Unusable::LockedOut,
        Unusable::Expired,
        Unusable::PasswordExpired,
    ] {
        let lab = lab();
        inject(&lab, Fault::Account(AccountFault::ClientUnusable(unusable)));
        let walked = walk(&lab, MAIN, &[("server", SQL1)]);
        walked.found(&["client-account-unusable"]);
        put_right(&lab);
        walk(&lab, MAIN, &[("server", SQL1)]).healthy();
    }
}

/// With a ticket for the controller from before, alice still sees her account.
#[test]
fn client_whose_account_can_still_be_read() {
    for unusable in [Unusable::Disabled, Unusable::LockedOut, Unusable::Expired] {
        let lab = lab();
        keep_a_ticket_for(&lab, "dc1.corp.example");
        inject(&lab, Fault::Account(AccountFault::ClientUnusable(unusable)));
        let walked = walk(&lab, MAIN, &[("server", SQL1)]);
        walked.found(&["client-account-unusable"]);
        repair(&lab, &walked);
        lab.sign_in("alice").expect("alice can sign in again");
        walk(&lab, MAIN, &[("server", SQL1)]).healthy();
    }
}

#[test]
fn protected_user() {
    let lab = lab();
    inject(&lab, Fault::Account(AccountFault::ProtectedUser));
    let walked = walk(&lab, MAIN, &KNOWN);
    walked.found(&["protected-user"]);
    repair(&lab, &walked);
    walk(&lab, MAIN, &KNOWN).healthy();
}

#[test]
fn token_too_large() {
    let lab = lab();
    inject(&lab, Fault::Account(AccountFault::TokenTooLarge));
    lab.sign_in("alice").expect("alice signs in");
    walk(&lab, MAIN, &KNOWN).found(&["token-too-large"]);
}

/// What alice may not read, an administrator reads with the card's command, and
/// the walk goes on with the answer.
#[test]
fn what_a_locked_down_forest_hides_an_administrator_tells() {
    const CAUSE: &str = "service-account-unusable";
    for (unusable, state) in [
        (None, ""),
        (Some(Unusable::Disabled), "disabled"),
        (Some(Unusable::LockedOut), "locked out"),
        (Some(Unusable::Expired), "expired"),
    ] {
        let lab = lab();
        inject(&lab, Fault::Account(AccountFault::LockedDown));
        if let Some(unusable) = unusable {
            inject(
                &lab,
                Fault::Account(AccountFault::ServiceUnusable(unusable)),
            );
        }
        let walked = walk(&lab, MAIN, &KNOWN);
        let command = walked.document["cards"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|card| card["cause"] == CAUSE)
            .and_then(|card| card["linux"].as_str())
            .expect("a command");
        let answer = lab.dir().join("answer");
        let ticket = lab
            .administrator_ccache()
            .expect("the administrator signs in");
        let output = lab
            .host("client")
            .expect("the jump host")
            .command("sh")
            .env("KRB5CCNAME", ticket)
            .args(["-c", command])
            .output()
            .expect("sh starts");
        assert!(output.status.success(), "{command}: {output:?}");
        std::fs::write(&answer, &output.stdout).expect("the answer is kept");
        let pasted = format!("{CAUSE}={}", answer.display());
        let told = walk_with(&lab, MAIN, &KNOWN, &["--pasted", &pasted]);
        if unusable.is_some() {
            told.found(&[CAUSE]);
            let states = &told.document["findings"][0]["values"]["states"];
            assert_eq!(*states, serde_json::json!([state]));
            repair(&lab, &told);
            // The lock on the directory is still there.
            let after = walk(&lab, MAIN, &KNOWN);
            assert_eq!(after.causes(), Vec::<&str>::new(), "{}", after.progress);
            assert_eq!(after.unknown(), [CAUSE], "{}", after.progress);
        } else {
            walked.hands_over(CAUSE);
            assert_eq!(told.causes(), Vec::<&str>::new(), "{}", told.progress);
            assert_eq!(told.unknown(), Vec::<&str>::new(), "{}", told.progress);
        }
    }
}

#[test]
fn locked_down_forest_is_not_called_healthy() {
    let lab = lab();
    inject(&lab, Fault::Account(AccountFault::LockedDown));
    for set in [&KNOWN[..1], &KNOWN[..]] {
        let walked = walk(&lab, MAIN, set);
        assert_eq!(walked.causes(), Vec::<&str>::new(), "{}", walked.progress);
        assert!(
            walked.unknown().contains(&"service-account-unusable"),
            "{:?}",
            walked.unknown()
        );
        assert_eq!(walked.document["verdict"], "inconclusive");
        proof::notebook::place(
            "forest in which nobody may read the state of accounts",
            "not known whether the service account can be used",
        );
    }
}
