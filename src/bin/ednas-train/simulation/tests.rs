//! Whole networks against the integer evaluator, and gradients that can be worked out by hand.

use std::sync::Arc;

use ednas::space::ednas::{FusedDefinition, Upsampling};
use ednas::task::Task;
use ednas::train::{DataChoice, Judged, Recipe, Training};
use ednas::validate::agreement::Agreement;
use kernels::eval::{evaluate, to_integers};
use kernels::fold::fold;
use kernels::live::live;
use kernels::op::{Conv2d, Fused, Padding};
use kernels::{Data, DataType, GraphBuilder, Op, verify};
use tch::Kind;

use super::*;
use crate::int8::tests::between;
use crate::parameters::to_vec;

fn training(network: &str, upsampling: &str) -> Training {
    Training {
        network: network.to_owned(),
        fused: FusedDefinition::default(),
        tasks: vec![Task::Depth],
        height: 128,
        width: 128,
        classes: ednas::task::SEGMENTATION_CLASSES,
        upsampling: upsampling.parse::<Upsampling>().unwrap(),
        data: DataChoice {
            name: "scenes".to_owned(),
            seed: 0,
            train: 1,
            validation: 0,
            judged_on: Judged::Validation,
        },
        recipe: Recipe::of_steps(1),
        seed: 0,
        start: None,
        inherit: None,
    }
}

/// An untrained network as fine-tuning sees it: folded, and its parameters.
fn folded(training: &Training) -> (Verified, Weights) {
    let graph = live(&training.graph().unwrap());
    let filled = Weights::initial(&graph, 7).fill(&graph).unwrap();
    Weights::take(&fold(&filled))
}

fn images() -> (Vec<Arc<Sample>>, Tensor) {
    let data = ednas::data::Dataset::open("scenes", 128, 128, 0).unwrap();
    let samples = data.samples(ednas::data::Split::Train, &[0]).unwrap();
    let samples: Vec<Arc<Sample>> = samples.into_iter().map(Arc::new).collect();
    let (images, _) = tensors(&upright(&samples), Device::Cpu);
    (samples, images)
}

/// What training simulates and what is exported, by the same ranges.
fn agreement(network: &str, upsampling: &str) -> Agreement {
    let (graph, weights) = folded(&training(network, upsampling));
    let parameters = Parameters::new(&graph, &weights, Device::Cpu).unwrap();
    let (samples, images) = images();
    let ranges = calibrated(&graph, &parameters, &samples, Device::Cpu).unwrap();
    let simulation = Simulation::new(&graph, ranges, Device::Cpu);
    let (outputs, leaves) = simulation.forward(&parameters, &images).unwrap();
    assert_eq!(
        leaves.len(),
        graph.constant_ids().count(),
        "every parameter learns"
    );

    let filled = weights.fill(&graph).unwrap();
    let int8 = quantize(&filled, &ranges_of(&graph, simulation.ranges())).unwrap();
    let image = to_integers(&int8[int8.inputs[0]], &to_vec(&images)).unwrap();
    let expected = evaluate(&int8, &[image]).unwrap();
    between(&int8, &outputs[0], &expected[0])
}

/// Additions may be a step apart, since `kernels` rounds them in fixed point as LiteRT does, and
/// random weights pass that on.
#[test]
fn a_network_in_training_computes_what_is_exported() {
    for (network, upsampling) in [
        ("mt-edge", "asymmetric"),
        ("ednas-t6", "half_pixel_doubling"),
    ] {
        let agreement = agreement(network, upsampling);
        let within_one = agreement.share_within_one().unwrap();
        assert!(within_one > 0.98, "{network}: {agreement}");
    }
}

/// `y = relu6(w x + b)` of one channel.
fn single(w: f32, b: f32) -> (Verified, Weights) {
    let mut builder = GraphBuilder::new("single");
    let x = builder.input("x", [1, 1, 3, 1], DataType::F32);
    let constant = |values: f32| Data::F32([values].into());
    let weights = builder.constant("w", [1, 1, 1, 1], constant(w), None);
    let bias = builder.constant("b", [1], constant(b), None);
    let conv = Op::Conv2d(Conv2d {
        stride: [1, 1],
        dilation: [1, 1],
        padding: Padding::VALID,
        groups: 1,
        fused: Fused::Relu6,
    });
    let y = builder.push("y", conv, &[x, weights, bias]).unwrap();
    builder.output(y);
    Weights::take(&verify(builder.finish()).unwrap())
}

/// The grid of `x` has a scale of 1/64, that of `y` of 1/32, which ends at 255/32, beyond 6.
fn grids() -> NamedRanges {
    let x = [-1.0, 255.0 / 64.0 - 1.0];
    NamedRanges::from([("x".to_owned(), x), ("y".to_owned(), [0.0, 255.0 / 32.0])])
}

#[test]
fn gradients_are_those_of_the_reals_inside_the_range_and_0_outside() {
    let (graph, weights) = single(2.0, 0.5);
    let parameters = Parameters::new(&graph, &weights, Device::Cpu).unwrap();
    let simulation = Simulation::new(&graph, grids(), Device::Cpu);
    // w x + b is -1 (cut at 0), 1.5, and 6.25 (cut at 6).
    let image = Tensor::from_slice(&[-0.75_f32, 0.5, 2.875]).reshape([1, 1, 3, 1]);
    let (outputs, leaves) = simulation.forward(&parameters, &image).unwrap();
    assert_eq!(to_vec(&outputs[0]), [0.0, 1.5, 6.0]);
    let loss = (&outputs[0] * Tensor::from_slice(&[5.0_f32, 7.0, 11.0]).reshape([1, 1, 3, 1]))
        .sum(Kind::Float);
    // In the order of the graph's tensors: dw = 7 x = 3.5, db = 7.
    let gradient = to_vec(&parameters.gradient(&loss, &leaves));
    let expected = [3.5, 7.0];
    for (found, expected) in gradient.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-4, "{gradient:?}");
    }
}
