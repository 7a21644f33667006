//! The constants of a file: where their elements are, and how they are decoded.

use std::collections::HashMap;
use std::sync::Arc;

use kernels::{Data, DataType};

use super::external::External;
use super::numbers::{NUMBERS_MAX, Numbers};
use super::types::{element_type, extents};
use super::view::Reordering;
use crate::ReadError;
use crate::onnx::message::{SparseTensor, Tensor};

/// A constant of the file, or one that was computed while it was read.
pub(super) struct Constant<'f> {
    pub(super) name: String,
    pub(super) dtype: DataType,
    pub(super) shape: Vec<usize>,
    /// The bytes it takes where elements share them.
    pub(super) packed_bytes: Option<usize>,
    source: Source<'f>,
}

enum Source<'f> {
    File(&'f Tensor),
    Outside(Arc<[u8]>),
    Sparse(&'f SparseTensor),
    Numbers(Numbers),
    Known(Data),
    /// Elements are not in the file, or too many to make.
    Absent,
}

impl<'f> Constant<'f> {
    /// A constant as the file has it.
    pub(super) fn new(
        tensor: &'f Tensor,
        name: &str,
        external: &mut External<'_>,
    ) -> Result<Self, ReadError> {
        let (dtype, per_byte) = element_type(tensor.data_type.into())?;
        let shape = extents(&tensor.dims)?;
        super::types::countable(&shape, dtype.bytes())?;
        let count: usize = shape.iter().product();
        let packed_bytes = (per_byte > 1).then(|| count.div_ceil(per_byte));
        let bytes = packed_bytes.unwrap_or(count * dtype.bytes());
        let source = if tensor.data_location == 1 {
            let found = external.elements(&tensor.external_data, bytes)?;
            found.map_or(Source::Absent, Source::Outside)
        } else if tensor.raw_data.is_empty() {
            typed(tensor, dtype, count)?
        } else if tensor.raw_data.len() == bytes {
            Source::File(tensor)
        } else {
            let expected = format!("{bytes} bytes for {} {shape:?}", dtype.name());
            return Err(ReadError::malformed(expected, tensor.raw_data.len()));
        };
        Ok(Self {
            name: name.to_owned(),
            dtype,
            shape,
            packed_bytes,
            source,
        })
    }

    /// A constant of which the file lists the elements that are not zero.
    pub(super) fn sparse(sparse: &'f SparseTensor) -> Result<Self, ReadError> {
        let values = sparse.values.as_ref();
        let values = values.ok_or_else(|| ReadError::malformed("its values", "none"))?;
        let (dtype, _) = element_type(values.data_type.into())?;
        let shape = extents(&sparse.dims)?;
        super::types::countable(&shape, dtype.bytes())?;
        Ok(Self {
            name: values.name.clone(),
            dtype,
            shape,
            packed_bytes: None,
            source: Source::Sparse(sparse),
        })
    }

    /// Numbers that were computed.
    pub(super) fn made(
        name: &str,
        dtype: DataType,
        shape: Vec<usize>,
        numbers: Option<Numbers>,
    ) -> Self {
        Self {
            name: name.to_owned(),
            dtype,
            shape,
            packed_bytes: None,
            source: numbers.map_or(Source::Absent, Source::Numbers),
        }
    }

    /// Elements that were converted.
    pub(super) fn known(name: &str, shape: Vec<usize>, data: Data) -> Self {
        Self {
            name: name.to_owned(),
            dtype: data.dtype(),
            shape,
            packed_bytes: None,
            source: Source::Known(data),
        }
    }

    pub(super) fn count(&self) -> usize {
        self.shape.iter().product()
    }

    /// The elements as they lie; nothing where they are absent or of a type that the graph cannot
    /// hold.
    pub(super) fn data(&self) -> Option<Data> {
        match &self.source {
            Source::File(tensor) if tensor.raw_data.is_empty() => fields(tensor, self.dtype),
            Source::File(tensor) => raw(&tensor.raw_data, self.dtype),
            Source::Outside(bytes) => raw(bytes, self.dtype),
            Source::Sparse(sparse) => dense(sparse, &self.shape, self.dtype),
            Source::Numbers(numbers) => numbers.data(self.dtype),
            Source::Known(data) => Some(data.clone()),
            Source::Absent => None,
        }
    }

    /// The elements of a small constant, truth values among them.
    pub(super) fn numbers(&self) -> Option<Numbers> {
        if self.count() > NUMBERS_MAX {
            return None;
        }
        match &self.source {
            Source::Numbers(numbers) => Some(numbers.clone()),
            Source::File(tensor) if self.dtype == super::types::BOOL => {
                let raw = tensor.raw_data.iter().map(|&b| b.into());
                let typed = tensor.int32_data.iter().map(|&v| v.into());
                Some(Numbers::Whole(raw.chain(typed).collect()))
            }
            Source::File(_)
            | Source::Outside(_)
            | Source::Sparse(_)
            | Source::Known(_)
            | Source::Absent => self.data().map(|data| Numbers::of(&data)),
        }
    }
}

/// Where the elements of a tensor without raw bytes are, if anywhere.
fn typed<'f>(tensor: &'f Tensor, dtype: DataType, count: usize) -> Result<Source<'f>, ReadError> {
    let found = match dtype {
        DataType::F32 => tensor.float_data.len(),
        DataType::I64 => tensor.int64_data.len(),
        DataType::I8 | DataType::U8 | DataType::I32 => tensor.int32_data.len(),
        DataType::Foreign { .. } if dtype == super::types::BOOL => tensor.int32_data.len(),
        DataType::Foreign { .. } => return Ok(Source::Absent),
    };
    if found == count {
        Ok(Source::File(tensor))
    } else if found == 0 {
        Ok(Source::Absent)
    } else {
        let expected = format!("{count} elements of {}", dtype.name());
        Err(ReadError::malformed(expected, found))
    }
}

