//! What writers and readers ask of constants: their elements, and what they derive from them.

use kernels::{Data, DataType, Quantization, Tensor, Verified};

use crate::{ExportError, Format};

/// The elements of a constant.
pub(crate) fn elements(tensor: &Tensor) -> Result<&Data, ExportError> {
    tensor.data().ok_or_else(|| ExportError::MissingValues {
        tensor: tensor.name.clone(),
    })
}

/// Refuses a graph with a tensor of an element type that the vocabulary lacks.
pub(crate) fn only_known_types(graph: &Verified, format: Format) -> Result<(), ExportError> {
    let foreign = |t: &&Tensor| matches!(t.dtype, DataType::Foreign { .. });
    match graph.tensors.iter().find(foreign) {
        Some(tensor) => Err(ExportError::ElementType {
            tensor: tensor.name.clone(),
            found: tensor.dtype.name(),
            format,
        }),
        None => Ok(()),
    }
}

/// The elements of a float constant.
///
/// # Panics
///
/// When it is not float, which [`kernels::verify()`] refuses where this is called.
pub(crate) fn floats(tensor: &Tensor) -> Result<&[f32], ExportError> {
    match elements(tensor)? {
        Data::F32(values) => Ok(values),
        Data::I8(_) | Data::U8(_) | Data::I32(_) | Data::I64(_) => {
            unreachable!("a verified operand that must be f32 is")
        }
    }
}

/// Whether a graph may hold the elements: none is NaN or infinite, as those of some masks are.
pub(crate) fn is_finite(data: &Data) -> bool {
    match data {
        Data::F32(values) => values.iter().all(|value| value.is_finite()),
        Data::I8(_) | Data::U8(_) | Data::I32(_) | Data::I64(_) => true,
    }
}

/// The elements as little-endian bytes, row-major.
pub(crate) fn little_endian(data: &Data) -> Vec<u8> {
    match data {
        Data::F32(v) => v.iter().flat_map(|x| x.to_le_bytes()).collect(),
        Data::I8(v) => v.iter().flat_map(|x| x.to_le_bytes()).collect(),
        Data::U8(v) => v.to_vec(),
        Data::I32(v) => v.iter().flat_map(|x| x.to_le_bytes()).collect(),
        Data::I64(v) => v.iter().flat_map(|x| x.to_le_bytes()).collect(),
    }
}

/// A batch norm of known statistics as `x * scale + shift`, per channel:
/// `scale = gamma / sqrt(variance + epsilon)`, `shift = beta - mean * scale`.
///
/// `parameters` are gamma, beta, mean and variance.
pub(crate) fn batch_norm_as_scale_and_shift(
    parameters: [&[f32]; 4],
    epsilon: f32,
) -> (Vec<f32>, Vec<f32>) {
    let [gamma, beta, mean, variance] = parameters;
    let scale: Vec<f32> = gamma
        .iter()
        .zip(variance)
        .map(|(gamma, variance)| gamma / (variance + epsilon).sqrt())
        .collect();
    let shift = (0..scale.len())
        .map(|c| beta[c] - mean[c] * scale[c])
        .collect();
    (scale, shift)
}

/// The quantization of an int32 bias: `scale = scale of x * scale of the weights`, per output
/// channel when the weights' is, and zero point 0.
///
/// `None` when `x` or the weights are not quantized.
pub(crate) fn bias_quantization(x: &Tensor, weights: &Tensor) -> Option<Quantization> {
    let input = x.quantization.as_ref()?.scales[0];
    let weights = weights.quantization.as_ref()?;
    let scales: Vec<f32> = weights.scales.iter().map(|w| input * w).collect();
    Some(Quantization {
        zero_points: vec![0; scales.len()],
        scales,
        axis: weights.axis.map(|_| 0),
    })
}
