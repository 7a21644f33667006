//! Which tasks the accelerator takes, and what prices them.
//!
//! A task is the host's if the support rules leave it out, or if the profile has no price for it.
//! Where the rules allow one segment, it is also the host's if it needs a result that went from the
//! accelerator through the host: the accelerator is left once. What the host does before the first
//! task of the accelerator ends nothing.

use super::{Counted, Infeasible, Limit, Price};
use crate::profile::{Profile, SourceKind, Sourced, Support};
use crate::task::{BufferId, Class, FactValue, LoopNest, Task, TaskId, TaskList, Work};

/// Where a task runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Place {
    Chip(Price),
    Host,
}

/// Why the accelerator does not run a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The profile does not list its operator.
    Operator,
    /// The operator is listed, but not this mode of it.
    Mode,
    /// It breaks a limit, that of this place in [`Support::limits`].
    Limit {
        /// Place of the limit.
        place: usize,
        /// What the fact is that the limit is about.
        found: FactValue,
    },
    /// The profile has no rate for such work.
    Price,
    /// It could run there, but comes after the only segment, which this task of the host ended.
    After(TaskId),
}

/// By task: why the accelerator does not run it; nothing where it does.
#[must_use]
pub fn refusals(profile: &Profile, list: &TaskList) -> Vec<Option<Refusal>> {
    let one_segment = profile
        .support()
        .is_some_and(|support| !support.multiple_segments);
    let mut buffers = vec![Upstream::default(); list.activations().len()];
    let mut refusals = Vec::with_capacity(list.tasks().len());
    for (index, task) in list.tasks().iter().enumerate() {
        let mut upstream = Upstream::default();
        for &BufferId(buffer) in &task.reads {
            upstream.join(buffers[buffer]);
        }
        let ended = upstream.ended.filter(|_| one_segment).map(Refusal::After);
        let refusal = refusal(profile, task).or(ended);
        match refusal {
            None => upstream.chip = true,
            Some(_) if upstream.chip => {
                upstream.ended.get_or_insert(TaskId(index));
            }
            Some(_) => {}
        }
        for &BufferId(buffer) in &task.writes {
            buffers[buffer] = upstream;
        }
        refusals.push(refusal);
    }
    refusals
}

/// What lies on the ways to a buffer.
#[derive(Clone, Copy, Default)]
struct Upstream {
    /// A task of the accelerator.
    chip: bool,
    /// The first task of the host behind one.
    ended: Option<TaskId>,
}

impl Upstream {
    fn join(&mut self, other: Upstream) {
        self.chip |= other.chip;
        self.ended = match (self.ended, other.ended) {
            (Some(own), Some(others)) => Some(own.min(others)),
            (own, others) => own.or(others),
        };
    }
}

/// The places of all tasks.
pub(super) fn partition(
    profile: &Profile,
    list: &TaskList,
    refusals: &[Option<Refusal>],
) -> Result<Vec<Place>, Infeasible> {
    let place = |(task, refusal): (&Task, &Option<Refusal>)| match price(profile, task) {
        Some(price) if refusal.is_none() => Place::Chip(price),
        Some(_) | None => Place::Host,
    };
    let places: Vec<Place> = list.tasks().iter().zip(refusals).map(place).collect();
    let hosted = places.iter().filter(|place| **place == Place::Host).count();
    let first = places.iter().position(|place| *place == Place::Host);
    match first.filter(|_| profile.host().is_none()) {
        Some(first) => Err(Infeasible {
            limit: Limit::HostOperators,
            task: list.tasks()[first].name.clone(),
            asked: hosted as u64,
            available: 0,
        }),
        None => Ok(places),
    }
}

/// Why the task by itself is not taken.
fn refusal(profile: &Profile, task: &Task) -> Option<Refusal> {
    let by_rule = profile.support().and_then(|support| rule(support, task));
    by_rule.or_else(|| match price(profile, task) {
        Some(_) => None,
        None => Some(Refusal::Price),
    })
}

fn rule(support: &Support, task: &Task) -> Option<Refusal> {
    if !support.operators.contains(&task.operator) {
        return Some(Refusal::Operator);
    }
    if let (Some(modes), Some(mode)) = (support.modes.get(&task.operator), &task.mode)
        && !modes.contains(mode)
    {
        return Some(Refusal::Mode);
    }
    let (place, found) = support.broken(task)?;
    Some(Refusal::Limit { place, found })
}

fn price(profile: &Profile, task: &Task) -> Option<Price> {
    match &task.work {
        Work::LoopNest(nest) => nest_price(profile, nest.class(), nest),
        Work::Depthwise(depthwise) => nest_price(profile, Class::Depthwise, &depthwise.nest),
        Work::Vector { .. } | Work::Move { .. } => {
            profile.vector(&task.operator).map(Price::Vector)
        }
        Work::Host { macs, .. } => by_name(profile, task, macs.is_some()),
    }
}

/// An operator that is known by name alone, where the profile lists it: that its bytes tell its time,
/// and its multiply-accumulates where they are counted, is an assumption.
fn by_name(profile: &Profile, task: &Task, counted: bool) -> Option<Price> {
    let listed = |support: &Support| support.operators.contains(&task.operator);
    if !profile.support().is_some_and(listed) {
        return None;
    }
    let source = SourceKind::Assumed;
    let rate = profile.vector(&task.operator)?;
    let macs = profile.macs_per_cycle_usual().filter(|_| counted);
    Some(match macs {
        Some(macs) => Price::Counts(Counted {
            macs,
            bytes: rate.value,
            source,
        }),
        None => Price::Vector(Sourced { source, ..rate }),
    })
}

fn nest_price(profile: &Profile, class: Class, nest: &LoopNest) -> Option<Price> {
    let table = profile.throughput().price(class, nest).map(Price::Table);
    table.or_else(|| profile.array().map(|array| Price::Array(array.source)))
}
