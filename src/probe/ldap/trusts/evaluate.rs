//! The way from the user's domain to the server's, from what both sides say.

use super::side::{Side, TrustRead};
use crate::directory::naming;
use crate::directory::trust::forest_information;
use crate::directory::trust::{Attributes, Direction, Kind};
use crate::probe::ldap::forest::Forest;

/// The question and what is known.
pub(super) struct Known<'a> {
    /// The user's domain and forest.
    pub(super) from: (&'a str, Option<&'a str>),
    /// The server's domain and forest.
    pub(super) to: (&'a str, Option<&'a str>),
    /// The user's side, if it could be read.
    pub(super) from_side: Option<&'a Side>,
    /// The server's side, if it could be read.
    pub(super) to_side: Option<&'a Side>,
    /// The server's DNS name.
    pub(super) host: Option<&'a str>,
}

/// What it comes to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Evaluation {
    /// The probe's status.
    pub(super) status: &'static str,
    /// The domains on the way; empty without one.
    pub(super) path: Vec<String>,
    /// The way in words.
    pub(super) words: String,
    /// The trusts that it crosses.
    pub(super) legs: Vec<TrustRead>,
    /// See the facts of the same names.
    pub(super) selective_authentication: Option<bool>,
    /// See the facts.
    pub(super) tgt_delegation: Option<bool>,
    /// See the facts.
    pub(super) suffix_routed: Option<bool>,
    /// See the facts.
    pub(super) one_sided: Option<bool>,
}

impl Evaluation {
    /// The trust between the two forests, if there is one.
    pub(super) fn leg(&self) -> Option<&TrustRead> {
        let within = |read: &&TrustRead| read.trust.kind() == Kind::WithinForest;
        self.legs
            .iter()
            .find(|read| !within(read))
            .or(self.legs.first())
    }
}

/// Works out the way.
pub(super) fn evaluate(known: &Known<'_>) -> Evaluation {
    let (from, to) = (known.from.0, known.to.0);
    if naming::same_name(from, to) {
        return Evaluation {
            status: "same-domain",
            path: vec![from.to_lowercase()],
            words: format!("user and server are both in {from}"),
            selective_authentication: Some(false),
            tgt_delegation: Some(true),
            ..Evaluation::default()
        };
    }
    if let Some(path) = same_forest(known) {
        return Evaluation {
            status: "same-forest",
            words: format!("{}, all in one forest", path.join(" -> ")),
            legs: legs(&path, known),
            path,
            selective_authentication: Some(false),
            tgt_delegation: Some(true),
            ..Evaluation::default()
        };
    }
    between_forests(known)
}

/// The way within one forest: up to the nearest common domain, then down.
fn same_forest(known: &Known<'_>) -> Option<Vec<String>> {
    let (from, to) = (known.from.0, known.to.0);
    let one_forest = match (known.from.1, known.to.1) {
        (Some(one), Some(other)) => naming::same_name(one, other),
        _ => false,
    };
    let forest = [known.from_side, known.to_side]
        .into_iter()
        .flatten()
        .map(|side| &side.forest)
        .find(|forest| forest.domain(from).is_some() && forest.domain(to).is_some());
    match forest {
        Some(forest) => Some(within(forest, from, to)),
        None => one_forest.then(|| vec![from.to_lowercase(), to.to_lowercase()]),
    }
}

/// The domains from `from` to `to` within a forest, over the trees' roots when
/// they are in different trees.
fn within(forest: &Forest, from: &str, to: &str) -> Vec<String> {
    let up = ancestors(forest, from);
    let down = ancestors(forest, to);
    let meeting = up.iter().find(|domain| down.contains(domain));
    let Some(meeting) = meeting else {
        let mut path = up;
        path.extend(down.into_iter().rev());
        return path;
    };
    let mut path: Vec<String> = up
        .iter()
        .take_while(|domain| *domain != meeting)
        .cloned()
        .collect();
    path.push(meeting.clone());
    let rest: Vec<String> = down
        .iter()
        .take_while(|domain| *domain != meeting)
        .cloned()
        .collect();
    path.extend(rest.into_iter().rev());
    path
}

/// A domain and those above it, up to the forest's root.
fn ancestors(forest: &Forest, domain: &str) -> Vec<String> {
    let mut list = Vec::new();
    let mut next = Some(domain.to_lowercase());
    while let Some(name) = next {
        if list.contains(&name) {
            break;
        }
        next = forest
            .domain(&name)
            .and_then(|domain| domain.parent.clone());
        list.push(name);
    }
    // The roots of all trees trust the forest's root.
    let root = forest.name.to_lowercase();
    if forest.domain(&root).is_some() && !list.contains(&root) {
        list.push(root);
    }
    list
}

