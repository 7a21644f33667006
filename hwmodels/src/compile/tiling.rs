//! How a task is cut into tiles.
//!
//! A tile is a number of output rows of one image by a number of output channels; its pixels and
//! channels are multiples of the array's sides or the full extent. For every number of tiles the
//! smallest legal tile is tried, with parameters kept over pixels and with inputs kept over
//! channels, and the one with the least isolated latency wins: ties by fewer bytes moved, then by
//! smaller tile. A task whose activations live on the chip is cut only along channels, and only if
//! its parameters are streamed.

use super::legal::{channel_granule, input_share, output_share, pieces, row_granule, splits};
use super::parameters::{Parameters, Share, stored_bytes};
use super::residency::Residency;
use super::{Block, Compute, Price, Run, Tile};
use crate::array::Product;
use crate::profile::Profile;
use crate::simulate::isolated_cycles;
use crate::task::{BufferId, LoopNest, Task, TaskId, TaskList, Work};

/// Tasks without a loop nest are cut into at most this many equal parts.
const PARTS_MAX: u64 = 1024;

/// Tiles `task` on the chip.
pub(super) fn run(
    profile: &Profile,
    list: &TaskList,
    id: TaskId,
    price: Price,
    parameters: &Parameters,
    residency: &Residency,
) -> Run {
    let task = &list.tasks()[id.0];
    let narrow = profile
        .memory()
        .map_or(u64::MAX, |memory| memory.narrow_bytes);
    let cut = Cut {
        profile,
        list,
        task,
        price,
        streamed: task
            .weights
            .map_or(Share::default(), |weight| parameters.streamed[weight.0]),
        buffer_bytes: parameters.buffer_bytes,
        workspace_bytes: narrow.saturating_sub(residency.resident_bytes[id.0]) / 2,
        spilled_in: bytes(list, &task.reads, &residency.spilled),
        spilled_out: bytes(list, &task.writes, &residency.spilled),
    };
    let blocks = match task.work.nest() {
        Some(nest) => cut.nest(nest),
        None => cut.parts(),
    };
    let blocks = blocks.expect("parameters and residency left room for the least tile");
    Run {
        task: id,
        price,
        blocks,
    }
}

/// Output channels of the smallest legal tile; nothing where the task has no channels to cut.
pub(super) fn channel_tile_min(profile: &Profile, task: &Task) -> Option<u64> {
    let nest = task.work.nest()?;
    Some(channel_granule(profile, nest).min(nest.out_c))
}

/// The least tile buffers a task needs when some of its activations are spilled.
pub(super) fn workspace_min_bytes(
    profile: &Profile,
    list: &TaskList,
    task: &Task,
    spilled: &[bool],
) -> u64 {
    let (inputs, outputs) = (
        bytes(list, &task.reads, spilled),
        bytes(list, &task.writes, spilled),
    );
    if inputs + outputs == 0 {
        return 0;
    }
    match task.work.nest() {
        Some(nest) => {
            let rows = row_granule(profile, nest).min(nest.out_h);
            let channels = channel_granule(profile, nest).min(nest.out_c);
            2 * (input_share(nest, rows, channels).of(inputs)
                + output_share(nest, rows, channels).of(outputs))
        }
        None => 2 * (inputs.div_ceil(PARTS_MAX) + outputs.div_ceil(PARTS_MAX)),
    }
}

/// A task about to be cut.
struct Cut<'a> {
    profile: &'a Profile,
    list: &'a TaskList,
    task: &'a Task,
    price: Price,
    streamed: Share,
    buffer_bytes: u64,
    workspace_bytes: u64,
    spilled_in: u64,
    spilled_out: u64,
}

/// What stays in its buffer while the inner loop runs.
#[derive(Clone, Copy, PartialEq)]
enum Kept {
    Parameters,
    Inputs,
}

/// Cycles, bytes moved, rows and channels of a tiling: less is better.
type Rank = (u64, u64, u64, u64);

