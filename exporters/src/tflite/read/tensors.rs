//! Tensors of a file: element types, shapes, quantization, elements.

use std::collections::HashMap;

use kernels::tensor::Content;
use kernels::{Data, DataType, Quantization, Shape, Tensor};

use super::flat::Table;
use super::model::Model;
use crate::ReadError;
use crate::constants::is_finite;
use crate::read_error::Inside;
use crate::tflite::schema::field;

/// What a tensor may take at most: the reach of the format's offsets.
pub(super) const TENSOR_BYTES_MAX: usize = 1 << 31;

/// A tensor as the file has it.
pub(super) struct Entry<'b> {
    pub(super) name: Option<String>,
    pub(super) shape: Shape,
    pub(super) dtype: DataType,
    /// Whether elements share bytes, or take as many as they like.
    packed: bool,
    pub(super) elements: &'b [u8],
    pub(super) buffer: usize,
    external: bool,
    /// State that an operator keeps between runs.
    pub(super) variable: bool,
    pub(super) quantization: Option<Quantization>,
}

/// Elements that several tensors share are kept once: by buffer and type.
pub(super) type Shared = HashMap<(usize, DataType), Data>;

impl<'b> Entry<'b> {
    pub(super) fn new(model: &Model<'b>, table: &Table<'b>) -> Result<Self, ReadError> {
        use field::tensor as f;
        let (dtype, mut packed) = element_type(table.i8(f::TYPE)?)?;
        let buffer = table.index(f::BUFFER)?;
        let sparse = table.table(f::SPARSITY)?.is_some();
        packed |= sparse;
        let dtype = if sparse { foreign("sparse", 1) } else { dtype };
        let quantization = match table.table(f::QUANTIZATION)? {
            Some(quantization) => {
                self::quantization(&quantization, dtype).inside(|| "its quantization".to_owned())?
            }
            None => None,
        };
        Ok(Self {
            name: table.text(f::NAME)?,
            shape: shape(&table.i32s(f::SHAPE)?)?,
            dtype,
            packed,
            elements: model.buffer(buffer)?,
            buffer,
            external: table.u32(f::EXTERNAL_BUFFER)? != 0,
            variable: table.flag(f::IS_VARIABLE)?,
            quantization,
        })
    }

    pub(super) const fn is_constant(&self) -> bool {
        !self.elements.is_empty() || self.external
    }

    pub(super) fn is_empty(&self) -> bool {
        self.shape.contains(&0)
    }

    /// The tensor of the graph, called `name`.
    pub(super) fn tensor(
        self,
        name: String,
        model: &Model<'_>,
        shared: &mut Shared,
    ) -> Result<Tensor, ReadError> {
        let bytes = self.shape.checked_elements();
        let bytes = bytes.and_then(|n| n.checked_mul(self.dtype.bytes()));
        let bytes = bytes
            .filter(|&bytes| bytes <= TENSOR_BYTES_MAX)
            .ok_or_else(|| {
                let expected = format!("a shape of at most {TENSOR_BYTES_MAX} bytes");
                ReadError::malformed(expected, &self.shape)
            })?;
        if self.is_empty() {
            let expected = "extents of at least 1";
            return Err(ReadError::malformed(expected, &self.shape));
        }
        let has_elements = !self.elements.is_empty();
        let shape = if self.packed && has_elements {
            Shape::from([self.elements.len()])
        } else {
            if has_elements && self.elements.len() != bytes {
                let expected = format!("{bytes} bytes for {} {}", self.dtype, self.shape);
                return Err(ReadError::malformed(expected, self.elements.len()));
            }
            self.shape
        };
        let content = if !has_elements {
            if self.external {
                Content::Parameter
            } else {
                Content::Computed
            }
        } else if let Some(data) = shared.get(&(self.buffer, self.dtype)) {
            Content::Constant(data.clone())
        } else {
            model.file.charge(self.elements.len())?;
            match data(self.dtype, self.elements).filter(is_finite) {
                Some(data) => {
                    shared.insert((self.buffer, self.dtype), data.clone());
                    Content::Constant(data)
                }
                None => Content::Parameter,
            }
        };
        Ok(Tensor {
            name,
            shape,
            dtype: self.dtype,
            quantization: self.quantization,
            content,
        })
    }
}

