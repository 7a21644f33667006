//! The same integers without a sign, for runtimes that are faster with them.

use kernels::graph::Graph;
use kernels::tensor::Content;
use kernels::{Data, DataType, Verified, verify};

use super::grids::is_weight;

/// `graph`, quantized to `i8`, with activations of `u8`: every element and zero point is 128
/// larger, so that the reals are the same. Weights keep their sign.
///
/// onnxruntime on x86-64 fuses quantized convolutions of `u8` activations only.
#[must_use]
pub fn unsigned(graph: &Verified) -> Verified {
    let mut weights = vec![false; graph.tensors.len()];
    for node in &graph.nodes {
        for (position, id) in node.inputs.iter().enumerate() {
            weights[id.index()] |= is_weight(&node.op, position);
        }
    }
    let mut graph: Graph = graph.clone().into_graph();
    for (tensor, is_weights) in graph.tensors.iter_mut().zip(weights) {
        if tensor.dtype != DataType::I8 || is_weights {
            continue;
        }
        tensor.dtype = DataType::U8;
        if let Some(quantization) = &mut tensor.quantization {
            for zero_point in &mut quantization.zero_points {
                *zero_point += 128;
            }
        }
        if let Content::Constant(Data::I8(values)) = &tensor.content {
            let moved = values.iter().map(|&value| moved(value)).collect();
            tensor.content = Content::Constant(Data::U8(moved));
        }
    }
    verify(graph).expect("the same numbers under another type keep a graph verified")
}

/// 128 more.
const fn moved(value: i8) -> u8 {
    value.cast_unsigned().wrapping_add(128)
}

#[cfg(test)]
mod tests {
    use kernels::eval::{evaluate, to_reals};
    use kernels::op::{Conv2d, Fused, Padding, Unary};
    use kernels::{GraphBuilder, Op, Quantization};

    use super::*;

    #[test]
    fn the_reals_stay() {
        let mut b = GraphBuilder::new("small");
        let x = b.input("x", [1, 2, 2, 1], DataType::I8);
        let w = Data::I8([-127, 64].into());
        let scales = Quantization::per_channel(vec![0.01, 0.02], 0);
        let w = b.constant("w", [2, 1, 1, 1], w, Some(scales));
        let conv = Op::Conv2d(Conv2d {
            stride: [1, 1],
            dilation: [1, 1],
            padding: Padding::VALID,
            groups: 1,
            fused: Fused::None,
        });
        let y = b.push("y", conv, &[x, w]).unwrap();
        let z = b.push("z", Op::Unary(Unary::Sigmoid), &[y]).unwrap();
        for (id, scale, zero_point) in [(x, 0.1, 5), (y, 0.2, -7), (z, 1.0 / 256.0, -128)] {
            b.tensor_mut(id).quantization = Some(Quantization::per_tensor(scale, zero_point));
        }
        b.output(y);
        b.output(z);
        let signed = verify(b.finish()).unwrap();
        let other = unsigned(&signed);
        let input = [-128, -1, 5, 127];
        let unsigned_input = Data::U8(input.map(moved).into());
        let found = evaluate(&other, &[unsigned_input]).unwrap();
        let expected = evaluate(&signed, &[Data::I8(input.into())]).unwrap();
        for (position, (found, expected)) in found.iter().zip(&expected).enumerate() {
            let [a, b] = [(&other, found), (&signed, expected)]
                .map(|(graph, data)| to_reals(&graph[graph.outputs[position]], data).unwrap());
            assert_eq!(found.dtype(), DataType::U8);
            assert_eq!(a, b);
        }
    }
}
