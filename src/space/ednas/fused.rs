//! What a Fused-IBN block is made of: the text's definition and the one that fits the printed sizes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::BLOCK_COUNT;
use crate::space::error::SpaceError;

/// What a Fused-IBN block is made of.
///
/// Part of a genome's text but not a decision: a study keeps one definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum FusedDefinition {
    /// The paper's text: a full kxk convolution that expands (also at expansion 1), then a 1x1
    /// projection, in every block.
    Full,
    /// As [`Full`](Self::Full) before `first_block`; from there on a kxk depthwise convolution on
    /// the input channels, a 1x1 expansion and a 1x1 projection.
    ///
    /// Inferred, not stated by the paper: with `first_block` 9 it reproduces all eight printed
    /// network sizes, which full convolutions everywhere cannot.
    LateSeparable {
        /// First separable block, 1 to 16.
        first_block: usize,
    },
}

impl FusedDefinition {
    /// Whether a Fused-IBN at `block` (1 to 16) is a depthwise-separable one.
    #[must_use]
    pub fn is_separable(self, block: usize) -> bool {
        match self {
            Self::Full => false,
            Self::LateSeparable { first_block } => block >= first_block,
        }
    }
}

impl Default for FusedDefinition {
    fn default() -> Self {
        Self::LateSeparable { first_block: 9 }
    }
}

impl fmt::Display for FusedDefinition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => f.write_str("full"),
            Self::LateSeparable { first_block } => write!(f, "late-separable:{first_block}"),
        }
    }
}

impl FromStr for FusedDefinition {
    type Err = SpaceError;

    fn from_str(text: &str) -> Result<Self, SpaceError> {
        if text == "full" {
            return Ok(Self::Full);
        }
        let first_block = text
            .strip_prefix("late-separable:")
            .and_then(|n| n.parse().ok());
        match first_block {
            Some(first_block) if (1..=BLOCK_COUNT).contains(&first_block) => {
                Ok(Self::LateSeparable { first_block })
            }
            Some(_) | None => Err(SpaceError::UnknownFused {
                found: text.to_owned(),
            }),
        }
    }
}

impl TryFrom<String> for FusedDefinition {
    type Error = SpaceError;

    fn try_from(text: String) -> Result<Self, SpaceError> {
        text.parse()
    }
}

impl From<FusedDefinition> for String {
    fn from(fused: FusedDefinition) -> Self {
        fused.to_string()
    }
}
