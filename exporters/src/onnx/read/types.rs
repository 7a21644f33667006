//! Element types and shapes of the file.

use kernels::DataType;

use crate::ReadError;
use crate::onnx::message::{TensorShape, ValueInfo};

/// What a tensor may take at most. Computed tensors have no elements while a file is read, so that
/// this bounds counters, not memory.
const TENSOR_BYTES_MAX: usize = 1 << 40;

/// The most dimensions of a value; no operator of a network has more than a few.
const RANK_MAX: usize = 64;

/// Codes of element types that are asked for by name.
pub(super) mod code {
    pub(crate) const FLOAT: i64 = 1;
    pub(crate) const INT32: i64 = 6;
    pub(crate) const BOOL: i64 = 9;
}

/// Truth values.
pub(super) const BOOL: DataType = DataType::Foreign {
    name: "bool",
    bytes: 1,
};

/// The type of elements by its code, and how many share a byte. A computed tensor of shared bytes
/// counts one for each element, which is the most it can take.
pub(super) fn element_type(code: i64) -> Result<(DataType, usize), ReadError> {
    let foreign = |name, bytes| Ok((DataType::Foreign { name, bytes }, 1));
    let shared = |name, per_byte| Ok((DataType::Foreign { name, bytes: 1 }, per_byte));
    match code {
        1 => Ok((DataType::F32, 1)),
        2 => Ok((DataType::U8, 1)),
        3 => Ok((DataType::I8, 1)),
        4 => foreign("u16", 2),
        5 => foreign("i16", 2),
        6 => Ok((DataType::I32, 1)),
        7 => Ok((DataType::I64, 1)),
        8 => foreign("string", 1),
        9 => Ok((BOOL, 1)),
        10 => foreign("f16", 2),
        11 => foreign("f64", 8),
        12 => foreign("u32", 4),
        13 => foreign("u64", 8),
        14 => foreign("complex64", 8),
        15 => foreign("complex128", 16),
        16 => foreign("bf16", 2),
        17 => foreign("f8_e4m3fn", 1),
        18 => foreign("f8_e4m3fnuz", 1),
        19 => foreign("f8_e5m2", 1),
        20 => foreign("f8_e5m2fnuz", 1),
        21 => shared("u4", 2),
        22 => shared("i4", 2),
        23 => shared("f4_e2m1", 2),
        24 => foreign("f8_e8m0", 1),
        25 => shared("u2", 4),
        26 => shared("i2", 4),
        _ => Err(ReadError::malformed("an element type, 1 to 26", code)),
    }
}

/// The extents of a constant or a result, within what can be counted.
pub(super) fn extents(dims: &[i64]) -> Result<Vec<usize>, ReadError> {
    let extents = dims.iter().map(|&d| usize::try_from(d).ok());
    let extents: Option<Vec<usize>> = extents.collect();
    let extents = extents.ok_or_else(|| {
        ReadError::malformed("a shape without negative extents", format!("{dims:?}"))
    })?;
    countable(&extents, 1)?;
    Ok(extents)
}

/// Refuses a shape whose dimensions or elements of `bytes` each are too many.
pub(super) fn countable(shape: &[usize], bytes: usize) -> Result<(), ReadError> {
    if shape.len() > RANK_MAX {
        let expected = format!("at most {RANK_MAX} dimensions");
        return Err(ReadError::malformed(expected, shape.len()));
    }
    // What is empty counts as well: parts of its shape are multiplied too.
    let total = shape
        .iter()
        .try_fold(bytes, |n, &d| n.checked_mul(d.max(1)));
    match total {
        Some(total) if total <= TENSOR_BYTES_MAX => Ok(()),
        Some(_) | None => {
            let expected = format!("a shape of at most {TENSOR_BYTES_MAX} bytes");
            Err(ReadError::malformed(expected, format!("{shape:?}")))
        }
    }
}

/// The type code and shape that the file states for a value, where it is a tensor.
pub(super) fn stated(info: &ValueInfo) -> Option<(i32, Option<&TensorShape>)> {
    let tensor = info.r#type.as_ref()?.tensor_type.as_ref()?;
    Some((tensor.elem_type, tensor.shape.as_ref()))
}
