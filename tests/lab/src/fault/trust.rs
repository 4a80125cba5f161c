//! Faults of the trust between CORP and PARTNER. They are written into the
//! trustedDomain objects, past the rules that Windows' own tools keep; the
//! restored lab starts from the provisioned directories again.

use crate::accounts::base64;
use crate::directory::{Rules, replace};
use crate::error::Result;
use crate::lab::Lab;
use crate::topology::{CORP, Domain, PARTNER};
use crate::trust as both_sides;

/// What is wrong with the trust.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// Neither forest has it.
    Missing,
    /// Only CORP has it.
    OneSided,
    /// CORP trusts PARTNER, PARTNER does not trust CORP.
    WrongWay,
    /// It is external, not between the forests.
    External,
    /// The two sides keep different secrets for CORP's users.
    Broken,
    /// CORP's list has the suffix partner.example switched off.
    SuffixOff,
    /// CORP's list has another suffix only.
    SuffixOther,
    /// PARTNER admits only those of CORP who are allowed to authenticate.
    Selective,
    /// As before, and the group of all users of CORP has that right on sqlp.
    SelectiveAllowed,
    /// PARTNER takes SIDs of other domains than CORP out of tickets; nobody has
    /// any; no fault.
    Quarantined,
    /// As before, and the login on sqlp is for the SID that alice had in a
    /// former domain.
    FormerSid,
    /// Unconstrained delegation may cross it; no fault.
    CarriesTgt,
}

/// Every fault with its name and what it does.
pub(super) const TABLE: &[(Trust, &str, &str)] = &[
    (
        Trust::Missing,
        "trust-missing",
        "the trust is deleted on both sides",
    ),
    (
        Trust::OneSided,
        "trust-broken:one-sided",
        "the trust is deleted in PARTNER only",
    ),
    (
        Trust::WrongWay,
        "trust-direction",
        "CORP trusts PARTNER, not the reverse",
    ),
    (Trust::External, "trust-not-forest", "the trust is external"),
    (
        Trust::Broken,
        "trust-broken",
        "the two sides of the trust keep different secrets",
    ),
    (
        Trust::SuffixOff,
        "suffix-not-routed",
        "the suffix partner.example is switched off in CORP",
    ),
    (
        Trust::SuffixOther,
        "suffix-not-routed:other",
        "CORP routes another suffix to PARTNER only",
    ),
    (
        Trust::Selective,
        "selective-authentication",
        "PARTNER admits only those of CORP who may authenticate; nobody may",
    ),
    (
        Trust::SelectiveAllowed,
        "selective-authentication:allowed",
        "as before, and CORP's users may authenticate to sqlp; no fault",
    ),
    (
        Trust::FormerSid,
        "sid-filtering",
        "PARTNER filters SIDs of other domains than CORP, and sqlp's login is for alice's former SID",
    ),
    (
        Trust::Quarantined,
        "sid-filtering:nothing-lost",
        "PARTNER filters SIDs of other domains than CORP, and nobody has any; no fault",
    ),
    (
        Trust::CarriesTgt,
        "trust-carries-tgt",
        "unconstrained delegation may cross the trust; no fault",
    ),
];

/// alice's SID in a domain that is no more.
pub const FORMER_SID: &str = "S-1-5-21-1111111111-2222222222-333333333-1105";

/// `trustDirection` ([MS-ADTS] 6.1.6.7.12).
const INBOUND: &str = "1";
const OUTBOUND: &str = "2";
/// `trustAttributes` ([MS-ADTS] 6.1.6.7.9): forest, with selective
/// authentication, with TGT delegation, with quarantine; none of it.
const SELECTIVE: &str = "24";
const CARRIES_TGT: &str = "2056";
const QUARANTINED: &str = "12";
const EXTERNAL: &str = "0";

pub(super) fn inject(lab: &Lab, fault: Trust) -> Result<()> {
    match fault {
        Trust::Missing => both_sides::delete(lab.controller(&CORP)?),
        Trust::OneSided => lab.ldbmodify(
            PARTNER.controller,
            Rules::Kept,
            &format!("dn: {}\nchangetype: delete\n\n", object(&PARTNER, &CORP)),
        ),
        Trust::WrongWay => {
            set(lab, &CORP, "trustDirection", &[OUTBOUND])?;
            set(lab, &PARTNER, "trustDirection", &[INBOUND])?;
            // Only the incoming side of a trust has an account for it.
            let account = format!("CN={}$,CN=Users,{}", PARTNER.netbios, CORP.base);
            let ldif = format!("dn: {account}\nchangetype: delete\n\n");
            lab.ldbmodify(CORP.controller, Rules::Relaxed, &ldif)
        }
        Trust::External => [&CORP, &PARTNER].into_iter().try_for_each(|side| {
            set(lab, side, "trustAttributes", &[EXTERNAL])?;
            set(lab, side, "msDS-TrustForestTrustInfo", &[])
        }),
        // CORP's users show PARTNER what CORP keeps as the incoming secret.
        Trust::Broken => binary(lab, &CORP, "trustAuthIncoming", &secret()),
        Trust::SuffixOff => suffix(lab, PARTNER.name, true),
        Trust::SuffixOther => suffix(lab, "other.example", false),
        Trust::Selective => set(lab, &PARTNER, "trustAttributes", &[SELECTIVE]),
        Trust::Quarantined => set(lab, &PARTNER, "trustAttributes", &[QUARANTINED]),
        Trust::FormerSid => {
            set(lab, &PARTNER, "trustAttributes", &[QUARANTINED])?;
            let alice = crate::accounts::find("alice")?.dn();
            let ldif = replace(&alice, "sIDHistory", &[FORMER_SID]);
            lab.ldbmodify(CORP.controller, Rules::Relaxed, &ldif)?;
            super::group::restart(lab)
        }
        Trust::SelectiveAllowed => {
            set(lab, &PARTNER, "trustAttributes", &[SELECTIVE])?;
            allow_to_authenticate(lab)
        }
        Trust::CarriesTgt => {
            set(lab, &CORP, "trustAttributes", &[CARRIES_TGT])?;
            set(lab, &PARTNER, "trustAttributes", &[CARRIES_TGT])
        }
    }
}

