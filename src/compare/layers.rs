//! Layers of one network, as a tool timed them and as the simulator does, brought together by name.

use std::collections::{BTreeMap, BTreeSet};

/// The layer among `known` that a tool means by `name`: the one of that name, or of its longest
/// beginning up to a dot, since tools that split a layer put what a part does behind one.
///
/// ```
/// use std::collections::BTreeSet;
/// use ednas::compare::layer_named;
///
/// let known = BTreeSet::from(["conv1", "conv1.b"]);
/// assert_eq!(layer_named("conv1.matmul.0", &known), Some("conv1"));
/// assert_eq!(layer_named("conv12", &known), None);
/// ```
#[must_use]
pub fn layer_named<'a>(name: &str, known: &BTreeSet<&'a str>) -> Option<&'a str> {
    let mut name = name;
    loop {
        if let Some(found) = known.get(name) {
            return Some(*found);
        }
        name = name.rsplit_once('.')?.0;
    }
}

/// Times by the layer that they are of, and by name those that are of none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ByLayer {
    /// Milliseconds of every layer, summed over its parts.
    pub of: BTreeMap<String, f64>,
    /// What belongs to no layer, in the order of the tool.
    pub of_none: Vec<(String, f64)>,
}

impl ByLayer {
    /// Brings `times`, names and milliseconds, to the layers `known`.
    #[must_use]
    pub fn new<'a>(times: impl Iterator<Item = (&'a str, f64)>, known: &BTreeSet<&str>) -> ByLayer {
        let mut by_layer = ByLayer::default();
        for (name, ms) in times {
            match layer_named(name, known) {
                Some(layer) => *by_layer.of.entry(layer.to_owned()).or_insert(0.0) += ms,
                None => by_layer.of_none.push((name.to_owned(), ms)),
            }
        }
        by_layer
    }
}
