//! Delegation: may the middle server's account hand a user on to the back end?
//! ([MS-SFU] 3.2.5.2, "Kerberos Constrained Delegation Overview".)

use super::account::UserAccountControl;
use super::sid::Sid;
use super::spn;

/// Which kind of delegation a middle account has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// None on the middle account itself.
    None,
    /// To any service.
    Unconstrained,
    /// To the SPNs of a list, for users who came with Kerberos.
    Constrained,
    /// To the SPNs of a list, however the user came.
    ConstrainedAnyProtocol,
    /// By an entry on the back end's account.
    ResourceBased,
}

impl Kind {
    /// From what stands on the middle account.
    pub fn of_account(control: UserAccountControl, list: &[String]) -> Self {
        if control.has(UserAccountControl::TRUSTED_FOR_DELEGATION) {
            Self::Unconstrained
        } else if list.is_empty() {
            Self::None
        } else if control.has(UserAccountControl::TRUSTED_TO_AUTHENTICATE) {
            Self::ConstrainedAnyProtocol
        } else {
            Self::Constrained
        }
    }

    /// As facts tell it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Unconstrained => "unconstrained",
            Self::Constrained => "constrained",
            Self::ConstrainedAnyProtocol => "constrained-any-protocol",
            Self::ResourceBased => "resource-based",
        }
    }
}

/// The security descriptor that a resource-based entry is: it grants everything
/// to these and is owned by the administrators ([MS-SFU] 3.2.5.2.3, [MS-DTYP]
/// 2.4.6), as Windows' own tools write it.
pub fn entry_of(sids: &[Sid]) -> Vec<u8> {
    /// Everything that there is on a directory object.
    const ALL: u32 = 0x000F_01FF;
    /// `SE_SELF_RELATIVE` and `SE_DACL_PRESENT`.
    const CONTROL: u16 = 0x8004;
    const HEADER: u32 = 20;
    let owner = [1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 32, 2, 0, 0];
    let entries: Vec<Vec<u8>> = sids
        .iter()
        .map(|sid| {
            let sid = sid.to_bytes();
            let mut entry = vec![0, 0];
            entry.extend(length16(8 + sid.len()).to_le_bytes());
            entry.extend(ALL.to_le_bytes());
            entry.extend(sid);
            entry
        })
        .collect();
    let list: Vec<u8> = entries.concat();
    let mut bytes = vec![1, 0];
    bytes.extend(CONTROL.to_le_bytes());
    // Owner, group, no SACL, DACL.
    for offset in [HEADER, 0, 0, HEADER + 16] {
        bytes.extend(offset.to_le_bytes());
    }
    bytes.extend(owner);
    bytes.extend([4, 0]);
    bytes.extend(length16(8 + list.len()).to_le_bytes());
    bytes.extend(length16(entries.len()).to_le_bytes());
    bytes.extend([0, 0]);
    bytes.extend(list);
    bytes
}

/// A descriptor of more entries than fit cannot be made from an account's.
fn length16(length: usize) -> u16 {
    u16::try_from(length).unwrap_or(u16::MAX)
}

/// What was read; nothing where it could not be.
#[derive(Clone, Debug, Default)]
pub struct Settings<'a> {
    /// userAccountControl of the middle account.
    pub middle_control: Option<UserAccountControl>,
    /// msDS-AllowedToDelegateTo of the middle account.
    pub list: Option<&'a [String]>,
    /// The SIDs that stand for the middle account: its own and its groups'.
    pub middle_sids: &'a [Sid],
    /// Who stands in the back end's resource-based entry.
    pub resource_based: Option<&'a [Sid]>,
    /// The SPN that the middle server asks for.
    pub back_end_spn: &'a str,
    /// The user's `sensitive` flag; nothing without a user.
    pub user_sensitive: Option<bool>,
    /// The user's membership of Protected Users.
    pub user_protected: Option<bool>,
    /// Whether the first hop is not Kerberos.
    pub any_protocol: bool,
}

/// What it comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every requirement that could be read is met.
    Allowed,
    /// No delegation of any kind.
    NotTrusted,
    /// A list without the SPN.
    ListLacksSpn,
    /// A resource-based entry for others.
    ResourceBasedEntryWrong,
    /// A list for Kerberos users only, and the user did not come with Kerberos.
    ProtocolTransitionMissing,
    /// The user may not be delegated.
    UserNotDelegable,
    /// What decides could not be read.
    Unknown,
}

/// Decides. Gives the kind that applies too.
pub fn decide(settings: &Settings<'_>) -> (Kind, Verdict) {
    let in_entry = settings
        .resource_based
        .map(|entry| entry.iter().any(|sid| settings.middle_sids.contains(sid)));
    let (kind, verdict) = match (settings.middle_control, settings.list) {
        (Some(control), _) if control.has(UserAccountControl::TRUSTED_FOR_DELEGATION) => {
            (Kind::Unconstrained, Verdict::Allowed)
        }
        (control, Some(list)) if !list.is_empty() => by_list(control, list, in_entry, settings),
        _ if in_entry == Some(true) => (Kind::ResourceBased, Verdict::Allowed),
        (Some(_), Some(_)) => match settings.resource_based {
            None => (Kind::None, Verdict::Unknown),
            Some([]) => (Kind::None, Verdict::NotTrusted),
            Some(_) => (Kind::ResourceBased, Verdict::ResourceBasedEntryWrong),
        },
        _ => (Kind::None, Verdict::Unknown),
    };
    let user_barred =
        settings.user_sensitive == Some(true) || settings.user_protected == Some(true);
    match verdict {
        Verdict::Allowed if user_barred => (kind, Verdict::UserNotDelegable),
        other => (kind, other),
    }
}

