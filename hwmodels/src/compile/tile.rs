//! One tile of a loop nest, and the loops of tiles that make the whole.

use super::cut::Cut;
use super::legal::{channel_granule, halo_bytes, input_share, output_share, pieces};
use super::share::{Share, Slice};
use super::{Block, Compute, Price, Tile};
use crate::array::Product;
use crate::profile::Profile;
use crate::task::LoopNest;

/// How a tile is shared by the arrays of a grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Split {
    /// One array does it all.
    None,
    /// Every array makes some output channels: inputs are broadcast.
    OutChannels,
    /// Every array makes some output rows: parameters are broadcast, neighbors exchange halos.
    Space,
    /// Every array takes some images: parameters are broadcast.
    Batch,
}

impl Split {
    /// The ways that `nest` can be split on the machine. A table prices the whole machine.
    pub(super) fn of(profile: &Profile, price: Price, nest: &LoopNest) -> Vec<Split> {
        match price {
            Price::Array(_) if profile.tiles() > 1 => {
                let mut splits = vec![Split::OutChannels, Split::Space];
                splits.extend((nest.batch > 1).then_some(Split::Batch));
                splits
            }
            Price::Array(_) | Price::Table(_) | Price::Vector(_) | Price::Counts(_) => {
                vec![Split::None]
            }
        }
    }
}

/// What stays in its buffer while the inner loop runs.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kept {
    Parameters,
    Inputs,
}

/// The size of a tile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Extent {
    /// Output rows; of all images where nothing is spilled, else of one.
    pub(super) rows: u64,
    pub(super) channels: u64,
    /// Input channels of a group.
    pub(super) in_c: u64,
    pub(super) split: Split,
}

impl Extent {
    /// All of `nest`, all images at once.
    pub(super) fn whole(nest: &LoopNest, split: Split) -> Extent {
        Extent {
            rows: nest.batch * nest.out_h,
            channels: nest.out_c,
            in_c: nest.group_in_c(),
            split,
        }
    }

    pub(super) fn slice(&self) -> Option<Slice> {
        Some(Slice {
            out_c: self.channels,
            in_c: self.in_c,
        })
    }
}

