//! krb5.conf as far as this program follows it. What the system's Kerberos
//! library would do is what a driver on this host would do, so the same file
//! is read by the same rules: MIT krb5, "krb5.conf" manual page.

use std::path::{Path, PathBuf};

use super::encryption;

mod profile;

pub use profile::Entry;

/// What krb5.conf says. The default is what holds without any file.
#[derive(Clone, Debug, Default)]
pub struct Krb5Conf {
    /// The files that were read, in order.
    pub files: Vec<PathBuf>,
    /// What is wrong, each with file and line.
    pub faults: Vec<String>,
    entries: Vec<Entry>,
}

impl Krb5Conf {
    /// Reads the file of the settings, else those of `KRB5_CONFIG`, else
    /// `/etc/krb5.conf`. A file that is missing is a fault only when someone
    /// named it.
    pub fn read(chosen: Option<&Path>) -> Self {
        let named = chosen.map(|path| vec![path.to_owned()]).or_else(|| {
            std::env::var_os("KRB5_CONFIG")
                .filter(|value| !value.is_empty())
                .map(|value| std::env::split_paths(&value).collect())
        });
        let mut conf = Self::default();
        match named {
            Some(paths) => paths.iter().for_each(|path| conf.add(path, true)),
            None => conf.add(Path::new("/etc/krb5.conf"), false),
        }
        conf.check();
        conf
    }

    fn add(&mut self, path: &Path, named: bool) {
        if !named && !path.exists() {
            return;
        }
        profile::read(path, &mut self.files, &mut self.entries, &mut self.faults);
    }

    /// Reads from a text, as if it were this file.
    pub fn from_text(path: &Path, text: &str) -> Self {
        let mut conf = Self::default();
        conf.files.push(path.to_owned());
        profile::parse(
            path,
            text,
            0,
            &mut conf.files,
            &mut conf.entries,
            &mut conf.faults,
        );
        conf.check();
        conf
    }

    /// Finds values that are read, but cannot mean what was wanted.
    fn check(&mut self) {
        for entry in &self.entries {
            let path: Vec<&str> = entry.path.iter().map(String::as_str).collect();
            let words = match path.as_slice() {
                ["libdefaults", "default_realm"] | ["domain_realm", _]
                    if entry.value.chars().any(char::is_lowercase) =>
                {
                    format!(
                        "`{}` is not in capitals: the realm of an Active Directory domain is its \
                         DNS name in capitals, and case counts",
                        entry.value
                    )
                }
                [
                    "libdefaults",
                    "permitted_enctypes" | "default_tgs_enctypes" | "default_tkt_enctypes",
                ] => match unknown_type(&entry.value) {
                    Some(word) => format!("`{word}` is no encryption type, and is passed over"),
                    None => continue,
                },
                ["realms", _, "kdc"] if super::kdc::Kdc::parse(&entry.value).is_none() => {
                    format!("`{}` is no KDC that this program can ask", entry.value)
                }
                _ => continue,
            };
            self.faults.push(format!("{}: {words}", entry.place));
        }
    }

    pub(super) fn default_of(&self, name: &str) -> Option<&str> {
        self.entries
            .iter()
            .find(|entry| {
                matches!(entry.path.as_slice(), [section, key]
                    if section == "libdefaults" && key == name)
            })
            .map(|entry| entry.value.as_str())
    }

    /// A switch of `[libdefaults]`.
    fn switch(&self, name: &str, otherwise: bool) -> bool {
        match self
            .default_of(name)
            .map(str::to_ascii_lowercase)
            .as_deref()
        {
            Some("y" | "yes" | "true" | "t" | "1" | "on") => true,
            Some("n" | "no" | "false" | "nil" | "0" | "off" | "f") => false,
            _ => otherwise,
        }
    }

    /// `default_realm`.
    pub fn default_realm(&self) -> Option<&str> {
        self.default_of("default_realm")
    }

    /// `default_ccache_name`, with its `%{…}` as they stand.
    pub fn default_cache_name(&self) -> Option<&str> {
        self.default_of("default_ccache_name")
    }

    /// `kcm_socket`: where the KCM daemon listens, when not at its usual place.
    pub fn kcm_socket(&self) -> Option<&str> {
        self.default_of("kcm_socket")
    }

    /// `dns_lookup_kdc`: whether SRV records are asked for KDCs.
    pub fn looks_up_kdcs(&self) -> bool {
        self.switch("dns_lookup_kdc", true)
    }

    /// The KDCs that `[realms]` names for a realm, as `host` or `host:port`.
    pub fn kdcs(&self, realm: &str) -> Vec<&str> {
        self.entries
            .iter()
            .filter(|entry| {
                matches!(entry.path.as_slice(), [section, of, key]
                    if section == "realms" && of == realm && key == "kdc")
            })
            .map(|entry| entry.value.as_str())
            .collect()
    }

