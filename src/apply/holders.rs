//! Who has a value today: in the forest by the global catalog, and on the
//! controller that is written to, which may know more or less.

use super::connect::Controllers;
use super::edit::{Edit, How, Value};
use super::today;
use crate::directory::{filter, naming};
use crate::probe::ldap::connection::Connection;
use crate::probe::ldap::fault::DirectoryFault;
use crate::probe::ldap::forest::Forest;
use crate::probe::ldap::search::{Found, Search};

const ATTRIBUTES: &[&str] = &["sAMAccountName", "objectSid", "objectClass"];

/// Somebody who has a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Holder {
    /// objectSid.
    pub(super) sid: String,
    /// `DOMAIN\name`.
    pub(super) name: String,
}

/// All who have it.
#[derive(Clone, Debug, Default)]
pub(super) struct Holders {
    /// By the global catalog.
    pub(super) catalog: Vec<Holder>,
    /// By the controller.
    pub(super) controller: Vec<Holder>,
}

impl Holders {
    /// Each once.
    pub(super) fn all(&self) -> Vec<&Holder> {
        let mut all: Vec<&Holder> = Vec::new();
        for holder in self.controller.iter().chain(&self.catalog) {
            if !all.iter().any(|known| known.sid == holder.sid) {
                all.push(holder);
            }
        }
        all
    }
}

/// Asks both.
pub(super) async fn of(
    controllers: &Controllers,
    domain: &str,
    attribute: &str,
    value: &str,
) -> Result<Holders, DirectoryFault> {
    let controller = controllers.of(domain).await?;
    let context = controllers.context();
    let directory = &controllers.session().directory;
    let (catalog, forest) = directory.catalog(&context, domain, None).await?;
    let filter = filter::equals(attribute, value);
    let base = naming::distinguished_name_of(domain);
    let everywhere = Search::below("", &filter, ATTRIBUTES);
    let here = Search::below(&base, &filter, ATTRIBUTES);
    let ask = async |connection: &Connection, search: &Search<'_>| {
        connection.search(context.deadline, search).await
    };
    let (forest_wide, own) = tokio::join!(ask(&catalog, &everywhere), ask(&controller, &here));
    Ok(Holders {
        catalog: named(&forest_wide?, &forest),
        controller: named(&own?, &forest),
    })
}

fn named(found: &Found, forest: &Forest) -> Vec<Holder> {
    found
        .entries
        .iter()
        .map(|entry| Holder {
            sid: entry
                .sid("objectSid")
                .map(|sid| sid.to_string())
                .unwrap_or_default(),
            name: crate::hostile::shown_line(&forest.account_name(entry)),
        })
        .collect()
}

/// Whether what an edit adds must stand on one account alone.
pub(super) fn must_be_unique(edit: &Edit) -> bool {
    (edit.attribute == today::SPNS || edit.attribute == today::NAME) && edit.how != How::Delete
}

/// A value that an edit adds and others have, with their names. `made` are the
/// changes before it: the global catalog may not know of them yet.
pub(super) async fn strangers(
    controllers: &Controllers,
    edit: &Edit,
    made: &[&Edit],
) -> Result<Option<(String, String)>, DirectoryFault> {
    if !must_be_unique(edit) {
        return Ok(None);
    }
    for value in edit.added() {
        let Some(text) = value.text() else { continue };
        let holders = of(controllers, &edit.object.domain, &edit.attribute, text).await?;
        let lately = |holder: &&Holder| !made.iter().any(|made| took(made, &holder.sid, value));
        let others: Vec<&str> = holders
            .controller
            .iter()
            .chain(holders.catalog.iter().filter(lately))
            .filter(|holder| holder.sid != edit.object.sid)
            .map(|holder| holder.name.as_str())
            .collect();
        if let Some(first) = others.first() {
            return Ok(Some((text.to_owned(), (*first).to_owned())));
        }
    }
    Ok(None)
}

/// Whether a change took a value from an account.
fn took(made: &Edit, sid: &str, value: &Value) -> bool {
    made.object.sid == sid && made.removed().iter().any(|removed| removed.same(value))
}
