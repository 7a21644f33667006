//! The trunk: EfficientNet-B0's stem and 16 searchable blocks.
//!
//! IBN: 1x1 expand, depthwise k x k, 1x1 project; no expand where the expansion is 1.
//! Fused-IBN, `full`: k x k conv that expands, 1x1 project. Fused-IBN, separable: depthwise k x k
//! on the input channels, 1x1 expand, 1x1 project. Batch norm follows every convolution but that
//! depthwise, ReLU6 follows all but the projection; a block whose shape does not change adds its
//! input.
//!
//! DIFFERENCE: the paper describes `full` only, but its printed sizes follow from separable
//! blocks from the ninth on ([`super::FusedDefinition`]).

use kernels::TensorId;
use kernels::builder::BuildError;

use super::layers::{Bias, Layers};
use super::{Block, BlockKind};

/// The filters of the stem, which is not searched.
const STEM_FILTERS: usize = 32;

/// Adds the stem over an image.
pub(super) fn stem(layers: &mut Layers, image: TensorId) -> Result<TensorId, BuildError> {
    let x = layers.conv_norm("stem", image, STEM_FILTERS, 3, 2)?;
    layers.relu6("stem/relu6", x)
}

/// Adds block `number`, 1 to 16; `separable` says what a Fused-IBN is there.
pub(super) fn block(
    layers: &mut Layers,
    number: usize,
    block: &Block,
    separable: bool,
    input: TensorId,
) -> Result<TensorId, BuildError> {
    let name = &format!("block{number:02}");
    let in_c = layers.channels(input);
    let expanded = match (block.kind, separable) {
        (BlockKind::Ibn, _) => ibn(layers, name, block, input)?,
        (BlockKind::FusedIbn, false) => {
            let (k, s, c) = (block.kernel, block.stride, in_c * block.expansion);
            let x = layers.conv_norm(&format!("{name}/expand"), input, c, k, s)?;
            layers.relu6(&format!("{name}/expand/relu6"), x)?
        }
        (BlockKind::FusedIbn, true) => {
            let depthwise = format!("{name}/depthwise/conv");
            let x = layers.depthwise(&depthwise, input, block.kernel, block.stride)?;
            expand(layers, name, x, in_c * block.expansion)?
        }
    };
    let projected = layers.conv_norm(&format!("{name}/project"), expanded, block.filters, 1, 1)?;
    if block.stride == 1 && in_c == block.filters {
        layers.add(&format!("{name}/add"), projected, input)
    } else {
        Ok(projected)
    }
}

/// The part of an IBN block before its projection.
fn ibn(
    layers: &mut Layers,
    name: &str,
    block: &Block,
    input: TensorId,
) -> Result<TensorId, BuildError> {
    let mut x = input;
    if block.expansion != 1 {
        let out_c = layers.channels(x) * block.expansion;
        x = expand(layers, name, x, out_c)?;
    }
    let depthwise = format!("{name}/depthwise");
    let x = layers.depthwise(&format!("{depthwise}/conv"), x, block.kernel, block.stride)?;
    let x = layers.batch_norm(&format!("{depthwise}/norm"), x)?;
    layers.relu6(&format!("{depthwise}/relu6"), x)
}

fn expand(
    layers: &mut Layers,
    name: &str,
    x: TensorId,
    out_c: usize,
) -> Result<TensorId, BuildError> {
    let x = layers.conv_norm(&format!("{name}/expand"), x, out_c, 1, 1)?;
    layers.relu6(&format!("{name}/expand/relu6"), x)
}

/// A 1x1 convolution with bias and a batch norm, to the width of the feature pyramid.
pub(super) fn lateral(
    layers: &mut Layers,
    name: &str,
    x: TensorId,
    out_c: usize,
) -> Result<TensorId, BuildError> {
    let x = layers.conv(&format!("{name}/conv"), x, out_c, 1, 1, Bias::Learned)?;
    layers.batch_norm(&format!("{name}/norm"), x)
}
