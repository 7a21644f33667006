//! Tile loops, played tile by tile or with their repetitions skipped.

use super::Speed;
use super::clocks::{Clocks, Timed};
use super::course::{Course, Operand};
use super::notes::{Bytes, Notes};
use super::pricing::Pricing;
use super::repeat::{Uses, repeat};
use crate::compile::Block;

/// A tile loop whose parts are timed already, for programs that come back to it.
pub(crate) struct TimedLoop(Vec<(u64, Vec<(u64, Timed)>)>);

impl TimedLoop {
    pub(crate) fn new(pricing: &Pricing<'_>, blocks: &[Block]) -> TimedLoop {
        let timed = |block: &Block| (block.repeat, timed(pricing, block));
        TimedLoop(blocks.iter().map(timed).collect())
    }
}

impl Course<'_, Bytes> {
    /// Runs an operator whose tiles are timed already.
    pub(crate) fn run(
        &mut self,
        code_bytes: u64,
        operands: impl Iterator<Item = Operand>,
        tiles: &TimedLoop,
    ) -> u64 {
        self.operator(
            || code_bytes,
            operands,
            |clocks, notes| {
                for (times, tiles) in &tiles.0 {
                    play_block(*times, tiles, true, clocks, notes, &Clocks::tile);
                }
            },
        )
    }
}

/// Plays a tile loop.
pub(super) fn play<N: Notes>(
    pricing: &Pricing<'_>,
    blocks: &[Block],
    speed: Speed,
    clocks: &mut Clocks,
    notes: &mut N,
) {
    let skip = speed == Speed::Fast;
    let tile = |clocks: &mut Clocks, timed: &Timed, notes: &mut N| match speed {
        Speed::Stepped => clocks.tile(&pricing.stepped(&timed.tile), notes),
        Speed::Events | Speed::Fast => clocks.tile(timed, notes),
    };
    for block in blocks {
        let tiles = timed(pricing, block);
        play_block(block.repeat, &tiles, skip, clocks, notes, &tile);
    }
}

fn timed(pricing: &Pricing<'_>, block: &Block) -> Vec<(u64, Timed)> {
    let tiles = block.tiles.iter();
    tiles
        .map(|(times, tile)| (*times, pricing.timed(tile)))
        .collect()
}

fn play_block<N: Notes>(
    times: u64,
    tiles: &[(u64, Timed)],
    skip: bool,
    clocks: &mut Clocks,
    notes: &mut N,
    tile: &impl Fn(&mut Clocks, &Timed, &mut N),
) {
    let uses = || {
        let uses = tiles.iter().map(|(_, timed)| Uses::of(timed));
        uses.fold(Uses::default(), Uses::or)
    };
    repeat(times, skip, uses, clocks, notes, |clocks, notes| {
        for (times, timed) in tiles {
            let uses = || Uses::of(timed);
            repeat(*times, skip, uses, clocks, notes, |clocks, notes| {
                tile(clocks, timed, notes);
            });
        }
    });
}
