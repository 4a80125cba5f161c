//! What a probe says of itself: the flow checker, the reference, the redaction
//! and the screen are all made from these tables.

use std::time::Duration;

/// The status that every probe has beside its own: it did not look, was
/// cancelled, was not allowed to, or the recorded world has no answer. The fact
/// `reason` (a text, present in every outcome) says which.
pub const NOT_OBSERVED: &str = "not-observed";

/// A probe's declaration.
#[derive(Debug)]
pub struct ProbeDeclaration {
    /// The key in a flow's step, such as `dns-forward`.
    pub key: &'static str,
    /// A title of a few words.
    pub title: &'static str,
    /// What it looks at, for the flow author and the curious user.
    pub help: &'static str,
    /// Whether it may run without asking the user.
    pub consent: Consent,
    /// The time it is given unless the flow says otherwise.
    pub deadline: Duration,
    /// What it takes.
    pub arguments: &'static [ArgumentDeclaration],
    /// Every status it can answer, without [`NOT_OBSERVED`].
    pub statuses: &'static [StatusDeclaration],
    /// Every fact it can tell, without `reason`. All are present in each
    /// outcome, null where they were not observed.
    pub facts: &'static [FactDeclaration],
}

impl ProbeDeclaration {
    /// Whether the probe answers this status, [`NOT_OBSERVED`] included.
    pub fn has_status(&self, status: &str) -> bool {
        status == NOT_OBSERVED || self.statuses.iter().any(|declared| declared.name == status)
    }

    /// The tone of a status; unknown for one that is not declared.
    pub fn tone(&self, status: &str) -> Tone {
        self.statuses
            .iter()
            .find(|declared| declared.name == status)
            .map_or(Tone::Unknown, |declared| declared.tone)
    }
}

/// Whether a probe may run by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// It leaves no trace that anyone would ask about.
    Silent,
    /// It may leave a line in a server's log: the user is asked first. The
    /// text says what it leaves and where.
    AsksFirst(&'static str),
}

/// One argument of a probe.
#[derive(Debug)]
pub struct ArgumentDeclaration {
    /// The name in the flow.
    pub name: &'static str,
    /// The kind of its value.
    pub kind: FactKind,
    /// Whether it must be given, and not be null.
    pub required: bool,
    /// What it means.
    pub help: &'static str,
}

/// One status of a probe.
#[derive(Debug)]
pub struct StatusDeclaration {
    /// The name, in kebab-case.
    pub name: &'static str,
    /// How a person should take it.
    pub tone: Tone,
    /// What it means.
    pub help: &'static str,
}

/// How a status is to be taken, for the mark beside the step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As it should be.
    Good,
    /// Something is wrong, or may be.
    Fault,
    /// Nothing can be said.
    Unknown,
}

/// One fact of a probe, or one field of a record.
#[derive(Debug)]
pub struct FactDeclaration {
    /// The name, in snake_case: it stands in expressions.
    pub name: &'static str,
    /// The kind of its value.
    pub kind: FactKind,
    /// What it means, with its unit.
    pub help: &'static str,
}

/// The kind of a value. Names of people, machines and accounts are kinds of
/// their own, so that an export can replace them by pseudonyms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactKind {
    /// Words without a name of anyone in them.
    Text,
    /// A DNS host name or domain name.
    HostName,
    /// An IP address.
    Address,
    /// An account, as `DOMAIN\name` or `name@domain`.
    AccountName,
    /// An LDAP distinguished name.
    DistinguishedName,
    /// A service principal name.
    Spn,
    /// A security identifier, `S-1-5-…`.
    Sid,
    /// A TCP or UDP port.
    Port,
    /// A whole number.
    Integer,
    /// True or false.
    Boolean,
    /// A point in time, RFC 3339 in UTC.
    Time,
    /// A duration in seconds, as a number.
    Seconds,
    /// A secret of the session's [`crate::secret::Vault`]: the value is a handle.
    /// Only arguments are of this kind, never facts.
    Secret,
    /// Several values of one kind.
    List(&'static FactKind),
    /// Named values.
    Record(&'static [FactDeclaration]),
    /// A record of any shape, such as an answer of an earlier step handed on.
    Any,
}

impl PartialEq for FactDeclaration {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.kind == other.kind
    }
}

impl Eq for FactDeclaration {}

/// The fields of an account as every probe that names one tells it, and as the
/// fix operations take it.
pub const ACCOUNT: FactKind = FactKind::Record(&[
    FactDeclaration {
        name: "name",
        kind: FactKind::AccountName,
        help: "`DOMAIN\\name`, with the NetBIOS name of the domain",
    },
    FactDeclaration {
        name: "sam_account_name",
        kind: FactKind::AccountName,
        help: "sAMAccountName, computers and managed service accounts with their `$`",
    },
    FactDeclaration {
        name: "domain",
        kind: FactKind::HostName,
        help: "DNS name of the account's domain",
    },
    FactDeclaration {
        name: "netbios_domain",
        kind: FactKind::AccountName,
        help: "NetBIOS name of the account's domain",
    },
    FactDeclaration {
        name: "distinguished_name",
        kind: FactKind::DistinguishedName,
        help: "the object's distinguished name",
    },
    FactDeclaration {
        name: "sid",
        kind: FactKind::Sid,
        help: "objectSid",
    },
    FactDeclaration {
        name: "class",
        kind: FactKind::Text,
        help: "`user`, `computer`, `managed-service-account` or `group-managed-service-account`",
    },
]);
