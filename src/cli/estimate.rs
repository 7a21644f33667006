//! `ednas estimate`: what a network costs on an accelerator.

use std::path::PathBuf;

use anyhow::ensure;
use clap::ValueEnum;
use hwmodels::simulate::Speed;
use kernels::Verified;
use kernels::live::live;
use kernels::work::Precision;

use super::exit::OrBadInput;
use super::options::ModelOptions;
use super::{output, profile, scalesim};
use crate::deploy::Target;
use crate::report::estimate::{EstimateRecord, Question};

/// Arguments of `ednas estimate`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    options: ModelOptions,

    /// The accelerator: a name that `ednas profile list` knows, or a TOML file.
    #[arg(long, value_name = "NAME|FILE.toml")]
    profile: String,

    /// How much is played through; all report the same cycles.
    #[arg(long, value_enum, default_value = "fast")]
    speed: SpeedName,

    /// The element sizes.
    #[arg(long, value_enum, default_value = "int8")]
    precision: PrecisionName,

    /// Print one `ednas.estimate/1` record instead of a table.
    #[arg(long)]
    json: bool,

    /// Write the reports of another simulator as well; MODEL is one of its topologies.
    #[arg(long, value_enum, requires = "out")]
    report: Option<ReportName>,

    /// The folder of these reports; made if missing.
    #[arg(long, value_name = "DIR", requires = "report")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ReportName {
    /// SCALE-Sim's `COMPUTE_REPORT.csv` and `DETAILED_ACCESS_REPORT.csv`.
    Scalesim,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum SpeedName {
    /// Skip repetitions.
    Fast,
    /// Every tile.
    Events,
    /// Every register of the array; minutes for a large network.
    Stepped,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum PrecisionName {
    /// Floats as the 8-bit integers they become.
    Int8,
    /// The element types of the graph.
    AsIs,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let profile = profile::load(&args.profile)?;
    let question = Question {
        model: &args.options.model,
        profile: &profile,
        precision: match args.precision {
            PrecisionName::Int8 => Precision::Int8,
            PrecisionName::AsIs => Precision::AsIs,
        },
        speed: match args.speed {
            SpeedName::Fast => Speed::Fast,
            SpeedName::Events => Speed::Events,
            SpeedName::Stepped => Speed::Stepped,
        },
    };
    let record = if scalesim::is_topology(question.model) {
        topology(args, &question)?
    } else {
        network(args, &question)?
    };
    if args.json {
        output::print_record(&record)
    } else {
        output::print(&record.table())
    }
}

fn network(args: &Args, question: &Question<'_>) -> anyhow::Result<EstimateRecord> {
    refuse_report(args).or_bad_input()?;
    let upsampling = Target::of(question.profile).upsampling;
    let networks = args.options.networks(upsampling)?;
    let networks: Vec<Verified> = networks.iter().map(live).collect();
    EstimateRecord::new(question, &networks).or_bad_input()
}

fn topology(args: &Args, question: &Question<'_>) -> anyhow::Result<EstimateRecord> {
    let topology = scalesim::topology(&args.options, question.precision)?;
    let record = scalesim::estimate(question, &topology)?;
    if let (Some(ReportName::Scalesim), Some(folder)) = (args.report, &args.out) {
        scalesim::write_report(question.profile, &topology, folder)?;
    }
    Ok(record)
}

fn refuse_report(args: &Args) -> anyhow::Result<()> {
    ensure!(
        args.report.is_none(),
        "--report scalesim is for SCALE-Sim topologies (FILE.csv); `{}` is none",
        args.options.model
    );
    Ok(())
}
