//! What is searched for: limits, objectives, and the reward.

use std::collections::BTreeMap;

use anyhow::{Context, bail, ensure};

use super::super::options;
use crate::search::{Aim, Capacity, Goal, Limit, Objective, Reward, Setting, Source, TaskMetrics};
use crate::task::Task;

/// Arguments about the goal.
#[derive(clap::Args)]
#[group(skip)]
pub(super) struct Args {
    /// The most that a candidate may take, such as `latency_ms=5`, `parameters=4e6`, `energy_mj=2`,
    /// `peak_memory_kib=512` or `area_mm2=10`; of one machine of several:
    /// `latency_ms@coral-edgetpu=5`. What takes more is never trained.
    #[arg(long, value_name = "METRIC=NUMBER")]
    limit: Vec<Limit>,

    /// A measurement to optimize as it is, such as `minimize:latency_ms` or `maximize:mIoU`, in
    /// place of the reward; several make a Pareto front.
    #[arg(long, value_name = "DIRECTION:METRIC")]
    objective: Vec<Objective>,

    /// The latency that the reward aims at [default: that of EfficientNet-B0].
    #[arg(long, value_name = "MS", value_parser = options::positive, conflicts_with = "objective")]
    target_latency_ms: Option<f64>,

    /// Exponent of the reward within the target latency [default: -0.07, assumed; 0 where nothing is
    /// trained].
    #[arg(
        long,
        value_name = "P",
        value_parser = options::finite,
        allow_negative_numbers = true,
        conflicts_with = "objective"
    )]
    reward_p: Option<f64>,

    /// Exponent of the reward beyond the target latency [default: -0.07, assumed; -1 where nothing
    /// is trained].
    #[arg(
        long,
        value_name = "Q",
        value_parser = options::finite,
        allow_negative_numbers = true,
        conflicts_with = "objective"
    )]
    reward_q: Option<f64>,

    /// The weight of a metric in the reward, below 0 where less is better, such as `mIoU=2`; 0
    /// leaves it out [default: 1 or -1 for every metric of the tasks, assumed].
    #[arg(long, value_name = "METRIC=W", value_parser = weight, conflicts_with = "objective")]
    weight: Vec<(String, f64)>,
}

impl Args {
    /// Whether a target latency is needed and not given.
    pub(super) fn wants_target(&self) -> bool {
        self.objective.is_empty() && self.target_latency_ms.is_none()
    }

    /// The goal of a search; `tasks` are given where candidates are trained, `target_ms` where
    /// [`Args::wants_target`].
    pub(super) fn goal(
        &self,
        tasks: Option<&[Task]>,
        target_ms: Option<f64>,
    ) -> anyhow::Result<Goal> {
        let aim = if self.objective.is_empty() {
            let target_ms = self.target_latency_ms.or(target_ms);
            let target_ms = target_ms.context("the reward needs a --target-latency-ms")?;
            match tasks {
                Some(tasks) => Aim::Reward(self.reward(tasks, target_ms)?),
                None => Aim::Capacity(self.capacity(target_ms)?),
            }
        } else {
            Aim::Objectives(self.objective.clone())
        };
        let limits = self.limit.clone();
        Ok(Goal { aim, limits })
    }

    fn capacity(&self, target_ms: f64) -> anyhow::Result<Capacity> {
        ensure!(
            self.weight.is_empty(),
            "--weight weighs what training measures; use --evaluator train, or leave it out"
        );
        let usual = Capacity::new(target_ms);
        Ok(Capacity {
            p: self.reward_p.unwrap_or(usual.p),
            q: self.reward_q.unwrap_or(usual.q),
            ..usual
        })
    }

    fn reward(&self, tasks: &[Task], target_ms: f64) -> anyhow::Result<Reward> {
        let mut metrics: Vec<TaskMetrics> =
            tasks.iter().copied().map(TaskMetrics::standard).collect();
        for (name, weight) in &self.weight {
            reweigh(&mut metrics, name, *weight)?;
        }
        for task in &mut metrics {
            task.metrics.retain(|metric| metric.weight != 0.0);
        }
        metrics.retain(|task| !task.metrics.is_empty());
        ensure!(
            !metrics.is_empty(),
            "every --weight is 0: nothing is left to reward"
        );
        let mut reward = Reward::new(metrics, target_ms);
        if !self.weight.is_empty() {
            reward.weights_source = Source::Given;
        }
        let given = [
            (self.target_latency_ms, &mut reward.latency_target_ms),
            (self.reward_p, &mut reward.p),
            (self.reward_q, &mut reward.q),
        ];
        for (value, setting) in given {
            if let Some(value) = value {
                *setting = Setting::given(value);
            }
        }
        Ok(reward)
    }

    /// Refuses limits and objectives on what no evaluation would measure: `known` before training,
    /// `learned` by it.
    pub(super) fn check(
        &self,
        known: &BTreeMap<String, f64>,
        learned: &[String],
    ) -> anyhow::Result<()> {
        let names = || known.keys().cloned().collect::<Vec<_>>().join(", ");
        for Limit { metric, .. } in &self.limit {
            ensure!(
                known.contains_key(metric),
                "--limit {metric}: not known here; known before training are {}",
                names()
            );
        }
        for Objective { metric, .. } in &self.objective {
            if known.contains_key(metric) || learned.contains(metric) {
                continue;
            }
            let learned = match learned {
                [] => "with --evaluator train, the metrics of the tasks too".to_owned(),
                metrics => format!("training measures {}", metrics.join(", ")),
            };
            bail!(
                "--objective {metric}: not measured here; measured are {}; {learned}",
                names()
            );
        }
        Ok(())
    }
}

/// Sets the weight of the metric `name`.
fn reweigh(tasks: &mut [TaskMetrics], name: &str, weight: f64) -> anyhow::Result<()> {
    let known: Vec<String> = tasks
        .iter()
        .flat_map(|t| &t.metrics)
        .map(|m| m.name.clone())
        .collect();
    let mut metrics = tasks.iter_mut().flat_map(|task| &mut task.metrics);
    match metrics.find(|metric| metric.name == name) {
        Some(metric) => {
            metric.weight = weight;
            Ok(())
        }
        None => bail!("--weight {name}: the tasks measure {}", known.join(", ")),
    }
}

/// Parses `mIoU=2`.
fn weight(text: &str) -> Result<(String, f64), String> {
    let expected = || format!("`{text}` is no weight; expected METRIC=NUMBER, such as mIoU=2");
    let (name, number) = text.split_once('=').ok_or_else(expected)?;
    let number = number
        .parse()
        .ok()
        .filter(|number: &f64| number.is_finite());
    Ok((name.to_owned(), number.ok_or_else(expected)?))
}
