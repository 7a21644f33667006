//! What is read from a simulated inference.

use super::ledger::{Ledger, Span, Tally};
use super::notes::ByWhat;
use super::timeline::{Resource, Timeline};
use super::what::What;
use crate::compile::{Price, Schedule};
use crate::profile::{Port, Profile, SourceKind};
use crate::task::{BufferId, TaskId};
use crate::units::{float, ms_of_cycles};

/// What an entry of the schedule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LayerOf {
    /// The fixed cost of the inference.
    Invoke,
    /// An activation goes to the chip.
    Load(BufferId),
    /// An activation comes from the chip.
    Store(BufferId),
    /// A task.
    Task(TaskId),
}

/// One entry of the schedule, timed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layer {
    /// What it is.
    pub of: LayerOf,
    /// What its compute time comes from; nothing for transfers and host tasks.
    pub price: Option<Price>,
    /// From the latest end of any entry before it to its own end, so that layers sum to the total;
    /// 0 where all of it was hidden.
    pub latency_cycles: u64,
    /// Cycles its resource computed.
    pub compute_cycles: u64,
    /// Bytes it moved onto and off the chip.
    pub moved_bytes: u64,
    /// What took the largest part of `latency_cycles`; nothing where that is 0.
    pub bound_by: Option<What>,
    /// Cycles of `latency_cycles` in which the array waited, by what for, in the order of
    /// [`What::ALL`].
    pub stall_cycles: [u64; What::COUNT],
    /// Whether it is part of the task before it, which alone takes time.
    pub fused: bool,
}

/// Bytes onto and off the chip in one inference, and between the arrays of a grid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Activations to the chip, whole.
    pub input_bytes: u64,
    /// Activations from the chip, whole.
    pub output_bytes: u64,
    /// Streamed parameters.
    pub parameter_bytes: u64,
    /// Code.
    pub code_bytes: u64,
    /// Spilled activations, back to the chip.
    pub spill_in_bytes: u64,
    /// Spilled activations, off the chip.
    pub spill_out_bytes: u64,
    /// Operands between the arrays of a grid.
    pub noc_bytes: u64,
}

/// One inference, timed.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// Entries in schedule order.
    pub layers: Vec<Layer>,
    /// One inference in steady state, from input in host memory to output in host memory.
    pub cycles: u64,
    /// The same with the parameters that stay on the chip sent first.
    pub first_cycles: u64,
    /// From one inference to the next, back to back: the next one uses a resource when this one
    /// has left it for good, and sends its input when this one has computed.
    pub period_cycles: u64,
    /// Computing on the accelerator, with operator overheads, without link and host.
    pub device_cycles: u64,
    /// Computing on the host.
    pub host_cycles: u64,
    /// Cycles of layers bound by a number that is only assumed.
    pub assumed_cycles: u64,
    /// Cycles of layers that the array's own arithmetic prices.
    pub array_priced_cycles: u64,
    /// Multiply-accumulates of the list.
    pub macs: u64,
    /// Multiply-accumulates the array could have done in `cycles`, where there is an array.
    pub macs_possible: Option<u64>,
    /// Bytes over the link.
    pub traffic: Traffic,
    /// Parameters that stay on the chip.
    pub cached_bytes: u64,
    /// The most activations that live on the chip at once.
    pub narrow_peak_bytes: u64,
    /// Cycles per second.
    pub clock_hz: u64,
    /// Every interval; not kept at [`super::Speed::Fast`], nor by [`super::watch`].
    pub timeline: Option<Timeline>,
}

impl Estimate {
    pub(super) fn new(profile: &Profile, schedule: &Schedule<'_>, ledger: Ledger<'_>) -> Estimate {
        let layers = ledger.layers;
        let assumed = layers
            .iter()
            .filter(|layer| layer.source(profile) == Some(SourceKind::Assumed));
        let priced = layers
            .iter()
            .filter(|layer| matches!(layer.price, Some(Price::Array(_))));
        let load_cycles = profile
            .paths()
            .map_or(0, |paths| paths.parameters.cycles(schedule.cached_bytes));
        Estimate {
            cycles: ledger.latest,
            first_cycles: ledger.latest.saturating_add(load_cycles),
            period_cycles: period_cycles(&ledger.spans),
            device_cycles: ledger.device_cycles,
            host_cycles: ledger.host_cycles,
            assumed_cycles: assumed.map(|layer| layer.latency_cycles).sum(),
            array_priced_cycles: priced.map(|layer| layer.latency_cycles).sum(),
            macs: schedule.list.macs(),
            macs_possible: profile
                .peak_macs_per_cycle()
                .map(|peak| peak.saturating_mul(ledger.latest)),
            traffic: ledger.traffic,
            cached_bytes: schedule.cached_bytes,
            narrow_peak_bytes: schedule.narrow_peak_bytes,
            clock_hz: profile.clock_hz(),
            timeline: None,
            layers,
        }
    }

    /// One inference in steady state.
    #[must_use]
    pub fn latency_ms(&self) -> f64 {
        ms_of_cycles(self.cycles, self.clock_hz)
    }

