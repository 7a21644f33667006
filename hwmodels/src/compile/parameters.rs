//! Which parameters stay on the chip, and what the others need to be streamed.
//!
//! Code of every operator and the cached layers share the wide memory with two buffers for
//! streamed parameters. When everything fits, nothing is streamed; otherwise layers are kept in
//! list order while two buffers of the largest least tile remain free.

use super::partition::Place;
use super::tiling::channel_tile_min;
use super::{Infeasible, Limit};
use crate::profile::{CacheRule, ParameterCache, Profile, Storage};
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

/// A part of a layer's stored parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Share {
    pub(super) part: u64,
    pub(super) whole: u64,
}

impl Share {
    /// The part of `bytes`, rounded up.
    pub(super) fn of(self, bytes: u64) -> u64 {
        if self.part == self.whole {
            bytes
        } else {
            let scaled = u128::from(bytes) * u128::from(self.part);
            u64::try_from(scaled.div_ceil(u128::from(self.whole))).expect("no more than the bytes")
        }
    }
}

pub(super) fn place(
    profile: &Profile,
    list: &TaskList,
    places: &[Place],
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
    for (task, _) in list
        .tasks()
        .iter()
        .zip(places)
        .filter(|(_, place)| **place != Place::Host)
    {
        operators += 1;
        let Some(weight) = task.weights.filter(|weight| streamed[weight.0].whole == 0) else {
            continue;
        };
        let whole = stored_bytes(profile, list, task, None);
        streamed[weight.0] = Share { part: whole, whole };
        total += whole;
        order.push(weight);
        let least = stored_bytes(profile, list, task, channel_tile_min(profile, task));
        largest = largest.max((least, task.name.as_str()));
    }
    let code = operators * profile.overheads().instruction_bytes;
    let room = memory.wide_bytes.saturating_sub(code);
    let cache = profile
        .cache()
        .map_or(0, |cache| cache.bytes.saturating_sub(code));
    let kept = if total <= cache {
        total
    } else {
        cache.min(room.saturating_sub(2 * largest.0))
    };
    if total > kept && 2 * largest.0 > room {
        return Err(Infeasible {
            limit: Limit::WideMemory,
            task: largest.1.to_owned(),
            asked: 2 * largest.0 + code,
            available: memory.wide_bytes,
        });
    }
    let cached_bytes = keep(profile.cache(), kept, &order, &mut streamed);
    Ok(Parameters {
        streamed,
        cached_bytes,
        buffer_bytes: (room - cached_bytes.min(room)) / 2,
    })
}

/// Fills the cache in list order; returns the bytes that stay.
fn keep(
    cache: Option<ParameterCache>,
    room: u64,
    order: &[WeightId],
    streamed: &mut [Share],
) -> u64 {
    let Some(ParameterCache { rule, .. }) = cache else {
        return 0;
    };
    let mut cached = 0;
    for &WeightId(weight) in order {
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

/// Stored bytes of a task's parameters, for `channels` of its output channels or all.
pub(super) fn stored_bytes(
    profile: &Profile,
    list: &TaskList,
    task: &Task,
    channels: Option<u64>,
) -> u64 {
    let Some(WeightId(weight)) = task.weights else {
        return 0;
    };
    let plain = list.weights()[weight].bytes;
    match (&task.work, task.work.nest(), profile.storage()) {
        (Work::Depthwise(_), Some(nest), Some(storage)) => {
            padded_bytes(nest, storage, channels.unwrap_or(nest.out_c), 1)
        }
        (_, Some(nest), Some(storage)) => {
            let multiple = storage.in_channel_multiple;
            let in_c = nest.group_in_c().div_ceil(multiple) * multiple;
            padded_bytes(nest, storage, channels.unwrap_or(nest.out_c), in_c)
        }
        (_, Some(nest), None) => Share {
            part: channels.unwrap_or(nest.out_c),
            whole: nest.out_c,
        }
        .of(plain),
        (_, None, _) => plain,
    }
}

fn padded_bytes(nest: &LoopNest, storage: Storage, channels: u64, in_c: u64) -> u64 {
    let multiple = storage.out_channel_multiple;
    let out_c = channels.div_ceil(multiple) * multiple;
    let weights = out_c * nest.kernel[0] * nest.kernel[1] * in_c;
    (weights * nest.weight_bits).div_ceil(8) + out_c * storage.out_channel_bytes
}
