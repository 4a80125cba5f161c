//! `fix --plan`, `--apply` and `--undo`: the program changes the directory
//! itself, and nothing but what it showed.

use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use lab::fault::spn_state::SpnState;
use lab::fault::{Delegation, Fault, WrongAccount};
use lab::lab::Lab;
use lab::{accounts, directory::Rules};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use crate::walk::{MAIN, PROGRAM, SQL1, Walked, inject, lab, on_client, walk_with};

const KNOWN: [(&str, &str); 2] = [("server", SQL1), ("service_account", r"CORP\svc_sql")];
const HOPS: [(&str, &str); 2] = [("server", SQL1), ("back_end", "sql2.corp.example,1433")];
const LINKED: &str = "linked-server-delegation";

/// A session, and who repairs it.
pub struct Case<'a> {
    lab: &'a Lab,
    flow: &'a str,
    set: &'a [(&'a str, &'a str)],
    journal: PathBuf,
    ccache: PathBuf,
}

impl<'a> Case<'a> {
    /// Walks as alice, into a journal that the administrator can write beside.
    pub fn walked(lab: &'a Lab, flow: &'a str, set: &'a [(&'a str, &'a str)]) -> (Self, Walked) {
        let folder = lab.dir().join("apply");
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir(&folder).expect("a folder");
        let everybody = std::fs::Permissions::from_mode(0o777);
        std::fs::set_permissions(&folder, everybody).expect("alice may write there");
        let case = Self {
            lab,
            flow,
            set,
            journal: folder.join("case.jsonl"),
            ccache: lab.administrator_ccache().expect("a ticket"),
        };
        let journal = case.journal.display().to_string();
        let walked = walk_with(lab, flow, set, &["--journal", &journal]);
        (case, walked)
    }

    /// `fix` as root of the jump host with the administrator's ticket.
    fn command(&self, options: &[&str]) -> Command {
        let mut command = self.lab.host("client").expect("the host").command(PROGRAM);
        command
            .env("KRB5CCNAME", &self.ccache)
            .env("XDG_STATE_HOME", self.lab.dir().join("apply"))
            .arg("fix")
            .arg(&self.journal)
            .args(options);
        command
    }

    pub fn fix(&self, options: &[&str]) -> Done {
        Done::of(self.command(options).stdin(Stdio::null()).output())
    }

    /// What `--yes-to` takes, from what `--plan` shows.
    #[track_caller]
    pub fn shown(&self, options: &[&str]) -> String {
        let plan = self.fix(&[options, &["--plan"]].concat());
        assert_eq!(plan.code, Some(0), "{plan:?}");
        let (_, names) = plan.out.rsplit_once("--yes-to ").expect("the names");
        names.trim().to_owned()
    }

    #[track_caller]
    fn apply(&self) -> Done {
        let names = self.shown(&[]);
        self.fix(&["--apply", "--yes-to", &names])
    }

    fn again(&self) -> Walked {
        walk_with(self.lab, self.flow, self.set, &[])
    }

    fn beside(&self, ending: &str) -> Vec<PathBuf> {
        let folder = self.journal.parent().expect("a folder");
        std::fs::read_dir(folder)
            .expect("the folder")
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.to_string_lossy().ends_with(ending))
            .collect()
    }
}

/// How the program ended, and what it said.
#[derive(Debug)]
pub struct Done {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Done {
    fn of(output: std::io::Result<Output>) -> Self {
        let output = output.expect("the program runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            code: output.status.code(),
            out: text(&output.stdout),
            err: text(&output.stderr),
        }
    }

    #[track_caller]
    fn says(&self, words: &[&str]) -> &Self {
        for word in words {
            assert!(
                self.err.contains(word) || self.out.contains(word),
                "no `{word}` in\n{}\n{}",
                self.out,
                self.err
            );
        }
        self
    }
}

#[track_caller]
fn repaired_by_the_program(fault: Fault, flow: &str, set: &[(&str, &str)], expected: &str) {
    let lab = lab();
    inject(&lab, fault);
    let (case, walked) = Case::walked(&lab, flow, set);
    walked.found(&[expected]);
    let done = case.apply();
    done.says(&[&format!("{expected}: gone")]);
    assert_eq!(done.code, Some(0), "{done:?}");
    case.again().healthy();
    proof::notebook::applied(&walked.wrong, &walked.causes());
    let [backup] = &case.beside(".ldif")[..] else {
        panic!("one backup is beside the journal");
    };
    for file in [backup, &case.beside(".applied")[0]] {
        let mode = std::fs::metadata(file)
            .expect("a file")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.display());
    }
    // What is done is not done twice.
    let twice = case.fix(&["--apply"]);
    twice.says(&["nothing to do"]);
    assert_eq!(twice.code, Some(0), "{twice:?}");
}

#[test]
fn spn_missing() {
    repaired_by_the_program(Fault::SpnMissing, MAIN, &KNOWN, "spn-missing");
}

#[test]
fn spn_duplicate() {
    repaired_by_the_program(Fault::SpnDuplicate, MAIN, &KNOWN, "spn-duplicate");
}

