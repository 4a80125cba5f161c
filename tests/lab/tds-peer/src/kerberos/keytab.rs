//! MIT keytab files, format 0x0502.
//!
//! The format is described in the MIT Kerberos documentation, "Keytab file
//! format"; all numbers are big-endian.

use std::fmt;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::wire::{Malformed, Reader};

/// Why a keytab cannot be used.
#[derive(Debug, Error)]
pub enum KeytabError {
    /// The file cannot be read.
    #[error("cannot read the keytab {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is not a keytab.
    #[error("{path} is not a keytab: {source}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: Malformed,
    },
}

/// A key of a service.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    /// Its principal, `MSSQLSvc/sql1.corp.example:1433@CORP.EXAMPLE`.
    pub principal: String,
    /// Key version.
    pub kvno: u32,
    /// Encryption type (17 and 18 AES, 23 RC4).
    pub etype: i32,
    /// The key itself.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Key({} kvno {} etype {})",
            self.principal, self.kvno, self.etype
        )
    }
}

/// The keys of a keytab file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keytab {
    /// In the order of the file.
    pub keys: Vec<Key>,
}

impl Keytab {
    /// Reads a keytab file.
    pub fn load(path: &Path) -> Result<Self, KeytabError> {
        let bytes = std::fs::read(path).map_err(|source| KeytabError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&bytes).map_err(|source| KeytabError::Malformed {
            path: path.to_owned(),
            source,
        })
    }

    /// Reads the contents of a keytab file.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut file = Reader::new("keytab", bytes);
        if file.bytes(2)? != [5, 2] {
            return Err(Malformed::new("keytab", "it does not begin with 0x0502"));
        }
        let mut keys = Vec::new();
        while !file.is_empty() {
            let size = i32::from_be_bytes(file.array()?);
            let entry = file.bytes(usize::try_from(size.unsigned_abs()).unwrap_or(usize::MAX))?;
            // A negative size is a hole where an entry was removed.
            if size > 0 {
                keys.push(entry_key(entry)?);
            }
        }
        Ok(Self { keys })
    }
}

fn entry_key(entry: &[u8]) -> Result<Key, Malformed> {
    let mut entry = Reader::new("keytab entry", entry);
    let components = entry.u16_be()?;
    let realm = counted_text(&mut entry)?;
    let mut names = Vec::new();
    for _ in 0..components {
        names.push(counted_text(&mut entry)?);
    }
    let _name_type = entry.u32_be()?;
    let _written = entry.u32_be()?;
    let short_kvno = u32::from(entry.u8()?);
    let etype = i32::from(entry.u16_be()?);
    let length = usize::from(entry.u16_be()?);
    let bytes = entry.bytes(length)?.to_vec();
    // A 32-bit version may follow; it counts when it is not zero.
    let kvno = match entry.u32_be() {
        Ok(long) if long != 0 => long,
        _ => short_kvno,
    };
    Ok(Key {
        principal: format!("{}@{realm}", names.join("/")),
        kvno,
        etype,
        bytes,
    })
}

fn counted_text(entry: &mut Reader<'_>) -> Result<String, Malformed> {
    let length = usize::from(entry.u16_be()?);
    entry
        .bytes(length)
        .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(kvno: u8, long_kvno: Option<u32>) -> Vec<u8> {
        let mut out = vec![0, 2];
        for text in ["CORP.EXAMPLE", "MSSQLSvc", "sql1.corp.example:1433"] {
            out.extend(u16::try_from(text.len()).expect("short").to_be_bytes());
            out.extend(text.as_bytes());
        }
        out.extend([0, 0, 0, 1, 0, 0, 0, 0, kvno, 0, 17, 0, 2, 0xAB, 0xCD]);
        out.extend(long_kvno.into_iter().flat_map(u32::to_be_bytes));
        out
    }

    fn file(entries: &[(i32, Vec<u8>)]) -> Vec<u8> {
        let mut out = vec![5, 2];
        for (sign, entry) in entries {
            let size = sign * i32::try_from(entry.len()).expect("short");
            out.extend(size.to_be_bytes());
            out.extend(entry);
        }
        out
    }

    #[test]
    fn entries_are_read_and_holes_are_skipped() {
        let bytes = file(&[
            (1, entry(3, None)),
            (-1, vec![0; 30]),
            (1, entry(44, Some(300))),
        ]);
        let keytab = Keytab::parse(&bytes).expect("well formed");
        let principal = "MSSQLSvc/sql1.corp.example:1433@CORP.EXAMPLE";
        let key = |kvno| Key {
            principal: principal.into(),
            kvno,
            etype: 17,
            bytes: vec![0xAB, 0xCD],
        };
        assert_eq!(keytab.keys, [key(3), key(300)]);
    }

    #[test]
    fn keys_do_not_show_in_debug_output() {
        let keytab = Keytab::parse(&file(&[(1, entry(3, None))])).expect("well formed");
        assert_eq!(
            format!("{:?}", keytab.keys[0]),
            "Key(MSSQLSvc/sql1.corp.example:1433@CORP.EXAMPLE kvno 3 etype 17)"
        );
    }

    #[test]
    fn other_files_are_refused() {
        assert!(Keytab::parse(b"#!/bin/sh").is_err());
        let mut cut = file(&[(1, entry(3, None))]);
        cut.truncate(cut.len() - 4);
        assert!(Keytab::parse(&cut).is_err());
        assert!(Keytab::parse(&[5, 2, 0x80, 0, 0, 0]).is_err());
    }
}
