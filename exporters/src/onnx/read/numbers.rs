//! Small constants as numbers, in the order of the file.

use kernels::{Data, DataType};

/// The most elements of a constant that is computed with while a file is read: shapes, axes,
/// amounts, scales.
pub(super) const NUMBERS_MAX: usize = 1 << 16;

/// The elements of a constant.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Numbers {
    /// Of any integer type, or truth values.
    Whole(Vec<i64>),
    /// Single precision.
    Real(Vec<f32>),
}

impl Numbers {
    pub(super) fn of(data: &Data) -> Self {
        match data {
            Data::F32(v) => Self::Real(v.to_vec()),
            Data::I8(v) => Self::Whole(v.iter().map(|&x| x.into()).collect()),
            Data::U8(v) => Self::Whole(v.iter().map(|&x| x.into()).collect()),
            Data::I32(v) => Self::Whole(v.iter().map(|&x| x.into()).collect()),
            Data::I64(v) => Self::Whole(v.to_vec()),
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Whole(v) => v.len(),
            Self::Real(v) => v.len(),
        }
    }

    /// The elements as a graph holds them; nothing where the type is foreign or a number is outside
    /// of it.
    pub(super) fn data(&self, dtype: DataType) -> Option<Data> {
        match (self, dtype) {
            (Self::Real(v), DataType::F32) => Some(Data::F32(v.as_slice().into())),
            (Self::Whole(v), DataType::I64) => Some(Data::I64(v.as_slice().into())),
            (Self::Whole(v), DataType::I32) => narrow(v).map(Data::I32),
            (Self::Whole(v), DataType::I8) => narrow(v).map(Data::I8),
            (Self::Whole(v), DataType::U8) => narrow(v).map(Data::U8),
            (Self::Real(_), _) | (Self::Whole(_), DataType::F32 | DataType::Foreign { .. }) => None,
        }
    }

    /// The elements at these positions.
    pub(super) fn at(&self, positions: impl Iterator<Item = usize>) -> Self {
        match self {
            Self::Whole(v) => Self::Whole(positions.map(|p| v[p]).collect()),
            Self::Real(v) => Self::Real(positions.map(|p| v[p]).collect()),
        }
    }
}

fn narrow<T: TryFrom<i64>>(values: &[i64]) -> Option<std::sync::Arc<[T]>> {
    values.iter().map(|&v| T::try_from(v).ok()).collect()
}
