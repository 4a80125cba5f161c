//! A report of Microsoft's SQLCheck: the part about each instance, with the
//! service account and the table of suggested SPNs.
//!
//! SQLCheck looks in the computer's own domain only. It leaves the status empty
//! when several accounts hold an SPN.

use super::text::value;
use super::told::{Identity, SearchResult, Service, Told};

/// What stands before the account in a row of the table.
const WRONG: &str = "spn is on the wrong account:";

/// Reads a report; none when it is none.
pub(super) fn read(text: &str, from: &str) -> Option<Told> {
    let mut told = Told::default();
    let mut host: Option<String> = None;
    let mut service = Service::default();
    let mut in_table = false;
    let mut known = false;
    for line in text.lines() {
        let trimmed = line.trim();
        let lower = trimmed.to_ascii_lowercase();
        if let Some(name) = ["FQDN", "Computer Name", "Server Name"]
            .iter()
            .find_map(|name| value(trimmed, name))
        {
            if !name.is_empty() && (host.is_none() || name.contains('.')) {
                host = Some(name.to_lowercase());
            }
        } else if lower.starts_with("details for sql server instance:") {
            keep(&mut told, &mut service);
            let name = trimmed["details for sql server instance:".len()..]
                .split('(')
                .next()
                .unwrap_or_default()
                .trim()
                .to_uppercase();
            service = Service {
                host: host.clone(),
                instance: (name != "MSSQLSERVER" && !name.is_empty()).then_some(name),
                platform: "Windows".to_owned(),
                source: from.to_owned(),
                ..Service::default()
            };
            in_table = false;
            known = true;
        } else if let Some(account) = value(trimmed, "SPN Account")
            .or_else(|| value(trimmed, "Service Account"))
            .filter(|account| !account.is_empty())
        {
            if service.account.is_none() {
                service.account = Some(account.to_owned());
            }
        } else if lower.starts_with("suggested spn") {
            in_table = true;
            known = true;
        } else if in_table {
            if trimmed.is_empty() || trimmed.starts_with("---") {
                continue;
            }
            if !row(&mut told, trimmed, service.account.as_deref(), from) {
                in_table = false;
            }
        }
    }
    keep(&mut told, &mut service);
    if !known {
        return None;
    }
    told.sources.push(format!("SQLCheck ({from})"));
    Some(told)
}

fn keep(told: &mut Told, service: &mut Service) {
    if service.account.is_some() {
        told.services.push(std::mem::take(service));
    }
}

/// `MSSQLSvc/sql1.corp.example:1433  True  Okay`; false when it is no row.
fn row(told: &mut Told, line: &str, service_account: Option<&str>, from: &str) -> bool {
    let mut parts = line.splitn(2, char::is_whitespace);
    let (Some(spn), Some(rest)) = (parts.next(), parts.next()) else {
        return false;
    };
    let rest = rest.trim();
    let exists = rest.split_whitespace().next().unwrap_or_default();
    if !super::setspn::is_spn(spn)
        || !(exists.eq_ignore_ascii_case("true") || exists.eq_ignore_ascii_case("false"))
    {
        return false;
    }
    let status = rest[exists.len()..].trim();
    let lower = status.to_ascii_lowercase();
    let result = if lower.starts_with("okay") {
        if let Some(account) = service_account {
            told.holds(spn, Identity::of_account(account), from);
        }
        SearchResult::HeldRightly
    } else if lower.starts_with("spn does not exist") {
        SearchResult::Missing
    } else if lower.starts_with(WRONG) {
        // `sam, DN`
        let (account, name) = status[WRONG.len()..]
            .split_once(',')
            .unwrap_or((&status[WRONG.len()..], ""));
        let who = Identity {
            account: Some(account.trim().to_owned()),
            distinguished_name: Some(name.trim().to_owned()).filter(|name| !name.is_empty()),
        };
        told.holds(spn, who, from);
        SearchResult::HeldWrongly
    } else if status.is_empty() && exists.eq_ignore_ascii_case("true") {
        SearchResult::Duplicate
    } else {
        return true;
    };
    told.searched(spn, result, false, from);
    if let Some(search) = told.searches.last_mut() {
        search.service_account = service_account.map(str::to_owned);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) const REPORT: &str = "\
Computer Name:              SQL1
FQDN:                       SQL1.corp.example

Details for SQL Server Instance: MSSQLSERVER (Developer Edition)

Version:                    16.0.1000.6 SP  Patch Level: 16.0.1000.6
TCP Port(s):                1433
Service Account:            CORP\\svc_sql
SPN Account:                CORP\\svc_sql

    Suggested SPN                    Exists  Status
    -------------------------------  ------  ------------------
    MSSQLSvc/sql1.corp.example:1433  True    SPN is on the wrong account: SQL1$, CN=SQL1,CN=Computers,DC=corp,DC=example
    MSSQLSvc/sql1.corp.example       True
    MSSQLSvc/sql1:1433               False   SPN does not exist.
    MSSQLSvc/sql1                    True    Okay

Warning: something
";

    #[test]
    fn the_table_and_the_account() {
        let told = read(REPORT, "report").unwrap();
        let service = &told.services[0];
        assert_eq!(service.host.as_deref(), Some("sql1.corp.example"));
        assert_eq!(service.instance, None);
        assert_eq!(service.account.as_deref(), Some(r"CORP\svc_sql"));
        let results: Vec<SearchResult> = told.searches.iter().map(|one| one.result).collect();
        assert_eq!(
            results,
            [
                SearchResult::HeldWrongly,
                SearchResult::Duplicate,
                SearchResult::Missing,
                SearchResult::HeldRightly
            ]
        );
        assert_eq!(told.holders[0].who.account.as_deref(), Some("SQL1$"));
        assert_eq!(told.holders[0].who.common_name(), Some("SQL1"));
    }

    #[test]
    fn the_table_alone_is_enough() {
        let told = read(
            "Suggested SPN                      Exists  Status\n\n-----  ----  ----\n\nMSSQLSvc/testsqlsvr.corp.com:2000  True    Okay\n\nMSSQLSvc/testsqlsvr  False   SPN does not exist.\n",
            "a",
        )
        .unwrap();
        assert_eq!(told.searches.len(), 2);
    }
}
