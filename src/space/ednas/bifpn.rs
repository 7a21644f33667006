//! BiFPN: cells that fuse the levels P3 to P7, down the pyramid and up again.
//!
//! With `'` a node of the way down and `"` one of the way up, a cell is
//! `P6'=(P6,P7) P5'=(P5,P6') P4'=(P4,P5') P3"=(P3,P4') P4"=(P4,P4',P3") P5"=(P5,P5',P4")
//! P6"=(P6,P6',P5") P7"=(P7,P6")`. A node resamples its operands to its own size (nearest up,
//! 3x3 max-pool down), sums them, and applies ReLU6, a separable 3x3 convolution and batch norm.

use kernels::TensorId;
use kernels::builder::BuildError;
use kernels::op::{Coordinates, ResizeMode};

use super::layers::Layers;
use super::trunk::lateral;

/// The finest level of a pyramid.
const FINEST: usize = 3;

/// The features P3 to P7, finest first.
pub(in crate::space) type Pyramid = [TensorId; 5];

/// Adds the 1x1 convolutions that bring the trunk's P3, P4 and P5 to the `width` of the pyramid,
/// and P6 and P7.
pub(in crate::space) fn laterals(
    layers: &mut Layers,
    width: usize,
    [p3, p4, p5]: [TensorId; 3],
) -> Result<Pyramid, BuildError> {
    let pooled = layers.halve("lateral/p6/pool", p5)?;
    let p6 = lateral(layers, "lateral/p6", pooled, width)?;
    Ok([
        lateral(layers, "lateral/p3", p3, width)?,
        lateral(layers, "lateral/p4", p4, width)?,
        lateral(layers, "lateral/p5", p5, width)?,
        p6,
        layers.halve("lateral/p7/pool", p6)?,
    ])
}

/// Adds `cells`; the result is P3 of the last one.
pub(in crate::space) fn cells(
    layers: &mut Layers,
    cells: usize,
    pyramid: Pyramid,
) -> Result<TensorId, BuildError> {
    let mut pyramid = pyramid;
    for cell in 1..=cells {
        pyramid = fuse(layers, &format!("bifpn{cell}"), pyramid)?;
    }
    Ok(pyramid[0])
}

fn fuse(layers: &mut Layers, cell: &str, input: Pyramid) -> Result<Pyramid, BuildError> {
    let mut down = input;
    for level in (1..4).rev() {
        let name = format!("{cell}/p{}_down", FINEST + level);
        down[level] = node(layers, &name, &[input[level], down[level + 1]])?;
    }
    let mut up = input;
    up[0] = node(layers, &format!("{cell}/p{FINEST}"), &[input[0], down[1]])?;
    for level in 1..4 {
        let name = format!("{cell}/p{}", FINEST + level);
        up[level] = node(layers, &name, &[input[level], down[level], up[level - 1]])?;
    }
    up[4] = node(
        layers,
        &format!("{cell}/p{}", FINEST + 4),
        &[input[4], up[3]],
    )?;
    Ok(up)
}

/// One node; the first operand has the node's size, the last may be half or twice of it.
fn node(layers: &mut Layers, name: &str, operands: &[TensorId]) -> Result<TensorId, BuildError> {
    let size = layers.size(operands[0]);
    let mut sum = operands[0];
    for (index, &operand) in operands.iter().enumerate().skip(1) {
        let found = layers.size(operand);
        let operand = if found == size {
            operand
        } else if found[0] < size[0] {
            let (mode, coordinates) = (ResizeMode::Nearest, Coordinates::Asymmetric);
            layers.resize(&format!("{name}/up"), operand, mode, coordinates, size)?
        } else {
            layers.halve(&format!("{name}/pool"), operand)?
        };
        sum = layers.add(&format!("{name}/add{index}"), sum, operand)?;
    }
    let x = layers.relu6(&format!("{name}/relu6"), sum)?;
    let width = layers.channels(x);
    layers.separable(name, x, width)
}
