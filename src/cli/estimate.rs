//! `ednas estimate`: what a network costs on an accelerator.

use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::ValueEnum;
use hwmodels::compile::Infeasible;
use hwmodels::profile::Profile;
use hwmodels::simulate::Speed;
use kernels::work::Precision;

use super::exit::OrBadInput;
use super::options::{ModelOptions, PrecisionName};
use super::{output, profile, scalesim};
use crate::deploy::Target;
use crate::report::estimate::{EstimateRecord, Program, Question, Shown, Timed, explain, timed};
use crate::report::trace::Traced;
use crate::report::{roofline, write_atomically};

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

    /// The element sizes [default: int8; a file's own].
    #[arg(long, value_enum)]
    precision: Option<PrecisionName>,

    /// Images that one inference takes at once; parameters are brought once for all of them.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    batch: u64,

    /// Which layers get a row: `all` that take time, the slowest (`top=20`), or `none`.
    #[arg(long, value_name = "all|none|top=N", default_value = "all")]
    layers: Shown,

    /// Say how the figures came about: what they rest on, what is where on the chip, and what each
    /// key of the profile does to them, tried one at a time.
    #[arg(long)]
    explain: bool,

    /// Write what every resource did when, for Perfetto (ui.perfetto.dev).
    #[arg(long, value_name = "FILE.json")]
    trace: Option<PathBuf>,

    /// Draw what each layer achieves under what the machine allows.
    #[arg(long, value_name = "FILE.svg")]
    roofline: Option<PathBuf>,

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

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let profile = profile::load(&args.profile)?;
    let question = Question {
        model: &args.options.model,
        profile: &profile,
        precision: args.options.precision(args.precision),
        speed: match args.speed {
            SpeedName::Fast => Speed::Fast,
            SpeedName::Events => Speed::Events,
            SpeedName::Stepped => Speed::Stepped,
        },
    };
    if args.report.is_some() && !scalesim::is_topology(question.model) {
        return Err(refuse_report(question.model)).or_bad_input();
    }
    if args.report.is_some() && args.batch > 1 {
        return Err(anyhow!(
            "SCALE-Sim's reports are of one image: leave out --batch, or --report"
        ))
        .or_bad_input();
    }
    let programs = programs(&args.options, &profile, question.precision)?
        .into_iter()
        .map(|program| program.batched(args.batch))
        .collect::<anyhow::Result<Vec<_>>>()
        .or_bad_input()?;
    let record = match &args.trace {
        None => explained(
            args,
            &question,
            &programs,
            &timed(&profile, &programs, question.speed),
        ),
        Some(path) => {
            let traced = Traced::new(&question, &programs);
            let record = explained(args, &question, &programs, traced.outcomes());
            write(
                path,
                &traced.json(&question, &record)?,
                &played(question.speed),
            )?;
            record
        }
    };
    if let Some(path) = &args.roofline {
        write(path, roofline::svg(&profile, &record)?.as_bytes(), "")?;
    }
    if let (Some(ReportName::Scalesim), Some(folder)) = (args.report, &args.out) {
        let topology = scalesim::topology(&args.options, question.precision)?;
        scalesim::write_report(&profile, &topology, folder)?;
    }
    if args.json {
        output::print_record(&record)
    } else {
        output::print(&record.table(args.layers))
    }
}

/// What the networks of one image, or a topology, ask of a machine.
pub(super) fn programs(
    options: &ModelOptions,
    profile: &Profile,
    precision: Precision,
) -> anyhow::Result<Vec<Program>> {
    if scalesim::is_topology(&options.model) {
        let topology = scalesim::topology(options, precision)?;
        return Ok(vec![scalesim::program(&options.model, &topology)?]);
    }
    options.programs(Target::of(profile).upsampling, precision)
}

/// The record of an estimate, with its explanation where that is asked for and there is one.
fn explained(
    args: &Args,
    question: &Question<'_>,
    programs: &[Program],
    outcomes: &[Result<Timed<'_>, Infeasible>],
) -> EstimateRecord {
    let record = EstimateRecord::of(question, programs, outcomes);
    let cost = record.cost.as_ref().filter(|_| args.explain);
    let explain = cost.map(|cost| explain(question, programs, outcomes, cost));
    EstimateRecord { explain, ..record }
}

/// Writes a file and says so.
fn write(path: &Path, bytes: &[u8], remark: &str) -> anyhow::Result<()> {
    write_atomically(path, bytes)?;
    eprintln!("wrote {}{remark}", path.display());
    Ok(())
}

/// How a trace was played, where that is not what was asked for.
fn played(speed: Speed) -> String {
    match speed {
        Speed::Fast => ", played by events: a trace skips nothing".to_owned(),
        Speed::Events | Speed::Stepped => String::new(),
    }
}

fn refuse_report(model: &str) -> anyhow::Error {
    anyhow!("--report scalesim is for SCALE-Sim topologies (FILE.csv); `{model}` is none")
}
