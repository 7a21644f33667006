//! `ednas validate`: exported models in every runtime.

use std::path::PathBuf;

use anyhow::{anyhow, bail, ensure};
use hwmodels::profile::Profile;

use super::exit::OrBadInput;
use super::{options, output, profile};
use crate::deploy::{Origin, Target};
use crate::report::validate::ValidateRecord;
use crate::report::{Console, write_atomically};
use crate::validate::bundle::Opened;
use crate::validate::images::Images;
use crate::validate::metrics::Definition;
use crate::validate::prediction::tasks;
use crate::validate::runtime::{Absent, Repeats, Runtime, RuntimeName};
use crate::validate::validation::{Plan, validate};
use crate::validate::vela::{Machine, Vela};

/// The data set whose images networks that nobody trained are run on.
const UNTRAINED_DATA: &str = "scenes";

/// Inferences before those that are timed.
const WARM_UP: usize = 3;

/// Arguments of `ednas validate`.
#[derive(Debug, clap::Args)]
#[command(args_override_self = true)]
pub(super) struct Args {
    /// A folder that `ednas export` or `ednas run` wrote, or an int8 model file (FILE.tflite,
    /// FILE.onnx).
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,

    /// A runtime: kernels, litert, onnxruntime, tract; once for each [default: all that are there].
    #[arg(long, value_name = "RUNTIME")]
    runtime: Vec<RuntimeName>,

    /// A compiler that must say what it makes of the model [default: Vela, where it is there and a
    /// profile is of an Ethos-U].
    #[arg(long, value_name = "vela", value_parser = ["vela"])]
    compiler: Option<String>,

    /// How many samples are run.
    #[arg(long, value_name = "N", default_value_t = 16)]
    samples: usize,

    /// The data set whose validation images are run [default: what the network was trained on, else
    /// noise].
    #[arg(long, value_name = "NAME")]
    data: Option<String>,

    /// Seed of the data set or of the noise [default: that of the bundle's data set, else 0].
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    /// Whose definition of the metrics: standard, adashare-cityscapes or adashare-nyuv2.
    #[arg(long, value_name = "DEFINITION", default_value_t = Definition::Standard)]
    metrics: Definition,

    /// A machine to simulate; once for each [default: the bundle's target].
    #[arg(long, value_name = "PROFILE[:MODE+MODE]")]
    profile: Vec<String>,

    /// How many inferences are timed in each runtime; 0 for none.
    #[arg(long, value_name = "N", default_value_t = 15, value_parser = options::count)]
    runs: usize,

    /// Say how far runtimes are apart at every layer, where they are more than a step apart.
    #[arg(long)]
    layers: bool,

    /// Write a page: a heat map of agreement, steps of every layer, accuracy, latency.
    #[arg(long, value_name = "FILE.html")]
    page: Option<PathBuf>,

    /// Print one `ednas.validate/1` record instead of tables.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let opened = Opened::open(&args.bundle).or_bad_input()?;
    let images = images(args, &opened).or_bad_input()?;
    let profiles = profiles(args, &opened)?;
    let (runtimes, mut absent) = runtimes(&args.runtime).or_bad_input()?;
    let vela = vela(args, &profiles, &mut absent).or_bad_input()?;
    let plan = Plan {
        opened: &opened,
        runtimes: &runtimes,
        images: &images,
        samples: args.samples,
        judged: args.data.is_some() || opened.record.as_ref().is_some_and(|r| r.data.is_some()),
        definition: args.metrics,
        repeats: (args.runs > 0).then_some(Repeats {
            warm_up: WARM_UP,
            timed: args.runs,
        }),
        profiles: &profiles,
        vela: vela.as_ref(),
    };
    let found = validate(&plan, &Console::default())?;
    let record = ValidateRecord::new(&plan, &absent, &found);
    if let Some(page) = &args.page {
        write_atomically(page, record.page().as_bytes())?;
    }
    if args.json {
        output::print_record(&record)?;
    } else {
        output::print(&record.text(args.layers))?;
    }
    if record.passed() {
        return Ok(());
    }
    Err(anyhow!(
        "{} did not pass: see the failures and golden vectors above",
        args.bundle.display()
    ))
}

/// What the network is run on.
fn images(args: &Args, opened: &Opened) -> anyhow::Result<Images> {
    let graph = opened.int8.graph();
    let record = opened.record.as_ref();
    let own = record.and_then(|record| record.data.as_ref());
    let is_untrained = record.is_some_and(|r| matches!(r.origin, Origin::Untrained { .. }));
    let seed = |own: u64| args.seed.unwrap_or(own);
    let images = match (&args.data, own) {
        (Some(name), _) => Images::labeled(name, seed(0), graph)?,
        (None, Some(own)) => Images::labeled(&own.name, seed(own.seed), graph)?,
        (None, None) if is_untrained && tasks(graph).is_some() => {
            Images::labeled(UNTRAINED_DATA, seed(0), graph)?
        }
        (None, None) => Images::Noise { seed: seed(0) },
    };
    ensure!(args.samples > 0, "--samples is 0, expected at least one");
    if let Some(len) = images.count() {
        ensure!(
            args.samples <= len,
            "--samples is {}, {} has {len}",
            args.samples,
            images.text()
        );
    }
    Ok(images)
}

/// The machines that were asked for, or the bundle's target.
fn profiles(args: &Args, opened: &Opened) -> anyhow::Result<Vec<Profile>> {
    if !args.profile.is_empty() {
        return args
            .profile
            .iter()
            .map(|name| profile::load(name))
            .collect();
    }
    let target = opened.record.as_ref().map(|record| record.target.as_str());
    // A bundle may be for a machine in a file that is not here.
    let target = target.and_then(|target| match Target::named(target) {
        Ok(target) => target.profile,
        Err(_) => profile::load(target).ok(),
    });
    Ok(target.into_iter().collect())
}

type Runtimes = Vec<Box<dyn Runtime>>;

/// The runtimes that were named, which must be there; else those that are, and those that are not.
fn runtimes(named: &[RuntimeName]) -> anyhow::Result<(Runtimes, Vec<Absent>)> {
    let wanted = RuntimeName::ALL
        .into_iter()
        .filter(|name| named.is_empty() || named.contains(name));
    let (mut there, mut absent) = (Vec::new(), Vec::new());
    for name in wanted {
        match name.find() {
            Ok(runtime) => there.push(runtime),
            Err(missing) if named.is_empty() => absent.push(missing),
            Err(missing) => bail!(missing),
        }
    }
    Ok((there, absent))
}

/// Vela, where a profile is of one of its machines.
fn vela(
    args: &Args,
    profiles: &[Profile],
    absent: &mut Vec<Absent>,
) -> anyhow::Result<Option<Vela>> {
    let has_machine = profiles.iter().any(|p| Machine::of(p.name()).is_some());
    match (args.compiler.is_some(), has_machine) {
        (false, false) => Ok(None),
        (true, false) => bail!(
            "Vela compiles for the Ethos-U, and no profile is of one: add --profile ethos-u55-128"
        ),
        (true, true) => Ok(Some(Vela::find()?)),
        (false, true) => match Vela::find() {
            Ok(vela) => Ok(Some(vela)),
            Err(missing) => {
                absent.push(missing);
                Ok(None)
            }
        },
    }
}
