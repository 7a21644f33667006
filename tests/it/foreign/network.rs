//! A whole network in float, and in int8 as the quantizer makes it.

use ednas::quantize::{calibrate, quantize};
use ednas::space::ednas::{FusedDefinition, NetworkOptions, Upsampling};
use ednas::space::model::Model;
use ednas::task::Task;
use kernels::eval::to_integers;
use kernels::op::Coordinates;
use kernels::tensor::Content;
use kernels::{Data, Tensor, Verified, fold, verify};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::Tolerance;
use super::runtime::Case;

/// `mt-edge` at 128x128 with random weights, calibrated on two images of noise.
pub(super) fn mt_edge() -> [Case; 2] {
    let options = NetworkOptions {
        size: [128, 128],
        tasks: vec![Task::Segmentation, Task::Depth, Task::Normals],
        classes: ednas::task::SEGMENTATION_CLASSES,
        upsampling: Upsampling::bilinear(Coordinates::HalfPixel),
    };
    let fused = FusedDefinition::LateSeparable { first_block: 9 };
    let model = Model::parse("mt-edge", fused).unwrap();
    let mut random = Pcg64Mcg::seed_from_u64(3);
    let float = fold(&initialized(
        &model.networks(&options).unwrap()[0],
        &mut random,
    ));
    let pixels = float[float.inputs[0]].shape.elements();
    let images: Vec<Vec<f32>> = (0..3)
        .map(|_| {
            (0..pixels)
                .map(|_| random.random_range(-1.0..1.0))
                .collect()
        })
        .collect();
    let load = |i: usize| vec![Data::F32(images[i].as_slice().into())];
    let graph = quantize(&float, &calibrate(&float, 2, load).unwrap()).unwrap();
    let input = to_integers(&graph[graph.inputs[0]], &images[2]).unwrap();
    [
        Case {
            name: "mt-edge".to_owned(),
            graph: float,
            inputs: load(2),
            tolerance: Tolerance::FloatNetwork,
        },
        Case {
            name: "mt-edge-int8".to_owned(),
            graph,
            inputs: vec![input],
            tolerance: Tolerance::Exact,
        },
    ]
}

/// `graph` with values that keep the size of what flows.
fn initialized(graph: &Verified, random: &mut Pcg64Mcg) -> Verified {
    let mut graph = Verified::into_graph(graph.clone());
    for tensor in &mut graph.tensors {
        if tensor.content == Content::Parameter {
            let [least, most] = bounds(tensor);
            let elements = tensor.shape.elements();
            let values = (0..elements).map(|_| random.random_range(least..most));
            tensor.content = Content::Constant(Data::F32(values.collect()));
        }
    }
    verify(graph).unwrap()
}

/// Between what random values of a parameter lie: He's for weights, around 1 for what scales,
/// around 0 for what shifts.
fn bounds(tensor: &Tensor) -> [f32; 2] {
    if let Some([_, h, w, c]) = tensor.shape.nhwc() {
        let depthwise = tensor.shape[0] == 1;
        let fan_in = u16::try_from(if depthwise { h * w } else { h * w * c }).unwrap();
        let spread = (6.0 / f32::from(fan_in)).sqrt();
        return [-spread, spread];
    }
    let scales = ["gamma", "variance"]
        .iter()
        .any(|role| tensor.name.ends_with(role));
    if scales { [0.7, 1.3] } else { [-0.3, 0.3] }
}
