//! What a fit says of networks it has not seen: each is left out once, alone or with its family.

use std::collections::{BTreeMap, BTreeSet};

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::fit::fit;
use super::setting::Setting;
use super::weights::group;
use crate::compare::statistics::{median, quantile};
use crate::compare::{Pair, Score};
use crate::measured::Case;

/// Resamples of the networks, for intervals.
const RESAMPLES: usize = 2000;
/// The same intervals every time.
const SEED: u64 = 0x0ed_0a5;

/// What is left out at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A network; all stacks of one kind are one.
    Network,
    /// A family: a network in all its widths and sizes.
    Family,
}

/// Predictions of rows that the fit has not seen.
#[derive(Clone, Debug)]
pub struct Validation {
    /// What was left out at once.
    pub part: Part,
    /// In the order of cases; nothing where the machine cannot run the network.
    pub predicted: Vec<Option<Pair>>,
    /// How often it was fitted.
    pub fits: usize,
}

/// How far predictions are from measurements of some rows.
#[derive(Clone, Debug, PartialEq)]
pub struct LeftOut {
    /// Over rows.
    pub rows: Score,
    /// Where every network counts once, with the median of its errors.
    pub networks: Score,
    /// Where the median over networks is, were other networks measured.
    pub median: Option<Interval>,
}

/// 90 % of what is likely.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// 5 % are below.
    pub low: f64,
    /// 5 % are above.
    pub high: f64,
}

/// Fits without each part in turn and predicts it; `done` is called after each. Nothing where there
/// are fewer than two parts.
#[must_use]
pub fn validate(setting: &Setting, kind: Part, done: impl Fn() + Sync) -> Option<Validation> {
    let cases = setting.cases();
    let parts = setting.parts(kind);
    if parts.len() < 2 {
        return None;
    }
    let fits = parts.len();
    let parts: Vec<&str> = parts.into_iter().collect();
    let predicted: Vec<Vec<(usize, Pair)>> = parts
        .into_par_iter()
        .map(|part| {
            let all = 0..cases.len();
            let (out, rows): (Vec<usize>, Vec<usize>) =
                all.partition(|case| part_of(&cases[*case], kind) == part);
            let fitted = fit(setting, &rows);
            done();
            setting.pairs(&fitted.values, &out)
        })
        .collect();
    let predicted: BTreeMap<usize, Pair> = predicted.into_iter().flatten().collect();
    let of_case = |case: usize| predicted.get(&case).copied();
    Some(Validation {
        part: kind,
        predicted: (0..cases.len()).map(of_case).collect(),
        fits,
    })
}

impl Setting {
    /// What there is to leave out.
    #[must_use]
    pub fn parts(&self, kind: Part) -> BTreeSet<&str> {
        let cases = self.cases().iter();
        cases.map(|case| part_of(case, kind)).collect()
    }
}

fn part_of(case: &Case, kind: Part) -> &str {
    match kind {
        Part::Network => group(case),
        Part::Family => case.family(),
    }
}

impl LeftOut {
    /// The figures of the cases that `counts`; nothing where there are none.
    #[must_use]
    pub fn of(
        cases: &[Case],
        predicted: &[Option<Pair>],
        counts: impl Fn(&Case) -> bool,
    ) -> Option<LeftOut> {
        let mut pairs = Vec::new();
        let mut by_network: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for (case, pair) in cases.iter().zip(predicted) {
            if let Some(pair) = pair.filter(|_| counts(case)) {
                pairs.push(pair);
                by_network.entry(group(case)).or_default().push(pair.ape());
            }
        }
        if pairs.is_empty() {
            return None;
        }
        let apes: Vec<f64> = by_network
            .values()
            .filter_map(|apes| median(apes))
            .collect();
        Some(LeftOut {
            rows: Score::of(&pairs),
            networks: Score::of_apes(&apes),
            median: interval(&apes),
        })
    }
}

/// Where medians of as many values, drawn of these with repetition, lie.
fn interval(values: &[f64]) -> Option<Interval> {
    if values.len() < 2 {
        return None;
    }
    let mut random = Pcg64::seed_from_u64(SEED);
    let mut drawn = || {
        let one = |_| values[random.random_range(0..values.len())];
        median(&(0..values.len()).map(one).collect::<Vec<f64>>())
    };
    let medians: Vec<f64> = (0..RESAMPLES).filter_map(|_| drawn()).collect();
    Some(Interval {
        low: quantile(&medians, 0.05)?,
        high: quantile(&medians, 0.95)?,
    })
}
