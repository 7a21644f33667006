//! The ground plane: asphalt with lane markings, crossings, rails, and what lies beside the road.

use super::noise::{cell, clouds2, hash, noise2, ramp};
use super::vector::{Vec3, gray, vec3};
use crate::data::Class;

/// Width of one traffic lane.
pub(super) const LANE_M: f32 = 3.3;

/// The plane y = 0 around a street that runs along z with its middle at x = 0.
#[derive(Clone, Debug)]
pub(super) struct Ground {
    /// From the middle to either kerb, in meters.
    pub(super) half_width_m: f32,
    /// Traffic lanes in each direction; what is left up to the kerb is for parking.
    pub(super) lanes: u32,
    /// Where a side street crosses, from and to, in meters along the street.
    pub(super) crossing_z: Option<(f32, f32)>,
    /// Tram rails in the inner lanes.
    pub(super) rails: bool,
    /// What lies beyond the kerbs.
    pub(super) beside: Class,
    /// Brightness of the asphalt.
    pub(super) asphalt: f32,
    /// Seed of its texture.
    pub(super) seed: u32,
}

impl Ground {
    /// Class and linear color at (`x`, `z`); `pixel_m` is how much ground one pixel spans.
    pub(super) fn at(&self, x: f32, z: f32, pixel_m: f32) -> (Class, Vec3) {
        let crossing = self
            .crossing_z
            .is_some_and(|(from, to)| (from..to).contains(&z));
        if x.abs() <= self.half_width_m || crossing {
            (Class::Road, self.road(x, z, pixel_m))
        } else if self.beside == Class::Terrain {
            (Class::Terrain, grass(x, z, pixel_m, self.seed))
        } else {
            (self.beside, paving(x, z, pixel_m, self.seed))
        }
    }

    fn road(&self, x: f32, z: f32, pixel_m: f32) -> Vec3 {
        let fine = 1.0 / (1.0 + pixel_m * pixel_m * 900.0);
        let stain = clouds2(x * 0.35, z * 0.13, self.seed) - 0.5;
        let grain = (hash(cell(x * 40.0), cell(z * 40.0), self.seed) - 0.5) * fine;
        let mut v = self.asphalt * (1.0 + stain * 0.55 + grain * 0.35);
        let patch = noise2(x * 0.21 + 40.0, z * 0.07, self.seed ^ 0x33);
        v *= 1.0 - 0.22 * ramp(patch, 0.72, 0.74);
        let crack = (noise2(x * 0.9, z * 0.5, self.seed ^ 0x77) - 0.5).abs();
        v *= 1.0 - 0.3 * fine * (1.0 - ramp(crack, 0.0, 0.02));
        let color = gray(v).tint(vec3(0.98, 1.0, 1.05));
        if self.rails && on_rail(x) {
            return color.mix(gray(0.30), 0.75);
        }
        color.mix(
            gray(0.62),
            self.marking(x, z, pixel_m) * (0.9 - 0.5 * stain.abs()),
        )
    }

    /// How much paint lies at a point, 0 to 1: lines between lanes, stop lines, zebra stripes.
    fn marking(&self, x: f32, z: f32, pixel_m: f32) -> f32 {
        let ahead = |line: f32| z > line - 3.4 && z < line - 0.6;
        if let Some((from, to)) = self.crossing_z {
            if (from..to).contains(&z) {
                return 0.0;
            }
            if ahead(from) || ahead(to + 4.0) {
                let stripe = (x * 1.0).rem_euclid(1.0) < 0.5;
                return if stripe && x.abs() < self.half_width_m {
                    1.0
                } else {
                    0.0
                };
            }
            if (from - 4.6..from - 4.2).contains(&z) && x > 0.0 {
                return 1.0;
            }
        }
        let traffic = LANE_M * self.lanes as f32;
        let blur = pixel_m.min(0.2);
        let line = |at: f32| 1.0 - ramp((x - at).abs(), 0.06, 0.08 + blur);
        let dashed = if z.rem_euclid(9.0) < 4.0 { 1.0 } else { 0.0 };
        let mut paint: f32 = if self.rails { 0.0 } else { line(0.0) * dashed };
        for lane in 1..self.lanes {
            let at = LANE_M * lane as f32;
            paint = paint.max((line(at) + line(-at)) * dashed);
        }
        if traffic + 1.0 < self.half_width_m {
            paint = paint.max(line(traffic).max(line(-traffic)) * 0.8);
        }
        paint
    }
}

/// Slabs with darker joints.
pub(super) fn paving(x: f32, z: f32, pixel_m: f32, seed: u32) -> Vec3 {
    let fine = 1.0 / (1.0 + pixel_m * pixel_m * 60.0);
    let (u, v) = (x * 1.6, z * 1.6);
    let slab = hash(cell(u), cell(v), seed) - 0.5;
    let joint = (u - u.floor()).min(v - v.floor()) < 0.06;
    let stain = clouds2(x * 0.4, z * 0.4, seed) - 0.5;
    let v = 0.27 * (1.0 + slab * 0.25 * fine + stain * 0.35);
    gray(if joint { v * (1.0 - 0.35 * fine) } else { v }).tint(vec3(1.04, 1.0, 0.94))
}

/// Grass with bare patches.
pub(super) fn grass(x: f32, z: f32, pixel_m: f32, seed: u32) -> Vec3 {
    let fine = 1.0 / (1.0 + pixel_m * pixel_m * 300.0);
    let blade = (hash(cell(x * 25.0), cell(z * 25.0), seed) - 0.5) * fine;
    let tuft = clouds2(x * 0.7, z * 0.7, seed);
    let bare = ramp(clouds2(x * 0.25 + 31.0, z * 0.25, seed ^ 0x19), 0.55, 0.7);
    let green = vec3(0.10, 0.17, 0.04) * (0.65 + 0.7 * tuft + 0.5 * blade);
    green.mix(vec3(0.20, 0.15, 0.09) * (0.9 + 0.4 * blade), bare * 0.8)
}

fn on_rail(x: f32) -> bool {
    [-2.4, -0.9, 0.9, 2.4]
        .iter()
        .any(|rail: &f32| (x - rail).abs() < 0.06)
}
