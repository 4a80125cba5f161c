//! An account as it was read, and what may be said of it: a value, that there
//! is none, or that we may not know.

use serde_json::Value;

use crate::directory::account::{AccountClass, AccountState, UserAccountControl};
use crate::directory::attribute::{self, SERVICE_PRINCIPAL_NAME};
use crate::directory::security_descriptor::{
    READ_PROPERTY, SecurityDescriptor, VALIDATED_WRITE, WRITE_PROPERTY,
};
use crate::directory::sid::{PROTECTED_USERS, Sid};
use crate::probe::ldap::entry::Entry;

/// What is read of an account. Those that the server works out
/// (msDS-…-Computed, msDS-KeyVersionNumber, allowedAttributesEffective) come
/// with a search of that one object only.
pub(in crate::probe::ldap) const ATTRIBUTES: &[&str] = &[
    "objectClass",
    "objectSid",
    "sAMAccountName",
    "userPrincipalName",
    "dNSHostName",
    "userAccountControl",
    "groupType",
    "msDS-User-Account-Control-Computed",
    "pwdLastSet",
    "msDS-UserPasswordExpiryTimeComputed",
    "accountExpires",
    "msDS-KeyVersionNumber",
    "msDS-SupportedEncryptionTypes",
    "servicePrincipalName",
    "allowedAttributesEffective",
    "msDS-AllowedToDelegateTo",
    "msDS-AllowedToActOnBehalfOfOtherIdentity",
    "memberOf",
    "msDS-AssignedAuthNPolicy",
    "msDS-AssignedAuthNPolicySilo",
    "msDS-GroupMSAMembership",
    "whenCreated",
    "nTSecurityDescriptor",
];

/// An account as it was read.
#[derive(Clone, Debug, Default)]
pub(in crate::probe::ldap) struct Observed {
    /// Its attributes.
    pub(in crate::probe::ldap) entry: Entry,
    /// The SIDs of its groups, also through groups; nothing when unreadable.
    pub(in crate::probe::ldap) token_groups: Option<Vec<Sid>>,
    /// Who may do what with it; nothing when unreadable.
    pub(in crate::probe::ldap) descriptor: Option<SecurityDescriptor>,
    /// Our own SIDs at the server that was asked.
    pub(in crate::probe::ldap) our_sids: Vec<Sid>,
}

/// What may be said of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::probe::ldap) enum Presence {
    /// It has a value.
    Value,
    /// It has none, and we would see one.
    Unset,
    /// We may not read it.
    Unreadable,
}

impl Observed {
    /// What may be said of an attribute that did not come.
    pub(in crate::probe::ldap) fn presence(&self, name: &str) -> Presence {
        if self.entry.has(name) {
            return Presence::Value;
        }
        // Every account has these, so that their absence is a matter of rights.
        let always = ["userAccountControl", "pwdLastSet", "accountExpires"];
        if always
            .iter()
            .any(|always| always.eq_ignore_ascii_case(name))
        {
            return Presence::Unreadable;
        }
        let may_read = attribute::named(name)
            .zip(self.descriptor.as_ref())
            .is_some_and(|(attribute, descriptor)| {
                descriptor.grants(&self.as_us(), READ_PROPERTY, attribute)
            });
        if may_read {
            Presence::Unset
        } else {
            Presence::Unreadable
        }
    }

    /// Our SIDs towards this object: on our own we are SELF too.
    fn as_us(&self) -> Vec<Sid> {
        let mut sids = self.our_sids.clone();
        if self.sid().is_some_and(|sid| sids.contains(&sid)) {
            sids.push(Sid::principal_self());
        }
        sids
    }

    /// A list that is empty when unset and nothing when unreadable.
    pub(in crate::probe::ldap) fn list(&self, name: &str) -> Option<Vec<String>> {
        (self.presence(name) != Presence::Unreadable).then(|| self.entry.texts(name))
    }

    /// Whether it stands for a virtual name of a failover cluster, such as a
    /// listener's: the cluster service gives those this service class. The
    /// cluster's own name has another one beside it.
    pub(in crate::probe::ldap) fn is_virtual_name(&self) -> Option<bool> {
        let spns = self.list("servicePrincipalName")?;
        let has = |class: &str| {
            spns.iter()
                .filter_map(|spn| spn.split('/').next())
                .any(|one| one.eq_ignore_ascii_case(class))
        };
        Some(has("MSClusterVirtualServer") && !has("MSServerCluster"))
    }

    /// objectSid.
    pub(in crate::probe::ldap) fn sid(&self) -> Option<Sid> {
        self.entry.sid("objectSid")
    }

    /// The kind of account.
    pub(in crate::probe::ldap) fn class(&self) -> Option<AccountClass> {
        AccountClass::from_object_classes(&self.entry.texts("objectClass"))
    }

    /// userAccountControl.
    pub(in crate::probe::ldap) fn control(&self) -> Option<UserAccountControl> {
        self.entry
            .bits("userAccountControl")
            .map(UserAccountControl)
    }

    /// What decides whether it can be used now.
    pub(in crate::probe::ldap) fn state(&self) -> AccountState {
        AccountState {
            control: self.control(),
            computed: self
                .entry
                .bits("msDS-User-Account-Control-Computed")
                .map(UserAccountControl),
            password_last_set: self.entry.number("pwdLastSet"),
            account_expires: self.entry.number("accountExpires"),
        }
    }

    /// msDS-SupportedEncryptionTypes: 0 when unset, nothing when unreadable.
    pub(in crate::probe::ldap) fn encryption_types(&self) -> Option<u32> {
        match self.presence("msDS-SupportedEncryptionTypes") {
            Presence::Value => self.entry.bits("msDS-SupportedEncryptionTypes"),
            Presence::Unset => Some(0),
            Presence::Unreadable => None,
        }
    }

