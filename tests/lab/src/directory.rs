//! Reading and writing the directories on the domain controllers, as root of
//! the controller's host: within the rules, past them, and below them.

use crate::error::Result;
use crate::host::Host;

/// How far a change may go past the directory's rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rules {
    /// Through Samba's modules: rights are not asked, consistency is.
    Kept,
    /// Through the modules with the `relax` control: system attributes too.
    Relaxed,
    /// Straight into the file of the domain partition: nothing is checked, so
    /// that two accounts can hold one SPN.
    Bypassed,
}

/// Applies LDIF with `changetype` lines.
pub(crate) fn modify(controller: &Host, rules: Rules, ldif: &str) -> Result<()> {
    let partition = format!(
        "tdb:///var/lib/samba/private/sam.ldb.d/{}.ldb",
        controller.spec.domain.base.to_uppercase()
    );
    let sam = "/var/lib/samba/private/sam.ldb";
    let arguments = match rules {
        Rules::Kept => vec!["ldbmodify", "-H", sam],
        Rules::Relaxed => vec!["ldbmodify", "--relax", "-H", sam],
        Rules::Bypassed => vec!["ldbmodify", "-H", &partition],
    };
    controller.run_with_input(&arguments, ldif).map(drop)
}

/// LDIF that adds or deletes values of one attribute of one entry.
pub(crate) fn change(dn: &str, action: Action, attribute: &str, values: &[&str]) -> String {
    let action = match action {
        Action::Add => "add",
        Action::Delete => "delete",
    };
    let mut ldif = format!("dn: {dn}\nchangetype: modify\n{action}: {attribute}\n");
    for value in values {
        ldif.push_str(attribute);
        ldif.push_str(": ");
        ldif.push_str(value);
        ldif.push('\n');
    }
    ldif.push('\n');
    ldif
}

/// LDIF that gives an attribute exactly these values; none takes it away,
/// whether it is there or not.
pub fn replace(dn: &str, attribute: &str, values: &[&str]) -> String {
    let mut ldif = format!("dn: {dn}\nchangetype: modify\nreplace: {attribute}\n");
    for value in values {
        ldif.push_str(attribute);
        ldif.push_str(": ");
        ldif.push_str(value);
        ldif.push('\n');
    }
    ldif.push('\n');
    ldif
}

/// What is done with the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// Add them to those that are there.
    Add,
    /// Delete exactly them.
    Delete,
}
