//! `ednas space`: what can be searched, and genomes of it.

use std::num::NonZeroUsize;

use clap::Subcommand;
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use serde::Serialize;

use super::exit::OrBadInput;
use super::{options, output};
use crate::report::space::{CheckRecord, GenomesRecord, SpaceListRecord, SpaceRecord};
use crate::space::{Genome, SpaceFile};

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Name the spaces that come with ednas.
    List {
        /// Print one `ednas.spaces/1` record instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// Print every decision, its values, and the constraints.
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

        #[command(flatten)]
        draws: Draws,
    },
    /// Print genomes that differ from one in one decision, drawn at random.
    Mutate {
        #[command(flatten)]
        options: SpaceOptions,

        /// The genome to start from: short text, or a JSON object of its values.
        #[arg(value_name = "GENOME")]
        genome: String,

        #[command(flatten)]
        draws: Draws,
    },
    /// Print the genomes one decision away from one, in order.
    Neighbors {
        #[command(flatten)]
        options: SpaceOptions,

        /// The genome: short text, or a JSON object of its values.
        #[arg(value_name = "GENOME")]
        genome: String,

        /// How many genomes at most.
        #[arg(long, value_name = "N", default_value = "1000")]
        limit: NonZeroUsize,
    },
    /// Read a space, or genomes of it, and say what they stand for or what is wrong.
    Check {
        #[command(flatten)]
        options: SpaceOptions,

        /// Genomes: short texts, or JSON objects of values.
        #[arg(value_name = "GENOME")]
        genomes: Vec<String>,
    },
}

#[derive(clap::Args)]
struct SpaceOptions {
    /// A space that comes with ednas, such as `ednas`, `ednas/full`, `mobiledet`, or a file.
    #[arg(value_name = "NAME|FILE")]
    name: String,

    /// Print one record instead of text.
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
struct Draws {
    /// Seed of the draws.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,

    /// How many genomes.
    #[arg(long, value_name = "N", default_value = "1", value_parser = options::count_of_some)]
    count: NonZeroUsize,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    match &args.command {
        Command::List { json } => {
            let record = SpaceListRecord::new().or_bad_input()?;
            print(*json, &record, SpaceListRecord::table)
        }
        Command::Show { options } => show(options, SpaceRecord::text),
        Command::Size { options } => show(options, |record| record.size_text() + "\n"),
        Command::Sample { options, draws } => sample(options, draws),
        Command::Mutate {
            options,
            genome,
            draws,
        } => mutate(options, genome, draws),
        Command::Neighbors {
            options,
            genome,
            limit,
        } => neighbors(options, genome, limit.get()),
        Command::Check { options, genomes } => check(options, genomes),
    }
}

fn show(options: &SpaceOptions, text: fn(&SpaceRecord) -> String) -> anyhow::Result<()> {
    print(options.json, &SpaceRecord::new(&options.space()?), text)
}

fn sample(options: &SpaceOptions, draws: &Draws) -> anyhow::Result<()> {
    let space = options.space()?.space;
    let mut rng = draws.rng();
    let genomes = (0..draws.count.get()).map(|_| space.sample(&mut rng));
    let genomes: Vec<Genome> = genomes.collect();
    let record = GenomesRecord::new(&space, &genomes).drawn_with(draws.seed);
    print(options.json, &record, GenomesRecord::text)
}

fn mutate(options: &SpaceOptions, genome: &str, draws: &Draws) -> anyhow::Result<()> {
    let space = options.space()?.space;
    let parent = space.read(genome).or_bad_input()?;
    let mut rng = draws.rng();
    let children = (0..draws.count.get()).map_while(|_| space.mutate(&parent, &mut rng));
    let children: Vec<Genome> = children.collect();
    let record = GenomesRecord::new(&space, &children)
        .of(&space, &parent)
        .drawn_with(draws.seed);
    print(options.json, &record, GenomesRecord::text)
}

fn neighbors(options: &SpaceOptions, genome: &str, limit: usize) -> anyhow::Result<()> {
    let space = options.space()?.space;
    let genome = space.read(genome).or_bad_input()?;
    let mut all = space.neighbors(&genome);
    let near: Vec<Genome> = all.by_ref().take(limit).collect();
    let record = GenomesRecord::new(&space, &near).of(&space, &genome);
    let record = record.complete(all.next().is_none());
    print(options.json, &record, GenomesRecord::text)
}

fn check(options: &SpaceOptions, genomes: &[String]) -> anyhow::Result<()> {
    let file = options.space()?;
    let genomes: Result<Vec<Genome>, _> = genomes.iter().map(|g| file.space.read(g)).collect();
    let record = CheckRecord::new(&file, &genomes.or_bad_input()?).or_bad_input()?;
    print(options.json, &record, CheckRecord::text)
}

fn print<R: Serialize>(json: bool, record: &R, text: fn(&R) -> String) -> anyhow::Result<()> {
    match json {
        true => output::print_record(record),
        false => output::print(&text(record)),
    }
}

impl SpaceOptions {
    fn space(&self) -> anyhow::Result<SpaceFile> {
        SpaceFile::open(&self.name).or_bad_input()
    }
}

impl Draws {
    fn rng(&self) -> Pcg64Mcg {
        Pcg64Mcg::seed_from_u64(self.seed)
    }
}
