//! `ednas space`: what can be searched, and genomes of it.

use std::num::NonZeroUsize;

use clap::Subcommand;
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use super::exit::OrBadInput;
use super::output;
use crate::report::space::{GenomesRecord, SpaceRecord};
use crate::space::{Space, ednas};

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Print every decision and its values.
    Show {
        #[command(flatten)]
        options: SpaceOptions,
    },
    /// Print the exact number of genomes.
    Size {
        #[command(flatten)]
        options: SpaceOptions,
    },
    /// Print genomes drawn uniformly, as short text.
    Sample {
        #[command(flatten)]
        options: SpaceOptions,

        /// Seed of the draws.
        #[arg(long, value_name = "N", default_value_t = 0)]
        seed: u64,

        /// How many genomes.
        #[arg(long, value_name = "N", default_value = "1")]
        count: NonZeroUsize,
    },
}

#[derive(clap::Args)]
struct SpaceOptions {
    /// `ednas`, or with a definition of Fused-IBN: `ednas/full`, `ednas/late-separable:9`.
    #[arg(value_name = "NAME")]
    name: String,

    /// Print one record instead of text.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    match &args.command {
        Command::Show { options } => show(options, SpaceRecord::text),
        Command::Size { options } => show(options, |record| record.size_text() + "\n"),
        Command::Sample {
            options,
            seed,
            count,
        } => sample(options, *seed, *count),
    }
}

fn show(options: &SpaceOptions, text: fn(&SpaceRecord) -> String) -> anyhow::Result<()> {
    let record = SpaceRecord::new(&options.space()?);
    if options.json {
        output::print_record(&record)
    } else {
        output::print(&text(&record))
    }
}

fn sample(options: &SpaceOptions, seed: u64, count: NonZeroUsize) -> anyhow::Result<()> {
    let space = options.space()?;
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let genomes: Vec<_> = (0..count.get()).map(|_| space.sample(&mut rng)).collect();
    let record = GenomesRecord::new(&space, seed, &genomes);
    if options.json {
        output::print_record(&record)
    } else {
        output::print(&record.text())
    }
}

impl SpaceOptions {
    fn space(&self) -> anyhow::Result<Space> {
        ednas::space_named(&self.name).or_bad_input()
    }
}
