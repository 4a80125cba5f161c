//! Parses the command line and picks the mode.

fn main() {
    sspi_doctor::exit::leave(sspi_doctor::cli::main())
}
