//! Names for the tensors and nodes that a writer adds to a graph's own.

use std::collections::BTreeSet;

use kernels::Verified;

/// Hands out names that no tensor of the graph has and that were not handed out before.
pub(crate) struct Names(BTreeSet<String>);

impl Names {
    /// The names of the graph's tensors are taken.
    pub(crate) fn of(graph: &Verified) -> Self {
        Self(graph.tensors.iter().map(|t| t.name.clone()).collect())
    }

    /// `wanted`, or `wanted` with the first number that makes it new.
    pub(crate) fn fresh(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        let mut number = 2_u32;
        while !self.0.insert(name.clone()) {
            name = format!("{wanted}:{number}");
            number += 1;
        }
        name
    }
}
