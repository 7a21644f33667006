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
use super::options::{Choice, Method, Options};
use super::part::{Values, observed};
use super::ranges::{Calibration, Range, Ranges, observe};
use super::rewrite::quantize_with;
use super::sensitivity::{self, Layer};
use super::signal::Power;
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
    /// Every output of the int8 network beside the float one's, in order.
    pub outputs: Vec<(String, Power)>,
    /// Every layer and what it costs, where that was asked for.
    pub layers: Vec<Layer>,
    /// How many calibration images layers and outputs were judged on.
    pub judged_images: usize,
}

/// The range of an activation.
#[derive(Clone, Debug, PartialEq)]
pub struct Activation {
    /// The activation.
    pub tensor: String,
    /// What chose its range; `None` where an operand or the operator decides, and for graph inputs,
    /// which keep what was observed.
    pub method: Option<Method>,
    /// The smallest and the largest value over the calibration images.
    pub observed: Range,
    /// The range that was chosen.
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

/// Quantizes `graph`, folded and of floats, on what it computes for the calibration images.
///
/// The result does not depend on the number of threads.
///
/// # Errors
///
/// [`QuantizeError`] without images, when an image does not fit or an input never varies, when an
/// activation is not finite, a parameter has no values, or a node has no int8 form.
pub fn run(
    graph: &Verified,
    calibration: &Calibration<'_>,
    options: &Options,
    console: &Console,
) -> Result<Quantized, QuantizeError> {
    let graph = live(graph);
    let seen = watched(console, "calibrating", calibration, |calibration| {
        observe(&graph, calibration)
    })?;
    inputs_vary(&graph, &seen)?;
    let judged = judged(&graph, calibration)?;
    let Mixed { ranges, methods } =
        choose(&graph, &seen, calibration, &judged, options.choice, console)?;
    let mut int8 = quantize_with(&graph, &ranges, options.weights)?;
    if options.bias_correction {
        let bar = console.bar("correcting biases", graph.nodes.len() as u64);
        let images = calibration.sample(BIAS_IMAGES);
        int8 = bias::correct(&graph, &int8, &images, &|| bar.inc(1))?;
        bar.finish_and_clear();
    }
    let layers = if options.explain {
        let bar = console.bar("quantizing each layer alone", graph.nodes.len() as u64);
        let layers = sensitivity::layers(&graph, &int8, &judged, &|| bar.inc(1))?;
        bar.finish_and_clear();
        layers
    } else {
        Vec::new()
    };
    let powers = sensitivity::outputs(&graph, &int8, &judged)?;
    let names = graph.outputs.iter().map(|&id| graph[id].name.clone());
    Ok(Quantized {
        activations: activations(&graph, &int8, &seen, &ranges, &methods),
        outputs: names.zip(powers).collect(),
        layers,
        judged_images: judged.len(),
        int8,
    })
}

/// Runs a pass over the calibration images under a bar.
fn watched<T>(
    console: &Console,
    what: &str,
    calibration: &Calibration<'_>,
    pass: impl FnOnce(&Calibration<'_>) -> T,
) -> T {
    let bar = console.bar(what, calibration.images as u64);
    let result = pass(&calibration.watched(&|| bar.inc(1)));
    bar.finish_and_clear();
    result
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
fn judged(graph: &Verified, calibration: &Calibration<'_>) -> Result<Vec<Values>, QuantizeError> {
    let produced = graph.nodes.iter().flat_map(|node| &node.outputs);
    let image_bytes: usize = produced.map(|&id| graph[id].bytes()).sum();
    let images = (JUDGED_BYTES / image_bytes.max(1)).clamp(1, JUDGED_IMAGES);
    let inputs = calibration.sample(images);
    let values = inputs.par_iter().enumerate().map(|(image, inputs)| {
        observed(graph, inputs).map_err(|error: EvalError| QuantizeError::Image { image, error })
    });
    values.collect()
}

/// The ranges of activations, and which method chose each.
fn choose(
    graph: &Verified,
    seen: &Ranges,
    calibration: &Calibration<'_>,
    judged: &[Values],
    choice: Choice,
    console: &Console,
) -> Result<Mixed, QuantizeError> {
    let all = |ranges: Ranges, method: Method| {
        let chosen = |id: TensorId| {
            let free = seen.get(id).is_some() && !graph.inputs.contains(&id);
            free.then_some(method)
        };
        let methods = graph.tensor_ids().map(chosen).collect();
        Mixed { ranges, methods }
    };
    if choice == Choice::All(Method::MinMax) {
        return Ok(all(seen.clone(), Method::MinMax));
    }
    let histograms = watched(console, "counting values", calibration, |calibration| {
        Histograms::collect(graph, seen, calibration)
    })?;
    match choice {
        Choice::All(method) => {
            let ranges = methods::ranges(graph, method, seen, &histograms);
            Ok(all(ranges, method))
        }
        Choice::Auto => {
            let candidates =
                Method::CANDIDATES.map(|method| methods::ranges(graph, method, seen, &histograms));
            let bar = console.bar("trying methods", graph.nodes.len() as u64);
            let mixed = mixed::choose(graph, &candidates, judged, &|| bar.inc(1));
            bar.finish_and_clear();
            mixed
        }
    }
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

/// The elements of every graph input for each image, when they are already in memory.
#[must_use]
pub fn load_from(images: &[Vec<Data>]) -> impl Fn(usize) -> Vec<Data> + Sync + '_ {
    |image| images[image].clone()
}
