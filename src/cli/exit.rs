//! Errors as exit codes: what a command's failure means to the shell.

use std::fmt;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;

const FAILED: u8 = 1;
const BAD_INPUT: u8 = 2;
const INTERRUPTED: u8 = 130;

/// An error that the user mends by changing an argument or a file: exit code 2.
#[derive(Debug)]
struct BadInput(anyhow::Error);

impl fmt::Display for BadInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl std::error::Error for BadInput {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

/// The user stopped the command: exit code 130.
#[derive(Debug, thiserror::Error)]
#[error("interrupted; {remedy}")]
pub(super) struct Interrupted {
    /// What is safe, and how to go on.
    pub(super) remedy: String,
}

/// A flag that Ctrl-C sets; for commands that stop where they can go on, once per process.
pub(super) fn stop_on_interrupt() -> anyhow::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed))
        .context("cannot listen for Ctrl-C")?;
    Ok(stop)
}

/// Marks errors that the user's input caused.
pub(super) trait OrBadInput<T> {
    /// The same result, whose error ends the command with exit code 2.
    fn or_bad_input(self) -> anyhow::Result<T>;
}

impl<T, E: Into<anyhow::Error>> OrBadInput<T> for Result<T, E> {
    fn or_bad_input(self) -> anyhow::Result<T> {
        self.map_err(|error| anyhow::Error::new(BadInput(error.into())))
    }
}

/// Prints what clap has to say: help on standard output, a usage error on standard error.
pub(super) fn usage(error: &clap::Error) -> ExitCode {
    // Nobody is left to tell when the terminal is gone.
    let _ = error.print();
    if error.use_stderr() {
        ExitCode::from(BAD_INPUT)
    } else {
        ExitCode::SUCCESS
    }
}

/// Prints the error of a command, if there is one, and gives the exit code.
pub(super) fn code(result: anyhow::Result<()>) -> ExitCode {
    let Err(error) = result else {
        return ExitCode::SUCCESS;
    };
    eprintln!("error: {error:#}");
    let caused_by = |is: fn(&(dyn std::error::Error + 'static)) -> bool| error.chain().any(is);
    if caused_by(|e| e.is::<Interrupted>()) {
        ExitCode::from(INTERRUPTED)
    } else if caused_by(|e| e.is::<BadInput>()) {
        ExitCode::from(BAD_INPUT)
    } else {
        ExitCode::from(FAILED)
    }
}
