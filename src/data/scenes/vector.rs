//! Three-vectors for points, directions and linear colors, and frames turned about the vertical.

use std::ops::{Add, AddAssign, Mul, Neg, Sub};

/// A point or direction in meters (world: x right, y up, z along the street), or a linear color.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Vec3 {
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) z: f32,
}

/// Shorthand for a vector.
pub(super) const fn vec3(x: f32, y: f32, z: f32) -> Vec3 {
    Vec3 { x, y, z }
}

/// A gray of linear brightness `v`.
pub(super) const fn gray(v: f32) -> Vec3 {
    vec3(v, v, v)
}

impl Vec3 {
    pub(super) const ZERO: Self = vec3(0.0, 0.0, 0.0);
    pub(super) const UP: Self = vec3(0.0, 1.0, 0.0);

    pub(super) fn dot(self, other: Self) -> f32 {
        self.x * other.x + self.y * other.y + self.z * other.z
    }

    pub(super) fn length(self) -> f32 {
        self.dot(self).sqrt()
    }

    pub(super) fn unit(self) -> Self {
        self * (1.0 / self.length())
    }

    pub(super) fn cross(self, o: Self) -> Self {
        vec3(
            self.y * o.z - self.z * o.y,
            self.z * o.x - self.x * o.z,
            self.x * o.y - self.y * o.x,
        )
    }

    /// Component by component, as a surface filters light.
    pub(super) fn tint(self, o: Self) -> Self {
        vec3(self.x * o.x, self.y * o.y, self.z * o.z)
    }

    pub(super) fn min(self, o: Self) -> Self {
        vec3(less(self.x, o.x), less(self.y, o.y), less(self.z, o.z))
    }

    pub(super) fn max(self, o: Self) -> Self {
        vec3(more(self.x, o.x), more(self.y, o.y), more(self.z, o.z))
    }

    /// From `self` at `t` = 0 to `o` at `t` = 1.
    pub(super) fn mix(self, o: Self, t: f32) -> Self {
        self + (o - self) * t
    }
}

/// The smaller of two numbers; one machine instruction, since nothing here is NaN.
pub(super) fn less(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

/// The larger of two numbers; one machine instruction, since nothing here is NaN.
pub(super) fn more(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

impl Add for Vec3 {
    type Output = Self;
    fn add(self, o: Self) -> Self {
        vec3(self.x + o.x, self.y + o.y, self.z + o.z)
    }
}

impl AddAssign for Vec3 {
    fn add_assign(&mut self, o: Self) {
        *self = *self + o;
    }
}

impl Sub for Vec3 {
    type Output = Self;
    fn sub(self, o: Self) -> Self {
        vec3(self.x - o.x, self.y - o.y, self.z - o.z)
    }
}

impl Neg for Vec3 {
    type Output = Self;
    fn neg(self) -> Self {
        self * -1.0
    }
}

impl Mul<f32> for Vec3 {
    type Output = Self;
    fn mul(self, s: f32) -> Self {
        vec3(self.x * s, self.y * s, self.z * s)
    }
}

/// Where an object stands and which way it faces: local x is its right, y up, z its front.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    origin: Vec3,
    sin: f32,
    cos: f32,
}

impl Frame {
    /// At `origin`, turned by `yaw` radians so that the front goes from +z toward +x.
    pub(super) fn new(origin: Vec3, yaw: f32) -> Self {
        let (sin, cos) = yaw.sin_cos();
        Self { origin, sin, cos }
    }

    /// Turned the same way, at `origin`.
    pub(super) fn moved(&self, origin: Vec3) -> Self {
        Self { origin, ..*self }
    }

    /// A local direction in the world.
    pub(super) fn turn(&self, v: Vec3) -> Vec3 {
        vec3(
            self.cos * v.x + self.sin * v.z,
            v.y,
            self.cos * v.z - self.sin * v.x,
        )
    }

    /// A world direction in the local frame.
    pub(super) fn turn_back(&self, v: Vec3) -> Vec3 {
        vec3(
            self.cos * v.x - self.sin * v.z,
            v.y,
            self.cos * v.z + self.sin * v.x,
        )
    }

    /// A local point in the world.
    pub(super) fn place(&self, p: Vec3) -> Vec3 {
        self.origin + self.turn(p)
    }

    /// A world point in the local frame.
    pub(super) fn locate(&self, p: Vec3) -> Vec3 {
        self.turn_back(p - self.origin)
    }
}
