//! What a program costs, without the account of how: the figures that a search compares.

mod timed;

use std::collections::HashMap;
use std::fmt;
use std::hash::BuildHasherDefault;
use std::sync::{Arc, PoisonError, RwLock};

use rustc_hash::FxHasher;

use crate::compile::{Compiler, Infeasible, Known, Schedule, compile};
use crate::profile::Profile;
use crate::simulate::{Speed, actions, simulate};
use crate::task::{Sequence, TaskError, TaskList};
use crate::units::ms_of_cycles;

/// The figures of one inference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// One inference in steady state, in core clock cycles.
    pub cycles: u64,
    /// Cycles per second.
    pub clock_hz: u64,
    /// The most activations that live on the chip at once; nothing where the profile has no memory.
    pub narrow_peak_bytes: Option<u64>,
    /// Millijoules; nothing where the profile does not tell what actions cost.
    pub energy_mj: Option<f64>,
    /// Multiply-accumulates.
    pub macs: u64,
}

impl Cost {
    /// One inference in steady state.
    #[must_use]
    pub fn latency_ms(&self) -> f64 {
        ms_of_cycles(self.cycles, self.clock_hz)
    }

    /// The cost of a schedule on the machine it was compiled for.
    #[must_use]
    pub fn of_schedule(profile: &Profile, schedule: &Schedule<'_>) -> Cost {
        let estimate = simulate(profile, schedule, Speed::Fast);
        let energy = profile
            .energy()
            .and_then(|costs| actions(profile, schedule, &estimate).energy(costs, &estimate));
        Cost {
            cycles: estimate.cycles,
            clock_hz: estimate.clock_hz,
            narrow_peak_bytes: profile.memory().map(|_| estimate.narrow_peak_bytes),
            energy_mj: energy.map(|energy| energy.total_mj()),
            macs: estimate.macs,
        }
    }
}

/// Compiles `list` for the machine and times it.
///
/// # Errors
/// A machine that cannot run it.
pub fn cost(profile: &Profile, list: &TaskList) -> Result<Cost, Infeasible> {
    Ok(Cost::of_schedule(profile, &compile(profile, list)?))
}

/// Why a program has no cost.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoCost {
    /// The machine cannot run it.
    #[error("{0}")]
    Infeasible(Infeasible),
    /// No machine can.
    #[error(transparent)]
    Task(#[from] TaskError),
}

/// [`cost`] for searches that price many programs of the same parts on one machine.
#[derive(Debug)]
pub struct Quotes {
    compiler: Compiler<'static>,
    parts: RwLock<Parts>,
}

/// By the address of a part: the part itself, which holds the address, and what is known of it.
#[derive(Default)]
struct Parts(HashMap<usize, Part, BuildHasherDefault<FxHasher>>);

struct Part {
    _list: Arc<TaskList>,
    known: Option<Arc<Known>>,
}

/// Parts are forgotten together when there are this many: some ten kilobytes each.
const PARTS_MAX: usize = 1 << 13;

impl Quotes {
    /// For one machine; knows no part yet.
    #[must_use]
    pub fn new(profile: Profile) -> Quotes {
        Quotes {
            compiler: Compiler::owning(profile),
            parts: RwLock::default(),
        }
    }

    /// The machine.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        self.compiler.profile()
    }

    /// What [`cost`] says of the whole program.
    ///
    /// # Errors
    /// A machine that cannot run it, and work beyond what can be counted.
    pub fn cost(&self, program: &Sequence) -> Result<Cost, NoCost> {
        match self.of_parts(program)? {
            Some(cost) => Ok(cost),
            None => self.whole(program),
        }
    }

    /// The same from what the machine makes of the parts; nothing where it takes the whole list.
    fn of_parts(&self, program: &Sequence) -> Result<Option<Cost>, NoCost> {
        let known = program.parts().iter().map(|part| self.known(&part.list));
        let Some(known) = known.collect::<Option<Vec<_>>>() else {
            return Ok(None);
        };
        let stitched = self.compiler.stitch(program, &known);
        let stitched = stitched.map_err(NoCost::Infeasible)?;
        Ok(stitched.map(|stitched| timed::cost(self.profile(), program, &known, &stitched)))
    }

    /// The same by way of the whole list.
    fn whole(&self, program: &Sequence) -> Result<Cost, NoCost> {
        let list = program.list()?;
        let schedule = self.compiler.compile(&list).map_err(NoCost::Infeasible)?;
        Ok(Cost::of_schedule(self.profile(), &schedule))
    }

    /// What the machine makes of a part; nothing where that depends on the rest of the program.
    fn known(&self, part: &Arc<TaskList>) -> Option<Arc<Known>> {
        let address = Arc::as_ptr(part).addr();
        let parts = self.parts.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(part) = parts.0.get(&address) {
            return part.known.clone();
        }
        drop(parts);
        let known = self.compiler.known(part).map(Arc::new);
        let mut parts = self.parts.write().unwrap_or_else(PoisonError::into_inner);
        if parts.0.len() >= PARTS_MAX {
            parts.0.clear();
        }
        let kept = Part {
            _list: Arc::clone(part),
            known: known.clone(),
        };
        parts.0.insert(address, kept);
        known
    }
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} parts", self.0.len())
    }
}

#[cfg(test)]
mod tests;
