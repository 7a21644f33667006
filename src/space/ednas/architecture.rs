//! What a network is made of, whatever space it was found in.

use std::iter;

use super::{Block, BlockKind, Trunk};

/// A network without its image and its tasks: stem, blocks, feature pyramid, heads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Architecture {
    /// Filters of the stem: 3x3, stride 2.
    pub stem_filters: usize,
    /// The blocks behind the stem, in order.
    pub blocks: Vec<BlockShape>,
    /// The blocks, counted from 1, whose results are P3, P4 and P5: 1/8, 1/16 and 1/32 of the
    /// image's height and width.
    pub taps: [usize; 3],
    /// Channels of the feature pyramid and of the heads.
    pub width: usize,
    /// BiFPN cells, one after another.
    pub cells: usize,
    /// Separable convolutions of a head.
    pub head_depth: usize,
}

/// One block of a trunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BlockShape {
    /// What it is made of.
    pub form: BlockForm,
    /// Side of the square kernel.
    pub kernel: usize,
    /// Output channels.
    pub filters: usize,
    /// Stride of the spatial convolution.
    pub stride: usize,
}

/// What a block is made of. Batch norm follows every convolution but the depthwise one of
/// `Separable`, ReLU6 every one but that and the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BlockForm {
    /// 1x1 expansion (absent at 1), depthwise, 1x1 projection.
    Ibn {
        /// Hidden channels per input channel.
        expansion: usize,
    },
    /// A full convolution that expands, 1x1 projection.
    Fused {
        /// Hidden channels per input channel.
        expansion: usize,
    },
    /// Depthwise on the input channels, 1x1 expansion, 1x1 projection.
    Separable {
        /// Hidden channels per input channel.
        expansion: usize,
    },
    /// 1x1 compression, full convolution, 1x1 projection (MobileDet's generalized bottleneck,
    /// <https://arxiv.org/abs/2004.14525>, section 3.2). Hidden channels are multiples of 8.
    Tucker {
        /// Channels of the compression, in percent of the input's.
        in_percent: usize,
        /// Channels of the full convolution, in percent of the output's.
        out_percent: usize,
    },
}

impl Architecture {
    /// Filters of EfficientNet-B0's stem.
    pub const STEM_FILTERS: usize = 32;
    /// Where EfficientNet-B0's blocks leave 1/8, 1/16 and 1/32 of the image.
    pub const TAPS: [usize; 3] = [5, 11, 16];
    /// Channels of the pyramid.
    pub const WIDTH: usize = 96;
    /// Cells of the pyramid; the paper takes 4 instead of EfficientDet's 3.
    pub const CELLS: usize = 4;
    /// Separable convolutions of a head.
    pub const HEAD_DEPTH: usize = 2;

    /// The blocks in order, each with the channels that it reads.
    pub fn blocks_with_inputs(&self) -> impl Iterator<Item = (&BlockShape, usize)> {
        let outputs = self.blocks.iter().map(|block| block.filters);
        self.blocks
            .iter()
            .zip(iter::once(self.stem_filters).chain(outputs))
    }
}

impl From<&Trunk> for Architecture {
    fn from(trunk: &Trunk) -> Self {
        let shape =
            |(number, block): (usize, &Block)| block.shape(trunk.fused.is_separable(number));
        Self {
            stem_filters: Self::STEM_FILTERS,
            blocks: (1..).zip(&trunk.blocks).map(shape).collect(),
            taps: Self::TAPS,
            width: Self::WIDTH,
            cells: Self::CELLS,
            head_depth: Self::HEAD_DEPTH,
        }
    }
}

impl From<&Architecture> for Architecture {
    fn from(architecture: &Architecture) -> Self {
        architecture.clone()
    }
}

impl Block {
    /// What the block is made of, where a Fused-IBN is separable or not.
    #[must_use]
    pub fn shape(&self, is_separable: bool) -> BlockShape {
        let expansion = self.expansion;
        BlockShape {
            form: match (self.kind, is_separable) {
                (BlockKind::Ibn, _) => BlockForm::Ibn { expansion },
                (BlockKind::FusedIbn, false) => BlockForm::Fused { expansion },
                (BlockKind::FusedIbn, true) => BlockForm::Separable { expansion },
            },
            kernel: self.kernel,
            filters: self.filters,
            stride: self.stride,
        }
    }
}
