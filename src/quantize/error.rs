//! Why a graph could not be quantized.

use kernels::eval::EvalError;

/// Why a graph could not be calibrated or quantized.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum QuantizeError {
    /// There is nothing to learn ranges from.
    #[error("calibration needs at least one image, found none")]
    NoImages,
    /// The float graph could not be run.
    #[error("calibration image {image}: {error}")]
    Image {
        /// The position of the image, from 0.
        image: usize,
        /// What went wrong.
        error: EvalError,
    },
    /// A graph input never varies.
    #[error(
        "input `{tensor}` is {value} in every element of every calibration image: no range can be \
         learned from it; calibrate with images like those the network will see"
    )]
    ConstantInput {
        /// The input.
        tensor: String,
        /// The one value.
        value: f32,
    },
    /// An activation was not a finite number.
    #[error(
        "`{tensor}` ranges from {min} to {max}, expected finite numbers: the network has diverged, \
         or an image is broken"
    )]
    Range {
        /// The activation.
        tensor: String,
        /// The smallest element seen; NaN when one was NaN.
        min: f32,
        /// The largest element seen.
        max: f32,
    },
    /// The ranges are of another graph.
    #[error("there is no range for `{tensor}`: calibrate the same folded graph that is quantized")]
    NoRange {
        /// The activation.
        tensor: String,
    },
    /// A parameter has no values, or a file gave it some that are not finite.
    #[error(
        "`{tensor}` has no values, or some that are NaN or infinite: load finite weights before \
         quantizing"
    )]
    NoValues {
        /// The parameter.
        tensor: String,
    },
    /// A node has no int8 form.
    #[error("node `{node}`: {op} {problem}")]
    Operator {
        /// The node.
        node: String,
        /// Its operator.
        op: String,
        /// What is wrong and what to do.
        problem: String,
    },
}
