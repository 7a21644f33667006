//! Which layers of two estimates belong together.
//!
//! Layers of the same name and operator do, in an order that both estimates have. Between them
//! layers of the same name do whatever the operator, and between those, layers of the same
//! operator. Two networks of one search space share most names.

use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::report::estimate::LayerRecord;

/// Indices of layers that belong together; one is missing where there is no counterpart.
pub(super) type Pair = (Option<usize>, Option<usize>);

/// What layers that belong together have in common; either part may not count.
type Key<'a> = (Option<&'a str>, Option<&'a str>);

/// The keys to try, in order, each between the layers that those before it matched.
const KEYS: [fn(&LayerRecord) -> Key<'_>; 3] = [
    |layer| (Some(&layer.name), Some(&layer.op)),
    |layer| (Some(&layer.name), None),
    |layer| (None, Some(&layer.op)),
];

/// Every layer of both, once, in the order that each has; where neither belongs to the other,
/// those of `a` come first.
pub(super) fn align(a: &[LayerRecord], b: &[LayerRecord]) -> Vec<Pair> {
    let mut pairs = Vec::with_capacity(a.len().max(b.len()));
    let mut alignment = Alignment {
        a,
        b,
        pairs: &mut pairs,
    };
    alignment.fill(0..a.len(), 0..b.len(), &KEYS);
    pairs
}

struct Alignment<'a> {
    a: &'a [LayerRecord],
    b: &'a [LayerRecord],
    pairs: &'a mut Vec<Pair>,
}

impl Alignment<'_> {
    /// Pairs the layers of two ranges by the first of `keys`, and what lies between by the others.
    fn fill(&mut self, a: Range<usize>, b: Range<usize>, keys: &[fn(&LayerRecord) -> Key<'_>]) {
        let Some((key, rest)) = keys.split_first() else {
            self.pairs.extend(a.map(|index| (Some(index), None)));
            self.pairs.extend(b.map(|index| (None, Some(index))));
            return;
        };
        let (mut next_a, mut next_b) = (a.start, b.start);
        for (x, y) in common(&self.a[a.clone()], &self.b[b.clone()], *key) {
            let (x, y) = (a.start + x, b.start + y);
            self.fill(next_a..x, next_b..y, rest);
            self.pairs.push((Some(x), Some(y)));
            (next_a, next_b) = (x + 1, y + 1);
        }
        self.fill(next_a..a.end, next_b..b.end, rest);
    }
}

/// The longest sequence of layers with the same keys in both.
fn common(
    a: &[LayerRecord],
    b: &[LayerRecord],
    key: fn(&LayerRecord) -> Key<'_>,
) -> Vec<(usize, usize)> {
    let keys_a: Vec<Key<'_>> = a.iter().map(key).collect();
    let keys_b: Vec<Key<'_>> = b.iter().map(key).collect();
    let operations = capture_diff_slices(Algorithm::Myers, &keys_a, &keys_b);
    let equal = operations
        .into_iter()
        .filter_map(|operation| match operation {
            DiffOp::Equal {
                old_index,
                new_index,
                len,
            } => Some((old_index..old_index + len).zip(new_index..new_index + len)),
            DiffOp::Delete { .. } | DiffOp::Insert { .. } | DiffOp::Replace { .. } => None,
        });
    equal.flatten().collect()
}
