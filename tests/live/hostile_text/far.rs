//! Hostile text in what leads elsewhere: trustedDomain objects with their forest
//! trust information, and the targets of CNAME and SRV records.

use lab::directory::Rules;
use lab::dns::Record;
use lab::lab::Lab;
use sspi_doctor::fix::quote::{ldif, ldif_bytes};

use super::inert::{assert_inert, assert_plain_lines, markdown_is_inert};
use super::plant::CANARY;
use super::printed;
use crate::browser::Browser;
use crate::walk::{MAIN, PROGRAM, SQL1, Walked, keep_a_ticket_for, lab, on_client, repair, walk};

/// As long as a label of DNS may be, without a dot.
const LABEL: &str = "x'$(touch${IFS}canary-of-hostile-text)\u{1b}[5i\u{202e}*)(<b>";
/// A name of a trust, which may hold more.
const PARTNER: &str = "FORGED\u{1b}]0;PWNED\u{7}\u{202e}\n# FORGED\n*)(objectClass=*\
    <script>window.hit=1</script>'\"`$(touch canary-of-hostile-text).evil.example";
const FLAT: &str = "EVILNET";
const SYSTEM: &str = "CN=System,DC=corp,DC=example";
const REAL: &str = "CN=partner.example,CN=System,DC=corp,DC=example";

/// Of each plant what must be found in a journal, or the test proves nothing.
const OF_TRUSTS: &[&str] = &[
    // trustPartner and flatName of the trusts beside it, a suffix of the real one.
    "forged<U+001B>]0;pwned<U+0007><U+202E>",
    "NET<U+001B>[5i",
    "x'$(touch${IFS}canary-of-hostile-text)<U+001B>[5i<U+202E>",
];

/// A lab whose directories are put back, however the test ends.
struct Planted<'a>(&'a Lab);

impl Drop for Planted<'_> {
    fn drop(&mut self) {
        let put_back = self.0.reset_directories();
        if !std::thread::panicking() {
            put_back.expect("the directories are as they were");
        }
    }
}

/// ForestTrustInfo ([MS-ADTS] 6.1.6.9.3): the suffix that is routed, one that
/// wants to act, and a domain with such names.
fn forest_information() -> Vec<u8> {
    let counted = |bytes: &[u8]| {
        let mut text = length(bytes).to_le_bytes().to_vec();
        text.extend(bytes);
        text
    };
    let suffix = |name: &str| [vec![0], counted(name.as_bytes())].concat();
    let mut sid = vec![1, 4, 0, 0, 0, 0, 0, 5];
    for part in [21_u32, 7, 7, 7] {
        sid.extend(part.to_le_bytes());
    }
    let evil = format!("{LABEL}.evil.example");
    let domain = [
        vec![2],
        counted(&sid),
        counted(evil.as_bytes()),
        counted(b"NET\x1b[5i"),
    ]
    .concat();
    let records = [suffix("partner.example"), suffix(&evil), domain];
    let mut blob = 1_u32.to_le_bytes().to_vec();
    blob.extend(u32::try_from(records.len()).unwrap_or(0).to_le_bytes());
    for record in records {
        // No flags, no time.
        let record = [vec![0; 12], record].concat();
        blob.extend(counted(&record));
    }
    blob
}

fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

/// The trust with PARTNER gets a hostile description and suffixes; beside it
/// stands one with hostile names.
fn plant_trusts(lab: &Lab) {
    let real = format!(
        "{}\nchangetype: modify\nreplace: description\n{}\n-\nreplace: msDS-TrustForestTrustInfo\n{}\n\n",
        ldif("dn", REAL),
        ldif("description", PARTNER),
        ldif_bytes("msDS-TrustForestTrustInfo", &forest_information()),
    );
    let second = format!(
        "{}\nchangetype: add\nobjectClass: trustedDomain\n{}\n{}\n{}\n\
         securityIdentifier: S-1-5-21-7-7-7\ntrustDirection: 3\ntrustType: 2\n\
         trustAttributes: 8\n\n",
        ldif("dn", &format!("CN=evil.example,{SYSTEM}")),
        ldif("trustPartner", PARTNER),
        ldif("flatName", FLAT),
        ldif("description", PARTNER),
    );
    let third = second
        .replace("CN=evil.example", "CN=net.example")
        .replace(&ldif("flatName", FLAT), &ldif("flatName", "NET\u{1b}[5i"))
        .replace("S-1-5-21-7-7-7", "S-1-5-21-7-7-8");
    lab.ldbmodify("dc1", Rules::Relaxed, &[real, second, third].concat())
        .expect("Samba takes the trusts");
}

/// What a command of the program prints about a session.
fn of(lab: &Lab, walked: &Walked, command: &str, more: &[&str]) -> String {
    let session = walked.document["session"].as_str().expect("its name");
    let mut asked = on_client(lab, PROGRAM);
    asked.args([command, session]).args(more);
    printed(command, asked)
}

