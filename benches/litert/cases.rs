//! What is measured: graphs with random values, each in float and quantized from it.

use anyhow::{Result, bail};
use ednas::quantize::{calibrate, quantize};
use ednas::space::ednas::{FusedDefinition, NetworkOptions, Upsampling};
use ednas::space::model::Model;
use ednas::task::Task;
use exporters::{Metadata, tflite};
use kernels::live::live;
use kernels::op::{
    Binary, BinaryKind, Conv2d, Coordinates, DepthwiseConv2d, Fused, Padding, Resize, ResizeMode,
};
use kernels::tensor::Content;
use kernels::{Data, DataType, GraphBuilder, Op, Tensor, Verified, cost, eval, fold, verify};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// A graph, what it runs on, and the same as a TFLite file.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) graph: Verified,
    pub(crate) inputs: Vec<Data>,
    pub(crate) file: Vec<u8>,
    pub(crate) macs: u64,
}

/// Makes the int8 case and the float case of a name.
type Make = Box<dyn Fn() -> Result<[Case; 2]>>;

/// Every name and how its cases are made: single layers first, then whole networks.
pub(crate) fn all() -> Vec<(String, Make)> {
    let mut all: Vec<(String, Make)> = Vec::new();
    for layer in layers() {
        let name = layer.name.to_owned();
        all.push((name.clone(), Box::new(move || cases(&name, layer.graph()?))));
    }
    for model in ["mt-edge", "ednas-t6"] {
        for side in [128, 256] {
            let name = format!("{model}-{side}");
            let make = move || cases(&format!("{model}-{side}"), network(model, side)?);
            all.push((name, Box::new(make)));
        }
    }
    all
}

/// One operator, its image `[h, w, c]` and the shape of its weights if it has any.
struct Layer {
    name: &'static str,
    image: [usize; 3],
    op: Op,
    weights: Option<[usize; 4]>,
}

fn layers() -> Vec<Layer> {
    let square = |name, kernel, c| Layer {
        name,
        image: [64, 64, c],
        op: conv(64, kernel),
        weights: Some([c, kernel, kernel, c]),
    };
    let depthwise_square = |name, kernel| Layer {
        name,
        image: [64, 64, 96],
        op: depthwise(64, kernel),
        weights: Some([1, kernel, kernel, 96]),
    };
    vec![
        square("conv-3x3-64", 3, 64),
        square("pointwise-64", 1, 64),
        square("pointwise-256", 1, 256),
        depthwise_square("depthwise-3x3-96", 3),
        depthwise_square("depthwise-5x5-96", 5),
        Layer {
            name: "add-96",
            image: [64, 64, 96],
            op: Op::Binary(Binary {
                kind: BinaryKind::Add,
                fused: Fused::Relu6,
            }),
            weights: None,
        },
        Layer {
            name: "bilinear-8x-19",
            image: [32, 32, 19],
            op: Op::Resize(Resize {
                mode: ResizeMode::Bilinear,
                coordinates: Coordinates::HalfPixel,
                size: [256, 256],
            }),
            weights: None,
        },
    ]
}

fn conv(side: usize, kernel: usize) -> Op {
    let (stride, dilation) = ([1, 1], [1, 1]);
    Op::Conv2d(Conv2d {
        stride,
        dilation,
        padding: Padding::same([side; 2], [kernel; 2], stride, dilation),
        groups: 1,
        fused: Fused::Relu6,
    })
}

fn depthwise(side: usize, kernel: usize) -> Op {
    let (stride, dilation) = ([1, 1], [1, 1]);
    Op::DepthwiseConv2d(DepthwiseConv2d {
        stride,
        dilation,
        padding: Padding::same([side; 2], [kernel; 2], stride, dilation),
        multiplier: 1,
        fused: Fused::Relu6,
    })
}

impl Layer {
    /// The float graph of this layer alone; a sum is of two images.
    fn graph(&self) -> Result<Verified> {
        let [h, w, c] = self.image;
        let mut b = GraphBuilder::new(self.name);
        let mut operands = vec![b.input("x", [1, h, w, c], DataType::F32)];
        match self.weights {
            Some(shape) => operands.push(b.parameter("w", shape)),
            None if matches!(self.op, Op::Binary(_)) => {
                operands.push(b.input("y", [1, h, w, c], DataType::F32));
            }
            None => (),
        }
        let result = b.push("result", self.op.clone(), &operands)?;
        b.output(result);
        Ok(verify(b.finish())?)
    }
}

fn network(model: &str, side: usize) -> Result<Verified> {
    let options = NetworkOptions {
        size: [side; 2],
        tasks: vec![Task::Segmentation, Task::Depth, Task::Normals],
        classes: ednas::task::SEGMENTATION_CLASSES,
        upsampling: Upsampling::bilinear(Coordinates::HalfPixel),
    };
    let fused = FusedDefinition::LateSeparable { first_block: 9 };
    let networks = Model::parse(model, fused)?.networks(&options)?;
    let [network] = networks.as_slice() else {
        bail!("{model} is {} networks", networks.len())
    };
    Ok(live(network))
}

/// `graph` with random values, quantized and as it is.
fn cases(name: &str, graph: Verified) -> Result<[Case; 2]> {
    let mut random = Pcg64Mcg::seed_from_u64(3);
    let float = fold(&initialized(graph, &mut random)?);
    let reals: Vec<Vec<f32>> = float
        .inputs
        .iter()
        .map(|&id| uniform(float[id].shape.elements(), [-1.0, 1.0], &mut random))
        .collect();
    let inputs: Vec<Data> = reals
        .iter()
        .map(|x| Data::F32(x.as_slice().into()))
        .collect();
    let int8 = quantize(&float, &calibrate(&float, 1, |_| inputs.clone())?)?;
    let integers = int8.inputs.iter().zip(&reals);
    let integers = integers
        .map(|(&id, x)| eval::to_integers(&int8[id], x))
        .collect::<Result<_, _>>()?;
    Ok([
        case(format!("{name} int8"), int8, integers)?,
        case(format!("{name} float"), float, inputs)?,
    ])
}

fn case(name: String, graph: Verified, inputs: Vec<Data>) -> Result<Case> {
    Ok(Case {
        name,
        file: tflite::write(&graph, &Metadata::default())?,
        macs: cost::graph_cost(&graph).macs,
        graph,
        inputs,
    })
}

/// `graph` with values that keep the size of what flows.
fn initialized(graph: Verified, random: &mut Pcg64Mcg) -> Result<Verified> {
    let mut graph = graph.into_graph();
    for tensor in &mut graph.tensors {
        if tensor.content == Content::Parameter {
            let values = uniform(tensor.shape.elements(), bounds(tensor), random);
            tensor.content = Content::Constant(Data::F32(values.into()));
        }
    }
    Ok(verify(graph)?)
}

/// Between what random values of a parameter lie: He's for weights, around 1 for what scales,
/// around 0 for what shifts.
fn bounds(tensor: &Tensor) -> [f32; 2] {
    if let Some([n, h, w, c]) = tensor.shape.nhwc() {
        let fan_in = if n == 1 { h * w } else { h * w * c };
        let spread = (6.0 / fan_in as f32).sqrt();
        return [-spread, spread];
    }
    let scales = ["gamma", "variance"]
        .iter()
        .any(|role| tensor.name.ends_with(role));
    if scales { [0.7, 1.3] } else { [-0.3, 0.3] }
}

fn uniform(elements: usize, [least, most]: [f32; 2], random: &mut Pcg64Mcg) -> Vec<f32> {
    (0..elements)
        .map(|_| random.random_range(least..most))
        .collect()
}
