//! `ednas microbench`: small models to run on a machine, and what they say of it.

use std::path::PathBuf;

use super::exit::OrBadInput;
use super::{output, profile};
use crate::microbench::{self, Probe};

/// Arguments of `ednas microbench`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The accelerator whose numbers the models are to tell.
    #[arg(long, value_name = "PROFILE[:MODE+MODE]")]
    profile: String,

    /// The folder that the models, their manifest and bench_board.py go to.
    #[arg(short, long, value_name = "DIR")]
    out: PathBuf,

    /// Seed of the weights; the same seed gives the same files.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let machine = profile::load(&args.profile)?;
    let probes = microbench::board(&machine, args.seed).or_bad_input()?;
    written(args, &probes)
}

fn written(args: &Args, probes: &[Probe]) -> anyhow::Result<()> {
    let bytes = microbench::write(&args.out, probes)?;
    output::print(&format!(
        "{} models as TFLite and ONNX, {} MB, with manifest.csv and bench_board.py in {}\n",
        probes.len(),
        bytes.div_ceil(1_000_000),
        args.out.display(),
    ))
}
