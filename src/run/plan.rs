//! Times two networks and fits the length of training to the budget.

use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};

use kernels::cost::graph_cost;
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use super::budget::{StepTime, Timed, steps};
use super::candidates::{Candidates, Training};
use super::folder::Folder;
use super::record::Plan;
use crate::report::Console;
use crate::space::ednas;
use crate::space::ednas::named;
use crate::workers::Fleet;

/// Steps that a network is timed over.
const TIMED_STEPS: usize = 8;

/// Genomes whose mean MACs stand for a candidate's.
const SAMPLED_GENOMES: usize = 32;

/// The share of the budget that goes to the search; the rest trains the final networks.
const SEARCH_SHARE: f64 = 0.5;

/// The part of the budget kept for exporting, validating and reporting.
const RESERVED_SHARE: f64 = 0.12;

/// The fewest steps that are worth a training.
const STEPS_MIN: usize = 2;

/// Measured speed of training on this machine.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    pub(super) step_time: StepTime,
    /// What a training costs beside its steps: evaluation, mostly.
    pub(super) overhead: Duration,
}

/// Trains a small and a large network for a few steps, as many at a time as the search will.
pub(super) fn pace(
    candidates: &Candidates,
    folder: &Folder,
    fleet: &dyn Fleet,
    stop: &AtomicBool,
    console: &Console,
) -> anyhow::Result<Pace> {
    let fused = candidates.settings.fused()?;
    let genomes = [
        named::efficientnet_b0(fused).text()?,
        named::ednas_t6(fused).text()?,
    ];
    let bar = console.bar("timing training", 4);
    let timed = |index: usize| -> anyhow::Result<(Timed, Duration)> {
        let time = |steps: usize| {
            let steps_timed = time(
                candidates,
                folder,
                fleet,
                stop,
                (index, &genomes[index], steps),
            );
            bar.inc(1);
            steps_timed
        };
        // The first training renders the data; it is not timed.
        time(STEPS_MIN)?;
        time(TIMED_STEPS)
    };
    let (small, large) = side_by_side(candidates, || timed(0), || timed(1));
    bar.finish_and_clear();
    let ((small, overhead), (large, _)) = (small?, large?);
    Ok(Pace {
        step_time: StepTime::through(small, large),
        overhead,
    })
}

/// Runs both at a time where there are two workers, one after the other where there is one.
pub(super) fn side_by_side<A: Send, B>(
    candidates: &Candidates,
    first: impl FnOnce() -> A + Send,
    second: impl FnOnce() -> B,
) -> (A, B) {
    if candidates.settings.workers < 2 {
        return (first(), second());
    }
    thread::scope(|scope| {
        let first = scope.spawn(first);
        let second = second();
        (first.join().expect("training does not panic"), second)
    })
}

/// Trains a genome's network for a few steps: its speed, and what the training took beside them.
fn time(
    candidates: &Candidates,
    folder: &Folder,
    fleet: &dyn Fleet,
    stop: &AtomicBool,
    (index, genome, steps): (usize, &str, usize),
) -> anyhow::Result<(Timed, Duration)> {
    let checkpoint = folder.path(&format!("timing{index}.safetensors"));
    let training = Training {
        id: 0,
        steps,
        checkpoint: checkpoint.clone(),
    };
    let mut job = candidates.job(genome, training);
    job.resume = false;
    let started = Instant::now();
    let outcome = fleet.train(&job, &mut |_| {}, stop)?;
    let elapsed = started.elapsed();
    folder.forget(&checkpoint)?;
    let images = u32::try_from(job.training.recipe.batch_size)?;
    let step_seconds = f64::from(images) / outcome.images_per_s.max(1e-6);
    let macs = graph_cost(&candidates.graph(genome)?).macs;
    let in_steps = Duration::from_secs_f64(step_seconds).mul_f64(u32::try_from(steps)?.into());
    Ok((
        Timed { macs, step_seconds },
        elapsed.saturating_sub(in_steps),
    ))
}

/// The steps of a candidate, as asked for or fitted to what is left of the budget.
pub(super) fn plan(
    candidates: &Candidates,
    pace: &Pace,
    elapsed: Duration,
) -> anyhow::Result<Plan> {
    let settings = candidates.settings;
    if let Some(steps) = settings.steps {
        return Ok(Plan {
            steps,
            final_steps: settings.final_steps,
            how: "as asked for".to_owned(),
        });
    }
    let macs = mean_macs(candidates)?;
    let budget = Duration::from_secs(settings.budget_s);
    let left = budget.mul_f64(1.0 - RESERVED_SHARE).saturating_sub(elapsed);
    let rounds = u32::try_from(settings.trials.div_ceil(settings.workers))?;
    let each = left.mul_f64(SEARCH_SHARE) / rounds;
    let step_seconds = pace.step_time.of(macs);
    let steps = steps(each, pace.overhead, step_seconds, STEPS_MIN);
    Ok(Plan {
        steps,
        final_steps: settings.final_steps,
        how: format!(
            "fitted to a budget of {} s: a step of a mean candidate ({:.2} GMAC) takes {step_seconds:.3} s here, \
             a training {:.1} s beside its steps",
            settings.budget_s,
            macs / 1e9,
            pace.overhead.as_secs_f64(),
        ),
    })
}

/// The steps of each final network, as asked for or fitted to what is left of the budget.
pub(super) fn final_steps(
    candidates: &Candidates,
    plan: &Plan,
    pace: &Pace,
    macs: &[u64],
    elapsed: Duration,
) -> usize {
    if let Some(steps) = plan.final_steps {
        return steps;
    }
    let budget = Duration::from_secs(candidates.settings.budget_s);
    let left = budget.mul_f64(1.0 - RESERVED_SHARE).saturating_sub(elapsed);
    #[expect(clippy::cast_precision_loss, reason = "MACs are far below 2^52")]
    let each = macs.iter().map(|&m| pace.step_time.of(m as f64));
    let (step_seconds, rounds) = if candidates.settings.workers < 2 {
        (each.sum(), macs.len())
    } else {
        (each.fold(0.0, f64::max), 1)
    };
    let overhead = pace.overhead * u32::try_from(rounds).unwrap_or(u32::MAX);
    steps(left, overhead, step_seconds, STEPS_MIN)
}

/// Multiply-accumulates of a mean network of the space.
#[expect(clippy::cast_precision_loss, reason = "MACs are far below 2^52")]
fn mean_macs(candidates: &Candidates) -> anyhow::Result<f64> {
    let space = ednas::space(candidates.settings.fused()?);
    let mut rng = Pcg64Mcg::seed_from_u64(candidates.settings.seed);
    let mut sum = 0.0;
    for _ in 0..SAMPLED_GENOMES {
        let genome = space.text(&space.sample(&mut rng));
        sum += graph_cost(&candidates.graph(&genome)?).macs as f64;
    }
    Ok(sum / SAMPLED_GENOMES as f64)
}