fn fields(tensor: &Tensor, dtype: DataType) -> Option<Data> {
    let narrow = || tensor.int32_data.iter();
    match dtype {
        DataType::F32 => Some(Data::F32(tensor.float_data.as_slice().into())),
        DataType::I64 => Some(Data::I64(tensor.int64_data.as_slice().into())),
        DataType::I32 => Some(Data::I32(tensor.int32_data.as_slice().into())),
        DataType::I8 => {
            let values = narrow().map(|&v| i8::try_from(v).ok());
            values.collect::<Option<_>>().map(Data::I8)
        }
        DataType::U8 => {
            let values = narrow().map(|&v| u8::try_from(v).ok());
            values.collect::<Option<_>>().map(Data::U8)
        }
        DataType::Foreign { .. } => None,
    }
}

fn raw(bytes: &[u8], dtype: DataType) -> Option<Data> {
    Some(match dtype {
        DataType::F32 => Data::F32(numbers(bytes, f32::from_le_bytes).collect()),
        DataType::I8 => Data::I8(bytes.iter().map(|byte| byte.cast_signed()).collect()),
        DataType::U8 => Data::U8(bytes.into()),
        DataType::I32 => Data::I32(numbers(bytes, i32::from_le_bytes).collect()),
        DataType::I64 => Data::I64(numbers(bytes, i64::from_le_bytes).collect()),
        DataType::Foreign { .. } => return None,
    })
}

/// Little-endian numbers.
fn numbers<T, const N: usize>(
    bytes: &[u8],
    number: impl Fn([u8; N]) -> T,
) -> impl Iterator<Item = T> {
    let (elements, _) = bytes.as_chunks();
    elements.iter().map(move |&element| number(element))
}

/// The floats of a sparse constant with its zeros; nothing where it is of another type, or where
/// its lists do not go together.
fn dense(sparse: &SparseTensor, shape: &[usize], dtype: DataType) -> Option<Data> {
    let decoded = |tensor: &Tensor, dtype| {
        if tensor.raw_data.is_empty() {
            fields(tensor, dtype)
        } else {
            raw(&tensor.raw_data, dtype)
        }
    };
    let (values, indices) = (sparse.values.as_ref()?, sparse.indices.as_ref()?);
    let (Data::F32(values), Data::I64(indices)) =
        (decoded(values, dtype)?, decoded(indices, DataType::I64)?)
    else {
        return None;
    };
    let width = indices.len().checked_div(values.len())?;
    if values.is_empty() || width * values.len() != indices.len() {
        return None;
    }
    let mut elements = vec![0.0; shape.iter().product()];
    for (value, index) in values.iter().zip(indices.chunks_exact(width)) {
        let position = if width == 1 {
            usize::try_from(index[0]).ok()?
        } else {
            let mut dims = index.iter().zip(shape);
            (width == shape.len()).then_some(())?;
            dims.try_fold(0_usize, |position, (&i, &extent)| {
                let i = usize::try_from(i).ok().filter(|&i| i < extent)?;
                Some(position * extent + i)
            })?
        };
        *elements.get_mut(position)? = *value;
    }
    Some(Data::F32(elements.into()))
}

/// The elements of `data` in another order.
pub(super) fn reordered(data: &Data, to: &Reordering) -> Data {
    if to.permutation.iter().copied().eq(0..to.permutation.len()) {
        return data.clone();
    }
    match data {
        Data::F32(v) => Data::F32(permuted(v, to).into()),
        Data::I8(v) => Data::I8(permuted(v, to).into()),
        Data::U8(v) => Data::U8(permuted(v, to).into()),
        Data::I32(v) => Data::I32(permuted(v, to).into()),
        Data::I64(v) => Data::I64(permuted(v, to).into()),
    }
}

fn permuted<T: Copy>(elements: &[T], to: &Reordering) -> Vec<T> {
    positions(to).map(|position| elements[position]).collect()
}

/// Where each element of a reordered tensor lay before.
pub(super) fn positions(to: &Reordering) -> impl Iterator<Item = usize> {
    let stride = |d: usize| to.extents[d + 1..].iter().product::<usize>();
    let dims = to.permutation.iter().map(|&d| (to.extents[d], stride(d)));
    let dims: Vec<(usize, usize)> = dims.collect();
    let count = to.extents.iter().product();
    let mut index = vec![0_usize; dims.len()];
    let mut position = 0;
    (0..count).map(move |_| {
        let current = position;
        for (i, &(extent, stride)) in index.iter_mut().zip(&dims).rev() {
            *i += 1;
            position += stride;
            if *i < extent {
                break;
            }
            position -= *i * stride;
            *i = 0;
        }
        current
    })
}

/// Constants by what the graph holds them as: their place in the list, their order, their
/// quantization.
pub(super) type Held = HashMap<usize, Vec<super::raise::HeldAs>>;
