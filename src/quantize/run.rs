//! The whole of post-training quantization in one call.

use kernels::eval::EvalError;
use kernels::live::live;
use kernels::{Data, TensorId, Verified};
use rayon::prelude::*;

use super::bias;
use super::error::QuantizeError;
use super::histogram::Histograms;
use super::methods;
use super::mixed::{self, Mixed};
use super::options::{Choice, Judged, Method, Options};
use super::ranges::{Range, Ranges, calibrate};
use super::rewrite::quantize;
use super::sensitivity::{self, Layer};
use super::signal::Power;
use super::values::{Values, observed};
use crate::report::Console;

/// Images that layers are judged on, spread over the calibration images.
const JUDGED_IMAGES: usize = 4;

/// All activations of the judged images take no more than this, or one image does.
const JUDGED_BYTES: usize = 1 << 30;

/// Images that means are taken over for biases, spread over the calibration images.
const BIAS_IMAGES: usize = 32;

/// An int8 network and what was chosen for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantized {
    /// The int8 network.
    pub int8: Verified,
    /// Every real activation, in the order of the float graph.
    pub activations: Vec<Activation>,
    /// Every output of the int8 network beside the float one's, in order, where asked for.
    pub outputs: Vec<(String, Power)>,
    /// Every layer and what it costs, in the order they run, where asked for.
    pub layers: Vec<Layer>,
    /// How many calibration images methods, layers and outputs were judged on.
    pub judged_images: usize,
}

/// The range of an activation.
#[derive(Clone, Debug, PartialEq)]
pub struct Activation {
    /// The activation.
    pub tensor: String,
    /// What chose its range; `None` where an operand, the operator or training decided, and for
    /// graph inputs, which keep what was observed.
    pub method: Option<Method>,
    /// The smallest and the largest value over the calibration images.
    pub observed: Range,
    /// The range that was chosen; the grid holds those of all activations that share it.
    pub chosen: Range,
    /// One step of its grid.
    pub scale: f32,
    /// The integer that stands for 0.
    pub zero_point: i32,
}

impl Activation {
    /// Whether it never varied; its grid says nothing of other images.
    #[must_use]
    pub fn is_constant(&self) -> bool {
        self.observed.min.total_cmp(&self.observed.max).is_eq()
    }
}

/// Quantizes `graph`, folded and of floats, on what it computes for `samples`, each the inputs of
/// the graph.
///
/// The result does not depend on the number of threads.
///
/// # Errors
///
/// [`QuantizeError`] without samples, when one does not fit or an input never varies, when an
/// activation is not finite, a parameter has no values, or a node has no int8 form.
pub fn run(
    graph: &Verified,
    samples: &[Vec<Data>],
    options: &Options,
    console: &Console,
) -> Result<Quantized, QuantizeError> {
    let whole = graph;
    let graph = live(graph);
    weights_are_known(&graph)?;
    let seen = watched(console, "calibrating", samples, |load| {
        calibrate(&graph, samples.len(), load)
    })?;
    inputs_vary(&graph, &seen)?;
    let seen = match options.inputs {
        Some(range) => seen.with(&graph.inputs, range),
        None => seen,
    };
    let judged = match (&options.choice, options.judged) {
        (Choice::All(_) | Choice::Learned(_), Judged::Nothing) => Vec::new(),
        _ => judged(&graph, samples)?,
    };
    let Mixed { ranges, methods } = match &options.choice {
        Choice::Learned(ranges) => learned(whole, &graph, ranges),
        Choice::All(Method::MinMax) => by_one(&graph, seen.clone(), Method::MinMax),
        Choice::All(_) | Choice::Auto => {
            let counts = watched(console, "counting values", samples, |load| {
                Histograms::collect(&graph, &seen, samples.len(), load)
            })?;
            choose(&graph, &seen, &counts, &judged, &options.choice, console)?
        }
    };
    let mut int8 = quantize(&graph, &ranges)?;
    if options.bias_correction {
        let bar = console.bar("correcting biases", graph.nodes.len() as u64);
        let images = spread(samples, BIAS_IMAGES);
        int8 = bias::correct(&graph, &int8, &images, &|| bar.inc(1))?;
        bar.finish_and_clear();
    }
    let outputs = match options.judged {
        Judged::Nothing => Vec::new(),
        Judged::Outputs | Judged::Layers => sensitivity::outputs(&graph, &int8, &judged)?,
    };
    let layers = match options.judged {
        Judged::Nothing | Judged::Outputs => Vec::new(),
        Judged::Layers => explained(&graph, &int8, &judged, console)?,
    };
    let names = graph.outputs.iter().map(|&id| graph[id].name.clone());
    Ok(Quantized {
        activations: activations(&graph, &int8, &seen, &ranges, &methods),
        outputs: names.zip(outputs).collect(),
        layers,
        judged_images: judged.len(),
        int8,
    })
}