    /// Whether it is in Protected Users, also through other groups.
    pub(in crate::probe::ldap) fn protected_user(&self) -> Option<bool> {
        let group = self.sid()?.domain()?.child(PROTECTED_USERS);
        if let Some(groups) = &self.token_groups {
            return Some(groups.contains(&group));
        }
        // Direct membership proves it; its absence does not prove the contrary.
        let direct = self
            .entry
            .texts("memberOf")
            .iter()
            .any(|group| group.to_lowercase().starts_with("cn=protected users,"));
        direct.then_some(true)
    }

    /// The accounts in its resource-based delegation entry.
    pub(in crate::probe::ldap) fn resource_based(&self) -> Option<Vec<Sid>> {
        self.trustees("msDS-AllowedToActOnBehalfOfOtherIdentity")
    }

    /// Whom a descriptor that is kept in an attribute allows; empty when unset,
    /// nothing when unreadable.
    pub(in crate::probe::ldap) fn trustees(&self, name: &str) -> Option<Vec<Sid>> {
        match self.presence(name) {
            Presence::Unreadable => None,
            Presence::Unset => Some(Vec::new()),
            Presence::Value => {
                let bytes = self.entry.bytes(name).first()?;
                SecurityDescriptor::parse(bytes).map(|descriptor| descriptor.allowed_trustees())
            }
        }
    }

    /// Whether we may write its SPNs.
    pub(in crate::probe::ldap) fn may_write_spn(&self) -> Option<bool> {
        let effective = self.entry.texts("allowedAttributesEffective");
        if !effective.is_empty() {
            let name = SERVICE_PRINCIPAL_NAME.name;
            return Some(
                effective
                    .iter()
                    .any(|other| other.eq_ignore_ascii_case(name)),
            );
        }
        let descriptor = self.descriptor.as_ref()?;
        Some(descriptor.grants(&self.as_us(), WRITE_PROPERTY, &SERVICE_PRINCIPAL_NAME))
    }

    /// Whether the account may register its own SPNs: the word and the
    /// sentence of the facts. The validated write is for computers, and only
    /// for their own host name without an instance ([MS-ADTS]
    /// 3.1.1.5.3.1.1.4).
    pub(in crate::probe::ldap) fn registers_itself(&self) -> Option<(&'static str, &'static str)> {
        let descriptor = self.descriptor.as_ref()?;
        let mut sids = vec![
            self.sid()?,
            Sid::principal_self(),
            Sid::authenticated_users(),
            Sid::everyone(),
        ];
        sids.extend(self.token_groups.iter().flatten().cloned());
        let may = |right| descriptor.grants(&sids, right, &SERVICE_PRINCIPAL_NAME);
        Some(if may(WRITE_PROPERTY) {
            (
                "yes",
                "the account may write its own SPNs, so SQL Server registers them at its start",
            )
        } else if self.class() != Some(AccountClass::User) && may(VALIDATED_WRITE) {
            (
                "validated-only",
                "the account may register SPNs of its own host name and port, but none with an instance \
                 name or another name",
            )
        } else {
            (
                "no",
                "the account may not write its own SPNs: an administrator must add them, or grant SELF \
                 the right to write servicePrincipalName",
            )
        })
    }

    /// The attributes that we may not read, of those that matter for the class.
    pub(in crate::probe::ldap) fn unreadable(&self) -> Vec<String> {
        let computer = self.class() != Some(AccountClass::User);
        let group_managed = self.class() == Some(AccountClass::GroupManagedServiceAccount);
        let mut names: Vec<String> = attribute::OPTIONAL
            .iter()
            .map(|attribute| attribute.name)
            .filter(|name| match *name {
                "msDS-GroupMSAMembership" => group_managed,
                "dNSHostName" => computer,
                "memberOf" => self.token_groups.is_none(),
                _ => true,
            })
            .filter(|name| self.presence(name) == Presence::Unreadable)
            .map(str::to_owned)
            .collect();
        for constructed in [
            "msDS-User-Account-Control-Computed",
            "msDS-UserPasswordExpiryTimeComputed",
            "msDS-KeyVersionNumber",
        ] {
            if !self.entry.has(constructed) {
                names.push(constructed.to_owned());
            }
        }
        if self.token_groups.is_none() {
            names.push("tokenGroups".to_owned());
        }
        if self.descriptor.is_none() {
            names.push("nTSecurityDescriptor".to_owned());
        }
        names
    }

    /// What was seen, for the evidence.
    pub(in crate::probe::ldap) fn words(&self) -> String {
        let mut words = Vec::new();
        if let Some(control) = self.control() {
            words.push(format!("userAccountControl {}", control.words().join(", ")));
        }
        let spns = self.entry.texts("servicePrincipalName").len();
        words.push(match spns {
            0 => "no SPN".to_owned(),
            1 => "1 SPN".to_owned(),
            count => format!("{count} SPNs"),
        });
        if let Some(version) = self.entry.number("msDS-KeyVersionNumber") {
            words.push(format!("key version {version}"));
        }
        let unreadable = self.unreadable();
        if !unreadable.is_empty() {
            words.push(format!("not readable for us: {}", unreadable.join(", ")));
        }
        words.join("; ")
    }

    /// A text that is null when unset or unreadable.
    pub(in crate::probe::ldap) fn text(&self, name: &str) -> Value {
        self.entry.text(name).map_or(Value::Null, Value::from)
    }
}

#[cfg(test)]
#[path = "observed/tests.rs"]
mod tests;
