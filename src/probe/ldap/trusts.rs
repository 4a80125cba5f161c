//! `ldap-trusts`.

mod declaration;

use futures_util::future::BoxFuture;

use crate::probe::{Context, Outcome, Probe, ProbeDeclaration, ProbeRequest};

/// The probe `ldap-trusts`.
pub struct LdapTrusts;

impl Probe for LdapTrusts {
    fn declaration(&self) -> &'static ProbeDeclaration {
        &declaration::DECLARATION
    }

    fn observe<'a>(
        &'a self,
        _request: &'a ProbeRequest,
        _context: &'a Context,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async { Outcome::not_observed(self.declaration(), "this probe is not ready yet") })
    }
}
