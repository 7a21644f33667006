//! How a state follows from the one before: sums grow, tests are decided as early as they can be.

use std::cmp::Ordering;

use super::super::constraint::{Comparison, Constraint, Test, Truth};
use super::super::decision::{Condition, Decision};
use super::state::{Progress, State};

/// What is known of a space before any decision is made.
pub(super) struct Plan<'a> {
    constraints: &'a [Constraint],
    conditions: Vec<Option<Condition>>,
    /// The place in [`State::branches`] of every decision that others hang on.
    slots: Vec<Option<usize>>,
    /// By place there: for every choice, the last decision that hangs on it.
    last_child: Vec<Vec<Option<usize>>>,
    /// By decision: the tests it plays a part in.
    uses: Vec<Vec<Use>>,
    /// By constraint and test, what can come from each decision on.
    ahead: Vec<Vec<Vec<Ahead>>>,
}

/// The test that a decision plays a part in.
#[derive(Clone, Copy)]
struct Use {
    constraint: usize,
    test: usize,
}

/// What the decisions from one on can add to a test.
#[derive(Clone, Copy)]
struct Ahead {
    least: i128,
    most: i128,
    /// Whether one of them, if idle, makes the test void.
    can_void: bool,
}

impl<'a> Plan<'a> {
    pub(super) fn new(decisions: &[Decision], constraints: &'a [Constraint]) -> Self {
        let conditions: Vec<Option<Condition>> = decisions.iter().map(|d| d.when).collect();
        let mut slots = vec![None; decisions.len()];
        let mut last_child: Vec<Vec<Option<usize>>> = Vec::new();
        for (index, condition) in conditions.iter().enumerate() {
            if let Some(Condition { decision, choice }) = *condition {
                let slot = *slots[decision].get_or_insert_with(|| {
                    last_child.push(vec![None; decisions[decision].choices.len()]);
                    last_child.len() - 1
                });
                last_child[slot][choice] = Some(index);
            }
        }
        let mut uses: Vec<Vec<Use>> = vec![Vec::new(); decisions.len()];
        let mut ahead = Vec::with_capacity(constraints.len());
        for (constraint, of) in constraints.iter().enumerate() {
            let mut by_test = Vec::new();
            for (test, of) in of.premises.iter().chain(&of.conclusions).enumerate() {
                let mut parts: Vec<usize> = of.terms.iter().map(|term| term.decision).collect();
                parts.sort_unstable();
                parts.dedup();
                for decision in parts {
                    uses[decision].push(Use { constraint, test });
                }
                by_test.push(ahead_of(of, &conditions));
            }
            ahead.push(by_test);
        }
        Self {
            constraints,
            conditions,
            slots,
            last_child,
            uses,
            ahead,
        }
    }

    /// Nothing decided.
    pub(super) fn start(&self) -> State {
        let open = self.constraints.iter().map(|constraint| {
            let tests = constraint.premises.len() + constraint.conclusions.len();
            Some(vec![Progress::Sum(0); tests])
        });
        State {
            branches: vec![None; self.last_child.len()],
            open: open.collect(),
        }
    }

    /// Whether decision `index` is to be made in `state`.
    pub(super) fn is_active(&self, index: usize, state: &State) -> bool {
        self.conditions[index].is_none_or(|Condition { decision, choice }| {
            self.slots[decision].is_some_and(|slot| state.branches[slot] == Some(choice))
        })
    }

    /// The state behind decision `index`, which takes a choice or is idle; nothing where that
    /// breaks a constraint whatever follows.
    pub(super) fn step(&self, state: &State, index: usize, taken: Option<usize>) -> Option<State> {
        let mut state = state.clone();
        for &Use { constraint, test } in &self.uses[index] {
            let of = &self.constraints[constraint];
            let Some(tests) = &mut state.open[constraint] else {
                continue;
            };
            let ahead = ahead_from(&self.ahead[constraint][test], index + 1);
            tests[test] = advance(tests[test], test_of(of, test), index, taken, ahead);
            match settle(tests, of.premises.len()) {
                Settled::Open => {}
                Settled::Kept => state.open[constraint] = None,
                Settled::Broken => return None,
            }
        }
        if let Some(slot) = self.slots[index] {
            state.branches[slot] = taken;
        }
        for (branch, last) in state.branches.iter_mut().zip(&self.last_child) {
            // A choice that nothing ahead hangs on is forgotten.
            *branch = branch.filter(|&choice| last[choice].is_some_and(|last| last > index));
        }
        Some(state)
    }
}