#[test]
fn spn_on_wrong_account() {
    for wrong in [WrongAccount::Service, WrongAccount::Computer] {
        let fault = Fault::SpnOnWrongAccount(wrong);
        repaired_by_the_program(fault, MAIN, &KNOWN, "spn-on-wrong-account");
    }
}

#[test]
fn spn_upn_collision() {
    let fault = Fault::Spn(SpnState::PrincipalNameCollision);
    repaired_by_the_program(fault, MAIN, &KNOWN, "spn-upn-collision");
}

#[test]
fn delegation_not_trusted() {
    let fault = Fault::Delegation(Delegation::NotTrusted);
    repaired_by_the_program(fault, LINKED, &HOPS, "delegation-not-trusted");
}

#[test]
fn user_not_delegable() {
    let fault = Fault::Delegation(Delegation::UserSensitive);
    repaired_by_the_program(fault, LINKED, &HOPS, "user-not-delegable");
}

/// The wrong holder is in the other forest, and so is its administrator.
#[test]
fn spn_duplicate_across_forests() {
    let lab = lab();
    inject(&lab, Fault::Spn(SpnState::DuplicateAcrossForests));
    let (mut case, walked) = Case::walked(&lab, MAIN, &KNOWN);
    walked.found(&["spn-duplicate-across-forests"]);
    // CORP's has no right there.
    let done = case.apply();
    done.says(&[
        "may not change servicePrincipalName of PARTNER\\svc_psql",
        "Nothing is changed",
    ]);
    assert_eq!(done.code, Some(3), "{done:?}");
    case.ccache = lab.dir().join("partner-administrator.krb5cc");
    lab.partner_administrator(&case.ccache)
        .expect("PARTNER's administrator signs in");
    case.apply().says(&["spn-duplicate-across-forests: gone"]);
    case.again().healthy();
}

/// What was applied is undone from what was kept, and the fault is back.
#[test]
fn undo() {
    let lab = lab();
    inject(&lab, Fault::SpnOnWrongAccount(WrongAccount::Computer));
    let (case, walked) = Case::walked(&lab, MAIN, &KNOWN);
    walked.found(&["spn-on-wrong-account"]);
    assert_eq!(case.apply().code, Some(0));
    case.again().healthy();
    let names = case.shown(&["--undo"]);
    let done = case.fix(&["--undo", "--yes-to", &names]);
    assert_eq!(done.code, Some(0), "{done:?}");
    case.again().found(&["spn-on-wrong-account"]);
    case.fix(&["--undo"]).says(&["Nothing of this session"]);
}

/// On a terminal each change is asked for; a no to the first leaves out the
/// second, which needs it.
#[test]
fn each_yes_is_typed() {
    let lab = lab();
    inject(&lab, Fault::SpnOnWrongAccount(WrongAccount::Service));
    let (case, _) = Case::walked(&lab, MAIN, &KNOWN);
    let screen = typed(&case.command(&["--apply"]), "y\nyes\n");
    assert!(screen.contains("Change 1 of 2: type yes"), "{screen}");
    assert!(screen.contains("Change 2 is left out"), "{screen}");
    assert!(screen.contains("Nothing was changed"), "{screen}");
    assert_eq!(case.beside(".ldif"), Vec::<PathBuf>::new());
    case.again().found(&["spn-on-wrong-account"]);
    let screen = typed(&case.command(&["--apply"]), "yes\nyes\n");
    assert!(screen.contains("spn-on-wrong-account: gone"), "{screen}");
    case.again().healthy();
}

fn typed(command: &Command, answers: &str) -> String {
    let size = PtySize {
        rows: 50,
        cols: 200,
        ..PtySize::default()
    };
    let pair = native_pty_system().openpty(size).expect("a terminal");
    let mut builder = CommandBuilder::new(command.get_program());
    builder.args(command.get_args());
    for (name, value) in command.get_envs() {
        builder.env(name, value.unwrap_or_default());
    }
    let mut child = pair.slave.spawn_command(builder).expect("it starts");
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().expect("a reader");
    let mut writer = pair.master.take_writer().expect("a writer");
    // A terminal keeps what is typed ahead.
    std::io::Write::write_all(&mut writer, answers.as_bytes()).expect("typed");
    let mut screen = Vec::new();
    // The other side of a terminal ends with an error.
    let _ = reader.read_to_end(&mut screen);
    child.wait().expect("it ends");
    String::from_utf8_lossy(&screen).into_owned()
}

/// alice may read, but not write.
#[test]
fn without_rights_nothing_is_changed() {
    let lab = lab();
    inject(&lab, Fault::SpnOnWrongAccount(WrongAccount::Service));
    let (mut case, _) = Case::walked(&lab, MAIN, &KNOWN);
    case.ccache = lab
        .host("client")
        .expect("the host")
        .ccache("alice")
        .expect("a cache");
    let names = case.shown(&[]);
    case.fix(&["--plan"])
        .says(&["you may not write servicePrincipalName"]);
    let done = case.fix(&["--apply", "--yes-to", &names]);
    done.says(&[
        "alice@CORP.EXAMPLE may not change servicePrincipalName of CORP\\svc_old",
        "Domain Admins",
        "WriteSPN",
        "Nothing is changed",
        "--for windows > fix.ps1",
    ]);
    assert_eq!(done.code, Some(3), "{done:?}");
    case.again().found(&["spn-on-wrong-account"]);
}

