//! The training worker: executes graphs in libtorch.
//!
//! Reads jobs from standard input and answers on standard output, as `ednas::train::protocol`
//! says; ends when its input does, and at once when nobody reads its answers any more.

mod operators;
mod resize;

mod execute;
mod parameters;

mod int8;
mod simulation;

mod network;

mod adam;
mod losses;
mod rules;

mod pace;
mod samples;
mod state;

mod evaluate;
mod start;
mod train;

mod serve;

mod orphan;

use std::io;
use std::process::ExitCode;

fn main() -> ExitCode {
    orphan::end_with_reader();
    match serve::serve(io::stdin().lock(), io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ednas-train: {error:#}");
            ExitCode::FAILURE
        }
    }
}