fn by_list(
    control: Option<UserAccountControl>,
    list: &[String],
    in_entry: Option<bool>,
    settings: &Settings<'_>,
) -> (Kind, Verdict) {
    let any_protocol = control.map(|c| c.has(UserAccountControl::TRUSTED_TO_AUTHENTICATE));
    let kind = if any_protocol == Some(true) {
        Kind::ConstrainedAnyProtocol
    } else {
        Kind::Constrained
    };
    let listed = list
        .iter()
        .any(|entry| spn::same(entry, settings.back_end_spn));
    if !listed {
        // A resource-based entry still works when the list does not have the SPN.
        return if in_entry == Some(true) {
            (Kind::ResourceBased, Verdict::Allowed)
        } else {
            (kind, Verdict::ListLacksSpn)
        };
    }
    match (settings.any_protocol, any_protocol) {
        (true, Some(false)) => (kind, Verdict::ProtocolTransitionMissing),
        (true, None) => (kind, Verdict::Unknown),
        _ => (kind, Verdict::Allowed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPN: &str = "MSSQLSvc/sql2.corp.example:1433";

    fn settings<'a>(control: u32, list: &'a [String], entry: &'a [Sid]) -> Settings<'a> {
        Settings {
            middle_control: Some(UserAccountControl(control)),
            list: Some(list),
            resource_based: Some(entry),
            back_end_spn: SPN,
            ..Settings::default()
        }
    }

    #[test]
    fn an_entry_names_exactly_those_it_was_made_of() {
        use crate::directory::security_descriptor::SecurityDescriptor;
        for sids in [
            &["S-1-5-21-1-2-3-1104"][..],
            &["S-1-5-21-1-2-3-1104", "S-1-5-21-1-2-3-1105"],
        ] {
            let sids: Vec<Sid> = sids.iter().filter_map(|sid| Sid::parse(sid)).collect();
            let descriptor = SecurityDescriptor::parse(&entry_of(&sids)).unwrap();
            assert_eq!(descriptor.allowed_trustees(), sids);
            assert_eq!(descriptor.owner, Sid::parse("S-1-5-32-544"));
        }
    }

    #[test]
    fn nothing_set_is_not_trusted_and_unreadable_is_unknown() {
        assert_eq!(
            decide(&settings(0x200, &[], &[])),
            (Kind::None, Verdict::NotTrusted)
        );
        let hidden = Settings {
            resource_based: None,
            ..settings(0x200, &[], &[])
        };
        assert_eq!(decide(&hidden).1, Verdict::Unknown);
        let hidden = Settings {
            middle_control: None,
            ..settings(0, &[], &[])
        };
        assert_eq!(decide(&hidden).1, Verdict::Unknown);
    }

    #[test]
    fn the_list_must_have_the_exact_form() {
        let right = [SPN.to_uppercase()];
        let wrong = ["MSSQLSvc/sql2.corp.example".to_owned()];
        assert_eq!(
            decide(&settings(0x200, &right, &[])),
            (Kind::Constrained, Verdict::Allowed)
        );
        assert_eq!(
            decide(&settings(0x200, &wrong, &[])),
            (Kind::Constrained, Verdict::ListLacksSpn)
        );
        let not_kerberos = Settings {
            any_protocol: true,
            ..settings(0x200, &right, &[])
        };
        assert_eq!(decide(&not_kerberos).1, Verdict::ProtocolTransitionMissing);
        let transition = Settings {
            any_protocol: true,
            ..settings(0x0100_0200, &right, &[])
        };
        assert_eq!(
            decide(&transition),
            (Kind::ConstrainedAnyProtocol, Verdict::Allowed)
        );
    }

    #[test]
    fn the_entry_must_name_the_middle_account() {
        let middle = [Sid::parse("S-1-5-21-1-2-3-1104").unwrap()];
        let other = [Sid::parse("S-1-5-21-1-2-3-1105").unwrap()];
        let with = |entry| Settings {
            middle_sids: &middle,
            ..settings(0x200, &[], entry)
        };
        assert_eq!(
            decide(&with(&middle)),
            (Kind::ResourceBased, Verdict::Allowed)
        );
        assert_eq!(
            decide(&with(&other)),
            (Kind::ResourceBased, Verdict::ResourceBasedEntryWrong)
        );
    }

    #[test]
    fn a_sensitive_user_is_never_handed_on() {
        let sensitive = Settings {
            user_sensitive: Some(true),
            ..settings(0x0008_0200, &[], &[])
        };
        assert_eq!(
            decide(&sensitive),
            (Kind::Unconstrained, Verdict::UserNotDelegable)
        );
    }
}
