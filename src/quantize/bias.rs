//! Bias correction: the mean error of every channel, put into its bias.
//!
//! Rounded weights and clipped operands shift the mean of a channel, and the layers after it get
//! operands that lie beside those they were trained on. For channel `c` of a linear operator,
//!
//! ```text
//! b_q[c] += round(mean(y[c] - y'[c]) / (input_scale * weight_scale[c]))
//! ```
//!
//! where `y` is what the float network has before the activation, and `y'` what the int8 operator
//! has before rounding, both over all positions of the calibration images. Layers are corrected in
//! the order they run, each on what the corrected ones before it give: an error that is mended
//! once is not mended again further down.

mod linear;

use kernels::eval::EvalError;
use kernels::graph::Graph;
use kernels::part::Part;
use kernels::{Data, NodeId, TensorId, Verified, verify};
use rayon::prelude::*;

use super::error::QuantizeError;
use super::twins::Twins;
use super::values::Values;
use linear::Linear;

/// `int8`, made of the live graph `float`, with corrected biases; `images` are inputs of `float`,
/// and `tick` is called after every layer.
///
/// # Errors
///
/// [`QuantizeError::Image`] when a graph cannot be run.
pub(super) fn correct(
    float: &Verified,
    int8: &Verified,
    images: &[Vec<Data>],
    tick: &dyn Fn(),
) -> Result<Verified, QuantizeError> {
    let mut corrected = Graph::clone(int8);
    let last_reads = last_reads(float);
    let mut states: Vec<State> = images
        .par_iter()
        .enumerate()
        .map(|(image, inputs)| State::new(&Twins::new(float, int8), inputs, image))
        .collect::<Result<_, _>>()?;
    for id in float.node_ids() {
        let whole = Part::node(float, id);
        if let Some(linear) = Linear::of(&Twins::new(float, &corrected), id) {
            let sums: Vec<Vec<f64>> = states
                .par_iter()
                .map(|state| linear.errors(state))
                .collect::<Result<_, _>>()?;
            linear.correct(&mut corrected, &sums);
        }
        let twins = Twins::new(float, &corrected);
        states
            .par_iter_mut()
            .try_for_each(|state| state.step(&twins, id, &whole, &last_reads))?;
        tick();
    }
    Ok(verify(corrected).expect("another bias keeps a graph well formed"))
}

/// Per tensor, the last node that reads it.
fn last_reads(graph: &Graph) -> Vec<Option<NodeId>> {
    let last = |nodes: Vec<NodeId>| nodes.last().copied();
    graph.consumers().into_iter().map(last).collect()
}

/// How far both networks have come with one image.
struct State {
    image: usize,
    reals: Values,
    integers: Values,
}

impl State {
    fn new(twins: &Twins<'_>, inputs: &[Data], image: usize) -> Result<Self, QuantizeError> {
        let mut state = Self {
            image,
            reals: vec![None; twins.float.tensors.len()],
            integers: vec![None; twins.int8.tensors.len()],
        };
        for (&id, data) in twins.float.inputs.iter().zip(inputs) {
            state.reals[id.index()] = Some(data.clone());
            let integer = twins.integer(id);
            let quantized = twins.quantized(integer, &state.reals);
            state.integers[integer.index()] = Some(quantized.map_err(|e| state.at(e))?);
        }
        Ok(state)
    }

    fn at(&self, error: EvalError) -> QuantizeError {
        let image = self.image;
        QuantizeError::Image { image, error }
    }

    /// Runs one node in both networks, and forgets what no later node reads.
    fn step(
        &mut self,
        twins: &Twins<'_>,
        id: NodeId,
        whole: &Part,
        last_reads: &[Option<NodeId>],
    ) -> Result<(), QuantizeError> {
        let node = &twins.float[id];
        let part = twins.part(id);
        for (part, values) in [(whole, &mut self.reals), (&part, &mut self.integers)] {
            let results = part.run(|id| known(values, id));
            let image = self.image;
            let results = results.map_err(|error| QuantizeError::Image { image, error })?;
            for (id, result) in part.outputs.iter().zip(results) {
                values[id.index()] = Some(result);
            }
        }
        for &operand in node.inputs.iter().chain(&node.outputs) {
            if last_reads[operand.index()].is_none_or(|last| last <= id) {
                self.reals[operand.index()] = None;
                if !twins.float[operand].is_constant() {
                    self.integers[twins.integer(operand).index()] = None;
                }
            }
        }
        Ok(())
    }
}

fn known(values: &Values, id: TensorId) -> Data {
    let value = values[id.index()].clone();
    value.expect("operands are computed before they are read, and kept until then")
}