/// The trustedDomain object of the other side.
fn object(side: &Domain, other: &Domain) -> String {
    format!("CN={},CN=System,{}", other.name, side.base)
}

fn other(side: &Domain) -> &'static Domain {
    if *side == CORP { &PARTNER } else { &CORP }
}

fn set(lab: &Lab, side: &Domain, attribute: &str, values: &[&str]) -> Result<()> {
    lab.ldbmodify(
        side.controller,
        Rules::Relaxed,
        &replace(&object(side, other(side)), attribute, values),
    )
}

fn binary(lab: &Lab, side: &Domain, attribute: &str, value: &[u8]) -> Result<()> {
    let ldif = format!(
        "dn: {}\nchangetype: modify\nreplace: {attribute}\n{attribute}:: {}\n\n",
        object(side, other(side)),
        base64(value)
    );
    lab.ldbmodify(side.controller, Rules::Relaxed, &ldif)
}

/// CORP's list of what is routed to PARTNER: one suffix
/// ([MS-ADTS] 6.1.6.9.3).
fn suffix(lab: &Lab, name: &str, disabled: bool) -> Result<()> {
    /// `LSA_TLN_DISABLED_ADMIN`.
    const DISABLED_BY_ADMIN: u32 = 2;
    let flags = if disabled { DISABLED_BY_ADMIN } else { 0 };
    let mut record = Vec::new();
    record.extend(flags.to_le_bytes());
    record.extend(0_u64.to_le_bytes());
    // ForestTrustTopLevelName.
    record.push(0);
    record.extend(length(name.as_bytes()).to_le_bytes());
    record.extend(name.as_bytes());
    let mut blob = Vec::new();
    blob.extend(1_u32.to_le_bytes());
    blob.extend(1_u32.to_le_bytes());
    blob.extend(length(&record).to_le_bytes());
    blob.extend(record);
    binary(lab, &CORP, "msDS-TrustForestTrustInfo", &blob)
}

/// A secret that the other side does not have ([MS-ADTS] 6.1.6.9.1): the same
/// as the present and the previous one.
fn secret() -> Vec<u8> {
    /// `TRUST_AUTH_TYPE_CLEAR`.
    const CLEAR: u32 = 2;
    let password: Vec<u8> = "another secret of this side alone"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let mut entry = Vec::new();
    entry.extend(0x01DD_7AB4_0000_0000_u64.to_le_bytes());
    entry.extend(CLEAR.to_le_bytes());
    entry.extend(length(&password).to_le_bytes());
    entry.extend(&password);
    entry.resize(entry.len().next_multiple_of(4), 0);
    let header = 12;
    let mut blob = Vec::new();
    blob.extend(1_u32.to_le_bytes());
    blob.extend(u32::to_le_bytes(header));
    blob.extend((header + length(&entry)).to_le_bytes());
    blob.extend(&entry);
    blob.extend(&entry);
    blob
}

fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

/// Domain Users of CORP may authenticate to SQL Server's account and to the
/// computer that it runs on.
fn allow_to_authenticate(lab: &Lab) -> Result<()> {
    let sid = lab
        .host(CORP.controller)?
        .run(&["wbinfo", "--name-to-sid", "CORP\\Domain Users"])?;
    let sid = sid.split_whitespace().next().unwrap_or_default().to_owned();
    let entry = format!("(OA;;CR;68b1d179-0d15-4d4f-ab71-46152e79a7bc;;{sid})");
    let account = crate::accounts::find("svc_psql")?.dn();
    let computer = crate::accounts::computer_dn("sqlp", &PARTNER);
    [account, computer].iter().try_for_each(|name| {
        let name = format!("--objectdn={name}");
        let entry = format!("--sddl={entry}");
        let arguments = ["dsacl", "set", "--action=allow", &name, &entry];
        lab.samba_tool(PARTNER.controller, &arguments).map(drop)
    })
}
