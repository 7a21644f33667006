//! How much every measurement counts.

use std::collections::BTreeMap;

use crate::measured::Case;

/// How alike the errors of two measurements of one network are: what the simulator gets wrong of a
/// network, it gets wrong in all of its rows.
const ALIKE: f64 = 0.25;

/// What a row of a stack counts, beside one of a network that somebody runs.
const STACK: f64 = 0.06;

/// By case: `n` rows of one network count as `n / (1 + (n - 1) * ALIKE)`, so that no network that
/// everybody measures decides alone.
pub(super) fn weights(cases: &[Case]) -> Vec<f64> {
    let mut rows: BTreeMap<&str, f64> = BTreeMap::new();
    for case in cases {
        *rows.entry(group(case)).or_default() += 1.0;
    }
    let weight = |case: &Case| {
        let alike = 1.0 / (1.0 + (rows[group(case)] - 1.0) * ALIKE);
        match case.measurement.stack {
            Some(_) => STACK,
            None => alike,
        }
    };
    cases.iter().map(weight).collect()
}

/// What is left out together: a network, or all stacks of one family.
pub(super) fn group(case: &Case) -> &str {
    match case.measurement.stack {
        Some(_) => case.family(),
        None => case.network(),
    }
}