fn between_forests(known: &Known<'_>) -> Evaluation {
    let from_forest = known.from.1.unwrap_or(known.from.0);
    let to_forest = known.to.1.unwrap_or(known.to.0);
    // As the server's side has it, the trust must be outbound; as the user's
    // side has it, inbound.
    let at_server = known
        .to_side
        .map(|side| find(side, &[from_forest, known.from.0]));
    let at_user = known
        .from_side
        .map(|side| find(side, &[to_forest, known.to.0]));
    let one_sided = match (&at_server, &at_user) {
        (Some(one), Some(other)) => Some(one.is_some() != other.is_some()),
        _ => None,
    };
    let trusting = at_server.as_ref().copied().flatten();
    let trusted = at_user.as_ref().copied().flatten();
    let mut evaluation = Evaluation {
        one_sided,
        selective_authentication: selective(trusting),
        tgt_delegation: trusted.map(|read| read.trust.delegates_tgt()),
        suffix_routed: known.host.zip(trusted).and_then(|(host, read)| {
            let records = read.suffixes.as_ref()?;
            Some(forest_information::routes(records, host))
        }),
        ..Evaluation::default()
    };
    let none = |words: String| Evaluation {
        status: "no-trust",
        words,
        ..Evaluation::default()
    };
    if one_sided == Some(true) {
        let (has, lacks) = if trusting.is_some() {
            (to_forest, from_forest)
        } else {
            (from_forest, to_forest)
        };
        return Evaluation {
            one_sided,
            ..none(format!(
                "the trust between {from_forest} and {to_forest} stands in {has} only; {lacks} does not \
                 have it"
            ))
        };
    }
    let Some(read) = trusting.or(trusted) else {
        return Evaluation {
            one_sided,
            ..none(format!("{to_forest} has no trust with {from_forest}"))
        };
    };
    // What one side forbids, the other cannot allow.
    let wrong_at_server = trusting.filter(|read| !read.trust.direction.trusts_partner());
    let wrong_at_user = trusted.filter(|read| !read.trust.direction.trusted_by_partner());
    let wrong = wrong_at_server.or(wrong_at_user);
    let read = wrong.unwrap_or(read);
    evaluation.words = read.trust.direction_words();
    evaluation.status = match (read.trust.direction, wrong, read.trust.kind()) {
        (Direction::Disabled, ..) => "no-trust",
        (_, Some(_), _) => "trusted-wrong-way",
        (_, None, Kind::Forest) => "trusted",
        (_, None, _) => "not-forest-trust",
    };
    if evaluation.status == "trusted" {
        evaluation.path = whole_path(known, from_forest, to_forest);
        evaluation.words = format!(
            "{} by a forest trust; {}",
            evaluation.path.join(" -> "),
            evaluation.words
        );
    }
    evaluation.legs = if evaluation.path.is_empty() {
        vec![read.clone()]
    } else {
        legs(&evaluation.path, known)
    };
    evaluation
}

/// The flag stands on the trusting side; on the other side it is about the
/// other direction.
fn selective(trusting: Option<&TrustRead>) -> Option<bool> {
    trusting.map(|read| read.trust.attributes.has(Attributes::CROSS_ORGANIZATION))
}

/// The trust with one of these partners, the first that fits best.
fn find<'a>(side: &'a Side, partners: &[&str]) -> Option<&'a TrustRead> {
    partners.iter().find_map(|partner| {
        side.trusts
            .iter()
            .find(|read| naming::same_name(&read.trust.partner, partner))
    })
}

fn whole_path(known: &Known<'_>, from_forest: &str, to_forest: &str) -> Vec<String> {
    let front = match known.from_side {
        Some(side) => within(&side.forest, known.from.0, from_forest),
        None => vec![known.from.0.to_lowercase(), from_forest.to_lowercase()],
    };
    let back = match known.to_side {
        Some(side) => within(&side.forest, to_forest, known.to.0),
        None => vec![to_forest.to_lowercase(), known.to.0.to_lowercase()],
    };
    let mut path: Vec<String> = front.into_iter().chain(back).collect();
    path.dedup();
    path
}

/// The trusts between each domain of the path and the next, as the trusting
/// side has them where that was read.
fn legs(path: &[String], known: &Known<'_>) -> Vec<TrustRead> {
    let all: Vec<&TrustRead> = [known.to_side, known.from_side]
        .into_iter()
        .flatten()
        .flat_map(|side| &side.trusts)
        .collect();
    path.windows(2)
        .filter_map(|pair| {
            let between = |here: &str, there: &str| {
                all.iter().find(|read| {
                    naming::same_name(&read.trust.read_in, here)
                        && naming::same_name(&read.trust.partner, there)
                })
            };
            between(&pair[1], &pair[0]).or_else(|| between(&pair[0], &pair[1]))
        })
        .map(|read| (*read).clone())
        .collect()
}

#[cfg(test)]
#[path = "evaluate/tests.rs"]
mod tests;
