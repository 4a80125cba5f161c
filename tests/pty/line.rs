//! A line that goes away and nobody says so.

use std::io::Read as _;
use std::path::Path;
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use rustix::process::Pid;

use super::terminal::PATIENCE;

/// Starts the wizard with these arguments in a session of its own, takes its
/// terminal away when this text is on the screen, and expects it to end soon,
/// without having eaten the processor meanwhile.
pub fn is_lost_without_a_signal(home: &Path, arguments: &str, shown: &str) {
    let binary = env!("CARGO_BIN_EXE_sspi-doctor");
    let size = PtySize {
        rows: 24,
        cols: 80,
        pixel_width: 0,
        pixel_height: 0,
    };
    let pair = native_pty_system().openpty(size).unwrap();
    let pid_file = home.join("pid");
    let mut command = CommandBuilder::new("sh");
    // The shell leads the session and takes the SIGHUP; the wizard is in another
    // session, as under some `sudo`s and task runners, and only loses the line.
    command.args([
        "-c",
        &format!(
            "exec 3<&0; setsid sh -c 'echo $$ > {}; exec {binary} {arguments}' <&3 & wait",
            pid_file.display()
        ),
    ]);
    command.env("LC_ALL", "C.UTF-8");
    command.env("TERM", "xterm");
    command.env("HOME", home);
    command.env("XDG_STATE_HOME", home);
    let mut shell = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().unwrap();
    let mut screen = vt100::Parser::new(24, 80, 0);
    let mut buffer = [0; 8192];
    let start = Instant::now();
    while !screen.screen().contents().contains(shown) {
        assert!(start.elapsed() < PATIENCE, "{}", screen.screen().contents());
        let count = reader.read(&mut buffer).unwrap();
        screen.process(&buffer[..count]);
    }
    let text = std::fs::read_to_string(&pid_file).unwrap();
    let pid = Pid::from_raw(text.trim().parse().unwrap()).unwrap();
    let before = ticks(pid).unwrap();
    drop(reader);
    drop(pair.master);
    let start = Instant::now();
    let mut used = 0;
    while let Some(now) = ticks(pid).filter(|_| is_alive(pid)) {
        used = now - before;
        assert!(
            start.elapsed() < Duration::from_secs(5),
            "it lives on without a terminal"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
    let _ = shell.kill();
    let _ = shell.wait();
    assert!(
        start.elapsed() < Duration::from_secs(3),
        "{:?}",
        start.elapsed()
    );
    assert!(
        used < 150,
        "{used} ticks of processor time after the hangup"
    );
}

/// Processor time that a process has used, in clock ticks of 10 ms.
fn ticks(pid: Pid) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).ok()?;
    let after_name: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    Some(after_name[11].parse::<u64>().ok()? + after_name[12].parse::<u64>().ok()?)
}

fn is_alive(pid: Pid) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
    stat.is_ok_and(|stat| {
        stat.rsplit_once(')')
            .is_some_and(|(_, rest)| !rest.starts_with(" Z"))
    })
}
