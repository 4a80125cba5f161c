//! What a fix does, one operation at a time, independent of any tool.

use serde::{Deserialize, Serialize};

use super::account_setting::AccountSetting;

/// An account in the directory, as probes tell it
/// ([`crate::probe::declaration::ACCOUNT`]).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// `DOMAIN\name`.
    pub name: String,
    /// sAMAccountName, computers and managed service accounts with their `$`.
    pub sam_account_name: String,
    /// DNS name of the domain.
    pub domain: String,
    /// NetBIOS name of the domain.
    #[serde(default)]
    pub netbios_domain: Option<String>,
    /// The object's distinguished name.
    #[serde(default)]
    pub distinguished_name: Option<String>,
    /// objectSid.
    #[serde(default)]
    pub sid: Option<String>,
    /// `user`, `computer`, `managed-service-account` or
    /// `group-managed-service-account`.
    pub class: String,
}

impl Account {
    /// The logon name that an account of its kind has by itself; only users have
    /// one written down.
    pub fn usual_principal_name(&self) -> Option<String> {
        (self.class == "user").then(|| format!("{}@{}", self.sam_account_name, self.domain))
    }
}

/// One operation of a fix. In `flows/causes.yaml` an operation is a mapping
/// with one of these keys, in kebab-case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Operation {
    /// Takes an SPN away from an account.
    RemoveSpn {
        /// The SPN.
        spn: String,
        /// Who holds it wrongly.
        account: Account,
    },
    /// Gives an SPN to an account, after a forest-wide check for duplicates.
    AddSpn {
        /// The SPN.
        spn: String,
        /// Who must hold it.
        account: Account,
    },
    /// Makes the reverse record of an address name exactly this host.
    SetReverseRecord {
        /// The address.
        address: String,
        /// The fully qualified name that it must name.
        name: String,
        /// Names that it names now and must not.
        #[serde(default)]
        remove: Vec<String>,
        /// A server of the reverse zone, such as a domain controller.
        #[serde(default)]
        server: Option<String>,
    },
    /// Makes a host name lead to exactly these addresses.
    SetAddressRecord {
        /// The fully qualified name.
        name: String,
        /// The addresses that it must have.
        addresses: Vec<String>,
        /// Addresses that it has now and must not.
        #[serde(default)]
        remove: Vec<String>,
        /// A server of the zone.
        #[serde(default)]
        server: Option<String>,
    },
    /// Lets an account delegate to these SPNs (constrained delegation).
    AllowDelegation {
        /// The middle account.
        account: Account,
        /// The back end's SPNs.
        spns: Vec<String>,
    },
    /// Puts a middle account into the resource-based delegation entry of the
    /// back end's account.
    AllowToAct {
        /// The back end's account.
        account: Account,
        /// The middle account.
        delegate: Account,
        /// The SIDs that stand in the entry already and stay there.
        #[serde(default)]
        also: Vec<String>,
    },
    /// Takes the mark `sensitive and cannot be delegated` from a user.
    AllowUserDelegation {
        /// The user.
        account: Account,
    },
    /// Gives an account its usual logon name (userPrincipalName) in place of one
    /// that is an SPN; a computer or a managed service account then has none.
    ResetPrincipalName {
        /// The account.
        account: Account,
        /// The SPN that its logon name is, alone or with a realm.
        spn: String,
    },
    /// Changes one setting of an account.
    SetAccount {
        /// The account.
        account: Account,
        /// What it is to be.
        to: AccountSetting,
    },
    /// Creates a forest trust; needs an administrator of both forests.
    CreateForestTrust {
        /// The forest of the user.
        user_forest: String,
        /// The forest of the server.
        server_forest: String,
    },
    /// Creates a login in SQL Server; T-SQL.
    CreateLogin {
        /// The server, as `host,port`.
        server: String,
        /// `DOMAIN\name`.
        login: String,
    },
    /// A command that the user runs on this machine.
    ClientCommand {
        /// What it does.
        what: String,
        /// On Linux.
        linux: String,
        /// On Windows.
        #[serde(default)]
        windows: Option<String>,
    },
    /// Something that no script does: who must do what.
    Advice {
        /// The sentence.
        text: String,
    },
}

/// One field of an operation, as the catalogue writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// The name, in kebab-case.
    pub name: &'static str,
    /// Whether it must be there.
    pub required: bool,
}

const fn required(name: &'static str) -> Field {
    Field {
        name,
        required: true,
    }
}

const fn optional(name: &'static str) -> Field {
    Field {
        name,
        required: false,
    }
}

/// The operations by key with their fields, for the check of the catalogue.
pub const SHAPES: &[(&str, &[Field])] = &[
    ("remove-spn", &[required("spn"), required("account")]),
    ("add-spn", &[required("spn"), required("account")]),
    (
        "set-reverse-record",
        &[
            required("address"),
            required("name"),
            optional("remove"),
            optional("server"),
        ],
    ),
    (
        "set-address-record",
        &[
            required("name"),
            required("addresses"),
            optional("remove"),
            optional("server"),
        ],
    ),
    ("allow-delegation", &[required("account"), required("spns")]),
    (
        "reset-principal-name",
        &[required("account"), required("spn")],
    ),
    ("set-account", &[required("account"), required("to")]),
    (
        "allow-to-act",
        &[required("account"), required("delegate"), optional("also")],
    ),
    ("allow-user-delegation", &[required("account")]),
    (
        "create-forest-trust",
        &[required("user-forest"), required("server-forest")],
    ),
    ("create-login", &[required("server"), required("login")]),
    (
        "client-command",
        &[required("what"), required("linux"), optional("windows")],
    ),
    ("advice", &[required("text")]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// The table says of each operation what its type says.
    #[test]
    fn the_shapes_are_those_of_the_type() {
        let account = json!({
            "name": "CORP\\svc", "sam_account_name": "svc", "domain": "corp.example", "class": "user"
        });
        for (key, fields) in SHAPES {
            let filled = |skip: Option<&str>| {
                let fields: serde_json::Map<String, Value> = fields
                    .iter()
                    .filter(|field| Some(field.name) != skip)
                    .map(|field| {
                        let value = match field.name {
                            "account" | "delegate" => account.clone(),
                            "to" => json!("enabled"),
                            "remove" | "addresses" | "spns" | "also" => json!(["x"]),
                            _ => json!("x"),
                        };
                        (field.name.to_owned(), value)
                    })
                    .collect();
                serde_json::from_value::<Operation>(json!({ *key: fields }))
            };
            let whole = serde_json::to_value(filled(None).unwrap()).unwrap();
            assert_eq!(whole[key].as_object().unwrap().len(), fields.len(), "{key}");
            for field in *fields {
                assert_eq!(
                    filled(Some(field.name)).is_err(),
                    field.required,
                    "{key}.{}",
                    field.name
                );
            }
        }
    }
}
