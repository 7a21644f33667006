//! The way from a value to a place in a drawing, linear or logarithmic, and round ticks on it.

use crate::report::numbers::three;

/// About how many ticks a linear axis gets.
const TICKS: f64 = 7.0;

/// Decades up to which a logarithmic axis has ticks at 2 and 5 as well.
const SHORT_DECADES: f64 = 3.0;

/// The largest over the smallest value from which on a scale is logarithmic, where it may be.
const DECADES_FROM: f64 = 8.0;

/// A scale from values to drawing units.
#[derive(Clone, Copy, Debug)]
pub(in crate::report) struct Scale {
    kind: Kind,
    /// Ends of the axis; of a logarithmic one, their logarithms.
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    /// With ticks at multiples of `step`.
    Linear { step: f64 },
    /// With ticks at round numbers of every decade.
    Logarithmic,
}

impl Scale {
    /// Covers all `values` with a little room, between two drawing positions. Equal or no values
    /// get a range around them.
    pub(super) fn linear(values: impl Iterator<Item = f64>, from: f64, to: f64) -> Self {
        let (low, high) = ends(values).unwrap_or((0.0, 1.0));
        let room = if high > low {
            0.07 * (high - low)
        } else {
            (0.1 * high.abs()).max(1e-6)
        };
        let at_zero = low >= 0.0 && low < 0.25 * high;
        let low = if at_zero { 0.0 } else { low - room };
        let high = high + room;
        let rough = (high - low) / TICKS;
        let power = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0]
            .map(|m| m * power)
            .into_iter()
            .find(|&step| step >= rough)
            .unwrap_or(power * 10.0);
        Self {
            kind: Kind::Linear { step },
            low,
            high,
            from,
            to,
        }
    }

    /// Covers all `values` above zero with a little room, by their logarithms.
    pub(super) fn logarithmic(values: impl Iterator<Item = f64>, from: f64, to: f64) -> Self {
        let logarithms = values.filter(|value| *value > 0.0).map(f64::log10);
        let (low, high) = ends(logarithms).unwrap_or((0.0, 1.0));
        let room = (0.05 * (high - low)).max(0.15);
        Self {
            kind: Kind::Logarithmic,
            low: low - room,
            high: high + room,
            from,
            to,
        }
    }

    /// Logarithmic where the values are above zero and far apart, linear elsewhere.
    pub(super) fn either(values: impl Iterator<Item = f64> + Clone, from: f64, to: f64) -> Self {
        match ends(values.clone()) {
            Some((low, high)) if low > 0.0 && high >= DECADES_FROM * low => {
                Self::logarithmic(values, from, to)
            }
            Some(_) | None => Self::linear(values, from, to),
        }
    }

    /// The place of a value; of one that a logarithmic axis cannot show, its lower end.
    pub(in crate::report) fn at(&self, value: f64) -> f64 {
        self.from + (self.to - self.from) * self.share(value)
    }

    /// The value as a share of the axis, 0 to 1.
    pub(in crate::report) fn share(&self, value: f64) -> f64 {
        let position = match self.kind {
            Kind::Linear { .. } => value,
            Kind::Logarithmic if value > 0.0 => value.log10(),
            Kind::Logarithmic => self.low,
        };
        (position - self.low) / (self.high - self.low)
    }

    /// The same scale, `by` further in the drawing.
    pub(super) fn moved(self, by: f64) -> Self {
        Self {
            from: self.from + by,
            to: self.to + by,
            ..self
        }
    }

    /// The values at the ends of the axis.
    pub(in crate::report) fn ends(&self) -> (f64, f64) {
        match self.kind {
            Kind::Linear { .. } => (self.low, self.high),
            Kind::Logarithmic => (10_f64.powf(self.low), 10_f64.powf(self.high)),
        }
    }

    /// Round values on the axis, and their labels.
    pub(super) fn ticks(&self) -> Vec<(f64, String)> {
        match self.kind {
            Kind::Linear { step } => linear_ticks(self.low, self.high, step),
            Kind::Logarithmic => logarithmic_ticks(self.low, self.high),
        }
    }
}

/// The least and the greatest of the finite `values`.
fn ends(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    let finite = values.filter(|value| value.is_finite());
    finite.fold(None, |ends, value| match ends {
        None => Some((value, value)),
        Some((low, high)) => Some((low.min(value), high.max(value))),
    })
}