    /// One inference with the parameters sent first.
    #[must_use]
    pub fn first_ms(&self) -> f64 {
        ms_of_cycles(self.first_cycles, self.clock_hz)
    }

    /// Inferences per second, back to back.
    #[must_use]
    pub fn throughput_fps(&self) -> f64 {
        1e3 / ms_of_cycles(self.period_cycles, self.clock_hz)
    }

    /// One inference without link and host.
    #[must_use]
    pub fn device_ms(&self) -> f64 {
        ms_of_cycles(self.device_cycles, self.clock_hz)
    }

    /// Multiply-accumulates done of those possible in the time, 0 to 1; nothing without an array.
    #[must_use]
    pub fn utilization(&self) -> Option<f64> {
        self.macs_possible
            .filter(|macs| *macs > 0)
            .map(|macs| float(self.macs) / float(macs))
    }

    /// The share of the latency that rests on assumed numbers, 0 to 1.
    #[must_use]
    pub fn assumed_share(&self) -> f64 {
        if self.cycles == 0 {
            0.0
        } else {
            float(self.assumed_cycles) / float(self.cycles)
        }
    }
}

impl Layer {
    pub(super) fn new(
        of: LayerOf,
        price: Option<Price>,
        latency_cycles: u64,
        tally: &Tally,
    ) -> Layer {
        // The first of the largest, in declaration order.
        let largest = What::ALL
            .into_iter()
            .rev()
            .max_by_key(|what| tally.clipped(*what));
        Layer {
            of,
            price,
            latency_cycles,
            compute_cycles: tally.busy(What::Compute)
                + tally.busy(What::Feed)
                + tally.busy(What::Host),
            moved_bytes: tally.traffic().total_bytes(),
            stall_cycles: tally.stalls(),
            fused: false,
            bound_by: largest.filter(|what| latency_cycles > 0 && tally.clipped(*what) > 0),
        }
    }

    /// Where the number comes from that bounds the layer; what counts in cycles is no better known
    /// than the clock.
    #[must_use]
    pub fn source(&self, profile: &Profile) -> Option<SourceKind> {
        let (what, clock) = (self.bound_by?, profile.clock_source());
        match what {
            What::Invoke | What::Overhead => Some(profile.overheads().source),
            What::Compute => Some(self.price?.source().max(clock)),
            What::Feed => Some(profile.memory()?.source.max(clock)),
            What::Noc => Some(profile.grid()?.source.max(clock)),
            What::Host => Some(profile.host()?.source),
            What::Parameters
            | What::Code
            | What::Input
            | What::Output
            | What::SpillIn
            | What::SpillOut => Some(what.path(profile.paths()?)?.source),
        }
    }
}

impl Traffic {
    /// The bytes of what crosses borders, of all kinds of work.
    pub(super) fn of(bytes: &ByWhat) -> Traffic {
        let bytes = |what: What| bytes[what.index()];
        Traffic {
            input_bytes: bytes(What::Input),
            output_bytes: bytes(What::Output),
            parameter_bytes: bytes(What::Parameters),
            code_bytes: bytes(What::Code),
            spill_in_bytes: bytes(What::SpillIn),
            spill_out_bytes: bytes(What::SpillOut),
            noc_bytes: bytes(What::Noc),
        }
    }

    pub(super) fn add(&mut self, other: Traffic) {
        self.input_bytes += other.input_bytes;
        self.output_bytes += other.output_bytes;
        self.parameter_bytes += other.parameter_bytes;
        self.code_bytes += other.code_bytes;
        self.spill_in_bytes += other.spill_in_bytes;
        self.spill_out_bytes += other.spill_out_bytes;
        self.noc_bytes += other.noc_bytes;
    }

    /// Spilled activations, both ways.
    #[must_use]
    pub fn spill_bytes(&self) -> u64 {
        self.spill_in_bytes + self.spill_out_bytes
    }

    /// All that crosses the border of the chip.
    #[must_use]
    pub fn total_bytes(&self) -> u64 {
        self.input_bytes
            + self.output_bytes
            + self.parameter_bytes
            + self.code_bytes
            + self.spill_bytes()
    }
}

/// From one inference to the next: no resource can start on the next before it has left this one,
/// and the next input is sent when this one has computed.
fn period_cycles(spans: &[Option<Span>; Resource::COUNT]) -> u64 {
    let span = |resource: Resource| spans[resource.index()];
    let own = spans
        .iter()
        .flatten()
        .map(|span| span.end - span.start)
        .max()
        .unwrap_or(0);
    let devices = [Resource::Array, Resource::Vector].map(span);
    let computed = devices.iter().flatten().map(|span| span.end).max();
    let Some(computed) = computed else { return own };
    let arrivals = [Port::LinkIn, Port::DramIn, Port::FlashIn].map(Resource::Port);
    let sent = arrivals.into_iter().filter_map(span).map(|span| span.start);
    let started = devices.iter().flatten().map(|span| span.start);
    let first = sent.min().or_else(|| started.min()).unwrap_or(0);
    own.max(computed.saturating_sub(first))
}
