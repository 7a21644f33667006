//! Checks of `[support]`: rules name what there is.

use std::collections::BTreeSet;

use super::{Checked, refuse, source};
use crate::profile::raw::{RawLimit, RawSupport};
use crate::profile::{Demand, Support, SupportLimit};
use crate::task::FactName;

pub(super) fn support(raw: &RawSupport) -> Checked<Support> {
    source("support", &raw.source)?;
    let modes = raw.modes.keys();
    listed(raw, "support.modes", modes)?;
    let modes = raw
        .modes
        .iter()
        .map(|(operator, modes)| (operator.clone(), modes.iter().cloned().collect()));
    let limits = raw.limits.iter().enumerate();
    let limits =
        limits.map(|(place, limit)| check(raw, &format!("support.limits[{place}]"), limit));
    Ok(Support {
        operators: raw.operators.iter().cloned().collect(),
        modes: modes.collect(),
        limits: limits.collect::<Checked<_>>()?,
        multiple_segments: raw.multiple_segments,
    })
}

fn check(support: &RawSupport, field: &str, raw: &RawLimit) -> Checked<SupportLimit> {
    for (key, text) in [("name", &raw.name), ("advice", &raw.advice)] {
        if text.is_empty() {
            return Err(refuse(format!("{field}.{key}"), "empty", "a few words"));
        }
    }
    let operators = raw.operators.as_ref();
    let names = operators.into_iter().flatten();
    listed(support, &format!("{field}.operators"), names)?;
    let when = match (&raw.when, &raw.when_is) {
        (Some(when), Some(words)) => Some((
            fact(&format!("{field}.when"), when)?,
            words.iter().cloned().collect(),
        )),
        (None, None) => None,
        (_, _) => {
            let expected = "both of when and when_is, or none";
            return Err(refuse(field, "half a condition", expected));
        }
    };
    Ok(SupportLimit {
        name: raw.name.clone(),
        advice: raw.advice.clone(),
        source: source(field, &raw.source)?,
        operators: operators.map(|names| names.iter().cloned().collect()),
        when,
        fact: fact(&format!("{field}.fact"), &raw.fact)?,
        demands: demands(field, raw)?,
    })
}

fn demands(field: &str, raw: &RawLimit) -> Checked<Vec<Demand>> {
    let same_as = raw.same_as.as_ref();
    let same_as = same_as.map(|name| fact(&format!("{field}.same_as"), name));
    if raw.multiple_of == Some(0) {
        return Err(refuse(format!("{field}.multiple_of"), 0, "at least 1"));
    }
    let words = raw.is.as_ref();
    let numbers = raw.one_of.as_ref();
    let demands = [
        words.map(|words| Demand::Is(words.iter().cloned().collect())),
        numbers.map(|numbers| Demand::OneOf(numbers.iter().copied().collect::<BTreeSet<u64>>())),
        raw.at_least.map(Demand::AtLeast),
        raw.at_most.map(Demand::AtMost),
        raw.multiple_of.map(Demand::MultipleOf),
        same_as.transpose()?.map(Demand::SameAs),
    ];
    let demands: Vec<Demand> = demands.into_iter().flatten().collect();
    if demands.is_empty() {
        let expected = "one or more of is, one_of, at_least, at_most, multiple_of, same_as";
        return Err(refuse(field, "no demand", expected));
    }
    Ok(demands)
}

fn fact(field: &str, name: &str) -> Checked<FactName> {
    let known = FactName::ALL.iter().map(|fact| (fact.name(), *fact));
    super::word(field, name, &known.collect::<Vec<_>>())
}

/// Rules are only about operators that are taken.
fn listed<'a>(
    support: &RawSupport,
    field: &str,
    mut names: impl Iterator<Item = &'a String>,
) -> Checked<()> {
    match names.find(|name| !support.operators.contains(name)) {
        Some(name) => {
            let expected = "an operator that support.operators lists";
            Err(refuse(field, name, expected))
        }
        None => Ok(()),
    }
}
