//! Trees, bushes and hedges.

use super::paint::Paint;
use super::random::Stream;
use super::vector::{Frame, Vec3, vec3};
use super::world::Builder;
use crate::data::Class;

const GREEN: Option<Class> = Some(Class::Vegetation);

/// A tree of `height_m`, its trunk at the local origin: a crown of overlapping clumps.
pub(super) fn tree(b: &mut Builder, at: &Frame, height_m: f32, random: &mut Stream) {
    let color = foliage(random);
    let slim = random.chance(0.2);
    let crown = height_m * if slim { 0.16 } else { random.range(0.24, 0.34) };
    let base = height_m * if slim { 0.18 } else { 0.32 };
    let bark = Paint::Rough {
        color: vec3(0.10, 0.08, 0.06),
        grain_m: 0.12,
        seed: random.seed(),
    };
    let lean = random.range(-0.2, 0.2);
    b.rod(
        at,
        (Vec3::ZERO, vec3(lean, height_m * 0.6, 0.0)),
        0.02 * height_m + 0.04,
        (GREEN, bark),
    );
    let clumps = random.count(6, 9);
    for clump in 0..clumps {
        let up = (clump as f32 + 0.5) / clumps as f32;
        let turn = clump as f32 * 2.4 + random.range(-0.5, 0.5);
        let out = crown * (1.0 - (2.0 * up - 0.9).abs() * 0.75) * 0.62;
        let y = base + (height_m - base) * (0.14 + 0.74 * up);
        let center = vec3(lean + out * turn.sin(), y, out * turn.cos());
        let r = crown * random.range(0.48, 0.72);
        let tall = if slim { 1.5 } else { 0.82 };
        leaves(
            b,
            at,
            (center, vec3(r, r * tall, r)),
            color * random.range(0.85, 1.15),
            random,
        );
    }
    let heart = vec3(lean, base + (height_m - base) * 0.45, 0.0);
    let half = vec3(crown * 0.75, (height_m - base) * 0.42, crown * 0.75);
    leaves(b, at, (heart, half), color * 0.9, random);
}

/// A bush about `size_m` wide.
pub(super) fn bush(b: &mut Builder, at: &Frame, size_m: f32, random: &mut Stream) {
    let color = foliage(random);
    for _ in 0..3 {
        let r = size_m * random.range(0.3, 0.5);
        let shift = random.range(-0.3, 0.3) * size_m;
        let center = vec3(shift, r * 0.6, random.range(-0.3, 0.3) * size_m);
        leaves(b, at, (center, vec3(r, r, r)), color, random);
    }
}

/// A clipped hedge along local z, `length_m` long.
pub(super) fn hedge(b: &mut Builder, at: &Frame, length_m: f32, random: &mut Stream) {
    let height = random.range(0.9, 1.9);
    let paint = Paint::Leaves {
        color: foliage(random) * 0.85,
        seed: random.seed(),
    };
    b.block(
        at,
        vec3(-0.4, 0.0, 0.0),
        vec3(0.4, height, length_m),
        (GREEN, paint),
    );
}

fn leaves(
    b: &mut Builder,
    at: &Frame,
    (center, half): (Vec3, Vec3),
    color: Vec3,
    random: &mut Stream,
) {
    b.ball(
        at,
        center,
        half,
        (
            GREEN,
            Paint::Leaves {
                color,
                seed: random.seed(),
            },
        ),
    );
}

/// Summer greens, and now and then autumn.
fn foliage(random: &mut Stream) -> Vec3 {
    random.pick(&[
        vec3(0.085, 0.150, 0.040),
        vec3(0.070, 0.125, 0.035),
        vec3(0.110, 0.165, 0.045),
        vec3(0.060, 0.110, 0.045),
        vec3(0.130, 0.170, 0.050),
        vec3(0.240, 0.150, 0.035),
        vec3(0.075, 0.140, 0.060),
    ])
}
