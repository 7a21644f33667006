//! The solids of a scene, and what a ray meets among them.

use super::bvh::Tree;
use super::ground::Ground;
use super::paint::Paint;
use super::shape::{self, Bounds, Level, Ray, Shape};
use super::vector::{Frame, Vec3, vec3};
use crate::data::{Class, VOID};

/// Nothing farther than this is seen, in meters.
const HORIZON_M: f32 = 600.0;

/// A solid with its class and looks.
#[derive(Debug)]
pub(super) struct Solid {
    pub(super) shape: Shape,
    /// A class id, or void.
    pub(super) label: u8,
    pub(super) paint: Paint,
    /// The frame its paint is laid out in.
    pub(super) frame: Frame,
}

/// What the first surface along a ray is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hit {
    pub(super) distance: f32,
    pub(super) normal: Vec3,
    /// The solid's index, or `None` for the ground.
    pub(super) solid: Option<usize>,
}

/// What a solid is labeled as.
pub(super) trait Label {
    /// A class id, or void.
    fn label(self) -> u8;
}

/// A class of streets; `None` is void.
impl Label for Option<Class> {
    fn label(self) -> u8 {
        self.map_or(VOID, Class::id)
    }
}

/// Solids under construction. The methods take local coordinates of a frame.
#[derive(Debug, Default)]
pub(super) struct Builder {
    solids: Vec<Solid>,
    bounds: Vec<Bounds>,
}

impl Builder {
    /// A box with sloping sides.
    pub(super) fn loft(&mut self, at: &Frame, levels: (Level, Level), look: (impl Label, Paint)) {
        self.add(shape::loft(at, levels.0, levels.1), at, look);
    }

    /// A box between two corners.
    pub(super) fn block(&mut self, at: &Frame, low: Vec3, high: Vec3, look: (impl Label, Paint)) {
        let level = |y| Level {
            y,
            x: (low.x, high.x),
            z: (low.z, high.z),
        };
        self.loft(at, (level(low.y), level(high.y)), look);
    }

    /// An upright ellipsoid with half axes `half`.
    pub(super) fn ball(&mut self, at: &Frame, center: Vec3, half: Vec3, look: (impl Label, Paint)) {
        let axes = [
            vec3(half.x, 0.0, 0.0),
            vec3(0.0, half.y, 0.0),
            vec3(0.0, 0.0, half.z),
        ];
        self.add(
            shape::ellipsoid(at.place(center), axes.map(|a| at.turn(a))),
            at,
            look,
        );
    }

    /// A cylinder from one point to another.
    pub(super) fn rod(
        &mut self,
        at: &Frame,
        ends: (Vec3, Vec3),
        radius: f32,
        look: (impl Label, Paint),
    ) {
        self.add(
            shape::rod(at.place(ends.0), at.place(ends.1), radius),
            at,
            look,
        );
    }

    /// A rounded limb: an ellipsoid that reaches a little past both ends.
    pub(super) fn limb(
        &mut self,
        at: &Frame,
        ends: (Vec3, Vec3),
        radius: f32,
        look: (impl Label, Paint),
    ) {
        let (from, to) = (at.place(ends.0), at.place(ends.1));
        let along = (to - from) * 0.5;
        let reach = along * (1.0 + radius * 0.5 / along.length());
        let aside = if along.x.abs() < along.y.abs().max(along.z.abs()) {
            vec3(1.0, 0.0, 0.0)
        } else {
            Vec3::UP
        };
        let first = along.cross(aside).unit();
        let second = along.cross(first).unit();
        let axes = [reach, first * radius, second * radius];
        self.add(shape::ellipsoid((from + to) * 0.5, axes), at, look);
    }

    /// Closes the scene over `ground`.
    pub(super) fn finish(self, ground: Ground) -> World {
        World {
            tree: Tree::build(&self.bounds),
            solids: self.solids,
            ground,
        }
    }

    fn add(
        &mut self,
        (shape, bounds): (Shape, Bounds),
        at: &Frame,
        (class, paint): (impl Label, Paint),
    ) {
        let label = class.label();
        self.solids.push(Solid {
            shape,
            label,
            paint,
            frame: *at,
        });
        self.bounds.push(bounds);
    }
}

/// A finished scene: solids over the ground plane y = 0.
#[derive(Debug)]
pub(super) struct World {
    solids: Vec<Solid>,
    tree: Tree,
    pub(super) ground: Ground,
}

impl World {
    /// The solid that a [`Hit`] names.
    pub(super) fn solid(&self, index: usize) -> &Solid {
        &self.solids[index]
    }

    /// The first surface along `ray`; `None` is sky.
    pub(super) fn first(&self, ray: &Ray) -> Option<Hit> {
        let mut hit = self.meet_ground(ray);
        let limit = hit.map_or(HORIZON_M, |h| h.distance);
        self.tree.visit(ray, limit, |index, limit| {
            let (distance, normal) = self.meet_solid(index, ray, limit)?;
            hit = Some(Hit {
                distance,
                normal,
                solid: Some(index),
            });
            Some(distance)
        });
        hit
    }

    /// Whether anything stands within `reach` meters along `ray`.
    pub(super) fn blocked(&self, ray: &Ray, reach: f32) -> bool {
        let mut blocked = false;
        self.tree.visit(ray, reach, |index, limit| {
            self.meet_solid(index, ray, limit)?;
            blocked = true;
            Some(0.0)
        });
        blocked
    }

    fn meet_solid(&self, index: usize, ray: &Ray, limit: f32) -> Option<(f32, Vec3)> {
        let solid = &self.solids[index];
        let (distance, normal) = solid.shape.enter(ray, limit)?;
        let there = !solid.paint.has_holes() || {
            let facing = -normal.dot(ray.direction);
            solid
                .paint
                .covers(solid.frame.locate(ray.at(distance)), facing)
        };
        there.then_some((distance, normal))
    }

    fn meet_ground(&self, ray: &Ray) -> Option<Hit> {
        let distance = -ray.origin.y / ray.direction.y;
        (distance > 0.0 && distance < HORIZON_M).then_some(Hit {
            distance,
            normal: Vec3::UP,
            solid: None,
        })
    }
}
