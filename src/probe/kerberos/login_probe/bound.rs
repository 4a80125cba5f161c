//! The same login once more, bound to its TLS channel: a server that requires
//! Extended Protection lets that in, and one that has another reason does not.

use super::super::credential::Credential;
use super::super::gss;
use super::super::kdc::evidence;
use super::super::sql_login;
use super::Attempt;
use crate::probe::tds::Server;

impl Attempt<'_> {
    /// Tells whether the login comes off then; nothing when that cannot be
    /// tried, as without TLS.
    pub(super) async fn bound(&mut self, server: Server<'_>, spn: &str, ticket: &Credential) {
        let session = &self.context.session;
        let Ok(mut connection) = sql_login::open(session, server, self.deadline).await else {
            return;
        };
        // RFC 5929 3.1: the name of the binding's kind stands before its value.
        let Some(unique) = connection.tls().and_then(|tls| tls.unique) else {
            return;
        };
        let data = [b"tls-unique:".as_slice(), &unique].concat();
        let binding = gss::channel_binding(&data);
        let presented = sql_login::present(
            &mut connection,
            server.host,
            ticket,
            Some(binding),
            self.deadline,
        );
        let Ok(verdict) = presented.await else {
            return;
        };
        let mut line = evidence(
            &format!(
                "SQL Server at {}: login with the ticket for {spn}, bound to its TLS channel \
                 (tls-unique)",
                connection.address()
            ),
            verdict.words.clone(),
            None,
        );
        line.credential = Some(self.origin.clone());
        self.outcome.evidence(line);
        if matches!(verdict.status, "accepted" | "not-authorised" | "refused") {
            let accepted = verdict.status != "refused";
            self.outcome.fact("accepted_when_bound", accepted);
            if accepted {
                self.outcome.summary("accepted only when bound to TLS");
            }
        }
    }
}
