//! Facts of nodes that rules ask for.

use hwmodels::task::{FactName, FactValue};

use crate::op::{Coordinates, Op, Padding, Pool2d, PoolKind, Resize, ResizeMode, Slice, Unary};
use crate::verify::verify;
use crate::work::{Precision, tasks};
use crate::{DataType, GraphBuilder};

/// What the first task says of itself.
fn facts(precision: Precision, ops: &[Op]) -> Vec<(FactName, FactValue)> {
    let mut b = GraphBuilder::new("facts");
    let mut x = b.input("x", [1, 8, 8, 16], DataType::F32);
    for (place, op) in ops.iter().enumerate() {
        x = b.push(format!("y{place}"), op.clone(), &[x]).unwrap();
    }
    b.output(x);
    let list = tasks(&verify(b.finish()).unwrap(), precision).unwrap();
    let facts = list.tasks()[0].facts.iter();
    facts.map(|fact| (fact.name, fact.value)).collect()
}

fn of(facts: &[(FactName, FactValue)], name: FactName) -> Vec<String> {
    let found = facts.iter().filter(|fact| fact.0 == name);
    found.map(|fact| fact.1.to_string()).collect()
}

fn pool() -> Op {
    Op::Pool2d(Pool2d {
        kind: PoolKind::Average,
        kernel: [3, 2],
        stride: [2, 1],
        padding: Padding::VALID,
    })
}

#[test]
fn windows_and_shapes() {
    let facts = facts(Precision::AsIs, &[pool()]);
    let expected = [
        (FactName::ElementType, "float32"),
        (FactName::OuterExtent, "1"),
        (FactName::Batch, "1"),
        (FactName::InC, "16"),
        (FactName::Rows, "64"),
        (FactName::OutputElements, "336"),
        (FactName::KernelH, "3"),
        (FactName::KernelW, "2"),
        (FactName::KernelArea, "6"),
        (FactName::StrideH, "2"),
        (FactName::StrideW, "1"),
        (FactName::Padding, "valid"),
        (FactName::ActivationBehind, "none"),
    ];
    for (name, value) in expected {
        assert_eq!(of(&facts, name), [value], "{}", name.name());
    }
}

#[test]
fn an_activation_behind_is_told() {
    let facts = facts(Precision::Int8, &[pool(), Op::Unary(Unary::Relu6)]);
    assert_eq!(of(&facts, FactName::ActivationBehind), ["relu6"]);
    assert_eq!(of(&facts, FactName::ElementType), ["int8"]);
}

#[test]
fn a_slice_says_its_largest_step() {
    let slice = Op::Slice(Slice {
        begin: vec![0; 4],
        end: vec![1, 8, 8, 16],
        stride: vec![1, 2, 1, 1],
    });
    let facts = facts(Precision::AsIs, &[slice]);
    assert_eq!(of(&facts, FactName::StrideH), ["2"]);
}

/// From 8 x 8 pixels: the factor, 0 where it is no whole number.
#[test]
fn a_resize_says_how_much_it_grows() {
    let scales = |size: [usize; 2], coordinates| {
        let mode = ResizeMode::Bilinear;
        let resize = Resize {
            mode,
            coordinates,
            size,
        };
        let facts = facts(Precision::AsIs, &[Op::Resize(resize)]);
        [FactName::ScaleH, FactName::ScaleW].map(|name| of(&facts, name).concat())
    };
    assert_eq!(scales([16, 32], Coordinates::HalfPixel), ["2", "4"]);
    assert_eq!(scales([12, 4], Coordinates::Asymmetric), ["0", "0"]);
    assert_eq!(scales([15, 8], Coordinates::AlignCorners), ["2", "1"]);
    assert_eq!(scales([8, 8], Coordinates::Asymmetric), ["", ""]);
}
