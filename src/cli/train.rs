//! `ednas train`: one network from its first step, or from a checkpoint, to a checkpoint.

mod asked;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use super::exit::{Interrupted, OrBadInput, stop_on_interrupt};
use super::{options, output};
use crate::data::Dataset;
use crate::report::Console;
use crate::report::train::{TrainRecord, show};
use crate::space::ednas::FusedDefinition;
use crate::task::Task;
use crate::train::TrainJob;
use crate::train::protocol::Outcome;
use crate::train::worker::{Limits, Worker, WorkerError, find_worker};

/// How often the state is kept, in seconds: what an interruption loses at most.
const STATE_EVERY_S: f64 = 10.0;

/// Arguments of `ednas train`.
#[derive(clap::Args)]
#[command(args_override_self = true)]
pub(super) struct Args {
    /// A name (`ednas model list` has them) or a genome as short text [default: that of --from].
    #[arg(value_name = "MODEL", required_unless_present = "from")]
    model: Option<String>,

    /// Where the weights go; the state of an unfinished training stands beside it, and the same
    /// command goes on from there.
    #[arg(long, short, value_name = "FILE.safetensors")]
    out: PathBuf,

    /// What the network is built for: coral, ethos-u55, ethos-u65, ethos-u85 or cpu [default:
    /// coral, or as --from was built].
    #[arg(long, value_name = "TARGET", conflicts_with = "profile")]
    target: Option<String>,

    /// As --target, for a machine by the name of its profile, or a profile file.
    #[arg(long, value_name = "PROFILE")]
    profile: Option<String>,

    /// What a Fused-IBN of a named network is: `late-separable:9` or `full` [default:
    /// late-separable:9, or that of --from].
    #[arg(long, value_name = "DEFINITION")]
    fused: Option<FusedDefinition>,

    /// Height and width of the image, multiples of 128: `128` or `256x512` [default: 128, or that
    /// of --from].
    #[arg(long, value_name = "SIZE", value_parser = options::size)]
    size: Option<[usize; 2]>,

    /// The heads, separated by commas [default: seg,depth,normals, or those of --from].
    #[arg(long, value_delimiter = ',')]
    tasks: Option<Vec<Task>>,

    /// The data set: scenes, scenes-indoor, or files such as folder:DIR, as docs/data.md says.
    #[arg(long, default_value = "scenes")]
    data: String,

    /// The seed of the data set.
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    data_seed: u64,

    /// Samples of the training split.
    #[arg(long, value_name = "N", default_value_t = 512)]
    train_samples: usize,

    /// Samples of the validation split; 0 leaves the evaluation out.
    #[arg(long, value_name = "N", default_value_t = 64)]
    validation_samples: usize,

    /// Optimizer steps [default: 800, or 100 with --from].
    #[arg(long, value_name = "N")]
    steps: Option<usize>,

    /// Images per step.
    #[arg(long, value_name = "N", default_value_t = 8)]
    batch: usize,

    /// Run the images of a step in so many parts, one after another, and average their gradients: for
    /// batches that do not fit into memory.
    #[arg(long, value_name = "N", default_value = "1")]
    parts: NonZeroUsize,

    /// Compute convolutions in bfloat16: faster on GPUs.
    #[arg(long)]
    mixed: bool,

    /// The highest learning rate, such as 0.0003 and 0.01, the paper's two [default: 0.01, or 0.00005
    /// with --from].
    #[arg(long, value_name = "RATE")]
    learning_rate: Option<f64>,

    /// Judge and keep the moving average of the weights, which keeps this share of itself in a step,
    /// such as 0.99, in place of the weights of the last step.
    #[arg(long, value_name = "SHARE", value_parser = options::kept)]
    average: Option<f64>,

    /// Vary samples from epoch to epoch: scaled by a factor within --scale, and cut or padded to the
    /// size of the image. They are mirrored in any case.
    #[arg(long)]
    augment: bool,

    /// The smallest and the largest factor of --augment.
    #[arg(long, value_name = "MIN:MAX", default_value = "0.5:1.5", value_parser = options::span)]
    scale: [f64; 2],

    /// The weight of the relative part of the depth loss, JAReD's lambda; 0 is L1 [default: 0.1, or
    /// as --from was trained].
    #[arg(long, value_name = "LAMBDA")]
    jared_lambda: Option<f64>,

    /// What the losses are multiplied with, such as `seg=1,depth=20`; tasks that are left out keep
    /// theirs [default: seg=1,depth=20,normals=3, or as --from was trained].
    #[arg(long, value_name = "TASK=WEIGHT,..", value_delimiter = ',', value_parser = weight)]
    task_weights: Vec<(Task, f64)>,

    /// The learning rate of what joins the tasks of a multi-task method, as a multiple of that of all
    /// else.
    #[arg(long, value_name = "TIMES", default_value_t = 1.0)]
    unit_rate: f64,

    /// Picks the initial weights and the order of the images.
    #[arg(long, default_value_t = 0)]
    seed: u64,

    /// Threads of the computation; results are equal for equal numbers.
    #[arg(long, value_name = "N", default_value_t = 1)]
    threads: usize,

    /// Fine-tune the weights of a checkpoint: its batch norms are folded into the convolutions,
    /// and these are trained on.
    #[arg(long, value_name = "FILE.safetensors")]
    from: Option<PathBuf>,

    /// Fine-tune in simulated int8 arithmetic; the checkpoint then carries the ranges of
    /// activations that it is to be quantized with.
    #[arg(long, requires = "from")]
    quantize_aware: bool,

    /// Samples of the calibration split, for the first ranges of activations.
    #[arg(
        long,
        value_name = "N",
        default_value_t = 32,
        requires = "quantize_aware"
    )]
    calibration_samples: usize,

    /// Print the `ednas.train/1` record instead of text.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let job = TrainJob {
        id: 0,
        training: args.training().or_bad_input()?,
        threads: args.threads,
        checkpoint: args.out.clone(),
        state_every_s: STATE_EVERY_S,
        resume: true,
        stop_at: None,
        state: None,
    };
    let depth = Dataset::contents_of(&job.training.data.name)?.depth;
    let outcome = train(&job)?;
    let record = TrainRecord::new(&job.training, depth, outcome);
    match args.json {
        true => output::print_record(&record),
        false => output::print(&record.text()),
    }
}

/// Parses `depth=20`.
fn weight(text: &str) -> Result<(Task, f64), String> {
    let expected = || format!("`{text}` is not the weight of a task; expected such as depth=20");
    let (task, weight) = text.split_once('=').ok_or_else(expected)?;
    let task: Task = task.parse().map_err(|error| format!("{error}"))?;
    Ok((task, weight.parse().map_err(|_| expected())?))
}

/// Has `job` done by a worker of its own, with a bar; Ctrl-C ends both.
fn train(job: &TrainJob) -> anyhow::Result<Outcome> {
    let stop = stop_on_interrupt()?;
    let mut worker = find_worker()
        .and_then(|binary| Worker::start(&binary, Limits::default()))
        .or_bad_input()?;
    let what = match job.training.start {
        Some(_) => "fine-tuning",
        None => "training",
    };
    let steps = job.training.recipe.steps as u64;
    let bar = Console::default().bar(&format!("{what} {}", job.training.network), steps);
    let outcome = worker.train(job, &mut |event| show(&bar, event), &stop);
    bar.finish_and_clear();
    match outcome {
        Err(WorkerError::Stopped) => Err(Interrupted {
            remedy: format!(
                "the same command goes on from the last state, at most {STATE_EVERY_S} s old"
            ),
        }
        .into()),
        outcome => Ok(outcome?),
    }
}
