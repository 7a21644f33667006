//! Multiply-accumulates of operators outside of the vocabulary.

use kernels::Op;

use super::foreign::{Operation, constant, file, tensor};
use crate::tflite::read;
use crate::tflite::schema::element_type::FLOAT32;

const TRANSPOSE_CONV: i32 = 67;
const BATCH_MATMUL: i32 = 126;

/// What is counted of one operator over tensors of these shapes, the last its result.
fn counted(code: i32, shapes: &[&[i32]]) -> Option<u64> {
    let zeros = |shape: &[i32]| vec![0; 4 * shape.iter().product::<i32>().unsigned_abs() as usize];
    let tensors = shapes.iter().enumerate().map(|(place, shape)| match place {
        0 => tensor("x", shape, FLOAT32),
        place if place + 1 == shapes.len() => tensor("y", shape, FLOAT32),
        _ => constant("w", shape, FLOAT32, &zeros(shape)),
    });
    let last = i32::try_from(shapes.len() - 1).unwrap();
    let operator: Operation = (code, None, (0..last).collect(), vec![last], None);
    let graph = read(&file(vec![(tensors.collect(), vec![operator])])).unwrap();
    let Op::Foreign { macs, .. } = &graph.nodes[0].op else {
        panic!("it is in the vocabulary");
    };
    *macs
}

/// Whichever way the first matrix lies, and however its batches are repeated.
#[test]
fn products_of_activations_are_counted() {
    let product = |x: &[i32], w: &[i32], y: &[i32]| counted(BATCH_MATMUL, &[x, w, y]);
    let y = [2, 3, 5];
    assert_eq!(product(&[2, 3, 7], &[2, 7, 5], &y), Some(2 * 3 * 5 * 7));
    assert_eq!(product(&[2, 7, 3], &[2, 7, 5], &y), Some(2 * 3 * 5 * 7));
    assert_eq!(product(&[3, 7], &[2, 7, 5], &y), Some(2 * 3 * 5 * 7));
    assert_eq!(product(&[7], &[2, 7, 5], &y), None);
    assert_eq!(product(&[2, 4, 7], &[2, 7, 5], &y), None);
}

#[test]
fn every_input_element_of_a_transposed_convolution_meets_every_tap() {
    let shapes: [&[i32]; 4] = [&[4], &[6, 3, 2, 5], &[1, 4, 4, 5], &[1, 8, 8, 6]];
    let macs = counted(TRANSPOSE_CONV, &shapes);
    assert_eq!(macs, Some(4 * 4 * 5 * 6 * 3 * 2));
}
