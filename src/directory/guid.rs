//! GUIDs of attributes, property sets and rights, as security descriptors
//! name them ([MS-DTYP] 2.3.4; [MS-ADTS] 5.1.3.2.1; the schema).

use std::fmt;

/// A GUID in its binary form: the first three fields are little-endian.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Guid([u8; 16]);

impl Guid {
    /// The binary form as it stands in a descriptor.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// From the number that the text form is without its hyphens.
    pub const fn from_text_number(number: u128) -> Self {
        let b = number.to_be_bytes();
        Self([
            b[3], b[2], b[1], b[0], b[5], b[4], b[7], b[6], b[8], b[9], b[10], b[11], b[12], b[13],
            b[14], b[15],
        ])
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let b = self.0;
        for (index, position) in [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15]
            .into_iter()
            .enumerate()
        {
            if matches!(index, 4 | 6 | 8 | 10) {
                formatter.write_str("-")?;
            }
            write!(formatter, "{:02x}", b[position])?;
        }
        Ok(())
    }
}

impl fmt::Debug for Guid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// servicePrincipalName: the attribute, and also the validated write to it.
pub const SERVICE_PRINCIPAL_NAME: Guid =
    Guid::from_text_number(0xf3a6_4788_5306_11d1_a9c5_0000_f803_67c1);
/// The property set that servicePrincipalName, userPrincipalName and
/// msDS-AllowedToDelegateTo belong to.
pub const PUBLIC_INFORMATION: Guid =
    Guid::from_text_number(0xe48d_0154_bcf8_11d1_8702_00c0_4fb9_6050);
/// The property set that msDS-SupportedEncryptionTypes belongs to.
pub const PERSONAL_INFORMATION: Guid =
    Guid::from_text_number(0x77b5_b886_944a_11d1_aebd_0000_f803_67c1);
/// The property set of userAccountControl, pwdLastSet, accountExpires and
/// msDS-AllowedToActOnBehalfOfOtherIdentity.
pub const USER_ACCOUNT_RESTRICTIONS: Guid =
    Guid::from_text_number(0x4c16_4200_20c0_11d0_a768_00aa_006e_0529);
/// The right to authenticate to an account over a trust with selective
/// authentication ([MS-ADTS] 5.1.3.2.1).
pub const ALLOWED_TO_AUTHENTICATE: Guid =
    Guid::from_text_number(0x68b1_d179_0d15_4d4f_ab71_4615_2e79_a7bc);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_form_is_the_usual_one() {
        assert_eq!(
            SERVICE_PRINCIPAL_NAME.to_string(),
            "f3a64788-5306-11d1-a9c5-0000f80367c1"
        );
    }
}
