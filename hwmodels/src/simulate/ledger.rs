//! What happened: sums per entry of the schedule, and every interval where a timeline is asked for.
//!
//! The time of an entry is its window: from the latest end of any entry before it to its own end.
//! Busy time is counted once whole and once clipped to the window.

use super::estimate::{Layer, LayerOf, Traffic};
use super::timeline::{Interval, Resource, Timeline};
use crate::compile::Price;

/// What a resource did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// The fixed cost of an inference.
    Invoke,
    /// The fixed cost of an operator.
    Overhead,
    /// Computing.
    Compute,
    /// Streaming parameters.
    Parameters,
    /// Sending code.
    Code,
    /// Sending an activation to the chip.
    Input,
    /// Fetching an activation from the chip.
    Output,
    /// Reading back an activation that found no room on the chip.
    SpillIn,
    /// Writing out an activation that found no room on the chip.
    SpillOut,
    /// Computing on the host.
    Host,
}

impl What {
    /// All kinds of work, in the order of their declaration.
    pub const ALL: [What; 10] = [
        What::Invoke,
        What::Overhead,
        What::Compute,
        What::Parameters,
        What::Code,
        What::Input,
        What::Output,
        What::SpillIn,
        What::SpillOut,
        What::Host,
    ];

    /// The name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            What::Invoke => "invoke",
            What::Overhead => "overhead",
            What::Compute => "compute",
            What::Parameters => "parameters",
            What::Code => "code",
            What::Input => "input",
            What::Output => "output",
            What::SpillIn => "spill_in",
            What::SpillOut => "spill_out",
            What::Host => "host",
        }
    }

    fn index(self) -> usize {
        self as usize
    }

    /// Who does it, for an entry of that price.
    fn resource(self, price: Option<Price>) -> Resource {
        match (self, price) {
            (What::Invoke | What::Host, _) => Resource::Host,
            (What::Compute, Some(Price::Vector(_))) => Resource::Vector,
            (What::Overhead | What::Compute, _) => Resource::Array,
            (What::Parameters | What::Code | What::Input | What::SpillIn, _) => Resource::LinkIn,
            (What::Output | What::SpillOut, _) => Resource::LinkOut,
        }
    }
}

/// Sums by kind of work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    busy_cycles: [u64; 10],
    clipped_cycles: [u64; 10],
    bytes: [u64; 10],
}

impl Tally {
    pub(super) fn busy(&self, what: What) -> u64 {
        self.busy_cycles[what.index()]
    }

    pub(super) fn clipped(&self, what: What) -> u64 {
        self.clipped_cycles[what.index()]
    }

    pub(super) fn traffic(&self) -> Traffic {
        let bytes = |what: What| self.bytes[what.index()];
        Traffic {
            input_bytes: bytes(What::Input),
            output_bytes: bytes(What::Output),
            parameter_bytes: bytes(What::Parameters),
            code_bytes: bytes(What::Code),
            spill_bytes: bytes(What::SpillIn) + bytes(What::SpillOut),
        }
    }
}

/// First start and last end on a resource.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) start: u64,
    pub(super) end: u64,
}

pub(super) struct Ledger {
    tally: Tally,
    of: LayerOf,
    price: Option<Price>,
    pub(super) layers: Vec<Layer>,
    pub(super) timeline: Option<Timeline>,
    pub(super) spans: [Option<Span>; 5],
    pub(super) traffic: Traffic,
    /// Computing on the accelerator, overheads included.
    pub(super) device_cycles: u64,
    /// The latest end of all entries before the open one.
    pub(super) latest: u64,
}

impl Ledger {
    pub(super) fn new(keep_intervals: bool, entries: usize) -> Ledger {
        Ledger {
            tally: Tally::default(),
            of: LayerOf::Invoke,
            price: None,
            layers: Vec::with_capacity(entries),
            timeline: keep_intervals.then(Timeline::default),
            spans: [None; 5],
            traffic: Traffic::default(),
            device_cycles: 0,
            latest: 0,
        }
    }

    pub(super) fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Begins an entry of the schedule.
    pub(super) fn open(&mut self, of: LayerOf, price: Option<Price>) {
        self.tally = Tally::default();
        self.of = of;
        self.price = price;
    }

    /// Notes one piece of work of the open entry; nothing for an empty one.
    pub(super) fn record(&mut self, what: What, start: u64, end: u64, bytes: u64) {
        if start == end {
            return;
        }
        self.tally.busy_cycles[what.index()] += end - start;
        self.tally.clipped_cycles[what.index()] += end.saturating_sub(start.max(self.latest));
        self.tally.bytes[what.index()] += bytes;
        let resource = what.resource(self.price);
        let span = self.spans[resource as usize].get_or_insert(Span { start, end });
        span.end = span.end.max(end);
        if let Some(timeline) = &mut self.timeline {
            timeline.intervals.push(Interval {
                resource,
                start_cycle: start,
                end_cycle: end,
                layer: self.of,
                what,
                bytes,
            });
        }
    }

    /// Whether all that was noted since `before` lies within the window.
    pub(super) fn unclipped_since(&self, before: &Tally) -> bool {
        let since = |now: &[u64; 10], before: &[u64; 10]| {
            now.iter().sum::<u64>() - before.iter().sum::<u64>()
        };
        since(&self.tally.busy_cycles, &before.busy_cycles)
            == since(&self.tally.clipped_cycles, &before.clipped_cycles)
    }

    /// Notes `times` more of what was noted since `before`, each `shift` later.
    pub(super) fn repeat(&mut self, before: &Tally, times: u64, shift: u64) {
        let mut worked = [false; 5];
        for what in What::ALL {
            let (place, resource) = (what.index(), what.resource(self.price) as usize);
            worked[resource] |= self.tally.busy_cycles[place] > before.busy_cycles[place];
            let grow = |now: &mut u64, before: u64| *now += (*now - before) * times;
            grow(
                &mut self.tally.busy_cycles[place],
                before.busy_cycles[place],
            );
            grow(
                &mut self.tally.clipped_cycles[place],
                before.clipped_cycles[place],
            );
            grow(&mut self.tally.bytes[place], before.bytes[place]);
        }
        for (span, _) in self
            .spans
            .iter_mut()
            .zip(worked)
            .filter(|(_, worked)| *worked)
        {
            if let Some(span) = span {
                span.end += times * shift;
            }
        }
    }

    /// Ends the open entry at `end`.
    pub(super) fn close(&mut self, end: u64) {
        let latency_cycles = end.saturating_sub(self.latest);
        self.latest = self.latest.max(end);
        self.traffic.add(self.tally.traffic());
        self.device_cycles += self.tally.busy(What::Overhead) + self.tally.busy(What::Compute);
        self.layers
            .push(Layer::new(self.of, self.price, latency_cycles, &self.tally));
    }
}
