//! Secrets in every form in which a program could let them out.

use std::fs;
use std::path::Path;

/// A secret with the bytes by which it would be known.
pub struct Needles {
    name: &'static str,
    forms: Vec<(&'static str, Vec<u8>)>,
}

impl Needles {
    /// The secret itself, and what protocols make of it.
    pub fn of(name: &'static str, secret: &str) -> Self {
        let utf16: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
        // TDS swaps the halves of each byte and turns some bits ([MS-TDS] 2.2.6.4).
        let login7: Vec<u8> = utf16
            .iter()
            .map(|byte| byte.rotate_left(4) ^ 0xA5)
            .collect();
        let mut forms = vec![
            ("as it is", secret.as_bytes().to_vec()),
            ("in hexadecimal", hexadecimal(secret.as_bytes())),
            ("in UTF-16", utf16.clone()),
            ("UTF-16 in hexadecimal", hexadecimal(&utf16)),
            ("as TDS sends it", login7),
        ];
        // What stands before it moves the letters of base64.
        for (bytes, form) in [
            (secret.as_bytes(), "in base64"),
            (&utf16, "UTF-16 in base64"),
        ] {
            for shift in 0..3 {
                forms.push((form, base64_within(bytes, shift)));
            }
        }
        Self { name, forms }
    }

    /// Asserts that no form of it is in these bytes.
    #[track_caller]
    pub fn assert_not_in(&self, place: &str, bytes: &[u8]) {
        for (form, needle) in &self.forms {
            let found = bytes.windows(needle.len()).any(|window| window == needle);
            assert!(!found, "{} is in {place}, {form}", self.name);
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| DIGITS[usize::from(digit)])
        .collect()
}

/// The letters of base64 that a text has wherever it stands, `shift` bytes after
/// a multiple of three.
fn base64_within(bytes: &[u8], shift: usize) -> Vec<u8> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut padded = vec![0; shift];
    padded.extend_from_slice(bytes);
    let mut letters = Vec::new();
    for three in padded.chunks_exact(3) {
        let word = u32::from(three[0]) << 16 | u32::from(three[1]) << 8 | u32::from(three[2]);
        for position in [18, 12, 6, 0] {
            letters.push(LETTERS[(word >> position & 63) as usize]);
        }
    }
    // The first letters also hold bits of what stands before.
    letters.split_off(if shift == 0 { 0 } else { 4 })
}

/// Every file below a folder, as far as it can be read.
pub fn files(folder: &Path, found: &mut dyn FnMut(&Path, &[u8])) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => files(&path, found),
            Ok(kind) if kind.is_file() => {
                if let Ok(bytes) = fs::read(&path) {
                    found(&path, &bytes);
                }
            }
            _ => {}
        }
    }
}
