//! One varied key, or several that vary together, and its values: `KEY[,KEY...]=RANGE`.

use std::str::FromStr;

use hwmodels::profile::{KeyKind, Setting, key};

use super::error::ExploreError;

/// The most combinations of an exploration, and the most values of an axis.
pub const LIMIT: usize = 1_000_000;

/// Keys of a profile that take the same value, and the values in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// The keys, all of one kind; at least one.
    pub keys: Vec<String>,
    /// What they say of a machine.
    pub meaning: String,
    /// The values; at least one.
    pub values: Vec<Setting>,
}

/// How a range goes on from its first value.
#[derive(Clone, Copy)]
enum Step {
    Times(f64),
    Plus(f64),
}

impl FromStr for Axis {
    type Err = ExploreError;

    /// Reads `KEY[,KEY...]=RANGE`, with a range `a,b,c`, `a..bxF` or `a..b+S`.
    fn from_str(text: &str) -> Result<Self, ExploreError> {
        let form = || ExploreError::Form(text.to_owned());
        let (names, range) = text.split_once('=').ok_or_else(form)?;
        let mut keys = Vec::new();
        let mut first = None;
        for name in names.split(',') {
            let key = key(name)?;
            let first = first.get_or_insert_with(|| key.clone());
            if key.kind != first.kind {
                return Err(ExploreError::Range {
                    key: names.to_owned(),
                    range: range.to_owned(),
                    problem: format!("{name} takes {}, {} {}", key.kind, first.name, first.kind),
                });
            }
            if keys.contains(&key.name) {
                return Err(ExploreError::KeyTwice(key.name));
            }
            keys.push(key.name);
        }
        let first = first.ok_or_else(form)?;
        let values = values(&first.kind, range).map_err(|problem| ExploreError::Range {
            key: names.to_owned(),
            range: range.to_owned(),
            problem,
        })?;
        Ok(Self {
            keys,
            meaning: first.meaning,
            values,
        })
    }
}

/// The values that `range` spells for a key of this kind.
fn values(kind: &KeyKind, range: &str) -> Result<Vec<Setting>, String> {
    let Some((low, rest)) = range.split_once("..") else {
        return range.split(',').map(|value| one(kind, value)).collect();
    };
    let (high, step) = match (rest.rsplit_once('x'), rest.rsplit_once('+')) {
        (Some((high, factor)), _) => (high, Step::Times(step(factor, 1.0)?)),
        (None, Some((high, summand))) => (high, Step::Plus(step(summand, 0.0)?)),
        (None, None) => {
            return Err(
                "a range ends in a step: `a..bxF` (times F) or `a..b+S` (plus S)".to_owned(),
            );
        }
    };
    let (low, high) = (number(kind, low)?, number(kind, high)?);
    if low > high {
        return Err(format!("the range is empty: {low} is above {high}"));
    }
    if low <= 0.0 && matches!(step, Step::Times(_)) {
        return Err(format!(
            "no factor leads from {low} to {high}; begin above 0"
        ));
    }
    stepped(kind, low, high, step)
}

/// `low` and what follows it, up to `high`.
fn stepped(kind: &KeyKind, low: f64, high: f64, step: Step) -> Result<Vec<Setting>, String> {
    // Steps are rounded, so the last value may miss its mark by a few units of the last place.
    let end = high + 1e-9 * high.abs();
    let mut values = Vec::new();
    for index in 0..=LIMIT {
        let steps = f64::from(u32::try_from(index).map_err(|_| too_long())?);
        let value = match step {
            Step::Times(factor) => low * factor.powf(steps),
            Step::Plus(summand) => low + summand * steps,
        };
        if value > end {
            return Ok(values);
        }
        let value = twelve_digits(value);
        values.push(match kind {
            KeyKind::Whole => whole(value)?,
            KeyKind::Number | KeyKind::Switch | KeyKind::Word(_) => Setting::Number(value),
        });
    }
    Err(too_long())
}

/// 0.3 rather than 0.30000000000000004.
fn twelve_digits(value: f64) -> f64 {
    format!("{value:.11e}").parse().unwrap_or(value)
}

fn too_long() -> String {
    format!("more than {LIMIT} values")
}

fn one(kind: &KeyKind, text: &str) -> Result<Setting, String> {
    kind.parse(text)
        .map_err(|expected| format!("`{text}` is not {expected}"))
}

