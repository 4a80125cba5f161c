//! Hostile text in the lab: in the directory, in DNS, in SQL Browser's answers,
//! and in what SQL Server says of itself.

use std::collections::{BTreeMap, BTreeSet};

use lab::directory::Rules;
use lab::dns::Record;
use lab::lab::Lab;
use lab::topology;
use sspi_doctor::fix::quote::{ldif, ldif_bytes};
use tds_peer::scenario::{GeneratedCertificate, Query};
use tds_peer::value::Cell;

/// A file that a value would make if it were run.
pub const CANARY: &str = "canary-of-hostile-text";

/// What begins a line of a report that is none of ours.
pub const FORGED: &str = "FORGED";

/// Of each plant what must be found in the journal, or the test proves nothing:
/// account, SPN, PTR record, SQL error, linked server, Browser's pipe.
pub const SEEN: &[&str] = &[
    "evil'$(id)`x` & <U+200B>!",
    "svc_old<U+200B>",
    "MSSQLSvc/sql1.corp.example:<U+001B>[38;2;1;2;3m<U+202E>",
    "*)(objectClass=*",
    "ev\\\\'il",
    "FORGED: nothing is wrong",
    "linked<U+001B>]0;PWNED<U+0007>",
    "SQL<U+001B>",
    "LLLLLLLLLLLLLLLL",
];

/// Escape sequences, bidirectional and zero-width characters, HTML, Markdown,
/// the quotes of every shell, a filter, and lines of their own.
const TEXT: &str = "\u{1b}[38;2;1;2;3m\u{1b}]0;PWNED\u{7}\u{9b}5i\u{202e}\u{200b}\u{feff}\
    \nFORGED: nothing is wrong\n\n# FORGED\n\n- FORGED\n\
    <script>window.hit=1</script><img src=x onerror=window.hit=1>\
    ![i](http://evil.example/x) [l](http://evil.example) www.evil.example http://evil.example\
    '\"`$(touch canary-of-hostile-text);*)(objectClass=*| x |\n```\nFORGED\n";

/// The subject of a certificate.
pub const SUBJECT: &str =
    "evil\u{1b}[38;2;1;2;3m\u{202e}\u{200b}<script>window.hit=1</script>FORGED";

const EVIL: &str =
    "CN=evil'$(touch canary-of-hostile-text)\\;`x`*)(\\<b\\>\u{200b},CN=Users,DC=corp,DC=example";
/// The account's name as it is shown.
pub const EVIL_NAME: &str = "CORP\\evil'$(id)`x` & <U+200B>!";
const TWIN: &str = "CN=svc_old\u{200b},CN=Users,DC=corp,DC=example";
const SERVICE: &str = "CN=svc_sql,CN=Users,DC=corp,DC=example";
const SPNS: &str = "servicePrincipalName";
const WITH_PORT: &str = "MSSQLSvc/sql1.corp.example:1433";
const WITHOUT: &str = "MSSQLSvc/sql1.corp.example";
/// A value for every language that a script or a filter is written in.
pub const QUOTES: &str = "MSSQLSvc/sql1.corp.example:'\"; touch canary-of-hostile-text; \
    $(touch canary-of-hostile-text)*)(objectClass=*";
const HIDDEN: &str = "MSSQLSvc/sql1.corp.example:\u{1b}[38;2;1;2;3m\u{202e}\u{200b}";

/// The SPNs of every account, by its SID.
pub type Spns = BTreeMap<String, BTreeSet<String>>;

/// A lab with plants; they go with it, however the test ends.
pub struct Planted<'a> {
    lab: &'a Lab,
    in_directories: bool,
}

impl<'a> Planted<'a> {
    /// In the directory, DNS, SQL Browser and SQL Server.
    pub fn everywhere(lab: &'a Lab) -> Self {
        let planted = Self {
            lab,
            in_directories: true,
        };
        planted.in_the_directory();
        let sql1 = topology::find("sql1").expect("sql1");
        let pointer = "ev'il$(touch canary-of-hostile-text)*)(\u{1b}[31m<b>.corp.example";
        lab.dns_add(&Record::reverse(sql1).with_data(pointer))
            .expect("the record is added");
        planted.in_sql_server();
        planted
    }

    /// In the certificate alone.
    pub fn certificate(lab: &'a Lab) -> Self {
        let sql1 = lab.sql("sql1").expect("sql1");
        let mut scenario = sql1.scenario().expect("a scenario");
        for instance in &mut scenario.instances {
            instance.certificate.files = None;
            instance.certificate.generate = Some(GeneratedCertificate {
                names: vec!["sql1\u{1b}[31m.corp.example".to_owned()],
                common_name: Some(SUBJECT.to_owned()),
                ..GeneratedCertificate::default()
            });
        }
        sql1.start_with(&scenario).expect("SQL Server starts");
        Self {
            lab,
            in_directories: false,
        }
    }

