//! `kerberos-configuration`: what krb5.conf of this machine makes of a server.

use std::time::Duration;

use futures_util::future::BoxFuture;

use super::krb5_conf::Krb5Conf;
use crate::probe::by_hand::posix;
use crate::probe::declare::{fact, fault, good, optional};
use crate::probe::{Consent, Context, FactKind, Outcome, Probe, ProbeDeclaration, ProbeRequest};

/// What the probe takes and tells.
static DECLARATION: ProbeDeclaration = ProbeDeclaration {
    key: "kerberos-configuration",
    title: "Kerberos configuration",
    help: "Reads krb5.conf of this machine: the default realm, and the realm that `[domain_realm]` gives a server. Asks nobody.",
    consent: Consent::Silent,
    deadline: Duration::from_secs(2),
    arguments: &[optional(
        "host",
        FactKind::HostName,
        "the server whose realm is looked for",
    )],
    statuses: &[
        good("configured", "there is a default realm"),
        fault(
            "no-default-realm",
            "there is none: programs that do not name a realm themselves fail",
        ),
    ],
    facts: &[
        fact(
            "file",
            FactKind::Text,
            "the files that were read; null when there are none",
        ),
        fact("default_realm", FactKind::HostName, "the default realm"),
        fact(
            "host_realm",
            FactKind::HostName,
            "the realm that `[domain_realm]` gives the host; null when it does not name it",
        ),
        fact(
            "faults",
            FactKind::List(&FactKind::Text),
            "what is wrong in the files, with file and line",
        ),
        fact(
            "local_user",
            FactKind::Text,
            "the user of this machine who runs this program",
        ),
    ],
};

/// The probe.
#[derive(Debug)]
pub struct KerberosConfiguration;

impl Probe for KerberosConfiguration {
    fn declaration(&self) -> &'static ProbeDeclaration {
        &DECLARATION
    }

    fn observe<'a>(
        &'a self,
        request: &'a ProbeRequest,
        context: &'a Context,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let conf = Krb5Conf::read(context.session.settings.krb5_conf.as_deref());
            let user = ["USER", "LOGNAME"]
                .iter()
                .find_map(|name| std::env::var(name).ok());
            observe(&conf, request.optional_text("host"), user)
        })
    }
}

fn observe(conf: &Krb5Conf, host: Option<&str>, user: Option<String>) -> Outcome {
    let mut outcome = Outcome::of(&DECLARATION);
    let files: Vec<String> = conf
        .files
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    let file = (!files.is_empty()).then(|| files.join(", "));
    let host_realm = host.and_then(|host| conf.realm_of_host(host));
    let mut words = match conf.default_realm() {
        Some(realm) => format!("default realm: {realm}"),
        None => "no default realm".to_owned(),
    };
    if let (Some(host), Some(realm)) = (host, host_realm) {
        words = format!("{words}; [domain_realm] gives {host} the realm {realm}");
    }
    for fault in &conf.faults {
        words.push_str("; ");
        words.push_str(fault);
    }
    outcome
        .saw(file.as_deref().unwrap_or("krb5.conf"), &words)
        .by_hand_linux(format!(
            "grep -nE 'default_realm|domain_realm' {}",
            posix(files.first().map_or("/etc/krb5.conf", String::as_str))
        ))
        // Without arguments it prints the realms and the hosts mapped to them.
        .by_hand_windows("ksetup")
        .fact("file", file)
        .fact("default_realm", conf.default_realm())
        .fact("host_realm", host_realm)
        .fact("faults", conf.faults.clone())
        .fact("local_user", user);
    if let Some(realm) = conf.default_realm() {
        outcome.summary(format!("default realm {realm}"));
        outcome.finish("configured")
    } else {
        outcome.summary("no default realm");
        outcome.finish("no-default-realm")
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::*;

    #[test]
    fn the_realm_of_the_server_is_told() {
        let text = "[libdefaults]\ndefault_realm = CORP.EXAMPLE\n[domain_realm]\n.corp.example = OLD.EXAMPLE\n";
        let conf = Krb5Conf::from_text(Path::new("/etc/krb5.conf"), text);
        let outcome = observe(&conf, Some("sql1.corp.example"), Some("alice".to_owned()));
        assert_eq!(outcome.status, "configured");
        assert_eq!(*outcome.fact("host_realm"), json!("OLD.EXAMPLE"));
        let other = observe(&conf, Some("sql1.other.example"), None);
        assert_eq!(*other.fact("host_realm"), json!(null));
    }

    #[test]
    fn no_default_realm_is_seen() {
        let conf = Krb5Conf::from_text(Path::new("/etc/krb5.conf"), "[libdefaults]\n");
        assert_eq!(observe(&conf, None, None).status, "no-default-realm");
    }
}
