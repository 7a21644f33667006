//! Checkpoints: the values of a network's parameters in a safetensors file.
//!
//! One `F32` tensor per parameter, under the graph's tensor name and in the graph's layout, so
//! that anything that reads safetensors can use them. The file's metadata has one key, `ednas`,
//! with a JSON record that the writer chooses.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use kernels::Shape;
use safetensors::tensor::{Dtype, SafeTensors, View};

use super::weights::{Values, Weights};
use crate::report::write_atomically;

/// The key of the file's metadata.
const METADATA_KEY: &str = "ednas";

/// Why a checkpoint cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The file cannot be read or written.
    #[error("checkpoint {}: {problem}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        problem: String,
    },
    /// The file is not a safetensors file of single precision tensors.
    #[error("checkpoint {}: {problem}; expected safetensors with F32 tensors", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What was found.
        problem: String,
    },
    /// A parameter of the network has no values.
    #[error("the checkpoint has no tensor `{tensor}`: it belongs to another network")]
    Missing {
        /// The parameter.
        tensor: String,
    },
    /// A parameter has another shape.
    #[error(
        "tensor `{tensor}` of the checkpoint is {found}, expected {expected}: it belongs to \
         another network"
    )]
    Shape {
        /// The parameter.
        tensor: String,
        /// In the checkpoint.
        found: Shape,
        /// In the network.
        expected: Shape,
    },
    /// A value is NaN or infinite.
    #[error(
        "tensor `{tensor}` of the checkpoint has {value} at index {index}; expected finite numbers"
    )]
    NotFinite {
        /// The parameter.
        tensor: String,
        /// Where.
        index: usize,
        /// What.
        value: f32,
    },
}

/// Writes `weights` to `path`, whole or not at all, with `record` as the file's metadata.
///
/// # Errors
///
/// [`CheckpointError::File`] when the file cannot be written.
pub fn write_checkpoint(
    path: &Path,
    weights: &Weights,
    record: &serde_json::Value,
) -> Result<(), CheckpointError> {
    let file = |problem: String| CheckpointError::File {
        path: path.to_owned(),
        problem,
    };
    let metadata = HashMap::from([(METADATA_KEY.to_owned(), record.to_string())]);
    let bytes = safetensors::serialize(weights.iter(), Some(metadata))
        .map_err(|error| file(error.to_string()))?;
    write_atomically(path, &bytes).map_err(|error| file(format!("{error:#}")))
}

/// Reads the tensors and the record of the checkpoint at `path`.
///
/// # Errors
///
/// [`CheckpointError::File`] or [`CheckpointError::Format`]; whether the tensors fit a network is
/// said by [`Weights::fill`].
pub fn read_checkpoint(path: &Path) -> Result<(Weights, serde_json::Value), CheckpointError> {
    let bytes = fs::read(path).map_err(|error| CheckpointError::File {
        path: path.to_owned(),
        problem: error.to_string(),
    })?;
    parse(&bytes).map_err(|problem| CheckpointError::Format {
        path: path.to_owned(),
        problem,
    })
}

fn parse(bytes: &[u8]) -> Result<(Weights, serde_json::Value), String> {
    let text = |error: safetensors::SafeTensorError| error.to_string();
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(text)?;
    let record = match header.metadata().as_ref().and_then(|m| m.get(METADATA_KEY)) {
        Some(record) => serde_json::from_str(record).map_err(|error| error.to_string())?,
        None => serde_json::Value::Null,
    };
    let mut weights = Weights::default();
    for (name, view) in SafeTensors::deserialize(bytes).map_err(text)?.iter() {
        if view.dtype() != Dtype::F32 {
            return Err(format!("tensor `{name}` is {:?}", view.dtype()));
        }
        let (values, rest) = view.data().as_chunks::<4>();
        debug_assert!(rest.is_empty(), "safetensors checks sizes against shapes");
        let values = Values {
            shape: view.shape().to_vec().into(),
            values: values.iter().map(|&v| f32::from_le_bytes(v)).collect(),
        };
        weights.insert(name.to_owned(), values);
    }
    Ok((weights, record))
}

impl View for &Values {
    fn dtype(&self) -> Dtype {
        Dtype::F32
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        self.values.iter().flat_map(|v| v.to_le_bytes()).collect()
    }

    fn data_len(&self) -> usize {
        self.values.len() * size_of::<f32>()
    }
}

#[cfg(test)]
mod tests;
