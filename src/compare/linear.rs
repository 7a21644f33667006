//! The line of least absolute relative error: `y = constant + slope * x`, neither below 0.
//!
//! It makes `sum |constant + slope * x - y| / y` the least, which a few odd measurements do not
//! move and in which fast networks count as much as slow ones. For a given constant the best slope
//! is a weighted median, and the sum is convex in the constant.

/// Steps of the search for the constant: each leaves 0.618 of the range, so 1e-13 of it remains.
const STEPS: usize = 64;

/// A line.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Line {
    pub(super) constant: f64,
    pub(super) slope: f64,
}

impl Line {
    /// The best for points `(x, y)`, `x` 0 or above and `y` above 0.
    pub(super) fn fit(points: &[(f64, f64)]) -> Line {
        let through = |constant| Line {
            constant,
            slope: slope(points, constant),
        };
        let loss = |constant| through(constant).loss(points);
        let highest = points.iter().map(|point| point.1).fold(0.0, f64::max);
        through(least(0.0, highest, loss))
    }

    /// The sum of the absolute relative errors.
    pub(super) fn loss(&self, points: &[(f64, f64)]) -> f64 {
        let error = |(x, y): &(f64, f64)| ((self.constant + self.slope * x - y) / y).abs();
        points.iter().map(error).sum()
    }
}

/// Where the convex `loss` is least between `low` and `high`, by golden section; an end where that
/// is as good.
fn least(mut low: f64, mut high: f64, loss: impl Fn(f64) -> f64) -> f64 {
    let ends = [low, high];
    let share = (5_f64.sqrt() - 1.0) / 2.0;
    let inner = |low: f64, high: f64| [high - share * (high - low), low + share * (high - low)];
    for _ in 0..STEPS {
        let [left, right] = inner(low, high);
        if loss(left) <= loss(right) {
            high = right;
        } else {
            low = left;
        }
    }
    let found = low.midpoint(high);
    let candidates = ends.into_iter().chain([found]);
    candidates
        .min_by(|a, b| loss(*a).total_cmp(&loss(*b)))
        .unwrap_or(found)
}

/// The best slope for a constant: the median of `(y - constant) / x`, weighted by `x / y`.
fn slope(points: &[(f64, f64)], constant: f64) -> f64 {
    let mut slopes: Vec<(f64, f64)> = points
        .iter()
        .filter(|(x, _)| *x > 0.0)
        .map(|(x, y)| ((y - constant) / x, x / y))
        .collect();
    slopes.sort_by(|a, b| a.0.total_cmp(&b.0));
    let all: f64 = slopes.iter().map(|(_, weight)| weight).sum();
    let mut below = 0.0;
    let median = slopes.iter().find(|(_, weight)| {
        below += weight;
        below >= all / 2.0
    });
    median.map_or(0.0, |(slope, _)| slope.max(0.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The best of all lines through two points, or through one and an axis: one of them is best.
    fn obvious(points: &[(f64, f64)]) -> f64 {
        let mut lines = Vec::new();
        for a in points {
            lines.push(Line {
                constant: a.1,
                slope: 0.0,
            });
            lines.push(Line {
                constant: 0.0,
                slope: a.1 / a.0,
            });
            for b in points.iter().filter(|b| b.0 != a.0) {
                let slope = (b.1 - a.1) / (b.0 - a.0);
                lines.push(Line {
                    constant: a.1 - slope * a.0,
                    slope,
                });
            }
        }
        let legal = |line: &&Line| line.constant >= 0.0 && line.slope >= 0.0;
        let losses = lines.iter().filter(legal).map(|line| line.loss(points));
        losses.fold(f64::INFINITY, f64::min)
    }

    proptest! {
        #[test]
        fn no_line_through_two_points_is_better(
            points in prop::collection::vec((0.01..100.0_f64, 0.01..100.0_f64), 1..12)
        ) {
            let line = Line::fit(&points);
            prop_assert!(line.constant >= 0.0 && line.slope >= 0.0);
            let best = obvious(&points);
            prop_assert!(line.loss(&points) <= best + 1e-9 * (1.0 + best), "{line:?}: {best}");
        }
    }

    #[test]
    fn points_on_a_line_are_found() {
        let points = [(1.0, 3.0), (2.0, 5.0), (10.0, 21.0), (4.0, 900.0)];
        let line = Line::fit(&points);
        assert!((line.constant - 1.0).abs() < 1e-6, "{line:?}");
        assert!((line.slope - 2.0).abs() < 1e-6, "{line:?}");
    }
}