/// alice may write the wrong holder, but not the right account.
#[test]
fn a_change_that_fails_half_way_is_undone() {
    let lab = lab();
    inject(&lab, Fault::Spn(SpnState::OnOtherComputer));
    let (mut case, walked) = Case::walked(&lab, MAIN, &KNOWN);
    walked.found(&["spn-on-stale-object"]);
    let shown = lab.samba_tool("dc1", &["user", "show", "alice", "--attributes=objectSid"]);
    let shown = shown.expect("alice");
    let sid = shown.rsplit_once("objectSid: ").expect("a SID").1.trim();
    let holder = format!(
        "--objectdn={}",
        accounts::computer_dn("sql2", &lab::topology::CORP)
    );
    let right = format!("--sddl=(OA;;WP;f3a64788-5306-11d1-a9c5-0000f80367c1;;{sid})");
    lab.samba_tool("dc1", &["dsacl", "set", "--action=allow", &holder, &right])
        .expect("alice gets the right");
    case.ccache = lab
        .host("client")
        .expect("the host")
        .ccache("alice")
        .expect("a cache");
    let done = case.apply();
    done.says(&[
        "may not change servicePrincipalName of CORP\\svc_sql",
        "Taking back 1.",
        "it is as it was before",
        "Nothing is changed",
    ]);
    assert_eq!(done.code, Some(3), "{done:?}");
    case.again().found(&["spn-on-stale-object"]);
    case.fix(&["--undo"]).says(&["Nothing of this session"]);
}

/// Without the account nobody knows which holder is right.
#[test]
fn an_uncertain_duplicate_is_refused() {
    let lab = lab();
    inject(&lab, Fault::SpnDuplicate);
    let (case, walked) = Case::walked(&lab, MAIN, &KNOWN[..1]);
    walked.found(&["spn-duplicate"]);
    for mode in ["--plan", "--apply"] {
        let done = case.fix(&[mode]);
        done.says(&["spn-duplicate: it is not certain", "--set service_account="]);
        assert_eq!(done.code, Some(2), "{done:?}");
    }
}

#[test]
fn a_directory_that_changed_since_is_refused() {
    let lab = lab();
    inject(&lab, Fault::Spn(SpnState::OnDisabledAccount));
    let (case, walked) = Case::walked(&lab, MAIN, &KNOWN);
    walked.found(&["spn-on-stale-object"]);
    let names = case.shown(&[]);
    let add = |account: &str, spn: &str, rules: Rules| {
        let dn = accounts::find(account).expect("an account").dn();
        let attribute = "servicePrincipalName";
        let ldif =
            format!("dn: {dn}\nchangetype: modify\nadd: {attribute}\n{attribute}: {spn}\n\n");
        lab.ldbmodify("dc1", rules, &ldif).expect("it is changed");
    };
    add("svc_sql2", accounts::SQL1_SPNS[0], Rules::Bypassed);
    let done = case.fix(&["--apply", "--yes-to", &names]);
    done.says(&[
        "has changed since the session",
        "is now held by CORP\\svc_sql2 too",
    ]);
    assert_eq!(done.code, Some(3), "{done:?}");
    add("svc_sql", "MSSQLSvc/other.corp.example:1433", Rules::Kept);
    let done = case.fix(&["--apply", "--yes-to", &names]);
    done.says(&[
        "CORP\\svc_sql now has servicePrincipalName MSSQLSvc/other.corp.example:1433",
        "walk once more",
    ]);
    assert_eq!(case.beside(".ldif"), Vec::<PathBuf>::new());
}

/// A name that was not shown, and no terminal to ask on.
#[test]
fn nothing_is_written_that_was_not_shown() {
    let lab = lab();
    inject(&lab, Fault::SpnMissing);
    let (case, _) = Case::walked(&lab, MAIN, &KNOWN);
    let done = case.fix(&["--apply"]);
    done.says(&["there is no terminal", "--plan"]);
    assert_eq!(done.code, Some(2), "{done:?}");
    let shown = case.shown(&[]);
    let (_, code) = shown.split_once(':').expect("a code");
    for wrong in ["1", "1:000000000000", &format!("2:{code}")] {
        let done = case.fix(&["--apply", "--yes-to", wrong]);
        done.says(&["names no change that would be made today"]);
        assert_eq!(done.code, Some(2), "{done:?}");
    }
    case.again().found(&["spn-missing"]);
    // alice herself sees the same plan.
    let alice = on_client(&lab, Path::new(PROGRAM))
        .arg("fix")
        .arg(&case.journal)
        .arg("--plan")
        .output();
    let alice = Done::of(alice);
    assert!(alice.out.contains(&shown), "{alice:?}");
}
