//! The layers that EDNAS networks are made of: convolutions with their parameters by name.

use std::collections::BTreeMap;

use kernels::op::{
    Binary, BinaryKind, Conv2d, Coordinates, DepthwiseConv2d, Fused, Padding, Pool2d, PoolKind,
    Resize, ResizeMode, Slice, Unary,
};
use kernels::{DataType, GraphBuilder, Op, TensorId, builder::BuildError};

/// Added to the variance of every batch norm (EfficientNet's constant).
const BATCH_NORM_EPSILON: f32 = 1e-3;

/// Whether a convolution learns a bias.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::space) enum Bias {
    Learned,
    Absent,
}

/// A graph under construction, layer by layer. Every layer takes a name, under which its nodes
/// and parameters stand, and gives the tensor it computes.
pub(in crate::space) struct Layers {
    builder: GraphBuilder,
    scope: Scope,
    /// What parameters are called, so that a layer that is run twice has them once.
    parameters: BTreeMap<String, TensorId>,
}

/// What stands before the names of layers.
#[derive(Clone, Default)]
struct Scope {
    /// Before nodes and running statistics.
    nodes: String,
    /// Before what is learned.
    learned: String,
}

impl Layers {
    pub(in crate::space) fn new(name: &str) -> Self {
        Self {
            builder: GraphBuilder::new(name),
            scope: Scope::default(),
            parameters: BTreeMap::new(),
        }
    }

    /// What `build` adds, with `scope/` before all its names: layers of their own.
    pub(in crate::space) fn within<T>(
        &mut self,
        scope: &str,
        build: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let scope = format!("{scope}/");
        let inner = Scope {
            nodes: scope.clone(),
            learned: scope,
        };
        self.scoped(inner, build)
    }

    /// What `build` adds, with `scope/` before the names of nodes and running statistics alone:
    /// another run of layers that are there already, whose weights, scales and shifts it shares.
    pub(in crate::space) fn rerun<T>(
        &mut self,
        scope: &str,
        build: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let inner = Scope {
            nodes: format!("{scope}/"),
            learned: String::new(),
        };
        self.scoped(inner, build)
    }