/// An end of a range.
fn number(kind: &KeyKind, text: &str) -> Result<f64, String> {
    match one(kind, text)? {
        Setting::Whole(number) => Ok(hwmodels::units::float(number)),
        Setting::Number(number) => Ok(number),
        Setting::Switch(_) | Setting::Word(_) => {
            Err("only numbers have ranges; give a list `a,b,c`".to_owned())
        }
    }
}

/// The step of a range, which must be above `least` to end.
fn step(text: &str, least: f64) -> Result<f64, String> {
    let step = text
        .parse()
        .ok()
        .filter(|step: &f64| step.is_finite() && *step > least);
    step.ok_or_else(|| format!("the step `{text}` is not a number above {least}"))
}

/// A whole value of a range; a step that leaves the whole numbers is refused.
fn whole(value: f64) -> Result<Setting, String> {
    if (value - value.round()).abs() > 1e-9 * value {
        return Err(format!(
            "the step leads to {value}, and the key takes whole numbers"
        ));
    }
    KeyKind::Whole
        .parse(&format!("{value:.0}"))
        .map_err(|expected| format!("{value} is not {expected}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spelled(text: &str) -> String {
        let axis: Axis = text.parse().unwrap();
        let values: Vec<String> = axis.values.iter().map(Setting::to_string).collect();
        format!("{}: {}", axis.keys.join(" "), values.join(" "))
    }

    #[test]
    fn ranges_are_lists_factors_and_summands() {
        assert_eq!(spelled("array.rows=8..128x2"), "array.rows: 8 16 32 64 128");
        assert_eq!(spelled("array.rows=8..100x2"), "array.rows: 8 16 32 64");
        assert_eq!(spelled("array.rows=8..8x2"), "array.rows: 8");
        assert_eq!(spelled("array.rows=8..20+4"), "array.rows: 8 12 16 20");
        assert_eq!(spelled("array.rows=12,8"), "array.rows: 12 8");
        assert_eq!(
            spelled("array.rows,array.cols=8,16"),
            "array.rows array.cols: 8 16"
        );
        assert_eq!(
            spelled("clock.mhz=0.1..0.5+0.1"),
            "clock.mhz: 0.1 0.2 0.3 0.4 0.5"
        );
        assert_eq!(spelled("clock.mhz=100..400x2"), "clock.mhz: 100 200 400");
        assert_eq!(spelled("array.dataflow=ws,os"), "array.dataflow: ws os");
        assert_eq!(
            spelled("support.multiple_segments=true,false"),
            "support.multiple_segments: true false"
        );
    }

    #[test]
    fn what_is_no_range_says_why() {
        for (text, part) in [
            ("array.rows", "not KEY=RANGE"),
            ("array.row=8", "did you mean `array.rows`"),
            ("array.rows=", "`` is not a whole number"),
            ("array.rows=8..16", "ends in a step"),
            ("array.rows=8..16x1", "the step `1` is not a number above 1"),
            ("array.rows=8..16+0", "above 0"),
            ("array.rows=16..8x2", "16 is above 8"),
            ("array.rows=0..8x2", "begin above 0"),
            ("array.rows=8..20x1.25", "leads to 12.5"),
            ("array.rows=8.5,9", "`8.5` is not a whole number"),
            ("array.rows=-8", "`-8` is not a whole number"),
            ("clock.mhz=1..inf+1", "`inf` is not a number"),
            ("clock.mhz=0..1e12+1", "more than 1000000 values"),
            ("array.dataflow=ws..osx2", "only numbers have ranges"),
            ("array.dataflow=ws,rs", "`rs` is not one of os, ws, is"),
            ("array.rows,array.rows=8", "varied twice"),
            ("array.rows,clock.mhz=8", "clock.mhz takes a number"),
            ("name=a,b", "no profile has a key `name`"),
        ] {
            let error = text.parse::<Axis>().unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    proptest! {
        /// The twin counts up and multiplies whole numbers.
        #[test]
        fn whole_ranges_are_exact(low in 1u64..1000, factor in 2u64..9, reach in 0u64..1_000_000) {
            let high = low + reach;
            let by_factor: Vec<u64> = std::iter::successors(Some(low), |v| Some(v * factor))
                .take_while(|v| *v <= high).collect();
            let by_summand: Vec<u64> = (low..=high).step_by(1000).collect();
            for (range, expected) in [
                (format!("array.rows={low}..{high}x{factor}"), by_factor),
                (format!("array.rows={low}..{high}+1000"), by_summand),
            ] {
                let axis: Axis = range.parse().unwrap();
                let expected: Vec<Setting> = expected.into_iter().map(Setting::Whole).collect();
                prop_assert_eq!(axis.values, expected);
            }
        }
    }
}
