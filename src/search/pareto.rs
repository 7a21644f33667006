//! Pareto order: the fronts of a population, and how crowded one is.
//!
//! Points hold one number per objective; higher is better. Source of the sort and of the distance:
//! Deb et al., "A Fast and Elitist Multiobjective Genetic Algorithm: NSGA-II", sections III A and B.

/// Distance of the points at the ends of a front, which are kept before all others.
pub(super) const END: f64 = f64::MAX;

/// Whether `a` is nowhere worse than `b` and somewhere better.
pub(super) fn dominates(a: &[f64], b: &[f64]) -> bool {
    let mut pairs = a.iter().zip(b);
    pairs.all(|(a, b)| a >= b) && a.iter().zip(b).any(|(a, b)| a > b)
}

/// The fronts of `count` points: the first is beaten by none, the second by the first only, and so
/// on. Indices ascend within a front.
pub(super) fn fronts(count: usize, dominates: impl Fn(usize, usize) -> bool) -> Vec<Vec<usize>> {
    let mut beats: Vec<Vec<usize>> = vec![Vec::new(); count];
    let mut beaten_by = vec![0_usize; count];
    for a in 0..count {
        for b in 0..a {
            let (winner, loser) = match (dominates(a, b), dominates(b, a)) {
                (true, _) => (a, b),
                (_, true) => (b, a),
                (false, false) => continue,
            };
            beats[winner].push(loser);
            beaten_by[loser] += 1;
        }
    }
    let mut fronts = Vec::new();
    let mut front: Vec<usize> = (0..count).filter(|&at| beaten_by[at] == 0).collect();
    while !front.is_empty() {
        let mut next = Vec::new();
        for &winner in &front {
            for &loser in &beats[winner] {
                beaten_by[loser] -= 1;
                if beaten_by[loser] == 0 {
                    next.push(loser);
                }
            }
        }
        next.sort_unstable();
        fronts.push(std::mem::replace(&mut front, next));
    }
    fronts
}

/// For every point of a front, the extent of the box that its neighbors leave it, summed over the
/// objectives in shares of the front's extent; [`END`] at the ends.
pub(super) fn crowding(points: &[&[f64]]) -> Vec<f64> {
    let mut distances = vec![0.0; points.len()];
    let objectives = points.first().map_or(0, |point| point.len());
    for objective in 0..objectives {
        let at = |index: usize| points[index][objective];
        let mut order: Vec<usize> = (0..points.len()).collect();
        order.sort_by(|&a, &b| at(a).total_cmp(&at(b)).then(a.cmp(&b)));
        let (Some(&low), Some(&high)) = (order.first(), order.last()) else {
            continue;
        };
        (distances[low], distances[high]) = (END, END);
        let extent = at(high) - at(low);
        if extent <= 0.0 {
            continue;
        }
        for around in order.windows(3) {
            let distance = &mut distances[around[1]];
            if *distance < END {
                *distance += (at(around[2]) - at(around[0])) / extent;
            }
        }
    }
    distances
}
