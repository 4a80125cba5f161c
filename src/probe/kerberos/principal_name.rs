//! Names of users and services, RFC 4120 6.2.

use super::der::{self, DerFault, Reader};

/// Name types, RFC 4120 6.2 and RFC 6806 5.
pub mod name_type {
    /// A user.
    pub const PRINCIPAL: i32 = 1;
    /// A service and its instance, such as an SPN.
    pub const SERVICE_INSTANCE: i32 = 2;
    /// `user@suffix`, which the KDC looks up as a userPrincipalName.
    pub const ENTERPRISE: i32 = 10;
}

/// A principal's name without its realm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrincipalName {
    /// Its type, see [`name_type`].
    pub kind: i32,
    /// Its parts.
    pub parts: Vec<String>,
}

impl PrincipalName {
    /// A service principal name, split at its slashes.
    pub fn service(name: &str) -> Self {
        Self {
            kind: name_type::SERVICE_INSTANCE,
            parts: name.split('/').map(str::to_owned).collect(),
        }
    }

    /// The ticket-granting service of a realm.
    pub fn ticket_granting(realm: &str) -> Self {
        Self {
            kind: name_type::SERVICE_INSTANCE,
            parts: vec!["krbtgt".to_owned(), realm.to_owned()],
        }
    }

    /// The realm that this ticket-granting service serves, if it is one.
    pub fn granted_realm(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [first, realm] if first == "krbtgt" => Some(realm),
            _ => None,
        }
    }

    /// PrincipalName in DER.
    pub fn to_der(&self) -> Vec<u8> {
        let parts: Vec<Vec<u8>> = self.parts.iter().map(|part| der::text(part)).collect();
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        der::sequence(&[
            &der::field(0, &der::integer(i64::from(self.kind))),
            &der::field(1, &der::sequence(&parts)),
        ])
    }

    /// Reads a PrincipalName.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, DerFault> {
        let mut fields = reader.sequence()?;
        let kind = fields.field(0)?.int32()?;
        let mut texts = fields.field(1)?.sequence()?;
        let mut parts = Vec::new();
        while !texts.is_empty() {
            parts.push(texts.text()?);
        }
        Ok(Self { kind, parts })
    }
}

impl std::fmt::Display for PrincipalName {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.parts.join("/"))
    }
}
