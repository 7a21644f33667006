//! What parameters take in files, on the way to the chip, and in its memory.
//!
//! Stored bytes of a layer are `out_c * (k_h * k_w * in_c * weight bytes * compression + beside)`
//! with `out_c` and `in_c` rounded up to what the profile's `[storage]` says, and `beside` the bytes
//! of bias and scale. A file holds part of a block of channels where a layer has fewer than one;
//! the memory of a tile holds whole blocks.

use super::share::{Share, Slice};
use crate::profile::{Profile, Storage};
use crate::task::{LoopNest, Task, TaskList, WeightId, Weights, Work};

/// Stored bytes of a task's parameters, for a slice of them or all.
pub(super) fn stored_bytes(
    profile: &Profile,
    list: &TaskList,
    task: &Task,
    slice: Option<Slice>,
) -> u64 {
    let Some(WeightId(id)) = task.weights else {
        return 0;
    };
    let weights = list.weights()[id];
    let Some(nest) = task.work.nest() else {
        return weights.bytes;
    };
    let whole = Slice::whole(nest);
    let slice = slice.unwrap_or(whole);
    match profile.storage() {
        Some(storage) => {
            let multiple = channel_multiple(&task.work, nest, storage);
            let out_c = slice.out_c.next_multiple_of(multiple);
            padded_bytes((&task.work, nest), storage, weights, [out_c, slice.in_c])
        }
        None => Share {
            part: slice.out_c * slice.in_c,
            whole: whole.out_c * whole.in_c,
        }
        .of(weights.bytes),
    }
}

/// What a task's parameters take in the memory of the chip: how many blocks of output channels, and
/// bytes of each.
pub(super) fn blocks(profile: &Profile, list: &TaskList, task: &Task) -> [u64; 2] {
    let whole = stored_bytes(profile, list, task, None);
    let (Some(WeightId(id)), Some(nest)) = (task.weights, task.work.nest()) else {
        return [1, whole];
    };
    match profile.storage() {
        Some(storage) => {
            let channels = [storage.block_channels, nest.group_in_c()];
            let bytes = padded_bytes((&task.work, nest), storage, list.weights()[id], channels);
            [nest.out_c.div_ceil(storage.block_channels), bytes]
        }
        None => {
            let side = |array: crate::array::Array| array.channel_side();
            let side = profile.array().map_or(1, |array| side(array.value));
            let blocks = nest.out_c.div_ceil(side);
            [blocks, whole.div_ceil(blocks)]
        }
    }
}

/// Output channels are stored in multiples of this.
fn channel_multiple(work: &Work, nest: &LoopNest, storage: Storage) -> u64 {
    let depthwise = matches!(work, Work::Depthwise(_));
    if nest.out_c > storage.block_channels && !depthwise {
        storage.block_channels
    } else {
        storage.out_channel_multiple
    }
}

/// Bytes of `out_c` channels over `in_c` input channels, those rounded up to whole words.
fn padded_bytes(
    (work, nest): (&Work, &LoopNest),
    storage: Storage,
    weights: Weights,
    [out_c, in_c]: [u64; 2],
) -> u64 {
    let in_c = match work {
        Work::Depthwise(_) => storage.depthwise_in_channels,
        Work::LoopNest(_) | Work::Vector { .. } | Work::Move { .. } | Work::Host { .. } => {
            in_c.next_multiple_of(storage.in_channel_multiple)
        }
    };
    let factors = [nest.kernel[0], nest.kernel[1], in_c, nest.weight_bits];
    let bits = factors.into_iter().fold(out_c, u64::saturating_mul);
    let compressed = Share {
        part: storage.weight_bytes_per_million,
        whole: 1_000_000,
    };
    let scale = match weights.channel_scales {
        true => storage.channel_scale_bytes,
        false => 0,
    };
    let beside = out_c.saturating_mul(storage.out_channel_bytes.saturating_add(scale));
    compressed.of(bits.div_ceil(8)).saturating_add(beside)
}
