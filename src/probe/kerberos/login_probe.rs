//! `sql-login-kerberos`: does SQL Server accept the ticket, and the user?

use futures_util::future::BoxFuture;

use crate::probe::{Context, Outcome, Probe, ProbeDeclaration, ProbeRequest};

mod declaration;

use declaration::DECLARATION;

/// The probe.
#[derive(Debug)]
pub struct SqlLoginKerberos;

impl Probe for SqlLoginKerberos {
    fn declaration(&self) -> &'static ProbeDeclaration {
        &DECLARATION
    }

    fn observe<'a>(
        &'a self,
        _request: &'a ProbeRequest,
        _context: &'a Context,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async { Outcome::not_observed(&DECLARATION, "this build cannot look yet") })
    }
}
