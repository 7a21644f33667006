//! A tree of boxes over the solids of a scene: a ray visits the few it can meet.

use super::shape::{Bounds, Ray};
use super::vector::{Vec3, less, more, vec3};

/// Solids per leaf.
const LEAF: usize = 2;

/// Slabs among which the best cut of a node is searched.
const BINS: usize = 12;

/// Below this depth nodes are halved, so that a tree over n items has at most
/// `DEPTH_FREE + log2(n)` levels.
const DEPTH_FREE: usize = 40;

/// Room for the path down any tree: `DEPTH_FREE` and the bits of an item count.
const STACK: usize = 72;

#[derive(Debug)]
struct Node {
    bounds: Bounds,
    /// First item of a leaf; otherwise the right child (the left one follows its parent).
    next: usize,
    /// Items in a leaf, 0 in an inner node.
    items: usize,
}

/// The tree; items are named by their index in the slice it was built from.
#[derive(Debug, Default)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    order: Vec<usize>,
}

impl Tree {
    /// Builds over one box per item.
    pub(super) fn build(items: &[Bounds]) -> Self {
        let mut tree = Self {
            nodes: Vec::new(),
            order: (0..items.len()).collect(),
        };
        if !items.is_empty() {
            tree.split(items, (0, items.len()), 0);
        }
        tree
    }

    /// Calls `test(item, limit)` for items whose box `ray` meets nearer than the limit, near ones
    /// first; a returned distance becomes the new limit.
    pub(super) fn visit(
        &self,
        ray: &Ray,
        limit: f32,
        mut test: impl FnMut(usize, f32) -> Option<f32>,
    ) {
        if self.nodes.is_empty() {
            return;
        }
        let d = ray.direction;
        let inverse = vec3(inverse(d.x), inverse(d.y), inverse(d.z));
        let mut limit = limit;
        let mut stack = [(0, 0.0); STACK];
        let mut depth = 1;
        while depth > 0 {
            depth -= 1;
            let (index, entry) = stack[depth];
            if entry >= limit {
                continue;
            }
            let node = &self.nodes[index];
            if node.items > 0 {
                for &item in &self.order[node.next..node.next + node.items] {
                    limit = test(item, limit).unwrap_or(limit);
                }
                continue;
            }
            let mut push = |child: usize, entry: Option<f32>| {
                if let Some(entry) = entry {
                    stack[depth] = (child, entry);
                    depth += 1;
                }
            };
            let (left, right) = (index + 1, node.next);
            let near = meets(&self.nodes[left].bounds, ray.origin, inverse, limit);
            let far = meets(&self.nodes[right].bounds, ray.origin, inverse, limit);
            if near <= far {
                push(right, far);
                push(left, near);
            } else {
                push(left, near);
                push(right, far);
            }
        }
    }

    fn split(&mut self, items: &[Bounds], (first, end): (usize, usize), depth: usize) {
        let own = &mut self.order[first..end];
        let bounds = own
            .iter()
            .map(|&i| items[i])
            .reduce(Bounds::union)
            .expect("a node has items");
        let node = self.nodes.len();
        self.nodes.push(Node {
            bounds,
            next: first,
            items: end - first,
        });
        if end - first <= LEAF {
            return;
        }
        let cut = if depth < DEPTH_FREE {
            cheapest(items, own)
        } else {
            None
        };
        let left = cut.map_or(0, |cut| {
            let goes_left = |i: usize| cut.bin(&items[i]) <= cut.last;
            let mut sorted: Vec<usize> = own.iter().copied().filter(|&i| goes_left(i)).collect();
            let left = sorted.len();
            sorted.extend(own.iter().copied().filter(|&i| !goes_left(i)));
            own.copy_from_slice(&sorted);
            left
        });
        // No plane tells items with one center apart, and a tree must not get too deep: halve.
        let middle = if left == 0 {
            first.midpoint(end)
        } else {
            first + left
        };
        self.split(items, (first, middle), depth + 1);
        self.nodes[node].next = self.nodes.len();
        self.nodes[node].items = 0;
        self.split(items, (middle, end), depth + 1);
    }
}

/// A plane across an axis between two of [`BINS`] slabs; slabs up to `last` lie left of it.
#[derive(Clone, Copy)]
struct Cut {
    axis: fn(Vec3) -> f32,
    low: f32,
    bins_per_m: f32,
    last: usize,
}

