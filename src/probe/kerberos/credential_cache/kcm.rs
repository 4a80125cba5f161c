//! The KCM cache: a daemon (sssd-kcm, Heimdal's kcm) keeps the tickets of every
//! user and hands them to their owner over a Unix socket. The protocol is
//! described in MIT krb5's `include/kcm.h`.

use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use zeroize::Zeroizing;

use super::file::Content;
use super::marshalled::Cursor;

/// Where the daemon listens unless krb5.conf's `kcm_socket` says otherwise.
pub const SOCKET: &str = "/var/run/.heim_org.h5l.kcm-socket";
/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// The longest answer that is read.
const LARGEST: usize = 1024 * 1024;
/// More tickets than a cache that is in use has.
const MOST_TICKETS: usize = 500;

const GET_PRINCIPAL: u16 = 8;
const GET_CRED_UUID_LIST: u16 = 9;
const GET_CRED_BY_UUID: u16 = 10;
const GET_DEFAULT_CACHE: u16 = 20;

/// "No credentials cache found" and "Matching credential not found", as the
/// library numbers them.
const NO_CACHE: [i32; 2] = [-1_765_328_189, -1_765_328_243];

/// Why the daemon's cache was not read.
#[derive(Debug)]
pub enum KcmFault {
    /// It knows no such cache of this user.
    NoCache,
    /// In words.
    Failed(String),
}

impl From<io::Error> for KcmFault {
    fn from(error: io::Error) -> Self {
        Self::Failed(format!("the KCM daemon does not answer: {error}"))
    }
}

impl From<&'static str> for KcmFault {
    fn from(words: &'static str) -> Self {
        Self::Failed(format!("the KCM daemon's answer is damaged: {words}"))
    }
}

/// Reads a cache; the empty name means the user's default cache.
pub fn read(socket: &Path, name: &str) -> Result<Content, KcmFault> {
    let mut daemon = Daemon {
        stream: UnixStream::connect(socket)?,
    };
    daemon.stream.set_read_timeout(Some(PATIENCE))?;
    daemon.stream.set_write_timeout(Some(PATIENCE))?;
    let name = if name.is_empty() {
        let answer = daemon.ask(GET_DEFAULT_CACHE, &[])?;
        let end = answer.iter().position(|byte| *byte == 0);
        answer[..end.unwrap_or(answer.len())].to_vec()
    } else {
        name.as_bytes().to_vec()
    };
    if name.is_empty() {
        return Err(KcmFault::NoCache);
    }
    let name = [name.as_slice(), &[0]].concat();
    let answer = daemon.ask(GET_PRINCIPAL, &name)?;
    if answer.is_empty() {
        return Err(KcmFault::NoCache);
    }
    let (principal, realm) = Cursor::new(&answer).principal()?;
    let mut credentials = Vec::new();
    let listed = daemon.ask(GET_CRED_UUID_LIST, &name)?;
    for identifier in listed.chunks_exact(16).take(MOST_TICKETS) {
        let asked = [name.as_slice(), identifier].concat();
        let answer = match daemon.ask(GET_CRED_BY_UUID, &asked) {
            Ok(answer) => answer,
            // It was removed since the list was made.
            Err(KcmFault::NoCache) => continue,
            Err(fault) => return Err(fault),
        };
        credentials.extend(Cursor::new(&answer).credential(4)?);
    }
    Ok(Content {
        principal,
        realm,
        credentials,
    })
}

struct Daemon {
    stream: UnixStream,
}

impl Daemon {
    /// One question: version 2.0, the operation and its arguments, behind their
    /// length. The answer: its length, the transport's status, then as many
    /// bytes, of which the first four are the operation's result.
    fn ask(&mut self, operation: u16, arguments: &[u8]) -> Result<Zeroizing<Vec<u8>>, KcmFault> {
        let length = u32::try_from(4 + arguments.len()).map_err(io::Error::other)?;
        let mut message = length.to_be_bytes().to_vec();
        message.extend([2, 0]);
        message.extend(operation.to_be_bytes());
        message.extend(arguments);
        self.stream.write_all(&message)?;
        let length = usize::try_from(self.number()?).unwrap_or(usize::MAX);
        let status = self.number()?;
        if length > LARGEST {
            return Err(KcmFault::from("it is too long"));
        }
        let mut answer = Zeroizing::new(vec![0; length]);
        self.stream.read_exact(&mut answer)?;
        if status != 0 {
            return Err(KcmFault::Failed(format!(
                "the KCM daemon refuses: {status}"
            )));
        }
        let (result, rest) = answer
            .split_first_chunk::<4>()
            .ok_or(KcmFault::from("it is too short"))?;
        match i32::from_be_bytes(*result) {
            0 => Ok(Zeroizing::new(rest.to_vec())),
            code if NO_CACHE.contains(&code) => Err(KcmFault::NoCache),
            code => Err(KcmFault::Failed(format!(
                "the KCM daemon answers with the error {code}"
            ))),
        }
    }

    fn number(&mut self) -> io::Result<u32> {
        let mut bytes = [0; 4];
        self.stream.read_exact(&mut bytes)?;
        Ok(u32::from_be_bytes(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixListener;

    /// A daemon that gives each answer once, in turn.
    fn daemon(answers: Vec<(i32, Vec<u8>)>) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let listener = UnixListener::bind(&path).unwrap();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            for (code, answer) in answers {
                let mut length = [0; 4];
                stream.read_exact(&mut length).unwrap();
                let length = usize::try_from(u32::from_be_bytes(length)).unwrap();
                let mut question = vec![0; length];
                stream.read_exact(&mut question).unwrap();
                assert_eq!(question[..2], [2, 0]);
                let length = u32::try_from(answer.len() + 4).unwrap();
                let framed = [
                    &length.to_be_bytes()[..],
                    &[0; 4],
                    &code.to_be_bytes(),
                    &answer,
                ]
                .concat();
                stream.write_all(&framed).unwrap();
            }
        });
        (folder, path)
    }

    #[test]
    fn an_empty_daemon_and_a_damaged_answer_are_told_apart() {
        let (_folder, path) = daemon(vec![(0, b"0\0".to_vec()), (NO_CACHE[0], Vec::new())]);
        assert!(matches!(read(&path, ""), Err(KcmFault::NoCache)));
        let (_folder, path) = daemon(vec![(0, vec![0, 0, 0, 1, 0, 0, 0, 9])]);
        assert!(matches!(read(&path, "0"), Err(KcmFault::Failed(_))));
        let absent = Path::new("/nonexistent/socket");
        assert!(matches!(read(absent, ""), Err(KcmFault::Failed(_))));
    }
}