/// What a test can still gain, by decision: entry `i` is of the `i`th of its decisions and later.
fn ahead_of(test: &Test, conditions: &[Option<Condition>]) -> Vec<Ahead> {
    let end = test.terms.iter().map(|term| term.decision + 1).max();
    let nothing = Ahead {
        least: 0,
        most: 0,
        can_void: false,
    };
    let mut ahead = vec![nothing; end.unwrap_or(0) + 1];
    for at in (0..ahead.len() - 1).rev() {
        let mut sum = ahead[at + 1];
        for term in test.terms.iter().filter(|term| term.decision == at) {
            let may_be_idle = conditions[at].is_some();
            let idle = (may_be_idle && !term.is_required).then_some(0);
            let values = || term.by_choice.iter().copied().chain(idle);
            sum.least += values().min().unwrap_or(0);
            sum.most += values().max().unwrap_or(0);
            sum.can_void |= may_be_idle && term.is_required;
        }
        ahead[at] = sum;
    }
    ahead
}

/// The entry for decision `from` and later; behind the last decision of a test nothing comes.
fn ahead_from(ahead: &[Ahead], from: usize) -> Ahead {
    ahead[from.min(ahead.len() - 1)]
}

/// The test number `test`, premises first.
fn test_of(constraint: &Constraint, test: usize) -> &Test {
    let first = constraint.premises.len();
    match test.checked_sub(first) {
        None => &constraint.premises[test],
        Some(test) => &constraint.conclusions[test],
    }
}

fn advance(
    progress: Progress,
    test: &Test,
    index: usize,
    taken: Option<usize>,
    ahead: Ahead,
) -> Progress {
    let Progress::Sum(mut sum) = progress else {
        return progress;
    };
    for term in test.terms.iter().filter(|term| term.decision == index) {
        match taken {
            Some(choice) => sum += term.by_choice[choice],
            None if term.is_required => return Progress::Known(Truth::Void),
            None => {}
        }
    }
    if ahead.can_void {
        return Progress::Sum(sum);
    }
    let least = (sum + ahead.least).cmp(&test.bound);
    let most = (sum + ahead.most).cmp(&test.bound);
    match certain(test.comparison, least, most) {
        Some(true) => Progress::Known(Truth::Kept),
        Some(false) => Progress::Known(Truth::Broken),
        None => Progress::Sum(sum),
    }
}

/// Whether a sum passes that is between two others, where all between agree.
fn certain(comparison: Comparison, least: Ordering, most: Ordering) -> Option<bool> {
    let (at_least, at_most) = (comparison.holds(least), comparison.holds(most));
    match comparison {
        Comparison::AtMost | Comparison::Below | Comparison::AtLeast | Comparison::Above => {
            (at_least == at_most).then_some(at_least)
        }
        Comparison::Equal | Comparison::Unequal => {
            let is_on_one_side = least == most;
            is_on_one_side.then_some(at_least)
        }
    }
}

enum Settled {
    Open,
    Kept,
    Broken,
}

/// What the tests of a constraint, the first `premises` of them behind `if`, say of it already.
fn settle(tests: &[Progress], premises: usize) -> Settled {
    let (premises, conclusions) = tests.split_at(premises);
    let are_all = |tests: &[Progress], truths: &[Truth]| {
        let known = |test: &Progress| truths.iter().any(|&t| *test == Progress::Known(t));
        tests.iter().all(known)
    };
    let fails = |test: &Progress| matches!(test, Progress::Known(Truth::Broken | Truth::Void));
    if premises.iter().any(fails) || are_all(conclusions, &[Truth::Kept, Truth::Void]) {
        return Settled::Kept;
    }
    let is_broken = conclusions.contains(&Progress::Known(Truth::Broken));
    match is_broken && are_all(premises, &[Truth::Kept]) {
        true => Settled::Broken,
        false => Settled::Open,
    }
}
