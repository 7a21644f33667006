//! A linear operator whose mean error is measured and put into its bias.

use kernels::eval::{EvalError, to_reals};
use kernels::graph::Graph;
use kernels::op::Fused;
use kernels::part::Part;
use kernels::tensor::Content;
use kernels::{Data, DataType, NodeId, Op, Quantization, Tensor, TensorId};

use super::super::error::QuantizeError;
use super::super::twins::Twins;
use super::super::weights::{PRODUCT_MAX, round};
use super::{State, known};

/// A linear operator before its activation, in floats: as trained, and with the weights and the
/// bias of the int8 network.
pub(super) struct Linear {
    trained: Part,
    rounded: Part,
    /// The operand in the int8 graph, and how its integers stand for reals.
    operand: (TensorId, Tensor),
    /// The bias in the int8 graph.
    bias: TensorId,
    /// Products in a sum.
    taps: usize,
    channels: usize,
}

impl Linear {
    /// `None` for other operators.
    pub(super) fn of(twins: &Twins<'_>, id: NodeId) -> Option<Self> {
        let float = twins.float;
        let op = without_activation(&float[id].op)?;
        let mut trained = Graph::clone(float);
        trained.nodes[id.index()].op = op.clone();

        let int8_node = &twins.int8[twins.node(id)];
        let mut rounded = Graph::clone(twins.int8);
        for &id in &int8_node.inputs {
            let tensor = &twins.int8[id];
            let new = &mut rounded.tensors[id.index()];
            if let Some(reals) = reals(tensor) {
                new.content = Content::Constant(Data::F32(reals.into()));
            }
            new.dtype = DataType::F32;
            new.quantization = None;
        }
        let output = &mut rounded.tensors[int8_node.outputs[0].index()];
        output.dtype = DataType::F32;
        output.quantization = None;
        let rounded_id = twins.node(id);
        rounded.nodes[rounded_id.index()].op = op;

        let operand = int8_node.inputs[0];
        let weights = &twins.int8[int8_node.inputs[1]];
        let bias = int8_node.inputs[2];
        let channels = twins.int8[bias].shape.elements();
        Some(Self {
            trained: Part::node(&trained, id),
            rounded: Part::node(&rounded, rounded_id),
            operand: (operand, twins.int8[operand].clone()),
            bias,
            taps: weights.shape.elements() / channels,
            channels,
        })
    }

    /// The mean error of every channel for one image.
    pub(super) fn errors(&self, state: &State) -> Result<Vec<f64>, QuantizeError> {
        let (operand, tensor) = &self.operand;
        let integers = known(&state.integers, *operand);
        let reals = to_reals(tensor, &integers).map_err(|e| state.at(e))?;
        let reals = Data::F32(reals.into());
        let trained = self.trained.run(|id| known(&state.reals, id));
        let rounded = self.rounded.run(|_| reals.clone());
        let means = |results: Result<Vec<Data>, EvalError>| {
            let results = results.map_err(|e| state.at(e))?;
            Ok(self.means(&results[0]))
        };
        let (trained, rounded) = (means(trained)?, means(rounded)?);
        Ok(trained.iter().zip(&rounded).map(|(t, r)| t - r).collect())
    }

    fn means(&self, result: &Data) -> Vec<f64> {
        let mut sums = vec![0.0; self.channels];
        let Data::F32(values) = result else {
            return sums;
        };
        for pixel in values.chunks_exact(self.channels) {
            for (sum, &value) in sums.iter_mut().zip(pixel) {
                *sum += f64::from(value);
            }
        }
        let pixels = (values.len() / self.channels) as f64;
        sums.iter().map(|sum| sum / pixels).collect()
    }

    /// Adds the mean over images of `errors` to the bias.
    pub(super) fn correct(&self, graph: &mut Graph, errors: &[Vec<f64>]) {
        let tensor = &mut graph.tensors[self.bias.index()];
        let (Some(Data::I32(bias)), Some(grid)) = (tensor.data(), &tensor.quantization) else {
            return;
        };
        let room = f64::from(i32::MAX) - self.taps as f64 * PRODUCT_MAX - 1.0;
        let corrected = bias.iter().enumerate().map(|(channel, &bias)| {
            let sum: f64 = errors.iter().map(|image| image[channel]).sum();
            let steps = sum / errors.len() as f64 / f64::from(scale(grid, channel));
            round((f64::from(bias) + steps).clamp(-room, room))
        });
        tensor.content = Content::Constant(Data::I32(corrected.collect()));
    }
}

fn scale(grid: &Quantization, channel: usize) -> f32 {
    *grid.scales.get(channel).unwrap_or(&grid.scales[0])
}

/// A linear operator that gives its sums as they are; `None` for other operators.
fn without_activation(op: &Op) -> Option<Op> {
    let mut op = op.clone();
    match &mut op {
        Op::Conv2d(conv) => conv.fused = Fused::None,
        Op::DepthwiseConv2d(conv) => conv.fused = Fused::None,
        Op::Dense { fused } => *fused = Fused::None,
        Op::BatchNorm { .. }
        | Op::Bias
        | Op::Unary(_)
        | Op::Softmax
        | Op::Binary(_)
        | Op::Concat { .. }
        | Op::Pool2d(_)
        | Op::GlobalAveragePool { .. }
        | Op::Resize(_)
        | Op::Pad { .. }
        | Op::Reshape { .. }
        | Op::Transpose { .. }
        | Op::Slice(_)
        | Op::ArgMax { .. }
        | Op::Quantize
        | Op::Dequantize
        | Op::Foreign { .. } => return None,
    }
    Some(op)
}

/// The reals that quantized weights or biases stand for; symmetric, with one scale or one per
/// index of a dimension.
fn reals(tensor: &Tensor) -> Option<Vec<f32>> {
    let grid = tensor.quantization.as_ref()?;
    let inner: usize = match grid.axis {
        Some(axis) => tensor.shape[axis + 1..].iter().product(),
        None => 1,
    };
    let channel = |index: usize| scale(grid, index / inner % grid.scales.len());
    let real = |(index, value): (usize, f64)| single(value * f64::from(channel(index)));
    match tensor.data()? {
        Data::I8(values) => Some(
            values
                .iter()
                .map(|&q| q.into())
                .enumerate()
                .map(real)
                .collect(),
        ),
        Data::I32(values) => Some(
            values
                .iter()
                .map(|&q| q.into())
                .enumerate()
                .map(real)
                .collect(),
        ),
        Data::F32(_) | Data::U8(_) | Data::I64(_) => None,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the real is computed with in single precision"
)]
const fn single(x: f64) -> f32 {
    x as f32
}
