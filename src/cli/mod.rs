//! The command line: arguments in, exit codes and text out.

use std::process::ExitCode;

/// Runs the command named by the process arguments.
#[must_use]
pub fn main() -> ExitCode {
    ExitCode::SUCCESS
}
