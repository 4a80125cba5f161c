//! Signals, and the terminal that is gone without one.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Signal as Number, kill_current_process_group};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

/// SIGHUP's number: the exit code says the same whether the hangup came as a
/// signal or only as a dead terminal.
pub const HANGUP: u8 = 1;
const INTERRUPT: u8 = 2;
const QUIT: u8 = 3;
const TERMINATE: u8 = 15;

/// Something that came from outside the terminal's input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// End; the number of the signal.
    End(u8),
    /// Stop until continued (SIGTSTP).
    Stop,
    /// Continued (SIGCONT): somebody else may have used the terminal.
    Continued,
}

/// Signals that would end the program while the terminal is taken over already
/// and nobody listens for them yet: they are noted.
#[derive(Debug)]
pub struct Early {
    number: Arc<AtomicUsize>,
}

impl Early {
    /// Notes them from now on.
    pub fn listen() -> io::Result<Self> {
        let number = Arc::new(AtomicUsize::new(0));
        for signal in [HANGUP, INTERRUPT, QUIT, TERMINATE] {
            signal_hook::flag::register_usize(signal.into(), Arc::clone(&number), signal.into())?;
        }
        Ok(Self { number })
    }

    fn noted(&self) -> Option<u8> {
        let number = self.number.swap(0, Ordering::SeqCst);
        u8::try_from(number).ok().filter(|number| *number > 0)
    }
}

/// Every signal that matters to a full-screen program.
#[derive(Debug)]
pub struct Signals {
    early: Early,
    hangup: Signal,
    interrupt: Signal,
    quit: Signal,
    terminate: Signal,
    stop: Signal,
    continued: Signal,
    gone: mpsc::Receiver<()>,
}

impl Signals {
    /// Listens from now on, watches the terminal, and has what came before.
    pub fn listen(early: Early) -> io::Result<Self> {
        let (sender, gone) = mpsc::channel(1);
        std::thread::Builder::new()
            .name("terminal-watch".to_owned())
            .spawn(move || watch(&sender))?;
        Ok(Self {
            early,
            hangup: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            terminate: signal(SignalKind::terminate())?,
            stop: signal(SignalKind::from_raw(Number::TSTP.as_raw()))?,
            continued: signal(SignalKind::from_raw(Number::CONT.as_raw()))?,
            gone,
        })
    }

    /// The next one. Can be dropped and called again at any time.
    pub async fn next(&mut self) -> Sent {
        if let Some(number) = self.early.noted() {
            return Sent::End(number);
        }
        tokio::select! {
            Some(()) = self.gone.recv() => Sent::End(HANGUP),
            _ = self.hangup.recv() => Sent::End(HANGUP),
            _ = self.interrupt.recv() => Sent::End(INTERRUPT),
            _ = self.quit.recv() => Sent::End(QUIT),
            _ = self.terminate.recv() => Sent::End(TERMINATE),
            _ = self.stop.recv() => Sent::Stop,
            _ = self.continued.recv() => Sent::Continued,
        }
    }
}

/// Waits until the terminal has hung up. Where SIGHUP does not reach us (under
/// `sudo`, `nohup` or a task runner), reading from a dead terminal would go
/// round and round without an end, so a thread of its own looks at the line
/// and does not depend on anything else being alive.
fn watch(gone: &mpsc::Sender<()>) {
    let stdin = io::stdin();
    let pause = Timespec {
        tv_sec: 1,
        tv_nsec: 0,
    };
    loop {
        let mut line = [PollFd::new(&stdin, PollFlags::empty())];
        let answered = poll(&mut line, Some(&pause));
        let [line] = line;
        let dead = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
        match answered {
            Ok(_) if line.revents().intersects(dead) => break,
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(_) => break,
        }
        if gone.is_closed() {
            return;
        }
    }
    let _ = gone.try_send(());
    // The wizard ends by itself now, unless it hangs in a write.
    std::thread::sleep(Duration::from_secs(1));
    std::process::exit(128 + i32::from(HANGUP));
}

/// Whether a stopped process could never be continued: its parent is in no
/// position to do job control, as when an SSH client runs us directly. Where
/// that cannot be seen, nobody is counted on.
pub fn nobody_continues_us() -> bool {
    let Some((parent, group, session)) = family("self") else {
        return true;
    };
    // A parent outside a container's process namespace has the number 0.
    if parent == 0 {
        return true;
    }
    let Some((_, parents_group, parents_session)) = family(&parent.to_string()) else {
        return true;
    };
    parents_session != session || parents_group == group
}

/// A process's parent, group and session, proc(5). Read there and not asked of
/// the kernel: in a container a group or session can be 0, which the library's
/// own types do not allow.
fn family(process: &str) -> Option<(u32, u32, u32)> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name, in brackets, may hold anything.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace().skip(1).map(str::parse);
    Some((
        fields.next()?.ok()?,
        fields.next()?.ok()?,
        fields.next()?.ok()?,
    ))
}

/// Stops the whole job, as Ctrl-Z does; returns when it is continued.
pub fn stop_group() {
    let _ = kill_current_process_group(Number::STOP);
}

#[cfg(test)]
mod tests {
    use rustix::process::{getpid, kill_process};

    use super::*;

    #[test]
    fn a_signal_that_comes_before_anybody_listens_is_noted_once() {
        let early = Early::listen().unwrap();
        assert_eq!(early.noted(), None);
        kill_process(getpid(), Number::QUIT).unwrap();
        // Another thread of the tests may be the one that is interrupted.
        let noted = (0..1000).find_map(|_| {
            std::thread::sleep(Duration::from_millis(1));
            early.noted()
        });
        assert_eq!(noted, Some(QUIT));
        assert_eq!(early.noted(), None);
    }
}
