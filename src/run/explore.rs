//! The search of a run: candidates are priced by the simulator and trained for a few steps.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::atomic::AtomicBool;

use anyhow::Context;
use serde_json::json;

use super::candidates::{Candidates, Training};
use super::folder::Folder;
use super::record::{Plan as Lengths, SearchRecord, TrialRecord};
use super::settings::ControllerSettings;
use crate::report::Console;
use crate::search::{
    Candidate, Cheaper, Controller, Draws, Ending, Evaluation, Event, Evolution, Plan, Random,
    Reward, Setting, TaskMetrics, search,
};
use crate::space::ednas::named;
use crate::space::{Space, ednas};
use crate::study::{ACCURACY, History, LATENCY_MS, Metrics, Outcome, Pace, Summary};
use crate::train::protocol::Event as TrainEvent;
use crate::train::worker::WorkerError;
use crate::workers::Fleet;

/// The journal of a run.
pub(super) const JOURNAL: &str = "search.journal";

/// What ended a search.
pub(super) enum Explored {
    /// All trials have an outcome.
    Complete(Box<SearchRecord>, History),
    /// The stop flag was set.
    Stopped,
}

/// Runs or continues the search; trial 0 is the baseline.
pub(super) fn explore(
    candidates: &Candidates,
    lengths: &Lengths,
    folder: &Folder,
    fleet: &dyn Fleet,
    stop: &AtomicBool,
    console: &Console,
) -> anyhow::Result<Explored> {
    let settings = candidates.settings;
    let space = ednas::space(settings.fused()?);
    let plan = search_plan(candidates, lengths, &space)?;
    let bar = console.bar("searching", settings.trials as u64);
    let evaluate = |_: usize, candidate: &Candidate| {
        let watch = &mut |event: &TrainEvent| {
            if let TrainEvent::Progress {
                step, steps, loss, ..
            } = event
            {
                bar.set_message(format!(
                    "trial {}: step {step}/{steps}, loss {loss:.3}",
                    candidate.number
                ));
            }
        };
        evaluate(candidates, lengths, folder, fleet, candidate, watch, stop)
    };
    let observe = |event: Event| match event {
        Event::Opened {
            history,
            torn_bytes,
        } => {
            let done = history.trials().len() - history.unfinished().count();
            if torn_bytes > 0 {
                console.say(format!(
                    "  {JOURNAL}: cut off a half-written last line ({torn_bytes} bytes)"
                ));
            }
            if done > 0 {
                console.say(format!("  {JOURNAL}: going on after {done} trials"));
            }
            bar.inc(done as u64);
        }
        Event::Started { .. } | Event::Outlived { .. } => {}
        Event::Hopeless { tally } => console.say(format!("  {tally}")),
        Event::Done { number, outcome } => {
            console.say(format!("  trial {number:2}: {}", words(outcome)));
            bar.inc(1);
        }
    };
    let finished = search(&plan, &folder.path(JOURNAL), stop, evaluate, observe)?;
    bar.finish_and_clear();
    match finished.ending {
        Ending::Stopped => Ok(Explored::Stopped),
        Ending::Complete | Ending::Exhausted | Ending::Hopeless => {
            let record = record(&space, &finished.history)?;
            Ok(Explored::Complete(Box::new(record), finished.history))
        }
    }
}

