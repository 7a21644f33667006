//! A topology as tasks, to be priced like any network.
//!
//! A topology does not say what feeds a layer. A layer reads the result of the one before it where
//! their sizes say so: the same channels, and a border of zeros no wider than the window; or, of
//! matrix products, the same matrix. Everything else is an input in host memory, and a result that
//! the next layer does not read goes there. Elements are bytes, SCALE-Sim's word; biases, pooling
//! and elementwise layers are in no topology.

use std::sync::Arc;

use hwmodels::task::{
    BufferId, Depthwise, ListBuilder, LoopNest, Operation, Task, TaskError, TaskList, Work,
};

use super::topology::{Conv, Gemm, Layer, Shape, Topology};

/// The layers of `topology` as tasks, in its order and under its names; a depthwise layer is one
/// task.
///
/// # Errors
/// A layer that no machine can run; none that [`Topology::parse`] lets through.
pub fn tasks(topology: &Topology) -> Result<TaskList, TaskError> {
    let mut list = ListBuilder::default();
    let mut before: Option<(Shape, BufferId)> = None;
    for layer in &topology.layers {
        let chained = before.filter(|(shape, _)| feeds(shape, &layer.shape));
        if let Some((_, result)) = before.filter(|_| chained.is_none()) {
            list.output(result);
        }
        let input = match chained {
            Some((_, result)) => result,
            None => list.input(elements(&input(&layer.shape))),
        };
        let result = list.activation(elements(&output(&layer.shape)));
        let weights = list.weights(weight_bytes(&layer.shape));
        list.push(Task {
            weights: Some(weights),
            ..task(layer, input, result)
        });
        before = Some((layer.shape, result));
    }
    if let Some((_, result)) = before {
        list.output(result);
    }
    list.finish()
}

fn task(layer: &Layer, input_buffer: BufferId, result: BufferId) -> Task {
    let (operator, work) = match &layer.shape {
        Shape::Gemm(Gemm { m, n, k }) => ("dense", Work::LoopNest(LoopNest::matmul(*m, *k, *n))),
        Shape::Conv(conv) if conv.depthwise => (
            "depthwise_conv2d",
            Work::Depthwise(Depthwise::new(nest(conv), conv.filters)),
        ),
        Shape::Conv(conv) => ("conv2d", Work::LoopNest(nest(conv))),
    };
    let operation = Operation {
        name: layer.name.clone(),
        operator: operator.to_owned(),
        mode: None,
        shapes: vec![input(&layer.shape), output(&layer.shape)],
        facts: Vec::new(),
        work,
    };
    Task {
        operation: Arc::new(operation),
        reads: vec![input_buffer],
        weights: None,
        writes: vec![result],
    }
}

fn nest(conv: &Conv) -> LoopNest {
    let [in_h, in_w] = conv.ifmap;
    let [out_h, out_w] = conv.ofmap();
    LoopNest {
        out_h,
        out_w,
        padding: [0, 0],
        ..LoopNest::conv(
            [1, in_h, in_w, conv.channels],
            conv.filters,
            conv.filter,
            conv.stride,
        )
    }
}

/// Whether the result of `before` is what `layer` reads.
fn feeds(before: &Shape, layer: &Shape) -> bool {
    match (before, layer) {
        (Shape::Gemm(before), Shape::Gemm(layer)) => (before.m, before.n) == (layer.m, layer.k),
        (Shape::Conv(before), Shape::Conv(layer)) => {
            let out = before.ofmap();
            before.out_channels() == layer.channels
                && [0, 1].into_iter().all(|side| {
                    (out[side]..out[side] + layer.filter[side]).contains(&layer.ifmap[side])
                })
        }
        (Shape::Gemm(_), Shape::Conv(_)) | (Shape::Conv(_), Shape::Gemm(_)) => false,
    }
}

impl Conv {
    fn out_channels(&self) -> u64 {
        if self.depthwise {
            self.channels * self.filters
        } else {
            self.filters
        }
    }
}

/// `[n, h, w, c]` of what a layer reads.
fn input(shape: &Shape) -> Vec<u64> {
    match shape {
        Shape::Gemm(gemm) => vec![gemm.m, gemm.k],
        Shape::Conv(conv) => vec![1, conv.ifmap[0], conv.ifmap[1], conv.channels],
    }
}

/// `[n, h, w, c]` of what a layer writes.
fn output(shape: &Shape) -> Vec<u64> {
    match shape {
        Shape::Gemm(gemm) => vec![gemm.m, gemm.n],
        Shape::Conv(conv) => {
            let [out_h, out_w] = conv.ofmap();
            vec![1, out_h, out_w, conv.out_channels()]
        }
    }
}

fn weight_bytes(shape: &Shape) -> u64 {
    match shape {
        Shape::Gemm(gemm) => gemm.n * gemm.k,
        Shape::Conv(conv) => conv.filter[0] * conv.filter[1] * conv.channels * conv.filters,
    }
}

fn elements(shape: &[u64]) -> u64 {
    shape.iter().product()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(layers: &str) -> TaskList {
        let header = "Layer, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides\n";
        tasks(&Topology::parse((header.to_owned() + layers).as_bytes(), "t.csv").unwrap()).unwrap()
    }

    /// A border of zeros chains, a pooled image does not, and what nobody reads is a result.
    #[test]
    fn layers_read_what_fits() {
        let list = list(
            "a, 8, 8, 3, 3, 3, 4, 1\n\
             bDP, 8, 8, 3, 3, 4, 2, 1\n\
             c, 3, 3, 1, 1, 8, 5, 1\n",
        );
        let reads: Vec<BufferId> = list.tasks().iter().map(|task| task.reads[0]).collect();
        let writes: Vec<BufferId> = list.tasks().iter().map(|task| task.writes[0]).collect();
        assert_eq!(reads[1], writes[0], "6 x 6 with a border of one");
        assert_ne!(reads[2], writes[1], "6 x 6 pooled to 3 x 3");
        assert_eq!(list.inputs(), [reads[0], reads[2]]);
        assert_eq!(list.outputs(), [writes[1], writes[2]]);
        let bytes: Vec<u64> = writes
            .iter()
            .map(|id| list.activations()[id.0].bytes)
            .collect();
        assert_eq!(bytes, [6 * 6 * 4, 6 * 6 * 8, 3 * 3 * 5]);
        let weights: Vec<u64> = list.weights().iter().map(|w| w.bytes).collect();
        assert_eq!(weights, [9 * 3 * 4, 9 * 4 * 2, 8 * 5]);
        // Of each of 4 channels, 2 results of 9 products at 36 places.
        assert_eq!(list.tasks()[1].work.macs(), 36 * 9 * 4 * 2);
    }
}
