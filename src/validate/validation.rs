//! The whole check of a network: its runtimes on the same samples, and what each says.

use std::ops::Range;

use anyhow::Result;
use exporters::Format;
use hwmodels::profile::Profile;
use kernels::Data;

use super::bundle::Opened;
use super::divergence::{LayerSteps, exposed, layers};
use super::golden::Checked;
use super::images::Images;
use super::latency::{Simulated, simulated};
use super::matrix::{self, Pair, Results};
use super::metrics::{Definition, Evaluation, Scores};
use super::network::Network;
use super::prediction::{Prediction, tasks};
use super::runtime::{Repeats, Runtime, RuntimeName, Timing};
use super::vela::{Compiled, Machine, Vela};
use crate::data::Sample;
use crate::report::Console;

/// The most bytes of results that are held at once.
const RESULTS_BYTES_MAX: usize = 1 << 28;

/// What is checked, and with what.
pub struct Plan<'a> {
    /// The model files.
    pub opened: &'a Opened,
    /// What runs them, in the order of [`RuntimeName::ALL`].
    pub runtimes: &'a [Box<dyn Runtime>],
    /// What they are run on.
    pub images: &'a Images,
    /// How many of those.
    pub samples: usize,
    /// Whether the network was made for such images, so that metrics mean something.
    pub judged: bool,
    /// Whose definition of the metrics.
    pub definition: Definition,
    /// How often each is timed; `None` for never.
    pub repeats: Option<Repeats>,
    /// The machines to simulate.
    pub profiles: &'a [Profile],
    /// Arm's compiler, for those of its machines.
    pub vela: Option<&'a Vela>,
}

impl Plan<'_> {
    /// The profiles that Vela compiles for, with what it calls them.
    #[must_use]
    pub fn machines(&self) -> Vec<(&str, Machine)> {
        let of_vela = self.profiles.iter().filter(|_| self.vela.is_some());
        let names = of_vela.map(Profile::name);
        names
            .filter_map(|name| Some((name, Machine::of(name)?)))
            .collect()
    }
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Validation {
    /// What every runtime gave for the golden inputs.
    pub golden: Vec<Checked>,
    /// Every two runtimes, in steps.
    pub pairs: Vec<Pair>,
    /// Layers of the pairs with the first runtime that are more than a step apart.
    pub divergences: Vec<Divergence>,
    /// How good the network is, where there are labels; the float one first.
    pub scores: Vec<Scored>,
    /// The int8 network on every profile, or why it does not run there.
    pub simulated: Vec<Result<Simulated, String>>,
    /// Every runtime on this machine.
    pub measured: Vec<Measured>,
    /// What Vela says, or why it says nothing.
    pub compiled: Vec<Result<Compiled, String>>,
    /// Runtimes that did not do what they were asked.
    pub failures: Vec<Failure>,
}

/// The layers of one sample in two runtimes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// The one held against.
    pub reference: RuntimeName,
    /// The other.
    pub runtime: RuntimeName,
    /// Which sample, counted from 0.
    pub sample: usize,
    /// In the order of the graph.
    pub layers: Vec<LayerSteps>,
}

/// Metrics of a network in a runtime.
#[derive(Clone, Debug, PartialEq)]
pub struct Scored {
    /// Whether it is the float network.
    pub float: bool,
    /// What ran it.
    pub runtime: RuntimeName,
    /// Over all samples.
    pub scores: Scores,
}

/// The time that a network takes in a runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measured {
    /// Whether it is the float network.
    pub float: bool,
    /// What ran it.
    pub runtime: RuntimeName,
    /// Of one inference, on one thread.
    pub timing: Timing,
}

/// Something that a runtime did not do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The runtime.
    pub runtime: RuntimeName,
    /// What it said.
    pub problem: String,
}

/// Checks a network.
///
/// A runtime that fails is listed, and the others go on.
///
/// # Errors
///
/// When there are too few samples, or results cannot be compared at all.
pub fn validate(plan: &Plan<'_>, console: &Console) -> Result<Validation> {
    let mut check = Check {
        plan,
        console,
        running: plan.runtimes.iter().map(Box::as_ref).collect(),
        found: Validation::default(),
    };
    check.golden()?;
    check.samples()?;
    check.divergences()?;
    check.latencies()?;
    Ok(check.found)
}

