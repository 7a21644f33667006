//! int8 networks, layer upon layer.
//!
//! Activations stand for 0 to 6 in steps of 6 / 255, as a ReLU6 leaves them. Weights have a scale
//! per output channel that keeps the magnitude of what flows through, however deep the stack.

use kernels::op::{Conv2d, Fused, Padding, Unary};
use kernels::tensor::Content;
use kernels::{
    DataType, GraphBuilder, Op, Quantization, Shape, Tensor, TensorId, Verified, verify,
};

use super::stacks::NetworkError;

/// The step of activations.
const STEP: f32 = 6.0 / 255.0;

/// The standard deviation of integers from -127 to 127.
const SPREAD: f32 = 73.3;

/// A network under construction; every layer reads the one before.
pub(super) struct Layers {
    builder: GraphBuilder,
    last: TensorId,
    count: usize,
}

/// How a window moves; its padding is `SAME`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    /// Height and width.
    pub(super) kernel: [usize; 2],
    /// Rows and columns from one window to the next.
    pub(super) stride: [usize; 2],
    /// Applied to the sums.
    pub(super) fused: Fused,
}

impl Layers {
    /// A network called `name` over an input of `shape`.
    pub(super) fn new(name: &str, shape: impl Into<Shape>) -> Self {
        let mut builder = GraphBuilder::new(name);
        let last = builder.input("x", shape, DataType::I8);
        builder.tensor_mut(last).quantization = Some(activations());
        Self {
            builder,
            last,
            count: 0,
        }
    }

    /// A convolution to `out_c` channels.
    pub(super) fn conv(&mut self, out_c: usize, window: Window) -> Result<(), NetworkError> {
        let [_, height, width, in_c] = self.image()?;
        let [kernel_h, kernel_w] = window.kernel;
        let operands = self.parameters(&[out_c, kernel_h, kernel_w, in_c]);
        let op = Op::Conv2d(Conv2d {
            stride: window.stride,
            dilation: [1; 2],
            padding: Padding::same([height, width], window.kernel, window.stride, [1; 2]),
            groups: 1,
            fused: window.fused,
        });
        self.push("conv", op, &operands, activations())
    }

    /// A matrix product to `out_c` channels.
    pub(super) fn dense(&mut self, out_c: usize, fused: Fused) -> Result<(), NetworkError> {
        let shape = self.builder.shape(self.last);
        let in_c = shape.last().copied().unwrap_or(1);
        let operands = self.parameters(&[out_c, in_c]);
        self.push("dense", Op::Dense { fused }, &operands, activations())
    }

    /// An elementwise sigmoid, whose step TFLite fixes at 1 / 256.
    pub(super) fn sigmoid(&mut self) -> Result<(), NetworkError> {
        let results = Quantization::per_tensor(1.0 / 256.0, -128);
        let op = Op::Unary(Unary::Sigmoid);
        self.push("sigmoid", op, &[self.last], results)
    }

    /// Zeros around the image until it is `height` by `width`.
    pub(super) fn pad(&mut self, height: usize, width: usize) -> Result<(), NetworkError> {
        let [_, from_h, from_w, _] = self.image()?;
        let around = |from: usize, to: usize| {
            let total = to.saturating_sub(from);
            [total / 2, total - total / 2]
        };
        let amounts = vec![
            [0; 2],
            around(from_h, height),
            around(from_w, width),
            [0; 2],
        ];
        self.push("pad", Op::Pad { amounts }, &[self.last], activations())
    }

    /// The network, whose output is the last layer.
    pub(super) fn finish(mut self) -> Result<Verified, NetworkError> {
        self.builder.output(self.last);
        Ok(verify(self.builder.finish())?)
    }

    fn image(&self) -> Result<[usize; 4], NetworkError> {
        let shape = self.builder.shape(self.last);
        shape
            .nhwc()
            .ok_or_else(|| NetworkError::NoImage(shape.clone()))
    }

    fn push(
        &mut self,
        kind: &str,
        op: Op,
        inputs: &[TensorId],
        results: Quantization,
    ) -> Result<(), NetworkError> {
        self.count += 1;
        let name = format!("{kind}{}", self.count);
        self.last = self.builder.push(name, op, inputs)?;
        self.builder.tensor_mut(self.last).quantization = Some(results);
        Ok(())
    }

    /// The last layer, weights of `shape`, output channels first, and biases.
    fn parameters(&mut self, shape: &[usize]) -> [TensorId; 3] {
        let (out_c, taps) = (shape[0], shape[1..].iter().product::<usize>());
        // The rectifier halves the square of what it is given: He et al., ICCV 2015.
        let scale = (2.0 / as_f32(taps)).sqrt() / SPREAD;
        let input = self.builder.tensor_mut(self.last).quantization.as_ref();
        let step = input.map_or(STEP, |quantization| quantization.scales[0]);
        let weights = self.parameter("weights", shape, DataType::I8, scale);
        let bias = self.parameter("bias", &[out_c], DataType::I32, step * scale);
        [self.last, weights, bias]
    }

    fn parameter(&mut self, kind: &str, shape: &[usize], dtype: DataType, scale: f32) -> TensorId {
        let scales = vec![scale; shape[0]];
        self.builder.tensor(Tensor {
            name: format!("{kind}{}", self.count + 1),
            shape: shape.into(),
            dtype,
            quantization: Some(Quantization::per_channel(scales, 0)),
            content: Content::Parameter,
        })
    }
}

fn activations() -> Quantization {
    Quantization::per_tensor(STEP, -128)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a scale needs no more than the digits of an f32"
)]
fn as_f32(count: usize) -> f32 {
    count as f32
}
