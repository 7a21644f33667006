//! `ednas explore`: machines with varied keys, priced on networks.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, ensure};
use kernels::work::Precision;

use super::exit::OrBadInput;
use super::options::{ImageOptions, ModelOptions};
use super::{output, profile};
use crate::deploy::Target;
use crate::explore::{Axis, ExploreError, JointSpace, LIMIT, MachineSpace, Pair, sweep};
use crate::report::estimate::Program;
use crate::report::explore::{Exploration, ExploreRecord, SampleRecord};
use crate::report::{progress, write_atomically};
use crate::space::ednas::{FusedDefinition, Upsampling, space_named};

/// Arguments of `ednas explore`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The networks: names (`ednas model list`) or genomes.
    #[arg(value_name = "MODEL", required_unless_present = "networks")]
    models: Vec<String>,

    /// The accelerator to vary: a name that `ednas profile list` knows, or a TOML file.
    #[arg(long, value_name = "PROFILE[:MODE+MODE]")]
    profile: String,

    /// A key of the profile, or several that vary together (`array.rows,array.cols`), and its
    /// values: `a,b,c`, `a..bxF` (times F) or `a..b+S` (plus S). Every combination is a machine.
    #[arg(long, value_name = "KEY=RANGE", required = true)]
    vary: Vec<String>,

    /// Draw a network of this space for every machine instead; `ednas space show` knows them.
    #[arg(
        long,
        value_name = "SPACE",
        conflicts_with = "models",
        requires = "sample"
    )]
    networks: Option<String>,

    /// Draw N different combinations instead of trying all.
    #[arg(long, value_name = "N")]
    sample: Option<usize>,

    /// Seed of the draw.
    #[arg(long, value_name = "N", default_value_t = 0, requires = "sample")]
    seed: u64,

    /// What a Fused-IBN of a named network is: `late-separable:N` or `full`.
    #[arg(long, value_name = "DEFINITION")]
    fused: Option<FusedDefinition>,

    #[command(flatten)]
    image: ImageOptions,

    /// Draw latency against area, energy or the first varied number.
    #[arg(long, value_name = "FILE.svg")]
    plot: Option<PathBuf>,

    /// Print one `ednas.explore/1` record instead of a table.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let base = profile::load(&args.profile)?;
    // Lists are not varied, so all machines take the same forms of operators.
    let upsampling = Target::of(&base).upsampling;
    let space = space(args, base).or_bad_input()?;
    let pairs = pairs(args, &space).or_bad_input()?;
    let models: Vec<Arc<Vec<Program>>> = args
        .models
        .iter()
        .map(|model| programs(args, model, upsampling).or_bad_input())
        .collect::<anyhow::Result<_>>()?;
    let bar = progress("exploring", pairs.len() as u64);
    let programs = |pair: &Pair, model: usize| match (&pair.network, space.networks()) {
        (Some(genome), Some(networks)) => programs(args, &networks.text(genome), upsampling),
        (Some(_) | None, _) => models
            .get(model)
            .cloned()
            .context("a machine has a network"),
    };
    let priced = sweep(&space, &pairs, programs, || bar.inc(1)).or_bad_input()?;
    bar.finish_and_clear();
    let name = |(pair, model): &(Pair, usize)| match (&pair.network, space.networks()) {
        (Some(genome), Some(networks)) => networks.text(genome),
        (Some(_) | None, _) => args.models.get(*model).cloned().unwrap_or_default(),
    };
    let rows = pairs
        .iter()
        .zip(priced)
        .map(|(pair, priced)| (&pair.0, name(pair), priced));
    let exploration = Exploration {
        space: &space,
        size: size(args, &models),
        sample: args.sample.map(|count| SampleRecord {
            count,
            seed: args.seed,
        }),
    };
    let record = ExploreRecord::new(&exploration, &rows.collect::<Vec<_>>());
    if let Some(path) = &args.plot {
        write_atomically(path, record.plot().as_bytes())?;
    }
    if args.json {
        output::print_record(&record)
    } else {
        output::print(&record.table())
    }
}

fn space(args: &Args, base: hwmodels::profile::Profile) -> anyhow::Result<JointSpace> {
    let axes: Vec<Axis> = args
        .vary
        .iter()
        .map(|axis| axis.parse())
        .collect::<Result<_, ExploreError>>()?;
    let networks = args.networks.as_deref().map(space_named).transpose()?;
    Ok(JointSpace::new(networks, MachineSpace::new(base, axes)?)?)
}

/// Every pair to price, and the index of its model; all are machines.
fn pairs(args: &Args, space: &JointSpace) -> anyhow::Result<Vec<(Pair, usize)>> {
    let pairs = match args.sample {
        Some(count) => {
            ensure!(count > 0, "--sample 0 draws nothing");
            space.sample(count, args.seed)?
        }
        None => space.all()?,
    };
    let models = args.models.len().max(1);
    if pairs.len().saturating_mul(models) > LIMIT {
        let count = format!(
            "{} machines x {models} networks: {}",
            pairs.len(),
            pairs.len() * models
        );
        return Err(ExploreError::TooMany { count }.into());
    }
    let machines: Vec<_> = pairs.iter().map(|pair| pair.machine.clone()).collect();
    space.machines().check(&machines)?;
    let of_models = |pair: Pair| (0..models).map(move |model| (pair.clone(), model));
    Ok(pairs.into_iter().flat_map(of_models).collect())
}

/// The size of the image, where all networks take one.
fn size(args: &Args, models: &[Arc<Vec<Program>>]) -> Option<[usize; 2]> {
    let mut sizes = models.iter().flat_map(|programs| &**programs);
    match sizes.next() {
        None => Some(args.image.size()),
        Some(first) => first
            .size
            .filter(|_| sizes.all(|other| other.size == first.size)),
    }
}

/// What a network asks of a machine.
fn programs(args: &Args, model: &str, upsampling: Upsampling) -> anyhow::Result<Arc<Vec<Program>>> {
    let options = ModelOptions {
        model: model.to_owned(),
        fused: args.fused,
        image: args.image.clone(),
    };
    Ok(Arc::new(options.programs(upsampling, Precision::Int8)?))
}
