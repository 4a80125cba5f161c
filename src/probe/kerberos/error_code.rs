//! Kerberos error codes, RFC 4120 7.5.9, and what each means for a login to
//! SQL Server. The same codes come from a KDC and, inside a TDS login, from
//! SQL Server itself.

/// One code.
#[derive(Debug)]
pub struct ErrorCode {
    /// The number.
    pub number: i32,
    /// The name in the RFC.
    pub name: &'static str,
    /// What it means here, in plain words.
    pub meaning: &'static str,
}

/// The code with this number.
pub fn find(number: i32) -> Option<&'static ErrorCode> {
    TABLE.iter().find(|code| code.number == number)
}

/// The code's name; `code 99` for one that the RFC does not know.
pub fn name(number: i32) -> String {
    find(number).map_or_else(|| format!("code {number}"), |code| code.name.to_owned())
}

/// The code's meaning; empty for one that the RFC does not know.
pub fn meaning(number: i32) -> &'static str {
    find(number).map_or("", |code| code.meaning)
}

/// The code in words for evidence: `code 7, KDC_ERR_S_PRINCIPAL_UNKNOWN (…)`.
pub fn in_words(number: i32) -> String {
    find(number).map_or_else(
        || format!("code {number}"),
        |code| format!("code {number}, {}: {}", code.name, code.meaning),
    )
}

/// KDC_ERR_C_PRINCIPAL_UNKNOWN.
pub const CLIENT_UNKNOWN: i32 = 6;
/// KDC_ERR_S_PRINCIPAL_UNKNOWN.
pub const SERVICE_UNKNOWN: i32 = 7;
/// KDC_ERR_POLICY.
pub const POLICY: i32 = 12;
/// KDC_ERR_ETYPE_NOSUPP.
pub const ENCRYPTION_NOT_SUPPORTED: i32 = 14;
/// KDC_ERR_CLIENT_REVOKED.
pub const CLIENT_REVOKED: i32 = 18;
/// KDC_ERR_SERVICE_REVOKED.
pub const SERVICE_REVOKED: i32 = 19;
/// KDC_ERR_PREAUTH_REQUIRED.
pub const PREAUTH_REQUIRED: i32 = 25;
/// KDC_ERR_MUST_USE_USER2USER.
pub const USER_TO_USER: i32 = 27;
/// KRB_AP_ERR_TKT_EXPIRED.
pub const TICKET_EXPIRED: i32 = 32;
/// KRB_AP_ERR_SKEW.
pub const SKEW: i32 = 37;
/// KDC_ERR_WRONG_REALM.
pub const WRONG_REALM: i32 = 68;

const fn code(number: i32, name: &'static str, meaning: &'static str) -> ErrorCode {
    ErrorCode {
        number,
        name,
        meaning,
    }
}

