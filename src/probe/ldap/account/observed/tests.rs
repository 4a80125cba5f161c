use super::*;
use crate::directory::guid::{Guid, PUBLIC_INFORMATION, SERVICE_PRINCIPAL_NAME as SPN_GUID};
use crate::directory::security_descriptor::{AccessControlEntry, EntryKind};

fn entry(mask: u32, object: Option<Guid>, trustee: Sid) -> AccessControlEntry {
    AccessControlEntry {
        kind: EntryKind::Allow,
        flags: 0,
        mask,
        object,
        inherited_object: None,
        trustee,
    }
}

fn account(class: &[u8], entries: Vec<AccessControlEntry>) -> Observed {
    let sid = Sid::parse("S-1-5-21-1-2-3-1104").unwrap();
    Observed {
        entry: Entry::of(
            "CN=svc,DC=corp,DC=example",
            &[
                ("objectSid", &[&sid.to_bytes()]),
                ("objectClass", &[b"user", class]),
            ],
        ),
        token_groups: None,
        descriptor: Some(SecurityDescriptor {
            owner: None,
            group: None,
            dacl: Some(entries),
        }),
        our_sids: vec![Sid::authenticated_users()],
    }
}

#[test]
fn absent_is_unset_only_where_we_would_see_it() {
    let public = entry(
        READ_PROPERTY,
        Some(PUBLIC_INFORMATION),
        Sid::authenticated_users(),
    );
    let observed = account(b"user", vec![public]);
    assert_eq!(observed.presence("servicePrincipalName"), Presence::Unset);
    assert_eq!(observed.list("msDS-AllowedToDelegateTo"), Some(Vec::new()));
    assert_eq!(
        observed.presence("msDS-AllowedToActOnBehalfOfOtherIdentity"),
        Presence::Unreadable
    );
    assert_eq!(observed.encryption_types(), None);
    let unreadable = observed.unreadable();
    assert!(unreadable.iter().any(|name| name == "userAccountControl"));
    assert!(!unreadable.iter().any(|name| name == "servicePrincipalName"));
}

#[test]
fn user_account_control_is_never_taken_for_unset() {
    let all = entry(READ_PROPERTY, None, Sid::authenticated_users());
    let observed = account(b"user", vec![all]);
    assert_eq!(
        observed.presence("userAccountControl"),
        Presence::Unreadable
    );
    assert_eq!(observed.state().unusable(jiff::Timestamp::now()), Err(()));
}

#[test]
fn who_registers_itself() {
    let validated = entry(VALIDATED_WRITE, Some(SPN_GUID), Sid::principal_self());
    let write = entry(WRITE_PROPERTY, Some(SPN_GUID), Sid::principal_self());
    let word = |observed: Observed| observed.registers_itself().unwrap().0;
    assert_eq!(word(account(b"user", vec![validated.clone()])), "no");
    assert_eq!(
        word(account(b"computer", vec![validated])),
        "validated-only"
    );
    assert_eq!(word(account(b"user", vec![write])), "yes");
    let mut hidden = account(b"user", Vec::new());
    hidden.descriptor = None;
    assert_eq!(hidden.registers_itself(), None);
}

#[test]
fn membership_that_cannot_be_read_is_unknown_unless_it_is_direct() {
    let mut observed = account(b"user", Vec::new());
    assert_eq!(observed.protected_user(), None);
    let group = Sid::parse("S-1-5-21-1-2-3-525").unwrap();
    observed.token_groups = Some(vec![group]);
    assert_eq!(observed.protected_user(), Some(true));
    observed.token_groups = Some(vec![Sid::everyone()]);
    assert_eq!(observed.protected_user(), Some(false));
}
