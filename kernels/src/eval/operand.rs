//! Operands: a tensor together with its elements.

use std::borrow::Cow;

use crate::tensor::{Data, Shape, Tensor};

use super::quantized::Grid;
use super::vectors::map;

/// Why an operator cannot take its operands; the walker adds which node it was.
#[derive(Debug)]
pub(super) struct Problem(pub(super) String);

/// One operand of a node.
#[derive(Clone, Copy)]
pub(super) struct Operand<'a> {
    pub(super) tensor: &'a Tensor,
    pub(super) data: &'a Data,
}

impl<'a> Operand<'a> {
    pub(super) const fn new(tensor: &'a Tensor, data: &'a Data) -> Self {
        Self { tensor, data }
    }

    pub(super) const fn shape(&self) -> &'a Shape {
        &self.tensor.shape
    }

    /// `[n, h, w, c]`.
    pub(super) fn nhwc(&self) -> [usize; 4] {
        nhwc(&self.tensor.shape)
    }

    pub(super) fn floats(&self) -> Result<&'a [f32], Problem> {
        match self.data {
            Data::F32(values) => Ok(values),
            Data::I8(_) | Data::U8(_) | Data::I32(_) | Data::I64(_) => Err(self.wrong("f32")),
        }
    }

    pub(super) fn ints(&self) -> Result<&'a [i32], Problem> {
        match self.data {
            Data::I32(values) => Ok(values),
            Data::F32(_) | Data::I8(_) | Data::U8(_) | Data::I64(_) => Err(self.wrong("i32")),
        }
    }

    /// The lowest byte of every 8-bit element.
    pub(super) fn bytes(&self) -> Result<Cow<'a, [u8]>, Problem> {
        match self.data {
            Data::I8(values) => Ok(map(values, i8::cast_unsigned).into()),
            Data::U8(values) => Ok(Cow::Borrowed(values)),
            Data::F32(_) | Data::I32(_) | Data::I64(_) => Err(self.wrong("i8 or u8")),
        }
    }

    /// The grid of an 8-bit operand, and `f` of its elements less the zero point: -255 to 255.
    pub(super) fn centered<R: Copy + Default>(
        &self,
        f: impl Fn(i16) -> R,
    ) -> Result<(Grid, Vec<R>), Problem> {
        let grid = Grid::of(self.tensor)?;
        let zero_point = i16::try_from(grid.zero_point).expect("an 8-bit zero point");
        // Within -255 to 255 nothing wraps; the operation says so to the compiler.
        let values = match self.data {
            Data::I8(values) => map(values, |q| f(i16::from(q).wrapping_sub(zero_point))),
            Data::U8(values) => map(values, |q| f(i16::from(q).wrapping_sub(zero_point))),
            Data::F32(_) | Data::I32(_) | Data::I64(_) => return Err(self.wrong("i8 or u8")),
        };
        Ok((grid, values))
    }

    /// The 8-bit elements as they are stored, as floats.
    pub(super) fn stored(&self) -> Result<Vec<f32>, Problem> {
        match self.data {
            Data::I8(values) => Ok(map(values, f32::from)),
            Data::U8(values) => Ok(map(values, f32::from)),
            Data::F32(_) | Data::I32(_) | Data::I64(_) => Err(self.wrong("i8 or u8")),
        }
    }

    pub(super) fn wrong(&self, expected: &str) -> Problem {
        let Tensor { name, dtype, .. } = self.tensor;
        Problem(format!("`{name}` is {dtype}, expected {expected}"))
    }
}

/// `[n, h, w, c]`.
pub(super) fn nhwc(shape: &Shape) -> [usize; 4] {
    shape
        .nhwc()
        .expect("a verified operator over images has four dimensions")
}
