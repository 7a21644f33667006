//! The EDNAS space: EfficientNet-B0 trunks whose 16 blocks are searched.
//!
//! A [`Trunk`] says what every block is, and is all that a network builder needs. It is read from
//! a [`Genome`](crate::space::Genome) of [`space`], from the short text of one, or taken from
//! [`named`].
//!
//! Source: the per-layer decisions of section 3.1 of the EDNAS paper, over the blocks of
//! EfficientNet-B0 without squeeze-and-excitation.

pub mod architecture;
pub mod fused;
pub mod genomes;
pub mod named;

pub(in crate::space) mod layers;

pub(in crate::space) mod bifpn;
pub(in crate::space) mod head;
pub(in crate::space) mod trunk;

mod parts;

pub mod lowering;
pub mod network;
pub mod upsampling;

#[cfg(test)]
mod tests;

pub use architecture::{Architecture, BlockForm, BlockShape};
pub use fused::FusedDefinition;
pub use genomes::{space, space_named};
pub use lowering::{Lowered, Lowering, LoweringError};
pub use network::{NetworkError, NetworkOptions, network};
pub use upsampling::Upsampling;

/// Number of searchable blocks.
pub const BLOCK_COUNT: usize = 16;

/// What kind of block a trunk has at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BlockKind {
    /// Inverted bottleneck: 1x1 expansion (absent at expansion 1), depthwise, 1x1 projection.
    Ibn,
    /// Fused inverted bottleneck: what replaces the expansion and the depthwise part is said by
    /// the trunk's [`FusedDefinition`].
    FusedIbn,
}

/// One searchable block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Block {
    /// IBN or Fused-IBN.
    pub kind: BlockKind,
    /// Side of the square kernel: 3 or 5.
    pub kernel: usize,
    /// Output channels: the EfficientNet-B0 number times the multiplier, exactly (never rounded to
    /// a multiple of 8; every product is whole).
    pub filters: usize,
    /// Hidden channels per input channel: 3 or 6, and 1 in the first block.
    pub expansion: usize,
    /// Stride of the spatial convolution: 1 or 2, as in EfficientNet-B0.
    pub stride: usize,
}

/// A trunk: the 16 blocks behind the fixed stem (3x3, stride 2, 32 filters).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trunk {
    /// Blocks 1 to 16 of the paper's tables, in order.
    pub blocks: [Block; BLOCK_COUNT],
    /// What a Fused-IBN is, in every block.
    pub fused: FusedDefinition,
}
