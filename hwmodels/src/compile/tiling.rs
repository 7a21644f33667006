//! How a task is cut into tiles.
//!
//! A tile is a number of output rows of one image by a number of output channels; its pixels and
//! channels are multiples of the array's sides or the full extent. For every number of tiles the
//! smallest legal tile is tried, with parameters kept over pixels and with inputs kept over
//! channels, on a grid split in every way, and the one with the least isolated latency wins: ties
//! by fewer bytes moved, then by smaller tile. A task whose activations live on the chip is cut
//! only along channels, and only if its parameters are streamed. Input channels are cut only where
//! no other tile fits; partial sums then wait in the accumulators of the array, whose size is
//! taken to be no limit.

use std::sync::Arc;

use super::cut::Cut;
use super::legal::{
    PARTS_MAX, channel_granule, depth_granule, input_share, output_share, row_granule, splits,
};
use super::memo::{Key, Memo, Sizes};
use super::share::Share;
use super::tile::{Extent, Kept, Split, moved_bytes};
use super::{Block, Compute, Price, Run, Tile};
use crate::simulate::isolated_cycles;
use crate::task::LoopNest;

impl Cut<'_> {
    /// The unit, tiled in the best way.
    pub(super) fn run(&self, memo: &Memo) -> Run {
        let search = || {
            let blocks = match self.unit.task.work.nest() {
                Some(nest) => self.nest(nest),
                None => self.parts(),
            };
            blocks.expect("parameters and residency left room for the least tile")
        };
        Run {
            task: self.unit.id,
            fused: self.unit.fused.clone(),
            price: self.price,
            strips: self.strips,
            blocks: memo.find(self.key(), search),
        }
    }

    /// All that the tiling depends on, beside the machine.
    fn key(&self) -> Key {
        let spills = self.spilled_in + self.spilled_out > 0;
        let weights = self.unit.weights();
        let sizes = Sizes {
            fused_bytes: self.unit.fused_bytes,
            plain_bytes: weights.map_or(0, |id| self.list.weights()[id.0].bytes),
            streamed: self.streamed,
            // Room that is not asked for makes no difference, nor what is left of it.
            buffer_bytes: if self.streamed.part > 0 {
                self.buffer_bytes.min(self.streamed_bytes(None))
            } else {
                0
            },
            workspace_bytes: if spills { self.workspace_bytes } else { 0 },
            spilled_in: self.spilled_in,
            spilled_out: self.spilled_out,
        };
        Key {
            operation: Arc::clone(&self.unit.task.operation),
            price: self.price,
            fused: if self.unit.fused.is_empty() {
                None
            } else {
                self.pricing().fused()
            },
            sizes,
        }
    }

    /// The best tiling of a loop nest; none if no legal tile fits.
    fn nest(&self, nest: &LoopNest) -> Option<Vec<Block>> {
        let spills = self.spilled_in + self.spilled_out > 0;
        let splits_of_grid = Split::of(self.profile, self.price, nest);
        if !spills && self.streamed.part == 0 && splits_of_grid.len() == 1 {
            let whole = Extent::whole(nest, splits_of_grid[0]);
            return Some(vec![Block {
                repeat: 1,
                tiles: vec![(1, self.tile(nest, whole))],
            }]);
        }
        let rows = if spills {
            splits(nest.out_h, row_granule(self.profile, nest))
        } else {
            vec![nest.out_h]
        };
        let channels = splits(nest.out_c, channel_granule(self.profile, nest));
        let mut best = Best::default();
        for &split in &splits_of_grid {
            for &rows in &rows {
                for &channels in &channels {
                    let extent = Extent {
                        rows,
                        channels,
                        in_c: nest.group_in_c(),
                        split,
                    };
                    if self.fits(nest, extent) {
                        self.try_orders(nest, extent, &mut best);
                    }
                }
            }
        }
        if best.blocks.is_none() {
            self.try_partial_sums(nest, &rows, &channels, &mut best);
        }
        best.blocks
    }

    /// Tries an extent with parameters kept, and with inputs kept.
    fn try_orders(&self, nest: &LoopNest, extent: Extent, best: &mut Best) {
        for kept in [Kept::Parameters, Kept::Inputs] {
            // Groups share no input that could be kept.
            let possible = kept == Kept::Parameters || nest.groups == 1;
            if possible && !best.beats(self.cycles_at_least(nest, extent, kept)) {
                best.offer(self, extent, || self.blocks(nest, extent, kept));
            }
        }
    }

    /// Tries, for every extent, the most input channels that fit.
    fn try_partial_sums(&self, nest: &LoopNest, rows: &[u64], channels: &[u64], best: &mut Best) {
        if nest.groups > 1 {
            return;
        }
        let depths = splits(nest.in_c, depth_granule(self.profile));
        for &rows in rows {
            for &channels in channels {
                let extent = |in_c| Extent {
                    rows,
                    channels,
                    in_c,
                    split: Split::None,
                };
                let fits = |in_c: &&u64| self.fits(nest, extent(**in_c));
                if let Some(&in_c) = depths.iter().skip(1).find(fits) {
                    let extent = extent(in_c);
                    best.offer(self, extent, || self.partial_sums(nest, extent));
                }
            }
        }
    }

    /// A bound of the time of a tiling that costs less than timing it: what is brought in takes at
    /// least its bytes over the rate of its way.
    fn cycles_at_least(&self, nest: &LoopNest, extent: Extent, kept: Kept) -> u64 {
        let Some(paths) = self.profile.paths() else {
            return 0;
        };
        let rows = nest.batch * nest.out_h.div_ceil(extent.rows);
        let channels = nest.out_c.div_ceil(extent.channels);
        let (parameters, inputs) = match kept {
            Kept::Parameters => (1, channels),
            Kept::Inputs => (rows, 1),
        };
        let bytes = self.streamed_bytes(None).saturating_mul(parameters);
        let parameter_cycles = paths.parameters.rate.cycles(bytes);
        // A stride beyond the window leaves rows that no tile reads.
        let window = (nest.kernel[0] - 1) * nest.dilation[0] + 1;
        let read = if window < nest.stride[0] {
            0
        } else {
            self.spilled_in
        };
        let input_cycles = paths.spill_in.rate.cycles(read.saturating_mul(inputs));
        if paths.parameters.port == paths.spill_in.port {
            parameter_cycles.saturating_add(input_cycles)
        } else {
            parameter_cycles.max(input_cycles)
        }
    }

    fn fits(&self, nest: &LoopNest, extent: Extent) -> bool {
        let parameters = self.streamed.of(self.stored(extent.slice()));
        let cut = Share {
            part: extent.in_c,
            whole: nest.group_in_c(),
        };
        let inputs = cut.of(input_share(nest, extent.rows, extent.channels).of(self.spilled_in));
        let outputs = output_share(nest, extent.rows, extent.channels).of(self.spilled_out);
        parameters <= self.buffer_bytes && inputs.saturating_add(outputs) <= self.workspace_bytes
    }

    /// The best cut of a task without a loop nest into equal parts.
    fn parts(&self) -> Option<Vec<Block>> {
        if self.spilled_in + self.spilled_out == 0 {
            return Some(self.part(1));
        }
        let fits = |parts: &u64| {
            self.spilled_in.div_ceil(*parts) + self.spilled_out.div_ceil(*parts)
                <= self.workspace_bytes
        };
        let counts = (0..=PARTS_MAX.ilog2())
            .map(|octave| 1 << octave)
            .filter(fits);
        counts
            .map(|parts| self.part(parts))
            .min_by_key(|blocks| (self.isolated_cycles(blocks), moved_bytes(blocks)))
    }

    fn part(&self, parts: u64) -> Vec<Block> {
        let work = &self.unit.task.work;
        let touched_bytes = work.touched_bytes().div_ceil(parts);
        let compute = match self.price {
            Price::Counts(_) => Compute::Counts {
                macs: work.macs().div_ceil(parts),
                touched_bytes,
            },
            Price::Array(_) | Price::Table(_) | Price::Vector(_) => Compute::Bytes(touched_bytes),
        };
        let tile = Tile {
            input_bytes: self.spilled_in.div_ceil(parts),
            output_bytes: self.spilled_out.div_ceil(parts),
            narrow_bytes: touched_bytes,
            ..Tile::computing(compute)
        };
        let first = Tile {
            parameter_bytes: self.streamed_bytes(None),
            ..tile
        };
        let mut tiles = vec![(1, first)];
        tiles.extend((parts > 1).then_some((parts - 1, tile)));
        vec![Block { repeat: 1, tiles }]
    }

    fn isolated_cycles(&self, blocks: &[Block]) -> u64 {
        isolated_cycles(&self.pricing(), blocks)
    }
}

/// Cycles, bytes moved, rows, channels and split of a tiling: less is better.
type Rank = (u64, u64, u64, u64, Split);

/// The best tiling so far.
#[derive(Default)]
struct Best {
    rank: Option<Rank>,
    blocks: Option<Vec<Block>>,
}

impl Best {
    /// Whether nothing that takes `cycles` or more can be better.
    fn beats(&self, cycles: u64) -> bool {
        self.rank.is_some_and(|least| least.0 < cycles)
    }

    fn offer(&mut self, cut: &Cut<'_>, extent: Extent, blocks: impl FnOnce() -> Vec<Block>) {
        let blocks = blocks();
        let rank = (
            cut.isolated_cycles(&blocks),
            moved_bytes(&blocks),
            extent.rows,
            extent.channels,
            extent.split,
        );
        if self.rank.is_none_or(|least| rank < least) {
            self.rank = Some(rank);
            self.blocks = Some(blocks);
        }
    }
}
