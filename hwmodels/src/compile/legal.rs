//! Which tiles are legal, and what part of a layer's data they touch.

use super::parameters::Share;
use crate::array::Array;
use crate::profile::Profile;
use crate::task::LoopNest;

/// The part of a nest's input that a tile reads: all channels, or those of its own groups. Rows
/// beyond those of one image are rows of the next.
pub(super) fn input_share(nest: &LoopNest, rows: u64, channels: u64) -> Share {
    let rows = if rows >= nest.out_h {
        rows.div_ceil(nest.out_h) * nest.in_h
    } else {
        nest.input_rows(rows)
    };
    let (part, whole) = if nest.groups == 1 {
        (1, 1)
    } else {
        (channels, nest.out_c)
    };
    Share {
        part: rows * part,
        whole: nest.batch * nest.in_h * whole,
    }
}

/// The part of a nest's output in a tile.
pub(super) fn output_share(nest: &LoopNest, rows: u64, channels: u64) -> Share {
    Share {
        part: rows * channels,
        whole: nest.batch * nest.out_h * nest.out_c,
    }
}

/// Least output rows whose pixels fill the array's side.
pub(super) fn row_granule(profile: &Profile, nest: &LoopNest) -> u64 {
    let side = profile.array().map_or(1, |array| array.value.pixel_side());
    side / gcd(side, nest.out_w)
}

/// Least output channels of a tile: the array's side where it computes them side by side, and
/// whole groups.
pub(super) fn channel_granule(profile: &Profile, nest: &LoopNest) -> u64 {
    let side = |of: fn(&Array) -> u64| profile.array().map_or(1, |array| of(&array.value));
    match (nest.groups, nest.group_in_c()) {
        (1, _) => side(Array::channel_side),
        (_, 1) => side(Array::depthwise_side).next_multiple_of(nest.group_out_c()),
        (_, _) => nest.group_out_c(),
    }
}

/// Least input channels of a tile that is cut along them: one word of the array.
pub(super) fn depth_granule(profile: &Profile) -> u64 {
    profile.array().map_or(1, |array| array.value.simd())
}

/// Input bytes that neighbors share where `nest` is cut between two of its output rows.
pub(super) fn halo_bytes(nest: &LoopNest) -> u64 {
    let window = (nest.kernel[0] - 1) * nest.dilation[0] + 1;
    let row = nest.in_w * nest.in_c * nest.input_bits.div_ceil(8);
    window.saturating_sub(nest.stride[0]).min(nest.in_h) * row
}

/// For every number of tiles, the smallest legal tile that makes no more; largest first.
pub(super) fn splits(extent: u64, granule: u64) -> Vec<u64> {
    let granules = extent.div_ceil(granule);
    let mut splits = Vec::new();
    let mut size = granules;
    while size > 0 {
        splits.push((size * granule).min(extent));
        // The next smaller size is the one that needs at least one tile more.
        size = match granules.div_ceil(size) {
            tiles if tiles < granules => granules.div_ceil(tiles + 1).min(size - 1),
            _ => 0,
        };
    }
    splits
}

/// `extent` in pieces of `size`: how many, how large; then the rest.
pub(super) fn pieces(extent: u64, size: u64) -> impl Iterator<Item = (u64, u64)> {
    [
        (extent / size, size),
        (u64::from(!extent.is_multiple_of(size)), extent % size),
    ]
    .into_iter()
    .filter(|(pieces, _)| *pieces > 0)
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
