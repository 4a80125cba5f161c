//! Kerberos files that lead to the hostile hosts: a krb5.conf in which each is
//! the KDC of its realm, and caches with tickets that no KDC made.

use std::fmt::Write as _;
use std::path::Path;

use super::behaviour::{ALL, address_of};

/// The realm of a hostile host.
pub fn realm(name: &str) -> String {
    format!("{name}.example").to_uppercase()
}

/// Writes `krb5.conf`, `default`, which has a ticket for the directory of each
/// host, and for each host a cache with its name and its realm's tickets.
pub fn write(files: &Path) {
    let mut conf = "[libdefaults]\n default_realm = HOME.EXAMPLE\n dns_lookup_kdc = false\n \
                    dns_canonicalize_hostname = false\n rdns = false\n[realms]\n"
        .to_owned();
    let mut map = "[domain_realm]\n".to_owned();
    let home = "HOME.EXAMPLE";
    let mut default = cache(home);
    default.extend(ticket(home, home, &["krbtgt", home]));
    for (name, ..) in ALL {
        let (realm, address) = (realm(name), address_of(name).unwrap());
        writeln!(conf, " {realm} = {{\n  kdc = {address}:88\n }}").unwrap();
        writeln!(map, " .{name}.example = {realm}").unwrap();
        let host = format!("dc.{name}.example");
        default.extend(ticket(home, &realm, &["ldap", &host]));
        let own = [cache(&realm), ticket(&realm, &realm, &["krbtgt", &realm])].concat();
        std::fs::write(files.join(name), own).unwrap();
    }
    std::fs::write(files.join("default"), default).unwrap();
    std::fs::write(files.join("krb5.conf"), conf + &map).unwrap();
}

/// MIT krb5, "Credential cache file format", version 4, without a header.
fn cache(realm: &str) -> Vec<u8> {
    [vec![5, 4, 0, 0], principal(1, realm, &["alice"])].concat()
}

fn data(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap();
    [&length.to_be_bytes()[..], bytes].concat()
}

fn principal(kind: u32, realm: &str, parts: &[&str]) -> Vec<u8> {
    let count = u32::try_from(parts.len()).unwrap();
    let mut bytes = [kind.to_be_bytes(), count.to_be_bytes()].concat();
    bytes.extend(data(realm.as_bytes()));
    for part in parts {
        bytes.extend(data(part.as_bytes()));
    }
    bytes
}

fn element(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    let content = parts.concat();
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    [vec![tag, 0x82], length.to_vec(), content].concat()
}

fn ticket(client: &str, realm: &str, service: &[&str]) -> Vec<u8> {
    const AES256: u8 = 18;
    let number = |value: u8| element(2, &[vec![value]]);
    let text = |text: &str| element(0x1b, &[text.as_bytes().to_vec()]);
    let field = |tag: u8, content: Vec<u8>| element(0xa0 | tag, &[content]);
    let names: Vec<Vec<u8>> = service.iter().map(|part| text(part)).collect();
    let name = element(
        0x30,
        &[field(0, number(2)), field(1, element(0x30, &names))],
    );
    let sealed = element(
        0x30,
        &[
            field(0, number(AES256)),
            field(1, number(2)),
            field(2, element(4, &[vec![9; 60]])),
        ],
    );
    let parts = [
        field(0, number(5)),
        field(1, text(realm)),
        field(2, name),
        field(3, sealed),
    ];
    let ticket = element(0x61, &[element(0x30, &parts)]);
    let mut bytes = principal(1, client, &["alice"]);
    bytes.extend(principal(2, realm, service));
    bytes.extend([0, AES256]);
    bytes.extend(data(&[7; 32]));
    let now = u32::try_from(jiff::Timestamp::now().as_second()).unwrap();
    for moment in [now - 60, now - 60, now + 36_000, 0] {
        bytes.extend(moment.to_be_bytes());
    }
    // No key of another, the flags, no addresses, no authorization data.
    bytes.push(0);
    bytes.extend(0x4021_0000_u32.to_be_bytes());
    bytes.extend([0; 8]);
    bytes.extend(data(&ticket));
    bytes.extend(data(&[]));
    bytes
}
