//! Why a graph could not be written.

use std::fmt;

/// A file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Open Neural Network Exchange.
    Onnx,
    /// TensorFlow Lite.
    TfLite,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Onnx => "ONNX",
            Self::TfLite => "TFLite",
        })
    }
}

/// Why a graph could not be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExportError {
    /// A parameter whose elements nobody supplied.
    #[error("tensor `{tensor}` has no values: train the network or load its weights, then export")]
    MissingValues {
        /// The name of the tensor.
        tensor: String,
    },
    /// An operator, or a combination of its attributes and operands, that the format cannot say.
    #[error("node `{node}`: {op} cannot be written as {format}: {reason}")]
    Unsupported {
        /// The name of the node.
        node: String,
        /// Its operator.
        op: String,
        /// The format that lacks it.
        format: Format,
        /// What it lacks, and what would be accepted.
        reason: String,
    },
    /// A tensor of an element type that the vocabulary lacks.
    #[error("tensor `{tensor}` is {found}, which is read from files and not written to {format}")]
    ElementType {
        /// The name of the tensor.
        tensor: String,
        /// Its element type.
        found: &'static str,
        /// The format asked for.
        format: Format,
    },
    /// More than the format's integers can count.
    #[error("`{what}` is too large for {format}: {found}, at most {limit}")]
    TooLarge {
        /// The tensor or graph.
        what: String,
        /// The format that cannot hold it.
        format: Format,
        /// The extent or number of bytes.
        found: usize,
        /// The most the format takes.
        limit: usize,
    },
}
