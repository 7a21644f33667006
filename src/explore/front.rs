//! Pareto fronts over any number of costs.

/// For every point, whether no other is at least as good in all costs and better in one; less is
/// better. All points have the same number of costs.
#[must_use]
pub fn on_front(points: &[Vec<f64>]) -> Vec<bool> {
    let mut order: Vec<usize> = (0..points.len()).collect();
    let costs = |a: &usize, b: &usize| {
        let pairs = points[*a].iter().zip(&points[*b]);
        pairs.fold(std::cmp::Ordering::Equal, |so_far, (a, b)| {
            so_far.then(a.total_cmp(b))
        })
    };
    // In this order nothing is beaten by what comes after it.
    order.sort_by(costs);
    let mut front: Vec<usize> = Vec::new();
    let mut marks = vec![false; points.len()];
    for index in order {
        let point = &points[index];
        if !front.iter().any(|better| beats(&points[*better], point)) {
            marks[index] = true;
            // Equal points need one comparison only.
            if front.last().is_none_or(|last| points[*last] != *point) {
                front.push(index);
            }
        }
    }
    marks
}

fn beats(a: &[f64], b: &[f64]) -> bool {
    a.iter().zip(b).all(|(a, b)| a <= b) && a != b
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// The twin compares every pair.
        #[test]
        fn the_front_is_what_nothing_beats(
            points in (1usize..4).prop_flat_map(|costs| {
                prop::collection::vec(prop::collection::vec((0u8..6).prop_map(f64::from), costs), 0..40)
            })
        ) {
            let twin: Vec<bool> = points.iter().map(|b| !points.iter().any(|a| beats(a, b))).collect();
            prop_assert_eq!(on_front(&points), twin);
        }
    }
}
