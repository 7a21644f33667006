//! Hashes and smooth value noise: textures that cost no memory.

use super::vector::Vec3;

/// The cell of an integer lattice that `v` falls in.
#[expect(
    clippy::cast_possible_truncation,
    reason = "scene coordinates are far below 2^31 cells"
)]
pub(super) fn cell(v: f32) -> i32 {
    v.floor() as i32
}

/// A number in [0, 1) for a lattice point.
pub(super) fn hash(x: i32, y: i32, seed: u32) -> f32 {
    (bits(x, y, seed) >> 8) as f32 / 16_777_216.0
}

/// Value noise in [0, 1), features one unit wide.
pub(super) fn noise2(x: f32, y: f32, seed: u32) -> f32 {
    let (cx, cy) = (cell(x), cell(y));
    let (fx, fy) = (smooth(x - x.floor()), smooth(y - y.floor()));
    let bottom = lerp(hash(cx, cy, seed), hash(cx + 1, cy, seed), fx);
    let top = lerp(hash(cx, cy + 1, seed), hash(cx + 1, cy + 1, seed), fx);
    lerp(bottom, top, fy)
}

/// [`noise2`] between two layers of a third axis.
pub(super) fn noise3(p: Vec3, seed: u32) -> f32 {
    let layer = cell(p.z);
    let below = noise2(p.x, p.y, layer_seed(layer, seed));
    let above = noise2(p.x, p.y, layer_seed(layer + 1, seed));
    lerp(below, above, smooth(p.z - p.z.floor()))
}

/// Three octaves of [`noise2`], in [0, 1).
pub(super) fn clouds2(x: f32, y: f32, seed: u32) -> f32 {
    let coarse = noise2(x, y, seed);
    let middle = noise2(x * 2.1 + 7.3, y * 2.1 + 1.7, seed ^ 0x51);
    let fine = noise2(x * 4.3 + 3.1, y * 4.3 + 9.2, seed ^ 0xa7);
    coarse * 0.57 + middle * 0.29 + fine * 0.14
}

/// 0 below `low`, 1 above `high`, smooth between.
pub(super) fn ramp(v: f32, low: f32, high: f32) -> f32 {
    smooth(((v - low) / (high - low)).clamp(0.0, 1.0))
}

fn lerp(a: f32, b: f32, t: f32) -> f32 {
    a + (b - a) * t
}

fn smooth(t: f32) -> f32 {
    t * t * (3.0 - 2.0 * t)
}

fn layer_seed(layer: i32, seed: u32) -> u32 {
    seed ^ layer.cast_unsigned().wrapping_mul(0x27d4_eb2d)
}

/// Two rounds of a xor-multiply finalizer over the mixed coordinates.
fn bits(x: i32, y: i32, seed: u32) -> u32 {
    let mut h = seed
        .wrapping_add(x.cast_unsigned().wrapping_mul(0x9e37_79b1))
        .wrapping_add(y.cast_unsigned().wrapping_mul(0x85eb_ca77));
    h = (h ^ (h >> 15)).wrapping_mul(0x2c1b_3c6d);
    h = (h ^ (h >> 12)).wrapping_mul(0x297a_2d39);
    h ^ (h >> 15)
}
