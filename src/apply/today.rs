//! Today's values of an object, read on the controller that is written to.

use super::connect::Controllers;
use super::edit::{Edit, Value};
use super::object::Object;
use super::refusal::Refusal;
use crate::directory::filter;
use crate::directory::sid::Sid;
use crate::fix::Account;
use crate::probe::ldap::entry::Entry;
use crate::probe::ldap::fault::DirectoryFault;
use crate::probe::ldap::search::Search;

pub(super) const SPNS: &str = "servicePrincipalName";
pub(super) const LIST: &str = "msDS-AllowedToDelegateTo";
pub(super) const NAME: &str = "userPrincipalName";
pub(super) const CONTROL: &str = "userAccountControl";
pub(super) const LOCK: &str = "lockoutTime";
pub(super) const ENTRY: &str = "msDS-AllowedToActOnBehalfOfOtherIdentity";
pub(super) const MEMBER: &str = "member";

/// What is read: every attribute that is written but `member`, and what tells
/// whether we may write it ([MS-ADTS] 3.1.1.4.5.22).
const READ: &[&str] = &[
    "sAMAccountName",
    "objectSid",
    "allowedAttributesEffective",
    SPNS,
    LIST,
    NAME,
    CONTROL,
    LOCK,
    ENTRY,
    "accountExpires",
    "msDS-SupportedEncryptionTypes",
];

/// An object as it is today.
#[derive(Clone, Debug)]
pub(super) struct Today {
    /// What it is.
    pub(super) object: Object,
    entry: Entry,
}

impl Today {
    /// All values of an attribute, in order.
    pub(super) fn values(&self, attribute: &str) -> Vec<Value> {
        sorted(self.entry.bytes(attribute).iter().cloned().map(Value))
    }

    /// Whether the directory says that we may write an attribute; it names none
    /// when we may write nothing.
    pub(super) fn may_write(&self, attribute: &str) -> bool {
        let allowed = self.entry.texts("allowedAttributesEffective");
        allowed
            .iter()
            .any(|name| name.eq_ignore_ascii_case(attribute))
    }
}

/// Reads an account of the session and makes sure that it is the same one.
pub(super) async fn account(
    controllers: &Controllers,
    account: &Account,
) -> Result<Today, Refusal> {
    let base = match (&account.sid, &account.distinguished_name) {
        (Some(sid), _) => by_sid(sid),
        (None, Some(name)) => name.clone(),
        (None, None) => {
            return Err(Refusal::Object(format!(
                "the session does not know the directory object of {}",
                account.name
            )));
        }
    };
    let netbios = account.netbios_domain.as_deref().unwrap_or(&account.domain);
    let today = read(controllers, &account.domain, netbios, &base, &account.name).await?;
    let sam = today.entry.text("sAMAccountName").unwrap_or_default();
    let sam = crate::hostile::shown_line(&sam);
    if !sam.eq_ignore_ascii_case(&account.sam_account_name) {
        return Err(Refusal::Object(format!(
            "the account that the session knew as {} is now called {}",
            account.name, sam
        )));
    }
    Ok(today)
}

/// Reads a group by its SID.
pub(super) async fn group(
    controllers: &Controllers,
    account: &Account,
    sid: &str,
) -> Result<Today, Refusal> {
    let netbios = account.netbios_domain.as_deref().unwrap_or(&account.domain);
    read(controllers, &account.domain, netbios, &by_sid(sid), sid).await
}

/// Active Directory and Samba take it for a name ([MS-ADTS] 3.1.1.3.1.2.4).
fn by_sid(sid: &str) -> String {
    format!("<SID={sid}>")
}

async fn read(
    controllers: &Controllers,
    domain: &str,
    netbios: &str,
    base: &str,
    called: &str,
) -> Result<Today, Refusal> {
    let connection = controllers.of(domain).await?;
    let search = Search::object(base, READ);
    let found = connection
        .search(controllers.context().deadline, &search)
        .await?;
    let gone = || {
        Refusal::Object(format!(
            "{} does not show {called}: it was deleted, or you may not see it",
            connection.host()
        ))
    };
    let entry = found.entries.into_iter().next().ok_or_else(gone)?;
    let sid: Sid = entry.sid("objectSid").ok_or_else(gone)?;
    let sam = entry.text("sAMAccountName").unwrap_or_default();
    Ok(Today {
        object: Object {
            server: connection.host().to_owned(),
            domain: domain.to_lowercase(),
            account: crate::hostile::shown_line(&format!("{netbios}\\{sam}")),
            distinguished_name: entry.distinguished_name.clone(),
            sid: sid.to_string(),
        },
        entry,
    })
}

/// The values that an edit is about, as they are now.
pub(super) async fn now(
    controllers: &Controllers,
    edit: &Edit,
) -> Result<Vec<Value>, DirectoryFault> {
    if edit.attribute == MEMBER {
        let mut members = Vec::new();
        for value in edit.before.iter().chain(&edit.after) {
            let name = value.text().unwrap_or_default();
            if is_member(controllers, &edit.object, name).await? {
                members.push(value.clone());
            }
        }
        return Ok(sorted(members));
    }
    let connection = controllers.of(&edit.object.domain).await?;
    let search = Search::object(&edit.object.distinguished_name, READ);
    let found = connection
        .search(controllers.context().deadline, &search)
        .await?;
    let entry = found.entries.first();
    Ok(sorted(
        entry
            .map(|entry| entry.bytes(&edit.attribute))
            .into_iter()
            .flatten()
            .cloned()
            .map(Value),
    ))
}

/// Whether an object is a direct member of a group.
pub(super) async fn is_member(
    controllers: &Controllers,
    group: &Object,
    name: &str,
) -> Result<bool, DirectoryFault> {
    let connection = controllers.of(&group.domain).await?;
    let filter = filter::equals(MEMBER, name);
    let mut search = Search::object(&group.distinguished_name, &["objectSid"]);
    search.filter = &filter;
    let found = connection
        .search(controllers.context().deadline, &search)
        .await?;
    Ok(!found.entries.is_empty())
}

pub(super) fn sorted(values: impl IntoIterator<Item = Value>) -> Vec<Value> {
    let mut values: Vec<Value> = values.into_iter().collect();
    values.sort();
    values.dedup();
    values
}
