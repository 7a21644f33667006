//! From a task list to one schedule for one machine.
//!
//! In order: [`partition`] says which tasks the accelerator takes, [`unit`] which of them are
//! computed as one, [`parameters`] which parameters stay on the chip, [`residency`] which
//! activations do and where, [`tiling`] how each unit is cut. Operators compute one after another,
//! in list order, so memory is planned for that order; transfers run ahead of them as far as double
//! buffers allow.

mod cache;
mod cut;
mod infeasible;
mod legal;
mod memo;
mod parameters;
mod partition;
mod placement;
mod residency;
mod schedule;
mod share;
mod stored;
mod tile;
mod tiling;
mod unit;

pub use infeasible::{Infeasible, Limit};
pub use partition::{Refusal, refusals};
pub use schedule::{Block, Compute, Counted, Price, Run, Schedule, Step, Tile};

use std::borrow::Cow;

use cut::Cut;
use memo::Memo;
use partition::Place;
use residency::Residency;
use unit::Unit;

use crate::profile::Profile;
use crate::task::{BufferId, TaskList};

/// Compiles `list` for the machine.
///
/// # Errors
/// A machine that cannot run the list: which limit stands in the way, what was asked of it and
/// what there is. That is a finding about the list, not a fault of the caller.
pub fn compile<'a>(profile: &Profile, list: &'a TaskList) -> Result<Schedule<'a>, Infeasible> {
    schedule(profile, list, &Memo::forgetful())
}

/// [`compile`] for searches that price many programs of the same layers on one machine: tilings
/// found before are remembered, some 65,000 at most. Any number of threads may share it.
#[derive(Debug)]
pub struct Compiler<'p> {
    profile: Cow<'p, Profile>,
    memo: Memo,
}

impl<'p> Compiler<'p> {
    /// For one machine.
    #[must_use]
    pub fn new(profile: &'p Profile) -> Compiler<'p> {
        Compiler {
            profile: Cow::Borrowed(profile),
            memo: Memo::new(),
        }
    }

    /// For one machine that nobody else keeps.
    #[must_use]
    pub fn owning(profile: Profile) -> Compiler<'static> {
        Compiler {
            profile: Cow::Owned(profile),
            memo: Memo::new(),
        }
    }

    /// The machine.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The schedule that [`compile`] makes, sooner.
    ///
    /// # Errors
    /// As [`compile`].
    pub fn compile<'a>(&self, list: &'a TaskList) -> Result<Schedule<'a>, Infeasible> {
        schedule(&self.profile, list, &self.memo)
    }
}

fn schedule<'a>(
    profile: &Profile,
    list: &'a TaskList,
    memo: &Memo,
) -> Result<Schedule<'a>, Infeasible> {
    let refusals = partition::refusals(profile, list);
    let places = partition::partition(profile, list, &refusals)?;
    let units = unit::units(profile, list, &places);
    let parameters = parameters::place(profile, list, &units)?;
    let residency = residency::plan(profile, list, &units)?;
    let mut steps = Vec::with_capacity(2 * units.len());
    let mut crossing = Crossing::new(profile, list, &residency);
    for (position, unit) in units.iter().enumerate() {
        crossing.before(unit, &mut steps);
        steps.push(match unit.place {
            Place::Host => Step::Host { task: unit.id },
            Place::Chip(price) => {
                let at = (unit, position, price);
                Step::Run(Cut::new(profile, list, at, &parameters, &residency).run(memo))
            }
        });
        crossing.after(unit, &mut steps);
    }
    Ok(Schedule {
        list,
        steps,
        refusals,
        spilled: residency.spilled,
        addresses: residency.addresses,
        parameters: parameters
            .streamed
            .iter()
            .map(|share| [share.part, share.whole])
            .collect(),
        cached_bytes: parameters.cached_bytes,
        cache_used_bytes: parameters.cache_used_bytes,
        narrow_peak_bytes: residency.peak_bytes,
    })
}

/// Adds the transfers of whole activations between host and chip.
struct Crossing {
    linked: bool,
    on_chip: Vec<bool>,
    on_host: Vec<bool>,
    /// Needed in host memory: results of the list and what host tasks read.
    wanted_on_host: Vec<bool>,
}

impl Crossing {
    fn new(profile: &Profile, list: &TaskList, residency: &Residency) -> Crossing {
        let mut on_host = residency.spilled.clone();
        for &BufferId(input) in list.inputs() {
            on_host[input] = true;
        }
        Crossing {
            linked: profile.paths().is_some(),
            on_chip: residency.spilled.clone(),
            on_host,
            wanted_on_host: residency.wanted_on_host.clone(),
        }
    }

    fn before(&mut self, unit: &Unit<'_>, steps: &mut Vec<Step>) {
        if !unit.on_chip() || !self.linked {
            return;
        }
        for buffer in unit.reads() {
            if !self.on_chip[buffer.0] {
                self.on_chip[buffer.0] = true;
                steps.push(Step::Load { buffer });
            }
        }
    }

    fn after(&mut self, unit: &Unit<'_>, steps: &mut Vec<Step>) {
        for &buffer in unit.writes {
            match unit.place {
                Place::Host => self.on_host[buffer.0] = true,
                Place::Chip(_) => {
                    self.on_chip[buffer.0] = true;
                    if self.linked && self.wanted_on_host[buffer.0] && !self.on_host[buffer.0] {
                        self.on_host[buffer.0] = true;
                        steps.push(Step::Store { buffer });
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
