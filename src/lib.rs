//! sspi-doctor: finds out why a SQL Server login ends in "The target principal
//! name is incorrect. Cannot generate SSPI context", and walks to the fix.
//!
//! The map, each module knowing only those above it:
//!
//! | module | subject |
//! |---|---|
//! | [`hostile`], [`secret`], [`exit`] | text from outside, secrets, exit codes |
//! | [`sql_target`] | what people type to name a SQL Server |
//! | [`glossary`] | the words of the screens, explained |
//! | [`pasted`] | what people paste: error messages, answers of commands, reports, advice |
//! | [`directory`] | what Active Directory means: SPNs, accounts, SIDs, trusts; pure functions |
//! | [`probe`] | live, read-only observations; the only place that opens sockets |
//! | [`cause`], [`fix`] | the catalogue of root causes, and scripts that repair them |
//! | [`flow`] | the declarative flows: load, check, expressions |
//! | [`engine`] | the walk as a pure state machine |
//! | [`transcript`] | the journal of a session and every export made from it |
//! | [`apply`] | makes and undoes the changes of a fix; the only place that writes to a directory |
//! | [`driver`] | runs what the engine asks for: probes, deadlines, prefetch |
//! | [`config`], [`log`] | what is set once; the log file |
//! | [`doctor`] | what this host lacks |
//! | [`headless`], [`tui`] | the two ways to walk |
//! | [`cli`] | the subcommands |

pub mod apply;
pub mod cause;
pub mod cli;
pub mod config;
pub mod directory;
pub mod doctor;
pub mod driver;
pub mod engine;
pub mod exit;
pub mod fix;
pub mod flow;
pub mod glossary;
pub mod headless;
pub mod hostile;
pub mod log;
pub mod pasted;
pub mod printer;
pub mod probe;
pub mod secret;
pub mod sql_target;
pub mod transcript;
pub mod tui;
