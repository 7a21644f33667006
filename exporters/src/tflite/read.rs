//! TFLite files of any origin, read as a verified graph.
//!
//! The graph is that of the first subgraph. An operator inside the vocabulary becomes that
//! operator; an activation fused into one that the vocabulary does not fuse becomes a node of its
//! own, behind it. Every other operator becomes [`kernels::Op::Foreign`] under its builtin or
//! custom name, with all its operands, so that it is listed and priced; so does a builtin operator
//! on element types that the vocabulary lacks, such as 16-bit activations. What an operator's
//! attributes say moves out of the list of tensors.
//!
//! - A dimension that may change has the extent that the file stores.
//! - Integer weights of a float operator are dequantized first; runtimes that quantize its input
//!   while they run round more than that.
//! - Constants without elements in the file (external data), those with elements that are not finite
//!   and those of foreign element types, packed 4-bit, sparse ones and texts among them, are
//!   [`kernels::tensor::Content::Parameter`].
//! - State that an operator keeps between runs is not an operand, and neither are empty tensors.
//! - The operators of subgraphs that an operator calls are not listed; the bytes of their constants
//!   are one operand of the caller.
//!
//! Files are not trusted: whatever the bytes, reading ends in a graph or a [`ReadError`], and takes
//! time and memory in proportion to their number.

mod flat;
mod names;

mod model;
mod tensors;

mod calls;
mod macs;
mod moves;
mod operators;
mod raise;
mod windows;

use kernels::Verified;

use crate::read_error::Inside;
use crate::{Format, ReadError};
use flat::File;
use model::Model;
use raise::Raising;

/// The network in the bytes of a `.tflite` file.
///
/// It is named by the file's description, its tensors as in the file, its nodes after their
/// first result. Tensors are in the order in which inputs and nodes mention them.
///
/// # Errors
///
/// [`ReadError::Format`] when the bytes are no TFLite file of schema version 3,
/// [`ReadError::Malformed`] and [`ReadError::Contradiction`] when they contradict themselves.
pub fn read(bytes: &[u8]) -> Result<Verified, ReadError> {
    let file = File::new(bytes);
    let identifier = file.identifier().unwrap_or(bytes);
    if identifier != b"TFL3" {
        return Err(ReadError::Format {
            format: Format::TfLite,
            expected: "TFL3 at byte 4".to_owned(),
            found: format!("`{}`", identifier.escape_ascii()),
        });
    }
    let model = Model::new(&file)?;
    let main = model.subgraph(0)?;
    let place = format!("subgraph 0 `{}`", main.name);
    let raising = Raising::new(&model, main);
    raising.graph().inside(|| place)
}

#[cfg(test)]
mod tests;
