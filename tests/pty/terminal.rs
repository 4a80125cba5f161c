//! A program in a real pseudo-terminal, and what it shows there.

use std::io::{Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};

/// How long anything may take on a slow machine.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub const UTF8: &[(&str, &str)] = &[("LC_ALL", "C.UTF-8"), ("TERM", "xterm-256color")];

pub struct Terminal {
    pub child: Box<dyn Child + Send + Sync>,
    pub master: Option<Box<dyn MasterPty + Send>>,
    pub writer: Option<Box<dyn std::io::Write + Send>>,
    pub seen: Arc<Mutex<Seen>>,
    /// Its home, which another terminal may share.
    pub home: Arc<tempfile::TempDir>,
}

pub struct Seen {
    pub parser: vt100::Parser,
    pub bytes: Vec<u8>,
}

impl Seen {
    /// Whether no picture is under way: half of one is none, and who acts on it is
    /// too early.
    fn is_whole(&self) -> bool {
        const BEGINS: &[u8] = b"\x1b[?2026h";
        const ENDS: &[u8] = b"\x1b[?2026l";
        let last = |sign: &[u8]| self.bytes.windows(sign.len()).rposition(|at| at == sign);
        last(BEGINS) <= last(ENDS)
    }
}

impl Terminal {
    pub fn start(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        Self::start_program(
            Path::new(env!("CARGO_BIN_EXE_sspi-doctor")),
            arguments,
            variables,
        )
    }

    pub fn start_program(program: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let home = Arc::new(tempfile::tempdir().unwrap());
        Self::start_in(home, program, arguments, variables)
    }

    /// As [`Terminal::start_program`], in a home that is there already.
    pub fn start_in(
        home: Arc<tempfile::TempDir>,
        program: &Path,
        arguments: &[&str],
        variables: &[(&str, &str)],
    ) -> Self {
        let size = PtySize {
            rows: 24,
            cols: 80,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.env_clear();
        command.env("HOME", home.path());
        command.env("XDG_STATE_HOME", home.path());
        command.cwd(home.path());
        for (name, value) in variables {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let writer = pair.master.take_writer().unwrap();
        let seen = Arc::new(Mutex::new(Seen {
            parser: vt100::Parser::new(24, 80, 0),
            bytes: Vec::new(),
        }));
        let told = Arc::clone(&seen);
        std::thread::spawn(move || {
            let mut buffer = [0; 8192];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                let mut seen = told.lock().unwrap();
                seen.parser.process(&buffer[..count]);
                seen.bytes.extend_from_slice(&buffer[..count]);
            }
        });
        let (master, writer) = (Some(pair.master), Some(writer));
        Self {
            child,
            master,
            writer,
            seen,
            home,
        }
    }

    pub fn screen(&self) -> String {
        let start = Instant::now();
        loop {
            let seen = self.seen.lock().unwrap();
            if seen.is_whole() || start.elapsed() > PATIENCE {
                return seen.parser.screen().contents();
            }
            drop(seen);
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    pub fn bytes(&self) -> String {
        String::from_utf8_lossy(&self.seen.lock().unwrap().bytes).into_owned()
    }

    pub fn wait(&self, what: &str, mut until: impl FnMut(&Seen) -> bool) {
        let start = Instant::now();
        loop {
            {
                let seen = self.seen.lock().unwrap();
                if seen.is_whole() && until(&seen) {
                    return;
                }
            }
            assert!(
                start.elapsed() < PATIENCE,
                "no {what} on the screen:\n{}",
                self.screen()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub fn wait_for(&self, text: &str) {
        self.wait(text, |seen| seen.parser.screen().contents().contains(text));
    }

    pub fn type_in(&mut self, text: &str) {
        let writer = self.writer.as_mut().unwrap();
        writer.write_all(text.as_bytes()).unwrap();
        writer.flush().unwrap();
    }

    pub fn resize(&self, rows: u16, cols: u16) {
        let size = PtySize {
            rows,
            cols,
            pixel_width: 0,
            pixel_height: 0,
        };
        self.seen
            .lock()
            .unwrap()
            .parser
            .screen_mut()
            .set_size(rows, cols);
        self.master.as_ref().unwrap().resize(size).unwrap();
    }

    pub fn pid(&self) -> Pid {
        let pid = i32::try_from(self.child.process_id().unwrap()).unwrap();
        Pid::from_raw(pid).unwrap()
    }

    pub fn kill(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// Waits for the end; the exit code.
    pub fn ended(&mut self) -> u32 {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                // The code is 1 for every signal, as for a cause that was found.
                let fell = status.signal().filter(|signal| *signal != "Killed");
                assert_eq!(fell, None, "it fell over:\n{}", self.screen());
                return status.exit_code();
            }
            assert!(
                start.elapsed() < PATIENCE,
                "it does not end:\n{}",
                self.screen()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Whether keys are echoed and lines are edited: the state of a shell.
    pub fn is_cooked(&self) -> bool {
        let Some(path) = self.master.as_ref().and_then(|master| master.tty_name()) else {
            return true;
        };
        let Ok(tty) = std::fs::File::open(path) else {
            return true;
        };
        let modes = rustix::termios::tcgetattr(tty.as_fd()).unwrap().local_modes;
        modes.contains(rustix::termios::LocalModes::ICANON | rustix::termios::LocalModes::ECHO)
    }

    /// The terminal is as it was: no alternate screen, a cursor, no bracketed
    /// paste.
    pub fn assert_restored(&self) {
        self.wait("restored terminal", |seen| {
            let screen = seen.parser.screen();
            !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste()
        });
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}
