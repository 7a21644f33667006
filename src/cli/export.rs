//! `ednas export`: a float network in, the folder that deploys it out.

use std::path::PathBuf;

use anyhow::ensure;
use clap::ValueEnum;
use hwmodels::profile::Profile;
use kernels::Verified;
use kernels::work::Precision;

use super::exit::OrBadInput;
use super::quantize::QuantizeOptions;
use super::source::{Prepared, SourceOptions};
use super::{output, profile};
use crate::deploy::record::{AccuracyRecord, BundleRecord, QuantizationRecord};
use crate::deploy::{
    Bundle, Deployment, Golden, RECORD, Source, TARGETS, Target, make_folder, with_classes,
    write_bundle,
};
use crate::quantize;
use crate::report::Console;
use crate::report::card::summary;
use crate::report::estimate::Program;
use crate::report::map::MapRecord;
use crate::validate::accuracy;
use crate::validate::images::Images;

/// Operators that a refusal names.
const REFUSED_SHOWN: usize = 8;

/// Arguments of `ednas export`.
#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    source: SourceOptions,

    #[command(flatten)]
    quantize: QuantizeOptions,

    /// What it is deployed on [default: coral where the network is built for it, else cpu].
    #[arg(long, value_name = "TARGET", conflicts_with = "profile",
          value_parser = TARGETS.map(|(name, _)| name))]
    target: Option<String>,

    /// The same as a profile: a name that `ednas profile list` knows, or a TOML file.
    #[arg(long, value_name = "NAME|FILE.toml")]
    profile: Option<String>,

    /// Give the class of each pixel instead of scores.
    #[arg(long)]
    argmax: bool,

    /// The type of activations in the int8 ONNX file: onnxruntime on x86-64 is faster with uint8.
    #[arg(long, value_enum, default_value = "int8")]
    activations: Activations,

    /// Write the files even where the target leaves operators to its host.
    #[arg(long)]
    allow_host: bool,

    /// The folder to write to.
    #[arg(long, short, value_name = "DIR")]
    out: PathBuf,

    /// Print the `ednas.bundle/1` record instead of a summary.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Activations {
    Int8,
    Uint8,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let asked = target(args)?;
    let console = Console::default();
    let prepared = args.source.prepare(asked.as_ref()).or_bad_input()?;
    let Prepared {
        mut source,
        calibration,
    } = prepared;
    let target = asked.map_or_else(|| built_for(&source), Ok)?;
    let options = args.quantize.options(&source);
    let quantized = quantize::run(&source.graph, &calibration.samples, &options, &console);
    let mut int8 = quantized.or_bad_input()?.int8;
    if args.argmax {
        source.graph = with_classes(&source.graph).or_bad_input()?;
        int8 = with_classes(&int8).or_bad_input()?;
    }
    if let Some(profile) = target.profile.as_ref().filter(|_| !args.allow_host) {
        all_on(profile, &int8).or_bad_input()?;
    }
    let deployment = Deployment {
        golden: Golden::new(&source.graph, &int8, &calibration.samples[0])?,
        source: &source,
        int8: &int8,
        quantization: QuantizationRecord {
            method: options.to_string(),
            calibration: calibration.origin.clone(),
            onnx_activations: match args.activations {
                Activations::Int8 => "int8".to_owned(),
                Activations::Uint8 => "uint8".to_owned(),
            },
        },
        target: &target,
        accuracy: accuracy(&source, &int8, &console)?,
    };
    let bundle = Bundle::new(&deployment).or_bad_input()?;
    make_folder(&args.out).or_bad_input()?;
    write_bundle(&args.out, &bundle)?;
    let record: BundleRecord = serde_json::from_slice(bundle.file(RECORD)?)?;
    match args.json {
        true => output::print_record(&record),
        false => output::print(&summary(&record, &args.out)),
    }
}

/// The metrics of both networks, where the source says what they are judged on.
fn accuracy(
    source: &Source,
    int8: &Verified,
    console: &Console,
) -> anyhow::Result<Option<AccuracyRecord>> {
    let Some(data) = &source.data else {
        return Ok(None);
    };
    let samples = data.validation_samples;
    if samples == 0 {
        return Ok(None);
    }
    let images = Images::labeled(&data.name, data.seed, int8)?;
    let scores = |graph: &Verified| accuracy::accuracy(graph, &images, samples, console);
    Ok(Some(AccuracyRecord {
        samples,
        float: scores(&source.graph)?,
        int8: scores(int8)?,
    }))
}

/// The target that was asked for.
fn target(args: &Args) -> anyhow::Result<Option<Target>> {
    match (&args.target, &args.profile) {
        (Some(name), _) => Target::named(name).or_bad_input().map(Some),
        (None, Some(name)) => Ok(Some(Target::of(&profile::load(name)?))),
        (None, None) => Ok(None),
    }
}

/// The target of a network that was exported for none: Coral where its heads are built for it.
fn built_for(source: &Source) -> anyhow::Result<Target> {
    let coral = Target::named("coral")?;
    match source.upsampling {
        Some(form) if form == coral.upsampling => Ok(coral),
        Some(_) | None => Target::named("cpu"),
    }
}

/// Refuses a network of which `profile` leaves operators to its host.
fn all_on(profile: &Profile, int8: &Verified) -> anyhow::Result<()> {
    let program = Program::as_it_is(int8, Precision::AsIs)?;
    let map = MapRecord::new(&int8.name, profile, &[program]);
    let refused = map.refused();
    let more = refused.len().saturating_sub(REFUSED_SHOWN);
    let more = match more {
        0 => String::new(),
        more => format!("\n  and {more} more, which `ednas map` tells"),
    };
    ensure!(
        refused.is_empty(),
        "{} cannot hold {} of {} operators:\n{}{more}\n--allow-host writes the files all the same, and \
         the host runs those",
        profile.name(),
        refused.len(),
        int8.nodes.len(),
        refused[..refused.len().min(REFUSED_SHOWN)].join("\n")
    );
    Ok(())
}
