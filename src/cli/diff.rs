//! `ednas diff`: one network on two accelerators, or two networks on one, layer by layer.

use anyhow::{anyhow, bail};
use hwmodels::simulate::Speed;

use super::exit::OrBadInput;
use super::options::{ImageOptions, ModelOptions, PrecisionName};
use super::{estimate, output, profile};
use crate::report::diff::{DiffRecord, Order};
use crate::report::estimate::{EstimateRecord, Question, Shown};
use crate::space::ednas::FusedDefinition;

/// Arguments of `ednas diff`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// One network for two accelerators, or two networks for one: names, genomes, topologies.
    #[arg(value_name = "MODEL", num_args = 1..=2, required = true)]
    models: Vec<String>,

    /// The accelerator; twice for two of them.
    #[arg(long, value_name = "PROFILE[:MODE+MODE]", required = true)]
    profile: Vec<String>,

    /// What a Fused-IBN of a named network is: `late-separable:9` fits the paper's printed sizes,
    /// `full` is its text.
    #[arg(long, value_name = "DEFINITION")]
    fused: Option<FusedDefinition>,

    #[command(flatten)]
    image: ImageOptions,

    /// The element sizes [default: int8; a file's own].
    #[arg(long, value_enum)]
    precision: Option<PrecisionName>,

    /// Which layers get a row: `all` that take time, those that matter most (`top=20`), or `none`.
    #[arg(long, value_name = "all|none|top=N", default_value = "all")]
    layers: Shown,

    /// The order of the rows: as they run, or the largest difference first.
    #[arg(long, value_name = "order|difference", default_value = "order")]
    sort: Order,

    /// Print one `ednas.diff/1` record instead of tables.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let [(model_a, profile_a), (model_b, profile_b)] = sides(args).or_bad_input()?;
    let a = priced(args, model_a, profile_a)?;
    let b = priced(args, model_b, profile_b)?;
    let record = DiffRecord::new(&a, &b);
    if args.json {
        output::print_record(&record)
    } else {
        output::print(&record.table(args.layers, args.sort))
    }
}

/// The network and the accelerator of either side.
fn sides(args: &Args) -> anyhow::Result<[(&str, &str); 2]> {
    match (&args.models[..], &args.profile[..]) {
        ([model], [a, b]) => Ok([(model, a), (model, b)]),
        ([a, b], [profile]) => Ok([(a, profile), (b, profile)]),
        ([_], [_]) => Err(anyhow!(
            "nothing to compare: give a second network, or a second --profile"
        )),
        ([_, _], [_, _]) => Err(anyhow!(
            "two networks and two profiles differ in too much: give one network or one --profile"
        )),
        (_, profiles) => bail!(
            "compares two profiles at most; --profile was given {} times",
            profiles.len()
        ),
    }
}

fn priced(args: &Args, model: &str, spelled: &str) -> anyhow::Result<EstimateRecord> {
    let profile = profile::load(spelled)?;
    let options = ModelOptions {
        model: model.to_owned(),
        fused: args.fused,
        image: args.image.clone(),
    };
    let question = Question {
        model,
        profile: &profile,
        precision: options.precision(args.precision),
        speed: Speed::Fast,
    };
    let programs = estimate::programs(&options, &profile, question.precision)?;
    Ok(EstimateRecord::of_programs(&question, &programs))
}
