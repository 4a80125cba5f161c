//! A throw-away MIT KDC: its database, its log and its ticket cache live in a
//! temporary folder, and it ends with the value.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub struct TestKdc {
    folder: tempfile::TempDir,
    port: u16,
    process: Child,
}

impl Drop for TestKdc {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn program(name: &str) -> Option<PathBuf> {
    ["/usr/sbin", "/usr/bin", "/sbin", "/bin"]
        .iter()
        .map(|folder| Path::new(folder).join(name))
        .find(|path| path.exists())
}

impl TestKdc {
    /// Starts it; none where MIT's KDC is not installed.
    pub fn start() -> Option<Self> {
        let needed = ["krb5kdc", "kdb5_util", "kadmin.local", "kinit"];
        if let Some(missing) = needed.iter().find(|name| program(name).is_none()) {
            assert!(
                std::env::var_os("SSPI_DOCTOR_REQUIRE_KDC").is_none(),
                "{missing} is missing: install krb5-kdc, krb5-admin-server and krb5-user"
            );
            #[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
            {
                eprintln!("skipped: {missing} is not installed");
            }
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        // Free when asked; another process could take it before the KDC does,
        // which the wait below would notice.
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let conf = conf(&folder, port, "", "");
        std::fs::write(folder.path().join("krb5.conf"), conf).unwrap();
        std::fs::write(
            folder.path().join("kdc.conf"),
            format!(
                "[kdcdefaults]\n kdc_listen = 127.0.0.1:{port}\n kdc_tcp_listen = 127.0.0.1:{port}\n\
                 [realms]\n{}{}[logging]\n kdc = FILE:{}/kdc.log\n",
                realm(&folder, "ONE.TEST"),
                realm(&folder, "TWO.TEST"),
                folder.path().display()
            ),
        )
        .unwrap();
        fill(&folder);
        let process = tool(&folder, "krb5kdc")
            .args(["-n", "-r", "ONE.TEST", "-r", "TWO.TEST"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let kdc = Self {
            folder,
            port,
            process,
        };
        let until = Instant::now() + Duration::from_secs(10);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < until, "the KDC does not start");
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(kdc)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn conf(&self) -> PathBuf {
        self.folder.path().join("krb5.conf")
    }

    /// A krb5.conf with another line in `[libdefaults]`.
    pub fn conf_with(&self, line: &str) -> PathBuf {
        let path = self.folder.path().join("other.conf");
        std::fs::write(&path, conf(&self.folder, self.port, line, "")).unwrap();
        path
    }

    /// A krb5.conf whose first KDC is another.
    pub fn conf_with_kdc_before(&self, kdc: &str) -> PathBuf {
        let path = self.folder.path().join("two.conf");
        std::fs::write(&path, conf(&self.folder, self.port, "", kdc)).unwrap();
        path
    }

    pub fn cache(&self) -> PathBuf {
        self.folder.path().join("cache")
    }

    pub fn kinit(&self, user: &str, password: &str) {
        let mut child = tool(&self.folder, "kinit")
            .args(["-f", "-c"])
            .arg(self.cache())
            .arg(user)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        writeln!(input, "{password}").unwrap();
        drop(input);
        assert!(child.wait().unwrap().success(), "kinit failed");
    }

    /// A keytab with the keys of a service as they are.
    pub fn keytab(&self, service: &str) -> PathBuf {
        let path = self
            .folder
            .path()
            .join(format!("{}.keytab", service.replace(['/', ':'], "_")));
        let query = format!("ktadd -norandkey -k {} {service}", path.display());
        let output = tool(&self.folder, "kadmin.local")
            .args(["-r", "ONE.TEST", "-q", &query])
            .output()
            .unwrap();
        assert!(path.exists(), "{output:?}");
        path
    }

    pub fn count_in_log(&self, words: &str) -> usize {
        std::fs::read_to_string(self.folder.path().join("kdc.log"))
            .unwrap()
            .lines()
            .filter(|line| line.contains(words))
            .count()
    }
}

fn conf(folder: &tempfile::TempDir, port: u16, line: &str, kdc_before: &str) -> String {
    let before = if kdc_before.is_empty() {
        String::new()
    } else {
        format!("  kdc = {kdc_before}\n")
    };
    let folder = folder.path().display();
    format!(
        "[libdefaults]\n default_realm = ONE.TEST\n dns_lookup_kdc = false\n \
         dns_canonicalize_hostname = false\n rdns = false\n kdc_timesync = 0\n \
         udp_preference_limit = 1\n allow_weak_crypto = true\n allow_rc4 = true\n {line}\n\
         [realms]\n ONE.TEST = {{\n{before}  kdc = 127.0.0.1:{port}\n }}\n\
         TWO.TEST = {{\n  kdc = 127.0.0.1:{port}\n }}\n\
         [dbmodules]\n ONE.TEST = {{\n  db_library = db2\n  database_name = {folder}/ONE.TEST\n }}\n\
         TWO.TEST = {{\n  db_library = db2\n  database_name = {folder}/TWO.TEST\n }}\n"
    )
}

fn realm(folder: &tempfile::TempDir, name: &str) -> String {
    let folder = folder.path().display();
    format!(
        " {name} = {{\n  database_name = {folder}/{name}\n  key_stash_file = {folder}/{name}.stash\n  \
         acl_file = {folder}/acl\n  max_life = 10h\n  \
         supported_enctypes = aes256-cts:normal aes128-cts:normal rc4-hmac:normal\n }}\n"
    )
}

fn tool(folder: &tempfile::TempDir, name: &str) -> Command {
    let mut command = Command::new(program(name).unwrap());
    command
        .env("KRB5_CONFIG", folder.path().join("krb5.conf"))
        .env("KRB5_KDC_PROFILE", folder.path().join("kdc.conf"))
        .env("KRB5RCACHENAME", "none:");
    command
}

fn fill(folder: &tempfile::TempDir) {
    let queries: &[(&str, &[&str])] = &[
        (
            "ONE.TEST",
            &[
                "addprinc -pw alice-password +requires_preauth alice",
                "addprinc -pw easy-password easy",
                "addprinc -pw locked-password -allow_tix locked",
                "addprinc -pw expired-password -pwexpire 2020-01-01 +requires_preauth expired",
                "addprinc -pw aes128-password -e aes128-cts:normal +requires_preauth aes128",
                "addprinc -pw rc4-password -e rc4-hmac:normal +requires_preauth rc4",
                "addprinc -randkey MSSQLSvc/sql1.one.test:1433",
                "cpw -randkey MSSQLSvc/sql1.one.test:1433",
                "addprinc -randkey -e rc4-hmac:normal MSSQLSvc/old.one.test:1433",
                "addprinc -randkey -allow_tix MSSQLSvc/locked.one.test:1433",
                "addprinc -pw trust-password krbtgt/TWO.TEST@ONE.TEST",
            ],
        ),
        (
            "TWO.TEST",
            &[
                "addprinc -randkey MSSQLSvc/sql2.two.test:1433",
                "addprinc -pw trust-password krbtgt/TWO.TEST@ONE.TEST",
            ],
        ),
    ];
    for (realm, lines) in queries {
        let created = tool(folder, "kdb5_util")
            .args(["-r", realm, "-P", "master", "create", "-s"])
            .output()
            .unwrap();
        assert!(created.status.success(), "{created:?}");
        for line in *lines {
            let output = tool(folder, "kadmin.local")
                .args(["-r", realm, "-q", line])
                .output()
                .unwrap();
            assert!(output.status.success(), "{line}: {output:?}");
        }
    }
}
