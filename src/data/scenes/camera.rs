//! The camera behind the windscreen: pixels to rays, and world directions to its frame.
//!
//! Camera frame: x right, y down, z forward. The focal length in pixels is
//! `FOCAL * sqrt(2 * height * width)`: 51 degrees wide at 1:2 as in Cityscapes, and neither a
//! tunnel nor a fisheye at other aspects.

use super::random::Stream;
use super::shape::Ray;
use super::vector::{Vec3, vec3};

/// Focal length over the square root of twice the pixel count.
const FOCAL: f32 = 1.04;

/// A pinhole without roll.
#[derive(Clone, Copy, Debug)]
pub(super) struct Camera {
    position: Vec3,
    right: Vec3,
    down: Vec3,
    forward: Vec3,
    focal_px: f32,
    center_px: (f32, f32),
}

impl Camera {
    /// At car height over (`x`, 0), looking along the street with a small random yaw and pitch.
    pub(super) fn in_car(x: f32, height: usize, width: usize, random: &mut Stream) -> Self {
        let yaw = random.range(-0.07, 0.07);
        let pitch = random.range(0.015, 0.07);
        let forward = vec3(
            yaw.sin() * pitch.cos(),
            -pitch.sin(),
            yaw.cos() * pitch.cos(),
        );
        let right = vec3(yaw.cos(), 0.0, -yaw.sin());
        let (h, w) = (height as f32, width as f32);
        Self {
            position: vec3(x, random.range(1.2, 1.45), 0.0),
            right,
            down: right.cross(forward),
            forward,
            focal_px: FOCAL * (2.0 * h * w).sqrt(),
            center_px: (w / 2.0, h * 0.46),
        }
    }

    /// The ray through image position (`column`, `row`); pixel centers lie at halves.
    pub(super) fn ray(&self, column: f32, row: f32) -> Ray {
        let x = (column - self.center_px.0) / self.focal_px;
        let y = (row - self.center_px.1) / self.focal_px;
        let direction = self.forward + self.right * x + self.down * y;
        Ray {
            origin: self.position,
            direction: direction.unit(),
        }
    }

    /// A world direction in the camera's frame.
    pub(super) fn turn(&self, v: Vec3) -> Vec3 {
        vec3(v.dot(self.right), v.dot(self.down), v.dot(self.forward))
    }

    /// The angle of one pixel, in radians: how fine a texture can be at a distance.
    pub(super) fn pixel_angle(&self) -> f32 {
        1.0 / self.focal_px
    }
}
