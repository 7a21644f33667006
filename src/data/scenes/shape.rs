//! The three solids everything is made of, and where a ray enters them.

use super::vector::{Frame, Vec3, vec3};

/// A half line; `direction` is a unit vector.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ray {
    pub(super) origin: Vec3,
    pub(super) direction: Vec3,
}

impl Ray {
    /// The point `distance` meters along.
    pub(super) fn at(&self, distance: f32) -> Vec3 {
        self.origin + self.direction * distance
    }
}

/// A convex solid in the world.
#[derive(Clone, Debug)]
pub(super) enum Shape {
    /// Between six planes `normal . p <= offset`.
    Block { planes: [(Vec3, f32); 6] },
    /// Where `rows * (p - center)` is inside the unit sphere.
    Ellipsoid { center: Vec3, rows: [Vec3; 3] },
    /// Capped, from `base` along the unit vector `axis`.
    Cylinder {
        base: Vec3,
        axis: Vec3,
        length: f32,
        radius: f32,
    },
}

/// An axis-aligned box around a shape.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) low: Vec3,
    pub(super) high: Vec3,
}

impl Bounds {
    /// The box around both.
    pub(super) fn union(self, other: Self) -> Self {
        Self {
            low: self.low.min(other.low),
            high: self.high.max(other.high),
        }
    }

    pub(super) fn center(&self) -> Vec3 {
        (self.low + self.high) * 0.5
    }

    fn around(center: Vec3, half: Vec3) -> Self {
        Self {
            low: center - half,
            high: center + half,
        }
    }
}

/// A rectangle in the local x-z plane at height `y`: one end of a [`loft`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Level {
    pub(super) y: f32,
    pub(super) x: (f32, f32),
    pub(super) z: (f32, f32),
}

/// A box with sloping sides from one level up to another: body, cabin, gable roof, kerb.
pub(super) fn loft(frame: &Frame, bottom: Level, top: Level) -> (Shape, Bounds) {
    let rise = top.y - bottom.y;
    let side = |normal: Vec3, point: Vec3| {
        let normal = frame.turn(normal.unit());
        (normal, normal.dot(frame.place(point)))
    };
    let planes = [
        side(Vec3::UP, vec3(0.0, top.y, 0.0)),
        side(-Vec3::UP, vec3(0.0, bottom.y, 0.0)),
        side(
            vec3(rise, bottom.x.1 - top.x.1, 0.0),
            vec3(bottom.x.1, bottom.y, 0.0),
        ),
        side(
            vec3(-rise, top.x.0 - bottom.x.0, 0.0),
            vec3(bottom.x.0, bottom.y, 0.0),
        ),
        side(
            vec3(0.0, bottom.z.1 - top.z.1, rise),
            vec3(0.0, bottom.y, bottom.z.1),
        ),
        side(
            vec3(0.0, top.z.0 - bottom.z.0, -rise),
            vec3(0.0, bottom.y, bottom.z.0),
        ),
    ];
    let corners = [bottom, top].into_iter().flat_map(|l| {
        [
            (l.x.0, l.z.0),
            (l.x.0, l.z.1),
            (l.x.1, l.z.0),
            (l.x.1, l.z.1),
        ]
        .map(|(x, z)| frame.place(vec3(x, l.y, z)))
    });
    let bounds = corners
        .map(|corner| Bounds {
            low: corner,
            high: corner,
        })
        .reduce(Bounds::union)
        .expect("a loft has eight corners");
    (Shape::Block { planes }, bounds)
}

/// An ellipsoid with three orthogonal half axes, given in the world.
pub(super) fn ellipsoid(center: Vec3, axes: [Vec3; 3]) -> (Shape, Bounds) {
    let rows = axes.map(|axis| axis * (1.0 / axis.dot(axis)));
    let reach = |f: fn(Vec3) -> f32| axes.iter().map(|&a| f(a) * f(a)).sum::<f32>().sqrt();
    let half = vec3(reach(|a| a.x), reach(|a| a.y), reach(|a| a.z));
    (
        Shape::Ellipsoid { center, rows },
        Bounds::around(center, half),
    )
}

/// A rod of `radius` from `from` to `to`, given in the world.
pub(super) fn rod(from: Vec3, to: Vec3, radius: f32) -> (Shape, Bounds) {
    let length = (to - from).length();
    let axis = (to - from) * (1.0 / length);
    let spread = |a: f32| radius * (1.0 - a * a).max(0.0).sqrt();
    let half = vec3(spread(axis.x), spread(axis.y), spread(axis.z));
    let bounds = Bounds::around(from, half).union(Bounds::around(to, half));
    (
        Shape::Cylinder {
            base: from,
            axis,
            length,
            radius,
        },
        bounds,
    )
}

impl Shape {
    /// Distance and outward unit normal where `ray` enters the shape from outside, in front of
    /// its origin and nearer than `limit`.
    pub(super) fn enter(&self, ray: &Ray, limit: f32) -> Option<(f32, Vec3)> {
        match self {
            Self::Block { planes } => enter_block(planes, ray, limit),
            Self::Ellipsoid { center, rows } => enter_ellipsoid(*center, rows, ray, limit),
            Self::Cylinder {
                base,
                axis,
                length,
                radius,
            } => enter_cylinder((*base, *axis), (*length, *radius), ray, limit),
        }
    }
}

