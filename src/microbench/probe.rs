//! One network of a sweep: what it is called, what it shows, and the parts that many share.

use hwmodels::task::Class;
use kernels::Verified;
use kernels::op::{Coordinates, Fused, Padding, Pool2d, PoolKind, Resize, ResizeMode, Unary};
use kernels::{Op, cost::Cost, cost::graph_cost};

use super::layers::{Layers, NetworkError, Values, Window};

/// A network that shows one thing that a machine does.
#[derive(Clone, Debug)]
pub struct Probe {
    /// Unique in its sweep: letters, digits, `_` and `-`.
    pub id: String,
    /// Probes of one family differ in one or two numbers.
    pub family: &'static str,
    /// What can be told from its latency, beside those of its family.
    pub isolates: String,
    /// The network, its parameters with values.
    pub network: Verified,
}

impl Probe {
    /// Multiply-accumulates, parameters and bytes.
    #[must_use]
    pub fn cost(&self) -> Cost {
        graph_cost(&self.network)
    }

    /// Bytes of all inputs, and of all outputs.
    #[must_use]
    pub fn ends_bytes(&self) -> [u64; 2] {
        let network = &self.network;
        [&network.inputs, &network.outputs].map(|ids| {
            let bytes = ids.iter().map(|id| network[*id].bytes() as u64);
            bytes.sum()
        })
    }
}

/// A convolution or matrix product of one class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Nest {
    pub(crate) class: Class,
    /// Rows and columns of the input.
    pub(crate) side: usize,
    pub(crate) kernel: usize,
    pub(crate) stride: usize,
    pub(crate) in_c: usize,
    /// As `in_c` for depthwise convolutions.
    pub(crate) out_c: usize,
}

impl Nest {
    /// `conv_k3s2_64x64_24_32`.
    pub(super) fn id(&self) -> String {
        let Self {
            side,
            kernel,
            stride,
            in_c,
            out_c,
            ..
        } = self;
        let class = self.class.name();
        match self.class {
            Class::Dense => format!("{class}_{in_c}_{out_c}"),
            Class::Pointwise => format!("{class}_{side}x{side}_{in_c}_{out_c}"),
            Class::Depthwise => format!("{class}_k{kernel}s{stride}_{side}x{side}_{in_c}"),
            Class::Conv => format!("{class}_k{kernel}s{stride}_{side}x{side}_{in_c}_{out_c}"),
        }
    }

    /// The shape of its input.
    pub(super) fn input(&self) -> Vec<usize> {
        match self.class {
            Class::Dense => vec![1, self.in_c],
            Class::Conv | Class::Pointwise | Class::Depthwise => {
                vec![1, self.side, self.side, self.in_c]
            }
        }
    }

    /// Whether it is a 1x1 convolution to fewer channels, which inverted bottlenecks end in.
    fn projects(&self) -> bool {
        self.class == Class::Pointwise && self.out_c < self.in_c
    }

    /// Whether inverted bottlenecks have a rectifier before it.
    pub(super) fn reads_rectified(&self) -> bool {
        self.class == Class::Depthwise || self.projects()
    }

    /// Adds it to a network, with a rectifier unless it projects.
    pub(super) fn push(&self, layers: &mut Layers) -> Result<(), NetworkError> {
        let projects = self.projects();
        let window = Window {
            kernel: [self.kernel; 2],
            stride: [self.stride; 2],
            fused: if projects { Fused::None } else { Fused::Relu6 },
        };
        match self.class {
            Class::Conv | Class::Pointwise => layers.conv(self.out_c, window),
            Class::Depthwise => layers.depthwise(window),
            Class::Dense => layers.dense(self.out_c, Fused::Relu6),
        }
    }
}

/// The operators without multiply-accumulates whose cost per byte is each their own, on images of
/// `side`; all but the concatenation, which takes two operands.
///
/// A quantized softmax is not among them: tract computes something else.
pub(super) fn elementwise(side: usize) -> [Op; 8] {
    let pool = |kind| {
        Op::Pool2d(Pool2d {
            kind,
            kernel: [3; 2],
            stride: [2; 2],
            padding: Padding::same([side; 2], [3; 2], [2; 2], [1; 2]),
        })
    };
    let resize = |mode| {
        Op::Resize(Resize {
            mode,
            coordinates: Coordinates::Asymmetric,
            size: [2 * side; 2],
        })
    };
    [
        resize(ResizeMode::Nearest),
        resize(ResizeMode::Bilinear),
        pool(PoolKind::Max),
        pool(PoolKind::Average),
        Op::GlobalAveragePool { keep_dims: true },
        Op::Unary(Unary::Sigmoid),
        Op::Unary(Unary::HardSwish),
        Op::ArgMax { axis: 3 },
    ]
}

/// `count` additions in a row of two inputs of `shape`.
pub(super) fn additions(
    name: &str,
    shape: [usize; 4],
    count: usize,
    values: Values,
) -> Result<Verified, NetworkError> {
    let mut layers = Layers::new(name, shape, values);
    let other = layers.second_input();
    for _ in 0..count {
        layers.add(other)?;
    }
    layers.finish()
}