    fn scoped<T>(&mut self, inner: Scope, build: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.scope, inner);
        let built = build(self);
        self.scope = outer;
        built
    }

    fn push(&mut self, name: &str, op: Op, inputs: &[TensorId]) -> Result<TensorId, BuildError> {
        let name = format!("{}{name}", self.scope.nodes);
        self.builder.push(name, op, inputs)
    }

    /// The learned parameter called `name`, which is new unless another run has it.
    fn learned(&mut self, name: &str, shape: impl Into<kernels::Shape>) -> TensorId {
        let name = format!("{}{name}", self.scope.learned);
        self.parameter(name, shape)
    }

    fn parameter(&mut self, name: String, shape: impl Into<kernels::Shape>) -> TensorId {
        if let Some(&known) = self.parameters.get(&name) {
            return known;
        }
        let parameter = self.builder.parameter(name.clone(), shape);
        self.parameters.insert(name, parameter);
        parameter
    }

    pub(in crate::space) fn input(&mut self, name: &str, shape: [usize; 4]) -> TensorId {
        self.builder.input(name, shape, DataType::F32)
    }

    /// Height and width of a `[n, h, w, c]` tensor.
    pub(in crate::space) fn size(&self, x: TensorId) -> [usize; 2] {
        let shape = self.builder.shape(x);
        [shape[1], shape[2]]
    }

    pub(in crate::space) fn channels(&self, x: TensorId) -> usize {
        self.builder.shape(x)[3]
    }

    /// A `kernel x kernel` convolution with TensorFlow's `SAME` padding.
    pub(in crate::space) fn conv(
        &mut self,
        name: &str,
        x: TensorId,
        out_c: usize,
        kernel: usize,
        stride: usize,
        bias: Bias,
    ) -> Result<TensorId, BuildError> {
        let in_c = self.channels(x);
        let weights = self.learned(&format!("{name}/weights"), [out_c, kernel, kernel, in_c]);
        let mut operands = vec![x, weights];
        if bias == Bias::Learned {
            operands.push(self.learned(&format!("{name}/bias"), [out_c]));
        }
        let conv = Conv2d {
            stride: [stride; 2],
            dilation: [1; 2],
            padding: Padding::same(self.size(x), [kernel; 2], [stride; 2], [1; 2]),
            groups: 1,
            fused: Fused::None,
        };
        self.push(name, Op::Conv2d(conv), &operands)
    }

    /// A `kernel x kernel` depthwise convolution without bias, `SAME` padding.
    pub(in crate::space) fn depthwise(
        &mut self,
        name: &str,
        x: TensorId,
        kernel: usize,
        stride: usize,
    ) -> Result<TensorId, BuildError> {
        let c = self.channels(x);
        let weights = self.learned(&format!("{name}/weights"), [1, kernel, kernel, c]);
        let conv = DepthwiseConv2d {
            stride: [stride; 2],
            dilation: [1; 2],
            padding: Padding::same(self.size(x), [kernel; 2], [stride; 2], [1; 2]),
            multiplier: 1,
            fused: Fused::None,
        };
        self.push(name, Op::DepthwiseConv2d(conv), &[x, weights])
    }

    pub(in crate::space) fn batch_norm(
        &mut self,
        name: &str,
        x: TensorId,
    ) -> Result<TensorId, BuildError> {
        let c = self.channels(x);
        let mut operands = vec![x];
        for part in ["gamma", "beta"] {
            operands.push(self.learned(&format!("{name}/{part}"), [c]));
        }
        for part in ["mean", "variance"] {
            let name = format!("{}{name}/{part}", self.scope.nodes);
            operands.push(self.parameter(name, [c]));
        }
        let epsilon = BATCH_NORM_EPSILON;
        self.push(name, Op::BatchNorm { epsilon }, &operands)
    }

    pub(in crate::space) fn relu6(
        &mut self,
        name: &str,
        x: TensorId,
    ) -> Result<TensorId, BuildError> {
        self.push(name, Op::Unary(Unary::Relu6), &[x])
    }

    pub(in crate::space) fn add(
        &mut self,
        name: &str,
        x: TensorId,
        y: TensorId,
    ) -> Result<TensorId, BuildError> {
        let add = Binary {
            kind: BinaryKind::Add,
            fused: Fused::None,
        };
        self.push(name, Op::Binary(add), &[x, y])
    }

    /// The sum of one tensor or more, one after another.
    pub(in crate::space) fn sum(
        &mut self,
        name: &str,
        terms: &[TensorId],
    ) -> Result<TensorId, BuildError> {
        let mut sum = terms[0];
        for (number, &term) in terms.iter().enumerate().skip(1) {
            sum = self.add(&format!("{name}/add{number}"), sum, term)?;
        }
        Ok(sum)
    }

    pub(in crate::space) fn multiply(
        &mut self,
        name: &str,
        x: TensorId,
        y: TensorId,
    ) -> Result<TensorId, BuildError> {
        let multiply = Binary {
            kind: BinaryKind::Mul,
            fused: Fused::None,
        };
        self.push(name, Op::Binary(multiply), &[x, y])
    }

    /// One number to multiply with, of this run alone.
    pub(in crate::space) fn scale(&mut self, name: &str) -> TensorId {
        let name = format!("{}{name}", self.scope.nodes);
        self.parameter(name, [1; 4])
    }

    pub(in crate::space) fn sigmoid(
        &mut self,
        name: &str,
        x: TensorId,
    ) -> Result<TensorId, BuildError> {
        self.push(name, Op::Unary(Unary::Sigmoid), &[x])
    }

    /// The channels of all, one after another.
    pub(in crate::space) fn concat(
        &mut self,
        name: &str,
        all: &[TensorId],
    ) -> Result<TensorId, BuildError> {
        self.push(name, Op::Concat { axis: 3 }, all)
    }

    /// The channels from `first` up to, not including, `end`.
    pub(in crate::space) fn channels_of(
        &mut self,
        name: &str,
        x: TensorId,
        [first, end]: [usize; 2],
    ) -> Result<TensorId, BuildError> {
        let mut extents = self.builder.shape(x).to_vec();
        extents[3] = end;
        let slice = Slice {
            begin: vec![0, 0, 0, first],
            end: extents,
            stride: vec![1; 4],
        };
        self.push(name, Op::Slice(slice), &[x])
    }

    /// Half the height and width: the maximum over 3x3 windows, `SAME` padding.
    pub(in crate::space) fn halve(
        &mut self,
        name: &str,
        x: TensorId,
    ) -> Result<TensorId, BuildError> {
        let pool = Pool2d {
            kind: PoolKind::Max,
            kernel: [3; 2],
            stride: [2; 2],
            padding: Padding::same(self.size(x), [3; 2], [2; 2], [1; 2]),
        };
        self.push(name, Op::Pool2d(pool), &[x])
    }

    pub(in crate::space) fn resize(
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
        self.push(name, Op::Resize(resize), &[x])
    }

    /// Depthwise 3x3 and 1x1 to `out_c`, with one batch norm at the end.
    pub(in crate::space) fn separable(
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
    pub(in crate::space) fn conv_norm(
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

    pub(in crate::space) fn output(&mut self, x: TensorId) {
        self.builder.output(x);
    }

    pub(in crate::space) fn finish(self) -> kernels::Graph {
        self.builder.finish()
    }
}
