//! Names for the tensors and nodes that a writer or reader adds to a graph's own.

use std::collections::BTreeMap;

use kernels::Verified;

/// Hands out names that no tensor of the graph has and that were not handed out before.
///
/// Beside each name stands the number that its next namesake gets.
#[derive(Default)]
pub(crate) struct Names(BTreeMap<String, u32>);

impl Names {
    /// The names of the graph's tensors are taken.
    pub(crate) fn of(graph: &Verified) -> Self {
        Self(graph.tensors.iter().map(|t| (t.name.clone(), 2)).collect())
    }

    /// `wanted`, or `wanted` with a number that makes it new.
    pub(crate) fn fresh(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        if let Some(&first) = self.0.get(wanted) {
            let mut number = first;
            while self.0.contains_key(&name) {
                name = format!("{wanted}:{number}");
                number += 1;
            }
            self.0.insert(wanted.to_owned(), number);
        }
        self.0.insert(name.clone(), 2);
        name
    }
}
