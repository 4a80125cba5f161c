//! A Kerberos acceptor in pure Rust (RFC 4120, RFC 4121, RFC 4178).

pub mod accept;
pub mod bindings;
pub mod crypto;
pub mod der;
pub mod gss;
pub mod keytab;
pub mod message;
pub mod spnego;

pub use keytab::{Key, Keytab, KeytabError};
