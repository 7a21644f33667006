//! What happened: sums per entry of the schedule, and every interval for whoever watches.
//!
//! The time of an entry is its window: from the latest end of any entry before it to its own end.
//! Busy time is counted once whole and once clipped to the window. Stalls are the times within the
//! window in which the array waited, by what it waited for: what a window on the chip holds is
//! overhead, computing, feeding and stalls, and nothing else.

use super::estimate::{Layer, LayerOf, Traffic};
use super::notes::{ByWhat, Notes};
use super::timeline::{Interval, Resource};
use super::what::What;
use crate::compile::Price;
use crate::profile::Paths;

/// Sums of one entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    busy_cycles: ByWhat,
    clipped_cycles: ByWhat,
    bytes: ByWhat,
    /// Waiting, in and before the window; within the window.
    waited_cycles: u64,
    stall_cycles: ByWhat,
}

impl Tally {
    pub(super) fn busy(&self, what: What) -> u64 {
        self.busy_cycles[what.index()]
    }

    pub(super) fn clipped(&self, what: What) -> u64 {
        self.clipped_cycles[what.index()]
    }

    pub(super) fn stalls(&self) -> ByWhat {
        self.stall_cycles
    }

    pub(super) fn traffic(&self) -> Traffic {
        Traffic::of(&self.bytes)
    }
}

/// First start and last end on a resource.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) start: u64,
    pub(super) end: u64,
}

/// What happened so far.
pub(super) struct Ledger<'p> {
    paths: Option<&'p Paths>,
    tally: Tally,
    of: LayerOf,
    price: Option<Price>,
    pub(super) layers: Vec<Layer>,
    watcher: Option<&'p mut dyn FnMut(Interval)>,
    pub(super) spans: [Option<Span>; Resource::COUNT],
    pub(super) traffic: Traffic,
    /// Computing on the accelerator, overheads included.
    pub(super) device_cycles: u64,
    /// Computing on the host.
    pub(super) host_cycles: u64,
    /// The latest end of all entries before the open one.
    pub(super) latest: u64,
}

impl<'p> Ledger<'p> {
    pub(super) fn new(
        paths: Option<&'p Paths>,
        watcher: Option<&'p mut dyn FnMut(Interval)>,
        entries: usize,
    ) -> Self {
        Ledger {
            paths,
            tally: Tally::default(),
            of: LayerOf::Invoke,
            price: None,
            layers: Vec::with_capacity(entries),
            watcher,
            spans: [None; Resource::COUNT],
            traffic: Traffic::default(),
            device_cycles: 0,
            host_cycles: 0,
            latest: 0,
        }
    }

    /// Begins an entry of the schedule.
    pub(super) fn open(&mut self, of: LayerOf, price: Option<Price>) {
        self.tally = Tally::default();
        self.of = of;
        self.price = price;
    }

    /// Ends the open entry at `end`.
    pub(super) fn close(&mut self, end: u64) {
        let latency_cycles = end.saturating_sub(self.latest);
        self.latest = self.latest.max(end);
        self.traffic.add(self.tally.traffic());
        let device = [What::Overhead, What::Compute, What::Feed];
        self.device_cycles += device.map(|what| self.tally.busy(what)).iter().sum::<u64>();
        self.host_cycles += self.tally.busy(What::Host);
        self.layers
            .push(Layer::new(self.of, self.price, latency_cycles, &self.tally));
    }

    /// Notes a task that took no time of its own, since it was fused into the entry before it.
    pub(super) fn fused(&mut self, of: LayerOf) {
        let layer = Layer::new(of, self.price, 0, &Tally::default());
        self.layers.push(Layer {
            fused: true,
            ..layer
        });
    }
}

impl Notes for Ledger<'_> {
    type Mark = Tally;

    /// Notes one piece of work of the open entry; nothing for an empty one.
    fn record(&mut self, what: What, start: u64, end: u64, bytes: u64) {
        if start == end {
            return;
        }
        self.tally.busy_cycles[what.index()] += end - start;
        self.tally.clipped_cycles[what.index()] += end.saturating_sub(start.max(self.latest));
        self.tally.bytes[what.index()] += bytes;
        let resource = what.resource(self.price, self.paths);
        let span = self.spans[resource.index()].get_or_insert(Span { start, end });
        span.end = span.end.max(end);
        if let Some(watcher) = &mut self.watcher {
            watcher(Interval {
                resource,
                start_cycle: start,
                end_cycle: end,
                layer: self.of,
                what,
                bytes,
            });
        }
    }

    /// Notes that the array waited for `what` until `until`; returns the later of both moments.
    fn wait(&mut self, what: What, since: u64, until: u64) -> u64 {
        if until <= since {
            return since;
        }
        self.tally.waited_cycles += until - since;
        self.tally.stall_cycles[what.index()] += until.saturating_sub(since.max(self.latest));
        until
    }

    fn mark(&self) -> Tally {
        self.tally
    }

    /// Whether all that was noted since `before` lies within the window.
    fn is_steady(&self, before: &Tally) -> bool {
        let since =
            |now: &ByWhat, before: &ByWhat| now.iter().sum::<u64>() - before.iter().sum::<u64>();
        since(&self.tally.busy_cycles, &before.busy_cycles)
            == since(&self.tally.clipped_cycles, &before.clipped_cycles)
            && self.tally.waited_cycles - before.waited_cycles
                == since(&self.tally.stall_cycles, &before.stall_cycles)
    }

    /// Notes `times` more of what was noted since `before`, each `shift` later.
    fn repeat(&mut self, before: &Tally, times: u64, shift: u64) {
        let mut worked = [false; Resource::COUNT];
        for what in What::ALL {
            let (place, resource) = (what.index(), what.resource(self.price, self.paths).index());
            worked[resource] |= self.tally.busy_cycles[place] > before.busy_cycles[place];
            let grow = |now: &mut ByWhat, before: &ByWhat| {
                now[place] += (now[place] - before[place]).saturating_mul(times);
            };
            grow(&mut self.tally.busy_cycles, &before.busy_cycles);
            grow(&mut self.tally.clipped_cycles, &before.clipped_cycles);
            grow(&mut self.tally.bytes, &before.bytes);
            grow(&mut self.tally.stall_cycles, &before.stall_cycles);
        }
        let waited = self.tally.waited_cycles - before.waited_cycles;
        self.tally.waited_cycles += waited.saturating_mul(times);
        let spans = self.spans.iter_mut().zip(worked);
        for span in spans.filter_map(|(span, worked)| span.as_mut().filter(|_| worked)) {
            span.end += times * shift;
        }
    }
}