    /// The names of the realms that `[realms]` describes.
    pub fn realms(&self) -> impl Iterator<Item = &str> {
        self.entries
            .iter()
            .filter_map(|entry| match entry.path.as_slice() {
                [section, realm, ..] if section == "realms" => Some(realm.as_str()),
                _ => None,
            })
    }

    /// The realm that `[domain_realm]` gives a host: its own entry first, then
    /// `.suffix`, the longest first; a domain without the dot also matches
    /// what is below it, as MIT krb5 does it.
    pub fn realm_of_host(&self, host: &str) -> Option<&str> {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let lookup = |key: &str| {
            self.entries
                .iter()
                .find(|entry| {
                    matches!(entry.path.as_slice(), [section, domain]
                        if section == "domain_realm" && domain.eq_ignore_ascii_case(key))
                })
                .map(|entry| entry.value.as_str())
        };
        if let Some(realm) = lookup(&host) {
            return Some(realm);
        }
        let mut rest = host.as_str();
        while let Some((_, parent)) = rest.split_once('.') {
            if let Some(realm) = lookup(&format!(".{parent}")).or_else(|| lookup(parent)) {
                return Some(realm);
            }
            rest = parent;
        }
        None
    }

    /// What `permitted_enctypes` restricts this client to; nothing when it is
    /// not set or says `DEFAULT` alone.
    pub fn permitted_encryption_types(&self) -> Option<Vec<i32>> {
        encryption_types(self.default_of("permitted_enctypes")?)
    }

    /// The encryption types to ask for in an AS-REQ or TGS-REQ, the preferred
    /// one first: what the file allows, of what this program knows; when they
    /// have nothing in common, what the file says.
    pub fn requested_encryption_types(&self, option: RequestedBy) -> Vec<i32> {
        let option = match option {
            RequestedBy::As => "default_tkt_enctypes",
            RequestedBy::Tgs => "default_tgs_enctypes",
        };
        let listed = self
            .default_of(option)
            .and_then(encryption_types)
            .or_else(|| self.permitted_encryption_types())
            .unwrap_or_else(|| encryption::SUPPORTED.to_vec());
        let permitted = self.permitted_encryption_types();
        let known: Vec<i32> = listed
            .iter()
            .copied()
            .filter(|kind| encryption::SUPPORTED.contains(kind))
            .filter(|kind| permitted.as_ref().is_none_or(|list| list.contains(kind)))
            .collect();
        if known.is_empty() { listed } else { known }
    }
}

/// Which of the two requests.
#[derive(Clone, Copy, Debug)]
pub enum RequestedBy {
    /// AS-REQ.
    As,
    /// TGS-REQ.
    Tgs,
}

/// The words of a list of encryption types.
fn words(list: &str) -> impl Iterator<Item = String> {
    list.split(|character: char| character == ',' || character.is_ascii_whitespace())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
}

/// The first word of such a list that names no type.
fn unknown_type(list: &str) -> Option<String> {
    words(list).find(|word| {
        let name = word.trim_start_matches(['+', '-']);
        name != "default" && name != "des" && encryption::numbers(name).is_none()
    })
}

