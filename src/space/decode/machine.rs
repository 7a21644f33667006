//! `profile`: every decision is a key of a profile, such as `array.rows`.

use hwmodels::profile::{Profile, Setting, key};

use super::super::decision::{Decision, Value};
use super::super::error::SpaceError;
use super::taken::{Taken, meaningless};

/// Where the numbers of a varied table come from.
const SOURCE: &str = "assumed: decided by a genome";

/// `base` with the keys that a genome decides.
pub(super) fn machine(base: &Profile, taken: &Taken<'_>) -> Result<Profile, SpaceError> {
    let settings: Result<Vec<(&str, Setting)>, SpaceError> = taken
        .rest()
        .map(|(name, value)| Ok((name, setting(name, value)?)))
        .collect();
    let settings = settings?;
    let by_reference: Vec<(&str, &Setting)> = settings.iter().map(|(k, v)| (*k, v)).collect();
    base.varied(&by_reference, SOURCE).map_err(|fault| {
        let all: Vec<String> = settings.iter().map(|(k, v)| format!("{k}={v}")).collect();
        SpaceError::Impossible {
            machine: all.join(", "),
            fault: Box::new(fault),
        }
    })
}

/// Refuses a decision that is no key, or has a value that the key never takes.
pub(super) fn check(decision: &Decision) -> Result<(), SpaceError> {
    let name = decision.full_name();
    let values = decision.choices.iter().map(|choice| &choice.value);
    values
        .into_iter()
        .try_for_each(|value| setting(&name, value).map(|_| ()))
}

fn setting(name: &str, value: &Value) -> Result<Setting, SpaceError> {
    let key = key(name).map_err(|fault| meaningless(name, value, &fault.to_string()))?;
    let parsed = key.kind.parse(&value.to_string());
    parsed.map_err(|expected| meaningless(name, value, &expected))
}