fn enter_block(planes: &[(Vec3, f32); 6], ray: &Ray, limit: f32) -> Option<(f32, Vec3)> {
    let (mut near, mut far) = (0.0, limit);
    let mut normal = Vec3::ZERO;
    for &(n, offset) in planes {
        let gap = offset - n.dot(ray.origin);
        let speed = n.dot(ray.direction);
        if speed < 0.0 {
            let t = gap / speed;
            if t > near {
                (near, normal) = (t, n);
            }
        } else if speed > 0.0 {
            far = f32::min(far, gap / speed);
        } else if gap < 0.0 {
            return None;
        }
        if near >= far {
            return None;
        }
    }
    (near > 0.0).then_some((near, normal))
}

fn enter_ellipsoid(c: Vec3, rows: &[Vec3; 3], ray: &Ray, limit: f32) -> Option<(f32, Vec3)> {
    let map = |v: Vec3| vec3(rows[0].dot(v), rows[1].dot(v), rows[2].dot(v));
    let (origin, direction) = (map(ray.origin - c), map(ray.direction));
    let t = enter_ball(origin, direction, 1.0)?;
    if t <= 0.0 || t >= limit {
        return None;
    }
    let on_sphere = origin + direction * t;
    let normal = rows[0] * on_sphere.x + rows[1] * on_sphere.y + rows[2] * on_sphere.z;
    Some((t, normal.unit()))
}

fn enter_cylinder(
    (base, axis): (Vec3, Vec3),
    (length, radius): (f32, f32),
    ray: &Ray,
    limit: f32,
) -> Option<(f32, Vec3)> {
    let from = ray.origin - base;
    let (along, speed) = (axis.dot(from), axis.dot(ray.direction));
    let (across, drift) = (from - axis * along, ray.direction - axis * speed);
    if drift.dot(drift) > 0.0 {
        let t = enter_ball(across, drift, radius)?;
        let height = along + speed * t;
        if t > 0.0 && t < limit && (0.0..=length).contains(&height) {
            return Some((t, (across + drift * t).unit()));
        }
    }
    let (cap, normal) = if speed > 0.0 {
        (0.0, -axis)
    } else {
        (length, axis)
    };
    let t = (cap - along) / speed;
    let radial = across + drift * t;
    let inside = t > 0.0 && t < limit && radial.dot(radial) < radius * radius;
    inside.then_some((t, normal))
}

/// Where `from + t * step` enters the ball of `radius` around 0. Measured from the point nearest
/// to the center, so that thin things far away keep their shape in single precision.
fn enter_ball(from: Vec3, step: Vec3, radius: f32) -> Option<f32> {
    let speed = step.dot(step);
    let nearest_t = -from.dot(step) / speed;
    let nearest = from + step * nearest_t;
    let inside = radius * radius - nearest.dot(nearest);
    (inside > 0.0).then(|| nearest_t - (inside / speed).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shapes() -> [(Shape, Bounds); 3] {
        let frame = Frame::new(vec3(0.2, -0.1, 0.3), 0.7);
        let bottom = Level {
            y: -0.5,
            x: (-0.8, 0.7),
            z: (-0.6, 0.9),
        };
        let top = Level {
            y: 0.6,
            x: (-0.3, 0.5),
            z: (-0.6, 0.2),
        };
        [
            loft(&frame, bottom, top),
            ellipsoid(
                vec3(0.1, 0.2, 0.0),
                [
                    vec3(0.6, 0.6, 0.0),
                    vec3(-0.3, 0.3, 0.0),
                    vec3(0.0, 0.0, 0.5),
                ],
            ),
            rod(vec3(-0.4, -0.5, 0.1), vec3(0.5, 0.6, -0.2), 0.4),
        ]
    }

    fn inside(shape: &Shape, p: Vec3) -> bool {
        match shape {
            Shape::Block { planes } => planes.iter().all(|&(n, d)| n.dot(p) <= d),
            Shape::Ellipsoid { center, rows } => {
                rows.iter().map(|r| r.dot(p - *center).powi(2)).sum::<f32>() <= 1.0
            }
            Shape::Cylinder {
                base,
                axis,
                length,
                radius,
            } => {
                let along = axis.dot(p - *base);
                let radial = (p - *base - *axis * along).length();
                (0.0..=*length).contains(&along) && radial <= *radius
            }
        }
    }

    proptest! {
        /// The twin walks the ray in small steps until a point lies inside.
        #[test]
        fn a_ray_enters_where_walking_says(
            angle in 0.0..std::f32::consts::TAU, y in -1.5f32..1.5, dx in -0.6f32..0.6, dy in -0.6f32..0.6,
        ) {
            let origin = vec3(3.0 * angle.cos(), y, 3.0 * angle.sin());
            let direction = (vec3(dx, dy - y * 0.3, dx * dy) - origin).unit();
            let ray = Ray { origin, direction };
            for (shape, bounds) in shapes() {
                let step = 0.002;
                let walked = (1..3000).map(|i| i as f32 * step).find(|&t| inside(&shape, ray.at(t)));
                match (shape.enter(&ray, 6.0), walked) {
                    (Some((t, normal)), Some(walked)) => {
                        prop_assert!(t <= walked + 1e-3 && t > walked - step - 1e-3, "{t} {walked}");
                        prop_assert!((normal.length() - 1.0).abs() < 1e-4);
                        prop_assert!(normal.dot(direction) <= 0.0);
                        let p = ray.at(t);
                        prop_assert_eq!(p.max(bounds.low - vec3(1e-3, 1e-3, 1e-3)), p);
                        prop_assert_eq!(p.min(bounds.high + vec3(1e-3, 1e-3, 1e-3)), p);
                    }
                    (None, None) => {}
                    // A graze shorter than one step is invisible to the walk.
                    (Some((t, _)), None) => prop_assert!(!inside(&shape, ray.at(t + step))),
                    (None, Some(walked)) => prop_assert!(!inside(&shape, ray.at(walked + step))),
                }
            }
        }
    }
}
