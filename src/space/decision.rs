//! Decisions: what can be decided, between which choices, and when the question arises.

use std::fmt;

use super::error::SpaceError;

/// The most choices of one decision: every one of them is listed in memory and in journals.
pub const CHOICES_MAX: usize = 10_000;

/// A value that a decision can take, as journals and JSON show it.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A word, such as `fused-ibn`.
    Text(String),
    /// A whole number, such as a kernel side.
    Int(i64),
    /// A finite number, such as a multiplier.
    Float(f64),
    /// Several values at once: a choice of a `many_of`.
    List(Vec<Value>),
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
    /// When the decision is to be made at all; always, if nothing stands here.
    pub when: Option<Condition>,
    /// How its values lie to each other.
    pub scale: Scale,
}

/// How the values of a decision lie to each other: what plots and Optuna's distributions go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Words, lists, or numbers whose distances say nothing: `one_of`, `many_of`.
    Unordered,
    /// Ascending numbers of equal differences: `int`, and `float` without `log`.
    Linear,
    /// Ascending numbers of equal ratios: `float` with `log`.
    Logarithmic,
}

/// The choice of an earlier decision that a decision hangs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Condition {
    /// Index of the earlier decision in its space.
    pub decision: usize,
    /// Index of the choice that must be taken there.
    pub choice: usize,
}

impl Choice {
    /// A choice of `value`, spelled `short` in the genome text.
    pub fn new(value: Value, short: impl Into<String>) -> Self {
        let short = short.into();
        Self { value, short }
    }
}

impl Decision {
    /// A decision `name` of `group` that takes one of `choices`, always to be made.
    pub fn one_of(group: impl Into<String>, name: impl Into<String>, choices: Vec<Choice>) -> Self {
        Self {
            group: group.into(),
            name: name.into(),
            choices,
            when: None,
            scale: Scale::Unordered,
        }
    }

    /// The same decision, to be made only where `condition` holds.
    #[must_use]
    pub fn when(self, condition: Condition) -> Self {
        Self {
            when: Some(condition),
            ..self
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

    /// Refuses a decision that has no choice, the same one twice, or one that cannot be spelled.
    pub(super) fn check(&self) -> Result<(), SpaceError> {
        let malformed = |problem| {
            let decision = self.full_name();
            Err(SpaceError::Malformed { decision, problem })
        };
        if self.choices.is_empty() {
            return malformed("has no choice");
        }
        if self.choices.len() > CHOICES_MAX {
            return malformed("has more than 10000 choices");
        }
        let unspeakable = |c: &Choice| c.short.is_empty() || c.short.contains([',', '/']);
        if self.choices.iter().any(unspeakable) {
            return malformed("has a spelling that is empty or holds a comma or a slash");
        }
        let mut values: Vec<String> = self.choices.iter().map(|c| c.value.key()).collect();
        let mut spellings: Vec<&str> = self.choices.iter().map(|c| c.short.as_str()).collect();
        values.sort_unstable();
        spellings.sort_unstable();
        let twice = values.windows(2).any(|pair| pair[0] == pair[1])
            || spellings.windows(2).any(|pair| pair[0] == pair[1]);
        match twice {
            true => malformed("has the same choice twice"),
            false => Ok(()),
        }
    }
}

impl Value {
    /// Tells values apart: `1`, `1.0` and the word `1` are three, as they are in JSON.
    fn key(&self) -> String {
        format!("{self:?}")
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Int(number) => write!(f, "{number}"),
            Self::Float(number) => write!(f, "{number}"),
            Self::List(values) => {
                for (index, value) in values.iter().enumerate() {
                    let plus = if index == 0 { "" } else { "+" };
                    write!(f, "{plus}{value}")?;
                }
                Ok(())
            }
        }
    }
}