/// A list of encryption types, each once: words, `DEFAULT`, and `-word` to take
/// one away.
fn encryption_types(list: &str) -> Option<Vec<i32>> {
    let mut found: Vec<i32> = Vec::new();
    for word in words(list) {
        if let Some(taken) = word.strip_prefix('-') {
            let taken = encryption::numbers(taken).unwrap_or_default();
            found.retain(|kind| !taken.contains(kind));
            continue;
        }
        let kinds = match word.strip_prefix('+').unwrap_or(&word) {
            "default" => vec![18, 17, 20, 19, 23, 25, 26],
            word => encryption::numbers(word).unwrap_or_default(),
        };
        for kind in kinds {
            if !found.contains(&kind) {
                found.push(kind);
            }
        }
    }
    (!found.is_empty() && !list.trim().eq_ignore_ascii_case("default")).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conf(text: &str) -> Krb5Conf {
        Krb5Conf::from_text(Path::new("krb5.conf"), text)
    }

    const PLAIN: &str = "\
# a comment
[libdefaults]
    default_realm = CORP.EXAMPLE
    dns_lookup_kdc = false
    permitted_enctypes = aes256-cts, rc4-hmac
    default_ccache_name = FILE:/run/user/%{uid}/krb5cc
[realms]
    CORP.EXAMPLE = {
        kdc = dc1.corp.example
        kdc = dc2.corp.example:1088
        admin_server = dc1.corp.example
        auth_to_local_names = {
            kdc = not-a-kdc
        }
    }
    OTHER.EXAMPLE = { kdc = dc.other.example
    }
[domain_realm]
    .corp.example = CORP.EXAMPLE
    sql9.corp.example = OTHER.EXAMPLE
    lab.example = LAB.EXAMPLE
";

    #[test]
    fn the_usual_file_is_understood() {
        let conf = conf(PLAIN);
        assert_eq!(conf.faults, Vec::<String>::new());
        assert_eq!(conf.default_realm(), Some("CORP.EXAMPLE"));
        assert!(!conf.looks_up_kdcs());
        assert_eq!(
            conf.kdcs("CORP.EXAMPLE"),
            ["dc1.corp.example", "dc2.corp.example:1088"]
        );
        assert_eq!(conf.kdcs("OTHER.EXAMPLE"), ["dc.other.example"]);
        assert_eq!(conf.kdcs("NONE.EXAMPLE"), Vec::<&str>::new());
        assert_eq!(conf.requested_encryption_types(RequestedBy::Tgs), [18, 23]);
    }

    #[test]
    fn a_host_gets_the_realm_of_its_longest_entry() {
        let conf = conf(PLAIN);
        assert_eq!(
            conf.realm_of_host("SQL1.corp.example."),
            Some("CORP.EXAMPLE")
        );
        assert_eq!(
            conf.realm_of_host("sql9.corp.example"),
            Some("OTHER.EXAMPLE")
        );
        assert_eq!(conf.realm_of_host("a.b.lab.example"), Some("LAB.EXAMPLE"));
        assert_eq!(conf.realm_of_host("corp.example"), None);
        assert_eq!(conf.realm_of_host("sql1"), None);
    }

    #[test]
    fn faults_name_file_and_line_and_the_rest_is_still_read() {
        let conf = conf(
            "junk\n[libdefaults]\n default_realm CORP\n}\n default_realm = A\n[realms]\n A = {\n",
        );
        assert_eq!(conf.default_realm(), Some("A"));
        for (fault, line) in conf.faults.iter().zip([1, 3, 4, 7]) {
            assert!(fault.starts_with(&format!("krb5.conf:{line}: ")), "{fault}");
        }
        assert_eq!(conf.faults.len(), 4);
    }

    #[test]
    fn values_that_cannot_be_meant_are_told() {
        let conf = conf(
            "[libdefaults]\ndefault_realm = corp.example\npermitted_enctypes = aes256-cts rot13\n\
             [domain_realm]\n.corp.example = Corp.Example\n\
             [realms]\nA = {\nkdc = https://proxy/KdcProxy\n}\n",
        );
        assert_eq!(conf.requested_encryption_types(RequestedBy::Tgs), [18]);
        for (fault, expected) in conf.faults.iter().zip([
            "krb5.conf:2: `corp.example` is not in capitals",
            "krb5.conf:3: `rot13` is no encryption type",
            "krb5.conf:5: `Corp.Example` is not in capitals",
            "krb5.conf:8: `https://proxy/KdcProxy` is no KDC",
        ]) {
            assert!(fault.starts_with(expected), "{fault}");
        }
        assert_eq!(conf.faults.len(), 4);
    }

    #[test]
    fn types_can_be_taken_away_from_the_default() {
        let conf = conf("[libdefaults]\npermitted_enctypes = DEFAULT -rc4 -aes128-cts\n");
        assert_eq!(conf.requested_encryption_types(RequestedBy::As), [18]);
        // A list without end is read in its own time.
        let long = "DEFAULT ".repeat(60_000) + &"-rc4 ".repeat(60_000);
        assert_eq!(encryption_types(&long).unwrap().len(), 6);
        assert_eq!(
            Krb5Conf::default().requested_encryption_types(RequestedBy::As),
            [18, 17, 23]
        );
    }

    #[test]
    fn a_named_file_that_is_missing_is_a_fault() {
        let conf = Krb5Conf::read(Some(Path::new("/nonexistent/krb5.conf")));
        assert_eq!(conf.faults.len(), 1);
        assert!(conf.faults[0].contains("/nonexistent/krb5.conf"));
    }

    #[test]
    fn included_directories_are_read_and_circles_end() {
        let folder = tempfile::tempdir().unwrap();
        let main = folder.path().join("krb5.conf");
        let below = folder.path().join("krb5.conf.d");
        std::fs::create_dir(&below).unwrap();
        std::fs::write(below.join("a.conf"), "[libdefaults]\ndefault_realm = IN\n").unwrap();
        std::fs::write(below.join("b.rpmsave~"), "[libdefaults\n").unwrap();
        std::fs::write(
            &main,
            format!(
                "includedir {}\ninclude {}\n",
                below.display(),
                main.display()
            ),
        )
        .unwrap();
        let conf = Krb5Conf::read(Some(&main));
        assert_eq!(conf.default_realm(), Some("IN"));
        assert_eq!(conf.faults.len(), 1, "{:?}", conf.faults);
    }
}
