//! Every reader of text and bytes from outside: its kept corpus, and random
//! changes of it. What must hold is shared with the fuzz targets; those are
//! run by hand (docs/fuzzing.md).

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "fuzz/src/lib.rs"]
mod readers;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use readers::READERS;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz")
}

/// The kept inputs of a reader, in order.
fn corpus(reader: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder().join("corpus").join(reader))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
        .into_iter()
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect()
}

fn listed(folder: &Path) -> BTreeSet<String> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect()
}

#[test]
fn every_reader_has_a_target_and_a_corpus() {
    let readers: BTreeSet<String> = READERS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(listed(&folder().join("fuzz_targets")), readers);
    assert_eq!(listed(&folder().join("corpus")), readers);
    let manifest = fs::read_to_string(folder().join("Cargo.toml")).unwrap();
    let script = fs::read_to_string(folder().join("run")).unwrap();
    for reader in &readers {
        assert!(
            manifest.contains(&format!("name = \"{reader}\"")),
            "{reader}"
        );
        assert!(script.contains(reader.as_str()), "{reader} is not run");
        assert!(corpus(reader).len() > 1, "{reader} has no corpus");
    }
    let all = readers.iter().flat_map(|reader| corpus(reader));
    let size: usize = all.map(|(_, bytes)| bytes.len()).sum();
    assert!(size < 300_000, "the corpus has {size} bytes");
}

#[test]
fn the_corpus_is_read() {
    let mut broken = Vec::new();
    for (reader, check) in READERS {
        for (path, bytes) in corpus(reader) {
            if std::panic::catch_unwind(|| check(&bytes)).is_err() {
                broken.push(path);
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// A change of an input: what, where, with which byte, how many.
type Change = (u8, Index, u8, usize);

fn apply(bytes: &mut Vec<u8>, (what, at, byte, count): &Change) {
    if bytes.is_empty() {
        bytes.push(*byte);
        return;
    }
    let at = at.index(bytes.len());
    let end = (at + count).min(bytes.len());
    match what {
        0 => bytes[at] = *byte,
        1 => bytes[at] ^= 1 << (byte & 7),
        2 => bytes.insert(at, *byte),
        3 => bytes.truncate(at),
        4 => drop(bytes.drain(at..end)),
        _ => {
            let again = bytes[at..end].to_vec();
            bytes.splice(at..at, again);
        }
    }
}

/// An input of the corpus with changes, or any bytes.
fn changed(reader: &str) -> impl Strategy<Value = Vec<u8>> + use<> {
    let kept: Vec<Vec<u8>> = corpus(reader).into_iter().map(|(_, bytes)| bytes).collect();
    let change = (0_u8..6, any::<Index>(), any::<u8>(), 1_usize..40);
    let of_kept = (select(kept), vec(change, 1..8)).prop_map(|(mut bytes, changes)| {
        for change in &changes {
            apply(&mut bytes, change);
        }
        bytes
    });
    prop_oneof![7 => of_kept, 1 => vec(any::<u8>(), 0..300)]
}

/// One property for each reader: what must hold of it holds of any input.
macro_rules! properties {
    ($($reader:ident)*) => {
        proptest! {
            #![proptest_config(ProptestConfig::with_cases(96))]
            $(
                #[test]
                fn $reader(bytes in changed(stringify!($reader))) {
                    let name = stringify!($reader);
                    let (_, check) = READERS.iter().find(|(reader, _)| *reader == name).unwrap();
                    check(&bytes);
                }
            )*
        }

        #[test]
        fn every_reader_has_a_property() {
            let tested = [$(stringify!($reader)),*];
            for (reader, _) in READERS {
                assert!(tested.contains(reader), "{reader}");
            }
        }
    };
}

properties! {
    dns_answer browser_reply prelogin tds_answer sql_results ntlm_challenge certificate kdc_answer
    ticket_cache wrap_token krb5_conf security_descriptor trust_information names pasted target_list
    configuration flow expression journal session
}
