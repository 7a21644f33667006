//! The relative gain over a baseline, delta-T (section 4.1 of the paper).
//!
//! For metric `i` of a task with value `m` of the model and `b` of the baseline,
//! `delta_i = 100 * (-1)^l * (m - b) / b` percent, `l` = 1 where lower is better. The delta of a
//! task is the mean over its metrics, and `delta_T` the mean over the tasks (not over all
//! metrics: a task with four counts as much as one with two).

use super::metric::{Direction, Metric, MetricError, Scores};
use crate::task::Task;

/// Gains in percent; positive is better.
#[derive(Clone, Debug, PartialEq)]
pub struct DeltaT {
    /// Of each metric, in the order of [`Metric::ALL`].
    pub metrics: Vec<(Metric, f64)>,
    /// Of each task that has metrics, in the order of [`Task::ALL`].
    pub tasks: Vec<(Task, f64)>,
    /// Mean over the tasks.
    pub total: f64,
}

/// The gain of `model` over `baseline`, which must have the same metrics.
///
/// # Errors
/// [`MetricError::Incomparable`] if only one of them has a metric, none has any, or a baseline is
/// 0.
pub fn delta_t(model: &Scores, baseline: &Scores) -> Result<DeltaT, MetricError> {
    let mut metrics = Vec::new();
    for metric in Metric::ALL {
        let pair = (model.get(&metric).copied(), baseline.get(&metric).copied());
        match pair {
            (None, None) => {}
            (Some(m), Some(b)) if b != 0.0 => metrics.push((metric, gain(metric, m, b))),
            (model, baseline) => {
                return Err(MetricError::Incomparable {
                    metric,
                    model,
                    baseline,
                });
            }
        }
    }
    let tasks: Vec<(Task, f64)> = Task::ALL
        .into_iter()
        .filter_map(|task| {
            let own = metrics
                .iter()
                .filter(|(m, _)| m.task() == task)
                .map(|&(_, gain)| gain);
            mean(own).map(|gain| (task, gain))
        })
        .collect();
    let total = mean(tasks.iter().map(|&(_, gain)| gain)).ok_or(MetricError::Incomparable {
        metric: Metric::MeanIou,
        model: None,
        baseline: None,
    })?;
    Ok(DeltaT {
        metrics,
        tasks,
        total,
    })
}

fn gain(metric: Metric, model: f64, baseline: f64) -> f64 {
    let change = 100.0 * (model - baseline) / baseline;
    match metric.direction() {
        Direction::HigherIsBetter => change,
        Direction::LowerIsBetter => -change,
    }
}

/// `None` for no values.
fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (count, sum) = values.fold((0_u32, 0.0), |(n, sum), v| (n + 1, sum + v));
    (count > 0).then(|| sum / f64::from(count))
}

#[cfg(test)]
mod tests;
