//! Live tests: a fault is put into real forests, the real program walks, and
//! must find this cause and no other; where the directory or DNS takes the
//! repair, the generated script is run and the walk must come out healthy.
//!
//! They need root and the packages that `tests/run` installs. One lab serves
//! all of them, one after the other.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by them, and says where"
)]

#[path = "../page/browser.rs"]
#[allow(
    dead_code,
    clippy::allow_attributes,
    clippy::unwrap_used,
    reason = "a test uses a part of it"
)]
mod browser;
#[path = "../secrets/needles.rs"]
mod needles;
#[path = "../pty/terminal.rs"]
#[allow(
    dead_code,
    clippy::allow_attributes,
    clippy::unwrap_used,
    reason = "a test uses a part of it"
)]
mod terminal;
mod walk;

mod account_state;
mod accounts;
mod across;
mod apply;
mod asked_once;
mod audit;
mod delegation;
mod doctor;
mod fleet;
mod going_away;
mod hostile_text;
mod keys;
mod least_harm;
mod names;
mod network;
mod pasted;
mod secret_input;
mod secrets;
mod sign_in;
mod spn;
mod spn_forms;
mod spn_groups;
mod spn_holders;
mod statuses;
mod ticket_caches;
mod trust;
mod world;
