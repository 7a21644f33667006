//! Which layers a parameter cache keeps, and on which tiles.
//!
//! Layers come in list order and stay if there is room, until the list ends: a small layer may
//! stay after a large one did not. On a cache that tiles share, layers of several output pixels are
//! spread evenly; of a layer of one pixel, a block of output channels lies on one tile, and the
//! layer stays only if every tile has room for its blocks.

use super::share::Share;
use crate::profile::{CacheRule, ParameterCache, Placement};

/// A layer's parameters, as they would lie in the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    /// Which parameters.
    pub(super) weight: usize,
    /// Blocks of output channels.
    pub(super) blocks: u64,
    /// Bytes of a block.
    pub(super) block_bytes: u64,
    /// Output pixels of the layer.
    pub(super) pixels: u64,
}

impl Candidate {
    /// Bytes of all blocks.
    pub(super) fn bytes(&self) -> u64 {
        self.blocks.saturating_mul(self.block_bytes)
    }
}

/// How much of each candidate stays in a cache of `room` bytes, in the order of `candidates`.
pub(super) fn fill(cache: ParameterCache, room: u64, candidates: &[Candidate]) -> Vec<Share> {
    let mut left = vec![room / cache.tiles; usize::try_from(cache.tiles).expect("tiles are few")];
    let mut stays = Vec::with_capacity(candidates.len());
    for candidate in candidates {
        let whole = candidate.bytes();
        let part = match (cache.rule, cache.placement) {
            (CacheRule::Bytes, _) => whole.min(left[0]),
            (CacheRule::WholeLayers, Placement::Pooled) if whole <= left[0] => whole,
            (CacheRule::WholeLayers, Placement::Pooled) => 0,
            (CacheRule::WholeLayers, Placement::PerTile) if candidate.pixels == 1 => {
                balance(&mut left, candidate)
            }
            (CacheRule::WholeLayers, Placement::FirstTiles) if candidate.pixels == 1 => {
                deal(&mut left, candidate)
            }
            (CacheRule::WholeLayers, Placement::FirstTiles) if candidate.blocks == 1 => {
                spread(&mut left, whole, cache.narrow_layer_tiles)
            }
            (CacheRule::WholeLayers, Placement::PerTile | Placement::FirstTiles) => {
                spread(&mut left, whole, cache.tiles)
            }
        };
        if cache.placement == Placement::Pooled {
            left[0] -= part;
        }
        stays.push(Share { part, whole });
    }
    stays
}

/// Deals the blocks round the tiles from the first tile on.
fn deal(left: &mut [u64], candidate: &Candidate) -> u64 {
    let tiles = left.len() as u64;
    // The first tiles get one block more than the last.
    let blocks = |tile: u64| (candidate.blocks + tiles - 1 - tile) / tiles;
    take(left, candidate.bytes(), |tile| {
        blocks(tile).saturating_mul(candidate.block_bytes)
    })
}

/// Gives every tile the same number of blocks, and those that remain to the tiles with most room.
fn balance(left: &mut [u64], candidate: &Candidate) -> u64 {
    let tiles = left.len() as u64;
    let mut order: Vec<usize> = (0..left.len()).collect();
    order.sort_by_key(|tile| std::cmp::Reverse(left[*tile]));
    let mut blocks = vec![candidate.blocks / tiles; left.len()];
    let remain = usize::try_from(candidate.blocks % tiles).expect("fewer than there are tiles");
    for tile in &order[..remain] {
        blocks[*tile] += 1;
    }
    let mut blocks = blocks.into_iter();
    take(left, candidate.bytes(), |_| {
        let own = blocks.next().expect("as many as there are tiles");
        own.saturating_mul(candidate.block_bytes)
    })
}

/// Spreads a layer evenly over the first `tiles` tiles.
fn spread(left: &mut [u64], whole: u64, tiles: u64) -> u64 {
    let share = |tile| {
        if tile < tiles {
            whole.div_ceil(tiles)
        } else {
            0
        }
    };
    take(left, whole, share)
}

/// Takes `load` of every tile's room and returns `whole`, or nothing where one has too little.
fn take(left: &mut [u64], whole: u64, load: impl FnMut(u64) -> u64) -> u64 {
    let loads: Vec<u64> = (0..left.len() as u64).map(load).collect();
    if loads.iter().zip(&*left).any(|(load, left)| load > left) {
        return 0;
    }
    for (left, load) in left.iter_mut().zip(loads) {
        *left -= load;
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(placement: Placement) -> ParameterCache {
        ParameterCache {
            bytes: 400,
            rule: CacheRule::WholeLayers,
            placement,
            tiles: 4,
            narrow_layer_tiles: 2,
        }
    }

    fn layer(blocks: u64, block_bytes: u64, pixels: u64) -> Candidate {
        Candidate {
            weight: 0,
            blocks,
            block_bytes,
            pixels,
        }
    }

    fn kept(placement: Placement, candidates: &[Candidate]) -> Vec<bool> {
        let stays = fill(cache(placement), 400, candidates);
        stays.iter().map(|share| share.part > 0).collect()
    }

    /// Three blocks of 40 to a layer: tiles 0 1 2, 3 0 1, and then no two have room for more.
    #[test]
    fn blocks_go_where_most_room_is() {
        let layers = [layer(3, 40, 1); 4];
        let stays = kept(Placement::PerTile, &layers);
        assert_eq!(stays, [true, true, false, false]);
        let smaller = [layer(3, 33, 1); 4];
        assert_eq!(kept(Placement::PerTile, &smaller), [true; 4]);
        let uneven = [layer(2, 60, 1), layer(1, 90, 1), layer(1, 90, 1)];
        assert_eq!(kept(Placement::PerTile, &uneven), [true; 3]);
        assert_eq!(kept(Placement::FirstTiles, &uneven), [true, false, false]);
    }

    /// Dealt from the first tile on, the last two stay empty.
    #[test]
    fn layers_of_one_pixel_fill_the_first_tiles() {
        let layers = [
            layer(2, 40, 1),
            layer(2, 40, 1),
            layer(2, 40, 1),
            layer(1, 20, 1),
        ];
        let stays = kept(Placement::FirstTiles, &layers);
        assert_eq!(stays, [true, true, false, true]);
    }

    /// Of several pixels, one block fills two tiles, two blocks all four.
    #[test]
    fn layers_of_several_pixels_are_spread() {
        let narrow = [layer(1, 120, 9), layer(1, 120, 9)];
        assert_eq!(kept(Placement::FirstTiles, &narrow), [true, false]);
        let wide = [layer(2, 120, 9), layer(2, 120, 9)];
        assert_eq!(kept(Placement::FirstTiles, &wide), [true, false]);
        let wide = [layer(2, 100, 9), layer(2, 100, 9)];
        assert_eq!(kept(Placement::FirstTiles, &wide), [true, true]);
    }
}
