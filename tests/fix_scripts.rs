//! The fix scripts, run for real against programs that only note what they were
//! called with.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "fix_scripts/accounts.rs"]
mod accounts;
#[path = "fix_scripts/bench.rs"]
mod bench;
#[path = "fix_scripts/hostile.rs"]
mod hostile;
#[path = "fix_scripts/records.rs"]
mod records;
#[path = "fix_scripts/spns.rs"]
mod spns;