fn explained(
    graph: &Verified,
    int8: &Verified,
    judged: &[Values],
    console: &Console,
) -> Result<Vec<Layer>, QuantizeError> {
    let bar = console.bar("quantizing each layer alone", graph.nodes.len() as u64);
    let layers = sensitivity::layers(graph, int8, judged, &|| bar.inc(1));
    bar.finish_and_clear();
    layers
}

/// Runs a pass over the samples under a bar.
fn watched<T>(
    console: &Console,
    what: &str,
    samples: &[Vec<Data>],
    pass: impl FnOnce(&(dyn Fn(usize) -> Vec<Data> + Sync)) -> T,
) -> T {
    let bar = console.bar(what, samples.len() as u64);
    let result = pass(&|image| {
        bar.inc(1);
        samples[image].clone()
    });
    bar.finish_and_clear();
    result
}

/// At most `count` of the samples, spread evenly over all.
fn spread(samples: &[Vec<Data>], count: usize) -> Vec<Vec<Data>> {
    let kept = count.min(samples.len());
    let positions = (0..kept).map(|i| i * samples.len() / kept);
    positions.map(|i| samples[i].clone()).collect()
}

fn weights_are_known(graph: &Verified) -> Result<(), QuantizeError> {
    let mut constants = graph.constant_ids();
    match constants.find(|&id| graph[id].data().is_none()) {
        Some(id) => Err(QuantizeError::NoValues {
            tensor: graph[id].name.clone(),
        }),
        None => Ok(()),
    }
}

fn inputs_vary(graph: &Verified, seen: &Ranges) -> Result<(), QuantizeError> {
    for &id in &graph.inputs {
        if let Some(Range { min, max }) = seen.get(id)
            && min.total_cmp(&max).is_eq()
        {
            let tensor = graph[id].name.clone();
            return Err(QuantizeError::ConstantInput { tensor, value: min });
        }
    }
    Ok(())
}

/// What the network computes for the images that layers are judged on.
fn judged(graph: &Verified, samples: &[Vec<Data>]) -> Result<Vec<Values>, QuantizeError> {
    let produced = graph.nodes.iter().flat_map(|node| &node.outputs);
    let image_bytes: usize = produced.map(|&id| graph[id].bytes()).sum();
    let images = (JUDGED_BYTES / image_bytes.max(1)).clamp(1, JUDGED_IMAGES);
    let inputs = spread(samples, images);
    let values = inputs.par_iter().enumerate().map(|(image, inputs)| {
        observed(graph, inputs).map_err(|error: EvalError| QuantizeError::Image { image, error })
    });
    values.collect()
}

/// The ranges that training learned for tensors of `whole`, for those of its live part.
fn learned(whole: &Verified, graph: &Verified, ranges: &Ranges) -> Mixed {
    let of = |id: TensorId| ranges.get(whole.tensor_named(&graph[id].name)?);
    Mixed {
        ranges: graph.tensor_ids().map(of).collect::<Vec<_>>().into(),
        methods: vec![None; graph.tensors.len()],
    }
}

/// All ranges by one method.
fn by_one(graph: &Verified, ranges: Ranges, method: Method) -> Mixed {
    let mut methods = vec![None; graph.tensors.len()];
    for id in mixed::decided(graph) {
        methods[id.index()] = Some(method);
    }
    Mixed { ranges, methods }
}

/// Ranges from histograms, and which method chose each.
fn choose(
    graph: &Verified,
    seen: &Ranges,
    histograms: &Histograms,
    judged: &[Values],
    choice: &Choice,
    console: &Console,
) -> Result<Mixed, QuantizeError> {
    let by = |method: Method| methods::ranges(graph, method, seen, histograms);
    if let Choice::All(method) = choice {
        return Ok(by_one(graph, by(*method), *method));
    }
    let bar = console.bar("trying methods", graph.nodes.len() as u64);
    let mixed = mixed::choose(graph, &Method::CANDIDATES.map(by), judged, &|| bar.inc(1));
    bar.finish_and_clear();
    mixed
}

/// The record of every real activation.
fn activations(
    graph: &Verified,
    int8: &Verified,
    seen: &Ranges,
    ranges: &Ranges,
    methods: &[Option<Method>],
) -> Vec<Activation> {
    let activation = |id: TensorId| {
        let tensor = &graph[id].name;
        let integer = int8.tensor_named(tensor)?;
        let grid = int8[integer].quantization.as_ref()?;
        Some(Activation {
            tensor: tensor.clone(),
            method: methods[id.index()],
            observed: seen.get(id)?,
            chosen: ranges.get(id)?,
            scale: *grid.scales.first()?,
            zero_point: *grid.zero_points.first()?,
        })
    };
    graph.tensor_ids().filter_map(activation).collect()
}
