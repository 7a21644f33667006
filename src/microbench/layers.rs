//! int8 networks, layer upon layer.
//!
//! Rectified activations stand for 0 to 6, the others for -6 to 6, and about half of what is
//! rectified is 0. Weights have a scale per output channel that keeps the magnitude of what flows
//! through, however deep the stack. Runtimes whose arithmetic branches on signs and zeros then take
//! as long as on a whole network.

use kernels::builder::BuildError;
use kernels::op::{Binary, BinaryKind, Conv2d, DepthwiseConv2d, Fused, Padding, Unary};
use kernels::tensor::Content;
use kernels::{
    Data, DataType, GraphBuilder, Op, Quantization, Shape, Tensor, TensorId, Verified, VerifyError,
    verify,
};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// A network that could not be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// A layer that its input does not fit.
    #[error(transparent)]
    Layer(#[from] BuildError),
    /// A graph that is not well formed.
    #[error(transparent)]
    Graph(#[from] VerifyError),
    /// A layer that takes an image, given something else.
    #[error("the layer before has shape {0}, expected an image [n, h, w, c]")]
    NoImage(Shape),
}

/// The standard deviation of integers from -127 to 127.
const SPREAD: f32 = 73.3;

/// A network under construction; every layer reads the one before.
pub(super) struct Layers {
    builder: GraphBuilder,
    last: TensorId,
    count: usize,
    values: Values,
}

/// What parameters hold.
pub(super) enum Values {
    /// Nothing: the network is only priced.
    Unknown,
    /// Random integers: the network runs.
    Random(Pcg64Mcg),
}

impl Values {
    /// Those of the network called `name` among all that `seed` makes.
    pub(super) fn seeded(seed: u64, name: &str) -> Self {
        // FNV-1a: networks keep their values when others are added to a sweep.
        let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325, mix);
        Self::Random(Pcg64Mcg::seed_from_u64(seed ^ hash))
    }

    fn of(&mut self, shape: &[usize], dtype: DataType) -> Content {
        let Self::Random(random) = self else {
            return Content::Parameter;
        };
        let count = shape.iter().product();
        Content::Constant(if dtype == DataType::I32 {
            Data::I32(
                (0..count)
                    .map(|_| random.random_range(-2000..=2000))
                    .collect(),
            )
        } else {
            Data::I8(
                (0..count)
                    .map(|_| random.random_range(-127..=127))
                    .collect(),
            )
        })
    }
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
    pub(super) fn new(name: &str, shape: impl Into<Shape>, values: Values) -> Self {
        let mut builder = GraphBuilder::new(name);
        let last = builder.input("x", shape, DataType::I8);
        builder.tensor_mut(last).quantization = Some(signed());
        Self {
            builder,
            last,
            count: 0,
            values,
        }
    }

    /// Makes the input what a rectifier leaves.
    pub(super) fn rectify_input(&mut self) {
        self.builder.tensor_mut(self.last).quantization = Some(rectified());
    }

    /// Another input, of the shape of the last layer.
    pub(super) fn second_input(&mut self) -> TensorId {
        let shape = self.builder.shape(self.last).clone();
        let id = self.builder.input("y", shape, DataType::I8);
        self.builder.tensor_mut(id).quantization = Some(signed());
        id
    }

    /// A convolution to `out_c` channels.
    pub(super) fn conv(&mut self, out_c: usize, window: Window) -> Result<(), NetworkError> {
        let [_, height, width, in_c] = self.image()?;
        let [kernel_h, kernel_w] = window.kernel;
        let operands = self.parameters(&[out_c, kernel_h, kernel_w, in_c], 0);
        let op = Op::Conv2d(Conv2d {
            stride: window.stride,
            dilation: [1; 2],
            padding: Padding::same([height, width], window.kernel, window.stride, [1; 2]),
            groups: 1,
            fused: window.fused,
        });
        self.push("conv", op, &operands)
    }

    /// A convolution of every channel by itself.
    pub(super) fn depthwise(&mut self, window: Window) -> Result<(), NetworkError> {
        let [_, height, width, channels] = self.image()?;
        let [kernel_h, kernel_w] = window.kernel;
        let operands = self.parameters(&[1, kernel_h, kernel_w, channels], 3);
        let op = Op::DepthwiseConv2d(DepthwiseConv2d {
            stride: window.stride,
            dilation: [1; 2],
            padding: Padding::same([height, width], window.kernel, window.stride, [1; 2]),
            multiplier: 1,
            fused: window.fused,
        });
        self.push("depthwise", op, &operands)
    }

    /// A matrix product to `out_c` channels.
    pub(super) fn dense(&mut self, out_c: usize, fused: Fused) -> Result<(), NetworkError> {
        let shape = self.builder.shape(self.last);
        let in_c = shape.last().copied().unwrap_or(1);
        let operands = self.parameters(&[out_c, in_c], 0);
        self.push("dense", Op::Dense { fused }, &operands)
    }

    /// The sum of the last layer and another tensor of its shape.
    pub(super) fn add(&mut self, other: TensorId) -> Result<(), NetworkError> {
        let op = Op::Binary(Binary {
            kind: BinaryKind::Add,
            fused: Fused::None,
        });
        self.push("add", op, &[self.last, other])
    }

    /// The last layer and another tensor, channel after channel.
    pub(super) fn concat(&mut self, other: TensorId) -> Result<(), NetworkError> {
        self.push("concat", Op::Concat { axis: 3 }, &[self.last, other])
    }

    /// An operator of one operand.
    pub(super) fn apply(&mut self, op: Op) -> Result<(), NetworkError> {
        let kind = op.name().to_owned();
        self.push(&kind, op, &[self.last])
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
        self.push("pad", Op::Pad { amounts }, &[self.last])
    }

    /// The result of the last layer.
    pub(super) fn last(&self) -> TensorId {
        self.last
    }

    /// The shape of the last layer.
    pub(super) fn extents(&self) -> &Shape {
        self.builder.shape(self.last)
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

    fn push(&mut self, kind: &str, op: Op, inputs: &[TensorId]) -> Result<(), NetworkError> {
        self.count += 1;
        let first = self.builder.tensor_mut(inputs[0]).quantization.clone();
        let results = results(&op, first);
        self.last = self
            .builder
            .push(format!("{kind}{}", self.count), op, inputs)?;
        let tensor = self.builder.tensor_mut(self.last);
        tensor.quantization = results.filter(|_| tensor.dtype == DataType::I8);
        Ok(())
    }

    /// The last layer, weights of `shape` whose output channels run along `axis`, and biases.
    fn parameters(&mut self, shape: &[usize], axis: usize) -> [TensorId; 3] {
        let out_c = shape[axis];
        let taps = shape.iter().product::<usize>() / out_c;
        // The rectifier halves the square of what it is given: He et al., ICCV 2015.
        let scale = (2.0 / as_f32(taps)).sqrt() / SPREAD;
        let input = self.builder.tensor_mut(self.last).quantization.as_ref();
        let step = input.map_or(1.0, |quantization| quantization.scales[0]);
        let scales = |scale| vec![scale; out_c];
        let of_weights = Quantization::per_channel(scales(scale), axis);
        let of_biases = Quantization::per_channel(scales(step * scale), 0);
        let weights = self.parameter("weights", shape, DataType::I8, of_weights);
        let bias = self.parameter("bias", &[out_c], DataType::I32, of_biases);
        [self.last, weights, bias]
    }

    fn parameter(
        &mut self,
        kind: &str,
        shape: &[usize],
        dtype: DataType,
        quantization: Quantization,
    ) -> TensorId {
        self.builder.tensor(Tensor {
            name: format!("{kind}{}", self.count + 1),
            shape: shape.into(),
            dtype,
            quantization: Some(quantization),
            content: self.values.of(shape, dtype),
        })
    }
}

/// The quantization of what `op` makes of a `first` operand of that quantization.
fn results(op: &Op, first: Option<Quantization>) -> Option<Quantization> {
    match op {
        Op::Conv2d(Conv2d { fused, .. })
        | Op::DepthwiseConv2d(DepthwiseConv2d { fused, .. })
        | Op::Dense { fused }
        | Op::Binary(Binary { fused, .. }) => Some(match fused {
            Fused::None => signed(),
            Fused::Relu | Fused::Relu6 => rectified(),
        }),
        Op::Unary(Unary::Relu | Unary::Relu6) => Some(rectified()),
        Op::BatchNorm { .. } | Op::Bias | Op::Unary(Unary::HardSwish) | Op::Quantize => {
            Some(signed())
        }
        // TFLite fixes the step of both.
        Op::Unary(Unary::Sigmoid) | Op::Softmax => {
            Some(Quantization::per_tensor(1.0 / 256.0, -128))
        }
        Op::Concat { .. }
        | Op::Pool2d(_)
        | Op::GlobalAveragePool { .. }
        | Op::Resize(_)
        | Op::Pad { .. }
        | Op::Reshape { .. }
        | Op::Transpose { .. }
        | Op::Slice(_)
        | Op::ArgMax { .. }
        | Op::Dequantize
        | Op::Foreign { .. } => first,
    }
}

/// 0 to 6.
fn rectified() -> Quantization {
    Quantization::per_tensor(6.0 / 255.0, -128)
}

/// -6 to 6.
fn signed() -> Quantization {
    Quantization::per_tensor(12.0 / 255.0, 0)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a scale needs no more than the digits of an f32"
)]
fn as_f32(count: usize) -> f32 {
    count as f32
}
