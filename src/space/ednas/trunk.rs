//! The trunk: a stem and blocks of the forms of [`BlockForm`].
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
use super::{BlockForm, BlockShape};

/// The hidden channels of a Tucker block are multiples of this.
const TUCKER_STEP: usize = 8;

/// Adds the stem over an image.
pub(in crate::space) fn stem(
    layers: &mut Layers,
    filters: usize,
    image: TensorId,
) -> Result<TensorId, BuildError> {
    let x = layers.conv_norm("stem", image, filters, 3, 2)?;
    layers.relu6("stem/relu6", x)
}

/// Adds block `number`, from 1.
pub(in crate::space) fn block(
    layers: &mut Layers,
    number: usize,
    block: &BlockShape,
    input: TensorId,
) -> Result<TensorId, BuildError> {
    let branch = branch(layers, number, block, input)?;
    if is_residual(block, layers.channels(input)) {
        layers.add(&format!("block{number:02}/add"), branch, input)
    } else {
        Ok(branch)
    }
}

/// Whether a block over `in_c` channels adds its input.
pub(in crate::space) const fn is_residual(block: &BlockShape, in_c: usize) -> bool {
    block.stride == 1 && in_c == block.filters
}

/// Adds the layers of block `number`, without the addition of its input.
pub(in crate::space) fn branch(
    layers: &mut Layers,
    number: usize,
    block: &BlockShape,
    input: TensorId,
) -> Result<TensorId, BuildError> {
    let name = &format!("block{number:02}");
    let in_c = layers.channels(input);
    let (k, s) = (block.kernel, block.stride);
    let hidden = match block.form {
        BlockForm::Ibn { expansion } => ibn(layers, name, block, expansion, input)?,
        BlockForm::Fused { expansion } => {
            let c = in_c * expansion;
            let x = layers.conv_norm(&format!("{name}/expand"), input, c, k, s)?;
            layers.relu6(&format!("{name}/expand/relu6"), x)?
        }
        BlockForm::Separable { expansion } => {
            let x = layers.depthwise(&format!("{name}/depthwise/conv"), input, k, s)?;
            expand(layers, name, x, in_c * expansion)?
        }
        BlockForm::Tucker {
            in_percent,
            out_percent,
        } => {
            let compressed = share(in_c, in_percent);
            let x = layers.conv_norm(&format!("{name}/compress"), input, compressed, 1, 1)?;
            let x = layers.relu6(&format!("{name}/compress/relu6"), x)?;
            let c = share(block.filters, out_percent);
            let x = layers.conv_norm(&format!("{name}/full"), x, c, k, s)?;
            layers.relu6(&format!("{name}/full/relu6"), x)?
        }
    };
    layers.conv_norm(&format!("{name}/project"), hidden, block.filters, 1, 1)
}

/// The part of an IBN block before its projection.
fn ibn(
    layers: &mut Layers,
    name: &str,
    block: &BlockShape,
    expansion: usize,
    input: TensorId,
) -> Result<TensorId, BuildError> {
    let mut x = input;
    if expansion != 1 {
        let out_c = layers.channels(x) * expansion;
        x = expand(layers, name, x, out_c)?;
    }
    filter(layers, name, block, x)
}

/// The depthwise convolution of an IBN block.
pub(in crate::space) fn filter(
    layers: &mut Layers,
    name: &str,
    block: &BlockShape,
    x: TensorId,
) -> Result<TensorId, BuildError> {
    let name = format!("{name}/depthwise");
    let x = layers.depthwise(&format!("{name}/conv"), x, block.kernel, block.stride)?;
    let x = layers.batch_norm(&format!("{name}/norm"), x)?;
    layers.relu6(&format!("{name}/relu6"), x)
}

/// The 1x1 convolution of a block to its hidden channels.
pub(in crate::space) fn expand(
    layers: &mut Layers,
    name: &str,
    x: TensorId,
    out_c: usize,
) -> Result<TensorId, BuildError> {
    let x = layers.conv_norm(&format!("{name}/expand"), x, out_c, 1, 1)?;
    layers.relu6(&format!("{name}/expand/relu6"), x)
}

/// `percent` of `channels`, rounded up to whole steps.
fn share(channels: usize, percent: usize) -> usize {
    (channels * percent).div_ceil(100 * TUCKER_STEP) * TUCKER_STEP
}

/// A 1x1 convolution with bias and a batch norm, to the width of the feature pyramid.
pub(in crate::space) fn lateral(
    layers: &mut Layers,
    name: &str,
    x: TensorId,
    out_c: usize,
) -> Result<TensorId, BuildError> {
    let x = layers.conv(&format!("{name}/conv"), x, out_c, 1, 1, Bias::Learned)?;
    layers.batch_norm(&format!("{name}/norm"), x)
}
