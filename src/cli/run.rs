//! `ednas run`: the whole road in one command.

use std::path::PathBuf;

use clap::ValueEnum;

use super::exit::{Interrupted, OrBadInput, stop_on_interrupt};
use super::{options, output, profile, workers};
use crate::report::Console;
use crate::run::settings::{ControllerSettings, Settings};
use crate::run::{Ended, run as run_road};
use crate::space::ednas::FusedDefinition;
use crate::study::StudyError;
use crate::task::Task;
use crate::train::worker::WorkerError;

/// Arguments of `ednas run`.
#[derive(clap::Args)]
#[command(args_override_self = true)]
pub(super) struct Args {
    /// The machine to find a network for: the name of a profile, or a file.
    #[arg(long, value_name = "PROFILE", default_value = "coral-edgetpu")]
    profile: String,

    /// The folder of the run; the same command continues a run that was cut off.
    #[arg(long, short, value_name = "DIR", default_value = "runs/demo")]
    out: PathBuf,

    /// The data set.
    #[arg(long, default_value = "scenes")]
    data: String,

    /// The heads, separated by commas: seg, depth, normals.
    #[arg(long, value_delimiter = ',', default_value = "seg,depth,normals")]
    tasks: Vec<Task>,

    /// Height and width of the image, multiples of 128: `128` or `256x512`.
    #[arg(long, value_name = "SIZE", default_value = "128", value_parser = options::size)]
    size: [usize; 2],

    /// What a Fused-IBN is: `late-separable:9` or `full`.
    #[arg(long, value_name = "DEFINITION", default_value_t)]
    fused: FusedDefinition,

    /// Candidates to train, the baseline included.
    #[arg(long, value_name = "N", default_value_t = 24)]
    trials: usize,

    /// What the whole run may take, such as `900s`, `15m` or `12h`; steps are fitted to it.
    #[arg(long, value_name = "TIME", default_value = "15m", value_parser = workers::seconds)]
    budget: u64,

    /// Steps that a candidate is trained [default: fitted to the budget].
    #[arg(long, value_name = "N")]
    steps: Option<usize>,

    /// Steps that the final networks are trained [default: fitted to the budget].
    #[arg(long, value_name = "N")]
    final_steps: Option<usize>,

    #[command(flatten)]
    workers: workers::Args,

    /// Who proposes candidates.
    #[arg(long, value_enum, default_value = "evolution")]
    controller: ControllerName,

    /// Trials alive at a time in an evolution, and uniform proposals to begin with.
    #[arg(long, value_name = "N", default_value_t = 8)]
    population: usize,

    /// Draws per tournament of an evolution.
    #[arg(long, value_name = "N", default_value_t = 3)]
    tournament: usize,

    /// The latency to aim at [default: the baseline's].
    #[arg(long, value_name = "MS", value_parser = options::positive)]
    target_latency_ms: Option<f64>,

    /// Exponent of the reward for networks within the target latency [default: -0.07, assumed].
    #[arg(long, value_name = "P", value_parser = options::finite, allow_negative_numbers = true)]
    reward_p: Option<f64>,

    /// Exponent of the reward for networks beyond the target latency [default: -0.07, assumed].
    #[arg(long, value_name = "Q", value_parser = options::finite, allow_negative_numbers = true)]
    reward_q: Option<f64>,

    /// Samples of the training split.
    #[arg(long, value_name = "N", default_value_t = 512)]
    train_samples: usize,

    /// Samples of the validation split.
    #[arg(long, value_name = "N", default_value_t = 64)]
    validation_samples: usize,

    /// Samples of the calibration split.
    #[arg(long, value_name = "N", default_value_t = 32)]
    calibration_samples: usize,

    /// Picks the data, the proposals and the initial weights.
    #[arg(long, default_value_t = 0)]
    seed: u64,

    /// Print the `ednas.run/1` record instead of a table.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ControllerName {
    /// Regularized evolution.
    Evolution,
    /// Uniform sampling.
    Random,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let mut settings = settings(args);
    settings.check().or_bad_input()?;
    let profile = profile::load(&args.profile)?;
    let fleet = args.workers.start().or_bad_input()?;
    settings.workers = fleet.workers().get();
    let stop = stop_on_interrupt()?;
    let console = Console::default();
    let ended = run_road(
        &settings,
        &profile,
        &args.out,
        fleet.as_ref(),
        &stop,
        &console,
    );
    match blame(ended)? {
        Ended::Complete(record) if args.json => output::print_record(&record),
        Ended::Complete(record) => output::print(&record.table(&args.out)),
        Ended::Stopped => Err(Interrupted {
            remedy: format!(
                "{} is whole, and the same command goes on from there",
                args.out.display()
            ),
        }
        .into()),
    }
}

fn settings(args: &Args) -> Settings {
    Settings {
        profile: args.profile.clone(),
        data: args.data.clone(),
        tasks: args.tasks.clone(),
        size: args.size,
        fused: args.fused.to_string(),
        trials: args.trials,
        controller: match args.controller {
            ControllerName::Evolution => ControllerSettings::Evolution {
                population: args.population,
                tournament: args.tournament,
            },
            ControllerName::Random => ControllerSettings::Random,
        },
        target_latency_ms: args.target_latency_ms,
        reward_p: args.reward_p,
        reward_q: args.reward_q,
        workers: args.workers.workers().get(),
        threads: args.workers.threads().get(),
        steps: args.steps,
        final_steps: args.final_steps,
        budget_s: args.budget,
        train_samples: args.train_samples,
        validation_samples: args.validation_samples,
        calibration_samples: args.calibration_samples,
        seed: args.seed,
    }
}

/// Marks the errors of a run that the user mends with other arguments or files.
fn blame<T>(result: anyhow::Result<T>) -> anyhow::Result<T> {
    let Err(error) = result else {
        return result;
    };
    let input = error.chain().any(|cause| {
        let worker = cause.downcast_ref::<WorkerError>();
        let study = cause.downcast_ref::<StudyError>();
        worker.is_some_and(WorkerError::is_setup)
            || cause.is::<crate::run::Refused>()
            || cause.is::<crate::data::DataError>()
            || cause.is::<crate::space::ednas::NetworkError>()
            || cause.is::<crate::price::PriceError>()
            || study.is_some_and(StudyError::is_bad_input)
    });
    if input {
        Err(error).or_bad_input()
    } else {
        Err(error)
    }
}
