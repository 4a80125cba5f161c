//! What must hold of each reader of text and bytes from outside, whatever it is
//! given. The fuzz targets call these functions, and so does `tests/readers.rs`
//! in every test run, with the kept corpus and with random changes of it.
//!
//! Each takes bytes and panics when something does not hold: the reader itself
//! must not panic, what it makes of its input must not be larger than the input
//! allows, what reaches a screen must be clean ([`screen`]), and what was
//! written must be read back as it was.

pub mod directory;
pub mod dns;
pub mod flow;
pub mod journal;
pub mod kerberos;
pub mod screen;
pub mod sql_server;
pub mod typed;

/// A reader: the name of its fuzz target and of its folder in `corpus`, and
/// what must hold.
pub type Reader = (&'static str, fn(&[u8]));

/// All of them.
pub const READERS: &[Reader] = &[
    ("dns_answer", dns::answer),
    ("browser_reply", sql_server::browser_reply),
    ("prelogin", sql_server::prelogin),
    ("tds_answer", sql_server::tds_answer),
    ("sql_results", sql_server::sql_results),
    ("ntlm_challenge", sql_server::ntlm_challenge),
    ("certificate", sql_server::certificate),
    ("kdc_answer", kerberos::kdc_answer),
    ("ticket_cache", kerberos::ticket_cache),
    ("wrap_token", kerberos::wrap_token),
    ("krb5_conf", kerberos::krb5_conf),
    ("security_descriptor", directory::security_descriptor),
    ("trust_information", directory::trust_information),
    ("names", directory::names),
    ("pasted", typed::pasted),
    ("target_list", typed::target_list),
    ("configuration", typed::configuration),
    ("flow", flow::file),
    ("expression", flow::expression),
    ("journal", journal::journal),
    ("session", journal::session),
];
