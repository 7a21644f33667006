//! The `ednas` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    ednas::cli::main()
}
