//! A program of known parts, compiled without its list.
//!
//! What parts share is found anew for every program, by the rules of whole lists: which parameters
//! stay on the chip, and where activations lie in its memory. Where an activation finds no room,
//! there is nothing to be stitched, and the whole list must be compiled.

use std::sync::Arc;

use super::Infeasible;
use super::known::{Known, KnownUnit, Tiled};
use super::memo::Memo;
use super::parameters::Demand;
use super::placement::{self, Life};
use super::residency::in_strips;
use crate::profile::Profile;
use crate::task::{BufferId, Sequence, WORK_MAX};

/// A compiled program.
pub(crate) struct Stitched<'k> {
    pub(crate) steps: Vec<Stitch<'k>>,
    pub(crate) peak_bytes: u64,
}

/// A unit at its place.
pub(crate) struct Stitch<'k> {
    known: &'k Known,
    pub(crate) unit: &'k KnownUnit,
    /// By number in the part: the buffer of the program.
    pub(crate) buffers: &'k [BufferId],
    pub(crate) code_bytes: u64,
    /// Its tiles, where they are not those of the known unit.
    streamed: Option<Tiled>,
}

impl Stitch<'_> {
    pub(crate) fn tiled(&self) -> &Tiled {
        self.streamed.as_ref().unwrap_or(&self.unit.resting)
    }

    pub(crate) fn reads(&self) -> impl Iterator<Item = usize> {
        self.unit.reads.iter().map(|id| self.buffers[id.0].0)
    }

    pub(crate) fn writes(&self) -> impl Iterator<Item = usize> {
        self.unit.writes.iter().map(|id| self.buffers[id.0].0)
    }
}

/// Compiles `program`, whose parts are `known`; nothing where the whole list must be.
///
/// # Errors
/// As [`super::compile`].
pub(super) fn stitch<'k>(
    profile: &Profile,
    program: &'k Sequence,
    known: &'k [Arc<Known>],
    memo: &Memo,
) -> Result<Option<Stitched<'k>>, Infeasible> {
    if !(countable(program, known) && every_result_is_read(program)) {
        return Ok(None);
    }
    let mut steps = Vec::with_capacity(known.iter().map(|known| known.units.len()).sum());
    for (known, part) in known.iter().zip(program.parts()) {
        steps.extend(known.units.iter().map(|unit| Stitch {
            known,
            unit,
            buffers: &part.buffers,
            code_bytes: unit.code_bytes,
            streamed: None,
        }));
    }
    stream(profile, &mut steps, memo)?;
    let peak_bytes = match profile.memory() {
        Some(memory) => reside(profile, program, &mut steps, memory.narrow.bytes),
        None => Some(0),
    };
    Ok(peak_bytes.map(|peak_bytes| Stitched { steps, peak_bytes }))
}

/// Finds which parameters stay on the chip, and cuts the units whose parameters do not.
fn stream(profile: &Profile, steps: &mut [Stitch<'_>], memo: &Memo) -> Result<(), Infeasible> {
    let mut demand = Demand::default();
    for step in &*steps {
        if let Some(layer) = step.unit.layer {
            let least = (layer.least, step.known.name(step.unit));
            demand.add(layer.candidate, layer.whole, least);
        }
    }
    let parameters = demand.place(profile)?;
    let layers = steps.iter_mut().filter(|step| step.unit.layer.is_some());
    for (step, share) in layers.zip(parameters.streamed) {
        if share.part > 0 {
            let room = (share, parameters.buffer_bytes);
            let tiled = step.known.streamed(profile, step.unit, room, memo);
            step.streamed = Some(tiled);
        }
    }
    Ok(())
}

/// Gives activations their place in `room` bytes, and units without room their strips; returns how
/// much is in use at most. Nothing where activations would have to live outside the chip.
fn reside(
    profile: &Profile,
    program: &Sequence,
    steps: &mut [Stitch<'_>],
    room: u64,
) -> Option<u64> {
    let in_use = resident_bytes(program, steps);
    let peak_bytes = in_use.iter().copied().max().unwrap_or(0);
    if peak_bytes <= room {
        return Some(peak_bytes);
    }
    for (step, in_use) in steps.iter_mut().zip(in_use) {
        let strips = in_use.div_ceil(room).max(1);
        step.code_bytes = step.known.code_bytes(profile, step.unit, strips);
    }
    in_strips(profile).then_some(peak_bytes)
}

/// By unit: bytes up to the highest address in use while it runs.
fn resident_bytes(program: &Sequence, steps: &[Stitch<'_>]) -> Vec<u64> {
    let mut lives: Vec<Option<Life>> = vec![None; program.bytes().len()];
    for (index, step) in steps.iter().enumerate() {
        for buffer in step.reads().chain(step.writes()) {
            let born = Life {
                first: index,
                last: index,
            };
            lives[buffer].get_or_insert(born).last = index;
        }
    }
    let alive = lives.iter().zip(program.bytes()).enumerate();
    let alive = alive.filter_map(|(buffer, (life, bytes))| Some((buffer, (*life)?, *bytes)));
    let (mut addresses, mut in_use) = (vec![None; lives.len()], vec![0; steps.len()]);
    placement::place(alive, &mut addresses, &mut in_use);
    in_use
}

/// Whether sums stay below what a list may have.
fn countable(program: &Sequence, known: &[Arc<Known>]) -> bool {
    let within = |sum: u64, more: u64| sum.checked_add(more).filter(|sum| *sum <= WORK_MAX);
    let work = known.iter().map(|known| known.work).try_fold(0, within);
    let weights = known.iter().map(|known| known.weight_bytes);
    let bytes = program
        .bytes()
        .iter()
        .copied()
        .chain(weights)
        .try_fold(0, within);
    work.is_some() && bytes.is_some()
}

/// Whether somebody outside reads every result of every part, as the parts take for granted: what
/// nobody else reads could be computed as one with the task that reads it within.
fn every_result_is_read(program: &Sequence) -> bool {
    let mut read = vec![false; program.bytes().len()];
    let inputs = program.parts().iter().flat_map(|part| {
        let inputs = part.list.inputs().iter();
        inputs.map(|id| part.buffers[id.0])
    });
    for BufferId(buffer) in inputs.chain(program.outputs().iter().copied()) {
        read[buffer] = true;
    }
    let mut results = program.parts().iter().flat_map(|part| {
        let outputs = part.list.outputs().iter();
        outputs.map(|id| part.buffers[id.0])
    });
    results.all(|BufferId(buffer)| read[buffer])
}