fn linear_ticks(low: f64, high: f64, step: f64) -> Vec<(f64, String)> {
    let mut ticks = Vec::new();
    let mut index = (low / step).ceil();
    while index * step <= high + 1e-9 * step {
        let tick = index * step + 0.0;
        ticks.push((tick, linear_label(tick, step)));
        index += 1.0;
    }
    ticks
}

/// A tick's label with as many decimals as the step has.
fn linear_label(tick: f64, step: f64) -> String {
    if step >= 1.0 {
        format!("{tick:.0}")
    } else if step >= 0.1 {
        format!("{tick:.1}")
    } else if step >= 0.01 {
        format!("{tick:.2}")
    } else if step >= 0.001 {
        format!("{tick:.3}")
    } else {
        three(tick)
    }
}

fn logarithmic_ticks(low: f64, high: f64) -> Vec<(f64, String)> {
    let factors: &[f64] = if high - low <= SHORT_DECADES {
        &[1.0, 2.0, 5.0]
    } else {
        &[1.0]
    };
    let mut ticks = Vec::new();
    let mut decade = low.floor();
    while decade <= high {
        for factor in factors {
            let tick = factor * 10_f64.powf(decade);
            if (low..=high).contains(&tick.log10()) {
                ticks.push((tick, logarithmic_label(tick)));
            }
        }
        decade += 1.0;
    }
    ticks
}

/// A round number in short: `0.01`, `20`, `5k`, `1M`.
fn logarithmic_label(tick: f64) -> String {
    let units = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")];
    let unit = units.into_iter().find(|(unit, _)| tick >= 0.999 * unit);
    match unit {
        Some((unit, letter)) => format!("{:.0}{letter}", tick / unit),
        None if tick >= 0.999 => format!("{tick:.0}"),
        None => {
            let places = usize::from(tick < 0.0999) + usize::from(tick < 0.00999) + 1;
            format!("{tick:.places$}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linear_ticks_are_round_and_inside() {
        for values in [
            vec![0.3, 17.2],
            vec![2.5],
            vec![],
            vec![-0.031, 0.002],
            vec![41.2, 41.9],
        ] {
            let scale = Scale::linear(values.iter().copied(), 0.0, 100.0);
            let ticks = scale.ticks();
            assert!((2..=10).contains(&ticks.len()), "{values:?}: {ticks:?}");
            assert!(
                ticks
                    .iter()
                    .all(|(t, _)| (-1e-6..=100.000_001).contains(&scale.at(*t))),
                "{values:?}"
            );
            assert!(
                values.iter().all(|&v| (0.0..=100.0).contains(&scale.at(v))),
                "{values:?}"
            );
        }
    }

    #[test]
    fn logarithmic_ticks_are_round_and_evenly_apart() {
        let labels = |values: &[f64]| -> Vec<String> {
            let scale = Scale::logarithmic(values.iter().copied(), 0.0, 100.0);
            scale.ticks().into_iter().map(|(_, label)| label).collect()
        };
        assert_eq!(
            labels(&[1.0, 100_000.0]),
            ["1", "10", "100", "1k", "10k", "100k"]
        );
        assert_eq!(labels(&[0.02, 0.4]), ["0.02", "0.05", "0.1", "0.2", "0.5"]);
        assert_eq!(labels(&[0.0, f64::NAN]), ["1", "2", "5", "10"]);
        let scale = Scale::logarithmic([1.0, 1000.0].into_iter(), 0.0, 90.0);
        let gaps = [1.0, 10.0, 100.0].map(|value| scale.at(value * 10.0) - scale.at(value));
        assert!(
            gaps.iter().all(|gap| (gap - gaps[0]).abs() < 1e-9),
            "{gaps:?}"
        );
        let is_logarithmic = |values: &[f64]| {
            let scale = Scale::either(values.iter().copied(), 0.0, 100.0);
            matches!(scale.kind, Kind::Logarithmic)
        };
        assert!(is_logarithmic(&[3.0, 200.0]));
        assert!(!is_logarithmic(&[0.0, 100.0]));
        assert!(!is_logarithmic(&[40.0, 100.0]));
        assert!(!is_logarithmic(&[]));
        let (low, high) = scale.ends();
        assert!(low < 1.0 && high > 1000.0 && scale.share(0.0) == 0.0);
    }
}