/// The journal, read and inert, as are the texts that are made of it.
fn texts(lab: &Lab, walked: &Walked) -> String {
    assert_inert("progress", walked.progress.as_bytes());
    assert_inert("document", walked.document.to_string().as_bytes());
    of(lab, walked, "fix", &["--for", "windows"]);
    of(lab, walked, "fix", &["--for", "linux"]);
    assert_plain_lines(&of(lab, walked, "export", &[]));
    let markdown = of(lab, walked, "export", &["--format", "markdown"]);
    markdown_is_inert(lab, &markdown);
    for place in [".", "/", "/root", "/tmp"] {
        let canary = std::path::Path::new(place).join(CANARY);
        assert!(!canary.exists(), "a value was run: {}", canary.display());
    }
    journal(walked)
}

/// The page shows it, and it makes nothing there.
fn page(lab: &Lab, walked: &Walked, shown: &str) {
    let page = lab.dir().join("hostile-far.html");
    let html = of(lab, walked, "export", &["--format", "html"]);
    std::fs::write(&page, html).expect("the page");
    let mut browser = Browser::start();
    browser.open(&page);
    assert_eq!(browser.value("window.hit === undefined"), true);
    assert_eq!(browser.requests().len(), 1, "{:?}", browser.requests());
    let elements = "document.querySelectorAll('script, img, svg, a, b, iframe, h1 ~ h1').length";
    assert_eq!(browser.value(elements), 0);
    let text = browser.value("document.body.textContent");
    assert!(text.as_str().expect("a text").contains(shown), "not shown");
}

fn journal(walked: &Walked) -> String {
    let place = walked
        .progress
        .lines()
        .find_map(|line| line.strip_prefix("journal: "))
        .expect("the journal's place is told");
    let bytes = std::fs::read(place).expect("the journal");
    assert_inert("journal", &bytes);
    String::from_utf8(bytes).expect("it was looked at")
}

#[test]
fn names_of_trusts_act_on_nothing() {
    let lab = lab();
    keep_a_ticket_for(&lab, "dc2.partner.example");
    let _planted = Planted(&lab);
    plant_trusts(&lab);
    let server = ("server", "sqlp.partner.example,1433");
    let walked = walk(&lab, "domain-trust", &[server]);
    let read = texts(&lab, &walked);
    for plant in OF_TRUSTS {
        assert!(read.contains(plant), "{plant} was never read");
    }
    page(&lab, &walked, "forged");
    // An account of the domain whose trust has no possible name: it is looked
    // for there, and the name leads to no other question.
    let account = format!(r"{FLAT}\svc_sql");
    let known = [("server", SQL1), ("service_account", account.as_str())];
    let walked = walk(&lab, MAIN, &known);
    let read = texts(&lab, &walked);
    let asked = "`_ldap._tcp.dc._msdcs.FORGED<U+001B>]0;PWNED<U+0007><U+202E>";
    assert!(read.contains(asked), "the trust was never followed");
}

/// An alias leads to a host whose name wants to act, which becomes part of the
/// SPN; a domain controller and a KDC are named so too.
#[test]
fn targets_of_records_act_on_nothing() {
    let lab = lab();
    let _planted = Planted(&lab);
    let record = |zone, name: &str, kind, data: &str| {
        let record = Record {
            zone,
            name: name.to_owned(),
            kind,
            data: data.to_owned(),
        };
        lab.dns_add(&record).expect("the record is added");
    };
    let target = format!("{LABEL}.corp.example");
    record("corp.example", "shop", "CNAME", &target);
    record("corp.example", LABEL, "A", "10.88.0.31");
    for (zone, name, port) in [
        ("_msdcs.corp.example", "_ldap._tcp.dc", 389),
        ("corp.example", "_kerberos._tcp", 88),
    ] {
        record(zone, name, "SRV", &format!("dc{target} {port} 0 100"));
    }
    let set = [
        ("server", "shop.corp.example"),
        ("service_account", r"CORP\svc_sql"),
    ];
    let walked = walk(&lab, MAIN, &set);
    assert_eq!(
        walked.causes(),
        ["alias-without-spn"],
        "{}",
        walked.progress
    );
    let read = texts(&lab, &walked);
    // Names of DNS are told as in a zone's file (RFC 1035 5.1).
    let shown = r"x\'\$\(touch\$\{ifs\}canary-of-hostile-text\)\033\[5i\342\200\256";
    let read = read.replace(r"\\", r"\");
    assert!(read.contains(&format!("MSSQLSvc/{shown}")), "the alias");
    assert!(read.contains(&format!("dc{shown}")), "the controllers");
    page(&lab, &walked, shown);
    // The script registers exactly that name.
    repair(&lab, &walked);
    let held = lab
        .samba_tool("dc1", &["spn", "list", "svc_sql"])
        .expect("the account is there");
    assert!(held.contains(&format!("MSSQLSvc/{shown}")), "{held}");
    texts(&lab, &walked);
}
