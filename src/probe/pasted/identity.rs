//! Whether two texts name the same account. They come from different tools, so
//! what is not certain is not known.

use serde_json::{Value, json};

use crate::pasted::Told;
use crate::pasted::told::Identity;

/// An account that is looked for, as somebody typed it.
pub(super) struct Wanted {
    /// As it was typed.
    pub(super) typed: String,
    /// sAMAccountName in lower case, without the `$`.
    name: String,
    /// What stands before the backslash, or after the `@`.
    domain: Option<String>,
    /// Its distinguished name, when a listing tells it.
    distinguished_name: Option<String>,
    /// Whether it is the computer itself.
    computer: bool,
}

impl Wanted {
    /// An account by name. LocalSystem, NetworkService and virtual accounts are
    /// the computer in the directory.
    pub(super) fn new(typed: &str, host: Option<&str>, told: &Told) -> Option<Self> {
        let typed = typed.trim();
        let lower = typed.to_lowercase();
        let own = lower == "localsystem"
            || lower == "system"
            || lower.starts_with("nt authority\\")
            || lower.starts_with("nt service\\");
        let (name, domain) = if own {
            let host = host?.split('.').next()?.to_lowercase();
            (host, None)
        } else if let Some((domain, name)) = lower.split_once('\\') {
            // `.\name` is an account of one machine only.
            if domain == "." {
                return None;
            }
            (name.to_owned(), Some(domain.to_owned()))
        } else if let Some((name, domain)) = lower.split_once('@') {
            (name.to_owned(), Some(domain.to_owned()))
        } else if lower.starts_with("cn=") {
            (
                Identity::of_distinguished_name(&lower)
                    .common_name()?
                    .to_owned(),
                None,
            )
        } else {
            (lower.clone(), None)
        };
        if name.is_empty() {
            return None;
        }
        let mut wanted = Self {
            typed: typed.to_owned(),
            computer: own || name.ends_with('$'),
            name: name.trim_end_matches('$').to_owned(),
            domain,
            distinguished_name: lower.starts_with("cn=").then(|| typed.to_owned()),
        };
        if wanted.distinguished_name.is_none() {
            // `setspn -L` and SQLCheck link names with distinguished names.
            wanted.distinguished_name = told
                .listed
                .iter()
                .chain(told.holders.iter().map(|holder| &holder.who))
                .filter(|who| {
                    who.account
                        .as_deref()
                        .is_some_and(|account| wanted.is_named(account))
                })
                .find_map(|who| who.distinguished_name.clone());
        }
        Some(wanted)
    }

    /// Whether this name is the wanted account's; the domain counts when both
    /// have one.
    fn is_named(&self, account: &str) -> bool {
        let account = account.trim().to_lowercase();
        let (domain, name) = match account.split_once('\\') {
            Some((domain, name)) => (Some(domain.to_owned()), name.to_owned()),
            None => match account.split_once('@') {
                Some((name, domain)) => (Some(domain.to_owned()), name.to_owned()),
                None => (None, account.clone()),
            },
        };
        let domains = match (&self.domain, &domain) {
            (Some(one), Some(other)) => first_label(one) == first_label(other),
            _ => true,
        };
        domains && name.trim_end_matches('$') == self.name
    }

    /// Whether an account is the wanted one; none when the texts do not say.
    pub(super) fn is(&self, who: &Identity) -> Option<bool> {
        if let Some(account) = &who.account {
            return Some(self.is_named(account));
        }
        let name = who.distinguished_name.as_deref()?;
        if let Some(own) = &self.distinguished_name {
            return Some(own.eq_ignore_ascii_case(name));
        }
        let common = who.common_name()?.to_lowercase();
        let domain = who.domain().unwrap_or_default();
        let same_domain = self
            .domain
            .as_ref()
            .is_none_or(|own| first_label(own) == first_label(&domain));
        if common == self.name && same_domain {
            return Some(true);
        }
        // A common name is only by custom the account's name. Of computers it
        // always is, so an object among the computers is another account.
        let lower = name.to_lowercase();
        let is_computer =
            lower.contains(",cn=computers,") || lower.contains(",ou=domain controllers,");
        (is_computer && common != self.name).then_some(false)
    }

    /// As flows hand accounts on. Null when its domain is not certain.
    pub(super) fn record(&self, server_domain: Option<&str>) -> Value {
        let by_name = self
            .distinguished_name
            .as_deref()
            .and_then(|name| Identity::of_distinguished_name(name).domain());
        let domain = by_name.or_else(|| {
            let server_domain = server_domain?;
            self.domain
                .as_ref()
                .is_none_or(|own| first_label(own) == first_label(server_domain))
                .then(|| server_domain.to_lowercase())
        });
        let Some(domain) = domain else {
            return Value::Null;
        };
        let netbios = first_label(self.domain.as_deref().unwrap_or(&domain)).to_uppercase();
        let sam = if self.computer {
            format!("{}$", self.name)
        } else {
            self.name.clone()
        };
        json!({
            "name": format!("{netbios}\\{sam}"),
            "sam_account_name": sam,
            "domain": domain,
            "netbios_domain": netbios,
            "distinguished_name": self.distinguished_name,
            "sid": null,
            "class": if self.computer { "computer" } else { "user" },
        })
    }
}

/// Any account as flows hand it on, with what the texts tell.
pub(super) fn record(who: &Identity) -> Value {
    let name = who
        .account
        .clone()
        .or_else(|| who.common_name().map(str::to_owned))
        .unwrap_or_default();
    let (netbios, sam) = match &who.account {
        Some(account) => match account.split_once('\\') {
            Some((domain, name)) => (Some(domain.to_owned()), Some(name.to_owned())),
            None => (None, Some(account.clone())),
        },
        None => (None, None),
    };
    json!({
        "name": name,
        "sam_account_name": sam,
        "domain": who.domain(),
        "netbios_domain": netbios,
        "distinguished_name": who.distinguished_name,
        "sid": null,
        "class": sam.as_ref().map(|sam| if sam.ends_with('$') { "computer" } else { "user" }),
    })
}

/// Whether a record has what a repair needs.
pub(super) fn is_complete(account: &Value) -> bool {
    ["sam_account_name", "domain", "class"]
        .iter()
        .all(|field| account[*field].is_string())
}

fn first_label(domain: &str) -> String {
    domain.split('.').next().unwrap_or_default().to_lowercase()
}
