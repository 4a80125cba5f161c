//! Who we are to the servers that we ask.

use std::path::PathBuf;

use crate::secret::Secret;

/// The credentials of a session. Each probe says in its evidence which it used.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    /// Where Kerberos tickets come from.
    pub kerberos: KerberosCredential,
    /// A SQL login, which unlocks facts that only SQL Server knows.
    pub sql_login: Option<UserPassword>,
}

impl Credentials {
    /// Every password in them.
    pub fn passwords(&self) -> impl Iterator<Item = &Secret> {
        let domain = match &self.kerberos {
            KerberosCredential::Password(user) => Some(user),
            KerberosCredential::DefaultCache | KerberosCredential::Cache(_) => None,
        };
        domain
            .into_iter()
            .chain(&self.sql_login)
            .map(|user| &user.password)
    }
}

/// Where Kerberos tickets come from.
#[derive(Clone, Debug, Default)]
pub enum KerberosCredential {
    /// The cache that is there: `KRB5CCNAME`, else krb5.conf's
    /// `default_ccache_name`, else `FILE:/tmp/krb5cc_UID`.
    #[default]
    DefaultCache,
    /// A cache named by the user, as `FILE:/path` or a path.
    Cache(PathBuf),
    /// A user (`name@REALM` or `DOMAIN\name`) with a prompted password.
    Password(UserPassword),
}

/// A user and a password.
#[derive(Clone, Debug)]
pub struct UserPassword {
    /// The name as the user typed it.
    pub user: String,
    /// The password.
    pub password: Secret,
}
