//! `doctor` on hosts that lack something. Nothing here leaves the machine: the
//! KDC and the name server are addresses of the loopback network on which
//! nothing listens.

use super::{Home, Ran};

fn doctor(home: &Home, krb5_conf: &str, more: &[&str]) -> (Ran, serde_json::Value) {
    let conf = home.write("krb5.conf", krb5_conf);
    let mut arguments = vec!["doctor", "--format", "json", "--name-server", "127.0.0.77"];
    arguments.extend(more);
    let mut command = home.command(&arguments);
    command
        .env("KRB5_CONFIG", conf)
        .env("KRB5CCNAME", format!("FILE:{}/none", home.path().display()));
    let ran = Ran::of(&command.output().unwrap());
    let json = ran.json();
    (ran, json)
}

fn check<'a>(json: &'a serde_json::Value, id: &str) -> &'a serde_json::Value {
    let checks = json["checks"].as_array().unwrap();
    let found = checks.iter().find(|check| check["id"] == id);
    found.unwrap_or_else(|| panic!("no {id} in {json:#}"))
}

#[test]
fn a_host_without_realm_and_ticket_is_told_so_with_the_commands() {
    let home = Home::new();
    let (ran, json) = doctor(&home, "[libdefaults]\n", &[]);
    assert_eq!(ran.exit, Some(1), "{json:#}");
    let conf = check(&json, "kerberos-configuration");
    assert_eq!(conf["state"], "missing");
    assert!(
        conf["repair"]["debian"]
            .as_str()
            .unwrap()
            .contains("default_realm")
    );
    assert_eq!(check(&json, "kerberos-ticket")["state"], "missing");
    // Nobody said which domain it is, so nothing is claimed of it.
    assert_eq!(check(&json, "domain")["state"], "unknown");
    assert_eq!(check(&json, "state-folder")["state"], "ok");
    assert_eq!(check(&json, "locale")["state"], "ok");
    assert_eq!(check(&json, "terminal")["state"], "unknown");
}

#[test]
fn dead_name_servers_and_kdcs_are_told_apart() {
    let home = Home::new();
    let conf = "[libdefaults]\ndefault_realm = CORP.EXAMPLE\n[realms]\nCORP.EXAMPLE = {\n kdc = 127.0.0.77:1\n}\n";
    let (ran, json) = doctor(&home, conf, &[]);
    assert_eq!(ran.exit, Some(1), "{json:#}");
    assert_eq!(check(&json, "kerberos-configuration")["state"], "ok");
    assert_eq!(check(&json, "kdc")["state"], "missing");
    assert_eq!(check(&json, "kdc-udp")["state"], "unknown");
    assert_eq!(check(&json, "name-servers")["state"], "missing");
    assert_ne!(check(&json, "directory")["state"], "ok");
}

#[test]
fn faults_of_files_are_counted_and_the_rest_is_looked_at() {
    let home = Home::new();
    home.configure("nothing = 1\n");
    home.write(".config/sspi-doctor/flows/bad.yaml", "schema: 1\n");
    let (ran, json) = doctor(&home, "[libdefaults]\n", &[]);
    assert_eq!(ran.exit, Some(1));
    assert_eq!(check(&json, "configuration")["state"], "missing");
    assert_eq!(check(&json, "own-flows")["state"], "missing");
}

#[test]
fn the_text_says_why_and_how() {
    let home = Home::new();
    let mut command = home.command(&["doctor", "--name-server", "127.0.0.77"]);
    command
        .env("KRB5_CONFIG", home.write("krb5.conf", "[libdefaults]\n"))
        .env("KRB5CCNAME", "FILE:/nonexistent/cache")
        .env("LC_ALL", "C");
    let ran = Ran::of(&command.output().unwrap());
    assert!(
        ran.out.contains("[!!] Locale: LC_ALL=C is not UTF-8"),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains("     repair  export LC_ALL=C.UTF-8"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("could not be seen"), "{}", ran.out);
}
