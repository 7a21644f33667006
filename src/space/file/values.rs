//! The values of a decision, written out.

use super::super::decision::{CHOICES_MAX, Value};
use super::raw::{RawFloat, RawInt, RawMany};

/// The most values of a list.
const CHOOSE_MAX: usize = 100;

impl RawInt {
    /// From `min` to `max`, both included.
    pub(super) fn values(&self) -> Result<Vec<Value>, String> {
        let Self { min, max, step } = *self;
        if step <= 0 || max < min {
            return Err("expected `min` at most `max` and `step` above 0".to_owned());
        }
        let span = i128::from(max) - i128::from(min);
        if span % i128::from(step) != 0 {
            return Err(format!(
                "steps of {step} from {min} never meet {max}; `max` must be among the values"
            ));
        }
        let steps = usize::try_from(span / i128::from(step)).ok();
        let Some(steps) = steps.filter(|&steps| steps < CHOICES_MAX) else {
            return Err(format!(
                "more than {CHOICES_MAX} values; take a larger `step`"
            ));
        };
        let numbers = std::iter::successors(Some(min), |number| number.checked_add(step));
        Ok(numbers.take(steps + 1).map(Value::Int).collect())
    }
}

impl RawFloat {
    /// Both ends as they are given, what lies between to six significant digits: powers and
    /// roots differ in their last bits from machine to machine.
    pub(super) fn values(&self) -> Result<Vec<Value>, String> {
        let Self {
            min,
            max,
            points,
            log,
        } = *self;
        if !(min.is_finite() && max.is_finite() && min < max) {
            return Err("expected finite numbers, `min` below `max`".to_owned());
        }
        if log && min <= 0.0 {
            return Err("expected `min` above 0, since `log` compares ratios".to_owned());
        }
        if !(2..=CHOICES_MAX).contains(&points) {
            return Err(format!(
                "expected 2 to {CHOICES_MAX} `points`, both ends among them"
            ));
        }
        let last = points - 1;
        let between = |index: usize| {
            let share = small(index) / small(last);
            let exact = match log {
                true => min * (max / min).powf(share),
                false => min + (max - min) * share,
            };
            format!("{exact:.5e}").parse().unwrap_or(exact)
        };
        let mut numbers = vec![min];
        numbers.extend((1..last).map(between));
        numbers.push(max);
        if numbers.windows(2).any(|pair| pair[0] >= pair[1]) {
            return Err("its points differ by less than six significant digits; take fewer".into());
        }
        Ok(numbers.into_iter().map(Value::Float).collect())
    }
}

impl RawMany {
    /// All lists in lexicographic order of positions.
    pub(super) fn values(&self) -> Result<Vec<Value>, String> {
        let (n, k) = (self.of.len(), self.choose);
        if k == 0 || k > CHOOSE_MAX || n == 0 || (self.distinct && k > n) {
            return Err(format!(
                "cannot choose {k} of {n}{}; expected 1 to {CHOOSE_MAX}",
                if self.distinct {
                    " distinct values"
                } else {
                    " values"
                }
            ));
        }
        let mut lists: Vec<Vec<usize>> = vec![Vec::new()];
        for length in 0..k {
            // Every list so far can be completed, so none is longer than all in the end.
            let missing = k - length - 1;
            let extended = lists.iter().flat_map(|list| {
                let fits = |next: usize| self.may_follow(list, next, missing);
                (0..n)
                    .filter(move |&next| fits(next))
                    .map(move |next| [&list[..], &[next]].concat())
            });
            lists = extended.take(CHOICES_MAX + 1).collect();
            if lists.len() > CHOICES_MAX {
                return Err(format!(
                    "more than {CHOICES_MAX} lists; choose fewer, or from fewer"
                ));
            }
        }
        let value = |list: Vec<usize>| {
            Value::List(list.into_iter().map(|at| self.of[at].clone()).collect())
        };
        Ok(lists.into_iter().map(value).collect())
    }

    /// Whether value `next` may follow `list`, and `missing` more may follow then.
    fn may_follow(&self, list: &[usize], next: usize, missing: usize) -> bool {
        let last = list.last().copied();
        match (self.distinct, self.sorted) {
            (true, true) => last.is_none_or(|last| next > last) && next + missing < self.of.len(),
            (false, true) => last.is_none_or(|last| next >= last),
            (true, false) => !list.contains(&next),
            (false, false) => true,
        }
    }
}

/// At most [`CHOICES_MAX`], so exact.
fn small(number: usize) -> f64 {
    f64::from(u32::try_from(number).expect("an index of a choice is small"))
}
