//! Logins by a security token: Kerberos or NTLM, bare or inside SPNEGO.

use serde_json::json;

use super::Connection;
use super::login::{Account, untrusted_domain};
use crate::login7::Login7;
use crate::transport::TransportError;

impl Connection {
    /// Finds out who the client is; `None` when it was refused and answered.
    pub(super) async fn authenticate(
        &mut self,
        login: &Login7,
    ) -> Result<Option<Account>, TransportError> {
        self.log("login", json!({"result": "refused", "scheme": "unknown"}));
        self.refuse(login, &[untrusted_domain()]).await?;
        Ok(None)
    }
}
