//! From the graph's order of dimensions, channels last, to the file's, channels first.

use kernels::{Data, Shape};

use crate::constants::little_endian;

/// How a constant of the graph is laid out in the file: seen under `shape`, then reordered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Layout {
    /// As many elements as the constant, in the graph's order.
    pub(super) shape: Vec<usize>,
    /// Dimension `i` of the file is dimension `order[i]` of `shape`.
    pub(super) order: Vec<usize>,
}

/// The dimension of the graph that each dimension of the file is: `[0, 3, 1, 2]` for an image.
pub(super) fn file_order(rank: usize) -> Vec<usize> {
    if rank == 4 {
        vec![0, 3, 1, 2]
    } else {
        (0..rank).collect()
    }
}

/// The dimension of the file that dimension `axis` of a tensor of `rank` dimensions is.
pub(super) fn file_axis(rank: usize, axis: usize) -> usize {
    position(&file_order(rank), axis)
}

/// What stands for each dimension of the graph, reordered as the file has them.
pub(super) fn in_file_order<T: Clone>(of_graph: &[T]) -> Vec<T> {
    let order = file_order(of_graph.len());
    order.iter().map(|&d| of_graph[d].clone()).collect()
}

/// Where `wanted` stands in `order`.
pub(super) fn position(order: &[usize], wanted: usize) -> usize {
    order
        .iter()
        .position(|&d| d == wanted)
        .expect("an order names every dimension")
}

impl Layout {
    /// The usual layout of a tensor as an operand among tensors of `rank` dimensions, which are
    /// at least its own: missing outer dimensions are 1.
    pub(super) fn operand(shape: &Shape, rank: usize) -> Self {
        let mut extents = vec![1; rank.saturating_sub(shape.len())];
        extents.extend(shape.iter());
        Self {
            order: file_order(extents.len()),
            shape: extents,
        }
    }

    /// The tensor under another order of its own dimensions.
    pub(super) fn reordered(shape: &Shape, order: &[usize]) -> Self {
        Self {
            shape: shape.to_vec(),
            order: order.to_vec(),
        }
    }

    /// The extents in the file.
    pub(super) fn extents(&self) -> Vec<usize> {
        self.order.iter().map(|&d| self.shape[d]).collect()
    }

    /// The dimension in the file of dimension `axis` of a tensor of `rank` dimensions.
    pub(super) fn axis(&self, rank: usize, axis: usize) -> usize {
        position(&self.order, axis + self.shape.len() - rank)
    }

    /// The elements in the file's order, little-endian.
    pub(super) fn bytes(&self, data: &Data) -> Vec<u8> {
        let bytes = little_endian(data);
        let width = data.dtype().bytes();
        let extents = self.extents();
        let strides = self.strides();
        let mut out = Vec::with_capacity(bytes.len());
        let mut index = vec![0_usize; extents.len()];
        for _ in 0..data.len() {
            let from: usize = index.iter().zip(&strides).map(|(i, s)| i * s).sum();
            out.extend(&bytes[from * width..(from + 1) * width]);
            for d in (0..extents.len()).rev() {
                index[d] += 1;
                if index[d] < extents[d] {
                    break;
                }
                index[d] = 0;
            }
        }
        out
    }

    /// How far apart neighbors of each dimension of the file stand in the graph's elements.
    fn strides(&self) -> Vec<usize> {
        let stride = |d: usize| self.shape[d + 1..].iter().product();
        self.order.iter().map(|&d| stride(d)).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Dimension `d` of the graph stands in the file where the order names it.
        #[test]
        fn reorders_as_indices_say(
            shape in prop::collection::vec(1..5_usize, 3),
            order in Just(vec![0, 1, 2]).prop_shuffle(),
        ) {
            let count = shape.iter().product();
            let data = Data::U8((0..=255).cycle().take(count).collect());
            let layout = Layout { shape: shape.clone(), order: order.clone() };
            let found = layout.bytes(&data);
            let extents = layout.extents();
            for (at, byte) in found.into_iter().enumerate() {
                let in_file = [
                    at / (extents[1] * extents[2]),
                    at / extents[2] % extents[1],
                    at % extents[2],
                ];
                let in_graph = [0, 1, 2].map(|d| in_file[position(&order, d)]);
                let from = (in_graph[0] * shape[1] + in_graph[1]) * shape[2] + in_graph[2];
                prop_assert_eq!(usize::from(byte), from % 256);
            }
        }
    }
}
