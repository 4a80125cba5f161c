//! Words by which a message's stage is known.

use super::Stage::{
    self, AnyKerberos, Authorisation, Network, OwnTicket, Registration, SecondHop,
    ServerOpensTicket, ServiceTicket, Tls,
};

/// Words and what they mean.
pub(super) struct Sign {
    /// Each must be in the text, in lower case.
    words: &'static [&'static str],
    pub(super) stage: Stage,
    pub(super) explanation: &'static str,
    /// Whether the words stand in messages of several stages, so that a code
    /// decides.
    pub(super) general: bool,
}

const fn sign(words: &'static [&'static str], stage: Stage, explanation: &'static str) -> Sign {
    Sign {
        words,
        stage,
        explanation,
        general: false,
    }
}

const fn general(words: &'static [&'static str], stage: Stage, explanation: &'static str) -> Sign {
    Sign {
        words,
        stage,
        explanation,
        general: true,
    }
}

/// The first sign in a text, which is in lower case and on one line.
pub(super) fn first(lower: &str) -> Option<&'static Sign> {
    SIGNS
        .iter()
        .find(|sign| sign.words.iter().all(|words| lower.contains(words)))
}

const NO_CREDENTIALS: &str = "There is no ticket on that machine: nobody is signed in to the domain there, or the program does \
     not find the ticket cache.";
const UNKNOWN_SPN: &str = "The KDC gave no ticket for the server, error 7: nobody holds the SPN that the program asked for, or \
     more than one account does, or the name in it is wrong.";
const CANNOT_OPEN: &str = "There was a ticket, and the server could not open it. The SPN is on another account than the one \
     that SQL Server runs under, or SQL Server has an old key, or the name leads to another server.";
const NO_KDC: &str = "No domain controller answers that machine as a KDC: its DNS, its krb5.conf or a firewall is in the way.";
const SKEW: &str = "The clocks differ by more than five minutes. Kerberos then takes no ticket.";
const REGISTER: &str = "SQL Server could not register its SPN itself. That is no fault by itself: the SPN may be there \
     already, or an administrator registers it.";
const TLS: &str = "The encrypted connection could not be set up, before anybody logged in. This is about the \
     certificate or the TLS version, not about SSPI.";
const NOT_REACHED: &str = "The SQL Server was not reached at all: its name, port, instance or the network is wrong. Kerberos had \
     no part in it yet.";

