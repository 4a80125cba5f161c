//! Faults of SQL Server itself: it is started again with what the lab's
//! faults make of its scenario.

use crate::error::Result;
use crate::lab::Lab;

/// How sql1's linked server SQL2 signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkedLogin {
    /// Everybody as the SQL login `reader`.
    Fixed,
    /// Everybody as himself, but alice as `reader`.
    FixedForAlice,
    /// Without any security context.
    Nobody,
}

/// Every fault with its name and what it does.
pub(super) const TABLE: &[(LinkedLogin, &str, &str)] = &[
    (
        LinkedLogin::Fixed,
        "linked-login-mapping",
        "sql1's linked server signs everybody in as reader",
    ),
    (
        LinkedLogin::FixedForAlice,
        "linked-login-mapping:alice",
        "sql1's linked server signs alice in as reader",
    ),
    (
        LinkedLogin::Nobody,
        "linked-login-mapping:nobody",
        "sql1's linked server signs in without a security context",
    ),
];

pub(super) fn restart(lab: &Lab) -> Result<()> {
    lab.sql("sql1")?.restart()
}
