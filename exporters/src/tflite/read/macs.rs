//! Multiply-accumulates of operators that are kept as foreign ones.

use kernels::{Shape, TensorId};

use super::model::Operator;
use super::raise::Raising;
use crate::ReadError;
use crate::countable::product;

/// Where recurrent operators have matrices: those of the input and of the state, per gate. What
/// projects the state comes behind.
const MATRICES: std::ops::RangeInclusive<usize> = 1..=8;
const PROJECTION: usize = 16;

/// What is known of an operator outside the vocabulary, or inside it on other element types; nothing
/// where it has none, its shapes contradict each other or the count is too large.
pub(super) fn of_foreign(
    raising: &mut Raising<'_, '_>,
    operator: &Operator<'_, '_>,
    outputs: &[TensorId],
) -> Result<Option<u64>, ReadError> {
    let mut shapes: Vec<Option<Shape>> = Vec::with_capacity(operator.inputs.len());
    for &position in &operator.inputs {
        shapes.push(match position {
            -1 => None,
            position => Some(raising.entry(position)?.shape),
        });
    }
    let shape = |index: usize| shapes.get(index).and_then(Option::as_ref);
    let result = outputs.first().map(|&id| &raising.graph[id].shape);
    let results = result.map(Shape::elements);
    Ok(match operator.code.name() {
        "CONV_2D" | "FULLY_CONNECTED" => (shape(1).filter(|w| !w.is_empty()))
            .zip(results)
            .and_then(|(weights, results)| product(results, &weights[1..])),
        "DEPTHWISE_CONV_2D" => (shape(1).and_then(Shape::nhwc))
            .zip(results)
            .and_then(|([_, height, width, _], results)| product(results, &[height, width])),
        // Every input element meets every tap of every output channel.
        "TRANSPOSE_CONV" => (shape(1).and_then(Shape::nhwc))
            .zip(shape(2).and_then(Shape::checked_elements))
            .and_then(|([out_c, height, width, _], x)| product(x, &[out_c, height, width])),
        "LSTM" | "UNIDIRECTIONAL_SEQUENCE_LSTM" => shape(0).and_then(|x| {
            let matrices = MATRICES.chain([PROJECTION]).filter_map(shape);
            let matrices = matrices.filter(|matrix| matrix.len() == 2);
            let mut taps = matrices.map(Shape::checked_elements);
            let taps = taps.try_fold(0_usize, |sum, n| sum.checked_add(n?))?;
            let (_, outer) = x.split_last()?;
            product(taps, outer)
        }),
        "BATCH_MATMUL" => (shape(0).zip(result).and_then(|(x, y)| depth(x, y)))
            .zip(results)
            .and_then(|(depth, results)| product(results, &[depth])),
        _ => None,
    })
}

/// How many products every element of `y` is a sum of, where its rows are those of `x`: a matrix of
/// `rows * depth` elements, whichever of the two lies innermost.
fn depth(x: &[usize], y: &[usize]) -> Option<usize> {
    let ([.., a, b], [.., rows, _]) = (x, y) else {
        return None;
    };
    let elements = a.checked_mul(*b)?;
    (*rows > 0 && elements.is_multiple_of(*rows)).then(|| elements / rows)
}
