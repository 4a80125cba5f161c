//! The attributes that the probes read, with the GUIDs under which a security
//! descriptor grants them (schemaIDGUID and attributeSecurityGUID of the
//! Windows Server 2016 schema; [MS-ADA1] to [MS-ADA3]).

use super::guid::{Guid, PERSONAL_INFORMATION, PUBLIC_INFORMATION, USER_ACCOUNT_RESTRICTIONS};

/// One attribute.
#[derive(Clone, Copy, Debug)]
pub struct Attribute {
    /// lDAPDisplayName.
    pub name: &'static str,
    /// schemaIDGUID.
    pub guid: Guid,
    /// The property set that it belongs to, if any.
    pub property_set: Option<Guid>,
}

const fn attribute(name: &'static str, guid: u128, property_set: Option<Guid>) -> Attribute {
    Attribute {
        name,
        guid: Guid::from_text_number(guid),
        property_set,
    }
}

/// servicePrincipalName.
pub const SERVICE_PRINCIPAL_NAME: Attribute = Attribute {
    name: "servicePrincipalName",
    guid: super::guid::SERVICE_PRINCIPAL_NAME,
    property_set: Some(PUBLIC_INFORMATION),
};

/// The attributes whose absence may mean that they are unset or that they may
/// not be read.
pub static OPTIONAL: &[Attribute] = &[
    SERVICE_PRINCIPAL_NAME,
    attribute(
        "userPrincipalName",
        0x2863_0ebb_41d5_11d1_a9c1_0000_f803_67c1,
        Some(PUBLIC_INFORMATION),
    ),
    attribute(
        "msDS-AllowedToDelegateTo",
        0x800d_94d7_b7a1_42a1_b14d_7cae_1423_d07f,
        Some(PUBLIC_INFORMATION),
    ),
    attribute(
        "msDS-SupportedEncryptionTypes",
        0x2011_9867_1d04_4ab7_9371_cfc3_d5df_0afd,
        Some(PERSONAL_INFORMATION),
    ),
    attribute(
        "msDS-AllowedToActOnBehalfOfOtherIdentity",
        0x3f78_c3e5_f79a_46bd_a0b8_9d18_116d_dc79,
        Some(USER_ACCOUNT_RESTRICTIONS),
    ),
    attribute(
        "userAccountControl",
        0xbf96_7a68_0de6_11d0_a285_00aa_0030_49e2,
        Some(USER_ACCOUNT_RESTRICTIONS),
    ),
    attribute(
        "pwdLastSet",
        0xbf96_7a0a_0de6_11d0_a285_00aa_0030_49e2,
        Some(USER_ACCOUNT_RESTRICTIONS),
    ),
    attribute(
        "accountExpires",
        0xbf96_7915_0de6_11d0_a285_00aa_0030_49e2,
        Some(USER_ACCOUNT_RESTRICTIONS),
    ),
    attribute(
        "msDS-GroupMSAMembership",
        0x888e_edd6_ce04_df40_b462_b8a5_0e41_ba38,
        None,
    ),
    attribute(
        "msDS-AssignedAuthNPolicy",
        0xb87a_0ad8_54f7_49c1_84a0_e64d_1285_3588,
        None,
    ),
    attribute(
        "msDS-AssignedAuthNPolicySilo",
        0xb23f_c141_0df5_4aea_b33d_6cf4_9307_7b3f,
        None,
    ),
    attribute(
        "memberOf",
        0xbf96_7991_0de6_11d0_a285_00aa_0030_49e2,
        Some(Guid::from_text_number(
            0xbc0a_c240_79a9_11d0_9020_00c0_4fc2_d4cf,
        )),
    ),
    attribute(
        "dNSHostName",
        0x72e3_9547_7b18_11d1_adef_00c0_4fd8_d5cd,
        None,
    ),
];

/// The attribute with this name.
pub fn named(name: &str) -> Option<&'static Attribute> {
    OPTIONAL
        .iter()
        .find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}