fn search_plan<'a>(
    candidates: &Candidates,
    lengths: &Lengths,
    space: &'a Space,
) -> anyhow::Result<Plan<'a>> {
    let settings = candidates.settings;
    let baseline = named::efficientnet_b0(settings.fused()?);
    let baseline = baseline.genome()?;
    let measures = candidates.pricer.price(&baseline);
    let baseline_ms = measures
        .context("the baseline does not run on this machine")?
        .together
        .latency_ms;
    let metrics = settings.tasks.iter().copied().map(TaskMetrics::standard);
    let mut reward = Reward::new(metrics.collect(), baseline_ms);
    let given = [
        (settings.target_latency_ms, &mut reward.latency_target_ms),
        (settings.reward_p, &mut reward.p),
        (settings.reward_q, &mut reward.q),
    ];
    for (value, setting) in given {
        if let Some(value) = value {
            *setting = Setting::given(value);
        }
    }
    Ok(Plan {
        space,
        controller: match settings.controller {
            ControllerSettings::Evolution {
                population,
                tournament,
            } => Controller::Evolution(Evolution {
                population,
                tournament,
                draws: Draws::WithReplacement,
            }),
            ControllerSettings::Random => Controller::Random(Random),
        },
        seed: settings.seed,
        initial: vec![baseline],
        workers: NonZeroUsize::new(settings.workers).context("a search needs a worker")?,
        trials: settings.trials,
        goal: reward.into(),
        cheaper: Cheaper::default(),
        pace: Pace::EachOutcome,
        settings: BTreeMap::from([
            ("profile".to_owned(), json!(settings.profile)),
            ("data".to_owned(), json!(settings.data)),
            ("tasks".to_owned(), json!(settings.tasks)),
            ("size".to_owned(), json!(settings.size)),
            ("steps".to_owned(), json!(lengths.steps)),
            ("threads".to_owned(), json!(settings.threads)),
            ("train_samples".to_owned(), json!(settings.train_samples)),
            (
                "validation_samples".to_owned(),
                json!(settings.validation_samples),
            ),
        ]),
    })
}

/// Prices and trains one candidate.
fn evaluate(
    candidates: &Candidates,
    lengths: &Lengths,
    folder: &Folder,
    fleet: &dyn Fleet,
    candidate: &Candidate,
    watch: &mut dyn FnMut(&TrainEvent),
    stop: &AtomicBool,
) -> anyhow::Result<Evaluation> {
    let latency_ms = match candidates.pricer.price(&candidate.genome) {
        Ok(measures) => measures.together.latency_ms,
        Err(limit) => {
            let reason = limit.to_string();
            return Ok(Evaluation::Infeasible { reason });
        }
    };
    let checkpoint = folder.path(&format!("trials/{:04}.safetensors", candidate.number));
    let training = Training {
        id: candidate.number as u64,
        steps: lengths.steps,
        checkpoint: checkpoint.clone(),
    };
    let job = candidates.job(&candidate.text, training);
    match fleet.train(&job, watch, stop) {
        Ok(outcome) => {
            // The journal keeps the metrics; a candidate's weights are not used again.
            folder.forget(&checkpoint)?;
            let metrics = outcome.scores.iter();
            let metrics = metrics.map(|(metric, &value)| (metric.name().to_owned(), value));
            Ok(Evaluation::Measured {
                latency_ms,
                metrics: metrics.collect(),
            })
        }
        Err(WorkerError::Stopped) => Ok(Evaluation::Interrupted),
        Err(error) if error.is_setup() => Err(error.into()),
        Err(error) => Ok(Evaluation::Failed {
            reason: error.to_string(),
        }),
    }
}

fn record(space: &Space, history: &History) -> anyhow::Result<SearchRecord> {
    let counts = Summary::of(history).counts;
    let trial = |number: usize| -> Option<TrialRecord> {
        let trial = &history.trials()[number];
        Some(TrialRecord {
            number,
            genome: space.text(&trial.genome),
            reward: trial.reward()?,
            accuracy: trial.metric(ACCURACY)?,
            latency_ms: trial.metric(LATENCY_MS)?,
        })
    };
    let found = (1..history.trials().len()).filter_map(trial);
    let best = found.max_by(|a, b| a.reward.total_cmp(&b.reward).then(b.number.cmp(&a.number)));
    Ok(SearchRecord {
        complete: counts.complete,
        failed: counts.failed,
        infeasible: counts.infeasible,
        best: best.context("no candidate of the search got a reward; the journal says why")?,
        baseline: trial(0).context("the baseline got no reward; the journal says why")?,
    })
}

fn words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Complete { values, metrics } => format!("reward {}", measured(values, metrics)),
        Outcome::Stopped { values, metrics } => {
            format!("stopped at reward {}", measured(values, metrics))
        }
        Outcome::Infeasible { reason } => format!("infeasible: {reason}"),
        Outcome::Failed { reason } => format!("failed: {reason}"),
    }
}

fn measured(values: &[f64], metrics: &Metrics) -> String {
    let values: Vec<String> = values.iter().map(|v| format!("{v:.4}")).collect();
    let metrics: Vec<String> = metrics.iter().map(|(n, v)| format!("{n} {v:.4}")).collect();
    format!("{} ({})", values.join(", "), metrics.join(", "))
}
