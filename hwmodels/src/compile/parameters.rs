//! Which parameters stay on the chip, and what the others need to be streamed.
//!
//! When everything fits the cache, nothing is streamed. Otherwise streamed parameters pass
//! through two buffers in what the cache leaves free of the wide memory; where that is less than
//! two of the largest least tile, the cache is filled again with that much less. Code passes
//! through: it is sent anew for every operator and takes no room.

use super::cache::{Candidate, fill};
use super::legal::slice_min;
use super::share::Share;
use super::stored::{blocks, stored_bytes};
use super::unit::Unit;
use super::{Infeasible, Limit};
use crate::profile::{Memory, Profile};
use crate::task::{TaskList, WeightId};

/// The parameters of every task on the chip.
pub(super) struct Parameters {
    /// By [`WeightId`], or by layer: bytes that are streamed every inference, of the bytes stored.
    pub(super) streamed: Vec<Share>,
    /// Stored bytes that stay.
    pub(super) cached_bytes: u64,
    /// What they take of the chip's memory.
    pub(super) cache_used_bytes: u64,
    /// Room for one of the two buffers of streamed parameters.
    pub(super) buffer_bytes: u64,
}

pub(super) fn place(
    profile: &Profile,
    list: &TaskList,
    units: &[Unit<'_>],
) -> Result<Parameters, Infeasible> {
    let demand = Demand::of(profile, list, units);
    let of_layers = demand.place(profile)?;
    let mut streamed = vec![Share::default(); list.weights().len()];
    for ((candidate, _), share) in demand.layers.iter().zip(of_layers.streamed) {
        streamed[candidate.weight] = share;
    }
    Ok(Parameters {
        streamed,
        ..of_layers
    })
}

/// What the tasks on the chip ask of its parameter memory.
#[derive(Default)]
pub(super) struct Demand<'a> {
    /// In list order: layers and their stored bytes.
    pub(super) layers: Vec<(Candidate, u64)>,
    /// The largest least tile, and whose it is.
    largest: (u64, &'a str),
}

impl<'a> Demand<'a> {
    pub(super) fn of(profile: &Profile, list: &TaskList, units: &[Unit<'a>]) -> Demand<'a> {
        let mut demand = Demand::default();
        let mut seen = vec![false; list.weights().len()];
        for unit in units.iter().filter(|unit| unit.on_chip()) {
            let new = |weight: &WeightId| !seen[weight.0];
            let Some(WeightId(weight)) = unit.weights().filter(new) else {
                continue;
            };
            seen[weight] = true;
            let [blocks, block_bytes] = blocks(profile, list, unit.task);
            let candidate = Candidate {
                weight,
                blocks,
                block_bytes,
                // What is known by name alone has no blocks to lie on single tiles: it is spread.
                pixels: unit.task.work.nest().map_or(u64::MAX, |nest| nest.pixels()),
            };
            let whole = stored_bytes(profile, list, unit.task, None);
            let least = Demand::least(profile, list, unit);
            demand.add(candidate, whole, (least, unit.task.name.as_str()));
        }
        demand
    }

    /// Stored bytes of the least tile of a unit.
    pub(super) fn least(profile: &Profile, list: &TaskList, unit: &Unit<'_>) -> u64 {
        stored_bytes(profile, list, unit.task, slice_min(profile, unit.task))
    }

    /// Adds a layer, its stored bytes, those of its least tile and its name.
    pub(super) fn add(&mut self, candidate: Candidate, whole: u64, least: (u64, &'a str)) {
        self.layers.push((candidate, whole));
        self.largest = self.largest.max(least);
    }

    /// Where the parameters are, layer by layer.
    pub(super) fn place(&self, profile: &Profile) -> Result<Parameters, Infeasible> {
        let Some(memory) = profile.memory() else {
            return Ok(Parameters {
                streamed: vec![Share::default(); self.layers.len()],
                cached_bytes: 0,
                cache_used_bytes: 0,
                buffer_bytes: u64::MAX,
            });
        };
        let stays = self.stays(profile, memory)?;
        let mut streamed = Vec::with_capacity(stays.len());
        let (mut cached_bytes, mut cache_used_bytes) = (0_u64, 0_u64);
        for ((_, whole), stays) in self.layers.iter().zip(stays) {
            let part = whole - stays.of(*whole).min(*whole);
            streamed.push(Share {
                part,
                whole: *whole,
            });
            cached_bytes = cached_bytes.saturating_add(whole - part);
            cache_used_bytes = cache_used_bytes.saturating_add(stays.part);
        }
        Ok(Parameters {
            streamed,
            cached_bytes,
            cache_used_bytes,
            buffer_bytes: memory.wide.bytes.saturating_sub(cache_used_bytes) / 2,
        })
    }

    /// How much of each layer stays.
    fn stays(&self, profile: &Profile, memory: Memory) -> Result<Vec<Share>, Infeasible> {
        let candidates: Vec<Candidate> = self.layers.iter().map(|(one, _)| *one).collect();
        let filled = |room: u64| match profile.cache() {
            Some(cache) => fill(cache, room.min(cache.bytes), &candidates),
            None => {
                let nothing = candidates.iter().map(Candidate::bytes);
                nothing.map(|whole| Share { part: 0, whole }).collect()
            }
        };
        let stays = filled(u64::MAX);
        let streams = stays.iter().any(|share| share.part < share.whole);
        let used = stays.iter().map(|share| share.part);
        let used = used.fold(0, u64::saturating_add);
        let room = memory.wide.bytes;
        let buffers = self.largest.0.saturating_mul(2);
        match room.checked_sub(buffers) {
            _ if !streams => Ok(stays),
            None => Err(Infeasible {
                limit: Limit::WideMemory,
                task: self.largest.1.to_owned(),
                asked: buffers,
                available: room,
            }),
            Some(beside) if used > beside => Ok(filled(beside)),
            Some(_) => Ok(stays),
        }
    }
}
