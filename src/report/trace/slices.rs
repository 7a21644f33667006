//! Intervals as they are shown: one slice each, or several neighbors of a layer in one.
//!
//! A layer of a million tiles would make a file that no viewer opens, and a timeline that fills the
//! memory. So while intervals come in, a layer that has more than [`SLICES_MAX`] slices on a
//! resource has them joined in pairs, again and again: each then stands for 2, 4, 8... intervals
//! from the first start to the last end, and says how many there were and how long they worked.

use hwmodels::simulate::{Interval, LayerOf, Resource, What};

/// The most slices of a layer on a resource; even, so that pairs stay aligned.
pub(super) const SLICES_MAX: usize = 512;

/// What a resource did for a layer, from `start_cycle` to `end_cycle`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slice {
    pub(super) layer: LayerOf,
    /// What took the largest part.
    pub(super) what: What,
    pub(super) start_cycle: u64,
    pub(super) end_cycle: u64,
    /// Cycles worked between them; all of them for a single interval.
    pub(super) busy_cycles: u64,
    pub(super) bytes: u64,
    /// Intervals it stands for.
    pub(super) intervals: u64,
    by_what: [u64; What::COUNT],
}

/// The slices of one program.
#[derive(Clone, Debug, Default)]
pub(super) struct Slices {
    lanes: [Lane; Resource::COUNT],
}

/// The slices of one resource, in the order of time.
#[derive(Clone, Debug, Default)]
struct Lane {
    slices: Vec<Slice>,
    /// Where the last layer's begin, and how many intervals each of its may hold.
    layer_start: usize,
    intervals_each: u64,
}

impl Slices {
    /// Takes the next interval; those of one resource come in the order of time.
    pub(super) fn add(&mut self, interval: &Interval) {
        let resources = Resource::ALL.iter().zip(&mut self.lanes);
        let own = resources.filter(|(resource, _)| **resource == interval.resource);
        own.for_each(|(_, lane)| lane.add(interval));
    }

    /// Every resource that works, and what it does.
    pub(super) fn lanes(&self) -> impl Iterator<Item = (Resource, &[Slice])> {
        let lanes = Resource::ALL.into_iter().zip(&self.lanes);
        lanes
            .map(|(resource, lane)| (resource, &lane.slices[..]))
            .filter(|(_, slices)| !slices.is_empty())
    }

    /// Intervals that have no slice of their own.
    pub(super) fn joined_intervals(&self) -> u64 {
        let slices = self.lanes.iter().flat_map(|lane| &lane.slices);
        slices
            .map(|slice| slice.intervals)
            .filter(|intervals| *intervals > 1)
            .sum()
    }
}

impl Lane {
    fn add(&mut self, interval: &Interval) {
        let own = self.slices[self.layer_start..].last_mut();
        match own.filter(|slice| slice.layer == interval.layer) {
            Some(slice) if slice.intervals < self.intervals_each => {
                slice.join(&Slice::of(interval));
                return;
            }
            Some(_) => {}
            None => {
                self.layer_start = self.slices.len();
                self.intervals_each = 1;
            }
        }
        self.slices.push(Slice::of(interval));
        if self.slices.len() - self.layer_start > SLICES_MAX {
            self.join_pairs();
        }
    }

    fn join_pairs(&mut self) {
        let singles = self.slices.split_off(self.layer_start);
        self.slices.extend(singles.chunks(2).map(|pair| {
            let mut joined = pair[0];
            pair[1..].iter().for_each(|next| joined.join(next));
            joined
        }));
        self.intervals_each *= 2;
    }
}

impl Slice {
    fn of(interval: &Interval) -> Slice {
        let busy_cycles = interval.end_cycle - interval.start_cycle;
        Slice {
            layer: interval.layer,
            what: interval.what,
            start_cycle: interval.start_cycle,
            end_cycle: interval.end_cycle,
            busy_cycles,
            bytes: interval.bytes,
            intervals: 1,
            by_what: What::ALL.map(|what| {
                if what == interval.what {
                    busy_cycles
                } else {
                    0
                }
            }),
        }
    }

