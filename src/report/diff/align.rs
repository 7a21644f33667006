//! Which layers of two estimates belong together.
//!
//! Layers of the same name and operator do, the first with the first, wherever they run; then those
//! of the same name. What is left between matched layers is matched by operator, in order. Two
//! networks of one search space share most names.

use std::collections::{BTreeMap, VecDeque};

use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::report::estimate::LayerRecord;

/// Indices of layers that belong together; one is missing where there is no counterpart.
pub(super) type Pair = (Option<usize>, Option<usize>);

/// Every layer of both, once, in the order of `a`; those of `b` alone follow what `b` has before
/// them.
pub(super) fn align(a: &[LayerRecord], b: &[LayerRecord]) -> Vec<Pair> {
    let mut partners = vec![None; a.len()];
    match_names(a, b, &mut partners, |layer| (&layer.name, &layer.op));
    // A transfer to the chip is not one from it.
    match_names(a, b, &mut partners, |layer| {
        let transfer = if layer.unit == "link" { &layer.op } else { "" };
        (&layer.name, transfer)
    });
    let rows = rows(&partners, b.len());
    let is_matched = |pair: &Pair| matches!(pair, (Some(_), Some(_)));
    let groups = rows.chunk_by(|x, y| is_matched(x) == is_matched(y));
    groups
        .flat_map(|group| match group.first() {
            Some(first) if !is_matched(first) => match_operators(a, b, group),
            Some(_) | None => group.to_vec(),
        })
        .collect()
}

/// Gives layers of `a` without a partner the first of `b` that has the same key and none either.
fn match_names<'a>(
    a: &'a [LayerRecord],
    b: &'a [LayerRecord],
    partners: &mut [Option<usize>],
    key: fn(&'a LayerRecord) -> (&'a str, &'a str),
) {
    let mut free: BTreeMap<(&str, &str), VecDeque<usize>> = BTreeMap::new();
    let mut taken = vec![false; b.len()];
    partners
        .iter()
        .flatten()
        .for_each(|index| taken[*index] = true);
    for (index, layer) in b.iter().enumerate().filter(|(index, _)| !taken[*index]) {
        free.entry(key(layer)).or_default().push_back(index);
    }
    for (layer, partner) in a.iter().zip(partners) {
        if partner.is_none() {
            *partner = free.get_mut(&key(layer)).and_then(VecDeque::pop_front);
        }
    }
}

/// The layers of `a`, and behind each those of `b` without a partner that follow its partner.
fn rows(partners: &[Option<usize>], b_layers: usize) -> Vec<Pair> {
    let mut of_a: Vec<Option<usize>> = vec![None; b_layers];
    for (index, partner) in partners.iter().enumerate() {
        if let Some(partner) = partner {
            of_a[*partner] = Some(index);
        }
    }
    // By the number of layers of `a` before them.
    let mut alone: Vec<Vec<usize>> = vec![Vec::new(); partners.len() + 1];
    let mut place = 0;
    for (index, of_a) in of_a.iter().enumerate() {
        match of_a {
            Some(partner) => place = partner + 1,
            None => alone[place].push(index),
        }
    }
    let mut rows = Vec::with_capacity(partners.len().max(b_layers));
    let mut alone = alone.into_iter();
    let b_only = |group: Option<Vec<usize>>| {
        let group = group.unwrap_or_default().into_iter();
        group.map(|index| (None, Some(index)))
    };
    rows.extend(b_only(alone.next()));
    for (index, partner) in partners.iter().enumerate() {
        rows.push((Some(index), *partner));
        rows.extend(b_only(alone.next()));
    }
    rows
}

/// Matches rows of a single layer by operator, as many as can be without changing the order.
fn match_operators(a: &[LayerRecord], b: &[LayerRecord], rows: &[Pair]) -> Vec<Pair> {
    let only_a: Vec<usize> = rows.iter().filter_map(|row| row.0).collect();
    let only_b: Vec<usize> = rows.iter().filter_map(|row| row.1).collect();
    let key = |layer: &LayerRecord| (layer.op.clone(), layer.unit);
    let keys_a: Vec<_> = only_a.iter().map(|index| key(&a[*index])).collect();
    let keys_b: Vec<_> = only_b.iter().map(|index| key(&b[*index])).collect();
    let mut pairs = Vec::with_capacity(rows.len());
    for operation in capture_diff_slices(Algorithm::Myers, &keys_a, &keys_b) {
        let (_, in_a, in_b) = operation.as_tag_tuple();
        let of_a = only_a[in_a].iter().map(|index| Some(*index));
        let of_b = only_b[in_b].iter().map(|index| Some(*index));
        match operation {
            DiffOp::Equal { .. } => pairs.extend(of_a.zip(of_b)),
            DiffOp::Delete { .. } | DiffOp::Insert { .. } | DiffOp::Replace { .. } => {
                pairs.extend(of_a.map(|index| (index, None)));
                pairs.extend(of_b.map(|index| (None, index)));
            }
        }
    }
    pairs
}
