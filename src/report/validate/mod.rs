//! `ednas.validate/1`: what runtimes, compilers and simulations say of an exported network.

mod charts;
mod page;
mod text;

use std::collections::BTreeMap;

use kernels::Verified;
use serde::Serialize;

use crate::validate::agreement::Agreement;
use crate::validate::divergence::{LayerSteps, first_beyond_one, first_fault};
use crate::validate::golden::Checked;
use crate::validate::matrix::Pair;
use crate::validate::metrics::{Definition, Direction, Metric, Scores};
use crate::validate::runtime::{Absent, Runtime};
use crate::validate::validation::{Divergence, Measured, Plan, Scored, Validation};
use crate::validate::{latency::Simulated, vela::Compiled};

/// Everything that was found.
#[derive(Clone, Debug, Serialize)]
pub struct ValidateRecord {
    schema: &'static str,
    /// The folder or file.
    path: String,
    /// The network's name.
    network: String,
    /// The target it was exported for, where the folder says so.
    target: Option<String>,
    /// What it was run on.
    inputs: String,
    samples: usize,
    /// Whether nothing failed and every exact runtime gives the golden bytes.
    passed: bool,
    runtimes: Vec<RuntimeRecord>,
    absent: Vec<AbsentRecord>,
    failures: Vec<FailureRecord>,
    golden: Vec<GoldenRecord>,
    agreement: Vec<PairRecord>,
    divergences: Vec<DivergenceRecord>,
    /// Whose definition of the metrics.
    metrics: Definition,
    accuracy: Vec<AccuracyRecord>,
    simulated: Vec<SimulatedRecord>,
    measured: Vec<MeasuredRecord>,
    compiled: Vec<CompiledRecord>,
}

#[derive(Clone, Debug, Serialize)]
struct RuntimeRecord {
    name: &'static str,
    version: String,
    /// Whether int8 is computed as LiteRT does, to the bit.
    exact: bool,
    /// The model it runs.
    model: Option<String>,
    /// Whether that was written for this check, from the other file.
    written_here: bool,
}

#[derive(Clone, Debug, Serialize)]
struct AbsentRecord {
    tool: String,
    why: String,
    remedy: String,
}

#[derive(Clone, Debug, Serialize)]
struct FailureRecord {
    runtime: &'static str,
    problem: String,
}

/// A runtime on the inputs of the golden vectors.
#[derive(Clone, Debug, Serialize)]
struct GoldenRecord {
    runtime: &'static str,
    /// Whether it gives what it must: the same bytes, where its arithmetic is exact.
    passed: bool,
    outputs: Vec<OutputRecord>,
}

/// Two runtimes on all samples.
#[derive(Clone, Debug, Serialize)]
struct PairRecord {
    reference: &'static str,
    runtime: &'static str,
    all: StepsRecord,
    outputs: Vec<OutputRecord>,
    /// The sample with most elements more than a step apart, counted from 0.
    worst_sample: Option<usize>,
}

#[derive(Clone, Debug, Serialize)]
struct OutputRecord {
    output: String,
    #[serde(flatten)]
    steps: StepsRecord,
}

/// Differences in steps of the integers; shares are 0 to 1.
#[derive(Clone, Copy, Debug, Serialize)]
struct StepsRecord {
    elements: u64,
    max_steps: u32,
    mean_steps: f64,
    equal: f64,
    within_one: f64,
    within_two: f64,
}

#[derive(Clone, Debug, Serialize)]
struct DivergenceRecord {
    reference: &'static str,
    runtime: &'static str,
    sample: usize,
    /// The first layer of whose elements one is more than a step apart.
    first_beyond_one: Option<String>,
    /// The first layer that is off by more than one step on its own operands.
    first_fault: Option<String>,
    layers: Vec<LayerRecord>,
}

#[derive(Clone, Debug, Serialize)]
struct LayerRecord {
    tensor: String,
    operator: String,
    /// Between the two runtimes.
    max_steps: u32,
    mean_steps: f64,
    equal: f64,
    /// Added by this layer alone.
    own_max_steps: u32,
    own_equal: f64,
}

#[derive(Clone, Debug, Serialize)]
struct AccuracyRecord {
    network: &'static str,
    runtime: &'static str,
    scores: Scores,
    /// Relative to the float network, in percent; positive is worse.
    loss_percent: Scores,
}

