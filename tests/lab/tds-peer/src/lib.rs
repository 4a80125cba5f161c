//! A TDS server that plays SQL Server from a scenario file, for tests only.
//!
//! It speaks TDS 7.1 to 7.4 and TDS 8, TLS in all modes, SQL logins, Kerberos
//! with a real keytab, NTLM as far as its challenge, and SQL Browser. What it
//! answers to queries stands in the scenario; a query without an answer fails
//! loudly. What SQL Server was never observed to do here is modelled after its
//! documentation: states of error 18456, the framing of refused security
//! tokens, NTLM.
//!
//! `scenarios/example.yaml` shows every part of a scenario, and
//! `conformance/run` lets Microsoft's ODBC driver, FreeTDS and impacket log in.
//!
//! | module | subject |
//! |---|---|
//! | [`scenario`] | what is played |
//! | [`server`] | listeners and their lifetime |
//! | [`session`] | one connection |
//! | [`packet`], [`transport`], [`tls`] | bytes, packets, TLS |
//! | [`prelogin`], [`login7`], [`request`] | what clients send |
//! | [`token`], [`value`] | what the server answers |
//! | [`batch`], [`catalog`], [`builtin`] | answers to queries |
//! | [`kerberos`], [`ntlm`] | security tokens |
//! | [`ssrp`] | SQL Browser |
//! | [`log`] | the event log |

pub mod batch;
pub mod builtin;
pub mod catalog;
pub mod kerberos;
pub mod log;
pub mod login7;
pub mod ntlm;
pub mod packet;
pub mod prelogin;
pub mod request;
pub mod scenario;
pub mod server;
pub mod session;
pub mod ssrp;
pub mod tls;
pub mod token;
pub mod transport;
pub mod unique;
pub mod value;
pub mod wire;
