//! What rules of thumb say of the same measurements: time by multiply-accumulates, by bytes, or by
//! the greater of both.
//!
//! `t = constant + max(macs * per_mac, bytes * per_byte)`, with numbers of its own for every machine
//! that has enough rows, of least absolute relative error. `bytes` are the parameters, inputs and
//! results of a network, as its file stores them.

use std::collections::{BTreeMap, BTreeSet};

use hwmodels::units::float;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::linear::Line;
use super::score::Pair;

/// Rows and networks that a machine needs for numbers of its own.
const OWN: usize = 4;

/// Groups of networks that are left out in turn, at most.
const FOLDS: usize = 20;

/// Balances between multiply-accumulates and bytes that are tried, evenly apart on a logarithmic
/// scale; and then between the two beside the best.
const BALANCES: u32 = 24;

/// What a rule counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Multiply-accumulates.
    Macs,
    /// Bytes.
    Bytes,
    /// Whichever takes longer.
    Roofline,
}

/// What a rule knows of a measurement.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The machine.
    pub machine: String,
    /// The network.
    pub network: String,
    /// Its multiply-accumulates.
    pub macs: u64,
    /// Its parameters, inputs and results.
    pub bytes: u64,
    /// Its latency; above 0.
    pub measured_ms: f64,
}

/// A rule with its numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Baseline {
    kind: Kind,
    of_machine: BTreeMap<String, Law>,
    /// For machines without numbers of their own.
    of_all: Law,
}

/// The numbers of a rule, for one machine.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Law {
    /// Of every inference.
    pub constant_ms: f64,
    /// Of 10^6 multiply-accumulates.
    pub mmac_ms: f64,
    /// Of 10^6 bytes.
    pub mb_ms: f64,
}

impl Kind {
    /// All rules.
    pub const ALL: [Kind; 3] = [Kind::Macs, Kind::Bytes, Kind::Roofline];

    /// The name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Macs => "macs",
            Kind::Bytes => "bytes",
            Kind::Roofline => "macs-bytes-roofline",
        }
    }
}

impl Baseline {
    /// The rule of `kind` with the numbers that suit `rows` best.
    #[must_use]
    pub fn fit(kind: Kind, rows: &[&Judged]) -> Baseline {
        let mut by_machine: BTreeMap<&str, Vec<&Judged>> = BTreeMap::new();
        for row in rows {
            by_machine.entry(&row.machine).or_default().push(row);
        }
        let own = by_machine.into_iter().filter(|(_, rows)| {
            let networks: BTreeSet<&str> = rows.iter().map(|row| row.network.as_str()).collect();
            rows.len() >= OWN && networks.len() >= OWN - 1
        });
        Baseline {
            kind,
            of_machine: own
                .map(|(machine, rows)| (machine.to_owned(), Law::fit(kind, &rows)))
                .collect(),
            of_all: Law::fit(kind, rows),
        }
    }

    /// What the rule counts.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The latency it says, milliseconds.
    #[must_use]
    pub fn predict(&self, row: &Judged) -> f64 {
        let own = self.of_machine.get(&row.machine);
        own.unwrap_or(&self.of_all).predict(row)
    }

    /// Rows and what the rule of `kind` says of them, which was fitted to these very rows.
    #[must_use]
    pub fn fitted(kind: Kind, rows: &[Judged]) -> Vec<Pair> {
        let all: Vec<&Judged> = rows.iter().collect();
        let rule = Baseline::fit(kind, &all);
        rows.iter().map(|row| rule.pair(row)).collect()
    }