#[derive(Clone, Debug, Serialize)]
struct SimulatedRecord {
    profile: String,
    latency_ms: Option<f64>,
    /// The share of it that rests on assumed numbers, 0 to 1.
    assumed_share: Option<f64>,
    problem: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
struct MeasuredRecord {
    network: &'static str,
    runtime: &'static str,
    runs: usize,
    median_ms: f64,
    min_ms: f64,
}

#[derive(Clone, Debug, Serialize)]
struct CompiledRecord {
    compiler: String,
    accelerator: String,
    system: Option<&'static str>,
    memory: Option<&'static str>,
    npu_operators: Option<u64>,
    cpu_operators: Option<u64>,
    cycles: Option<f64>,
    latency_ms: Option<f64>,
    problem: Option<String>,
}

impl ValidateRecord {
    /// The record of a check of `plan`; `absent` are the tools that were not there.
    #[must_use]
    pub fn new(plan: &Plan<'_>, absent: &[Absent], found: &Validation) -> Self {
        let opened = plan.opened;
        let graph = opened.int8.graph();
        let golden: Vec<GoldenRecord> = found.golden.iter().map(|g| golden(graph, g)).collect();
        let vela = plan.vela.map(|vela| format!("Vela {}", vela.version));
        let compiled = found.compiled.iter().zip(plan.machines());
        Self {
            schema: "ednas.validate/1",
            path: opened.path.display().to_string(),
            network: graph.name.clone(),
            target: opened.record.as_ref().map(|record| record.target.clone()),
            inputs: plan.images.text(),
            samples: plan.samples,
            passed: found.failures.is_empty() && golden.iter().all(|golden| golden.passed),
            runtimes: plan
                .runtimes
                .iter()
                .map(|r| runtime(plan, r.as_ref()))
                .collect(),
            absent: absent.iter().map(AbsentRecord::of).collect(),
            failures: found
                .failures
                .iter()
                .map(|failure| FailureRecord {
                    runtime: failure.runtime.name(),
                    problem: failure.problem.clone(),
                })
                .collect(),
            golden,
            agreement: found.pairs.iter().map(|p| pair(graph, p)).collect(),
            divergences: found.divergences.iter().map(divergence).collect(),
            metrics: plan.definition,
            accuracy: accuracy(&found.scores),
            simulated: found
                .simulated
                .iter()
                .zip(plan.profiles)
                .map(|(found, profile)| simulated(found, profile.name()))
                .collect(),
            measured: found.measured.iter().map(measured).collect(),
            compiled: compiled
                .map(|(found, (profile, _))| compiled_record(found, profile, vela.as_deref()))
                .collect(),
        }
    }

