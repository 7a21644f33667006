//! A space: its decisions in order, what may not be taken together, and how many genomes that leaves.
//!
//! A [`Space`] is a flat list of [`Decision`]s. Neighboring decisions may share a group (a block
//! of a network, say): groups are what people read, in the short text and in error messages;
//! the algorithms see the flat list only. A decision that hangs on the choice of an earlier one is
//! made only where that choice was taken; elsewhere it is *idle*.

use std::collections::BTreeSet;
use std::sync::Arc;

use num_bigint::BigUint;

use super::constraint::Constraint;
use super::decision::{Condition, Decision};
use super::diagram::Diagram;
use super::error::SpaceError;
use super::genome::Genome;
use super::probe::Probe;
use super::spelling;
use crate::fingerprint::fingerprint;

/// A search space: a name, its decisions in genome order, and constraints over them.
///
/// ```
/// use ednas::space::ednas;
///
/// let space = ednas::space(ednas::FusedDefinition::default());
/// assert_eq!(space.size(), Some(1 << 79));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Space {
    name: String,
    decisions: Arc<[Decision]>,
    constraints: Arc<[Constraint]>,
    diagram: Arc<Diagram>,
    probe: Option<Probe>,
}

/// How many genomes a space has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Count {
    /// Exactly so many.
    Exact(BigUint),
    /// The constraints are too entangled to be counted: so many without them, of which the share
    /// that [`Probe`] found keeps them.
    AtMost(BigUint, Probe),
}

impl Space {
    /// A space of `decisions` without constraints, checked.
    ///
    /// # Errors
    /// When there is no decision, a decision has no choice or the same choice twice, two decisions
    /// have the same full name, a spelling holds a comma or a slash, or a decision hangs on a
    /// choice that no earlier one has.
    pub fn new(name: impl Into<String>, decisions: Vec<Decision>) -> Result<Self, SpaceError> {
        Self::constrained(name, decisions, Vec::new())
    }

    /// A space of `decisions` under `constraints`, which were read over the same decisions.
    ///
    /// # Errors
    /// As [`Space::new`], and when the constraints leave nothing, or too little to be found.
    pub fn constrained(
        name: impl Into<String>,
        decisions: Vec<Decision>,
        constraints: Vec<Constraint>,
    ) -> Result<Self, SpaceError> {
        let name = name.into();
        check(&name, &decisions)?;
        let (diagram, probe) = match Diagram::new(&decisions, &constraints) {
            Some(diagram) if diagram.is_empty() => {
                return Err(contradiction(name, &decisions, &constraints));
            }
            Some(diagram) => (diagram, None),
            None => {
                let free = Diagram::new(&decisions, &[]).ok_or_else(|| SpaceError::TooLarge {
                    space: name.clone(),
                })?;
                let probe = Probe::new(&free, &decisions, &constraints);
                let probe = probe.ok_or_else(|| SpaceError::NearlyEmpty {
                    space: name.clone(),
                })?;
                (free, Some(probe))
            }
        };
        Ok(Self {
            name,
            decisions: decisions.into(),
            constraints: constraints.into(),
            diagram: Arc::new(diagram),
            probe,
        })
    }

    /// The decisions and constraints of this space followed by those of `other`.
    ///
    /// # Errors
    /// When both have a decision of the same full name.
    pub fn joined(&self, name: impl Into<String>, other: &Self) -> Result<Self, SpaceError> {
        let first = self.decisions.len();
        let later = other.decisions.iter().cloned().map(|mut decision| {
            if let Some(condition) = &mut decision.when {
                condition.decision += first;
            }
            decision
        });
        let decisions = self.decisions.iter().cloned().chain(later);
        let later = other.constraints.iter().map(|c| c.behind(first));
        let constraints = self.constraints.iter().cloned().chain(later);
        Self::constrained(name, decisions.collect(), constraints.collect())
    }

