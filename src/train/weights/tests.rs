//! Initial values, and filling a graph with them.

use kernels::op::{Coordinates, Resize, ResizeMode};
use kernels::{DataType, GraphBuilder, verify};

use super::*;
use kernels::op::{Conv2d, Fused, Padding};

/// 3x3 convolution, batch norm, 1x1 convolution with bias, resize.
pub(crate) fn tiny() -> Verified {
    let conv = |padding| {
        Op::Conv2d(Conv2d {
            stride: [1; 2],
            dilation: [1; 2],
            padding,
            groups: 1,
            fused: Fused::None,
        })
    };
    let mut b = GraphBuilder::new("tiny");
    let image = b.input("image", [1, 4, 4, 3], DataType::F32);
    let same = Padding::same([4; 2], [3; 2], [1; 2], [1; 2]);
    let w = b.parameter("a/weights", [5, 3, 3, 3]);
    let x = b.push("a", conv(same), &[image, w]).unwrap();
    let norm: Vec<_> = ["gamma", "beta", "mean", "variance"]
        .map(|part| b.parameter(format!("norm/{part}"), [5]))
        .into();
    let operands: Vec<_> = [x].into_iter().chain(norm).collect();
    let x = b
        .push("norm", Op::BatchNorm { epsilon: 1e-3 }, &operands)
        .unwrap();
    let w = b.parameter("b/weights", [2, 1, 1, 5]);
    let bias = b.parameter("b/bias", [2]);
    let x = b.push("b", conv(Padding::VALID), &[x, w, bias]).unwrap();
    let resize = Resize {
        mode: ResizeMode::Bilinear,
        coordinates: Coordinates::HalfPixel,
        size: [8, 8],
    };
    let x = b.push("up", Op::Resize(resize), &[x]).unwrap();
    b.output(x);
    verify(b.finish()).unwrap()
}

#[test]
fn initial_values_follow_the_role() {
    let graph = tiny();
    let weights = Weights::initial(&graph, 1);
    let of = |name: &str| &weights.get(name).unwrap().values;
    assert_eq!(of("norm/gamma"), &[1.0; 5]);
    assert_eq!(of("norm/beta"), &[0.0; 5]);
    assert_eq!(of("norm/mean"), &[0.0; 5]);
    assert_eq!(of("norm/variance"), &[1.0; 5]);
    assert_eq!(of("b/bias"), &[0.0; 2]);
    let bound = (6.0_f32 / 27.0).sqrt();
    let largest = of("a/weights").iter().fold(0.0_f32, |m, v| m.max(v.abs()));
    assert!(largest <= bound && largest > 0.9 * bound);
    let bound = 0.1 * (6.0_f32 / 5.0).sqrt();
    assert!(of("b/weights").iter().all(|v| v.abs() <= bound));
}

#[test]
fn initial_values_are_the_same_on_every_machine() {
    let weights = Weights::initial(&tiny(), 1);
    let first = &weights.get("a/weights").unwrap().values[..3];
    let bits: Vec<u32> = first.iter().map(|v| v.to_bits()).collect();
    expect_test::expect![[r"
        [
            3197159534,
            3194247233,
            1046026549,
        ]
    "]]
    .assert_debug_eq(&bits);
}

#[test]
fn a_shared_layer_starts_alike_and_a_seed_changes_it() {
    let graph = tiny();
    let mut other = graph.clone().into_graph();
    other.name = "other".to_owned();
    let other = verify(other).unwrap();
    let of = |graph: &Verified, seed| Weights::initial(graph, seed).get("a/weights").cloned();
    assert_eq!(of(&graph, 1), of(&other, 1));
    assert_ne!(of(&graph, 1), of(&graph, 2));
}

#[test]
fn filling_gives_every_parameter_its_values() {
    let graph = tiny();
    let weights = Weights::initial(&graph, 1);
    let filled = weights.fill(&graph).unwrap();
    let id = filled.tensor_named("a/weights").unwrap();
    let expected = weights.get("a/weights").unwrap().values.clone();
    assert_eq!(filled[id].data(), Some(&Data::F32(expected.into())));
    assert!(
        filled
            .tensors
            .iter()
            .all(|t| !matches!(t.content, Content::Parameter))
    );
}

#[test]
fn taking_undoes_filling() {
    let graph = tiny();
    let weights = Weights::initial(&graph, 1);
    let filled = weights.fill(&graph).unwrap();
    assert_eq!(Weights::take(&filled), (graph, weights));
}

#[test]
fn filling_names_the_tensor_that_does_not_fit() {
    let graph = tiny();
    let message = |change: &dyn Fn(&mut Weights)| {
        let mut weights = Weights::initial(&graph, 1);
        change(&mut weights);
        weights.fill(&graph).unwrap_err().to_string()
    };
    let missing = message(&|w| {
        w.remove("b/bias");
    });
    assert!(missing.contains("no tensor `b/bias`"), "{missing}");
    let values = |shape: [usize; 1], values: Vec<f32>| Values {
        shape: shape.into(),
        values,
    };
    let shape = message(&|w| w.insert("b/bias".into(), values([3], vec![0.0; 3])));
    assert!(
        shape.contains("`b/bias` of the checkpoint is [3], expected [2]"),
        "{shape}"
    );
    let nan = message(&|w| w.insert("b/bias".into(), values([2], vec![0.0, f32::NAN])));
    assert!(
        nan.contains("`b/bias` of the checkpoint has NaN at index 1"),
        "{nan}"
    );
}
