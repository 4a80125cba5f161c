//! Advice that goes around and does harm: recognised in a text, with the reason
//! and what to do instead.

mod sign;

/// One piece of advice.
#[derive(Debug, PartialEq, Eq)]
pub struct Advice {
    /// The id, in kebab-case; the catalogue's `beware` names it.
    pub id: &'static str,
    /// What people say, in a few words.
    pub says: &'static str,
    /// Why it is bad.
    pub why: &'static str,
    /// What to do instead.
    pub instead: &'static str,
    /// Where that can be read.
    pub source: &'static str,
}

/// All of it, in the order in which it is told.
pub static ALL: &[Advice] = &[
    Advice {
        id: "setspn-a",
        says: "setspn -A",
        why: "-A adds the SPN without looking whether another account holds it. A second holder is \
              worse than none: the KDC then gives no ticket to anybody (error 7).",
        instead: "Look first (setspn -F -Q SPN), then add with a check: setspn -F -U -S SPN DOMAIN\\account.",
        source: "Microsoft, Windows Server commands, \"setspn\"",
    },
    Advice {
        id: "spn-on-both",
        says: "Add the SPN to both accounts",
        why: "An SPN must be unique in the forest. With two holders the KDC cannot choose a key and \
              gives no ticket at all.",
        instead: "Keep it on the account that SQL Server runs under, and take it from every other one: \
                  setspn -D SPN DOMAIN\\account.",
        source: "[MS-ADTS] 3.1.1.5.1.3, \"Uniqueness Constraints\"; Microsoft, \"Register a Service Principal Name for Kerberos Connections\"",
    },
    Advice {
        id: "host-spn-with-port",
        says: "Register HOST/server:1433",
        why: "No SQL program asks for a HOST SPN. They ask for MSSQLSvc, so this helps nobody, and HOST \
              belongs to the computer account.",
        instead: "Register MSSQLSvc/server.domain:1433 and MSSQLSvc/server.domain on the service account.",
        source: "Microsoft, \"Register a Service Principal Name for Kerberos Connections\"",
    },
    Advice {
        id: "malformed-spn",
        says: "An SPN of a form that cannot be",
        why: "No program ever asks for it. It looks registered, but it is as if nothing were there.",
        instead: "The forms are MSSQLSvc/host.domain:PORT, and MSSQLSvc/host.domain for the default \
                  instance or MSSQLSvc/host.domain:INSTANCE for a named one.",
        source: "Microsoft, \"Register a Service Principal Name for Kerberos Connections\"",
    },
    Advice {
        id: "enable-rc4",
        says: "Enable RC4",
        why: "RC4 is broken, and Windows takes it away. It hides the real fault: the account has no AES \
              keys because its password is older than AES, or AES is not allowed for it.",
        instead: "Set the account's password anew (this makes AES keys), allow AES128 and AES256 for it \
                  (msDS-SupportedEncryptionTypes 0x18), and restart the service.",
        source: "[MS-KILE] 2.2.7; Microsoft, \"Network security: Configure encryption types allowed for Kerberos\"",
    },
    Advice {
        id: "validated-write-user",
        says: "Give the service account \"Validated write to service principal name\"",
        why: "The validated write only accepts names of the object's own computer, so it works on \
              computer accounts and group managed service accounts, and never on a user account.",
        instead: "For a user account grant SELF \"Read servicePrincipalName\" and \"Write \
                  servicePrincipalName\" on that one account, or let an administrator register the SPN, \
                  or use a group managed service account.",
        source: "[MS-ADTS] 3.1.1.5.3.1.1.4, \"servicePrincipalName\" validated writes",
    },
    Advice {
        id: "restart-netlogon",
        says: "Restart Netlogon",
        why: "Netlogon does not register SQL Server's SPNs and holds no Kerberos tickets. It changes \
              nothing here, and it breaks logons on a domain controller for a moment.",
        instead: "After a change of an SPN: wait for replication, then klist purge on the client. SQL \
                  Server registers its SPN when SQL Server itself starts.",
        source: "Microsoft, \"Register a Service Principal Name for Kerberos Connections\"; \"klist\"",
    },
    Advice {
        id: "use-ntlm",
        says: "Use NTLM, or disable Kerberos",
        why: "It hides the fault. NTLM does not prove who the server is, never works for a second hop, \
              and is being removed from Windows.",
        instead: "Repair the SPN. Until then a SQL login is a smaller evil than NTLM.",
        source: "Microsoft, \"NTLM overview\"; [MS-NLMP] 5.1, \"Security Considerations for Implementers\"",
    },
    Advice {
        id: "remove-all-spns",
        says: "Delete the SPNs, so that it falls back to NTLM",
        why: "The error goes away because nobody checks the server any more. Linux clients, linked \
              servers and delegation stop, and other services on the account may stop too.",
        instead: "Remove an SPN only from an account that should not hold it; keep it on the one that \
                  SQL Server runs under.",
        source: "Microsoft, \"Cannot generate SSPI context error\", troubleshooting SQL Server connectivity",
    },
    Advice {
        id: "trust-server-certificate",
        says: "TrustServerCertificate",
        why: "It belongs to TLS, not to SSPI, and repairs nothing of Kerberos. It also lets anybody in \
              between pretend to be the server.",
        instead: "For an SSPI error look at the SPN. For a certificate error install a certificate with \
                  the server's name from a trusted authority, or trust that authority on the client.",
        source: "Microsoft, SqlClient and ODBC connection options, \"Encryption and certificate validation\"",
    },
    Advice {
        id: "dns-canonicalize",
        says: "Set dns_canonicalize_hostname = false",
        why: "Then the name goes into the SPN exactly as it was typed: short names and aliases fail. \
              And Microsoft's drivers form the SPN themselves, whatever this setting says.",
        instead: "Set rdns = false in [libdefaults] of krb5.conf where the reverse record is wrong, or \
                  better, repair the reverse record; and type the server's full name.",
        source: "MIT Kerberos, krb5.conf, [libdefaults]",
    },
    Advice {
        id: "by-address",
        says: "Connect by the IP address",
        why: "There is no SPN for an address. Windows falls back to NTLM without a word, and programs \
              on Linux fail.",
        instead: "Use the full name of the server; repair DNS when the name does not lead there.",
        source: "Microsoft, \"Kerberos clients allow IPv4 and IPv6 address hostnames in SPNs\" (off by default)",
    },
    Advice {
        id: "domain-admin",
        says: "Make the service account a domain administrator",
        why: "Then whoever takes over SQL Server owns the domain. All that is wanted is the right to \
              write one attribute of one account.",
        instead: "Let an administrator register the SPN once, grant SELF the write on that one \
                  account, or use a group managed service account.",
        source: "Microsoft, \"Configure Windows service accounts and permissions\" (SQL Server)",
    },
    Advice {
        id: "unconstrained-delegation",
        says: "Trust the account for delegation to any service",
        why: "Unconstrained delegation hands the tickets of every user who connects to whoever \
              controls that server. It does nothing for a first hop.",
        instead: "Only for a second hop, and only to the back end's SPN: constrained or resource-based \
                  delegation.",
        source: "[MS-SFU] 1.3.1; Microsoft, \"Kerberos constrained delegation overview\"",
    },
    Advice {
        id: "disable-extended-protection",
        says: "Turn Extended Protection off",
        why: "It protects logins from being relayed. Turning it off makes an old driver work and opens \
              the server for everybody.",
        instead: "Update the driver, or set it to \"Allowed\" while old drivers are replaced.",
        source: "Microsoft, \"Connect to the Database Engine using Extended Protection\"",
    },
];

/// The advice with this id.
pub fn by_id(id: &str) -> Option<&'static Advice> {
    ALL.iter().find(|advice| advice.id == id)
}

/// The bad advice in a text, each once.
pub fn read(text: &str) -> Vec<&'static Advice> {
    let text = super::text::clean(text);
    ALL.iter()
        .filter(|advice| sign::is_in(advice.id, &text))
        .collect()
}

impl Advice {
    /// What it is, why it is bad and what to do instead, on one line.
    pub fn words(&self) -> String {
        format!("\"{}\": {} Instead: {}", self.says, self.why, self.instead)
    }
}
