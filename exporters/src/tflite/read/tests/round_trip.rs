//! The writer's files read back to the graph that was written.

use kernels::eval::evaluate;
use kernels::live::live;
use kernels::op::{Conv2d, Fused, Padding, Pool2d, PoolKind, Unary};
use kernels::{Data, DataType, GraphBuilder, Op, Quantization, Verified, verify};

use crate::tflite::{read, write};
use crate::{Metadata, samples};

fn written(graph: &Verified) -> Vec<u8> {
    write(graph, &Metadata::default()).unwrap()
}

#[test]
fn the_samples_come_back_as_they_were() {
    for graph in [samples::small_float(), samples::small_int8()] {
        assert_eq!(read(&written(&graph)).unwrap(), live(&graph));
    }
}

#[test]
fn every_operator_comes_back() {
    for op in samples::operators() {
        for int8 in [false, true] {
            let graph = samples::of_one(op.clone(), int8);
            assert_eq!(read(&written(&graph)).unwrap(), graph, "{op:?}");
        }
    }
    for (op, int8) in [(Op::Quantize, false), (Op::Dequantize, true)] {
        let graph = samples::of_one(op, int8);
        assert_eq!(read(&written(&graph)).unwrap(), graph);
    }
}

#[test]
fn an_index_of_64_bits_comes_back() {
    let mut graph = samples::of_one(Op::ArgMax { axis: 3 }, false).into_graph();
    let y = graph.outputs[0].index();
    graph.tensors[y].dtype = DataType::I64;
    let graph = verify(graph).unwrap();
    assert_eq!(read(&written(&graph)).unwrap(), graph);
}

/// What the writer had to add stays: a bias of zeros, a `PAD`, a batch norm in two.
#[test]
fn what_the_writer_adds_is_read_as_written() {
    let mut b = GraphBuilder::new("added");
    let x = b.input("x", [1, 4, 4, 2], DataType::F32);
    let w = b.constant("w", [2, 3, 3, 2], Data::F32(vec![0.5; 36].into()), None);
    let conv = Conv2d {
        stride: [2, 2],
        dilation: [1, 1],
        padding: Padding {
            top: 1,
            bottom: 1,
            left: 1,
            right: 1,
        },
        groups: 1,
        fused: Fused::None,
    };
    let conv = b.push("conv", Op::Conv2d(conv), &[x, w]).unwrap();
    let [gamma, beta, mean, variance] = ["gamma", "beta", "mean", "variance"]
        .map(|name| b.constant(name, [2], Data::F32(vec![1.0, 2.0].into()), None));
    let norm = Op::BatchNorm { epsilon: 1e-3 };
    let operands = [conv, gamma, beta, mean, variance];
    let norm = b.push("norm", norm, &operands).unwrap();
    b.output(norm);
    let bytes = written(&verify(b.finish()).unwrap());
    let graph = read(&bytes).unwrap();
    let names: Vec<&str> = graph.nodes.iter().map(|node| node.op.name()).collect();
    assert_eq!(names, ["pad", "conv2d", "mul", "add"]);
    assert_eq!(read(&written(&graph)).unwrap(), graph);
}

/// Zeros around what is never negative leave a maximum as it is, by ReLU or by the grid.
#[test]
fn a_maximum_of_what_is_never_negative_is_padded_with_zeros() {
    for int8 in [false, true] {
        let mut b = GraphBuilder::new("pool");
        let dtype = if int8 { DataType::I8 } else { DataType::F32 };
        let x = b.input("x", [1, 5, 5, 1], dtype);
        let relu = b.push("relu", Op::Unary(Unary::Relu), &[x]).unwrap();
        let pool = Op::Pool2d(Pool2d {
            kind: PoolKind::Max,
            kernel: [3, 3],
            stride: [2, 2],
            padding: Padding {
                top: 1,
                left: 1,
                ..Padding::VALID
            },
        });
        let y = b.push("y", pool, &[relu]).unwrap();
        for (id, zero_point) in [(x, 0), (relu, -128), (y, -128)] {
            b.tensor_mut(id).quantization = int8.then(|| Quantization::per_tensor(0.1, zero_point));
        }
        b.output(y);
        let graph = verify(b.finish()).unwrap();
        let again = read(&written(&graph)).unwrap();
        assert_eq!(again.nodes.len(), 3);
        let input = match int8 {
            true => Data::I8((-12..13).collect()),
            false => Data::F32((-12_i8..13).map(f32::from).collect()),
        };
        let [a, b] =
            [&graph, &again].map(|graph| evaluate(graph, std::slice::from_ref(&input)).unwrap());
        assert_eq!(a, b);
    }
}
