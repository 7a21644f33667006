//! Which activations live on the chip, and where in its memory.
//!
//! An activation lives there from the unit that writes it, or the first that reads it, to the last
//! that reads it, at an address of its own ([`super::placement`]). Where that is too much at once,
//! the one whose next reader is furthest away lives outside the chip instead, for all its life,
//! and passes through two tile buffers of every unit that touches it; or, on machines whose compiler
//! does that ([`crate::profile::Code::strip_bytes`]), the unit is computed in strips.

use super::legal::workspace_min_bytes;
use super::placement::{self, Life};
use super::unit::Unit;
use super::{Infeasible, Limit};
use crate::profile::Profile;
use crate::task::{BufferId, TaskList};

/// Where activations live.
pub(super) struct Residency {
    /// By buffer: outside the chip for want of room.
    pub(super) spilled: Vec<bool>,
    /// By buffer: needed in host memory in any case.
    pub(super) wanted_on_host: Vec<bool>,
    /// By unit: bytes up to the highest address in use while it runs.
    pub(super) resident_bytes: Vec<u64>,
    /// By buffer: its address, where it lives on the chip.
    pub(super) addresses: Vec<Option<u64>>,
    /// The most of `resident_bytes`, tile buffers not counted.
    pub(super) peak_bytes: u64,
}

pub(super) fn plan(
    profile: &Profile,
    list: &TaskList,
    units: &[Unit<'_>],
) -> Result<Residency, Infeasible> {
    let lives = lives(list, units);
    let mut residency = Residency {
        spilled: vec![false; lives.len()],
        wanted_on_host: wanted_on_host(list, units),
        resident_bytes: vec![0; units.len()],
        addresses: vec![None; lives.len()],
        peak_bytes: 0,
    };
    let Some(memory) = profile.memory() else {
        return Ok(residency);
    };
    if in_strips(profile) {
        residency.place(list, &lives);
        return Ok(residency);
    }
    loop {
        residency.place(list, &lives);
        let Some((unit, asked)) = overfull(profile, list, units, &residency) else {
            return fits_outside(profile, list, units, residency, &lives);
        };
        match victim(list, units, &lives, &residency.spilled, unit) {
            Some(buffer) => residency.spilled[buffer] = true,
            None => {
                return Err(Infeasible {
                    limit: Limit::NarrowMemory,
                    task: units[unit].task.name.clone(),
                    asked,
                    available: memory.narrow.bytes,
                });
            }
        }
    }
}

/// Whether layers without room are computed in strips rather than with activations outside.
pub(super) fn in_strips(profile: &Profile) -> bool {
    profile
        .code()
        .is_some_and(|code| code.strip_bytes.is_some())
}

impl Residency {
    /// In how many strips a unit is computed: as many as its activations fill the memory.
    pub(super) fn strips(&self, profile: &Profile, unit: usize) -> u64 {
        match profile.memory() {
            Some(memory) if in_strips(profile) => self.resident_bytes[unit]
                .div_ceil(memory.narrow.bytes)
                .max(1),
            Some(_) | None => 1,
        }
    }

    /// Gives every resident activation its address, and every unit what it finds in use.
    fn place(&mut self, list: &TaskList, lives: &[Option<Life>]) {
        let resident = lives.iter().enumerate().filter_map(|(buffer, life)| {
            let life = life.filter(|_| !self.spilled[buffer])?;
            Some((buffer, life, list.activations()[buffer].bytes))
        });
        self.addresses.fill(None);
        placement::place(resident, &mut self.addresses, &mut self.resident_bytes);
        self.peak_bytes = self.resident_bytes.iter().copied().max().unwrap_or(0);
    }
}

/// The first unit that asks for more than there is, and how much that is.
fn overfull(
    profile: &Profile,
    list: &TaskList,
    units: &[Unit<'_>],
    residency: &Residency,
) -> Option<(usize, u64)> {
    let narrow_bytes = profile.memory()?.narrow.bytes;
    units.iter().enumerate().find_map(|(index, unit)| {
        let workspace = workspace_min_bytes(profile, list, unit, &residency.spilled);
        let asked = residency.resident_bytes[index].saturating_add(workspace);
        (asked > narrow_bytes).then_some((index, asked))
    })
}

/// Of the buffers on the chip during `unit`, the one to move: not one of its own if possible,
/// then the one read latest again, then the largest.
fn victim(
    list: &TaskList,
    units: &[Unit<'_>],
    lives: &[Option<Life>],
    spilled: &[bool],
    unit: usize,
) -> Option<usize> {
    let at = &units[unit];
    let next_reader = |buffer: usize| {
        let mut later = units.iter().skip(unit + 1);
        later
            .position(|later| later.reads().any(|read| read.0 == buffer))
            .unwrap_or(usize::MAX)
    };
    let live =
        |life: &Option<Life>| life.is_some_and(|life| life.first <= unit && unit <= life.last);
    let candidates = lives
        .iter()
        .enumerate()
        .filter(|(buffer, life)| live(life) && !spilled[*buffer]);
    candidates
        .filter(|(buffer, _)| list.activations()[*buffer].bytes > 0)
        .max_by_key(|(buffer, _)| {
            let id = BufferId(*buffer);
            let own = at.reads().any(|read| read == id) || at.writes.contains(&id);
            (
                !own,
                next_reader(*buffer),
                list.activations()[*buffer].bytes,
                usize::MAX - *buffer,
            )
        })
        .map(|(buffer, _)| buffer)
}

/// Spilled activations share the outside memory, where its size is a limit.
fn fits_outside(
    profile: &Profile,
    list: &TaskList,
    units: &[Unit<'_>],
    residency: Residency,
    lives: &[Option<Life>],
) -> Result<Residency, Infeasible> {
    let Some(available) = profile.dram_bytes() else {
        return Ok(residency);
    };
    let mut change = vec![(0, 0); units.len() + 1];
    for (buffer, life) in lives.iter().enumerate() {
        if let Some(Life { first, last }) = life.filter(|_| residency.spilled[buffer]) {
            change[first].0 += list.activations()[buffer].bytes;
            change[last + 1].1 += list.activations()[buffer].bytes;
        }
    }
    let mut live = 0;
    for (unit, (born, died)) in units.iter().zip(change) {
        live = live + born - died;
        if live > available {
            return Err(Infeasible {
                limit: Limit::Dram,
                task: unit.task.name.clone(),
                asked: live,
                available,
            });
        }
    }
    Ok(residency)
}

fn lives(list: &TaskList, units: &[Unit<'_>]) -> Vec<Option<Life>> {
    let mut lives: Vec<Option<Life>> = vec![None; list.activations().len()];
    for (index, unit) in units.iter().enumerate().filter(|(_, unit)| unit.on_chip()) {
        for BufferId(buffer) in unit.reads().chain(unit.writes.iter().copied()) {
            lives[buffer]
                .get_or_insert(Life {
                    first: index,
                    last: index,
                })
                .last = index;
        }
    }
    lives
}

fn wanted_on_host(list: &TaskList, units: &[Unit<'_>]) -> Vec<bool> {
    let mut wanted = vec![false; list.activations().len()];
    let hosted = units.iter().filter(|unit| !unit.on_chip());
    let read_by_host = hosted.flat_map(|unit| unit.reads());
    for BufferId(buffer) in read_by_host.chain(list.outputs().iter().copied()) {
        wanted[buffer] = true;
    }
    wanted
}