/// A check on its way.
struct Check<'a> {
    plan: &'a Plan<'a>,
    console: &'a Console,
    /// The runtimes that have not failed.
    running: Vec<&'a dyn Runtime>,
    found: Validation,
}

impl Check<'_> {
    fn golden(&mut self) -> Result<()> {
        let opened = self.plan.opened;
        let Some(vectors) = &opened.golden else {
            return Ok(());
        };
        for (runtime, outputs) in self.run(&opened.int8, std::slice::from_ref(&vectors.inputs)) {
            self.found.golden.push(vectors.check(runtime, &outputs[0])?);
        }
        Ok(())
    }

    /// Runs everything on all samples, as many at once as fit.
    fn samples(&mut self) -> Result<()> {
        let opened = self.plan.opened;
        let judged = tasks(opened.int8.graph()).filter(|_| self.plan.judged);
        let blank = judged
            .as_deref()
            .map(|tasks| Evaluation::by(self.plan.definition, tasks, self.plan.images.classes()));
        let mut int8: Vec<(RuntimeName, Evaluation)> = Vec::new();
        let mut float: Option<(RuntimeName, Evaluation)> = None;
        for numbers in chunks(opened.int8.graph(), self.plan.samples, self.running.len()) {
            let labels = self.plan.images.samples(numbers.clone())?;
            let inputs = self
                .plan
                .images
                .inputs(opened.int8.graph(), numbers.clone())?;
            let results = self.run(&opened.int8, &inputs);
            matrix::add(
                &mut self.found.pairs,
                opened.int8.graph(),
                numbers.start,
                &results,
            )?;
            let (Some(labels), Some(blank)) = (labels, &blank) else {
                continue;
            };
            for (runtime, outputs) in &results {
                let evaluation = of_runtime(&mut int8, *runtime, blank);
                judge(evaluation, &opened.int8, outputs, &labels)?;
            }
            if let Some(network) = &opened.float
                && let Some((runtime, outputs)) = self.float(network, numbers)?
            {
                let (_, evaluation) = float.get_or_insert_with(|| (runtime, blank.clone()));
                judge(evaluation, network, &outputs, &labels)?;
            }
        }
        let scored = |float, (runtime, evaluation): &(RuntimeName, Evaluation)| {
            let scores = evaluation.scores()?;
            Ok(Scored {
                float,
                runtime: *runtime,
                scores,
            })
        };
        let float = float.iter().map(|of| scored(true, of));
        let all = float.chain(int8.iter().map(|of| scored(false, of)));
        self.found.scores = all.collect::<Result<_>>()?;
        Ok(())
    }

    /// What every runtime gives; one that fails is left out from now on.
    fn run(&mut self, network: &Network, inputs: &[Vec<Data>]) -> Results {
        let mut results = Vec::with_capacity(self.running.len());
        for runtime in std::mem::take(&mut self.running) {
            let bar = self.console.bar(runtime.name().name(), inputs.len() as u64);
            let outputs = runtime.run(network, inputs, &bar);
            bar.finish_and_clear();
            match outputs {
                Ok(outputs) => {
                    results.push((runtime.name(), outputs));
                    self.running.push(runtime);
                }
                Err(error) => self.failed(runtime, &error),
            }
        }
        results
    }

    /// What the float network gives in the last runtime of those that are left.
    fn float(
        &mut self,
        network: &Network,
        numbers: Range<usize>,
    ) -> Result<Option<(RuntimeName, Vec<Vec<Data>>)>> {
        let inputs = self.plan.images.inputs(network.graph(), numbers)?;
        let Some(&runtime) = self.running.last() else {
            return Ok(None);
        };
        let bar = self.console.bar("float", inputs.len() as u64);
        let outputs = runtime.run(network, &inputs, &bar);
        bar.finish_and_clear();
        match outputs {
            Ok(outputs) => Ok(Some((runtime.name(), outputs))),
            Err(error) => {
                self.failed(runtime, &error.context("the float network"));
                Ok(None)
            }
        }
    }

    fn failed(&mut self, runtime: &dyn Runtime, error: &anyhow::Error) {
        self.found.failures.push(Failure {
            runtime: runtime.name(),
            problem: format!("{error:#}"),
        });
    }

    /// The layers of every pair with the first runtime that is more than a step apart somewhere.
    fn divergences(&mut self) -> Result<()> {
        let Some(&reference) = self.running.first() else {
            return Ok(());
        };
        let apart: Vec<(RuntimeName, usize)> = self
            .found
            .pairs
            .iter()
            .filter(|pair| pair.reference == reference.name())
            .filter_map(|pair| Some((pair.runtime, pair.worst?.sample)))
            .collect();
        if apart.is_empty() {
            return Ok(());
        }
        let network = exposed(&self.plan.opened.int8)?;
        for (name, sample) in apart {
            let Some(&runtime) = self.running.iter().find(|runtime| runtime.name() == name) else {
                continue;
            };
            let inputs = self
                .plan
                .images
                .inputs(network.graph(), sample..sample + 1)?;
            let bar = self.console.bar("layer by layer", 2);
            let both = [reference, runtime].map(|runtime| runtime.run(&network, &inputs, &bar));
            bar.finish_and_clear();
            let [expected, found] = match both {
                [Ok(expected), Ok(found)] => [expected, found],
                [Err(error), _] => {
                    self.failed(
                        reference,
                        &error.context("with every activation as an output"),
                    );
                    continue;
                }
                [_, Err(error)] => {
                    self.failed(
                        runtime,
                        &error.context("with every activation as an output"),
                    );
                    continue;
                }
            };
            self.found.divergences.push(Divergence {
                reference: reference.name(),
                runtime: name,
                sample,
                layers: layers(network.graph(), &inputs[0], &found[0], &expected[0])?,
            });
        }
        Ok(())
    }

    /// Simulated, compiled and measured.
    fn latencies(&mut self) -> Result<()> {
        let int8 = &self.plan.opened.int8;
        for profile in self.plan.profiles {
            let latency = simulated(int8.graph(), profile);
            self.found
                .simulated
                .push(latency.map_err(|error| format!("{error:#}")));
        }
        if let Some(vela) = self.plan.vela {
            for (_, machine) in self.plan.machines() {
                let tflite = int8.file(Format::TfLite);
                let compiled = tflite.and_then(|file| vela.compile(&file.bytes, &machine));
                self.found
                    .compiled
                    .push(compiled.map_err(|error| format!("{error:#}")));
            }
        }
        let Some(repeats) = self.plan.repeats else {
            return Ok(());
        };
        let networks = [(true, self.plan.opened.float.as_ref()), (false, Some(int8))];
        for (float, network) in networks {
            let Some(network) = network else { continue };
            let inputs = self.plan.images.inputs(network.graph(), 0..1)?;
            let bar = self.console.bar("timing", self.running.len() as u64);
            for runtime in self.running.clone() {
                match runtime.time(network, &inputs[0], repeats) {
                    Ok(timing) => self.found.measured.push(Measured {
                        float,
                        runtime: runtime.name(),
                        timing,
                    }),
                    Err(error) => self.failed(runtime, &error),
                }
                bar.inc(1);
            }
            bar.finish_and_clear();
        }
        Ok(())
    }
}

