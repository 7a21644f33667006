//! Tensors: shape, element type, quantization and constant data.

use std::cmp::Ordering;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// The dimensions that are kept in place: those of activations and weights.
const PLACE_RANK: usize = 4;

/// The extent of each dimension, outermost first. Activations are `[n, h, w, c]`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Shape(Extents);

/// Networks have thousands of shapes, nearly all of few dimensions, so those need no allocation.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Extents {
    /// The first `rank` of `extents`; the others are 0.
    InPlace {
        rank: usize,
        extents: [usize; PLACE_RANK],
    },
    /// More than [`PLACE_RANK`].
    Apart(Box<[usize]>),
}

impl Shape {
    /// The number of elements; 1 for a scalar. `None` when it does not fit `usize`.
    #[must_use]
    pub fn checked_elements(&self) -> Option<usize> {
        self.iter().try_fold(1_usize, |n, &d| n.checked_mul(d))
    }

    /// The number of elements; 1 for a scalar.
    ///
    /// # Panics
    ///
    /// When the product overflows `usize`, which [`crate::verify()`] refuses.
    #[must_use]
    pub fn elements(&self) -> usize {
        self.checked_elements()
            .expect("a verified shape has a countable number of elements")
    }

    /// `[n, h, w, c]` when the shape has four dimensions.
    #[must_use]
    pub fn nhwc(&self) -> Option<[usize; 4]> {
        (**self).try_into().ok()
    }
}

impl Deref for Shape {
    type Target = [usize];

    fn deref(&self) -> &[usize] {
        match &self.0 {
            Extents::InPlace { rank, extents } => &extents[..*rank],
            Extents::Apart(extents) => extents,
        }
    }
}

impl From<&[usize]> for Shape {
    fn from(found: &[usize]) -> Self {
        let rank = found.len();
        Self(if rank <= PLACE_RANK {
            let mut extents = [0; PLACE_RANK];
            extents[..rank].copy_from_slice(found);
            Extents::InPlace { rank, extents }
        } else {
            Extents::Apart(found.into())
        })
    }
}

impl From<Vec<usize>> for Shape {
    fn from(extents: Vec<usize>) -> Self {
        Self::from(extents.as_slice())
    }
}

impl<const RANK: usize> From<[usize; RANK]> for Shape {
    fn from(extents: [usize; RANK]) -> Self {
        Self::from(extents.as_slice())
    }
}

/// As slices are ordered: dimension by dimension.
impl Ord for Shape {
    fn cmp(&self, other: &Self) -> Ordering {
        (**self).cmp(&**other)
    }
}

impl PartialOrd for Shape {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (i, extent) in self.iter().enumerate() {
            write!(f, "{}{extent}", if i == 0 { "" } else { ", " })?;
        }
        f.write_str("]")
    }
}

/// The type of one element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DataType {
    /// IEEE 754 single precision.
    F32,
    /// Signed 8 bit.
    I8,
    /// Unsigned 8 bit.
    U8,
    /// Signed 32 bit: accumulators, biases, class indices.
    I32,
    /// Signed 64 bit: shapes and indices in files.
    I64,
    /// A type that the vocabulary lacks, kept from a file so that its bytes are counted. Only
    /// [`crate::Op::Foreign`] takes it, and constants of it are [`Content::Parameter`].
    Foreign {
        /// Its name, such as `i16`.
        name: &'static str,
        /// The size of one element in bytes; at least 1.
        bytes: usize,
    },
}

impl DataType {
    /// The size of one element in bytes.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::F32 | Self::I32 => 4,
            Self::I64 => 8,
            Self::Foreign { bytes, .. } => bytes,
        }
    }

    /// The name used in text and errors, as Rust spells it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::I8 => "i8",
            Self::U8 => "u8",
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::Foreign { name, .. } => name,
        }
    }
}

impl fmt::Display for DataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The elements of a tensor, row-major. Cloning shares them.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// [`DataType::F32`] elements.
    F32(Arc<[f32]>),
    /// [`DataType::I8`] elements.
    I8(Arc<[i8]>),
    /// [`DataType::U8`] elements.
    U8(Arc<[u8]>),
    /// [`DataType::I32`] elements.
    I32(Arc<[i32]>),
    /// [`DataType::I64`] elements.
    I64(Arc<[i64]>),
}

impl Data {
    /// The type of the elements.
    #[must_use]
    pub const fn dtype(&self) -> DataType {
        match self {
            Self::F32(_) => DataType::F32,
            Self::I8(_) => DataType::I8,
            Self::U8(_) => DataType::U8,
            Self::I32(_) => DataType::I32,
            Self::I64(_) => DataType::I64,
        }
    }

    /// The number of elements.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::F32(v) => v.len(),
            Self::I8(v) => v.len(),
            Self::U8(v) => v.len(),
            Self::I32(v) => v.len(),
            Self::I64(v) => v.len(),
        }
    }

    /// Whether there are no elements.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// How integers stand for real numbers: `real = scale * (integer - zero_point)`.
///
/// One scale and zero point for the whole tensor, or one of each per index of `axis`
/// (per-channel).
#[derive(Clone, Debug, PartialEq)]
pub struct Quantization {
    /// Positive and finite, one or one per channel.
    pub scales: Vec<f32>,
    /// As many as `scales`; each within the range of the element type.
    pub zero_points: Vec<i32>,
    /// The dimension the scales run along; `None` when there is one for the whole tensor.
    pub axis: Option<usize>,
}

impl Quantization {
    /// One scale and zero point for the whole tensor.
    #[must_use]
    pub fn per_tensor(scale: f32, zero_point: i32) -> Self {
        Self {
            scales: vec![scale],
            zero_points: vec![zero_point],
            axis: None,
        }
    }

    /// Symmetric (zero point 0), one scale per index of `axis`.
    #[must_use]
    pub fn per_channel(scales: Vec<f32>, axis: usize) -> Self {
        Self {
            zero_points: vec![0; scales.len()],
            scales,
            axis: Some(axis),
        }
    }
}

/// A value that flows along the edges of a graph.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// Unique within the graph, never empty.
    pub name: String,
    /// The extent of each dimension.
    pub shape: Shape,
    /// The type of one element.
    pub dtype: DataType,
    /// How integers stand for reals; `None` for plain numbers.
    pub quantization: Option<Quantization>,
    /// What the tensor is: computed, or known beforehand.
    pub content: Content,
}

/// Where the elements of a tensor come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// A graph input, or computed by a node.
    Computed,
    /// A parameter whose values are not known: an untrained network can still be priced.
    Parameter,
    /// Known elements.
    Constant(Data),
}

impl Tensor {
    /// The size of all elements in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.shape.elements() * self.dtype.bytes()
    }

    /// Whether the tensor is known before the network runs, with or without its values.
    #[must_use]
    pub const fn is_constant(&self) -> bool {
        matches!(self.content, Content::Parameter | Content::Constant(_))
    }

    /// The elements, when they are known beforehand.
    #[must_use]
    pub const fn data(&self) -> Option<&Data> {
        match &self.content {
            Content::Constant(data) => Some(data),
            Content::Computed | Content::Parameter => None,
        }
    }
}
