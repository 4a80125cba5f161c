//! Groups: how far they reach ([MS-ADTS] 2.2.12).

/// GROUP_TYPE_ACCOUNT_GROUP.
const GLOBAL: u32 = 0x2;
/// GROUP_TYPE_RESOURCE_GROUP.
const DOMAIN_LOCAL: u32 = 0x4;
/// GROUP_TYPE_UNIVERSAL_GROUP.
const UNIVERSAL: u32 = 0x8;

/// The scope of a group with this groupType: `global` and `universal` groups
/// go with a ticket into other domains, a `domain-local` one counts in its own
/// domain only.
pub const fn scope(group_type: u32) -> Option<&'static str> {
    if group_type & DOMAIN_LOCAL != 0 {
        Some("domain-local")
    } else if group_type & GLOBAL != 0 {
        Some("global")
    } else if group_type & UNIVERSAL != 0 {
        Some("universal")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn security_groups_of_each_scope() {
        // -2147483644, -2147483646 and -2147483640 in the directory.
        assert_eq!(scope(0x8000_0004), Some("domain-local"));
        assert_eq!(scope(0x8000_0002), Some("global"));
        assert_eq!(scope(0x8000_0008), Some("universal"));
        assert_eq!(scope(0), None);
    }
}
