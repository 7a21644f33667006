//! Every method against its definition, computed the slow way.

use proptest::prelude::*;

use super::super::grids::asymmetric;
use super::super::histogram::{BINS, Histogram};
use super::super::options::Method;
use super::super::ranges::Range;
use super::{entropy, percentile, range};

fn counted(values: &[f32]) -> (Range, Histogram) {
    let observed = Range::of(values).unwrap();
    let mut histogram = Histogram::over(observed);
    histogram.add(values);
    (observed, histogram)
}

/// The position of the edge nearest to `value`.
fn edge(histogram: &Histogram, value: f32) -> usize {
    let distance = |i: &usize| (histogram.edge(*i) - f64::from(value)).abs();
    (0..=BINS)
        .min_by(|a, b| distance(a).total_cmp(&distance(b)))
        .unwrap()
}

/// Values around 0, most of them small; some exactly 0, a few far away.
fn values() -> impl Strategy<Value = Vec<f32>> {
    let one = prop_oneof![
        6 => (-100_i32..100).prop_map(|v| f32::from(i16::try_from(v).unwrap()) / 100.0),
        1 => Just(0.0),
        1 => (-900_i32..900).prop_map(|v| f32::from(i16::try_from(v).unwrap()) / 100.0),
    ];
    (prop::collection::vec(one, 2..600), any::<bool>()).prop_map(|(mut values, positive)| {
        if positive {
            values.iter_mut().for_each(|v| *v = v.abs());
        }
        values.push(1.5);
        values
    })
}

#[test]
fn every_value_is_counted_once() {
    let (_, histogram) = counted(&[-1.0, 0.0, 3.0, 2.999, 0.0, -0.0, 1e-9]);
    assert_eq!(
        (histogram.zeros, histogram.counts.iter().sum::<u64>()),
        (3, 4)
    );
    assert_eq!((histogram.counts[0], histogram.counts[BINS - 1]), (1, 2));
    assert_eq!([histogram.edge(0), histogram.edge(BINS)], [-1.0, 3.0]);
    let [below, above] = histogram.edges_around_zero();
    assert!(histogram.edge(below) <= 0.0 && histogram.edge(above) >= 0.0 && above - below <= 1);
}

/// The error of every range as the definition has it: bin by bin.
fn squared_error(histogram: &Histogram, low: usize, high: usize) -> f64 {
    let [min, max] = [low, high].map(|edge| histogram.edge(edge));
    let step = (max - min) / 255.0;
    let error = |bin: usize| {
        let value = histogram.center(bin);
        let distance = if bin < low {
            min - value
        } else if bin >= high {
            value - max
        } else {
            step / 12.0_f64.sqrt()
        };
        histogram.counts[bin] as f64 * distance * distance
    };
    (0..BINS).map(error).sum()
}