impl Cut {
    /// The slab that the center of a box falls in.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "in 0..BINS"
    )]
    fn bin(&self, item: &Bounds) -> usize {
        let bin = ((self.axis)(item.center()) - self.low) * self.bins_per_m;
        (bin.max(0.0) as usize).min(BINS - 1)
    }
}

/// The cut with the least expected work: the sum over both sides of items times surface, since a
/// ray meets a box about as often as its surface is large. `None` if all centers coincide.
fn cheapest(items: &[Bounds], own: &[usize]) -> Option<Cut> {
    let mut best: Option<(f32, Cut)> = None;
    for axis in [(|v: Vec3| v.x) as fn(Vec3) -> f32, |v| v.y, |v| v.z] {
        let centers = own.iter().map(|&i| axis(items[i].center()));
        let (low, high) = centers.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), c| {
            (low.min(c), high.max(c))
        });
        if high - low < 1e-4 {
            continue;
        }
        let mut cut = Cut {
            axis,
            low,
            bins_per_m: BINS as f32 / (high - low),
            last: 0,
        };
        let mut bins = [(0_u32, None::<Bounds>); BINS];
        for &item in own {
            let (count, bounds) = &mut bins[cut.bin(&items[item])];
            *count += 1;
            *bounds = Some(bounds.map_or(items[item], |b| b.union(items[item])));
        }
        let mut from_right = [0.0; BINS];
        let mut right = (0, None);
        for bin in (1..BINS).rev() {
            right = join(right, bins[bin]);
            from_right[bin] = work(right);
        }
        let mut left = (0, None);
        for last in 0..BINS - 1 {
            left = join(left, bins[last]);
            let total = work(left) + from_right[last + 1];
            if left.0 > 0
                && from_right[last + 1] > 0.0
                && best.is_none_or(|(least, _)| total < least)
            {
                cut.last = last;
                best = Some((total, cut));
            }
        }
    }
    best.map(|(_, cut)| cut)
}

fn join(a: (u32, Option<Bounds>), b: (u32, Option<Bounds>)) -> (u32, Option<Bounds>) {
    let bounds = match (a.1, b.1) {
        (Some(a), Some(b)) => Some(a.union(b)),
        (one, None) | (None, one) => one,
    };
    (a.0 + b.0, bounds)
}

fn work((count, bounds): (u32, Option<Bounds>)) -> f32 {
    bounds.map_or(0.0, |b| {
        let size = b.high - b.low;
        count as f32 * (size.x * size.y + size.y * size.z + size.z * size.x)
    })
}

/// Where the ray enters the box, if it does before `limit`.
fn meets(bounds: &Bounds, origin: Vec3, inverse: Vec3, limit: f32) -> Option<f32> {
    let a = (bounds.low - origin).tint(inverse);
    let b = (bounds.high - origin).tint(inverse);
    let (low, high) = (a.min(b), a.max(b));
    let entry = more(more(low.x, low.y), more(low.z, 0.0));
    let exit = less(less(high.x, high.y), less(high.z, limit));
    (entry <= exit).then_some(entry)
}

/// One over a component of a direction, finite also where that is 0.
fn inverse(component: f32) -> f32 {
    if component.abs() < 1e-12 {
        1e12
    } else {
        1.0 / component
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::scenes::shape::{Shape, ellipsoid};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn finds_what_trying_every_solid_finds(
            centers in prop::collection::vec((-9f32..9.0, -9f32..9.0, 2f32..30.0, 0.1f32..2.0), 0..80),
            aim in (-1f32..1.0, -1f32..1.0),
        ) {
            let solids: Vec<(Shape, Bounds)> = centers.iter().map(|&(x, y, z, r)| {
                ellipsoid(vec3(x, y, z), [vec3(r, 0.0, 0.0), vec3(0.0, r, 0.0), vec3(0.0, 0.0, r)])
            }).collect();
            let ray = Ray { origin: Vec3::ZERO, direction: vec3(aim.0, aim.1, 1.0).unit() };
            let naive = solids.iter().filter_map(|(s, _)| s.enter(&ray, 100.0)).map(|(t, _)| t)
                .fold(100.0, f32::min);
            let mut found = 100.0;
            let boxes: Vec<Bounds> = solids.iter().map(|&(_, b)| b).collect();
            Tree::build(&boxes).visit(&ray, 100.0, |item, limit| {
                let (t, _) = solids[item].0.enter(&ray, limit)?;
                found = t;
                Some(t)
            });
            prop_assert_eq!(found, naive);
        }
    }
}
