//! Which activations live on the chip.
//!
//! An activation lives there from the task that writes it, or the first that reads it, to the last
//! that reads it. Where that is too much at once, the one whose next reader is furthest away lives
//! in host memory instead, for all its life, and passes through two tile buffers of every task
//! that touches it.

use super::partition::Place;
use super::tiling::workspace_min_bytes;
use super::{Infeasible, Limit};
use crate::profile::Profile;
use crate::task::{BufferId, TaskList};

/// Where activations live.
pub(super) struct Residency {
    /// By buffer: in host memory for want of room.
    pub(super) spilled: Vec<bool>,
    /// By buffer: needed in host memory in any case.
    pub(super) wanted_on_host: Vec<bool>,
    /// By task: bytes of the activations that live on the chip while it runs.
    pub(super) resident_bytes: Vec<u64>,
    /// The most of it, tile buffers not counted.
    pub(super) peak_bytes: u64,
}

/// First and last task of a buffer's life on the chip.
#[derive(Clone, Copy)]
struct Life {
    first: usize,
    last: usize,
}

pub(super) fn plan(
    profile: &Profile,
    list: &TaskList,
    places: &[Place],
) -> Result<Residency, Infeasible> {
    let lives = lives(list, places);
    let mut residency = Residency {
        spilled: vec![false; lives.len()],
        wanted_on_host: wanted_on_host(list, places),
        resident_bytes: vec![0; places.len()],
        peak_bytes: 0,
    };
    let Some(memory) = profile.memory() else {
        return Ok(residency);
    };
    loop {
        residency.sum(list, &lives);
        let Some((task, asked)) = overfull(profile, list, &residency, memory.narrow_bytes) else {
            return Ok(residency);
        };
        match victim(list, &lives, &residency.spilled, task) {
            Some(buffer) => residency.spilled[buffer] = true,
            None => {
                return Err(Infeasible {
                    limit: Limit::NarrowMemory,
                    task: list.tasks()[task].name.clone(),
                    asked,
                    available: memory.narrow_bytes,
                });
            }
        }
    }
}

impl Residency {
    /// Recomputes what lives on the chip during every task.
    fn sum(&mut self, list: &TaskList, lives: &[Option<Life>]) {
        let mut change = vec![(0, 0); self.resident_bytes.len() + 1];
        for (buffer, life) in lives.iter().enumerate() {
            if let Some(Life { first, last }) = life.filter(|_| !self.spilled[buffer]) {
                change[first].0 += list.activations()[buffer].bytes;
                change[last + 1].1 += list.activations()[buffer].bytes;
            }
        }
        let mut live = 0;
        for (resident, (born, died)) in self.resident_bytes.iter_mut().zip(change) {
            live = live + born - died;
            *resident = live;
        }
        self.peak_bytes = self.resident_bytes.iter().copied().max().unwrap_or(0);
    }
}

/// The first task that asks for more than there is, and how much that is.
fn overfull(
    profile: &Profile,
    list: &TaskList,
    residency: &Residency,
    narrow_bytes: u64,
) -> Option<(usize, u64)> {
    list.tasks().iter().enumerate().find_map(|(index, task)| {
        let asked = residency.resident_bytes[index]
            + workspace_min_bytes(profile, list, task, &residency.spilled);
        (asked > narrow_bytes).then_some((index, asked))
    })
}

/// Of the buffers on the chip during `task`, the one to move: not one of its own if possible,
/// then the one read latest again, then the largest.
fn victim(list: &TaskList, lives: &[Option<Life>], spilled: &[bool], task: usize) -> Option<usize> {
    let at = &list.tasks()[task];
    let next_reader = |buffer: usize| {
        let later = list.tasks().iter().skip(task + 1);
        later
            .into_iter()
            .position(|later| later.reads.contains(&BufferId(buffer)))
            .unwrap_or(usize::MAX)
    };
    let live =
        |life: &Option<Life>| life.is_some_and(|life| life.first <= task && task <= life.last);
    let candidates = lives
        .iter()
        .enumerate()
        .filter(|(buffer, life)| live(life) && !spilled[*buffer]);
    candidates
        .filter(|(buffer, _)| list.activations()[*buffer].bytes > 0)
        .max_by_key(|(buffer, _)| {
            let id = BufferId(*buffer);
            let own = at.reads.contains(&id) || at.writes.contains(&id);
            (
                !own,
                next_reader(*buffer),
                list.activations()[*buffer].bytes,
                usize::MAX - *buffer,
            )
        })
        .map(|(buffer, _)| buffer)
}

fn lives(list: &TaskList, places: &[Place]) -> Vec<Option<Life>> {
    let mut lives: Vec<Option<Life>> = vec![None; list.activations().len()];
    for (index, task) in list.tasks().iter().enumerate() {
        if places[index] == Place::Host {
            continue;
        }
        for &BufferId(buffer) in task.reads.iter().chain(&task.writes) {
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

fn wanted_on_host(list: &TaskList, places: &[Place]) -> Vec<bool> {
    let mut wanted = vec![false; list.activations().len()];
    let hosted = list
        .tasks()
        .iter()
        .zip(places)
        .filter(|(_, place)| **place == Place::Host);
    for &BufferId(buffer) in hosted
        .flat_map(|(task, _)| &task.reads)
        .chain(list.outputs())
    {
        wanted[buffer] = true;
    }
    wanted
}
