//! Measured rows with the simulator's answers, and the figures over all of them.

use std::collections::BTreeMap;

use super::baseline::Judged;
use super::repeats::Repeats;
use super::score::{Pair, Score};
use super::statistics::median;
use crate::measured::{Case, Simulated, estimates};

/// Measurements and what the simulator says of the same.
#[derive(Clone, Debug)]
pub struct Comparison {
    cases: Vec<Case>,
    simulated: Vec<Simulated>,
}

/// One measurement and the simulator's answer.
#[derive(Clone, Copy, Debug)]
pub struct Compared<'a> {
    /// What was measured, on what.
    pub case: &'a Case,
    /// The answer.
    pub simulated: &'a Simulated,
}

impl Compared<'_> {
    /// Measured and simulated; nothing where the machine cannot run the network.
    #[must_use]
    pub fn pair(&self) -> Option<Pair> {
        let estimate = self.simulated.as_ref().ok()?;
        Some(Pair {
            measured_ms: self.case.measurement.latency_ms,
            predicted_ms: estimate.latency_ms(),
        })
    }

    /// What a rule of thumb knows of it.
    #[must_use]
    pub fn judged(&self) -> Judged {
        let model = &self.case.model;
        Judged {
            machine: self.case.machine.name().to_owned(),
            network: self.case.network().to_owned(),
            macs: model.macs,
            bytes: model.parameter_bytes.saturating_add(model.io_bytes),
            measured_ms: self.case.measurement.latency_ms,
        }
    }

    /// What the same is: the network on a machine in a host, as it was written down.
    #[must_use]
    pub fn repeated(&self) -> Vec<String> {
        let host = self.case.measurement.host.to_lowercase();
        [self.over_hosts(), vec![host]].concat()
    }

    /// What the same is, whatever the host: the network on a device behind a link.
    #[must_use]
    pub fn over_hosts(&self) -> Vec<String> {
        let row = &self.case.measurement;
        let words = [&row.device, &row.link].map(|words| words.to_lowercase());
        let [device, link] = words;
        vec![self.case.network().to_owned(), device, link]
    }
}

impl Comparison {
    /// Simulates `cases`, on all cores.
    #[must_use]
    pub fn new(cases: Vec<Case>) -> Comparison {
        let simulated = estimates(&cases);
        Comparison { cases, simulated }
    }

    /// The rows, in the order of the measurements.
    #[must_use]
    pub fn rows(&self) -> Vec<Compared<'_>> {
        let both = self.cases.iter().zip(&self.simulated);
        both.map(|(case, simulated)| Compared { case, simulated })
            .collect()
    }

    /// The figures over all rows that ran.
    #[must_use]
    pub fn score(&self) -> Score {
        let pairs: Vec<Pair> = self.rows().iter().filter_map(Compared::pair).collect();
        Score::of(&pairs)
    }

    /// The figures where every network counts once, however often it was measured: its error is the
    /// median of its rows' absolute errors. Orders are not compared.
    #[must_use]
    pub fn score_of_networks(&self) -> Score {
        let mut errors: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for row in &self.rows() {
            if let Some(pair) = row.pair() {
                errors
                    .entry(row.case.network())
                    .or_default()
                    .push(pair.ape());
            }
        }
        let medians: Vec<f64> = errors.values().filter_map(|all| median(all)).collect();
        Score::of_apes(&medians)
    }

    /// The spread of what was measured more than once in the same host.
    #[must_use]
    pub fn repeats(&self) -> Repeats {
        self.repeats_of(|row| row.repeated())
    }

    /// The spread of what was measured more than once, whatever the host.
    #[must_use]
    pub fn repeats_over_hosts(&self) -> Repeats {
        self.repeats_of(|row| row.over_hosts())
    }

    fn repeats_of(&self, key: impl Fn(&Compared<'_>) -> Vec<String>) -> Repeats {
        let rows = self.rows();
        let rows = rows.iter();
        Repeats::of(rows.map(|row| (key(row), row.case.measurement.latency_ms)))
    }
}
