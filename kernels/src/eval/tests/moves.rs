//! Operators that move elements.

use super::{bytes, floats, run, run_bytes, run_floats};
use crate::op::{Op, Slice};
use crate::tensor::Data;

/// `[2, 3]`: 0 1 2 / 3 4 5.
fn grid() -> super::Value {
    floats("x", &[2, 3], &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0])
}

#[test]
fn transpose() {
    let op = Op::Transpose {
        permutation: vec![1, 0],
    };
    assert_eq!(run_floats(op, &[grid()]), [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]);
    let x = floats("x", &[1, 2, 3], &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
    let op = Op::Transpose {
        permutation: vec![2, 0, 1],
    };
    assert_eq!(run_floats(op, &[x]), [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]);
}

#[test]
fn slice() {
    let op = Op::Slice(Slice {
        begin: vec![1, 0],
        end: vec![2, 3],
        stride: vec![1, 2],
    });
    assert_eq!(run_floats(op, &[grid()]), [3.0, 5.0]);
}

#[test]
fn pad() {
    let op = || Op::Pad {
        amounts: vec![[0, 1], [1, 0]],
    };
    let expected = [0.0, 0.0, 1.0, 2.0, 0.0, 3.0, 4.0, 5.0, 0.0, 0.0, 0.0, 0.0];
    assert_eq!(run_floats(op(), &[grid()]), expected);
    let x = bytes("x", &[1, 2], &[1, 2], 0.5, -7);
    assert_eq!(run_bytes(op(), &[x], 0.5, -7), [-7, 1, 2, -7, -7, -7]);
}

#[test]
fn concat() {
    let y = floats("y", &[2, 1], &[8.0, 9.0]);
    let found = run_floats(Op::Concat { axis: 1 }, &[grid(), y]);
    assert_eq!(found, [0.0, 1.0, 2.0, 8.0, 3.0, 4.0, 5.0, 9.0]);
}

#[test]
fn concat_moves_operands_to_the_grid_of_the_result() {
    let x = bytes("x", &[2], &[1, 2], 0.5, 0);
    let y = bytes("y", &[2], &[10, 127], 1.0, 7);
    let found = run_bytes(Op::Concat { axis: 0 }, &[x, y], 0.5, 0);
    assert_eq!(found, [1, 2, 6, 127]);
}

#[test]
fn reshape_keeps_every_type() {
    for data in [
        Data::F32([1.0; 4].into()),
        Data::I8([1; 4].into()),
        Data::U8([1; 4].into()),
        Data::I32([1; 4].into()),
        Data::I64([1; 4].into()),
    ] {
        let x = (super::tensor("x", &[4], data.dtype(), None), data.clone());
        assert_eq!(run(Op::Reshape { shape: vec![2, 2] }, &[x], None), data);
    }
}
