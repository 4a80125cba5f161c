//! Parses the command line and picks the mode.

use std::process::ExitCode;

fn main() -> ExitCode {
    sspi_doctor::cli::main()
}
