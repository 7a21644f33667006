//! From a task list to one schedule for one machine.
//!
//! In order: [`partition`] says which tasks the accelerator takes, [`parameters`] which of their
//! parameters stay on the chip, [`residency`] which activations do, [`tiling`] how each task is
//! cut. Operators compute one after another, in list order, so memory is planned for that order;
//! transfers run ahead of them as far as double buffers allow.

mod infeasible;
mod legal;
mod parameters;
mod partition;
mod residency;
mod schedule;
mod tiling;

pub use infeasible::{Infeasible, Limit};
pub use schedule::{Block, Compute, Price, Run, Schedule, Step, Tile};

use partition::Place;
use residency::Residency;

use crate::profile::Profile;
use crate::task::{BufferId, TaskId, TaskList};

/// Compiles `list` for the machine.
///
/// # Errors
/// A machine that cannot run the list: which limit stands in the way, what was asked of it and
/// what there is. That is a finding about the list, not a fault of the caller.
pub fn compile<'a>(profile: &Profile, list: &'a TaskList) -> Result<Schedule<'a>, Infeasible> {
    let places = partition::partition(profile, list)?;
    let parameters = parameters::place(profile, list, &places)?;
    let residency = residency::plan(profile, list, &places)?;
    let mut steps = Vec::with_capacity(2 * list.tasks().len());
    let mut crossing = Crossing::new(profile, list, &residency);
    for (index, place) in places.iter().enumerate() {
        let task = TaskId(index);
        crossing.before(task, *place, &mut steps);
        steps.push(match place {
            Place::Host => Step::Host { task },
            Place::Chip(price) => Step::Run(tiling::run(
                profile,
                list,
                task,
                *price,
                &parameters,
                &residency,
            )),
        });
        crossing.after(task, *place, &mut steps);
    }
    Ok(Schedule {
        list,
        steps,
        spilled: residency.spilled,
        cached_bytes: parameters.cached_bytes,
        narrow_peak_bytes: residency.peak_bytes,
    })
}

/// Adds the transfers of whole activations between host and chip.
struct Crossing<'a> {
    list: &'a TaskList,
    linked: bool,
    on_chip: Vec<bool>,
    on_host: Vec<bool>,
    /// Needed in host memory: results of the list and what host tasks read.
    wanted_on_host: Vec<bool>,
}

impl<'a> Crossing<'a> {
    fn new(profile: &Profile, list: &'a TaskList, residency: &Residency) -> Crossing<'a> {
        let mut on_host = residency.spilled.clone();
        for &BufferId(input) in list.inputs() {
            on_host[input] = true;
        }
        Crossing {
            list,
            linked: profile.link().is_some(),
            on_chip: residency.spilled.clone(),
            on_host,
            wanted_on_host: residency.wanted_on_host.clone(),
        }
    }

    fn before(&mut self, task: TaskId, place: Place, steps: &mut Vec<Step>) {
        if place == Place::Host || !self.linked {
            return;
        }
        for &buffer in &self.list.tasks()[task.0].reads {
            if !self.on_chip[buffer.0] {
                self.on_chip[buffer.0] = true;
                steps.push(Step::Load { buffer });
            }
        }
    }

    fn after(&mut self, task: TaskId, place: Place, steps: &mut Vec<Step>) {
        for &buffer in &self.list.tasks()[task.0].writes {
            match place {
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