    /// Whether nothing failed and every exact runtime gives the golden bytes.
    #[must_use]
    pub const fn passed(&self) -> bool {
        self.passed
    }
}

impl AbsentRecord {
    fn of(absent: &Absent) -> Self {
        Self {
            tool: absent.what.clone(),
            why: absent.why.clone(),
            remedy: absent.remedy.clone(),
        }
    }
}

impl From<Agreement> for StepsRecord {
    /// Shares of nothing are 1: no two elements differ.
    fn from(steps: Agreement) -> Self {
        Self {
            elements: steps.elements(),
            max_steps: steps.steps_max(),
            mean_steps: steps.steps_mean().unwrap_or(0.0),
            equal: steps.share_equal().unwrap_or(1.0),
            within_one: steps.share_within_one().unwrap_or(1.0),
            within_two: steps.share_within_two().unwrap_or(1.0),
        }
    }
}

fn runtime(plan: &Plan<'_>, runtime: &dyn Runtime) -> RuntimeRecord {
    let file = runtime
        .name()
        .format()
        .map(|format| plan.opened.int8.file(format));
    let file = file.and_then(Result::ok);
    RuntimeRecord {
        name: runtime.name().name(),
        version: runtime.version().to_owned(),
        exact: runtime.name().is_exact(),
        model: file.map(|file| file.name.clone()),
        written_here: file.is_some_and(|file| file.written_here),
    }
}

fn outputs(graph: &Verified, steps: &[Agreement]) -> Vec<OutputRecord> {
    let names = graph.outputs.iter().map(|&id| graph[id].name.clone());
    let outputs = names.zip(steps).map(|(output, &steps)| OutputRecord {
        output,
        steps: steps.into(),
    });
    outputs.collect()
}

fn golden(graph: &Verified, found: &Checked) -> GoldenRecord {
    GoldenRecord {
        runtime: found.runtime.name(),
        passed: found.passes(),
        outputs: outputs(graph, &found.outputs),
    }
}

fn pair(graph: &Verified, pair: &Pair) -> PairRecord {
    PairRecord {
        reference: pair.reference.name(),
        runtime: pair.runtime.name(),
        all: pair.all().into(),
        outputs: outputs(graph, &pair.outputs),
        worst_sample: pair.worst.map(|worst| worst.sample),
    }
}

fn divergence(found: &Divergence) -> DivergenceRecord {
    let name = |layer: Option<&LayerSteps>| layer.map(|layer| layer.tensor.clone());
    let layer = |layer: &LayerSteps| {
        let [steps, own] = [layer.steps, layer.own].map(StepsRecord::from);
        LayerRecord {
            tensor: layer.tensor.clone(),
            operator: layer.operator.clone(),
            max_steps: steps.max_steps,
            mean_steps: steps.mean_steps,
            equal: steps.equal,
            own_max_steps: own.max_steps,
            own_equal: own.equal,
        }
    };
    DivergenceRecord {
        reference: found.reference.name(),
        runtime: found.runtime.name(),
        sample: found.sample,
        first_beyond_one: name(first_beyond_one(&found.layers)),
        first_fault: name(first_fault(&found.layers)),
        layers: found.layers.iter().map(layer).collect(),
    }
}

fn accuracy(scored: &[Scored]) -> Vec<AccuracyRecord> {
    let float = scored.iter().find(|scored| scored.float);
    let record = |of: &Scored| AccuracyRecord {
        network: network(of.float),
        runtime: of.runtime.name(),
        scores: of.scores.clone(),
        loss_percent: match float {
            Some(float) if !of.float => losses(&of.scores, &float.scores),
            Some(_) | None => BTreeMap::new(),
        },
    };
    scored.iter().map(record).collect()
}

/// What the metrics of `int8` lost of those of `float`, in percent; positive is worse.
fn losses(int8: &Scores, float: &Scores) -> Scores {
    let loss = |(&metric, &value): (&Metric, &f64)| {
        let from = *float.get(&metric)?;
        let worse = match metric.direction() {
            Direction::HigherIsBetter => from - value,
            Direction::LowerIsBetter => value - from,
        };
        (from != 0.0).then_some((metric, 100.0 * worse / from.abs()))
    };
    int8.iter().filter_map(loss).collect()
}

const fn network(float: bool) -> &'static str {
    if float { "float" } else { "int8" }
}

fn simulated(found: &Result<Simulated, String>, profile: &str) -> SimulatedRecord {
    let latency = found.as_ref().ok();
    SimulatedRecord {
        profile: profile.to_owned(),
        latency_ms: latency.map(|found| found.latency_ms),
        assumed_share: latency.map(|found| found.assumed_share),
        problem: found.as_ref().err().cloned(),
    }
}

fn measured(found: &Measured) -> MeasuredRecord {
    MeasuredRecord {
        network: network(found.float),
        runtime: found.runtime.name(),
        runs: found.timing.runs,
        median_ms: found.timing.median.as_secs_f64() * 1e3,
        min_ms: found.timing.min.as_secs_f64() * 1e3,
    }
}

fn compiled_record(
    found: &Result<Compiled, String>,
    accelerator: &str,
    compiler: Option<&str>,
) -> CompiledRecord {
    let of = found.as_ref().ok();
    CompiledRecord {
        compiler: compiler.unwrap_or_default().to_owned(),
        accelerator: accelerator.to_owned(),
        system: of.map(|of| of.machine.system),
        memory: of.map(|of| of.machine.memory),
        npu_operators: of.map(|of| of.npu_operators),
        cpu_operators: of.map(|of| of.cpu_operators),
        cycles: of.map(|of| of.cycles),
        latency_ms: of.map(|of| of.latency_ms),
        problem: found.as_ref().err().cloned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loss_is_positive_whichever_way_a_metric_improves() {
        let of =
            |miou, error| Scores::from([(Metric::MeanIou, miou), (Metric::AbsoluteError, error)]);
        let lost = losses(&of(49.0, 0.022), &of(50.0, 0.02));
        assert!((lost[&Metric::MeanIou] - 2.0).abs() < 1e-9);
        assert!((lost[&Metric::AbsoluteError] - 10.0).abs() < 1e-9);
        assert!(!losses(&of(1.0, 1.0), &of(0.0, 1.0)).contains_key(&Metric::MeanIou));
    }
}