    fn join(&mut self, next: &Slice) {
        self.end_cycle = next.end_cycle;
        self.busy_cycles += next.busy_cycles;
        self.bytes += next.bytes;
        self.intervals += next.intervals;
        for (sum, more) in self.by_what.iter_mut().zip(next.by_what) {
            *sum += more;
        }
        // The first of the largest, in declaration order.
        let parts = What::ALL.into_iter().zip(self.by_what).rev();
        if let Some((what, _)) = parts.max_by_key(|(_, cycles)| *cycles) {
            self.what = what;
        }
    }
}

#[cfg(test)]
mod tests {
    use hwmodels::profile::Port;
    use hwmodels::task::TaskId;
    use proptest::prelude::*;

    use super::*;

    /// Keeps every interval, then joins them in groups of the least power of two that fits.
    fn naive(intervals: &[Interval], resource: Resource) -> Vec<Slice> {
        let own: Vec<Interval> = intervals
            .iter()
            .copied()
            .filter(|interval| interval.resource == resource)
            .collect();
        let mut slices = Vec::new();
        for layer in own.chunk_by(|a, b| a.layer == b.layer) {
            let mut each = 1;
            while layer.len().div_ceil(each) > SLICES_MAX {
                each *= 2;
            }
            for group in layer.chunks(each) {
                let cycles = |of: &Interval| of.end_cycle - of.start_cycle;
                let by_what = What::ALL.map(|what| {
                    group
                        .iter()
                        .filter(|interval| interval.what == what)
                        .map(cycles)
                        .sum::<u64>()
                });
                let most = by_what.iter().max().unwrap();
                let place = by_what.iter().position(|cycles| cycles == most).unwrap();
                slices.push(Slice {
                    layer: group[0].layer,
                    what: What::ALL[place],
                    start_cycle: group[0].start_cycle,
                    end_cycle: group[group.len() - 1].end_cycle,
                    busy_cycles: group.iter().map(cycles).sum(),
                    bytes: group.iter().map(|interval| interval.bytes).sum(),
                    intervals: group.len() as u64,
                    by_what,
                });
            }
        }
        slices
    }

    fn any_intervals() -> impl Strategy<Value = Vec<Interval>> {
        let layer = prop_oneof![0..3_usize, 600..3000_usize];
        let runs = prop::collection::vec((layer, 1..5_u64, 0..4_u64), 1..6);
        runs.prop_map(|runs| {
            let mut intervals = Vec::new();
            let mut free = [0_u64; 2];
            for (layer, (count, cycles, gap)) in runs.into_iter().enumerate() {
                for index in 0..count {
                    let lane = index % 2;
                    let whats = [What::Compute, What::Feed, What::Parameters];
                    let start_cycle = free[lane] + gap;
                    let end_cycle = start_cycle + cycles + (index as u64 % 3);
                    free[lane] = end_cycle;
                    intervals.push(Interval {
                        resource: [Resource::Array, Resource::Port(Port::LinkIn)][lane],
                        start_cycle,
                        end_cycle,
                        layer: LayerOf::Task(TaskId(layer)),
                        what: whats[if lane == 0 { index / 2 % 2 } else { 2 }],
                        bytes: index as u64 % 7,
                    });
                }
            }
            intervals
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]

        #[test]
        fn joining_as_they_come_is_joining_at_the_end(intervals in any_intervals()) {
            let mut slices = Slices::default();
            intervals.iter().for_each(|interval| slices.add(interval));
            let mut joined = 0;
            for (resource, own) in slices.lanes() {
                let twin = naive(&intervals, resource);
                prop_assert_eq!(own, &twin[..]);
                joined += twin.iter().map(|s| s.intervals).filter(|n| *n > 1).sum::<u64>();
            }
            let shown: u64 = slices.lanes().flat_map(|(_, own)| own).map(|s| s.intervals).sum();
            prop_assert_eq!(shown, intervals.len() as u64);
            prop_assert_eq!(slices.joined_intervals(), joined);
        }
    }
}
