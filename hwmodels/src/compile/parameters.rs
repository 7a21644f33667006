//! Which parameters stay on the chip, and what the others need to be streamed.
//!
//! Code of every operator and the cached layers share the wide memory with two buffers for
//! streamed parameters. When everything fits, nothing is streamed; otherwise layers are kept in
//! list order while two buffers of the largest least tile remain free. A cache that is placed per
//! tile of a grid deals blocks of output channels round the tiles, and a layer stays only if all
//! of its blocks find room in theirs.

use super::legal::slice_min;
use super::share::{Share, Slice};
use super::unit::Unit;
use super::{Infeasible, Limit};
use crate::profile::{CacheRule, ParameterCache, Placement, Profile, Storage};
use crate::task::{LoopNest, Task, TaskList, WeightId, Work};

/// The parameters of every task on the chip.
pub(super) struct Parameters {
    /// By [`WeightId`]: bytes that are streamed every inference, of the bytes stored.
    pub(super) streamed: Vec<Share>,
    /// Bytes that stay.
    pub(super) cached_bytes: u64,
    /// Room for one of the two buffers of streamed parameters.
    pub(super) buffer_bytes: u64,
}

pub(super) fn place(
    profile: &Profile,
    list: &TaskList,
    units: &[Unit<'_>],
) -> Result<Parameters, Infeasible> {
    let mut streamed = vec![Share::default(); list.weights().len()];
    let Some(memory) = profile.memory() else {
        return Ok(Parameters {
            streamed,
            cached_bytes: 0,
            buffer_bytes: u64::MAX,
        });
    };
    let mut order = Vec::with_capacity(streamed.len());
    let (mut operators, mut total, mut largest) = (0, 0, (0, ""));
    for unit in units.iter().filter(|unit| unit.on_chip()) {
        operators += 1;
        let new = |weight: &WeightId| streamed[weight.0].whole == 0;
        let Some(weight) = unit.weights().filter(new) else {
            continue;
        };
        let whole = stored_bytes(profile, list, unit.task, None);
        streamed[weight.0] = Share { part: whole, whole };
        total = u64::saturating_add(total, whole);
        order.push((weight, unit.task));
        let least = stored_bytes(profile, list, unit.task, slice_min(profile, unit.task));
        largest = largest.max((least, unit.task.name.as_str()));
    }
    let buffers = u64::saturating_mul(2, largest.0);
    let code = profile
        .overheads()
        .instruction_bytes
        .saturating_mul(operators);
    let room = memory.wide.bytes.saturating_sub(code);
    let cache = profile
        .cache()
        .map_or(0, |cache| cache.bytes.saturating_sub(code));
    let dealt = profile
        .cache()
        .is_some_and(|cache| cache.placement == Placement::PerTile);
    // Blocks that are dealt round the tiles need not come out even, so buffers stay free.
    let kept = if total <= cache && !dealt {
        total
    } else {
        cache.min(room.saturating_sub(buffers))
    };
    if total > kept && buffers > room {
        return Err(Infeasible {
            limit: Limit::WideMemory,
            task: largest.1.to_owned(),
            asked: buffers.saturating_add(code),
            available: memory.wide.bytes,
        });
    }
    let cached_bytes = match profile.cache() {
        Some(_) if dealt => deal(profile, kept, &order, &mut streamed),
        Some(ParameterCache { rule, .. }) => keep(rule, kept, &order, &mut streamed),
        None => 0,
    };
    Ok(Parameters {
        streamed,
        cached_bytes,
        buffer_bytes: (room - cached_bytes.min(room)) / 2,
    })
}

/// Fills one cache in list order; returns the bytes that stay.
fn keep(rule: CacheRule, room: u64, order: &[(WeightId, &Task)], streamed: &mut [Share]) -> u64 {
    let mut cached = 0;
    for &(WeightId(weight), _) in order {
        let Share { whole, .. } = streamed[weight];
        let stays = match rule {
            CacheRule::WholeLayers if cached + whole > room => 0,
            CacheRule::WholeLayers => whole,
            CacheRule::Bytes => whole.min(room - cached),
        };
        cached += stays;
        streamed[weight].part = whole - stays;
    }
    cached
}

/// Fills the caches of all tiles in list order, whole layers only; returns the bytes that stay.
fn deal(profile: &Profile, room: u64, order: &[(WeightId, &Task)], streamed: &mut [Share]) -> u64 {
    let tiles = profile.tiles();
    let mut left = vec![room / tiles; usize::try_from(tiles).expect("a grid is small")];
    let mut cached = 0;
    for &(WeightId(weight), task) in order {
        let Share { whole, .. } = streamed[weight];
        let blocks = blocks(profile, task);
        let per_block = whole.div_ceil(blocks);
        // The first tiles get one block more than the last, where they do not come out even.
        let load = |tile: usize| (blocks + tiles - 1 - tile as u64) / tiles * per_block;
        if left
            .iter()
            .enumerate()
            .all(|(tile, left)| load(tile) <= *left)
        {
            for (tile, left) in left.iter_mut().enumerate() {
                *left -= load(tile);
            }
            cached += whole;
            streamed[weight].part = 0;
        }
    }
    cached
}

/// Blocks of output channels that a tile computes at once.
fn blocks(profile: &Profile, task: &Task) -> u64 {
    let side = profile.storage().map_or_else(
        || {
            profile
                .array()
                .map_or(1, |array| array.value.channel_side())
        },
        |storage| storage.out_channel_multiple,
    );
    let channels = task.work.nest().map_or(1, |nest| nest.out_c);
    channels.div_ceil(side)
}

/// Stored bytes of a task's parameters, for a slice of them or all.
pub(super) fn stored_bytes(
    profile: &Profile,
    list: &TaskList,
    task: &Task,
    slice: Option<Slice>,
) -> u64 {
    let Some(WeightId(weight)) = task.weights else {
        return 0;
    };
    let plain = list.weights()[weight].bytes;
    let Some(nest) = task.work.nest() else {
        return plain;
    };
    let whole = Slice::whole(nest);
    let slice = slice.unwrap_or(whole);
    match (&task.work, profile.storage()) {
        (Work::Depthwise(_), Some(storage)) => padded_bytes(nest, storage, slice.out_c, 1),
        (_, Some(storage)) => {
            let in_c = slice.in_c.next_multiple_of(storage.in_channel_multiple);
            padded_bytes(nest, storage, slice.out_c, in_c)
        }
        (_, None) => Share {
            part: slice.out_c * slice.in_c,
            whole: whole.out_c * whole.in_c,
        }
        .of(plain),
    }
}

fn padded_bytes(nest: &LoopNest, storage: Storage, channels: u64, in_c: u64) -> u64 {
    let out_c = channels.next_multiple_of(storage.out_channel_multiple);
    let factors = [nest.kernel[0], nest.kernel[1], in_c, nest.weight_bits];
    let bits = factors.into_iter().fold(out_c, u64::saturating_mul);
    let compressed = Share {
        part: storage.weight_bytes_per_million,
        whole: 1_000_000,
    };
    let beside = out_c.saturating_mul(storage.out_channel_bytes);
    compressed.of(bits.div_ceil(8)).saturating_add(beside)
}