static TABLE: &[ErrorCode] = &[
    code(0, "KDC_ERR_NONE", "no error"),
    code(1, "KDC_ERR_NAME_EXP", "the account of the user has expired"),
    code(
        2,
        "KDC_ERR_SERVICE_EXP",
        "the account of the service has expired",
    ),
    code(
        3,
        "KDC_ERR_BAD_PVNO",
        "it does not speak Kerberos version 5",
    ),
    code(
        4,
        "KDC_ERR_C_OLD_MAST_KVNO",
        "the user's key is kept under an old master key",
    ),
    code(
        5,
        "KDC_ERR_S_OLD_MAST_KVNO",
        "the service's key is kept under an old master key",
    ),
    code(
        CLIENT_UNKNOWN,
        "KDC_ERR_C_PRINCIPAL_UNKNOWN",
        "this realm does not know the user: a typing error, the wrong realm, or a UPN suffix that is not routed",
    ),
    code(
        SERVICE_UNKNOWN,
        "KDC_ERR_S_PRINCIPAL_UNKNOWN",
        "no account holds this service name, or more than one does, or this realm does not know where to refer to",
    ),
    code(
        8,
        "KDC_ERR_PRINCIPAL_NOT_UNIQUE",
        "more than one account has this name",
    ),
    code(
        9,
        "KDC_ERR_NULL_KEY",
        "the account has no key: its password was never set",
    ),
    code(
        10,
        "KDC_ERR_CANNOT_POSTDATE",
        "the ticket may not start later",
    ),
    code(
        11,
        "KDC_ERR_NEVER_VALID",
        "the ticket would end before it starts: the clocks differ",
    ),
    code(
        POLICY,
        "KDC_ERR_POLICY",
        "a policy forbids it: logon hours or workstations, smart card required, selective authentication on the trust, an authentication policy",
    ),
    code(
        13,
        "KDC_ERR_BADOPTION",
        "what was asked for is not allowed: delegation to a service that is not listed, a ticket that is not forwardable, or one about to end",
    ),
    code(
        ENCRYPTION_NOT_SUPPORTED,
        "KDC_ERR_ETYPE_NOSUPP",
        "this host, the account and the KDC have no encryption type in common",
    ),
    code(
        15,
        "KDC_ERR_SUMTYPE_NOSUPP",
        "the KDC does not know the checksum type",
    ),
    code(
        16,
        "KDC_ERR_PADATA_TYPE_NOSUPP",
        "the KDC does not accept this kind of pre-authentication, such as a password where a smart card is required",
    ),
    code(
        17,
        "KDC_ERR_TRTYPE_NOSUPP",
        "the KDC does not know the transited type",
    ),
    code(
        CLIENT_REVOKED,
        "KDC_ERR_CLIENT_REVOKED",
        "the user's account is disabled, expired, locked out, or outside its logon hours",
    ),
    code(
        SERVICE_REVOKED,
        "KDC_ERR_SERVICE_REVOKED",
        "the account that holds the service name is disabled or expired",
    ),
    code(
        20,
        "KDC_ERR_TGT_REVOKED",
        "the ticket-granting ticket is no longer accepted: get a new one with kinit",
    ),
    code(
        21,
        "KDC_ERR_CLIENT_NOTYET",
        "the user's account is not valid yet",
    ),
    code(
        22,
        "KDC_ERR_SERVICE_NOTYET",
        "the service's account is not valid yet",
    ),
    code(
        23,
        "KDC_ERR_KEY_EXPIRED",
        "the password has expired or must be changed",
    ),
    code(24, "KDC_ERR_PREAUTH_FAILED", "the password is wrong"),
    code(
        PREAUTH_REQUIRED,
        "KDC_ERR_PREAUTH_REQUIRED",
        "the KDC wants a proof of the password first: its normal first answer",
    ),
    code(
        26,
        "KDC_ERR_SERVER_NOMATCH",
        "the ticket is for another service",
    ),
    code(
        USER_TO_USER,
        "KDC_ERR_MUST_USE_USER2USER",
        "the name belongs to a user account that does not hold it as a service name",
    ),
    code(
        28,
        "KDC_ERR_PATH_NOT_ACCEPTED",
        "the KDC does not accept the way through the trusts",
    ),
    code(
        29,
        "KDC_ERR_SVC_UNAVAILABLE",
        "the KDC is busy, or cannot reach a writable domain controller",
    ),
    code(
        31,
        "KRB_AP_ERR_BAD_INTEGRITY",
        "the ticket does not decrypt: the server's key is not the one that the KDC used",
    ),
    code(
        TICKET_EXPIRED,
        "KRB_AP_ERR_TKT_EXPIRED",
        "the ticket has ended: get a new one with kinit",
    ),
    code(
        33,
        "KRB_AP_ERR_TKT_NYV",
        "the ticket is not valid yet: the clocks differ",
    ),
    code(
        34,
        "KRB_AP_ERR_REPEAT",
        "it was seen before: a replay, or a load balancer that sends things twice",
    ),
    code(35, "KRB_AP_ERR_NOT_US", "the ticket is for another service"),
    code(
        36,
        "KRB_AP_ERR_BADMATCH",
        "ticket and authenticator do not belong together",
    ),
    code(
        SKEW,
        "KRB_AP_ERR_SKEW",
        "the clocks differ by more than 5 minutes",
    ),
    code(
        38,
        "KRB_AP_ERR_BADADDR",
        "the ticket was made for another address",
    ),
    code(39, "KRB_AP_ERR_BADVERSION", "the protocol versions differ"),
    code(
        40,
        "KRB_AP_ERR_MSG_TYPE",
        "it is not the kind of message that was expected",
    ),
    code(
        41,
        "KRB_AP_ERR_MODIFIED",
        "the server cannot decrypt the ticket: the SPN is on an account that the service does not run as, the service's key is old, or the name leads to another server",
    ),
    code(42, "KRB_AP_ERR_BADORDER", "messages came out of order"),
    code(
        44,
        "KRB_AP_ERR_BADKEYVER",
        "the server does not have the version of the key that the ticket needs",
    ),
    code(
        45,
        "KRB_AP_ERR_NOKEY",
        "the server has no key for this name",
    ),
    code(
        46,
        "KRB_AP_ERR_MUT_FAIL",
        "the server could not prove who it is",
    ),
    code(
        47,
        "KRB_AP_ERR_BADDIRECTION",
        "a message came from the wrong side",
    ),
    code(
        48,
        "KRB_AP_ERR_METHOD",
        "another way of authentication is needed",
    ),
    code(
        49,
        "KRB_AP_ERR_BADSEQ",
        "a message has a wrong sequence number",
    ),
    code(
        50,
        "KRB_AP_ERR_INAPP_CKSUM",
        "the checksum is of a kind that is not accepted",
    ),
    code(
        51,
        "KRB_AP_PATH_NOT_ACCEPTED",
        "the server does not accept the way through the trusts",
    ),
    code(
        52,
        "KRB_ERR_RESPONSE_TOO_BIG",
        "the answer does not fit into UDP: normal, TCP is used then",
    ),
    code(
        60,
        "KRB_ERR_GENERIC",
        "an error without a code of its own, such as a ticket that grew too large",
    ),
    code(61, "KRB_ERR_FIELD_TOOLONG", "the message is too long"),
    code(
        62,
        "KDC_ERR_CLIENT_NOT_TRUSTED",
        "the KDC does not trust the user's certificate",
    ),
    code(
        63,
        "KDC_ERR_KDC_NOT_TRUSTED",
        "the KDC's certificate is not trusted",
    ),
    code(64, "KDC_ERR_INVALID_SIG", "a signature is wrong"),
    code(65, "KDC_ERR_KEY_TOO_WEAK", "the key is too weak"),
    code(
        66,
        "KDC_ERR_CERTIFICATE_MISMATCH",
        "the certificate is not the user's",
    ),
    code(
        67,
        "KRB_AP_ERR_NO_TGT",
        "there is no ticket-granting ticket to use",
    ),
    code(
        WRONG_REALM,
        "KDC_ERR_WRONG_REALM",
        "the user or the service is in another realm",
    ),
    code(
        69,
        "KRB_AP_ERR_USER_TO_USER_REQUIRED",
        "the service wants user-to-user authentication",
    ),
    code(
        70,
        "KDC_ERR_CANT_VERIFY_CERTIFICATE",
        "the KDC cannot check the certificate",
    ),
    code(
        71,
        "KDC_ERR_INVALID_CERTIFICATE",
        "the certificate is not valid",
    ),
    code(
        72,
        "KDC_ERR_REVOKED_CERTIFICATE",
        "the certificate was revoked",
    ),
    code(
        73,
        "KDC_ERR_REVOCATION_STATUS_UNKNOWN",
        "the KDC cannot find out whether the certificate was revoked",
    ),
    code(
        90,
        "KDC_ERR_PREAUTH_EXPIRED",
        "the pre-authentication took too long",
    ),
    code(
        91,
        "KDC_ERR_MORE_PREAUTH_DATA_REQUIRED",
        "the KDC wants more pre-authentication",
    ),
    code(
        93,
        "KDC_ERR_UNKNOWN_CRITICAL_FAST_OPTION",
        "the KDC does not know a FAST option",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_and_name_stands_once() {
        for (index, code) in TABLE.iter().enumerate() {
            assert!(
                TABLE[..index]
                    .iter()
                    .all(|other| other.number < code.number && other.name != code.name)
            );
        }
    }

    #[test]
    fn names_and_meanings_are_found() {
        assert_eq!(name(41), "KRB_AP_ERR_MODIFIED");
        assert_eq!(name(4711), "code 4711");
        assert!(meaning(7).contains("more than one"));
    }
}