/// The special ones first.
static SIGNS: &[Sign] = &[
    // SQL Server's error log.
    sign(
        &["could not register the service principal name"],
        Registration,
        REGISTER,
    ),
    sign(
        &["unable to register the service principal name"],
        Registration,
        REGISTER,
    ),
    // Windows' event log: Security-Kerberos 4, KDC 11.
    sign(&["krb_ap_err_modified"], ServerOpensTicket, CANNOT_OPEN),
    sign(
        &["multiple accounts with name", "ds_service_principal_name"],
        ServiceTicket,
        "Two accounts hold the same SPN, says the domain controller. It gives no ticket until only one is left.",
    ),
    sign(
        &["duplicate name", "ds_service_principal_name"],
        ServiceTicket,
        "Two accounts hold the same SPN, says the domain controller.",
    ),
    // The texts of MIT Kerberos, which every driver on Linux repeats.
    sign(
        &["client's credentials have been revoked"],
        OwnTicket,
        "The domain refuses the user: the account is disabled, locked out or expired.",
    ),
    sign(
        &["preauthentication failed"],
        OwnTicket,
        "The password of the user is wrong, or the clock is.",
    ),
    sign(
        &["password has expired"],
        OwnTicket,
        "The password of the user has expired.",
    ),
    sign(
        &["client not found in kerberos database"],
        OwnTicket,
        "The realm does not know the user: the name or the realm is wrong.",
    ),
    sign(
        &["client '", "not found in kerberos database"],
        OwnTicket,
        "The realm does not know the user: the name or the realm is wrong.",
    ),
    sign(
        &["server not found in kerberos database"],
        ServiceTicket,
        UNKNOWN_SPN,
    ),
    sign(
        &["server ", "not found in kerberos database"],
        ServiceTicket,
        UNKNOWN_SPN,
    ),
    sign(&["unknown while looking up"], ServiceTicket, UNKNOWN_SPN),
    sign(&["clock skew too great"], OwnTicket, SKEW),
    sign(
        &["ticket expired"],
        OwnTicket,
        "The ticket has expired. Sign in again (kinit).",
    ),
    sign(&["cannot contact any kdc"], OwnTicket, NO_KDC),
    sign(&["cannot find kdc for"], OwnTicket, NO_KDC),
    sign(&["cannot resolve", "kdc"], OwnTicket, NO_KDC),
    sign(
        &["no kerberos credentials available"],
        OwnTicket,
        NO_CREDENTIALS,
    ),
    sign(&["no credentials cache found"], OwnTicket, NO_CREDENTIALS),
    sign(&["no credentials were supplied"], OwnTicket, NO_CREDENTIALS),
    sign(
        &["unable to obtain principal name for authentication"],
        OwnTicket,
        NO_CREDENTIALS,
    ),
    sign(&["loginexception"], OwnTicket, NO_CREDENTIALS),
    sign(
        &["cannot authenticate using kerberos", "kinit"],
        AnyKerberos,
        "The driver got no ticket. It says kinit, but it says the same when the KDC does not find the SPN.",
    ),
    sign(
        &["no support for encryption type"],
        ServiceTicket,
        "The user, the KDC and the service account have no encryption type in common.",
    ),
    sign(
        &["supported encryption types"],
        ServiceTicket,
        "The user, the KDC and the service account have no encryption type in common.",
    ),
    sign(
        &["decrypt integrity check failed"],
        ServerOpensTicket,
        CANNOT_OPEN,
    ),
    sign(&["message stream modified"], ServerOpensTicket, CANNOT_OPEN),
    sign(
        &["key version is not available"],
        ServerOpensTicket,
        "The server's keytab is old: it lacks the key version with which the ticket is locked.",
    ),
    sign(
        &["key version number for principal in key table is incorrect"],
        ServerOpensTicket,
        "The server's keytab is old: it lacks the key version with which the ticket is locked.",
    ),
    sign(
        &["ticket isn't for us"],
        ServerOpensTicket,
        "The server's keytab has no key for the SPN that the ticket is for.",
    ),
    sign(&["krb_ap_err_tkt_nyv"], OwnTicket, SKEW),
    // The second hop.
    sign(
        &["anonymous logon"],
        SecondHop,
        "The user's name did not come through: the first SQL Server may not hand it on, or the first hop was NTLM.",
    ),
    sign(
        &["login failed for user '(null)'"],
        SecondHop,
        "The user's name did not come through: the first SQL Server may not hand it on, or the first hop was NTLM.",
    ),
    // SQL Server could not find out who knocks.
    sign(
        &["untrusted domain"],
        ServerOpensTicket,
        "SQL Server could not find out who you are: it could not open the ticket, does not trust your \
         domain, or cannot reach a domain controller. Its error log has the code (17806).",
    ),
    general(
        &["sspi handshake failed"],
        ServerOpensTicket,
        "SQL Server refused the ticket, or the NTLM logon. The code in the line says why.",
    ),
    // What Windows says.
    general(
        &["target principal name is incorrect"],
        ServerOpensTicket,
        CANNOT_OPEN,
    ),
    sign(
        &["kerberos", "wrong principal"],
        ServerOpensTicket,
        CANNOT_OPEN,
    ),
    // SQL Server lets nobody in.
    general(
        &["login failed for user"],
        Authorisation,
        "Kerberos works: SQL Server knows who you are, and has no login for you, or denies it.",
    ),
    sign(
        &["cannot open database", "requested by the login"],
        Authorisation,
        "You are logged in, but the database is not there or not open to you. That is no SPN problem.",
    ),
    // TLS before the network, because TLS errors name a provider too.
    sign(&["certificate verify failed"], Tls, TLS),
    sign(
        &["certificate chain was issued by an authority that is not trusted"],
        Tls,
        TLS,
    ),
    sign(&["certificate was rejected"], Tls, TLS),
    sign(&["ssl provider"], Tls, TLS),
    sign(&["ssl security error"], Tls, TLS),
    sign(&["could not establish a secure connection"], Tls, TLS),
    sign(&["pkix path building failed"], Tls, TLS),
    sign(&["encryption not supported on"], Tls, TLS),
    sign(&["does not allow the requested encryption level"], Tls, TLS),
    // The network.
    sign(
        &["error locating server/instance specified"],
        Network,
        "The instance is not known: SQL Server Browser does not answer (UDP 1434), or there is no instance of that name.",
    ),
    sign(
        &["sql browser timeout"],
        Network,
        "The instance is not known: SQL Server Browser does not answer (UDP 1434).",
    ),
    sign(
        &["length specified in network packet payload did not match"],
        Network,
        "Something that is no SQL client spoke to the port, such as a scanner, a load balancer or an old driver.",
    ),
    sign(
        &["network-related or instance-specific error"],
        Network,
        NOT_REACHED,
    ),
    sign(
        &["could not open a connection to sql server"],
        Network,
        NOT_REACHED,
    ),
    sign(
        &["tcp/ip connection to the host", "has failed"],
        Network,
        NOT_REACHED,
    ),
    sign(&["no such host is known"], Network, NOT_REACHED),
    sign(&["name or service not known"], Network, NOT_REACHED),
    sign(&["unknownhostexception"], Network, NOT_REACHED),
    sign(&["tcp provider", "error code 0x"], Network, NOT_REACHED),
    sign(
        &["adaptive server is unavailable or does not exist"],
        Network,
        NOT_REACHED,
    ),
    sign(&["connection refused"], Network, NOT_REACHED),
    sign(&["login timeout expired"], Network, NOT_REACHED),
    // What could be anything.
    general(
        &["cannot generate sspi context"],
        AnyKerberos,
        "The client could not make a ticket for the server. The message does not say at which stage it stopped.",
    ),
    general(
        &["integrated authentication failed"],
        AnyKerberos,
        "The driver could not make a ticket for the server. The lines below it often say more.",
    ),
    general(
        &["adaptive server connection failed"],
        AnyKerberos,
        "FreeTDS says this for every Kerberos error. Its log (TDSDUMP) says more.",
    ),
    general(
        &["sspi provider"],
        AnyKerberos,
        "The driver could not make a ticket for the server.",
    ),
    general(
        &["gssapi error"],
        AnyKerberos,
        "The driver could not make a ticket for the server.",
    ),
    general(
        &["gss_init_sec_context"],
        AnyKerberos,
        "The driver could not make a ticket for the server.",
    ),
    general(
        &["gssexception"],
        AnyKerberos,
        "The driver could not make a ticket for the server.",
    ),
    general(
        &["authentication failed", "kerberos"],
        AnyKerberos,
        "Kerberos did not succeed; the message does not say at which stage.",
    ),
];
