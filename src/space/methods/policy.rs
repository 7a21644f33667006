//! Which blocks each task runs.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::task::Task;

/// Which residual blocks of a trunk each task runs, in order. A task that is not named runs all.
///
/// Its text has a 1 for a block that is run and a 0 for one that is skipped:
/// `seg=111111111,depth=111101110`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy(BTreeMap<Task, Vec<bool>>);

/// Why a text is no policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the policy `{text}`: {problem}; expected such as seg=111111111,depth=111101110, a 1 for each residual block that a task runs and a 0 for each that it skips"
)]
pub struct PolicyError {
    text: String,
    problem: String,
}

impl Policy {
    /// The policy with these choices, as many for each task as there are residual blocks.
    #[must_use]
    pub fn new(choices: BTreeMap<Task, Vec<bool>>) -> Self {
        Self(choices)
    }

    /// Whether `task` runs residual block `index`, from 0.
    #[must_use]
    pub fn selects(&self, task: Task, index: usize) -> bool {
        let choices = self.0.get(&task);
        choices.is_none_or(|choices| choices.get(index).copied().unwrap_or(true))
    }

    /// Refuses a policy that is not about `blocks` residual blocks.
    pub(super) fn check(&self, blocks: usize) -> Result<(), PolicyError> {
        let other = self.0.iter().find(|(_, choices)| choices.len() != blocks);
        match other {
            None => Ok(()),
            Some((task, choices)) => Err(PolicyError {
                text: self.to_string(),
                problem: format!("{task} has {} choices, not {blocks}", choices.len()),
            }),
        }
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (task, choices)) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            let digits: String = choices.iter().map(|&c| if c { '1' } else { '0' }).collect();
            write!(f, "{comma}{task}={digits}")?;
        }
        Ok(())
    }
}

impl FromStr for Policy {
    type Err = PolicyError;

    fn from_str(text: &str) -> Result<Self, PolicyError> {
        let error = |problem: String| PolicyError {
            text: text.to_owned(),
            problem,
        };
        let mut policy = BTreeMap::new();
        for part in text.split(',') {
            let (task, digits) = part
                .split_once('=')
                .ok_or_else(|| error(format!("`{part}` has no `=`")))?;
            let task: Task = task.parse().map_err(|e| error(format!("{e}")))?;
            let choice = |digit: char| match digit {
                '0' => Ok(false),
                '1' => Ok(true),
                _ => Err(error(format!("`{digit}` is neither 0 nor 1"))),
            };
            let choices = digits.chars().map(choice).collect::<Result<_, _>>()?;
            if policy.insert(task, choices).is_some() {
                return Err(error(format!("{task} is there twice")));
            }
        }
        Ok(Self(policy))
    }
}
