//! Operators against hand-worked values and against obvious twins.

mod gemm;
mod linear;
mod moves;
mod pointwise;
mod resampling;
mod stepped;
mod walker;

use crate::builder::GraphBuilder;
use crate::graph::Node;
use crate::op::Op;
use crate::shape;
use crate::tensor::{Content, Data, DataType, Quantization, Shape, Tensor};
use crate::verify::{Verified, verify};

use super::evaluate;

/// An operand: what it is and its elements.
type Value = (Tensor, Data);

fn tensor(name: &str, shape: &[usize], dtype: DataType, grid: Option<Quantization>) -> Tensor {
    Tensor {
        name: name.to_owned(),
        shape: Shape::from(shape.to_vec()),
        dtype,
        quantization: grid,
        content: Content::Computed,
    }
}

fn floats(name: &str, shape: &[usize], values: &[f32]) -> Value {
    let data = Data::F32(values.into());
    (tensor(name, shape, DataType::F32, None), data)
}

fn bytes(name: &str, shape: &[usize], values: &[i8], scale: f32, zero_point: i32) -> Value {
    let grid = Quantization::per_tensor(scale, zero_point);
    let data = Data::I8(values.into());
    (tensor(name, shape, DataType::I8, Some(grid)), data)
}

/// The graph of one operator; operands are its inputs.
fn single(op: Op, operands: &[Value], result: Option<Quantization>) -> Verified {
    let mut b = GraphBuilder::new("single");
    let inputs: Vec<_> = operands.iter().map(|(t, _)| b.tensor(t.clone())).collect();
    let tensors: Vec<&Tensor> = operands.iter().map(|(t, _)| t).collect();
    let (shape, dtype) = shape::infer(&op, &tensors).unwrap();
    let output = b.tensor(tensor("result", &shape, dtype, result));
    b.push_node(Node {
        name: "node".to_owned(),
        op,
        inputs: inputs.clone(),
        outputs: vec![output],
    });
    b.output(output);
    let mut graph = b.finish();
    graph.inputs = inputs;
    verify(graph).unwrap()
}

fn run(op: Op, operands: &[Value], result: Option<Quantization>) -> Data {
    let graph = single(op, operands, result);
    let inputs: Vec<Data> = operands.iter().map(|(_, data)| data.clone()).collect();
    evaluate(&graph, &inputs).unwrap().remove(0)
}

fn run_floats(op: Op, operands: &[Value]) -> Vec<f32> {
    let Data::F32(values) = run(op, operands, None) else {
        panic!("the result is not f32")
    };
    values.to_vec()
}

fn run_bytes(op: Op, operands: &[Value], scale: f32, zero_point: i32) -> Vec<i8> {
    let grid = Quantization::per_tensor(scale, zero_point);
    let Data::I8(values) = run(op, operands, Some(grid)) else {
        panic!("the result is not i8")
    };
    values.to_vec()
}

/// A stream of numbers that look random and are the same every time.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn byte(&mut self) -> i8 {
        i8::from_le_bytes([self.next().to_le_bytes()[1]])
    }

    fn bytes(&mut self, len: usize) -> Vec<i8> {
        (0..len).map(|_| self.byte()).collect()
    }

    /// From -1 to 1.
    fn floats(&mut self, len: usize) -> Vec<f32> {
        (0..len).map(|_| f32::from(self.byte()) / 128.0).collect()
    }
}
