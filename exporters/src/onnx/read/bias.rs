//! The bias of a convolution or matrix product.

use kernels::{Data, DataType, Quantization, TensorId};

use super::constants::Constant;
use super::numbers::Numbers;
use super::plan::Arithmetic;
use super::quantized::nearest;
use super::raise::{Raising, Value};
use crate::ReadError;

/// How far the scale of a bias may be from the product of the scales of what it is added to before
/// it is rounded again: what single precision loses in one product.
const SCALE_TOLERANCE: f32 = 1e-6;

/// The bias as an operand beside `x` and `weights`. Among integers it is of 32 bits in units of the
/// sums; where the file has it as floats or under another scale, it is rounded to them.
pub(super) fn bias<'f>(
    raising: &mut Raising<'f, '_>,
    bias: &Value<'f>,
    [x, weights]: [&Value<'f>; 2],
    arithmetic: Arithmetic,
) -> Result<TensorId, ReadError> {
    let count = bias.shape().iter().product();
    let row = raising.reshaped(bias, &[count])?;
    let scales = (x.reals.as_ref().zip(weights.reals.as_ref()))
        .filter(|_| arithmetic == Arithmetic::Quantized)
        .map(|(x, weights)| of_sums(x, weights));
    let Some(scales) = scales else {
        return raising.taken(&row, &[0], arithmetic);
    };
    match (&row.reals, row.dtype) {
        (None, DataType::I32) => {
            let reals = Some(scales);
            raising.stored(&Value { reals, ..row }, &[0])
        }
        (Some(own), DataType::I32) if alike(own, &scales) => raising.stored(&row, &[0]),
        (Some(_), DataType::I32) | (None, DataType::F32) => {
            let rounded = rounded(raising, &row, &scales);
            let constant = match rounded {
                Some(data) => Constant::known(row.name, vec![count], data),
                None => Constant::made(row.name, DataType::I32, vec![count], None),
            };
            let value = raising.constant(constant);
            let reals = Some(scales);
            raising.stored(&Value { reals, ..value }, &[0])
        }
        (
            _,
            DataType::F32 | DataType::I8 | DataType::U8 | DataType::I64 | DataType::Foreign { .. },
        ) => raising.stored(&row, &[0]),
    }
}

/// Scales of the sums of products, per output channel when the weights' are.
fn of_sums(x: &Quantization, weights: &Quantization) -> Quantization {
    let input = x.scales[0];
    let scales: Vec<f32> = weights.scales.iter().map(|w| input * w).collect();
    Quantization {
        zero_points: vec![0; scales.len()],
        axis: weights.axis.map(|_| 0),
        scales,
    }
}

fn alike(own: &Quantization, wanted: &Quantization) -> bool {
    own.zero_points.iter().all(|&z| z == 0)
        && own.scales.len() == wanted.scales.len()
        && own
            .scales
            .iter()
            .zip(&wanted.scales)
            .all(|(own, wanted)| (own - wanted).abs() <= SCALE_TOLERANCE * wanted)
}

/// The reals of a constant in units of `scales`; nothing where they are not known or beyond 32 bits.
fn rounded<'f>(
    raising: &mut Raising<'f, '_>,
    row: &Value<'f>,
    scales: &Quantization,
) -> Option<Data> {
    let real: Vec<f32> = match (raising.elements(row, &[0])?, &row.reals) {
        (Data::F32(values), None) => values.to_vec(),
        (Data::I32(values), Some(own)) => {
            let real = |(i, value): (usize, &i32)| {
                let channel = i % own.scales.len();
                let distance = f64::from(*value) - f64::from(own.zero_points[channel]);
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "rounds to single precision"
                )]
                let real = (distance * f64::from(own.scales[channel])) as f32;
                real
            };
            values.iter().enumerate().map(real).collect()
        }
        (Data::F32(_) | Data::I8(_) | Data::U8(_) | Data::I32(_) | Data::I64(_), _) => {
            return None;
        }
    };
    let count = scales.scales.len();
    let integers = real.iter().enumerate();
    let integers = integers.map(|(i, real)| nearest(real / scales.scales[i % count]));
    Numbers::Whole(integers.collect()).data(DataType::I32)
}