    /// The same where each row's network was left out of the fit, with others if there are more
    /// than 20; nothing for fewer than three networks.
    #[must_use]
    pub fn left_out(kind: Kind, rows: &[Judged]) -> Option<Vec<Pair>> {
        let networks: BTreeSet<&str> = rows.iter().map(|row| row.network.as_str()).collect();
        if networks.len() < 3 {
            return None;
        }
        let folds = networks.len().min(FOLDS);
        let fold_of: BTreeMap<&str, usize> = networks
            .iter()
            .enumerate()
            .map(|(index, network)| (*network, index % folds))
            .collect();
        let rules: Vec<Baseline> = (0..folds)
            .into_par_iter()
            .map(|fold| {
                let rest = rows.iter().filter(|row| fold_of[&*row.network] != fold);
                Baseline::fit(kind, &rest.collect::<Vec<_>>())
            })
            .collect();
        let pair = |row: &Judged| rules[fold_of[&*row.network]].pair(row);
        Some(rows.iter().map(pair).collect())
    }

    fn pair(&self, row: &Judged) -> Pair {
        Pair {
            measured_ms: row.measured_ms,
            predicted_ms: self.predict(row),
        }
    }
}

impl Law {
    fn fit(kind: Kind, rows: &[&Judged]) -> Law {
        match kind {
            Kind::Macs => Law::balanced(rows, 1.0, 0.0).1,
            Kind::Bytes => Law::balanced(rows, 0.0, 1.0).1,
            Kind::Roofline => Law::roofline(rows),
        }
    }

    /// Of all balances between the two, the best: no rule of one of them alone is better.
    fn roofline(rows: &[&Judged]) -> Law {
        let ratios = rows.iter().filter(|row| row.macs > 0 && row.bytes > 0);
        let ratios: Vec<f64> = ratios
            .map(|row| (float(row.macs) / float(row.bytes)).ln())
            .collect();
        let low = ratios.iter().copied().fold(f64::INFINITY, f64::min);
        let high = ratios.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let alone = [Law::balanced(rows, 1.0, 0.0), Law::balanced(rows, 0.0, 1.0)];
        if ratios.is_empty() {
            return better(alone).1;
        }
        let step = (high - low) / f64::from(BALANCES);
        let balances = |from: f64, step: f64| {
            let balance = move |n: u32| (from + step * f64::from(n)).exp();
            (0..=BALANCES).map(balance)
        };
        let weighed = |balance: f64| (balance, Law::balanced(rows, 1.0, balance));
        let coarse = balances(low, step).map(weighed);
        let best = coarse.min_by(|a, b| a.1.0.total_cmp(&b.1.0));
        let Some((balance, coarse)) = best else {
            return better(alone).1;
        };
        let fine = balances(balance.ln() - step, 2.0 * step / f64::from(BALANCES));
        let fine = fine.map(|balance| weighed(balance).1);
        better(alone.into_iter().chain([coarse]).chain(fine)).1
    }

    /// The best law of the feature `max(macs * a, bytes * b)`, and its loss.
    fn balanced(rows: &[&Judged], a: f64, b: f64) -> (f64, Law) {
        let feature = |row: &&Judged| millions(row.macs, a).max(millions(row.bytes, b));
        let points: Vec<(f64, f64)> = rows
            .iter()
            .map(|row| (feature(row), row.measured_ms))
            .collect();
        let line = Line::fit(&points);
        let law = Law {
            constant_ms: line.constant,
            mmac_ms: line.slope * a,
            mb_ms: line.slope * b,
        };
        (line.loss(&points), law)
    }

    fn predict(&self, row: &Judged) -> f64 {
        let (macs, bytes) = (
            millions(row.macs, self.mmac_ms),
            millions(row.bytes, self.mb_ms),
        );
        self.constant_ms + macs.max(bytes)
    }
}

fn millions(count: u64, of_a_million: f64) -> f64 {
    float(count) / 1e6 * of_a_million
}

/// The law of least loss, the first of equals.
fn better(laws: impl IntoIterator<Item = (f64, Law)>) -> (f64, Law) {
    let least = laws.into_iter().min_by(|a, b| a.0.total_cmp(&b.0));
    least.unwrap_or_default()
}
