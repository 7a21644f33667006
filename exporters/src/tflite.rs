//! TFLite files: the graph as it is, NHWC, float or int8 throughout.
//!
//! Every tensor keeps its name, shape, element type and quantization; the signature
//! `serving_default` names inputs and outputs as the graph does. An int8 graph gives a model
//! with int8 inputs and outputs, as compilers for accelerators expect.
//!
//! What the format cannot say in one operator becomes several: padding that is neither `SAME` nor
//! `VALID` becomes a `PAD`, a batch norm a `MUL` and an `ADD`, a concatenation of differently
//! scaled tensors gets a `QUANTIZE` for each. A convolution without a bias gets one of zeros.

mod flatbuffer;
mod schema;
mod version;

mod assembly;
mod lower;
mod parts;

mod read;

use kernels::Verified;
use kernels::live::live;

use crate::constants::only_known_types;
use crate::{ExportError, Format, Metadata};

pub use read::read;

/// The bytes of a `.tflite` file that computes what the outputs of `graph` need.
///
/// `metadata` becomes one buffer of text per property, listed under the model's metadata.
///
/// # Errors
///
/// [`ExportError::MissingValues`] when a parameter has no elements, [`ExportError::ElementType`] when
/// an element type is foreign, [`ExportError::Unsupported`]
/// when TFLite lacks an operator or a combination of its attributes and quantizations,
/// [`ExportError::TooLarge`] beyond 2 GiB.
pub fn write(graph: &Verified, metadata: &Metadata) -> Result<Vec<u8>, ExportError> {
    let graph = live(graph);
    only_known_types(&graph, Format::TfLite)?;
    let mut assembly = assembly::Assembly::new(&graph)?;
    for node in &graph.nodes {
        lower::lower(&mut assembly, node)?;
    }
    assembly.finish(metadata)
}

#[cfg(test)]
mod tests;
