//! msDS-TrustForestTrustInfo: which name suffixes are routed to the partner
//! ([MS-ADTS] 6.1.6.9.3).

use crate::directory::naming;
use crate::directory::sid::Sid;

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// Names below this suffix belong to the partner.
    Suffix {
        /// The suffix.
        name: String,
        /// Whether it is switched off, by an admin, a conflict or for being new.
        disabled: bool,
    },
    /// Names below this suffix do not, though a shorter one is routed.
    Excluded {
        /// The suffix.
        name: String,
    },
    /// A domain of the partner's forest.
    Domain {
        /// Its SID.
        sid: Option<Sid>,
        /// Its DNS name.
        dns_name: String,
        /// Its NetBIOS name.
        netbios_name: String,
        /// Whether its SIDs or NetBIOS name are switched off.
        disabled: bool,
    },
}

/// The disabled flags of a suffix: new, by an admin, by a conflict.
const SUFFIX_DISABLED: u32 = 0x7;
/// The disabled flags of a domain: SID and NetBIOS name, each by an admin or a
/// conflict.
const DOMAIN_DISABLED: u32 = 0xf;

/// Reads the records; `None` when the blob is cut. Records of a later kind are
/// skipped.
pub fn parse(bytes: &[u8]) -> Option<Vec<Record>> {
    let mut input = Input(bytes);
    if input.number()? != 1 {
        return None;
    }
    let count = input.number()?;
    let mut records = Vec::new();
    for _ in 0..count {
        let length = usize::try_from(input.number()?).ok()?;
        let record = parse_record(input.take(length)?)?;
        records.extend(record);
    }
    Some(records)
}

#[expect(
    clippy::option_option,
    reason = "outer: is the record whole; inner: is it of a known kind"
)]
fn parse_record(bytes: &[u8]) -> Option<Option<Record>> {
    let mut input = Input(bytes);
    let flags = input.number()?;
    input.take(8)?; // when it was set
    let kind = *input.take(1)?.first()?;
    Some(match kind {
        0 => Some(Record::Suffix {
            name: input.text()?,
            disabled: flags & SUFFIX_DISABLED != 0,
        }),
        1 => Some(Record::Excluded {
            name: input.text()?,
        }),
        2 => {
            let sid = Sid::from_bytes(input.counted()?);
            Some(Record::Domain {
                sid,
                dns_name: input.text()?,
                netbios_name: input.text()?,
                disabled: flags & DOMAIN_DISABLED != 0,
            })
        }
        _ => None,
    })
}

struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (front, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(front)
    }

    fn number(&mut self) -> Option<u32> {
        self.take(4)?
            .first_chunk::<4>()
            .map(|bytes| u32::from_le_bytes(*bytes))
    }

    fn counted(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        self.take(length)
    }

    fn text(&mut self) -> Option<String> {
        self.counted()
            .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }
}

/// Whether names like `host` are routed to the partner: the longest suffix that
/// fits decides.
pub fn routes(records: &[Record], host: &str) -> bool {
    let mut best: Option<(usize, bool)> = None;
    for record in records {
        let (name, routed) = match record {
            Record::Suffix { name, disabled } => (name, !disabled),
            Record::Excluded { name } => (name, false),
            Record::Domain { .. } => continue,
        };
        let length = name.trim_matches('.').len();
        if naming::is_within(host, name) && best.is_none_or(|(longest, _)| length >= longest) {
            best = Some((length, routed));
        }
    }
    best.is_some_and(|(_, routed)| routed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(value: &str) -> Vec<u8> {
        let mut bytes = u32::try_from(value.len()).unwrap().to_le_bytes().to_vec();
        bytes.extend(value.as_bytes());
        bytes
    }

    fn record(flags: u32, kind: u8, body: &[u8]) -> Vec<u8> {
        let mut inner = flags.to_le_bytes().to_vec();
        inner.extend([0; 8]);
        inner.push(kind);
        inner.extend(body);
        let mut bytes = u32::try_from(inner.len()).unwrap().to_le_bytes().to_vec();
        bytes.extend(inner);
        bytes
    }

    fn blob(records: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = 1_u32.to_le_bytes().to_vec();
        bytes.extend(u32::try_from(records.len()).unwrap().to_le_bytes());
        bytes.extend(records.concat());
        bytes
    }

    fn sample() -> Vec<u8> {
        let sid = Sid::parse("S-1-5-21-1-2-3").unwrap().to_bytes();
        let mut domain = u32::try_from(sid.len()).unwrap().to_le_bytes().to_vec();
        domain.extend(sid);
        domain.extend(text("partner.example"));
        domain.extend(text("PARTNER"));
        blob(&[
            record(0, 0, &text("partner.example")),
            record(2, 0, &text("off.example")),
            record(0, 1, &text("eu.partner.example")),
            record(0, 2, &domain),
            record(0, 9, b"later"),
        ])
    }

    #[test]
    fn records_are_read_and_routing_follows_the_longest() {
        let records = parse(&sample()).unwrap();
        assert_eq!(records.len(), 4);
        assert!(routes(&records, "sql1.partner.example"));
        assert!(!routes(&records, "sql1.eu.partner.example"));
        assert!(!routes(&records, "sql1.off.example"));
        assert!(!routes(&records, "sql1.other.example"));
        assert!(
            matches!(&records[3], Record::Domain { netbios_name, .. } if netbios_name == "PARTNER")
        );
    }

    #[test]
    fn a_cut_blob_is_refused() {
        let bytes = sample();
        for end in 0..bytes.len() {
            assert!(parse(&bytes[..end]).is_none(), "{end}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Some(records) = parse(&bytes) {
                let _ = routes(&records, "sql1.corp.example");
            }
        }
    }
}
