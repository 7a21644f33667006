//! What each task runs of the blocks of a trunk.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;

use crate::task::Task;

/// The last word of the name of a gate: what is learned while a policy is open.
pub(super) const GATE: &str = "select";

/// A choice of each task for each block that there is a choice at, in order. A task that is not
/// named runs all of every block.
///
/// Its text has a digit for each choice. Where blocks are run or skipped, these are 1 and 0:
/// `seg=111111111,depth=111101110`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy(BTreeMap<Task, Vec<u8>>);

/// Why a text is no policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the policy `{text}`: {problem}; expected such as seg={example},depth={example}, {blocks} digits from {} to {} for each task",
    choices.start(), choices.end(), example = choices.end().to_string().repeat(*blocks)
)]
pub struct PolicyError {
    text: String,
    problem: String,
    blocks: usize,
    choices: RangeInclusive<u8>,
}

impl Policy {
    /// The policy with these choices, as many for each task as there are blocks with a choice.
    #[must_use]
    pub fn new(choices: BTreeMap<Task, Vec<u8>>) -> Self {
        Self(choices)
    }

    /// What `task` chooses at place `index`, from 0; nothing where it is not named.
    #[must_use]
    pub fn choice(&self, task: Task, index: usize) -> Option<u8> {
        self.0.get(&task)?.get(index).copied()
    }

    /// The policy that `text` is, about `blocks` blocks with these `choices` at each.
    ///
    /// # Errors
    /// [`PolicyError`], saying what is expected.
    pub(super) fn parse(
        text: &str,
        blocks: usize,
        choices: RangeInclusive<u8>,
    ) -> Result<Self, PolicyError> {
        let error = |problem: String| PolicyError {
            text: text.to_owned(),
            problem,
            blocks,
            choices: choices.clone(),
        };
        let mut policy = BTreeMap::new();
        for part in text.split(',') {
            let (task, digits) = part
                .split_once('=')
                .ok_or_else(|| error(format!("`{part}` has no `=`")))?;
            let task: Task = task.parse().map_err(|e| error(format!("{e}")))?;
            let choice = |digit: char| {
                let choice = digit
                    .to_digit(10)
                    .and_then(|digit| u8::try_from(digit).ok());
                let choice = choice.filter(|choice| choices.contains(choice));
                choice.ok_or_else(|| error(format!("`{digit}` is no choice")))
            };
            let chosen: Vec<u8> = digits.chars().map(choice).collect::<Result<_, _>>()?;
            if chosen.len() != blocks {
                let found = chosen.len();
                return Err(error(format!("{task} has {found} choices, not {blocks}")));
            }
            if policy.insert(task, chosen).is_some() {
                return Err(error(format!("{task} is there twice")));
            }
        }
        Ok(Self(policy))
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (task, choices)) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            let digits: String = choices.iter().map(u8::to_string).collect();
            write!(f, "{comma}{task}={digits}")?;
        }
        Ok(())
    }
}
