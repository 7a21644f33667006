//! The layers that EDNAS networks are made of: convolutions with their parameters by name.

use kernels::op::{
    Binary, BinaryKind, Conv2d, Coordinates, DepthwiseConv2d, Fused, Padding, Pool2d, PoolKind,
    Resize, ResizeMode, Unary,
};
use kernels::{DataType, GraphBuilder, Op, TensorId, builder::BuildError};

/// Added to the variance of every batch norm (EfficientNet's constant).
const BATCH_NORM_EPSILON: f32 = 1e-3;

/// Whether a convolution learns a bias.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Bias {
    Learned,
    Absent,
}

/// A graph under construction, layer by layer. Every layer takes a name, under which its nodes
/// and parameters stand, and gives the tensor it computes.
pub(super) struct Layers {
    builder: GraphBuilder,
}

impl Layers {
    pub(super) fn new(name: &str) -> Self {
        Self {
            builder: GraphBuilder::new(name),
        }
    }

    pub(super) fn input(&mut self, name: &str, shape: [usize; 4]) -> TensorId {
        self.builder.input(name, shape, DataType::F32)
    }

    /// Height and width of a `[n, h, w, c]` tensor.
    pub(super) fn size(&self, x: TensorId) -> [usize; 2] {
        let shape = self.builder.shape(x);
        [shape[1], shape[2]]
    }

    pub(super) fn channels(&self, x: TensorId) -> usize {
        self.builder.shape(x)[3]
    }

    /// A `kernel x kernel` convolution with TensorFlow's `SAME` padding.
    pub(super) fn conv(
        &mut self,
        name: &str,
        x: TensorId,
        out_c: usize,
        kernel: usize,
        stride: usize,
        bias: Bias,
    ) -> Result<TensorId, BuildError> {
        let in_c = self.channels(x);
        let weights = self
            .builder
            .parameter(format!("{name}/weights"), [out_c, kernel, kernel, in_c]);
        let mut operands = vec![x, weights];
        if bias == Bias::Learned {
            operands.push(self.builder.parameter(format!("{name}/bias"), [out_c]));
        }
        let conv = Conv2d {
            stride: [stride; 2],
            dilation: [1; 2],
            padding: Padding::same(self.size(x), [kernel; 2], [stride; 2], [1; 2]),
            groups: 1,
            fused: Fused::None,
        };
        self.builder.push(name, Op::Conv2d(conv), &operands)
    }

    /// A `kernel x kernel` depthwise convolution without bias, `SAME` padding.
    pub(super) fn depthwise(
        &mut self,
        name: &str,
        x: TensorId,
        kernel: usize,
        stride: usize,
    ) -> Result<TensorId, BuildError> {
        let c = self.channels(x);
        let weights = self
            .builder
            .parameter(format!("{name}/weights"), [1, kernel, kernel, c]);
        let conv = DepthwiseConv2d {
            stride: [stride; 2],
            dilation: [1; 2],
            padding: Padding::same(self.size(x), [kernel; 2], [stride; 2], [1; 2]),
            multiplier: 1,
            fused: Fused::None,
        };
        self.builder
            .push(name, Op::DepthwiseConv2d(conv), &[x, weights])
    }

    pub(super) fn batch_norm(&mut self, name: &str, x: TensorId) -> Result<TensorId, BuildError> {
        let c = self.channels(x);
        let mut operands = vec![x];
        for part in ["gamma", "beta", "mean", "variance"] {
            operands.push(self.builder.parameter(format!("{name}/{part}"), [c]));
        }
        let epsilon = BATCH_NORM_EPSILON;
        self.builder
            .push(name, Op::BatchNorm { epsilon }, &operands)
    }

    pub(super) fn relu6(&mut self, name: &str, x: TensorId) -> Result<TensorId, BuildError> {
        self.builder.push(name, Op::Unary(Unary::Relu6), &[x])
    }

    pub(super) fn add(
        &mut self,
        name: &str,
        x: TensorId,
        y: TensorId,
    ) -> Result<TensorId, BuildError> {
        let add = Binary {
            kind: BinaryKind::Add,
            fused: Fused::None,
        };
        self.builder.push(name, Op::Binary(add), &[x, y])
    }

    /// Half the height and width: the maximum over 3x3 windows, `SAME` padding.
    pub(super) fn halve(&mut self, name: &str, x: TensorId) -> Result<TensorId, BuildError> {
        let pool = Pool2d {
            kind: PoolKind::Max,
            kernel: [3; 2],
            stride: [2; 2],
            padding: Padding::same(self.size(x), [3; 2], [2; 2], [1; 2]),
        };
        self.builder.push(name, Op::Pool2d(pool), &[x])
    }

    pub(super) fn resize(
        &mut self,
        name: &str,
        x: TensorId,
        mode: ResizeMode,
        coordinates: Coordinates,
        size: [usize; 2],
    ) -> Result<TensorId, BuildError> {
        let resize = Resize {
            mode,
            coordinates,
            size,
        };
        self.builder.push(name, Op::Resize(resize), &[x])
    }

    /// Depthwise 3x3 and 1x1 to `out_c`, with one batch norm at the end.
    pub(super) fn separable(
        &mut self,
        name: &str,
        x: TensorId,
        out_c: usize,
    ) -> Result<TensorId, BuildError> {
        let x = self.depthwise(&format!("{name}/depthwise"), x, 3, 1)?;
        let x = self.conv(&format!("{name}/pointwise"), x, out_c, 1, 1, Bias::Absent)?;
        self.batch_norm(&format!("{name}/norm"), x)
    }

    /// Convolution, batch norm; `name` is the prefix of both.
    pub(super) fn conv_norm(
        &mut self,
        name: &str,
        x: TensorId,
        out_c: usize,
        kernel: usize,
        stride: usize,
    ) -> Result<TensorId, BuildError> {
        let conv = format!("{name}/conv");
        let x = self.conv(&conv, x, out_c, kernel, stride, Bias::Absent)?;
        self.batch_norm(&format!("{name}/norm"), x)
    }

    pub(super) fn output(&mut self, x: TensorId) {
        self.builder.output(x);
    }

    pub(super) fn finish(self) -> kernels::Graph {
        self.builder.finish()
    }
}
