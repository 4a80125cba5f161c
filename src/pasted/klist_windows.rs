//! The answers of Windows' `klist` and `klist get SPN` ("Klist", Windows Server
//! commands).

use super::text::value;
use super::told::{Cache, CachedTicket, Told};

/// Reads an answer; none when it is no answer of Windows' `klist`.
pub(super) fn read(text: &str, from: &str) -> Option<Told> {
    let lower = text.to_ascii_lowercase();
    let known = lower.contains("current logonid is")
        || lower.contains("cached tickets:")
        || lower.contains("kerbticket encryption type")
        || lower.contains("klist failed with 0x");
    if !known {
        return None;
    }
    let mut cache = Cache {
        source: from.to_owned(),
        ..Cache::default()
    };
    for line in text.lines() {
        let line = line.trim();
        // `#0>     Client: alice @ CORP.EXAMPLE`
        let behind = match line.split_once('>') {
            Some((number, rest)) if number.starts_with('#') => rest.trim(),
            _ => line,
        };
        if let Some(client) = value(behind, "Client") {
            cache.principal = Some(client.replace(" @ ", "@"));
        } else if let Some(server) = value(behind, "Server") {
            let (service, realm) = server.split_once('@').unwrap_or((server, ""));
            cache.tickets.push(CachedTicket {
                service: service.trim().to_owned(),
                realm: realm.trim().to_owned(),
                ..CachedTicket::default()
            });
        } else if let Some(failed) = failure(line) {
            cache.failure = Some(failed);
        } else if let Some(ticket) = cache.tickets.last_mut() {
            if let Some(kind) = value(behind, "KerbTicket Encryption Type") {
                ticket.encryption_type = Some(kind.to_owned());
            } else if let Some(end) = value(behind, "End Time") {
                ticket.ends = Some(end.to_owned());
            } else if let Some(kdc) = value(behind, "Kdc Called") {
                ticket.kdc = Some(kdc.to_owned());
            }
        }
    }
    let mut told = Told::default();
    told.sources.push(format!("klist ({from})"));
    told.caches.push(cache);
    Some(told)
}

/// `klist failed with 0xc000018b/-1073741429: …`, with what it means here.
fn failure(line: &str) -> Option<String> {
    let at = line.to_ascii_lowercase().find("klist failed with 0x")?;
    let code: String = line[at + "klist failed with ".len()..]
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect();
    let words = match code.to_ascii_lowercase().as_str() {
        // STATUS_NO_TRUST_SAM_ACCOUNT: what klist makes of KDC error 7.
        "0xc000018b" => "the KDC does not find the SPN: nobody holds it, or more than one account",
        // STATUS_NO_SUCH_LOGON_SESSION, STATUS_NO_LOGON_SERVERS.
        "0xc000005e" => "no domain controller could be reached",
        "0xc000006d" | "0xc0000234" => "the domain refuses the user",
        "0xc00002fd" | "0x80090342" => "no common encryption type",
        "0xc0000133" => "the clocks differ by too much",
        _ => "the reason is only in the code",
    };
    Some(format!("{code}, {words}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tickets_with_their_keys_and_kdc() {
        let text = "Current LogonId is 0:0x3e7b1\n\nCached Tickets: (2)\n\n\
            #0>     Client: alice @ CORP.EXAMPLE\n\
            \x20       Server: krbtgt/CORP.EXAMPLE @ CORP.EXAMPLE\n\
            \x20       KerbTicket Encryption Type: AES-256-CTS-HMAC-SHA1-96\n\
            \x20       End Time:   11/22/2026 19:00:00 (local)\n\
            \x20       Kdc Called: DC1.corp.example\n\n\
            #1>     Client: alice @ CORP.EXAMPLE\n\
            \x20       Server: MSSQLSvc/sql1.corp.example:1433 @ CORP.EXAMPLE\n\
            \x20       KerbTicket Encryption Type: RSADSI RC4-HMAC(NT)\n";
        let told = read(text, "klist.txt").unwrap();
        let cache = &told.caches[0];
        assert_eq!(cache.principal.as_deref(), Some("alice@CORP.EXAMPLE"));
        assert_eq!(cache.tickets.len(), 2);
        assert_eq!(cache.tickets[0].kdc.as_deref(), Some("DC1.corp.example"));
        assert_eq!(cache.tickets[1].service, "MSSQLSvc/sql1.corp.example:1433");
        assert_eq!(
            cache.tickets[1].encryption_type.as_deref(),
            Some("RSADSI RC4-HMAC(NT)")
        );
    }

    #[test]
    fn a_refused_ticket_says_why() {
        let text = "Current LogonId is 0:0x3e7b1\nError calling API LsaCallAuthenticationPackage (GetTicket substatus): 0x6fb\n\n\
            klist failed with 0xc000018b/-1073741429: The SAM database on the Windows Server does not have a computer account for this workstation trust relationship.\n";
        let told = read(text, "a").unwrap();
        assert!(
            told.caches[0]
                .failure
                .as_ref()
                .is_some_and(|words| words.contains("does not find the SPN"))
        );
    }
}
