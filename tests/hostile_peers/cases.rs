//! Every probe with the arguments that lead it to a hostile host.

use std::path::{Path, PathBuf};

use serde_json::json;
use sspi_doctor::probe::credential::{Credentials, KerberosCredential, UserPassword};
use sspi_doctor::probe::{LiveSession, ProbeRequest, Settings};
use sspi_doctor::secret::Secret;

use super::behaviour::{Host, address_of};
use super::{names, tickets};

/// As whom a probe asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum As {
    /// It needs nobody.
    Nobody,
    /// A user with a password, sent inside TLS.
    Password,
    /// A ticket of the default cache.
    Ticket,
    /// A ticket-granting ticket of the host's own realm.
    OwnCache,
    /// A SQL login.
    SqlLogin,
}

/// A probe that meets a host.
pub struct Case {
    pub request: ProbeRequest,
    pub peer: &'static str,
    who: As,
    /// Whether the host is the name server as well.
    asks_its_names: bool,
    files: PathBuf,
}

impl Case {
    /// The probe, and as whom it asks.
    pub fn name(&self) -> String {
        let probe = &self.request.probe;
        match self.who {
            As::Nobody => probe.clone(),
            As::Password => format!("{probe}, password"),
            As::Ticket | As::OwnCache => format!("{probe}, ticket"),
            As::SqlLogin => format!("{probe}, SQL login"),
        }
    }

    /// A session of its own.
    pub fn session(&self) -> LiveSession {
        let user_password = |user: String| UserPassword {
            user,
            password: Secret::new("Pa55word".to_owned()),
        };
        let kerberos = match self.who {
            As::Password => KerberosCredential::Password(user_password(format!(
                "alice@{}",
                tickets::realm(self.peer)
            ))),
            As::OwnCache => KerberosCredential::Cache(self.files.join(self.peer)),
            As::Nobody | As::Ticket | As::SqlLogin => KerberosCredential::DefaultCache,
        };
        let name_server = if self.asks_its_names {
            address_of(self.peer).unwrap()
        } else {
            names::SERVER
        };
        LiveSession {
            settings: Settings {
                name_servers: vec![name_server.into()],
                ca_file: Some(self.files.join("ca.pem")),
                ..Settings::default()
            },
            credentials: Credentials {
                kerberos,
                sql_login: (self.who == As::SqlLogin).then(|| user_password("report".to_owned())),
            },
            ..LiveSession::default()
        }
    }
}

/// The probes that ask directories.
fn of_directories(domain: &str, server: &str, spn: &str) -> [ProbeRequest; 8] {
    let ask = |probe: &str| ProbeRequest::new(probe);
    [
        ask("ldap-root").with("domain", domain),
        ask("ldap-spn")
            .with("spns", json!([spn]))
            .with("domain", domain),
        ask("ldap-spn-consistency")
            .with("spns", json!([spn]))
            .with("domain", domain),
        ask("ldap-account")
            .with("account", "svc_sql")
            .with("domain", domain),
        ask("ldap-trusts")
            .with("from_domain", domain)
            .with("to_domain", "elsewhere.example"),
        ask("ldap-allowed-to-authenticate")
            .with("host", server)
            .with("domain", domain)
            .with("user", "alice")
            .with("user_domain", domain),
        ask("ldap-groups-across")
            .with("user", "alice")
            .with("user_domain", domain)
            .with("server_domain", "elsewhere.example"),
        ask("ldap-delegation")
            .with("middle", "svc_sql")
            .with("domain", domain)
            .with("back_end_spns", json!([spn])),
    ]
}

/// All probes that ask this host.
pub fn of(host: &Host, files: &Path) -> Vec<Case> {
    let peer = host.name();
    let domain = format!("{peer}.example");
    let server = format!("dc.{domain}");
    let realm = tickets::realm(peer);
    let spn = format!("MSSQLSvc/{server}:1433");
    let ask = |probe: &str| ProbeRequest::new(probe);
    let on_port =
        |probe: &str, port: u16| ask(probe).with("host", server.as_str()).with("port", port);
    let directory = of_directories(&domain, &server, &spn);
    let case = |request: ProbeRequest, who: As| Case {
        request,
        peer,
        who,
        asks_its_names: false,
        files: files.to_owned(),
    };
    let mut cases: Vec<Case> = directory
        .iter()
        .map(|request| case(request.clone(), As::Password))
        .collect();
    if host.is_polite() {
        return cases;
    }
    cases.extend(
        directory
            .iter()
            .map(|request| case(request.clone(), As::Ticket)),
    );
    cases.extend(
        [
            ask("dns-forward").with("name", server.as_str()),
            ask("dns-reverse").with("addresses", json!(["192.0.2.7"])),
            ask("dns-locate").with("domain", domain.as_str()),
        ]
        .map(|request| Case {
            asks_its_names: true,
            ..case(request, As::Nobody)
        }),
    );
    let kdcs = json!([server]);
    cases.extend(
        [
            on_port("tcp-connect", 1433),
            ask("sql-browser")
                .with("host", server.as_str())
                .with("instance", "INST1"),
            on_port("sql-prelogin", 1433),
            on_port("sql-identity", 1433),
            ask("kerberos-udp")
                .with("realm", realm.as_str())
                .with("hosts", kdcs.clone()),
            ask("kerberos-kdc")
                .with("realm", realm.as_str())
                .with("hosts", kdcs),
            ask("kerberos-trusted-realm")
                .with("realm", realm.as_str())
                .with("other", "ELSEWHERE.EXAMPLE")
                .with("controller", server.as_str()),
        ]
        .map(|request| case(request, As::Nobody)),
    );
    let service = ask("kerberos-service-ticket").with("spn", spn.as_str());
    let login = on_port("sql-login-kerberos", 1433).with("spn", spn.as_str());
    cases.extend([
        case(ask("kerberos-ticket"), As::Password),
        case(service.clone(), As::Password),
        case(service, As::OwnCache),
        case(login.clone(), As::Password),
        case(login, As::OwnCache),
        case(on_port("sql-session", 1433), As::Ticket),
        case(
            on_port("sql-session", 1433)
                .with("login", "sql")
                .with("trust_certificate", true),
            As::SqlLogin,
        ),
    ]);
    cases
}
