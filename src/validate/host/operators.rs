//! Networks of one operator, as exported int8 models hold it: integers in, dequantized, computed
//! in float, quantized, integers out.

use anyhow::Result;
use kernels::op::{
    Binary, BinaryKind, Conv2d, Coordinates, DepthwiseConv2d, Fused, Padding, Pool2d, PoolKind,
    Resize, ResizeMode, Unary,
};
use kernels::{Data, DataType, GraphBuilder, Op, Quantization, TensorId, Verified, verify};

/// A convolution over a square image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) side: usize,
    pub(super) kernel: usize,
    pub(super) stride: usize,
    pub(super) in_c: usize,
    pub(super) out_c: usize,
}

/// `window` as a convolution with ReLU6.
pub(super) fn conv(window: Window) -> Result<Verified> {
    let mut maker = Maker::new();
    let x = maker.input([1, window.side, window.side, window.in_c]);
    let shape = [window.out_c, window.kernel, window.kernel, window.in_c];
    let operands = maker.parameters(x, &shape, 0);
    let op = Op::Conv2d(Conv2d {
        stride: [window.stride; 2],
        dilation: [1; 2],
        padding: window.padding(),
        groups: 1,
        fused: Fused::Relu6,
    });
    maker.node("y", op, &operands)?;
    maker.finish()
}

/// `window` as a depthwise convolution with ReLU6; it has as many output as input channels.
pub(super) fn depthwise(window: Window) -> Result<Verified> {
    let mut maker = Maker::new();
    let x = maker.input([1, window.side, window.side, window.in_c]);
    let shape = [1, window.kernel, window.kernel, window.in_c];
    let operands = maker.parameters(x, &shape, 3);
    let op = Op::DepthwiseConv2d(DepthwiseConv2d {
        stride: [window.stride; 2],
        dilation: [1; 2],
        padding: window.padding(),
        multiplier: 1,
        fused: Fused::Relu6,
    });
    maker.node("y", op, &operands)?;
    maker.finish()
}

/// A matrix product of one row of `window`'s channels.
pub(super) fn dense(window: Window) -> Result<Verified> {
    let mut maker = Maker::new();
    let x = maker.input([1, window.in_c]);
    let operands = maker.parameters(x, &[window.out_c, window.in_c], 0);
    let op = Op::Dense { fused: Fused::None };
    maker.node("y", op, &operands)?;
    maker.finish()
}

/// Additions of two images, one after another.
pub(super) fn additions(shape: [usize; 4], count: usize) -> Result<Verified> {
    let mut maker = Maker::new();
    let mut sum = maker.input(shape);
    let other = maker.input(shape);
    for index in 0..count {
        let add = Op::Binary(Binary {
            kind: BinaryKind::Add,
            fused: Fused::None,
        });
        sum = maker.node(&format!("y{index}"), add, &[sum, other])?;
    }
    maker.finish()
}

/// One network for each operator whose cost per byte is not an addition's. A quantized softmax is
/// not among them: tract computes something else.
pub(super) fn others(shape: [usize; 4]) -> Result<Vec<Verified>> {
    let [_, height, width, _] = shape;
    let pool = |kind| {
        Op::Pool2d(Pool2d {
            kind,
            kernel: [3; 2],
            stride: [2; 2],
            padding: Padding::same([height, width], [3; 2], [2; 2], [1; 2]),
        })
    };
    let resize = |mode| {
        Op::Resize(Resize {
            mode,
            coordinates: Coordinates::Asymmetric,
            size: [2 * height, 2 * width],
        })
    };
    let mut networks = Vec::new();
    for op in [
        resize(ResizeMode::Nearest),
        resize(ResizeMode::Bilinear),
        pool(PoolKind::Max),
        pool(PoolKind::Average),
        Op::GlobalAveragePool { keep_dims: true },
        Op::Unary(Unary::Sigmoid),
        Op::Unary(Unary::HardSwish),
        Op::ArgMax { axis: 3 },
    ] {
        let mut maker = Maker::new();
        let x = maker.input(shape);
        maker.node("y", op, &[x])?;
        networks.push(maker.finish()?);
    }
    let mut maker = Maker::new();
    let operands = [maker.input(shape), maker.input(shape)];
    maker.node("y", Op::Concat { axis: 3 }, &operands)?;
    networks.push(maker.finish()?);
    Ok(networks)
}

/// Inputs of `graph`, filled with the integers from end to end.
pub(super) fn inputs(graph: &Verified) -> Vec<Data> {
    let elements = |id: &TensorId| Data::I8(integers(graph[*id].shape.elements()));
    graph.inputs.iter().map(elements).collect()
}

impl Window {
    fn padding(&self) -> Padding {
        Padding::same([self.side; 2], [self.kernel; 2], [self.stride; 2], [1; 2])
    }
}

/// A graph under construction whose activations share one quantization.
struct Maker {
    builder: GraphBuilder,
    last: Option<TensorId>,
    inputs: usize,
}

impl Maker {
    fn new() -> Self {
        Self {
            builder: GraphBuilder::new("operator"),
            last: None,
            inputs: 0,
        }
    }

    fn input<const RANK: usize>(&mut self, shape: [usize; RANK]) -> TensorId {
        let name = format!("x{}", self.inputs);
        self.inputs += 1;
        let id = self.builder.input(name, shape, DataType::I8);
        self.quantize(id);
        id
    }

    /// `x`, weights with a scale per index of `axis`, and a bias.
    fn parameters(&mut self, x: TensorId, shape: &[usize], axis: usize) -> [TensorId; 3] {
        let out_c = shape[axis];
        let count = shape.iter().product();
        let scales = |scale| Some(Quantization::per_channel(vec![scale; out_c], axis));
        let weights = Data::I8(integers(count));
        let weights =
            self.builder
                .constant("weights", shape.to_vec(), weights, scales(1.0 / 128.0));
        let scales = Some(Quantization::per_channel(vec![SCALE / 128.0; out_c], 0));
        let bias = Data::I32(vec![1; out_c].into());
        let bias = self.builder.constant("bias", [out_c], bias, scales);
        [x, weights, bias]
    }

    fn node(&mut self, name: &str, op: Op, inputs: &[TensorId]) -> Result<TensorId> {
        let id = self.builder.push(name, op, inputs)?;
        if self.builder.tensor_mut(id).dtype == DataType::I8 {
            self.quantize(id);
        }
        self.last = Some(id);
        Ok(id)
    }

    fn quantize(&mut self, id: TensorId) {
        self.builder.tensor_mut(id).quantization = Some(Quantization::per_tensor(SCALE, -128));
    }

    fn finish(mut self) -> Result<Verified> {
        if let Some(last) = self.last {
            self.builder.output(last);
        }
        Ok(verify(self.builder.finish())?)
    }
}

/// ReLU6 fills the integers: 6 / 255.
const SCALE: f32 = 6.0 / 255.0;

fn integers(count: usize) -> std::sync::Arc<[i8]> {
    (-128..=127_i8).cycle().step_by(37).take(count).collect()
}
