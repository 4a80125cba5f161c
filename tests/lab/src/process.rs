//! Running a program of the operating system to its end, with a deadline and
//! an error that says where, what and why.

use std::ffi::OsStr;
use std::io::Write;
use std::process::{Command, Output, Stdio};

use crate::error::{LabError, Result};

/// The longest that any single tool may take, in seconds.
const DEADLINE: &str = "180";

/// A command under `timeout`, for tools whose output is captured.
pub(crate) fn bounded(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("timeout");
    command.args(["--kill-after=5", DEADLINE]).arg(program);
    command
}

/// Runs to the end; standard output as text when it succeeded.
pub(crate) fn run(host: &str, command: &mut Command) -> Result<String> {
    run_with_input(host, command, "")
}

/// The same with text on standard input.
pub(crate) fn run_with_input(host: &str, command: &mut Command, input: &str) -> Result<String> {
    let output = output(command, input)?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(text);
    }
    Err(LabError::Tool {
        host: host.to_owned(),
        command: line(command),
        status: output.status.to_string(),
        output: format!("{}{}", text, String::from_utf8_lossy(&output.stderr)),
    })
}

/// Runs to the end, whatever its exit status.
pub(crate) fn output(command: &mut Command, input: &str) -> Result<Output> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let stdin = if input.is_empty() {
        Stdio::null()
    } else {
        Stdio::piped()
    };
    let result = command.stdin(stdin).spawn().and_then(|mut child| {
        if let Some(mut stdin) = child.stdin.take() {
            // A program that ends without reading its input says why itself.
            let _ = stdin.write_all(input.as_bytes());
        }
        child.wait_with_output()
    });
    result.map_err(|source| LabError::Start {
        program: line(command),
        source,
    })
}

fn line(command: &Command) -> String {
    let mut line = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    line
}
