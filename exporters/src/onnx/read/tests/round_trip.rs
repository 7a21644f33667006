//! The writer's files read back to the graph that was written.

use kernels::eval::evaluate;
use kernels::live::live;
use kernels::op::{Binary, BinaryKind, Conv2d, Fused, Padding, Unary};
use kernels::{Data, DataType, GraphBuilder, Op, Quantization, Verified, verify};

use super::made::dump;
use crate::onnx::{ReadOptions, read, write};
use crate::{Metadata, samples};

fn read_back(graph: &Verified) -> Verified {
    let bytes = write(graph, &Metadata::default()).unwrap();
    read(&bytes, &ReadOptions::default()).unwrap()
}

#[test]
fn the_samples_come_back_as_they_were() {
    for graph in [samples::small_float(), samples::small_int8()] {
        assert_eq!(read_back(&graph), live(&graph));
    }
}

/// What moves integers is written without their scales, which nothing in the file then states.
fn as_far_as_the_file_says(graph: &Verified) -> Verified {
    let mut graph = Verified::into_graph(graph.clone());
    if matches!(
        graph.nodes[0].op,
        Op::Reshape { .. } | Op::Transpose { .. } | Op::Slice(_)
    ) {
        for tensor in &mut graph.tensors {
            tensor.quantization = None;
        }
    }
    verify(graph).unwrap()
}

#[test]
fn every_operator_comes_back() {
    for op in samples::operators() {
        for int8 in [false, true] {
            let graph = samples::of_one(op.clone(), int8);
            let expected = as_far_as_the_file_says(&graph);
            assert_eq!(read_back(&graph), expected, "{op:?}");
        }
    }
    for (op, int8) in [
        (Op::Quantize, false),
        (Op::Dequantize, true),
        (Op::BatchNorm { epsilon: 1e-3 }, false),
    ] {
        let graph = samples::of_one(op, int8);
        assert_eq!(read_back(&graph), graph);
    }
}

/// An index of 64 bits, and integers that move to another grid.
#[test]
fn element_types_come_back() {
    let mut graph = samples::of_one(Op::ArgMax { axis: 3 }, false).into_graph();
    let y = graph.outputs[0].index();
    graph.tensors[y].dtype = DataType::I64;
    let graph = verify(graph).unwrap();
    assert_eq!(read_back(&graph), graph);

    let mut b = GraphBuilder::new("moved");
    let x = b.input("x", [1, 4, 4, 2], DataType::I8);
    b.tensor_mut(x).quantization = Some(Quantization::per_tensor(0.5, 1));
    let y = b.push("y", Op::Quantize, &[x]).unwrap();
    b.tensor_mut(y).quantization = Some(Quantization::per_tensor(0.25, -3));
    b.output(y);
    let graph = verify(b.finish()).unwrap();
    assert_eq!(read_back(&graph), graph);
}

/// A residual block in int8 whose parts share weights, with a scale per channel, evaluates to the
/// same integers.
#[test]
fn what_comes_back_evaluates_to_the_same_integers() {
    let mut b = GraphBuilder::new("block");
    let x = b.input("x", [1, 6, 5, 3], DataType::I8);
    let steps = |count: usize| (0..count).map(|i| i8::try_from(i * 29 % 255).unwrap_or(-77));
    let scales = Quantization::per_channel(vec![0.01, 0.02, 0.03], 0);
    let w = b.constant(
        "w",
        [3, 3, 3, 3],
        Data::I8(steps(81).collect()),
        Some(scales),
    );
    let scales = Quantization::per_channel(vec![0.005, 0.01, 0.015], 0);
    let bias = b.constant("b", [3], Data::I32(vec![-100, 0, 7].into()), Some(scales));
    let conv = |fused| {
        Op::Conv2d(Conv2d {
            stride: [1, 1],
            dilation: [1, 1],
            padding: Padding::same([6, 5], [3, 3], [1, 1], [1, 1]),
            groups: 1,
            fused,
        })
    };
    let first = b.push("first", conv(Fused::Relu6), &[x, w, bias]).unwrap();
    let second = b
        .push("second", conv(Fused::None), &[first, w, bias])
        .unwrap();
    let add = Op::Binary(Binary {
        kind: BinaryKind::Add,
        fused: Fused::Relu,
    });
    let sum = b.push("sum", add, &[second, x]).unwrap();
    let shape = vec![1, 90];
    let flat = b.push("flat", Op::Reshape { shape }, &[sum]).unwrap();
    let scales = Quantization::per_channel(vec![0.01, 0.02], 0);
    let matrix = Data::I8(steps(180).collect());
    let matrix = b.constant("matrix", [2, 90], matrix, Some(scales));
    let dense = Op::Dense { fused: Fused::None };
    let scores = b.push("scores", dense, &[flat, matrix]).unwrap();
    b.output(scores);
    for (id, scale, zero_point) in [
        (x, 0.5, 3),
        (first, 0.5, -128),
        (second, 0.25, 4),
        (sum, 0.5, -100),
        (flat, 0.5, -100),
        (scores, 2.0, 0),
    ] {
        b.tensor_mut(id).quantization = Some(Quantization::per_tensor(scale, zero_point));
    }
    let graph = verify(b.finish()).unwrap();
    let back = read_back(&graph);
    let image = Data::I8(steps(90).collect());
    let run = |graph: &Verified| evaluate(graph, std::slice::from_ref(&image)).unwrap();
    assert_eq!(run(&back), run(&graph));
    assert_eq!(dump(&back), dump(&graph));
    assert_eq!(back, graph);
}

/// An operand of four dimensions lies channels second in the file; beside one of five it does not.
#[test]
fn an_image_beside_five_dimensions_is_the_same_values() {
    let mut b = GraphBuilder::new("wide");
    let x = b.input("x", [1, 2, 3, 2, 4], DataType::F32);
    let y = b.input("y", [2, 3, 2, 4], DataType::F32);
    let image = b.push("image", Op::Unary(Unary::Relu), &[y]).unwrap();
    let sum = Binary {
        kind: BinaryKind::Add,
        fused: Fused::None,
    };
    let z = b.push("z", Op::Binary(sum), &[x, image]).unwrap();
    b.output(z);
    let graph = verify(b.finish()).unwrap();
    let values = |step: f32| Data::F32((0..48_u8).map(|i| f32::from(i) * step).collect());
    let inputs = [values(1.0), values(0.01)];
    let back = read_back(&graph);
    assert_eq!(evaluate(&back, &inputs), evaluate(&graph, &inputs));
}