const fn foreign(name: &'static str, bytes: usize) -> DataType {
    DataType::Foreign { name, bytes }
}

/// The type of elements by its code, and whether elements share bytes. A packed tensor without
/// elements in the file counts a byte for each, which is the most it can take.
fn element_type(code: i8) -> Result<(DataType, bool), ReadError> {
    Ok(match code {
        0 => (DataType::F32, false),
        1 => (foreign("f16", 2), false),
        2 => (DataType::I32, false),
        3 => (DataType::U8, false),
        4 => (DataType::I64, false),
        5 => (foreign("string", 1), true),
        6 => (foreign("bool", 1), false),
        7 => (foreign("i16", 2), false),
        8 => (foreign("complex64", 8), false),
        9 => (DataType::I8, false),
        10 => (foreign("f64", 8), false),
        11 => (foreign("complex128", 16), false),
        12 => (foreign("u64", 8), false),
        13 => (foreign("resource", 4), false),
        14 => (foreign("variant", 8), false),
        15 => (foreign("u32", 4), false),
        16 => (foreign("u16", 2), false),
        17 => (foreign("i4", 1), true),
        18 => (foreign("bf16", 2), false),
        19 => (foreign("i2", 1), true),
        20 => (foreign("u4", 1), true),
        21 => (foreign("f8_e4m3fn", 1), false),
        22 => (foreign("f8_e5m2", 1), false),
        _ => return Err(ReadError::malformed("an element type, 0 to 22", code)),
    })
}

fn shape(extents: &[i32]) -> Result<Shape, ReadError> {
    let unsigned: Result<Vec<usize>, _> = extents.iter().map(|&d| usize::try_from(d)).collect();
    match unsigned {
        Ok(extents) => Ok(extents.into()),
        Err(_) => {
            let found = format!("{extents:?}");
            Err(ReadError::malformed(
                "a shape without negative extents",
                found,
            ))
        }
    }
}

/// The elements; nothing for a type that the graph cannot hold.
fn data(dtype: DataType, bytes: &[u8]) -> Option<Data> {
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
pub(super) fn numbers<T, const N: usize>(
    bytes: &[u8],
    number: impl Fn([u8; N]) -> T,
) -> impl Iterator<Item = T> {
    let (elements, _) = bytes.as_chunks();
    elements.iter().map(move |&element| number(element))
}

/// How integers stand for reals. Types whose reals the vocabulary does not know have none, and
/// neither have 32-bit integers with a scale of 0, as some converters write plain ones.
fn quantization(table: &Table<'_>, dtype: DataType) -> Result<Option<Quantization>, ReadError> {
    use field::quantization as f;
    let scales = table.f32s(f::SCALES)?;
    let plain = match dtype {
        DataType::I8 | DataType::U8 => false,
        DataType::I32 => scales.iter().all(|&scale| scale == 0.0),
        DataType::F32 | DataType::I64 | DataType::Foreign { .. } => true,
    };
    if plain || scales.is_empty() {
        return Ok(None);
    }
    let zero_points = table.i64s(f::ZERO_POINTS)?;
    let mut zero_points = zero_points
        .iter()
        .map(|&z| i32::try_from(z).map_err(|_| ReadError::malformed("a zero point of 32 bits", z)))
        .collect::<Result<Vec<i32>, _>>()?;
    match zero_points.as_slice() {
        [] => zero_points = vec![0; scales.len()],
        &[one] => zero_points = vec![one; scales.len()],
        _ => {}
    }
    let axis = match scales.len() {
        1 => None,
        _ => {
            let axis = table.i32(f::DIMENSION, 0)?;
            let axis = usize::try_from(axis);
            Some(axis.map_err(|_| ReadError::malformed("a dimension of at least 0", "less"))?)
        }
    };
    Ok(Some(Quantization {
        scales,
        zero_points,
        axis,
    }))
}
