//! A Kerberos acceptor in pure Rust (RFC 4120, RFC 4121, RFC 4178).

mod keytab;

pub use keytab::{Key, Keytab, KeytabError};
