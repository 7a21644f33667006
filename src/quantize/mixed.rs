//! The mixed choice: for each activation, the method that disturbs the outputs least.
//!
//! An activation is rounded to the grid of each method while everything else stays in floats, and
//! what that adds to the outputs is measured: the sum over outputs of noise over signal. The least
//! wins. Errors of different activations are taken to be independent, so that activations can be
//! decided one by one.

use kernels::eval::{EvalError, to_integers, to_reals};
use kernels::graph::Graph;
use kernels::part::Part;
use kernels::{Data, DataType, TensorId, Verified};
use rayon::prelude::*;

use super::error::QuantizeError;
use super::grids::{self, Relation, asymmetric};
use super::options::Method;
use super::ranges::{Range, Ranges};
use super::signal::Power;
use super::values::Values;

/// The ranges of every activation, and the method that chose each.
pub(super) struct Mixed {
    pub(super) ranges: Ranges,
    pub(super) methods: Vec<Option<Method>>,
}

/// Decides among `candidates`, the ranges of [`Method::CANDIDATES`], on what the network computes
/// for some `images`; `tick` is called after every activation.
pub(super) fn choose(
    graph: &Verified,
    candidates: &[Ranges],
    images: &[Values],
    tick: &(dyn Fn() + Sync),
) -> Result<Mixed, QuantizeError> {
    let decided = decided(graph);
    let winners: Vec<usize> = decided
        .par_iter()
        .map(|&id| {
            let winner = decide(graph, id, candidates, images);
            tick();
            winner
        })
        .collect::<Result<_, _>>()?;

    let mut ranges: Vec<Option<Range>> =
        graph.tensor_ids().map(|id| candidates[0].get(id)).collect();
    let mut methods = vec![None; graph.tensors.len()];
    for (&id, &winner) in decided.iter().zip(&winners) {
        ranges[id.index()] = candidates[winner].get(id);
        methods[id.index()] = Some(Method::CANDIDATES[winner]);
    }
    follow(graph, &mut ranges);
    Ok(Mixed {
        ranges: ranges.into(),
        methods,
    })
}

/// The activations whose range is a choice: those of real numbers whose grid no operand and no
/// operator decides. Inputs of the graph are not among them.
pub(super) fn decided(graph: &Graph) -> Vec<TensorId> {
    let producers = graph.producers();
    let free = |id: &TensorId| {
        let node = producers[id.index()];
        graph[*id].dtype == DataType::F32
            && node.is_some_and(|node| matches!(grids::relation(&graph[node].op), Relation::Free))
    };
    graph.tensor_ids().filter(free).collect()
}

/// Gives results that share a grid with operands no more than the operands have.
fn follow(graph: &Verified, ranges: &mut [Option<Range>]) {
    for node in &graph.nodes {
        let operands = match grids::relation(&node.op) {
            Relation::Free | Relation::Unit => continue,
            Relation::Same => &node.inputs[..1],
            Relation::All => &node.inputs,
        };
        let of_operands = operands.iter().filter_map(|id| ranges[id.index()]);
        if let Some(range) = of_operands.reduce(Range::union) {
            ranges[node.outputs[0].index()] = Some(range);
        }
    }
}

/// The position of the candidate that disturbs the outputs least; the first of several.
fn decide(
    graph: &Verified,
    id: TensorId,
    candidates: &[Ranges],
    images: &[Values],
) -> Result<usize, QuantizeError> {
    let ranges: Vec<Option<Range>> = candidates.iter().map(|ranges| ranges.get(id)).collect();
    let mut least = (f64::INFINITY, 0);
    let below = Part::below(graph, id);
    for (position, range) in ranges.iter().enumerate() {
        let Some(range) = range.filter(|_| !ranges[..position].contains(range)) else {
            continue;
        };
        if ranges.iter().all(|other| other == &Some(range)) {
            return Ok(position);
        }
        let noise = noise(graph, id, range, &below, images)?;
        if noise < least.0 {
            least = (noise, position);
        }
    }
    Ok(least.1)
}

/// What rounding one activation to the grid over `range` adds to the outputs.
pub(super) fn noise(
    graph: &Verified,
    id: TensorId,
    range: Range,
    below: &Part,
    images: &[Values],
) -> Result<f64, QuantizeError> {
    let mut rounded = graph[id].clone();
    rounded.dtype = DataType::I8;
    rounded.quantization = Some(asymmetric(range));
    let mut powers = vec![Power::default(); graph.outputs.len()];
    for (image, values) in images.iter().enumerate() {
        let at = |error: EvalError| QuantizeError::Image { image, error };
        let Some(Data::F32(reals)) = &values[id.index()] else {
            continue;
        };
        let integers = to_integers(&rounded, reals).map_err(at)?;
        let reals = to_reals(&rounded, &integers).map_err(at)?;
        add_outputs(graph, id, &reals, below, values, &mut powers).map_err(at)?;
    }
    Ok(powers.iter().map(Power::relative_noise).sum())
}

/// Adds what the outputs of `graph` become when `id` is `reals` instead of what `values` says;
/// `below` are the nodes that depend on it.
pub(super) fn add_outputs(
    graph: &Graph,
    id: TensorId,
    reals: &[f32],
    below: &Part,
    values: &Values,
    powers: &mut [Power],
) -> Result<(), EvalError> {
    let replaced = Data::F32(reals.into());
    let results = below.run(|input| match &values[input.index()] {
        Some(value) if input != id => value.clone(),
        Some(_) | None => replaced.clone(),
    })?;
    for (output, power) in graph.outputs.iter().zip(powers) {
        let Some(Data::F32(expected)) = &values[output.index()] else {
            continue;
        };
        let found = match below.outputs.iter().position(|id| id == output) {
            Some(position) => &results[position],
            None if *output == id => &replaced,
            None => &Data::F32(expected.clone()),
        };
        if let Data::F32(found) = found {
            *power += Power::between(expected, found);
        }
    }
    Ok(())
}
