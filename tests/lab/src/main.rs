//! The `lab` command: brings the lab up, enters it, injects faults, takes it
//! down.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
