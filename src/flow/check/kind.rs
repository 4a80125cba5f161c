//! The kinds of the values that expressions name.

use crate::flow::raw::RawKind;
use crate::flow::suggest;
use crate::probe::{FactDeclaration, FactKind};

/// The fields of a SQL target, as `{{ server.host }}` names them.
pub const SQL_TARGET: FactKind = FactKind::Record(&[
    FactDeclaration {
        name: "typed",
        kind: FactKind::Text,
        help: "as it was typed",
    },
    FactDeclaration {
        name: "host",
        kind: FactKind::HostName,
        help: "the host name or address",
    },
    FactDeclaration {
        name: "port",
        kind: FactKind::Port,
        help: "the port, null when none was typed",
    },
    FactDeclaration {
        name: "instance",
        kind: FactKind::Text,
        help: "the named instance, null for the default one",
    },
    FactDeclaration {
        name: "protocol",
        kind: FactKind::Text,
        help: "the protocol that was typed before the host",
    },
    FactDeclaration {
        name: "is_address",
        kind: FactKind::Boolean,
        help: "whether the host is an IP address",
    },
    FactDeclaration {
        name: "is_local",
        kind: FactKind::Boolean,
        help: "whether it is this machine by its loopback names",
    },
    FactDeclaration {
        name: "is_short_name",
        kind: FactKind::Boolean,
        help: "whether the host is a name without a domain",
    },
]);

/// What a name stands for.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A fact or a part of one.
    Fact(FactKind),
    /// One of these words: a status, or the answer of a choice. The text says
    /// what they are.
    Word(Vec<String>, String),
    /// A step, with its results.
    Step(Vec<(String, Kind)>),
}

impl Kind {
    /// The kind of an answer.
    pub fn of_answer<'a>(
        kind: RawKind,
        options: impl Iterator<Item = &'a String>,
        what: &str,
    ) -> Self {
        match kind {
            RawKind::Text => Self::Fact(FactKind::Text),
            RawKind::Secret => Self::Fact(FactKind::Secret),
            RawKind::Host => Self::Fact(FactKind::HostName),
            RawKind::SqlTarget => Self::Fact(SQL_TARGET),
            RawKind::Port => Self::Fact(FactKind::Port),
            RawKind::YesNo => Self::Fact(FactKind::Boolean),
            RawKind::Choice => Self::Word(options.cloned().collect(), what.to_owned()),
        }
    }

    /// The kind of a field; a message and a hint when there is none.
    pub fn field(&self, owner: &str, name: &str) -> Result<Self, (String, String)> {
        let unknown = |known: Vec<&str>| {
            (
                format!("`{owner}` has no field `{name}`"),
                suggest::hint(name, known),
            )
        };
        match self {
            Self::Fact(FactKind::Any) => Ok(Self::Fact(FactKind::Any)),
            Self::Fact(FactKind::Record(fields)) => fields
                .iter()
                .find(|field| field.name == name)
                .map(|field| Self::Fact(field.kind))
                .ok_or_else(|| unknown(fields.iter().map(|field| field.name).collect())),
            Self::Step(facts) => facts
                .iter()
                .find(|(fact, _)| fact == name)
                .map(|(_, kind)| kind.clone())
                .ok_or_else(|| unknown(facts.iter().map(|(fact, _)| fact.as_str()).collect())),
            Self::Fact(FactKind::List(item)) => Err((
                format!("`{owner}` is a list and has no field `{name}`"),
                match item {
                    FactKind::Record(_) => format!(
                        "take one of them (`{owner}[0].{name}`), or all: `{owner} | map(attribute='{name}')`"
                    ),
                    _ => "look at its items with a filter, such as `length`, `first` or `join`"
                        .to_owned(),
                },
            )),
            other => Err((
                format!("`{owner}` is {} and has no field `{name}`", other.words()),
                format!("use `{owner}` itself"),
            )),
        }
    }

    /// In words.
    pub fn words(&self) -> String {
        match self {
            Self::Fact(kind) => words(*kind),
            Self::Word(_, what) => what.clone(),
            Self::Step(_) => "a step".to_owned(),
        }
    }

    /// Whether a value of this kind can be given where `wanted` is taken.
    pub fn fits(&self, wanted: FactKind) -> bool {
        match self {
            Self::Word(..) => fits(FactKind::Text, wanted),
            Self::Fact(kind) => fits(*kind, wanted),
            Self::Step(_) => wanted == FactKind::Any,
        }
    }
}

/// A kind in words, such as "a list of addresses".
pub fn words(kind: FactKind) -> String {
    match kind {
        FactKind::Text => "a text",
        FactKind::HostName => "a host name",
        FactKind::Address => "an IP address",
        FactKind::AccountName => "an account name",
        FactKind::DistinguishedName => "a distinguished name",
        FactKind::Spn => "an SPN",
        FactKind::Sid => "a SID",
        FactKind::Port => "a port",
        FactKind::Integer => "a whole number",
        FactKind::Boolean => "true or false",
        FactKind::Time => "a time",
        FactKind::Seconds => "a number of seconds",
        FactKind::Any => "any value",
        FactKind::Secret => "a secret",
        FactKind::List(item) => {
            return format!("a list (each item {})", words(*item));
        }
        record if record == SQL_TARGET => "a SQL target",
        FactKind::Record(fields) => {
            let names: Vec<&str> = fields.iter().map(|field| field.name).collect();
            return format!("a record of {}", suggest::list(&names));
        }
    }
    .to_owned()
}

/// How values of a kind compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// As texts.
    Text,
    /// As numbers.
    Number,
    /// As truth.
    Truth,
    /// As a whole.
    Compound,
    /// Not known.
    Any,
}

/// The shape of a kind.
pub fn shape(kind: FactKind) -> Shape {
    match kind {
        FactKind::Port | FactKind::Integer | FactKind::Seconds => Shape::Number,
        FactKind::Boolean => Shape::Truth,
        FactKind::List(_) | FactKind::Record(_) => Shape::Compound,
        FactKind::Any | FactKind::Secret => Shape::Any,
        _ => Shape::Text,
    }
}

fn fits(given: FactKind, wanted: FactKind) -> bool {
    match (given, wanted) {
        // A secret goes where one is expected, and a text is not made one.
        (FactKind::Secret, _) | (_, FactKind::Secret) => given == wanted,
        (FactKind::Any, _) | (_, FactKind::Any) => true,
        (FactKind::List(given), FactKind::List(wanted)) => fits(*given, *wanted),
        (FactKind::Record(given), FactKind::Record(wanted)) => wanted
            .iter()
            .all(|field| given.iter().any(|other| other.name == field.name)),
        (given, wanted) => shape(given) == shape(wanted) && shape(given) != Shape::Compound,
    }
}