impl Cut<'_> {
    /// The best tiling of a loop nest; none if no legal tile fits.
    fn nest(&self, nest: &LoopNest) -> Option<Vec<Block>> {
        let spills = self.spilled_in + self.spilled_out > 0;
        if !spills && self.streamed.part == 0 {
            let tile = self.tile(nest, nest.batch * nest.out_h, nest.out_c);
            return Some(vec![Block {
                repeat: 1,
                tiles: vec![(1, tile)],
            }]);
        }
        let rows = if spills {
            splits(nest.out_h, row_granule(self.profile, nest))
        } else {
            vec![nest.out_h]
        };
        let channels = splits(nest.out_c, channel_granule(self.profile, nest));
        let mut best: Option<(Rank, Vec<Block>)> = None;
        for &rows in &rows {
            for &channels in &channels {
                if !self.fits(nest, rows, channels) {
                    continue;
                }
                for kept in [Kept::Parameters, Kept::Inputs] {
                    // Groups share no input that could be kept.
                    if kept == Kept::Inputs && nest.groups > 1 {
                        continue;
                    }
                    let blocks = self.blocks(nest, rows, channels, kept);
                    let cycles = isolated_cycles(self.profile, self.price, &blocks);
                    let key = (cycles, moved_bytes(&blocks), rows, channels);
                    if best.as_ref().is_none_or(|(least, _)| key < *least) {
                        best = Some((key, blocks));
                    }
                }
            }
        }
        best.map(|(_, blocks)| blocks)
    }

    fn fits(&self, nest: &LoopNest, rows: u64, channels: u64) -> bool {
        let parameters = self.streamed.of(stored_bytes(
            self.profile,
            self.list,
            self.task,
            Some(channels),
        ));
        let inputs = input_share(nest, rows, channels).of(self.spilled_in);
        let outputs = output_share(nest, rows, channels).of(self.spilled_out);
        parameters <= self.buffer_bytes && inputs + outputs <= self.workspace_bytes
    }

    /// The tile loop: what is kept is brought once per outer iteration.
    fn blocks(&self, nest: &LoopNest, rows: u64, channels: u64, kept: Kept) -> Vec<Block> {
        let whole = self.spilled_in + self.spilled_out == 0;
        let row_pieces = if whole {
            vec![(1, nest.batch * nest.out_h)]
        } else {
            let images = |(pieces, rows)| (pieces * nest.batch, rows);
            pieces(nest.out_h, rows).map(images).collect()
        };
        let channel_pieces: Vec<(u64, u64)> = pieces(nest.out_c, channels).collect();
        let (outer, inner) = match kept {
            Kept::Parameters => (channel_pieces, row_pieces),
            Kept::Inputs => (row_pieces, channel_pieces),
        };
        let several = inner.iter().map(|(pieces, _)| pieces).sum::<u64>() > 1;
        let mut blocks = Vec::new();
        for (repeat, out) in outer {
            let mut tiles = Vec::new();
            for (place, &(pieces, piece)) in inner.iter().enumerate() {
                let tile = match kept {
                    Kept::Parameters => self.tile(nest, piece, out),
                    Kept::Inputs => self.tile(nest, out, piece),
                };
                let resting = match kept {
                    Kept::Parameters => Tile {
                        parameter_bytes: 0,
                        ..tile
                    },
                    Kept::Inputs => Tile {
                        input_bytes: 0,
                        ..tile
                    },
                };
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

    fn tile(&self, nest: &LoopNest, rows: u64, channels: u64) -> Tile {
        let product = Product::of(nest, rows * nest.out_w, channels);
        let compute = match self.price {
            Price::Array(_) => Compute::Product(product),
            Price::Table(_) | Price::Vector(_) => Compute::Macs(
                product.groups * product.m * product.n * product.window * product.in_c,
            ),
        };
        let stored = || stored_bytes(self.profile, self.list, self.task, Some(channels));
        Tile {
            parameter_bytes: if self.streamed.part == 0 {
                0
            } else {
                self.streamed.of(stored())
            },
            input_bytes: input_share(nest, rows, channels).of(self.spilled_in),
            output_bytes: output_share(nest, rows, channels).of(self.spilled_out),
            compute,
        }
    }

    /// The best cut of a task without a loop nest into equal parts.
    fn parts(&self) -> Option<Vec<Block>> {
        let touched_bytes = match self.task.work {
            Work::Vector { touched_bytes } | Work::Move { touched_bytes } => touched_bytes,
            Work::LoopNest(_) | Work::Depthwise(_) | Work::Host { .. } => 0,
        };
        let stored = stored_bytes(self.profile, self.list, self.task, None);
        let parameter_bytes = if self.streamed.part == 0 {
            0
        } else {
            self.streamed.of(stored)
        };
        let part = |parts: u64| {
            let tile = Tile {
                parameter_bytes: 0,
                input_bytes: self.spilled_in.div_ceil(parts),
                output_bytes: self.spilled_out.div_ceil(parts),
                compute: Compute::Bytes(touched_bytes.div_ceil(parts)),
            };
            let mut tiles = vec![(
                1,
                Tile {
                    parameter_bytes,
                    ..tile
                },
            )];
            tiles.extend((parts > 1).then_some((parts - 1, tile)));
            vec![Block { repeat: 1, tiles }]
        };
        if self.spilled_in + self.spilled_out == 0 {
            return Some(part(1));
        }
        let fits = |parts: &u64| {
            self.spilled_in.div_ceil(*parts) + self.spilled_out.div_ceil(*parts)
                <= self.workspace_bytes
        };
        let counts = (0..=PARTS_MAX.ilog2())
            .map(|octave| 1 << octave)
            .filter(fits);
        counts.map(part).min_by_key(|blocks| {
            (
                isolated_cycles(self.profile, self.price, blocks),
                moved_bytes(blocks),
            )
        })
    }
}

fn moved_bytes(blocks: &[Block]) -> u64 {
    let tile = |tile: &Tile| tile.parameter_bytes + tile.input_bytes + tile.output_bytes;
    let block = |block: &Block| {
        block.repeat
            * block
                .tiles
                .iter()
                .map(|(repeat, t)| repeat * tile(t))
                .sum::<u64>()
    };
    blocks.iter().map(block).sum()
}

/// Bytes of those `buffers` that are spilled.
fn bytes(list: &TaskList, buffers: &[BufferId], spilled: &[bool]) -> u64 {
    let spilled = buffers.iter().filter(|buffer| spilled[buffer.0]);
    spilled
        .map(|buffer| list.activations()[buffer.0].bytes)
        .sum()
}
