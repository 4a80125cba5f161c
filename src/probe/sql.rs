//! SQL Server sessions, and what they tell.

mod declaration;

use futures_util::future::BoxFuture;

use declaration::DECLARATION;

use super::{Context, Outcome, Probe, ProbeDeclaration, ProbeRequest};

/// The probes of this family.
pub static PROBES: &[&dyn Probe] = &[&SqlSession];

/// See the declaration.
#[derive(Debug)]
struct SqlSession;

impl Probe for SqlSession {
    fn declaration(&self) -> &'static ProbeDeclaration {
        &DECLARATION
    }

    fn observe<'a>(
        &'a self,
        _request: &'a ProbeRequest,
        _context: &'a Context,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async { Outcome::not_observed(&DECLARATION, "not observed yet") })
    }
}
