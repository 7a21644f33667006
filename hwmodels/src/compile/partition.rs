//! Which tasks the accelerator takes, and what prices them.
//!
//! A task is the host's if only a host can run it, if the support rules leave it out, if the
//! profile has no price for it, or if it follows such a task and the rules allow one segment.

use super::{Infeasible, Limit, Price};
use crate::profile::{Profile, Support};
use crate::task::{Class, LoopNest, Task, TaskList, Work};

/// Where a task runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Place {
    Chip(Price),
    Host,
}

pub(super) fn partition(profile: &Profile, list: &TaskList) -> Result<Vec<Place>, Infeasible> {
    let one_segment = profile
        .support()
        .is_some_and(|support| !support.multiple_segments);
    let mut ended = false;
    let mut places = Vec::with_capacity(list.tasks().len());
    for task in list.tasks() {
        let taken = !ended && profile.support().is_none_or(|support| takes(support, task));
        let place = match price(profile, task).filter(|_| taken) {
            Some(price) => Place::Chip(price),
            None => Place::Host,
        };
        ended |= one_segment && place == Place::Host;
        places.push(place);
    }
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

fn takes(support: &Support, task: &Task) -> bool {
    support.operators.contains(&task.operator)
        && match (support.modes.get(&task.operator), &task.mode) {
            (Some(modes), Some(mode)) => modes.contains(mode),
            (_, _) => true,
        }
}

fn price(profile: &Profile, task: &Task) -> Option<Price> {
    match &task.work {
        Work::LoopNest(nest) => nest_price(profile, nest.class(), nest),
        Work::Depthwise(depthwise) => nest_price(profile, Class::Depthwise, &depthwise.nest),
        Work::Vector { .. } | Work::Move { .. } => {
            profile.vector(&task.operator).map(Price::Vector)
        }
        Work::Host { .. } => None,
    }
}

fn nest_price(profile: &Profile, class: Class, nest: &LoopNest) -> Option<Price> {
    let table = profile.throughput().price(class, nest).map(Price::Table);
    table.or_else(|| profile.array().map(|array| Price::Array(array.source)))
}
