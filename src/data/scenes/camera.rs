//! The camera behind the windscreen: pixels to rays, and world directions to its frame.
//!
//! Camera frame: x right, y down, z forward. The focal length in pixels is
//! `FOCAL * sqrt(2 * height * width)`: 51 degrees wide at 1:2 as in Cityscapes, and neither a
//! tunnel nor a fisheye at other aspects.

use super::random::Stream;
use super::shape::Ray;
use super::vector::{Vec3, vec3};

/// Focal length over the square root of twice the pixel count, in a car.
const FOCAL: f32 = 1.04;

/// The same in a room: 63 degrees wide at 3:4, as of the cameras of `NYUv2`.
const FOCAL_INDOORS: f32 = 0.66;

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
        let position = |random: &mut Stream| vec3(x, random.range(1.2, 1.45), 0.0);
        let lens = (FOCAL, 0.46);
        Self::at(position(random), (yaw, pitch), lens, [height, width])
    }

    /// In a room at `position`, turned by `yaw` from +z toward +x and down by `pitch`.
    pub(super) fn indoors(position: Vec3, yaw: f32, pitch: f32, size: [usize; 2]) -> Self {
        Self::at(position, (yaw, pitch), (FOCAL_INDOORS, 0.5), size)
    }

    /// `lens` is the focal length over the square root of twice the pixel count, and how far down the
    /// picture its axis lies.
    fn at(position: Vec3, (yaw, pitch): (f32, f32), lens: (f32, f32), size: [usize; 2]) -> Self {
        let forward = vec3(
            yaw.sin() * pitch.cos(),
            -pitch.sin(),
            yaw.cos() * pitch.cos(),
        );
        let right = vec3(yaw.cos(), 0.0, -yaw.sin());
        let [h, w] = size.map(|side| side as f32);
        Self {
            position,
            right,
            down: right.cross(forward),
            forward,
            focal_px: lens.0 * (2.0 * h * w).sqrt(),
            center_px: (w / 2.0, h * lens.1),
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
