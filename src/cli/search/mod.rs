//! `ednas search`: any space, any goal, any controller.

mod cheaper;
mod controller;
mod goal;
mod parts;

use std::fs;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::ValueEnum;

use super::exit::{Interrupted, OrBadInput, stop_on_interrupt};
use super::{options, output, workers};
use crate::evaluate::{Evaluator, Simulated, Trained};
use crate::report::Console;
use crate::report::search::{Live, SearchRecord};
use crate::search::{Ending, Event, Finished, Plan, SearchError, search};
use crate::study::{Pace, StudyError};
use crate::task::Task;
use crate::train::worker::WorkerError;
use crate::workers::Fleet;

/// How long outcomes that cost a simulation may stay in the system's hands before they are pressed
/// to the disk.
const SYNC_EVERY: Duration = Duration::from_secs(1);

/// Arguments of `ednas search`.
#[derive(clap::Args)]
#[command(args_override_self = true)]
pub(super) struct Args {
    /// The space: a name that `ednas space list` knows, or a TOML or JSON file.
    #[arg(long, value_name = "NAME|FILE", default_value = "ednas")]
    space: String,

    /// A machine to find networks for: the name of a profile, or a file; once for each machine
    /// [default: coral-edgetpu].
    #[arg(long, value_name = "PROFILE")]
    profile: Vec<String>,

    /// What counts of several machines: the worst figure of each kind, or a weighted mean.
    #[arg(long, value_name = "worst|weighted:W,W", default_value = "worst")]
    across: String,

    /// The network to find machines for, where the space is one of machines.
    #[arg(long, value_name = "MODEL", default_value = "mt-edge")]
    network: String,

    /// The heads, separated by commas: seg, depth, normals.
    #[arg(long, value_delimiter = ',', default_value = "seg,depth")]
    tasks: Vec<Task>,

    /// Height and width of the image, multiples of 128: `256` or `256x512`.
    #[arg(long, value_name = "SIZE", default_value = "256", value_parser = options::size)]
    size: [usize; 2],

    #[command(flatten)]
    goal: goal::Args,

    #[command(flatten)]
    controller: controller::Args,

    /// Trials of the study in all, those of earlier runs included.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    trials: usize,

    /// Picks the proposals, the data and the initial weights.
    #[arg(long, default_value_t = 0)]
    seed: u64,

    /// The journal; the same command continues a search that was cut off.
    #[arg(long, value_name = "FILE", default_value = "search.journal")]
    journal: PathBuf,

    /// Who finds out what a candidate is worth.
    #[arg(long, value_enum, default_value = "simulate")]
    evaluator: EvaluatorName,

    #[command(flatten)]
    training: parts::TrainingArgs,

    #[command(flatten)]
    cheaper: cheaper::Args,

    #[command(flatten)]
    pub(super) workers: workers::Args,

    /// Print one `ednas.search/1` record instead of a table.
    #[arg(long)]
    json: bool,
}

/// Who finds out what a candidate is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum EvaluatorName {
    /// The simulator alone; nothing is said of accuracy.
    Simulate,
    /// The simulator, and a training of a few steps for what is within the limits.
    Train,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let stop = stop_on_interrupt()?;
    let record = find(args, &stop)?;
    match args.json {
        true => output::print_record(&record),
        false => output::print(&record.text()),
    }
}

/// Runs the search, or goes on with it, until it ends or `stop` is set.
pub(super) fn find(args: &Args, stop: &AtomicBool) -> anyhow::Result<SearchRecord> {
    let parts = args.parts().or_bad_input()?;
    let mut plan = args.plan(&parts).or_bad_input()?;
    plan.search().or_bad_input()?;
    let began = Instant::now();
    let console = Console::default();
    let finished = match args.evaluator {
        EvaluatorName::Simulate => {
            let pricer = &parts.pricer;
            args.search(&plan, &Simulated { pricer }, &console, stop)
        }
        EvaluatorName::Train => {
            let fleet = args.workers.start().or_bad_input()?;
            // A cluster says only now how many it has room for.
            plan.workers = fleet.workers();
            args.train(&parts, &plan, fleet.as_ref(), &console, stop)
        }
    };
    let finished = blame(finished)?;
    let record = SearchRecord::new(&plan, &finished, began.elapsed(), &args.journal);
    args.end(&finished)?;
    Ok(match (args.evaluator, NonZeroUsize::new(args.steps())) {
        (EvaluatorName::Train, Some(steps)) => record.with_account(&plan, &finished, steps),
        (EvaluatorName::Train | EvaluatorName::Simulate, _) => record,
    })
}

