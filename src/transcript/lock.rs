//! One process writes a session: the lock on its journal. It ends with the
//! process, however that ends.

use std::fs::File;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

/// Takes the lock; false when another process has it. A file system without
/// locks has nothing to say, and is believed.
pub(super) fn take(file: &File) -> bool {
    flock(file, FlockOperation::NonBlockingLockExclusive) != Err(Errno::WOULDBLOCK)
}

/// Whether a process is writing the journal in this file.
pub fn is_taken(path: &Path) -> bool {
    File::open(path).is_ok_and(|file| {
        flock(&file, FlockOperation::NonBlockingLockShared) == Err(Errno::WOULDBLOCK)
    })
}
