//! The rootDSE of a domain controller ([MS-ADTS] 3.1.1.3.2).

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::entry::Entry;
use crate::directory::{naming, time};

/// What a rootDSE says.
#[derive(Clone, Debug)]
pub struct RootDse {
    /// defaultNamingContext.
    pub default_naming_context: String,
    /// rootDomainNamingContext.
    pub root_naming_context: String,
    /// configurationNamingContext.
    pub configuration_naming_context: String,
    /// dnsHostName.
    pub dns_host_name: Option<String>,
    /// serverName: the server's object below its site.
    pub server_name: Option<String>,
    /// ldapServiceName, `domain:host$@REALM`.
    pub ldap_service_name: Option<String>,
    /// currentTime.
    pub current_time: Option<Timestamp>,
    /// The server's clock minus ours.
    pub clock_offset: Option<SignedDuration>,
    /// domainFunctionality, forestFunctionality, domainControllerFunctionality.
    pub levels: [Option<i64>; 3],
    /// isGlobalCatalogReady.
    pub global_catalog: Option<bool>,
    /// isSynchronized.
    pub synchronized: Option<bool>,
    /// vendorName: Samba's controllers tell it, those of Windows have none.
    pub vendor: Option<String>,
    /// supportedSASLMechanisms.
    pub sasl_mechanisms: Vec<String>,
}

impl RootDse {
    /// The attributes to ask for.
    pub const ATTRIBUTES: &'static [&'static str] = &[
        "defaultNamingContext",
        "rootDomainNamingContext",
        "configurationNamingContext",
        "dnsHostName",
        "serverName",
        "ldapServiceName",
        "currentTime",
        "domainFunctionality",
        "forestFunctionality",
        "domainControllerFunctionality",
        "isGlobalCatalogReady",
        "isSynchronized",
        "vendorName",
        "supportedSASLMechanisms",
    ];

    /// Reads an answer that came at `now` after `round_trip`.
    pub fn read(entry: &Entry, now: Timestamp, round_trip: Duration) -> Option<Self> {
        let current_time = entry
            .text("currentTime")
            .and_then(|text| time::from_generalized(&text));
        // The server looked at its clock between question and answer, and tells
        // whole seconds, cut off: half of each is taken as the middle.
        let asked = SignedDuration::try_from(round_trip / 2).unwrap_or_default();
        let clock_offset = current_time
            .map(|theirs| theirs.duration_since(now) + asked + SignedDuration::from_millis(500));
        Some(Self {
            default_naming_context: entry.text("defaultNamingContext")?,
            root_naming_context: entry.text("rootDomainNamingContext")?,
            configuration_naming_context: entry.text("configurationNamingContext")?,
            dns_host_name: entry.text("dnsHostName"),
            server_name: entry.text("serverName"),
            ldap_service_name: entry.text("ldapServiceName"),
            current_time,
            clock_offset,
            levels: [
                entry.number("domainFunctionality"),
                entry.number("forestFunctionality"),
                entry.number("domainControllerFunctionality"),
            ],
            global_catalog: entry.truth("isGlobalCatalogReady"),
            synchronized: entry.truth("isSynchronized"),
            vendor: entry.text("vendorName"),
            sasl_mechanisms: entry.texts("supportedSASLMechanisms"),
        })
    }

    /// The domain's DNS name.
    pub fn domain(&self) -> Option<String> {
        naming::domain_of(&self.default_naming_context)
    }

    /// The forest's DNS name.
    pub fn forest(&self) -> Option<String> {
        naming::domain_of(&self.root_naming_context)
    }

    /// The realm: as the server's own principal has it.
    pub fn realm(&self) -> Option<String> {
        self.ldap_service_name
            .as_deref()
            .and_then(|name| name.rsplit_once('@'))
            .map(|(_, realm)| realm.to_owned())
            .or_else(|| self.domain().map(|domain| naming::realm_of(&domain)))
    }

    /// The site: the third name of the server's object,
    /// `CN=DC1,CN=Servers,CN=Site,CN=Sites,…`.
    pub fn site(&self) -> Option<String> {
        let part = self.server_name.as_deref()?.split(',').nth(2)?;
        part.split_once('=').map(|(_, site)| site.to_owned())
    }
}

/// A functional level in words ([MS-ADTS] 6.1.4.2).
pub fn level_words(level: i64) -> String {
    match level {
        0 => "Windows 2000".to_owned(),
        1 => "Windows Server 2003 interim".to_owned(),
        2 => "Windows Server 2003".to_owned(),
        3 => "Windows Server 2008".to_owned(),
        4 => "Windows Server 2008 R2".to_owned(),
        5 => "Windows Server 2012".to_owned(),
        6 => "Windows Server 2012 R2".to_owned(),
        7 => "Windows Server 2016".to_owned(),
        10 => "Windows Server 2025".to_owned(),
        other => format!("level {other}"),
    }
}
