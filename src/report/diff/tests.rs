//! Alignments and tables from made-up layers.

use proptest::prelude::*;

use super::align::{Pair, align};
use crate::report::estimate::LayerRecord;

fn layer(name: &str, op: &str, cycles: u64) -> LayerRecord {
    LayerRecord {
        network: "net".to_owned(),
        name: name.to_owned(),
        op: op.to_owned(),
        unit: "array",
        cycles,
        latency_ms: hwmodels::units::float(cycles) / 1e6,
        compute_cycles: cycles,
        macs: 0,
        moved_bytes: 0,
        stalls: Vec::new(),
        utilization: None,
        cached_bytes: 0,
        streamed_bytes: 0,
        fused: false,
        bound_by: None,
        priced_by: None,
        extrapolated: false,
        source: None,
    }
}

fn layers(spelled: &str) -> Vec<LayerRecord> {
    let words = spelled
        .split_whitespace()
        .map(|word| word.split_once(':').unwrap());
    words.map(|(name, op)| layer(name, op, 1)).collect()
}

fn check(a: &str, b: &str, expected: &[Pair]) {
    assert_eq!(align(&layers(a), &layers(b)), expected, "{a} / {b}");
}

#[test]
fn names_come_before_operators() {
    let both = |i, j| (Some(i), Some(j));
    check("x:conv y:add", "x:conv y:add", &[both(0, 0), both(1, 1)]);
    // A block that only the second has.
    check(
        "x:conv z:conv",
        "x:conv y:conv z:conv",
        &[both(0, 0), (None, Some(1)), both(1, 2)],
    );
    // Another name, the same operator, between layers that are the same.
    check(
        "x:conv p:add z:conv",
        "x:conv q:add z:conv",
        &[both(0, 0), both(1, 1), both(2, 2)],
    );
    // The same name with another operator, and in another order.
    check("x:conv p:add", "x:conv p:mul", &[both(0, 0), both(1, 1)]);
    check("x:conv y:dw", "y:dw x:conv", &[both(0, 1), both(1, 0)]);
    // The first with the first.
    check("x:conv x:conv", "x:conv", &[both(0, 0), (Some(1), None)]);
    check("p:add", "q:mul", &[(Some(0), None), (None, Some(0))]);
    check("", "q:mul", &[(None, Some(0))]);
}

proptest! {
    /// Every layer is there once, those of the first in order, and nothing that has the same name
    /// stays alone; nor do neighbors with the same operator.
    #[test]
    fn nothing_is_lost(
        a in prop::collection::vec((0..6_u8, 0..3_u8), 0..20),
        b in prop::collection::vec((0..6_u8, 0..3_u8), 0..20),
    ) {
        let of = |layers: &[(u8, u8)]| -> Vec<LayerRecord> {
            layers.iter().map(|(name, op)| layer(&name.to_string(), &op.to_string(), 1)).collect()
        };
        let (a, b) = (of(&a), of(&b));
        let pairs = align(&a, &b);
        let side_a: Vec<usize> = pairs.iter().filter_map(|pair| pair.0).collect();
        let mut side_b: Vec<usize> = pairs.iter().filter_map(|pair| pair.1).collect();
        side_b.sort_unstable();
        prop_assert_eq!(side_a, (0..a.len()).collect::<Vec<_>>());
        prop_assert_eq!(side_b, (0..b.len()).collect::<Vec<_>>());
        for (x, y) in &pairs {
            if let (Some(x), Some(y)) = (x, y) {
                prop_assert!(a[*x].name == b[*y].name || a[*x].op == b[*y].op);
            }
        }
        let alone_a = || pairs.iter().filter(|pair| pair.1.is_none()).filter_map(|pair| pair.0);
        let alone_b = || pairs.iter().filter(|pair| pair.0.is_none()).filter_map(|pair| pair.1);
        prop_assert!(alone_a().all(|x| alone_b().all(|y| a[x].name != b[y].name)));
        for between in pairs.split(|pair| matches!(pair, (Some(_), Some(_)))) {
            for x in between.iter().filter_map(|pair| pair.0) {
                for y in between.iter().filter_map(|pair| pair.1) {
                    prop_assert!(a[x].op != b[y].op);
                }
            }
        }
    }

    /// Between matched layers as many are matched by operator as can be; the twin tries all.
    #[test]
    fn operators_are_matched_as_often_as_can_be(
        a in prop::collection::vec(0..4_u8, 0..9),
        b in prop::collection::vec(0..4_u8, 0..9),
    ) {
        fn longest(a: &[u8], b: &[u8]) -> usize {
            match (a, b) {
                ([x, a_rest @ ..], [y, b_rest @ ..]) => {
                    let taken = if x == y { 1 + longest(a_rest, b_rest) } else { 0 };
                    taken.max(longest(a_rest, b)).max(longest(a, b_rest))
                }
                _ => 0,
            }
        }
        let of = |network: &str, ops: &[u8]| -> Vec<LayerRecord> {
            let layer = |(index, op): (usize, &u8)| {
                layer(&format!("{network}{index}"), &op.to_string(), 1)
            };
            ops.iter().enumerate().map(layer).collect()
        };
        let pairs = align(&of("a", &a), &of("b", &b));
        let matched = pairs.iter().filter(|pair| matches!(pair, (Some(_), Some(_))));
        prop_assert_eq!(matched.count(), longest(&a, &b));
    }
}
