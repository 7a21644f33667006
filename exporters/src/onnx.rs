//! ONNX files: float, or int8 as quantize-dequantize pairs (QDQ).
//!
//! **Layout.** ONNX images are channels first. Every tensor of four dimensions, `[n, h, w, c]` in
//! the graph, is `[n, c, h, w]` in the file, inputs and outputs included; tensors of other ranks
//! stay as they are. Names stay the graph's. Attributes and constants are reordered when written,
//! so that a transpose appears only where the graph itself mixes dimensions (a reshape of an
//! image, a dense layer on one).
//!
//! **int8.** A quantized tensor of the graph is a tensor of integers under its own name.
//! A node reads it through `DequantizeLinear`, computes in float, fused activation included, and
//! writes its result through `QuantizeLinear`. Weights are int8 and biases int32 initializers behind
//! `DequantizeLinear`, with a scale per channel along the axis where the channels are.
//! Reshapes, transposes and slices that keep the quantization move the integers themselves.
//!
//! Files use operator set 17 and format version 8.

mod layout;
mod message;

mod assembly;
mod lower;
mod moves;

mod read;

pub use read::{ReadOptions, Region, Supply, read};

use kernels::Verified;
use kernels::live::live;

use crate::constants::only_known_types;
use crate::{ExportError, Format, Metadata};

/// The bytes of an `.onnx` file that computes what the outputs of `graph` need.
///
/// `metadata` becomes `metadata_props`; the writer adds `layout`, which says `NCHW`.
///
/// # Errors
///
/// [`ExportError::MissingValues`] when a parameter has no elements, [`ExportError::ElementType`] when
/// an element type is foreign, [`ExportError::Unsupported`] when ONNX lacks an operator or a combination of its operands, [`ExportError::TooLarge`] beyond
/// 2 GiB.
pub fn write(graph: &Verified, metadata: &Metadata) -> Result<Vec<u8>, ExportError> {
    let graph = live(graph);
    only_known_types(&graph, Format::Onnx)?;
    let mut assembly = assembly::Assembly::new(&graph);
    for node in &graph.nodes {
        lower::lower(&mut assembly, node)?;
    }
    assembly.finish(metadata)
}

#[cfg(test)]
mod tests;