impl Args {
    /// Runs the search, saying how it goes.
    fn search(
        &self,
        plan: &Plan,
        evaluator: &dyn Evaluator,
        console: &Console,
        stop: &AtomicBool,
    ) -> anyhow::Result<Finished> {
        let mut live = Live::new(console, plan, &self.journal);
        let finished = search(
            plan,
            &self.journal,
            stop,
            |_, candidate| evaluator.evaluate(candidate, stop),
            |event| match event {
                Event::Opened {
                    history,
                    torn_bytes,
                } => live.opened(history, torn_bytes),
                Event::Started { .. } => {}
                Event::Outlived { number } => {
                    if let Err(error) = evaluator.forget(number) {
                        console.say(format!("{error:#}"));
                    }
                }
                Event::Done { outcome, .. } => live.done(outcome),
                Event::Hopeless { tally } => live.hopeless(tally),
            },
        );
        live.end();
        finished
    }

    /// Runs the search with trainings.
    fn train(
        &self,
        parts: &parts::Parts,
        plan: &Plan,
        fleet: &dyn Fleet,
        console: &Console,
        stop: &AtomicBool,
    ) -> anyhow::Result<Finished> {
        let folder = self.weights()?;
        let evaluator = Trained {
            pricer: &parts.pricer,
            goal: &plan.goal,
            fleet,
            job: self.job(parts, plan, folder.clone()),
            console: console.clone(),
        };
        let finished = self.search(plan, &evaluator, console, stop);
        // Only an empty folder is removed: from what lies there, a search goes on.
        let _ = fs::remove_dir(&folder);
        finished
    }

    /// Refuses a search that found nothing or was cut off.
    fn end(&self, finished: &Finished) -> anyhow::Result<()> {
        if finished.ending == Ending::Stopped {
            return Err(Interrupted {
                remedy: format!(
                    "{} is whole, and the same command goes on from there",
                    self.journal.display()
                ),
            }
            .into());
        }
        if finished.tally.is_hopeless() {
            let error = anyhow::anyhow!(
                "no candidate is feasible; raise the limits, or search another space\n{}",
                finished.tally
            );
            return Err(error).or_bad_input();
        }
        Ok(())
    }

    /// The folder of weights beside the journal, of trainings that are not done, and of those whose
    /// children may inherit them.
    fn weights(&self) -> anyhow::Result<PathBuf> {
        let mut folder = self.journal.clone().into_os_string();
        folder.push(".weights");
        let folder = PathBuf::from(folder);
        fs::create_dir_all(&folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        Ok(folder)
    }

    /// How often outcomes are pressed to the disk.
    fn pace(&self) -> Pace {
        match self.evaluator {
            EvaluatorName::Simulate => Pace::Every(SYNC_EVERY),
            EvaluatorName::Train => Pace::EachOutcome,
        }
    }
}

/// Tells what a user must mend from failures of the system.
fn blame<T>(result: anyhow::Result<T>) -> anyhow::Result<T> {
    let is_input = |error: &anyhow::Error| {
        error.chain().any(|cause| {
            let study = cause.downcast_ref::<StudyError>();
            let worker = cause.downcast_ref::<WorkerError>();
            study.is_some_and(StudyError::is_bad_input)
                || worker.is_some_and(WorkerError::is_setup)
                || cause.is::<SearchError>()
        })
    };
    match result {
        Err(error) if is_input(&error) => Err(error).or_bad_input(),
        Ok(_) | Err(_) => result,
    }
}