/// The divergence of a window as the definition has it: both distributions, written out.
fn divergence(histogram: &Histogram, [low, high]: [usize; 2]) -> f64 {
    let counts: Vec<f64> = histogram.counts.iter().map(|&n| n as f64).collect();
    let mut p = counts[low..high].to_vec();
    *p.first_mut().unwrap() += counts[..low].iter().sum::<f64>();
    *p.last_mut().unwrap() += counts[high..].iter().sum::<f64>();
    let mut q = vec![0.0; p.len()];
    for level in 0..256 {
        let bins = level * p.len() / 256..(level + 1) * p.len() / 256;
        let count: f64 = counts[low..high][bins.clone()].iter().sum();
        let filled = p[bins.clone()].iter().filter(|&&n| n > 0.0).count() as f64;
        for bin in bins {
            q[bin] = if p[bin] > 0.0 { count / filled } else { 0.0 };
        }
    }
    let [p_total, q_total] = [&p, &q].map(|d| d.iter().sum::<f64>());
    let terms = p.iter().zip(&q).filter(|(p, _)| **p > 0.0);
    terms
        .map(|(p, q)| p / p_total * ((p / p_total) / (q / q_total)).ln())
        .sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Moving either end inwards by a bin would cut off too much.
    #[test]
    fn percentiles_are_as_narrow_as_they_may_be(values in values(), share in 90.0_f64..100.0) {
        let (observed, histogram) = counted(&values);
        let Range { min, max } = range(Method::Percentile(share), observed, &histogram);
        let cut = percentile::outside_max(values.len() as u64, share);
        let [low, high] = [min, max].map(|end| edge(&histogram, end));
        let below: u64 = histogram.counts[..low].iter().sum();
        let above: u64 = histogram.counts[high..].iter().sum();
        prop_assert!(below <= cut && above <= cut);
        let [below_zero, above_zero] = histogram.edges_around_zero();
        prop_assert!(low == below_zero || below + histogram.counts[low] > cut);
        prop_assert!(high == above_zero || above + histogram.counts[high - 1] > cut);
    }

    #[test]
    fn no_end_errs_less_than_the_one_of_least_error(values in values()) {
        let (observed, histogram) = counted(&values);
        let found = range(Method::Mse, observed, &histogram);
        let [low, high] = [found.min, found.max].map(|end| edge(&histogram, end));
        let least = squared_error(&histogram, low, high) * (1.0 + 1e-9);
        let [below_zero, above_zero] = histogram.edges_around_zero();
        for other in above_zero..=BINS {
            prop_assert!(squared_error(&histogram, low, other) >= least / (1.0 + 2e-9));
        }
        for other in 0..=below_zero {
            prop_assert!(squared_error(&histogram, other, high) >= least / (1.0 + 2e-9));
        }
        for step in 0..200 {
            let other = [step * 37 % (below_zero + 1), BINS - step * 53 % (BINS - above_zero + 1)];
            prop_assert!(squared_error(&histogram, other[0], other[1]) >= least / (1.0 + 2e-9));
        }
    }

    #[test]
    fn divergences_are_those_of_the_definition(values in values()) {
        let (observed, histogram) = counted(&values);
        let sums = entropy::Sums::of(&histogram);
        let mut least = f64::INFINITY;
        for window in entropy::windows(&histogram).step_by(7) {
            let (found, expected) = (sums.divergence(window), divergence(&histogram, window));
            let equal = found == expected || (found - expected).abs() < 1e-9;
            prop_assert!(equal || expected.is_nan(), "{window:?}: {found} {expected}");
            least = least.min(found);
        }
        let Range { min, max } = range(Method::Entropy, observed, &histogram);
        let found = [min, max].map(|end| edge(&histogram, end));
        prop_assert!(sums.divergence(found) <= least + 1e-12 || least.is_infinite());
    }
}

/// That errors inside a range are a twelfth of a squared step is an assumption; here is the truth.
#[test]
fn the_range_of_least_error_errs_least_on_the_values_themselves() {
    let mut state = 1_u32;
    let mut uniform = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let [_, _, low, high] = state.to_le_bytes();
        f32::from(u16::from_le_bytes([low, high])) / 65_536.0 - 0.5
    };
    let mut normal = || (0..12).map(|_| uniform()).sum::<f32>();
    let values: Vec<f32> = (0..40_000)
        .map(|_| normal() * normal() * normal())
        .collect();
    let (observed, histogram) = counted(&values);
    let error = |range: Range| {
        let grid = asymmetric(range);
        let (scale, zero) = (grid.scales[0], grid.zero_points[0] as f32);
        let nearest = |v: f32| ((v / scale).round() + zero).clamp(-128.0, 127.0) - zero;
        let errors = values.iter().map(|&v| f64::from(v - scale * nearest(v)));
        errors.map(|e| e * e).sum::<f64>()
    };
    let found = error(range(Method::Mse, observed, &histogram));
    let shrunk = |part: u8| Range {
        min: observed.min * f32::from(part) / 40.0,
        max: observed.max * f32::from(part) / 40.0,
    };
    let least = (1..=40)
        .map(|part| error(shrunk(part)))
        .fold(f64::INFINITY, f64::min);
    assert!(found <= least * 1.02, "{found} {least}");
    assert!(
        found < 0.95 * error(observed),
        "{found} {}",
        error(observed)
    );
}

#[test]
fn zeros_alone_have_a_range() {
    let (observed, histogram) = counted(&[0.0; 9]);
    for method in Method::CANDIDATES {
        let Range { min, max } = range(method, observed, &histogram);
        assert_eq!([min, max], [0.0, 0.0], "{method}");
    }
}

#[test]
fn one_far_value_is_cut_where_a_share_is_asked_for() {
    let mut values: Vec<f32> = (0..=u16::MAX).map(|v| f32::from(v) / 65_536.0).collect();
    values.push(50.0);
    let (observed, histogram) = counted(&values);
    let at = |method| range(method, observed, &histogram).max;
    assert!(at(Method::Percentile(99.99)) < 1.1);
    assert_eq!(at(Method::Percentile(100.0)), 50.0);
    assert_eq!(at(Method::MinMax), 50.0);
    assert!(at(Method::Mse) < 50.0);
}