/// The numbers of all samples, in runs of as many as fit in memory at once.
fn chunks(
    graph: &kernels::Verified,
    samples: usize,
    runtimes: usize,
) -> impl Iterator<Item = Range<usize>> + use<> {
    let of_one: usize = graph.outputs.iter().map(|&id| graph[id].bytes()).sum();
    let at_once = RESULTS_BYTES_MAX / (of_one * runtimes.max(1)).max(1);
    let at_once = at_once.max(1);
    (0..samples.div_ceil(at_once)).map(move |chunk| {
        let start = chunk * at_once;
        start..(start + at_once).min(samples)
    })
}

fn of_runtime<'e>(
    evaluations: &'e mut Vec<(RuntimeName, Evaluation)>,
    runtime: RuntimeName,
    blank: &Evaluation,
) -> &'e mut Evaluation {
    let position = evaluations.iter().position(|(name, _)| *name == runtime);
    let position = position.unwrap_or_else(|| {
        evaluations.push((runtime, blank.clone()));
        evaluations.len() - 1
    });
    &mut evaluations[position].1
}

/// Adds what a network says of some samples.
fn judge(
    evaluation: &mut Evaluation,
    network: &Network,
    outputs: &[Vec<Data>],
    labels: &[Sample],
) -> Result<()> {
    for (outputs, sample) in outputs.iter().zip(labels) {
        let prediction = Prediction::new(network.graph(), outputs)?;
        evaluation.add(&prediction.borrowed(), &sample.into())?;
    }
    Ok(())
}
