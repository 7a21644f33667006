//! The command line: arguments in, exit codes and text out.
//!
//! Results go to standard output, progress and errors to standard error. Exit codes: 0 done,
//! 1 failed, 2 bad usage or input, 130 interrupted.

mod exit;
mod options;
mod output;
mod shapes;
mod source;
mod workers;

mod calibrate;
mod compare;
mod comparison;
mod data;
mod diff;
mod estimate;
mod explore;
mod export;
mod map;
mod microbench;
mod model;
mod profile;
mod quantize;
mod reproduce;
#[cfg(feature = "validate")]
mod run;

mod scalesim;
mod search;
mod space;
mod study;
mod train;
mod transfer;
mod validate;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Finds, trains, quantizes and exports dense-prediction networks for edge accelerators, and says
/// what their latency will be.
#[derive(Parser)]
#[command(name = "ednas", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// A profile fitted to measured latencies, and how well it predicts networks that are left out.
    Calibrate(Box<calibrate::Args>),
    /// Latencies that were measured on boards, beside the simulator's.
    Compare(Box<compare::Args>),
    /// Data sets: what they hold, and pictures of them.
    Data(data::Args),
    /// One network on two accelerators, or two networks on one, layer by layer.
    Diff(diff::Args),
    /// What a network, or a SCALE-Sim topology (FILE.csv), costs on an accelerator: latency, cycles,
    /// traffic, per layer.
    Estimate(Box<estimate::Args>),
    /// Machines with varied keys: latency, energy and area of every combination.
    Explore(Box<explore::Args>),
    /// A network as a folder that deploys it: int8 TFLite and ONNX, golden vectors, runners, a card.
    Export(Box<export::Args>),
    /// Small models to run on a machine, which tell the numbers of its profile.
    Microbench(microbench::Args),
    /// Which operators of a network an accelerator takes, why not the rest, and what to change.
    Map(map::Args),
    /// Networks: layers, parameters, MACs and FLOPs.
    Model(model::Args),
    /// Accelerator profiles.
    Profile(profile::Args),
    /// A float network as int8 TFLite and ONNX files, and what each layer costs.
    Quantize(Box<quantize::Args>),
    /// A table of the EDNAS paper, with networks trained here, and which of its claims hold.
    Reproduce(Box<reproduce::Args>),
    /// The whole road: search, train, quantize, export, validate, report.
    #[cfg(feature = "validate")]
    Run(Box<run::Args>),
    /// Networks or machines that meet a goal, found in a space by a controller.
    Search(Box<search::Args>),
    /// Search spaces: their decisions, size, and genomes.
    Space(space::Args),
    /// A search so far.
    Study(study::Args),
    /// One network from its first step, or fine-tuned from a checkpoint, to a checkpoint.
    Train(Box<train::Args>),
    /// Networks found for one task each against one found for all, trained alike: a table of gains.
    Transfer(Box<transfer::Args>),
    /// An exported network in every runtime: golden vectors, agreement, accuracy, latency.
    Validate(validate::Args),
}

/// Runs the command named by the process arguments.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return exit::usage(&error),
    };
    exit::code(match &arguments.command {
        Command::Calibrate(args) => calibrate::run(args),
        Command::Compare(args) => compare::run(args),
        Command::Data(args) => data::run(args),
        Command::Diff(args) => diff::run(args),
        Command::Estimate(args) => estimate::run(args),
        Command::Explore(args) => explore::run(args),
        Command::Export(args) => export::run(args),
        Command::Microbench(args) => microbench::run(args),
        Command::Map(args) => map::run(args),
        Command::Model(args) => model::run(args),
        Command::Profile(args) => profile::run(args),
        Command::Quantize(args) => quantize::run(args),
        Command::Reproduce(args) => reproduce::run(args),
        #[cfg(feature = "validate")]
        Command::Run(args) => run::run(args),
        Command::Search(args) => search::run(args),
        Command::Space(args) => space::run(args),
        Command::Study(args) => study::run(args),
        Command::Train(args) => train::run(args),
        Command::Transfer(args) => transfer::run(args),
        Command::Validate(args) => validate::run(args),
    })
}
