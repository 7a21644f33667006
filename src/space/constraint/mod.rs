//! Constraints: what may not be taken together.
//!
//! ```text
//! constraint = [ "if" tests "then" ] tests
//! tests      = test { "and" test }
//! test       = sum ( "<=" | "<" | "==" | "!=" | ">=" | ">" ) sum
//!            | name [ "not" ] "in" "[" literal { "," literal } "]"
//! sum        = [ "-" ] term { ( "+" | "-" ) term }
//! term       = factor [ "*" factor ]           at most one factor is no number
//! factor     = number | 'word' | name | "sum" "(" name ")"
//! ```
//!
//! A name is a decision's full name (`block03.kernel`) or its name alone where that is clear; in
//! `sum`, `*` behind its first letter stands for any characters, and a name alone for all decisions that have it. Idle
//! decisions count nothing in a `sum`; a test that names one directly is neither kept nor broken,
//! so that an `if` over it does not apply. Numbers are decimals and compared exactly.

mod decimal;
mod parse;
mod resolve;
mod token;

use std::cmp::Ordering;
use std::fmt;

use super::decision::Decision;
use super::error::SpaceError;

/// A constraint over the decisions of a space.
#[derive(Debug, Clone, PartialEq)]
pub struct Constraint {
    text: String,
    group: String,
    /// The tests behind `if`; none without it.
    pub(super) premises: Vec<Test>,
    pub(super) conclusions: Vec<Test>,
}

/// A comparison of a weighted sum of choices with a constant.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Test {
    pub(super) terms: Vec<Term>,
    pub(super) comparison: Comparison,
    /// In the same units as the terms.
    pub(super) bound: i128,
}

/// What one decision adds to a sum.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Term {
    pub(super) decision: usize,
    /// By index of the choice.
    pub(super) by_choice: Vec<i128>,
    /// Whether the test means nothing where the decision is idle; else it adds 0 there.
    pub(super) is_required: bool,
}

/// How a sum and its bound are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    AtMost,
    Below,
    Equal,
    Unequal,
    AtLeast,
    Above,
}

/// What can be said of a test once all its decisions are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Truth {
    Kept,
    Broken,
    /// It names an idle decision.
    Void,
}

impl Constraint {
    /// Reads a constraint over `decisions`, all of them; names alone are first looked for in
    /// `group`, which is empty where the constraint belongs to none.
    ///
    /// # Errors
    /// With the column of what is not understood, and what was expected there.
    pub fn parse(text: &str, group: &str, decisions: &[Decision]) -> Result<Self, SpaceError> {
        let (premises, conclusions) = parse::parse(text)?;
        let scope = resolve::Scope {
            text,
            group,
            decisions,
        };
        let all = |tests: Vec<parse::Test>| -> Result<Vec<Test>, SpaceError> {
            tests.iter().map(|test| scope.test(test)).collect()
        };
        Ok(Self {
            text: text.to_owned(),
            group: group.to_owned(),
            premises: all(premises)?,
            conclusions: all(conclusions)?,
        })
    }

    /// The constraint as it was written, which [`Constraint::parse`] reads back.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The group that its names are looked for in; empty for none.
    #[must_use]
    pub fn group(&self) -> &str {
        &self.group
    }

    /// The decisions that it is about, in genome order.
    #[must_use]
    pub fn decisions(&self) -> Vec<usize> {
        let tests = self.premises.iter().chain(&self.conclusions);
        let mut decisions: Vec<usize> = tests
            .flat_map(|test| test.terms.iter().map(|term| term.decision))
            .collect();
        decisions.sort_unstable();
        decisions.dedup();
        decisions
    }

    /// Whether it is kept where `taken` says which choice a decision takes; nothing if it is idle.
    pub(super) fn holds(&self, taken: &impl Fn(usize) -> Option<usize>) -> bool {
        let kept = |test: &Test| test.truth(taken) == Truth::Kept;
        let broken = |test: &Test| test.truth(taken) == Truth::Broken;
        !self.premises.iter().all(kept) || !self.conclusions.iter().any(broken)
    }

    /// The same constraint over decisions that stand `first` places later.
    pub(super) fn behind(&self, first: usize) -> Self {
        let mut later = self.clone();
        let tests = later.premises.iter_mut().chain(&mut later.conclusions);
        for term in tests.flat_map(|test| &mut test.terms) {
            term.decision += first;
        }
        later
    }
}

impl Test {
    fn truth(&self, taken: &impl Fn(usize) -> Option<usize>) -> Truth {
        let mut sum = 0;
        for term in &self.terms {
            match taken(term.decision) {
                Some(choice) => sum += term.by_choice[choice],
                None if term.is_required => return Truth::Void,
                None => {}
            }
        }
        match self.comparison.holds(sum.cmp(&self.bound)) {
            true => Truth::Kept,
            false => Truth::Broken,
        }
    }
}

impl Comparison {
    /// Whether a sum that is `ordering` than the bound passes.
    pub(super) fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::AtMost => ordering.is_le(),
            Self::Below => ordering.is_lt(),
            Self::Equal => ordering.is_eq(),
            Self::Unequal => ordering.is_ne(),
            Self::AtLeast => ordering.is_ge(),
            Self::Above => ordering.is_gt(),
        }
    }
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.group.as_str() {
            "" => f.write_str(&self.text),
            group => write!(f, "{group}: {}", self.text),
        }
    }
}

/// Whether `name` is a word of the language, and so no decision's name.
pub(super) fn is_keyword(name: &str) -> bool {
    parse::KEYWORDS.contains(&name)
}

#[cfg(test)]
mod tests;
