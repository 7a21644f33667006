//! A tree of boxes over the solids of a scene: a ray visits the few it can meet.

use super::shape::{Bounds, Ray};
use super::vector::{Vec3, vec3};

/// Solids per leaf.
const LEAF: usize = 3;

/// Deeper than any tree over the items of a scene, which halves at every level.
const STACK: usize = 48;

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
            tree.split(items, 0, items.len());
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
        let inverse = vec3(1.0 / d.x, 1.0 / d.y, 1.0 / d.z);
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

    fn split(&mut self, items: &[Bounds], first: usize, end: usize) {
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
        let size = bounds.high - bounds.low;
        let along = |v: Vec3| {
            if size.x >= size.y && size.x >= size.z {
                v.x
            } else if size.z >= size.y {
                v.z
            } else {
                v.y
            }
        };
        own.sort_by(|&a, &b| {
            along(items[a].center())
                .total_cmp(&along(items[b].center()))
                .then(a.cmp(&b))
        });
        let middle = first.midpoint(end);
        self.split(items, first, middle);
        self.nodes[node].next = self.nodes.len();
        self.nodes[node].items = 0;
        self.split(items, middle, end);
    }
}

/// Where the ray enters the box, if it does before `limit`. A NaN of 0 x infinity, for a ray in a
/// face of the box, loses every `min` and `max` and so does not decide.
fn meets(bounds: &Bounds, origin: Vec3, inverse: Vec3, limit: f32) -> Option<f32> {
    let a = (bounds.low - origin).tint(inverse);
    let b = (bounds.high - origin).tint(inverse);
    let (low, high) = (a.min(b), a.max(b));
    let entry = low.x.max(low.y).max(low.z).max(0.0);
    let exit = high.x.min(high.y).min(high.z).min(limit);
    (entry <= exit).then_some(entry)
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
