//! Why Kerberos did not let us sign in, in words with the remedy.

use crate::probe::kerberos::{SignInFault, error_code};
use crate::probe::ldap::fault::DirectoryFault;

/// No ticket for the server.
pub(in crate::probe::ldap) fn no_ticket(server: &str, fault: SignInFault) -> DirectoryFault {
    match fault {
        SignInFault::NoTicket(words) => DirectoryFault::NoCredential(format!(
            "there is no Kerberos ticket; get one with `kinit`, or give a user and a password ({words})"
        )),
        SignInFault::Unusable(words) => DirectoryFault::NoCredential(format!(
            "there is no usable Kerberos ticket; get one with `kinit`, or give a user and a password ({words})"
        )),
        SignInFault::Expired(words) => DirectoryFault::NoCredential(format!(
            "the Kerberos ticket has expired; get a new one with `kinit` ({words})"
        )),
        SignInFault::NoRealm(words) => DirectoryFault::NoCredential(words),
        SignInFault::Silent(words) => DirectoryFault::Unreachable(format!(
            "no KDC answers, so there is no ticket for the directory ({words})"
        )),
        SignInFault::Refused(code) => refused(server, code),
        SignInFault::Service(words) => DirectoryFault::NoCredential(format!(
            "Kerberos did not let us sign in to {server} ({words})"
        )),
    }
}

/// A KRB-ERROR of a KDC, or of the server in its answer to the ticket.
pub(super) fn refused(server: &str, code: i32) -> DirectoryFault {
    let what = match code {
        6 => "the KDC does not know the user",
        7 => "the KDC does not know this server as an LDAP server",
        18 => "the KDC says that the account is disabled, expired or locked out",
        23 => "the password has expired",
        24 => "the password is wrong",
        37 => "the clocks differ by more than five minutes",
        _ => {
            return DirectoryFault::NoCredential(format!(
                "Kerberos did not let us sign in to {server} ({})",
                error_code::in_words(code)
            ));
        }
    };
    DirectoryFault::SignInRefused {
        server: server.to_owned(),
        what: format!("{what} (code {code}, {})", error_code::name(code)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_words_and_a_wrong_password_is_a_refusal() {
        assert_eq!(
            refused("dc1:389", 37).to_string(),
            "dc1:389 did not let us sign in: the clocks differ by more than five minutes \
             (code 37, KRB_AP_ERR_SKEW)"
        );
        assert!(refused("dc1:389", 24).is_refusal());
        let other = refused("dc1:389", 41).to_string();
        assert!(other.contains("KRB_AP_ERR_MODIFIED"), "{other}");
    }
}
