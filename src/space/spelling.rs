//! Whether the spellings of a group, written in a row, can be told apart again.
//!
//! The reader takes the longest spelling that fits. It is right if no spelling, followed by the
//! first character of whatever may come next, begins a longer spelling of the same decision.

use std::collections::BTreeSet;

use super::decision::Decision;
use super::error::SpaceError;

/// Refuses a group whose text could be read in two ways.
pub(super) fn check(group: &[Decision]) -> Result<(), SpaceError> {
    // First characters of what may stand behind the decision at hand.
    let mut next: BTreeSet<char> = BTreeSet::new();
    for decision in group.iter().rev() {
        let mut spellings: Vec<&str> = decision.choices.iter().map(|c| c.short.as_str()).collect();
        spellings.sort_unstable();
        for (index, short) in spellings.iter().enumerate() {
            let longer = spellings[index + 1..].iter();
            let mut rests = longer.map_while(|longer| longer.strip_prefix(short));
            if rests.any(|rest| rest.chars().next().is_some_and(|c| next.contains(&c))) {
                return Err(SpaceError::Ambiguous {
                    decision: decision.full_name(),
                    spelling: (*short).to_owned(),
                });
            }
        }
        if decision.when.is_none() {
            next.clear();
        }
        next.extend(spellings.iter().filter_map(|s| s.chars().next()));
    }
    Ok(())
}