impl Cut<'_> {
    /// The tile loop: what is kept is brought once per outer iteration.
    pub(super) fn blocks(&self, nest: &LoopNest, extent: Extent, kept: Kept) -> Vec<Block> {
        let (row_pieces, channel_pieces) = self.pieces(nest, extent);
        let (outer, inner) = match kept {
            Kept::Parameters => (channel_pieces, row_pieces),
            Kept::Inputs => (row_pieces, channel_pieces),
        };
        let several = inner.iter().map(|(pieces, _)| pieces).sum::<u64>() > 1;
        let mut blocks = Vec::with_capacity(outer.len());
        for (repeat, out) in outer {
            let mut tiles = Vec::with_capacity(3);
            for (place, &(pieces, piece)) in inner.iter().enumerate() {
                let (rows, channels) = match kept {
                    Kept::Parameters => (piece, out),
                    Kept::Inputs => (out, piece),
                };
                let piece = Extent {
                    rows,
                    channels,
                    ..extent
                };
                let tile = self.tile(nest, piece);
                let resting = self.resting(nest, piece, tile, kept);
                if place == 0 && several {
                    tiles.push((1, tile));
                    tiles.extend((pieces > 1).then_some((pieces - 1, resting)));
                } else {
                    tiles.push((pieces, if place == 0 { tile } else { resting }));
                }
            }
            blocks.push(Block { repeat, tiles });
        }
        blocks
    }

    /// The tile loop where input channels are cut: the sums of a tile are complete after its last
    /// part, which alone has an output.
    pub(super) fn partial_sums(&self, nest: &LoopNest, extent: Extent) -> Vec<Block> {
        let (row_pieces, channel_pieces) = self.pieces(nest, extent);
        let mut blocks = Vec::new();
        for &(row_count, rows) in &row_pieces {
            for &(channel_count, channels) in &channel_pieces {
                let depths: Vec<(u64, u64)> = pieces(nest.in_c, extent.in_c).collect();
                let last = depths.len() - 1;
                let mut tiles = Vec::with_capacity(3);
                for (place, &(count, in_c)) in depths.iter().enumerate() {
                    let part = Extent {
                        rows,
                        channels,
                        in_c,
                        ..extent
                    };
                    let tile = self.tile(nest, part);
                    let summing = self.summing(nest, part, tile);
                    let before = if place == last { count - 1 } else { count };
                    tiles.extend((before > 0).then_some((before, summing)));
                    tiles.extend((place == last).then_some((1, tile)));
                }
                let repeat = row_count * channel_count;
                blocks.push(Block { repeat, tiles });
            }
        }
        blocks
    }

    /// The tile when its results are not complete: they are written, and read back by the next.
    fn summing(&self, nest: &LoopNest, extent: Extent, tile: Tile) -> Tile {
        let results = extent.rows * nest.out_w * extent.channels;
        let written = (results * nest.input_bits).div_ceil(8);
        let sums = (results * nest.accumulator_bits).div_ceil(8);
        Tile {
            output_bytes: 0,
            fused_bytes: 0,
            narrow_bytes: tile.narrow_bytes.saturating_sub(written),
            sum_bytes: tile.sum_bytes.saturating_add(2 * sums),
            ..tile
        }
    }

    /// Counts and sizes of the pieces along rows and along channels.
    #[expect(clippy::type_complexity, reason = "two lists of (how many, how large)")]
    fn pieces(&self, nest: &LoopNest, extent: Extent) -> (Vec<(u64, u64)>, Vec<(u64, u64)>) {
        let rows = if self.spilled_in + self.spilled_out == 0 {
            vec![(1, nest.batch * nest.out_h)]
        } else {
            let images = |(pieces, rows)| (pieces * nest.batch, rows);
            pieces(nest.out_h, extent.rows).map(images).collect()
        };
        (rows, pieces(nest.out_c, extent.channels).collect())
    }

    /// A tile that finds everything where it has to come from.
    pub(super) fn tile(&self, nest: &LoopNest, extent: Extent) -> Tile {
        let shares = self.shares(nest, extent);
        let (_, largest) = shares[0];
        let compute = match self.price {
            Price::Array(_) => Compute::Product(largest),
            Price::Table(_) | Price::Vector(_) | Price::Counts(_) => {
                Compute::Macs(shares.iter().map(|(n, product)| n * product.macs()).sum())
            }
        };
        let depth = Share {
            part: extent.in_c,
            whole: nest.group_in_c(),
        };
        let (input, output) = (
            input_share(nest, extent.rows, extent.channels),
            output_share(nest, extent.rows, extent.channels),
        );
        let mut tile = Tile {
            parameter_bytes: self.streamed_bytes(extent.slice()),
            input_bytes: depth.of(input.of(self.spilled_in)),
            output_bytes: output.of(self.spilled_out),
            noc_bytes: self.noc_bytes(nest, extent, None),
            fused_bytes: output.of(self.unit.fused_bytes),
            ..Tile::computing(compute)
        };
        self.count_accesses(nest, &shares, &mut tile);
        tile
    }

    /// The tile when what is `kept` is there already.
    fn resting(&self, nest: &LoopNest, extent: Extent, tile: Tile, kept: Kept) -> Tile {
        let noc_bytes = self.noc_bytes(nest, extent, Some(kept));
        match kept {
            Kept::Parameters => Tile {
                parameter_bytes: 0,
                noc_bytes,
                ..tile
            },
            Kept::Inputs => Tile {
                input_bytes: 0,
                noc_bytes,
                ..tile
            },
        }
    }

    /// What every array of the grid computes, largest first, with how many do.
    fn shares(&self, nest: &LoopNest, extent: Extent) -> Vec<(u64, Product)> {
        let tiles = self.profile.tiles();
        let product = |rows, channels| {
            let whole = Product::of(nest, rows * nest.out_w, channels);
            Product {
                in_c: extent.in_c,
                ..whole
            }
        };
        match extent.split {
            Split::None => vec![(1, product(extent.rows, extent.channels))],
            Split::OutChannels => {
                let granule = channel_granule(self.profile, nest);
                let blocks = extent.channels.div_ceil(granule).div_ceil(tiles);
                pieces(extent.channels, (blocks * granule).min(extent.channels))
                    .map(|(n, channels)| (n, product(extent.rows, channels)))
                    .collect()
            }
            Split::Space => pieces(extent.rows, extent.rows.div_ceil(tiles))
                .map(|(n, rows)| (n, product(rows, extent.channels)))
                .collect(),
            Split::Batch => {
                let images = extent.rows.div_ceil(nest.out_h);
                let rows = (extent.rows / images) * images.div_ceil(tiles);
                pieces(extent.rows, rows)
                    .map(|(n, rows)| (n, product(rows, extent.channels)))
                    .collect()
            }
        }
    }

    /// Bytes over the network of the grid; what is `kept` was sent before.
    fn noc_bytes(&self, nest: &LoopNest, extent: Extent, kept: Option<Kept>) -> u64 {
        let inputs = || {
            let read = input_share(nest, extent.rows, extent.channels);
            let row = nest.in_w * nest.in_c * nest.input_bits.div_ceil(8);
            read.of(nest.batch * nest.in_h * row)
        };
        let parameters = || match kept {
            Some(Kept::Parameters) => 0,
            Some(Kept::Inputs) | None => self.stored(extent.slice()),
        };
        match extent.split {
            Split::None => 0,
            Split::OutChannels if kept == Some(Kept::Inputs) => 0,
            Split::OutChannels => inputs(),
            Split::Space => {
                let arrays = self.profile.tiles().min(extent.rows);
                parameters() + (arrays - 1) * halo_bytes(nest)
            }
            Split::Batch => parameters(),
        }
    }

    /// Bytes of on-chip memory that the arrays read and write.
    fn count_accesses(&self, nest: &LoopNest, shares: &[(u64, Product)], tile: &mut Tile) {
        let Some(array) = self.profile.array() else {
            return;
        };
        let bytes = |elements: u64, bits: u64| elements.saturating_mul(bits).div_ceil(8);
        for (arrays, product) in shares {
            let seen = array.value.accesses(product);
            let results = product.groups * product.m * product.n;
            let narrow =
                bytes(seen.inputs, nest.input_bits).saturating_add(bytes(results, nest.input_bits));
            let sums = seen.partials.saturating_add(seen.outputs - results);
            let all = |bytes: u64| bytes.saturating_mul(*arrays);
            tile.narrow_bytes = tile.narrow_bytes.saturating_add(all(narrow));
            let wide = all(bytes(seen.weights, nest.weight_bits));
            tile.wide_bytes = tile.wide_bytes.saturating_add(wide);
            let sums = all(bytes(sums, nest.accumulator_bits));
            tile.sum_bytes = tile.sum_bytes.saturating_add(sums);
        }
    }
}

/// Bytes onto and off the chip.
pub(super) fn moved_bytes(blocks: &[Block]) -> u64 {
    let tile = |tile: &Tile| tile.parameter_bytes + tile.input_bytes + tile.output_bytes;
    let block = |block: &Block| {
        let tiles = block.tiles.iter();
        let once = tiles.map(|(repeat, t)| repeat * tile(t)).sum::<u64>();
        block.repeat * once
    };
    blocks.iter().map(block).sum()
}
