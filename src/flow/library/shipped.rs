//! The flows that the program carries, so that it works on a host that has
//! nothing but the program.

use crate::flow::diagnostic::SourceFile;

/// Every file `flows/*.yaml` but the catalogue of causes, in the order of the
/// flow list. A test compares the list with the folder.
pub const SHIPPED: &[(&str, &str)] = &[
    (
        "cannot-generate-sspi-context.yaml",
        include_str!("../../../flows/cannot-generate-sspi-context.yaml"),
    ),
    (
        "login-with-ticket.yaml",
        include_str!("../../../flows/login-with-ticket.yaml"),
    ),
    (
        "name-resolution.yaml",
        include_str!("../../../flows/name-resolution.yaml"),
    ),
    (
        "domain-trust.yaml",
        include_str!("../../../flows/domain-trust.yaml"),
    ),
    (
        "spn-verification.yaml",
        include_str!("../../../flows/spn-verification.yaml"),
    ),
    (
        "account-and-keys.yaml",
        include_str!("../../../flows/account-and-keys.yaml"),
    ),
    (
        "driver-spns.yaml",
        include_str!("../../../flows/driver-spns.yaml"),
    ),
    (
        "availability-group-spns.yaml",
        include_str!("../../../flows/availability-group-spns.yaml"),
    ),
    (
        "linked-server-delegation.yaml",
        include_str!("../../../flows/linked-server-delegation.yaml"),
    ),
    (
        "still-failing.yaml",
        include_str!("../../../flows/still-failing.yaml"),
    ),
    (
        "service-account.yaml",
        include_str!("../../../flows/service-account.yaml"),
    ),
    (
        "login-group.yaml",
        include_str!("../../../flows/login-group.yaml"),
    ),
    (
        "server-settings.yaml",
        include_str!("../../../flows/server-settings.yaml"),
    ),
    ("sign-in.yaml", include_str!("../../../flows/sign-in.yaml")),
    (
        "server-reachability.yaml",
        include_str!("../../../flows/server-reachability.yaml"),
    ),
];

/// Where the name of a shipped file begins.
const FOLDER: &str = "flows/";

pub(super) fn files() -> Vec<SourceFile> {
    texts()
        .map(|(name, text)| SourceFile::new(&name, text))
        .collect()
}

/// The same with their names, to be read when they are wanted.
pub(super) fn texts() -> impl Iterator<Item = (String, &'static str)> {
    SHIPPED
        .iter()
        .map(|(name, text)| (format!("{FOLDER}{name}"), *text))
}

/// Whether a file of this name is one that the program carries.
pub(super) fn is_shipped(name: &str) -> bool {
    name.strip_prefix(FOLDER)
        .is_some_and(|name| SHIPPED.iter().any(|(shipped, _)| *shipped == name))
}