    /// Two accounts hold the SPNs of SQL Server: one whose names want to be run,
    /// and one that looks like svc_old, who is innocent.
    fn in_the_directory(&self) {
        // displayName takes 256 characters.
        let short: String = TEXT.chars().take(200).collect();
        let account = |dn: &str, name: &str, spns: &[&str]| {
            let password: Vec<u8> = "Ev1l-Passw0rd"
                .encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect();
            let mut text = format!(
                "{}\nchangetype: add\nobjectClass: user\nuserAccountControl: 66048\n{}\n{}\n{}\n{}\n",
                ldif("dn", dn),
                ldif("sAMAccountName", name),
                ldif_bytes("clearTextPassword", &password),
                ldif("displayName", &short),
                ldif("description", &short),
            );
            for spn in spns {
                text.push_str(&ldif(SPNS, spn));
                text.push('\n');
            }
            text + "\n"
        };
        let long = format!("MSSQLSvc/sql1.corp.example:{}", "L".repeat(65_536));
        let change = |dn: &str, action: &str, spns: &[&str]| {
            let lines: Vec<String> = spns.iter().map(|spn| ldif(SPNS, spn)).collect();
            format!(
                "{}\nchangetype: modify\n{action}: {SPNS}\n{}\n\n",
                ldif("dn", dn),
                lines.join("\n")
            )
        };
        let text = [
            change(SERVICE, "delete", &[WITH_PORT, WITHOUT]),
            account(
                EVIL,
                "evil'$(id)`x` & \u{200b}!",
                &[WITH_PORT, QUOTES, HIDDEN, &long],
            ),
            account(TWIN, "svc_old\u{200b}", &[WITHOUT]),
            computer(),
            // svc_old has one of its own, which nobody may touch.
            change(
                "CN=svc_old,CN=Users,DC=corp,DC=example",
                "add",
                &["MSSQLSvc/old.corp.example"],
            ),
        ];
        self.lab
            .ldbmodify("dc1", Rules::Kept, &text.concat())
            .expect("Samba takes the names");
    }

    fn in_sql_server(&self) {
        let sql1 = self.lab.sql("sql1").expect("sql1");
        let mut scenario = sql1.scenario().expect("a scenario");
        for instance in &mut scenario.instances {
            instance.announce.named_pipe =
                Some(format!("\\\\SQL1\\pipe\\{}", TEXT.replace(';', ",")));
            for query in &mut instance.queries {
                plant_in(query);
            }
        }
        sql1.start_with(&scenario).expect("SQL Server starts");
    }

    /// Who holds what.
    pub fn spns(&self) -> Spns {
        let mut search = self.lab.host("dc1").expect("dc1").command("ldbsearch");
        search.args([
            "-H",
            "/var/lib/samba/private/sam.ldb",
            "(servicePrincipalName=*)",
        ]);
        let output = search
            .args(["objectSid", SPNS])
            .output()
            .expect("ldbsearch runs");
        let text = String::from_utf8_lossy(&output.stdout).replace("\n ", "");
        let mut spns = Spns::new();
        for entry in text.split("\n\n") {
            let line = |name: &str| -> Vec<String> {
                let lines = entry.lines().filter(|line| line.starts_with(name));
                lines.map(str::to_owned).collect()
            };
            if let [sid] = line("objectSid: ").as_slice() {
                spns.insert(
                    sid.clone(),
                    line("servicePrincipalName:").into_iter().collect(),
                );
            }
        }
        spns
    }

    /// What the script does: it takes three values from whom holds them wrongly
    /// and gives two to svc_sql. The value that cannot be written is left.
    pub fn repaired(spns: &mut Spns) {
        for value in [WITH_PORT, WITHOUT, QUOTES] {
            let line = ldif(SPNS, value);
            let holders = spns
                .values_mut()
                .filter_map(|held| held.take(&line))
                .count();
            assert_eq!(holders, 1, "{line}");
        }
        spns.retain(|_, held| !held.is_empty());
        let service = spns
            .values_mut()
            .find(|held| held.contains("servicePrincipalName: MSSQLSvc/sql1.corp.example:INST1"))
            .expect("svc_sql");
        service.extend([WITH_PORT, WITHOUT].map(|spn| ldif(SPNS, spn)));
    }
}

impl Drop for Planted<'_> {
    fn drop(&mut self) {
        // The next test of this lab would find it in its way.
        let put_back = if self.in_directories {
            self.lab.reset_directories()
        } else {
            Ok(())
        };
        let started = self.lab.sql("sql1").and_then(|sql1| sql1.start());
        if !std::thread::panicking() {
            put_back.expect("the directories are as they were");
            started.expect("SQL Server is as it was");
        }
    }
}

/// A computer that calls itself what no host is called.
fn computer() -> String {
    format!(
        "dn: CN=EVILPC,CN=Computers,DC=corp,DC=example\nchangetype: add\nobjectClass: computer\n\
         userAccountControl: 4096\nsAMAccountName: EVILPC$\n{}\n{}\n\n",
        ldif(
            "dNSHostName",
            "evil\u{1b}[31m\u{202e}$(touch canary-of-hostile-text).corp.example"
        ),
        ldif(SPNS, "MSSQLSvc/sql1.corp.example:EVILPC")
    )
}

/// Hostile names in the rows about linked servers and this connection, and an
/// error of the longest kind for the listeners.
fn plant_in(query: &mut Query) {
    let sql = query.sql.clone();
    if sql.contains("TCP listeners") && query.for_logins.is_empty() {
        query.columns.clear();
        query.rows.clear();
        let refused = Query::refused(&sql, 50_001, &TEXT.repeat(30_000 / TEXT.len()));
        query.error = refused.error;
    }
    let subjects = [
        ("linked servers and their logins", "SQL2", "linked"),
        ("this connection */", "{auth_scheme}", "{auth_scheme}"),
    ];
    for (subject, old, new) in subjects {
        if !sql.contains(subject) {
            continue;
        }
        for cell in query.rows.iter_mut().flatten() {
            if let Cell::Text(text) = cell
                && text == old
            {
                *text = format!("{new}\u{1b}]0;PWNED\u{7}\u{202e}");
            }
        }
    }
}
