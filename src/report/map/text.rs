//! The listing of `ednas map`, in the form that compilers of accelerators print.

use std::fmt::Write;

use super::{CacheMap, MapRecord, NetworkMap, OperatorMap};
use crate::report::numbers::bytes;

/// Names of nodes that stand beside an advice.
const NAMES_MAX: usize = 3;

impl MapRecord {
    /// A line per operator and status, and what to change.
    #[must_use]
    pub fn text(&self) -> String {
        let networks = self.networks.iter();
        let texts: Vec<String> = networks.map(|one| one.text(&self.profile)).collect();
        texts.join("\n")
    }
}

impl NetworkMap {
    fn text(&self, profile: &str) -> String {
        let mut text = format!("{} on {profile}\n\n", self.network);
        if let Some(reason) = &self.infeasible {
            let _ = writeln!(text, "The machine cannot run it: {reason}\n");
        }
        if let Some(cache) = &self.cache {
            text += &cache.text();
        }
        let (chip, host) = (self.chip_operators, self.host_operators);
        let _ = writeln!(text, "Segments on the accelerator: {}", self.segments);
        let _ = writeln!(text, "Operators on the accelerator: {chip}");
        let _ = writeln!(text, "Operators on the host: {host}\n");
        let groups = self.groups();
        let operators = groups.iter().map(|group| group[0].op.len());
        let width = operators.max().unwrap_or(0).max("operator".len());
        let _ = writeln!(text, "{:width$}  count  status", "operator");
        for group in &groups {
            let OperatorMap { op, status, .. } = group[0];
            let _ = writeln!(text, "{op:width$}  {:>5}  {status}", group.len());
        }
        text + &advice(&groups)
    }

    /// Operators of the same kind and status, in the order of the first of each.
    fn groups(&self) -> Vec<Vec<&OperatorMap>> {
        let mut groups: Vec<Vec<&OperatorMap>> = Vec::new();
        for operator in &self.operators {
            let same = |group: &&mut Vec<&OperatorMap>| {
                group[0].op == operator.op && group[0].status == operator.status
            };
            match groups.iter_mut().find(same) {
                Some(group) => group.push(operator),
                None => groups.push(vec![operator]),
            }
        }
        groups
    }
}

impl CacheMap {
    fn text(&self) -> String {
        let lines = [
            ("On-chip memory used for caching", self.used_bytes),
            ("On-chip memory remaining for caching", self.remaining_bytes),
            ("Off-chip memory used for streaming", self.streamed_bytes),
        ];
        let lines = lines.map(|(what, size)| format!("{what} parameters: {}\n", bytes(size)));
        lines.concat()
    }
}

/// What to change, once for all operators that it helps.
fn advice(groups: &[Vec<&OperatorMap>]) -> String {
    let mut advices: Vec<(&str, Vec<&OperatorMap>)> = Vec::new();
    for operator in groups.iter().flatten() {
        let Some(advice) = &operator.advice else {
            continue;
        };
        match advices.iter_mut().find(|(known, _)| known == advice) {
            Some((_, operators)) => operators.push(operator),
            None => advices.push((advice, vec![operator])),
        }
    }
    let mut text = String::new();
    for (advice, operators) in advices {
        if text.is_empty() {
            text += "\nwhat to change\n";
        }
        let shown = operators.iter().take(NAMES_MAX);
        let shown: Vec<String> = shown.map(|one| format!("`{}`", one.name)).collect();
        let more = match operators.len().saturating_sub(NAMES_MAX) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let _ = writeln!(text, "- {}{more}: {advice}", shown.join(", "));
    }
    text
}
