//! What is kept in Active Directory as bytes, and its names.

use sspi_doctor::directory::attribute::SERVICE_PRINCIPAL_NAME;
use sspi_doctor::directory::guid::ALLOWED_TO_AUTHENTICATE;
use sspi_doctor::directory::security_descriptor::{
    READ_PROPERTY, SecurityDescriptor, WRITE_PROPERTY,
};
use sspi_doctor::directory::sid::Sid;
use sspi_doctor::directory::spn::Spn;
use sspi_doctor::directory::trust::forest_information::{self, Record};
use sspi_doctor::directory::{filter, naming, service_account};
use sspi_doctor::sql_target::SqlTarget;

use super::screen;

/// nTSecurityDescriptor, and the attributes that have its form.
pub fn security_descriptor(data: &[u8]) {
    let Some(descriptor) = SecurityDescriptor::parse(data) else {
        return;
    };
    let entries = descriptor.dacl.as_deref().unwrap_or_default();
    // An entry has a head of four bytes and a mask.
    assert!(entries.len() <= data.len() / 8);
    let trustees = descriptor.allowed_trustees();
    assert!(trustees.len() <= entries.len());
    for trustee in entries.iter().map(|entry| &entry.trustee) {
        same_sid(trustee);
    }
    descriptor.owner.iter().for_each(same_sid);
    descriptor.group.iter().for_each(same_sid);
    let who = [Sid::everyone(), Sid::authenticated_users()];
    for right in [READ_PROPERTY, WRITE_PROPERTY] {
        descriptor.grants(&who, right, &SERVICE_PRINCIPAL_NAME);
        assert_eq!(
            descriptor.grants(&[], right, &SERVICE_PRINCIPAL_NAME),
            descriptor.dacl.is_none(),
            "only a missing DACL grants something to nobody"
        );
    }
    descriptor.grants_control(&trustees, ALLOWED_TO_AUTHENTICATE);
}

/// A SID is the same as bytes and as text.
fn same_sid(sid: &Sid) {
    assert_eq!(Sid::from_bytes(&sid.to_bytes()).as_ref(), Some(sid));
    assert_eq!(Sid::parse(&sid.to_string()).as_ref(), Some(sid));
}

/// msDS-TrustForestTrustInfo.
pub fn trust_information(data: &[u8]) {
    let Some(records) = forest_information::parse(data) else {
        return;
    };
    assert!(records.len() <= data.len() / 4);
    let mut outcome = screen::outcome("ldap-trusts");
    for record in &records {
        let name = match record {
            Record::Suffix { name, .. } | Record::Excluded { name } => name,
            Record::Domain {
                dns_name,
                netbios_name,
                sid,
                ..
            } => {
                sid.iter().for_each(same_sid);
                outcome.saw(dns_name.as_str(), netbios_name.as_str());
                dns_name
            }
        };
        outcome.saw("a suffix", name.as_str());
        forest_information::routes(&records, name);
    }
    assert!(!forest_information::routes(&[], "sql1.corp.example"));
    screen::assert_clean_value(&outcome.not_observed("the records are only read"));
}

/// Names that somebody wrote into the directory or typed, one a line.
pub fn names(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for line in text.lines() {
        if let Ok(spn) = Spn::parse(line) {
            assert_eq!(Spn::parse(&spn.to_string()).as_ref(), Ok(&spn));
        }
        if let Ok(target) = line.parse::<SqlTarget>() {
            screen::assert_clean_value(&target);
            let again = target.typed.parse::<SqlTarget>();
            assert_eq!(again.as_ref(), Ok(&target));
        }
        if let Some(sid) = Sid::parse(line) {
            same_sid(&sid);
        }
        let escaped = filter::equals("cn", line);
        assert_eq!(escaped.matches(['(', ')', '*']).count(), 2, "{escaped}");
        let domain = naming::distinguished_name_of(line);
        assert_eq!(
            naming::is_distinguished_name(&domain),
            line.trim_matches('.').contains('.')
        );
        let _ = naming::domain_of(line);
        let account = service_account::understand(line, Some("sql1.corp.example"));
        assert!(!account.meaning().is_empty());
    }
}