    /// The same decisions under another name; they are shared, not copied.
    #[must_use]
    pub fn renamed(&self, name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..self.clone()
        }
    }

    /// The name, which is also the front of every genome text.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The decisions in genome order.
    #[must_use]
    pub fn decisions(&self) -> &[Decision] {
        &self.decisions
    }

    /// What may not be taken together.
    #[must_use]
    pub fn constraints(&self) -> &[Constraint] {
        &self.constraints
    }

    /// Neighboring decisions that share a group, in order.
    pub fn groups(&self) -> impl Iterator<Item = &[Decision]> {
        self.decisions.chunk_by(|a, b| a.group == b.group)
    }

    /// The exact number of genomes; nothing from 2^128 on, or where only a bound is known.
    #[must_use]
    pub fn size(&self) -> Option<u128> {
        match self.count() {
            Count::Exact(count) => u128::try_from(count).ok(),
            Count::AtMost(..) => None,
        }
    }

    /// The number of genomes, of any size, and whether it is exact.
    #[must_use]
    pub fn count(&self) -> Count {
        let count = self.diagram.count().clone();
        match self.probe {
            None => Count::Exact(count),
            Some(probe) => Count::AtMost(count, probe),
        }
    }

    /// Whether every combination of choices is a genome.
    #[must_use]
    pub fn is_free(&self) -> bool {
        self.constraints.is_empty() && self.decisions.iter().all(|d| d.when.is_none())
    }

    /// Whether decision `index` is to be made, given the choices before it.
    #[must_use]
    pub fn is_active(&self, index: usize, choices: &[usize]) -> bool {
        is_active(&self.decisions, index, choices)
    }

    /// A hash of the name and of every decision, value and constraint, in 16 hexadecimal digits
    /// (FNV-1a).
    ///
    /// Journals carry it, so that a study is never continued on another space.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut text = format!("{}\n", self.name);
        for decision in self.decisions() {
            text += &format!("{}: {}\n", decision.full_name(), decision.allowed_values());
            if let Some(Condition { decision, choice }) = decision.when {
                text += &format!("  when {decision} is {choice}\n");
            }
        }
        for constraint in self.constraints() {
            text += &format!("  {constraint}\n");
        }
        fingerprint(text)
    }

    pub(super) fn diagram(&self) -> &Diagram {
        &self.diagram
    }

    /// Whether the diagram counts genomes that a constraint forbids.
    pub(super) fn is_bounded_only(&self) -> bool {
        self.probe.is_some()
    }

    /// Whether `genome` keeps all constraints.
    pub(super) fn keeps(&self, genome: &Genome) -> bool {
        keeps(&self.decisions, &self.constraints, genome.choices())
    }
}

/// As [`Space::is_active`]: the choice it hangs on is taken, where that is not idle itself.
pub(super) fn is_active(decisions: &[Decision], index: usize, choices: &[usize]) -> bool {
    let mut at = index;
    while let Some(Condition { decision, choice }) = decisions[at].when {
        if choices[decision] != choice {
            return false;
        }
        at = decision;
    }
    true
}

/// Whether `choices` keep all `constraints`.
pub(super) fn keeps(decisions: &[Decision], constraints: &[Constraint], choices: &[usize]) -> bool {
    let taken = |index: usize| is_active(decisions, index, choices).then(|| choices[index]);
    constraints
        .iter()
        .all(|constraint| constraint.holds(&taken))
}

fn check(space: &str, decisions: &[Decision]) -> Result<(), SpaceError> {
    if decisions.is_empty() {
        return Err(SpaceError::Empty {
            space: space.to_owned(),
        });
    }
    let mut names = BTreeSet::new();
    for (index, decision) in decisions.iter().enumerate() {
        decision.check()?;
        let malformed = |problem| {
            let decision = decision.full_name();
            Err(SpaceError::Malformed { decision, problem })
        };
        if !names.insert(decision.full_name()) {
            return malformed("appears twice");
        }
        let earlier =
            |c: &Condition| c.decision < index && c.choice < decisions[c.decision].choices.len();
        if decision.when.as_ref().is_some_and(|c| !earlier(c)) {
            return malformed("hangs on a choice that no earlier decision has");
        }
    }
    decisions
        .chunk_by(|a, b| a.group == b.group)
        .try_for_each(spelling::check)
}

/// Says which of the constraints that leave no genome is to blame, alone or in company.
fn contradiction(space: String, decisions: &[Decision], all: &[Constraint]) -> SpaceError {
    let leaves_none = |constraints: &[Constraint]| {
        Diagram::new(decisions, constraints).is_some_and(|diagram| diagram.is_empty())
    };
    let alone = all.iter().filter(|c| leaves_none(std::slice::from_ref(c)));
    let mut blamed: Vec<Constraint> = alone.take(1).cloned().collect();
    if blamed.is_empty() {
        // What can be left out without a genome coming back is not to blame.
        blamed = all.to_vec();
        for index in (0..all.len()).rev() {
            let mut fewer = blamed.clone();
            fewer.remove(index);
            if leaves_none(&fewer) {
                blamed = fewer;
            }
        }
    }
    let blamed: Vec<String> = blamed.iter().map(|c| format!("`{c}`")).collect();
    SpaceError::Contradiction {
        space,
        constraints: blamed.join(", "),
    }
}
