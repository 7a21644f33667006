//! Which tiles are legal, how small they can be, and what part of a layer's data they touch.

use super::share::{Share, Slice};
use super::unit::Unit;
use crate::array::Array;
use crate::profile::Profile;
use crate::task::{BufferId, LoopNest, Task, TaskList};

/// Tasks without a loop nest are cut into at most this many equal parts.
pub(super) const PARTS_MAX: u64 = 1024;

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
pub(super) fn spilled_bytes(list: &TaskList, unit: &Unit<'_>, spilled: &[bool]) -> (u64, u64) {
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
