//! The options of a search, and a search told on the terminal as it runs.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use anyhow::Result;
use clap::{Args, ValueEnum};
use serde_json::Value as Json;

use super::exit::Interrupted;
use super::study::blame;
use crate::report;
use crate::search::{
    Candidate, Controller, Ending, Evaluation, Event, Evolution, Finished, Plan, Random, Reward,
    Setting, TaskMetrics, search,
};
use crate::space::{Genome, Space};
use crate::study::{Outcome, StudyError};
use crate::task::Task;

/// How to search, and for how long.
#[derive(Args, Clone, Debug)]
pub struct SearchOptions {
    /// Trials in all, the baseline included.
    #[arg(long, value_name = "N", default_value = "24")]
    pub trials: NonZeroUsize,

    /// Trials at a time. A proposal sees the outcomes of all trials but the last N - 1.
    #[arg(long, value_name = "N", default_value = "1")]
    pub workers: NonZeroUsize,

    /// Who proposes genomes.
    #[arg(long, value_enum, default_value_t = ControllerName::Evolution)]
    pub controller: ControllerName,

    /// Trials alive at a time in an evolution, and uniform proposals to begin with.
    #[arg(long, value_name = "N", default_value = "8")]
    pub population: NonZeroUsize,

    /// Draws per tournament of an evolution.
    #[arg(long, value_name = "N", default_value = "3")]
    pub tournament: NonZeroUsize,

    /// The latency to aim at [default: the baseline's].
    #[arg(long, value_name = "MS", value_parser = positive)]
    pub target_latency_ms: Option<f64>,

    /// Exponent of the reward for networks within the target latency [default: -0.07].
    #[arg(long, value_name = "P", allow_negative_numbers = true)]
    pub reward_p: Option<f64>,

    /// Exponent of the reward for networks beyond the target latency [default: -0.07].
    #[arg(long, value_name = "Q", allow_negative_numbers = true)]
    pub reward_q: Option<f64>,
}

/// A controller by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ControllerName {
    /// Regularized evolution.
    Evolution,
    /// Uniform sampling.
    Random,
}

/// What is searched, beside the options.
#[derive(Clone, Debug)]
pub struct Job<'a> {
    /// The space.
    pub space: &'a Space,
    /// Trial 0.
    pub baseline: Genome,
    /// The baseline's latency in milliseconds: the target unless the options name another.
    pub baseline_latency_ms: f64,
    /// What the networks predict.
    pub tasks: &'a [Task],
    /// Seed of the controller.
    pub seed: u64,
    /// What else an evaluation depends on (profile, data, size, steps, ...).
    pub settings: BTreeMap<String, Json>,
    /// The journal, begun or continued.
    pub journal: &'a Path,
}

/// Runs or continues a search; progress and notices go to standard error.
///
/// `evaluate` and `stop` are those of [`search`].
///
/// # Errors
/// As [`search`]; and when it was stopped before all trials had an outcome (exit code 130).
pub fn run(
    options: &SearchOptions,
    job: &Job,
    stop: &AtomicBool,
    evaluate: impl Fn(usize, &Candidate) -> Result<Evaluation> + Sync,
) -> Result<Finished> {
    let plan = plan(options, job);
    let trials = u64::try_from(plan.trials)?;
    let bar = report::progress("searching", trials);
    let observe = |event: Event| match event {
        Event::Opened {
            history,
            torn_bytes,
        } => {
            let done = history.trials().len() - history.unfinished().count();
            if torn_bytes > 0 {
                let journal = job.journal.display();
                eprintln!("{journal}: cut off a half-written last line ({torn_bytes} bytes)");
            }
            if done > 0 {
                eprintln!("{}: continuing after {done} trials", job.journal.display());
            }
            bar.inc(u64::try_from(done).unwrap_or(0));
        }
        Event::Started { .. } => {}
        Event::Done { number, outcome } => {
            bar.suspend(|| eprintln!("trial {number}: {}", words(outcome)));
            bar.inc(1);
        }
    };
    let finished = search(&plan, job.journal, stop, evaluate, observe);
    bar.finish_and_clear();
    let finished = match finished {
        Ok(finished) => finished,
        Err(error) => match error.downcast::<StudyError>() {
            Ok(error) => return blame(Err(error)),
            Err(error) => return Err(error),
        },
    };
    match finished.ending {
        Ending::Complete => Ok(finished),
        Ending::Exhausted => {
            eprintln!("every genome of the space has been tried");
            Ok(finished)
        }
        Ending::Stopped => {
            let journal = job.journal.display();
            let remedy = format!("{journal} is whole: the same command continues the search");
            Err(Interrupted { remedy }.into())
        }
    }
}

fn plan<'a>(options: &SearchOptions, job: &Job<'a>) -> Plan<'a> {
    let (population, tournament) = (options.population.get(), options.tournament.get());
    let metrics = job
        .tasks
        .iter()
        .copied()
        .map(TaskMetrics::standard)
        .collect();
    let mut reward = Reward::new(metrics, job.baseline_latency_ms);
    let given = [
        (options.target_latency_ms, &mut reward.latency_target_ms),
        (options.reward_p, &mut reward.p),
        (options.reward_q, &mut reward.q),
    ];
    for (value, setting) in given {
        if let Some(value) = value {
            *setting = Setting::given(value);
        }
    }
    Plan {
        space: job.space,
        controller: match options.controller {
            ControllerName::Evolution => Controller::Evolution(Evolution {
                population,
                tournament,
            }),
            ControllerName::Random => Controller::Random(Random),
        },
        seed: job.seed,
        initial: vec![job.baseline.clone()],
        workers: options.workers,
        trials: options.trials.get(),
        reward,
        settings: job.settings.clone(),
    }
}

fn words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Complete { reward, metrics } => {
            let metrics: Vec<String> = metrics.iter().map(|(n, v)| format!("{n} {v:.4}")).collect();
            format!("reward {reward:.4} ({})", metrics.join(", "))
        }
        Outcome::Infeasible { reason } => format!("infeasible: {reason}"),
        Outcome::Failed { reason } => format!("failed: {reason}"),
    }
}

fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() && number > 0.0 => Ok(number),
        Ok(_) | Err(_) => Err(format!("`{text}` is not a number above 0")),
    }
}
