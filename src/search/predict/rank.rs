//! Rank correlation: how far two lists agree on what is better.

use std::cmp::Ordering;

/// Kendall's tau-b of pairs: 1 when both sides rank alike, -1 when they rank opposite, near 0 when
/// they have nothing to do with each other. Ties on either side are discounted.
///
/// 0 when a side has one value only, and for fewer than two pairs. Quadratic in their number.
///
/// ```
/// use ednas::search::predict::kendall_tau;
///
/// assert!((kendall_tau(&[(1.0, 10.0), (2.0, 20.0), (3.0, 30.0)]) - 1.0).abs() < 1e-12);
/// assert!((kendall_tau(&[(1.0, 1.0), (2.0, 3.0), (3.0, 2.0)]) - 1.0 / 3.0).abs() < 1e-12);
/// ```
#[must_use]
pub fn kendall_tau(pairs: &[(f64, f64)]) -> f64 {
    let (mut score, mut first, mut second) = (0.0, 0.0, 0.0);
    for (index, a) in pairs.iter().enumerate() {
        for b in &pairs[index + 1..] {
            let (x, y) = (sign(a.0, b.0), sign(a.1, b.1));
            score += x * y;
            first += x.abs();
            second += y.abs();
        }
    }
    let scale: f64 = first * second;
    if scale > 0.0 {
        score / scale.sqrt()
    } else {
        0.0
    }
}

fn sign(a: f64, b: f64) -> f64 {
    match a.total_cmp(&b) {
        Ordering::Less => -1.0,
        Ordering::Equal => 0.0,
        Ordering::Greater => 1.0,
    }
}
