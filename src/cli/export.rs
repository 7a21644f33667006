//! `ednas export`: a float network in, the folder that deploys it out.

use std::path::{Path, PathBuf};

use anyhow::{bail, ensure};
use clap::ValueEnum;
use hwmodels::profile::Profile;
use kernels::Verified;
use kernels::work::Precision;

use super::exit::OrBadInput;
use super::options::ModelOptions;
use super::shapes::by_input;
use super::{output, profile};
use crate::deploy::record::{BundleRecord, QuantizationRecord};
use crate::deploy::{
    Bundle, Calibration, Deployment, Golden, RECORD, Source, TARGETS, Target, with_classes,
    write_bundle,
};
use crate::model_file;
use crate::quantize::{calibrate, quantize};
use crate::report::Console;
use crate::report::card::summary;
use crate::report::estimate::Program;
use crate::report::map::MapRecord;

/// Images for the statistics and ranges of a network that nobody trained.
const UNTRAINED_SAMPLES: usize = 8;

/// The data set whose images those are.
const UNTRAINED_DATA: &str = "scenes";

/// Arguments of `ednas export`.
#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    options: ModelOptions,

    /// What it is deployed on [default: cpu for model files, coral for others].
    #[arg(long, value_name = "TARGET", conflicts_with = "profile",
          value_parser = TARGETS.map(|(name, _)| name))]
    target: Option<String>,

    /// The same as a profile: a name that `ednas profile list` knows, or a TOML file.
    #[arg(long, value_name = "NAME|FILE.toml")]
    profile: Option<String>,

    /// Give a named network random values.
    #[arg(long)]
    untrained: bool,

    /// Picks those values.
    #[arg(long, requires = "untrained", default_value_t = 0)]
    seed: u64,

    /// What a model file is calibrated on: a .npy file of samples `[n, ...]`, float32, prepared as
    /// the network takes them, or a folder of such files.
    #[arg(long, value_name = "DIR|FILE.npy")]
    calibrate: Option<PathBuf>,

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

/// A float network and what it is calibrated on.
struct Prepared {
    source: Source,
    calibration: Calibration,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let target = target(args)?;
    let console = Console::default();
    let prepared = prepare(args, &target).or_bad_input()?;
    let Prepared {
        mut source,
        calibration,
    } = prepared;
    let mut int8 = quantized(&source, &calibration, &console).or_bad_input()?;
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
            method: "min-max".to_owned(),
            calibration: calibration.origin.clone(),
            onnx_activations: match args.activations {
                Activations::Int8 => "int8".to_owned(),
                Activations::Uint8 => "uint8".to_owned(),
            },
        },
        target: &target,
        accuracy: None,
    };
    let bundle = Bundle::new(&deployment).or_bad_input()?;
    write_bundle(&args.out, &bundle)?;
    let record: BundleRecord = serde_json::from_slice(bundle.file(RECORD)?)?;
    match args.json {
        true => output::print_record(&record),
        false => output::print(&summary(&record, &args.out)),
    }
}

fn target(args: &Args) -> anyhow::Result<Target> {
    let is_file = model_file::is_model_file(Path::new(&args.options.model));
    match (&args.target, &args.profile) {
        (Some(name), _) => Target::named(name).or_bad_input(),
        (None, Some(name)) => Ok(Target::of(&profile::load(name)?)),
        (None, None) => Target::named(if is_file { "cpu" } else { "coral" }),
    }
}

fn prepare(args: &Args, target: &Target) -> anyhow::Result<Prepared> {
    let model = &args.options.model;
    if model_file::is_model_file(Path::new(model)) {
        return from_file(args, Path::new(model));
    }
    ensure!(
        args.untrained,
        "`{model}` has no values: give --untrained for random ones, or a checkpoint of \
         `ednas train`"
    );
    ensure!(
        args.calibrate.is_none(),
        "`{model}` with random values is calibrated on rendered scenes: leave out --calibrate"
    );
    let size = args.options.image.size;
    let calibration = Calibration::of_dataset(UNTRAINED_DATA, args.seed, size, UNTRAINED_SAMPLES)?;
    let options = args.options.image.network(target.upsampling);
    let model = args.options.model()?;
    let source = Source::untrained(&model, &options, args.seed, &calibration)?;
    Ok(Prepared {
        source,
        calibration,
    })
}

fn from_file(args: &Args, path: &Path) -> anyhow::Result<Prepared> {
    let file = path.display();
    ensure!(
        !args.untrained,
        "`{file}` has values of its own: leave out --untrained"
    );
    let Some(data) = &args.calibrate else {
        bail!(
            "`{file}` cannot be quantized without samples of its input: save some with numpy.save \
             and give the file, or a folder of such, with --calibrate"
        );
    };
    let source = Source::file(path, &by_input(&args.options.image.shape)?)?;
    let calibration = Calibration::read(data, &source.graph)?;
    Ok(Prepared {
        source,
        calibration,
    })
}

fn quantized(
    source: &Source,
    calibration: &Calibration,
    console: &Console,
) -> anyhow::Result<Verified> {
    let samples = &calibration.samples;
    let bar = console.bar("calibrating", samples.len() as u64);
    let load = |index: usize| {
        bar.inc(1);
        samples[index].clone()
    };
    let ranges = calibrate(&source.graph, samples.len(), load)?;
    bar.finish_and_clear();
    Ok(quantize(&source.graph, &ranges)?)
}

/// Refuses a network of which `profile` leaves operators to its host.
fn all_on(profile: &Profile, int8: &Verified) -> anyhow::Result<()> {
    let program = Program::as_it_is(int8, Precision::AsIs)?;
    let map = MapRecord::new(&int8.name, profile, &[program]);
    let refused = map.refused();
    ensure!(
        refused.is_empty(),
        "{} cannot hold {} of {} operators:\n{}\n--allow-host writes the files all the same, and \
         the host runs those",
        profile.name(),
        refused.len(),
        int8.nodes.len(),
        refused.join("\n")
    );
    Ok(())
}
