//! Trace events as Perfetto and `chrome://tracing` read them.
//!
//! `ph` is the phase: `M` names processes and tracks, `X` is a slice, `C` a value of a counter from
//! a moment on. `ts` and `dur` are microseconds.

use serde::Serialize;

/// All events belong to one process, the machine.
pub(super) const MACHINE: u64 = 1;

/// One event, with `A` for its arguments.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Event<'a, A> {
    ph: &'static str,
    pid: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    tid: Option<u64>,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cat: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ts: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dur: Option<f64>,
    args: A,
}

impl<'a, A> Event<'a, A> {
    /// Says what `name`, such as `thread_name`, is of track `tid`, or of the machine.
    pub(super) fn meta(name: &'a str, tid: Option<u64>, args: A) -> Self {
        Event {
            ph: "M",
            pid: MACHINE,
            tid,
            name,
            cat: None,
            ts: None,
            dur: None,
            args,
        }
    }

    /// Work on track `tid` from one moment to another.
    pub(super) fn slice(tid: u64, (name, cat): (&'a str, &'a str), span: Span, args: A) -> Self {
        Event {
            ph: "X",
            pid: MACHINE,
            tid: Some(tid),
            name,
            cat: Some(cat),
            ts: Some(microseconds(span.start_ns)),
            dur: Some(microseconds(span.end_ns - span.start_ns)),
            args,
        }
    }

    /// The values of a counter from a moment on.
    pub(super) fn counter(name: &'a str, ns: u64, args: A) -> Self {
        Event {
            ph: "C",
            pid: MACHINE,
            tid: None,
            name,
            cat: None,
            ts: Some(microseconds(ns)),
            dur: None,
            args,
        }
    }
}

/// From one moment to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start_ns: u64,
    pub(super) end_ns: u64,
}

/// The clock of a program that starts at `start_cycle` of the whole.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    pub(super) hz: u64,
    pub(super) start_cycle: u64,
}

impl Clock {
    /// The nearest nanosecond to the start of a cycle: neighbors that do not overlap in cycles do
    /// not overlap in nanoseconds.
    pub(super) fn ns(self, cycle: u64) -> u64 {
        let cycles = u128::from(self.start_cycle) + u128::from(cycle);
        let hz = u128::from(self.hz);
        let ns = (2 * cycles * 1_000_000_000 + hz) / (2 * hz);
        u64::try_from(ns).unwrap_or(u64::MAX)
    }

    pub(super) fn span(self, start_cycle: u64, end_cycle: u64) -> Span {
        Span {
            start_ns: self.ns(start_cycle),
            end_ns: self.ns(end_cycle),
        }
    }
}

/// Microseconds that Perfetto reads back as just these nanoseconds: it multiplies by a thousand and
/// cuts off the rest, which would lose a nanosecond of 1.001.
fn microseconds(ns: u64) -> f64 {
    let us = hwmodels::units::float(ns) / 1e3;
    if us * 1e3 < hwmodels::units::float(ns) {
        us.next_up()
    } else {
        us
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn nanoseconds_survive_perfetto(ns in 0..1_u64 << 50) {
            let text = serde_json::to_string(&microseconds(ns)).unwrap();
            let read: f64 = text.parse().unwrap();
            #[expect(clippy::cast_possible_truncation, reason = "Perfetto's own cast")]
            let cut = (read * 1000.0) as i64;
            prop_assert_eq!(cut, i64::try_from(ns).unwrap());
        }

        #[test]
        fn neighbors_stay_neighbors(
            hz in 1_000_000..4_000_000_000_u64,
            start_cycle in 0..1_u64 << 40,
            cycle in 0..1_u64 << 40,
        ) {
            let clock = Clock { hz, start_cycle };
            let later = Clock { hz, start_cycle: start_cycle + cycle };
            prop_assert_eq!(clock.ns(cycle), later.ns(0));
            prop_assert!(clock.ns(cycle) <= clock.ns(cycle + 1));
        }
    }
}
