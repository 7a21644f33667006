//! NumPy's `.npy` files: one array each, as calibration data and golden vectors are kept.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use anyhow::{Context, bail};
use kernels::Data;
use ndarray::{ArrayD, IxDyn};
use ndarray_npy::{ReadNpyError, ReadNpyExt, ReadableElement, WritableElement, WriteNpyExt};

/// An array: its extents, outermost first, and its elements, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// The extents.
    pub shape: Vec<usize>,
    /// As many elements as the product of the extents.
    pub data: Data,
}

/// The array in the file at `path`: `float32`, `float64` (as `f32`), `int8`, `uint8`, `int16` and
/// `uint16` (both as `i32`), `int32` or `int64`.
///
/// # Errors
///
/// When the file cannot be read, is damaged, or holds elements of another type.
pub fn read(path: &Path) -> anyhow::Result<Array> {
    let parse = || parse(&fs::read(path)?);
    parse().with_context(|| format!("cannot read array `{}`", path.display()))
}

/// The bytes of a file that holds `array`.
///
/// # Errors
///
/// When the extents are not those of the elements.
pub fn bytes(array: &Array) -> anyhow::Result<Vec<u8>> {
    match &array.data {
        Data::F32(elements) => written(&array.shape, elements),
        Data::I8(elements) => written(&array.shape, elements),
        Data::U8(elements) => written(&array.shape, elements),
        Data::I32(elements) => written(&array.shape, elements),
        Data::I64(elements) => written(&array.shape, elements),
    }
}

/// Reads elements of one type.
type Attempt = fn(&[u8]) -> Result<Array, ReadNpyError>;

fn parse(bytes: &[u8]) -> anyhow::Result<Array> {
    let attempts: [Attempt; 8] = [
        |bytes| elements::<f32>(bytes, |e| Data::F32(e.into())),
        |bytes| elements::<f64>(bytes, |e| Data::F32(e.into_iter().map(single).collect())),
        |bytes| elements::<i8>(bytes, |e| Data::I8(e.into())),
        |bytes| elements::<u8>(bytes, |e| Data::U8(e.into())),
        |bytes| elements::<i16>(bytes, |e| Data::I32(e.into_iter().map(i32::from).collect())),
        |bytes| elements::<u16>(bytes, |e| Data::I32(e.into_iter().map(i32::from).collect())),
        |bytes| elements::<i32>(bytes, |e| Data::I32(e.into())),
        |bytes| elements::<i64>(bytes, |e| Data::I64(e.into())),
    ];
    for attempt in attempts {
        match attempt(bytes) {
            Err(ReadNpyError::WrongDescriptor(_)) => {}
            outcome => return Ok(outcome?),
        }
    }
    bail!(
        "its elements are of another type than float32, float64, int8, uint8, int16, uint16, int32 or int64"
    )
}

fn elements<T: ReadableElement + Clone>(
    bytes: &[u8],
    data: fn(Vec<T>) -> Data,
) -> Result<Array, ReadNpyError> {
    let array = ArrayD::<T>::read_npy(Cursor::new(bytes))?;
    Ok(Array {
        shape: array.shape().to_vec(),
        data: data(array.iter().cloned().collect()),
    })
}

fn written<T: WritableElement + Clone>(shape: &[usize], elements: &[T]) -> anyhow::Result<Vec<u8>> {
    let array = ArrayD::from_shape_vec(IxDyn(shape), elements.to_vec())
        .with_context(|| format!("{} elements are no {shape:?}", elements.len()))?;
    let mut bytes = Vec::new();
    array
        .write_npy(&mut bytes)
        .context("cannot write an array")?;
    Ok(bytes)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "networks compute in single precision"
)]
const fn single(x: f64) -> f32 {
    x as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_come_back() {
        for data in [
            Data::F32([1.0, -2.5, f32::INFINITY, 0.0].into()),
            Data::I8([-128, 127, 0, 1].into()),
            Data::U8([0, 255, 1, 2].into()),
            Data::I32([i32::MIN, 0, 1, 2].into()),
            Data::I64([i64::MAX, 0, 1, 2].into()),
        ] {
            let shape = vec![2, 1, 2];
            let array = Array { shape, data };
            assert_eq!(parse(&bytes(&array).unwrap()).unwrap(), array);
        }
    }

    #[test]
    fn doubles_become_singles() {
        let array = ArrayD::from_shape_vec(IxDyn(&[2]), vec![0.5_f64, 2.0]).unwrap();
        let mut bytes = Vec::new();
        array.write_npy(&mut bytes).unwrap();
        assert_eq!(parse(&bytes).unwrap().data, Data::F32([0.5, 2.0].into()));
    }

    #[test]
    fn other_files_are_refused() {
        let array = Array {
            shape: vec![3],
            data: Data::I8([1, 2, 3].into()),
        };
        let whole = bytes(&array).unwrap();
        for length in 0..whole.len() {
            parse(&whole[..length]).unwrap_err();
        }
        parse(b"\x93NUMPY and then something else").unwrap_err();
        let complex = ArrayD::from_elem(IxDyn(&[1]), true);
        let mut bytes = Vec::new();
        complex.write_npy(&mut bytes).unwrap();
        let error = parse(&bytes).unwrap_err().to_string();
        assert!(error.contains("float32"), "{error}");
    }
}
