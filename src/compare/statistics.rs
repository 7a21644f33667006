//! Figures of samples. Each is nothing where there are too few values for it.

use hwmodels::units::float;

/// The mean.
#[must_use]
pub fn mean(values: &[f64]) -> Option<f64> {
    let count = float(values.len() as u64);
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / count)
}

/// The value in the middle, or the mean of the two there.
#[must_use]
pub fn median(values: &[f64]) -> Option<f64> {
    quantile(values, 0.5)
}

/// The value that `share` (0 to 1) of the others lie below, linear between neighbors: of n values
/// in order, the one at `share * (n - 1)`.
#[must_use]
pub fn quantile(values: &[f64], share: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    let place = share.clamp(0.0, 1.0) * float(last as u64);
    let below = (0..=last).rev().find(|&i| float(i as u64) <= place)?;
    let above = (below + 1).min(last);
    let rest = place - float(below as u64);
    Some(sorted[below] + rest * (sorted[above] - sorted[below]))
}

/// Kendall's tau-b of pairs: 1 where both order all pairs alike, -1 where they order them in
/// opposite ways. Ties count in neither direction. Nothing where one side is all the same.
///
/// `(C - D) / sqrt((P - X) (P - Y))` over all `P` pairs of pairs, `C` ordered alike and `D` not,
/// `X` and `Y` tied on one side.
#[must_use]
pub fn kendall_tau(pairs: &[(f64, f64)]) -> Option<f64> {
    let (mut agreement, mut of_x, mut of_y) = (0_i64, 0_i64, 0_i64);
    for (index, a) in pairs.iter().enumerate() {
        for b in &pairs[index + 1..] {
            let (x, y) = (order(a.0, b.0), order(a.1, b.1));
            agreement += x * y;
            of_x += x * x;
            of_y += y * y;
        }
    }
    let scale = (signed(of_x) * signed(of_y)).sqrt();
    (scale > 0.0).then(|| signed(agreement) / scale)
}

/// Spearman's rank correlation: Pearson's of the ranks, where equal values share the mean of
/// theirs.
#[must_use]
pub fn spearman(pairs: &[(f64, f64)]) -> Option<f64> {
    let x: Vec<f64> = pairs.iter().map(|pair| pair.0).collect();
    let y: Vec<f64> = pairs.iter().map(|pair| pair.1).collect();
    pearson(&ranks(&x), &ranks(&y))
}

/// The share of the variance of the first (observed) that the second (predicted) explains:
/// `1 - sum (x - y)^2 / sum (x - mean x)^2`; below 0 where the mean would predict better.
#[must_use]
pub fn r_squared(pairs: &[(f64, f64)]) -> Option<f64> {
    let observed: Vec<f64> = pairs.iter().map(|pair| pair.0).collect();
    let center = mean(&observed)?;
    let around: f64 = observed.iter().map(|x| (x - center).powi(2)).sum();
    let left: f64 = pairs.iter().map(|(x, y)| (x - y).powi(2)).sum();
    (around > 0.0).then(|| 1.0 - left / around)
}

fn pearson(x: &[f64], y: &[f64]) -> Option<f64> {
    let (center_x, center_y) = (mean(x)?, mean(y)?);
    let (mut both, mut of_x, mut of_y) = (0.0, 0.0, 0.0);
    for (x, y) in x.iter().zip(y) {
        let (x, y) = (x - center_x, y - center_y);
        both += x * y;
        of_x += x * x;
        of_y += y * y;
    }
    let scale = (of_x * of_y).sqrt();
    (scale > 0.0).then(|| both / scale)
}

/// The rank of every value, from 1; equal ones share the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = |value: &f64| {
        let below = sorted.partition_point(|other| other < value);
        let not_above = sorted.partition_point(|other| other <= value);
        (float(below as u64) + float(not_above as u64) + 1.0) / 2.0
    };
    values.iter().map(rank).collect()
}

fn order(a: f64, b: f64) -> i64 {
    i64::from(a > b) - i64::from(a < b)
}

/// Exact below 2^53, far beyond the pairs that anyone waits for.
#[allow(clippy::cast_precision_loss, reason = "counts of pairs are below 2^53")]
fn signed(count: i64) -> f64 {
    count as f64
}
