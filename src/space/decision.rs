//! The language of spaces: named decisions, each one of several choices.
//!
//! A [`Space`] is a flat list of [`Decision`]s. Neighboring decisions may share a group (a block
//! of a network, say): groups are what people read, in the short text and in error messages;
//! the algorithms see the flat list only.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use crate::fingerprint::fingerprint;
use crate::space::error::SpaceError;

/// A value that a decision can take, as journals and JSON show it.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A word, such as `fused-ibn`.
    Text(String),
    /// A whole number, such as a kernel side.
    Int(i64),
    /// A finite number, such as a multiplier.
    Float(f64),
}

/// One value of a decision and how the short genome text spells it.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// The value, as journals and JSON show it.
    pub value: Value,
    /// Its spelling in the short text, such as `x1.5`; no comma and no slash.
    pub short: String,
}

/// A decision: exactly one of its choices is taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// What the decision belongs to, such as `block03`; equal for neighbors that belong together.
    pub group: String,
    /// What is decided, such as `kernel`.
    pub name: String,
    /// The choices in order; a genome stores an index into them.
    pub choices: Vec<Choice>,
}

/// A search space: a name and its decisions in genome order.
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
}

impl Choice {
    /// A choice of `value`, spelled `short` in the genome text.
    pub fn new(value: Value, short: impl Into<String>) -> Self {
        let short = short.into();
        Self { value, short }
    }
}

impl Decision {
    /// A decision `name` of `group` that takes one of `choices`.
    pub fn one_of(group: impl Into<String>, name: impl Into<String>, choices: Vec<Choice>) -> Self {
        Self {
            group: group.into(),
            name: name.into(),
            choices,
        }
    }

    /// Group and name joined by a dot, such as `block03.kernel`: unique within a space.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.group, self.name)
    }

    /// The values that may be taken, for messages: `3, 5`.
    #[must_use]
    pub fn allowed_values(&self) -> String {
        let values: Vec<String> = self.choices.iter().map(|c| c.value.to_string()).collect();
        values.join(", ")
    }
}

impl Space {
    /// A space of `decisions`, checked.
    ///
    /// # Errors
    /// When there is no decision, a decision has no choice or the same choice twice, two decisions
    /// have the same full name, or a spelling holds a comma or a slash.
    pub fn new(name: impl Into<String>, decisions: Vec<Decision>) -> Result<Self, SpaceError> {
        let name = name.into();
        if decisions.is_empty() {
            return Err(SpaceError::Empty { space: name });
        }
        let mut names = BTreeSet::new();
        for decision in &decisions {
            let full_name = decision.full_name();
            check_choices(decision)?;
            if !names.insert(full_name.clone()) {
                return Err(SpaceError::Malformed {
                    decision: full_name,
                    problem: "appears twice",
                });
            }
        }
        let decisions = decisions.into();
        Ok(Self { name, decisions })
    }

    /// The same decisions under another name; they are shared, not copied.
    #[must_use]
    pub fn renamed(&self, name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            decisions: Arc::clone(&self.decisions),
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

    /// Neighboring decisions that share a group, in order.
    pub fn groups(&self) -> impl Iterator<Item = &[Decision]> {
        self.decisions.chunk_by(|a, b| a.group == b.group)
    }

    /// The exact number of genomes, or `None` from 2^128 on.
    #[must_use]
    pub fn size(&self) -> Option<u128> {
        self.decisions.iter().try_fold(1_u128, |size, decision| {
            size.checked_mul(u128::try_from(decision.choices.len()).ok()?)
        })
    }

    /// A hash of the name and of every decision and value, in 16 hexadecimal digits (FNV-1a).
    ///
    /// Journals carry it, so that a study is never continued on another space.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut text = format!("{}\n", self.name);
        for decision in self.decisions() {
            text += &format!("{}: {}\n", decision.full_name(), decision.allowed_values());
        }
        fingerprint(text)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Int(number) => write!(f, "{number}"),
            Self::Float(number) => write!(f, "{number}"),
        }
    }
}

fn check_choices(decision: &Decision) -> Result<(), SpaceError> {
    let malformed = |problem| {
        Err(SpaceError::Malformed {
            decision: decision.full_name(),
            problem,
        })
    };
    if decision.choices.is_empty() {
        return malformed("has no choice");
    }
    for (index, choice) in decision.choices.iter().enumerate() {
        if choice.short.is_empty() || choice.short.contains([',', '/']) {
            return malformed("has a spelling that is empty or holds a comma or a slash");
        }
        let earlier = &decision.choices[..index];
        if earlier
            .iter()
            .any(|e| e.value == choice.value || e.short == choice.short)
        {
            return malformed("has the same choice twice");
        }
    }
    Ok(())
}
