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

use super::legal::{
    channel_granule, depth_granule, input_share, output_share, row_granule, splits,
};
use super::memo::{Key, Memo};
use super::parameters::{Parameters, Share, Slice, stored_bytes};
use super::residency::Residency;
use super::tile::{Extent, Kept, Split, moved_bytes};
use super::unit::Unit;
use super::{Block, Compute, Price, Run, Tile};
use crate::profile::Profile;
use crate::simulate::{Pricing, isolated_cycles};
use crate::task::{BufferId, LoopNest, Task, TaskList};

/// Tasks without a loop nest are cut into at most this many equal parts.
const PARTS_MAX: u64 = 1024;

/// What a unit's tiling depends on, beside the profile.
pub(super) struct Cut<'a> {
    pub(super) profile: &'a Profile,
    pub(super) list: &'a TaskList,
    pub(super) unit: &'a Unit<'a>,
    pub(super) price: Price,
    /// Of the stored parameters, what is streamed.
    pub(super) streamed: Share,
    buffer_bytes: u64,
    workspace_bytes: u64,
    pub(super) spilled_in: u64,
    pub(super) spilled_out: u64,
    pub(super) pricing: Pricing<'a>,
}

/// Output channels and input channels of the smallest legal tile; nothing where the task has no
/// channels to cut.
pub(super) fn slice_min(profile: &Profile, task: &Task) -> Option<Slice> {
    let nest = task.work.nest()?;
    let in_c = nest.group_in_c();
    Some(Slice {
        out_c: channel_granule(profile, nest).min(nest.out_c),
        in_c: if nest.groups == 1 {
            depth_granule(profile).min(in_c)
        } else {
            in_c
        },
    })
}

/// The least tile buffers a unit needs when some of its activations are spilled.
pub(super) fn workspace_min_bytes(
    profile: &Profile,
    list: &TaskList,
    unit: &Unit<'_>,
    spilled: &[bool],
) -> u64 {
    let (inputs, outputs) = spilled_bytes(list, unit, spilled);
    if inputs + outputs == 0 {
        return 0;
    }
    match (unit.task.work.nest(), slice_min(profile, unit.task)) {
        (Some(nest), Some(least)) => {
            let rows = row_granule(profile, nest).min(nest.out_h);
            let depth = Share {
                part: least.in_c,
                whole: nest.group_in_c(),
            };
            2 * (depth.of(input_share(nest, rows, least.out_c).of(inputs))
                + output_share(nest, rows, least.out_c).of(outputs))
        }
        (_, _) => 2 * (inputs.div_ceil(PARTS_MAX) + outputs.div_ceil(PARTS_MAX)),
    }
}

/// Bytes of a unit's inputs and outputs that do not live on the chip.
fn spilled_bytes(list: &TaskList, unit: &Unit<'_>, spilled: &[bool]) -> (u64, u64) {
    let bytes = |buffer: BufferId| {
        if spilled[buffer.0] {
            list.activations()[buffer.0].bytes
        } else {
            0
        }
    };
    let inputs = unit.reads().map(bytes).sum();
    let outputs = unit.writes.iter().copied().map(bytes).sum();
    (inputs, outputs)
}

impl<'a> Cut<'a> {
    pub(super) fn new(
        profile: &'a Profile,
        list: &'a TaskList,
        (unit, position, price): (&'a Unit<'a>, usize, Price),
        parameters: &Parameters,
        residency: &Residency,
    ) -> Cut<'a> {
        let narrow = profile
            .memory()
            .map_or(u64::MAX, |memory| memory.narrow.bytes);
        let (spilled_in, spilled_out) = spilled_bytes(list, unit, &residency.spilled);
        let fused = unit.fused.iter().map(|id| &list.tasks()[id.0]);
        Cut {
            pricing: Pricing::new(profile, price, fused),
            profile,
            list,
            unit,
            price,
            streamed: unit
                .weights()
                .map_or(Share::default(), |weight| parameters.streamed[weight.0]),
            buffer_bytes: parameters.buffer_bytes,
            workspace_bytes: narrow.saturating_sub(residency.resident_bytes[position]) / 2,
            spilled_in,
            spilled_out,
        }
    }

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
            blocks: memo.find(self.key(), search),
        }
    }

    /// All that the tiling depends on, beside the machine.
    fn key(&self) -> Key {
        let spills = self.spilled_in + self.spilled_out > 0;
        let weights = self.unit.weights();
        Key {
            work: self.unit.task.work,
            price: self.price,
            fused: self.pricing.fused(),
            fused_bytes: self.unit.fused_bytes,
            plain_bytes: weights.map_or(0, |id| self.list.weights()[id.0].bytes),
            streamed: self.streamed,
            // Room that is not asked for makes no difference.
            buffer_bytes: if self.streamed.part > 0 {
                self.buffer_bytes
            } else {
                0
            },
            workspace_bytes: if spills { self.workspace_bytes } else { 0 },
            spilled_in: self.spilled_in,
            spilled_out: self.spilled_out,
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

    /// Stored bytes of a slice of the parameters.
    pub(super) fn stored(&self, slice: Option<Slice>) -> u64 {
        stored_bytes(self.profile, self.list, self.unit.task, slice)
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
        let touched_bytes = self.unit.task.work.touched_bytes().div_ceil(parts);
        let tile = Tile {
            input_bytes: self.spilled_in.div_ceil(parts),
            output_bytes: self.spilled_out.div_ceil(parts),
            narrow_bytes: touched_bytes,
            ..Tile::computing(Compute::Bytes(touched_bytes))
        };
        let first = Tile {
            parameter_bytes: self.streamed_bytes(None),
            ..tile
        };
        let mut tiles = vec![(1, first)];
        tiles.extend((parts > 1).then_some((parts - 1, tile)));
        vec![Block { repeat: 1, tiles }]
    }

    /// Bytes streamed for a slice of the parameters.
    pub(super) fn streamed_bytes(&self, slice: Option<Slice>) -> u64 {
        if self.streamed.part == 0 {
            0
        } else {
            self.streamed.of(self.stored(slice))
        }
    }

    fn isolated_cycles(&self, blocks: &[Block]) -> u64 {
        isolated_cycles(&self.pricing, blocks)
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
